#include "app/terms.hpp"

#include <fmt/format.h>

#include "app/page.hpp"

namespace assay::app {

namespace {

constexpr double day_seconds = 24 * 3600;
constexpr double days_max = 3650;
constexpr std::uint64_t stake_max_rewards = 10; // more would keep honest people out

std::string amount(std::uint64_t value)
{
    return grouped(static_cast<std::int64_t>(value));
}

std::string amount(const std::optional<std::uint64_t>& value)
{
    return value ? amount(*value) : std::string{"none is enough"};
}

std::string duration(std::uint64_t seconds)
{
    return seconds < 7200 ? fmt::format("{} s", seconds) : fmt::format("{:.1f} days", static_cast<double>(seconds) / day_seconds);
}

std::string percent(double share)
{
    return fmt::format("{:.2f} %", 100 * share);
}

Status in_range(double value, double low, double high, std::string_view option)
{
    if (value >= low && value <= high) return {};
    return failure(Error::invalid_input, fmt::format("{} must lie between {} and {}", option, low, high));
}

std::string poison_text(const market::Job& job, const market::Recommendation& terms)
{
    if (job.poison_gain == 0)
        return "Poison           nobody is assumed to gain from a single wrong step; say --poison-gain if somebody does.\n";
    const double found = static_cast<double>(terms.point.audited) / job.segments * (1 - job.colluding / 1e6);
    return fmt::format(
        "Poison           one wrong step is found with {} and would gain {}: that takes a stake of {}.\n"
        "                 Sampling deters skipped work, whose gain is spread; one poisoned step hides from samples (ECON-4).\n",
        percent(found), amount(job.poison_gain), amount(terms.point.poison_stake));
}

std::string stake_text(const market::Job& job, const market::Recommendation& terms)
{
    const double whole = market::detection_probability({job.segments, terms.point.audited, job.colluding}, (job.segments + 9) / 10);
    return fmt::format(
        "Solver's stake   {:>14}   Skipping work never pays when stake times honest audits is the job's cost: {} (ECON-3), with a\n"
        "                                  margin of {:.0f} %. It is locked for {}, which costs {}.\n"
        "Audits           {:>14}   Replayed segments, drawn after the run is final. They cost {}, {} of the reward,\n"
        "                                  and find a run in which a tenth is skipped with {}.\n",
        amount(terms.stake), amount(terms.point.lazy_stake), job.margin / 1e4, duration(terms.locked_seconds), amount(terms.point.capital),
        fmt::format("{} of {}", terms.point.audited, job.segments), amount(terms.point.audit_cost),
        percent(static_cast<double>(terms.point.audit_cost) / static_cast<double>(job.reward)), percent(whole));
}

std::string others_text(const market::Job& job, const market::Recommendation& terms)
{
    return fmt::format(
        "Verifier's stake {:>14}   What {} segments cost to replay. A verifier that is asked in {} of all audits for\n"
        "                                  what only a replay can know then loses by not looking (ECON-5); a receipt asks always.\n"
        "Challenge bond   {:>14}   Half goes to the victim: three replays of a segment and {} of delay are paid for,\n"
        "                                  so that a false challenge costs its maker more than anybody else (ECON-7).\n"
        "Window           {:>14}   Long enough for anybody to replay all of it before it closes.\n"
        "Honest solver    {:>14}   A year on the locked stake; an honest solver earns {} here.\n",
        amount(terms.verifier_stake), market::verifier_stake_segments, percent(terms.attention_rate / 1e6), amount(terms.challenger_bond),
        duration(job.dispute_seconds), duration(terms.window_seconds),
        percent(market::return_on_capital(job.reward, job.cost, std::max<std::uint64_t>(terms.stake, 1), terms.locked_seconds)),
        amount(job.reward - job.cost));
}

} // namespace

Result<market::Job> job_of(const TermsOptions& options)
{
    constexpr double money_max = 1e15;
    ASSAY_TRY(in_range(options.segments, 1, 1e6, "--segments"));
    ASSAY_TRY(in_range(static_cast<double>(options.cost), 1, money_max, "--cost"));
    ASSAY_TRY(in_range(static_cast<double>(options.reward), static_cast<double>(options.cost), money_max, "--reward (at least the cost)"));
    ASSAY_TRY(in_range(static_cast<double>(options.poison_gain), 0, money_max, "--poison-gain"));
    ASSAY_TRY(in_range(static_cast<double>(options.delay_a_day), 0, money_max, "--delay"));
    ASSAY_TRY(in_range(options.colluding, 0, 99, "--colluding"));
    ASSAY_TRY(in_range(options.capital_rate, 0, 100, "--capital-rate"));
    ASSAY_TRY(in_range(options.margin, 0, 1000, "--margin"));
    ASSAY_TRY(in_range(options.days, 1 / day_seconds, days_max, "--days"));
    ASSAY_TRY(in_range(options.dispute_days, 0, days_max, "--dispute-days"));
    market::Job job;
    job.reward = options.reward;
    job.cost = options.cost;
    job.segments = options.segments;
    job.colluding = static_cast<std::uint32_t>(options.colluding * 1e4 + 0.5);
    job.poison_gain = options.poison_gain;
    job.capital_rate = static_cast<std::uint32_t>(options.capital_rate * 1e4 + 0.5);
    job.margin = static_cast<std::uint32_t>(options.margin * 1e4 + 0.5);
    job.job_seconds = static_cast<std::uint64_t>(options.days * day_seconds + 0.5);
    job.dispute_seconds = static_cast<std::uint64_t>(options.dispute_days * day_seconds + 0.5);
    job.tick_of_delay = static_cast<std::uint64_t>(static_cast<double>(options.delay_a_day) / day_seconds + 1);
    if (options.delay_a_day == 0) job.tick_of_delay = 0;
    job.stake_max = options.stake_max != 0 ? options.stake_max : stake_max_rewards * options.reward;
    return job;
}

Result<std::string> explain_terms(const TermsOptions& options)
{
    ASSAY_TRY_ASSIGN(const market::Job job, job_of(options));
    const auto terms = market::recommend(job);
    if (!terms)
        return failure(Error::invalid_input, "no audit plan is enough with a stake of at most " + amount(job.stake_max) +
                                                 ": allow a larger stake, pay more, or leave less to gain");
    std::string text = fmt::format("A job of cost {} for a reward of {}, in {} segments; {} of the verifiers work for the solver.\n\n",
                                   amount(job.cost), amount(job.reward), job.segments, percent(job.colluding / 1e6));
    return text + stake_text(job, *terms) + others_text(job, *terms) + poison_text(job, *terms);
}

Result<std::string> frontier_picture(const TermsOptions& options)
{
    ASSAY_TRY_ASSIGN(const market::Job job, job_of(options));
    Curve lazy{"against skipped work", "#268bd2", false, false, {}, {}, {}, {}};
    Curve poison{"against one poisoned step", "#c0392b", true, false, {}, {}, {}, {}};
    Curve chosen{"recommended", "#b58900", false, true, {}, {}, {}, {}};
    const auto add = [&](Curve& curve, const market::FrontierPoint& point, const std::optional<std::uint64_t>& stake) {
        if (!stake || *stake == 0) return;
        curve.x.push_back(static_cast<double>(point.audit_cost));
        curve.y.push_back(static_cast<double>(*stake));
    };
    for (const market::FrontierPoint& point : market::frontier(job)) {
        add(lazy, point, point.lazy_stake);
        add(poison, point, point.poison_stake);
    }
    if (const auto terms = market::recommend(job)) add(chosen, terms->point, terms->stake);
    Chart chart{"stake against audit cost", "cost of the audits", "stake of the solver", true, true, {}};
    for (Curve* curve : {&lazy, &poison, &chosen})
        if (!curve->x.empty()) chart.curves.push_back(std::move(*curve));
    return draw(chart);
}

} // namespace assay::app
