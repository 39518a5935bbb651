#include "app/terms.hpp"

#include <array>

#include <fmt/format.h>

#include <assay/market/terms.hpp>

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

std::string yearly(double share)
{
    return amount(static_cast<std::uint64_t>(std::max(0.0, 100 * share + 0.5))) + " % a year";
}

Status in_range(double value, double low, double high, std::string_view option)
{
    if (value >= low && value <= high) return {};
    return failure(Error::invalid_input, fmt::format("{} must lie between {} and {}", option, low, high));
}

// One line of the recommendation: what, how much, and why.
std::string line(std::string_view name, const std::string& value, const std::string& reason)
{
    constexpr std::size_t indent = 36, width = 84;
    std::string text = fmt::format("{:<17}{:>16}   ", name, value);
    std::size_t column = 0;
    for (std::size_t at = 0; at < reason.size();) {
        const std::size_t end = std::min(reason.find(' ', at), reason.size());
        if (column > 0 && column + 1 + (end - at) > width) {
            text += "\n" + std::string(indent, ' ');
            column = 0;
        }
        text += (column > 0 ? " " : "") + reason.substr(at, end - at);
        column += (column > 0 ? 1 : 0) + (end - at);
        at = end + 1;
    }
    return text + "\n";
}

std::string poison_text(const market::Job& job, const market::Recommendation& terms)
{
    if (job.poison_gain == 0)
        return line("Poison", "none assumed", "Nobody is assumed to gain from a single wrong step; say --poison-gain if somebody does.");
    const market::AuditPlan plan{job.segments, terms.point.audited, job.colluding, terms.point.verifiers};
    return line(
        "Poison", amount(terms.point.poison_stake),
        fmt::format(
            "The stake against one wrong step that would gain {}: it is found with {}. Sampling deters skipped work, whose gain is "
            "spread; one poisoned step hides from samples. Only the replay of everything, by one who looks, finds it surely (ECON-4).",
            amount(job.poison_gain), percent(market::detection_probability(plan, 1))));
}

std::string attention_text(const market::Job& job, const market::Recommendation& terms)
{
    if (job.planted_rate > 0) return "Planted faults keep verifiers awake.";
    if (!terms.attention_pays)
        return "It is too small to make looking pay where all solvers cheat and offer their roots: plant faults (ECON-13).";
    return "The share of it that a finder gets makes looking pay where all solvers cheat (ECON-13), but not where they have themselves convicted "
           "before anybody looks: against that, plant faults (ECON-16).";
}

std::string stake_text(const market::Job& job, const market::Recommendation& terms)
{
    const market::FrontierPoint& point = terms.point;
    return line("Audits", fmt::format("{} of {}", point.audited, job.segments),
                fmt::format("Segments, drawn after the run is final; {} drawn verifier{}. All together cost {}, {} of the reward. A run in "
                            "which {} is "
                            "skipped is found with {}; the floor is {} (ECON-1).",
                            point.verifiers == 1 ? "replayed by one" : fmt::format("all are replayed by each of {}", point.verifiers),
                            point.verifiers == 1 ? "" : "s", amount(point.audit_cost),
                            percent(static_cast<double>(point.audit_cost) / static_cast<double>(job.reward)),
                            percent(job.detection_share / 1e6), percent(point.detected), percent(job.detection_floor / 1e6))) +
           line("Solver's stake", amount(terms.stake),
                fmt::format("With {}, no fraction of skipped work pays, not even to who convicts itself first (ECON-2, ECON-3). {} A "
                            "margin of {:.0f} % "
                            "is in it. The stake is locked for {}, which costs {} (ECON-8).",
                            amount(point.lazy_stake), attention_text(job, terms), job.margin / 1e4, duration(terms.locked_seconds),
                            amount(terms.capital)));
}

std::string verifier_text(const market::Job& job, const market::Recommendation& terms)
{
    const std::uint64_t replays = job.cost / job.segments * terms.point.audited;
    std::string text =
        line("Verifier's fee", amount(terms.audit_fee),
             fmt::format(
                 "For each: replaying costs {}; the margin and what locking its stake for {} costs come on top. That earns {} on the "
                 "stake (ECON-8).",
                 amount(replays), duration(terms.verifier_locked_seconds),
                 yearly(market::return_on_capital(terms.audit_fee, replays, terms.verifier_stake, terms.verifier_locked_seconds)))) +
        line("Verifier's stake", amount(terms.verifier_stake),
             fmt::format("Lost by a receipt that is wrong. Not replaying loses when what only a replay can know is asked in {} of all "
                         "audits (ECON-5); "
                         "a receipt asks always.",
                         percent(terms.attention_rate / 1e6)));
    const market::AuditPlan plan{job.segments, terms.point.audited, job.colluding, terms.point.verifiers};
    const auto planted = market::planted_rate_min(plan, job.cost / job.segments, terms.verifier_stake);
    if (job.planted_rate > 0)
        return text + line("Planted faults", percent(job.planted_rate / 1e6),
                           fmt::format("Of your tasks hold a fault of your own: a verifier that copies the roots which a solver offers "
                                       "then loses, whatever solvers do (ECON-16). The "
                                       "fee pays for looking, so that it takes no jackpot; without a fee it would be {} (ECON-6).",
                                       amount(market::jackpot_min(
                                           replays, static_cast<std::uint32_t>(std::max<std::uint64_t>(
                                                        std::uint64_t{job.planted_rate} * terms.point.audited / job.segments, 1))))));
    return text +
           line("Planted faults", "none",
                planted ? fmt::format("With a fault of your own in {} of your tasks, a verifier loses that copies what a solver offers it; "
                                      "see --planted.",
                                      percent(*planted / 1e6))
                        : "Verifiers who sell their attention are met by drawing several; --planted says what it takes to make them lose.");
}

std::string others_text(const market::Job& job, const market::Recommendation& terms)
{
    return line("Challenge bond", amount(terms.challenger_bond),
                fmt::format("Lost by a false challenge; half goes to the victim. It pays for three replays of a segment and {} of delay, "
                            "so that harassing "
                            "costs its maker twice what it costs others; more challenges delay no longer, and cost a bond each (ECON-7).",
                            duration(job.dispute_seconds))) +
           line("Window", duration(terms.window_seconds),
                "For challenges, after the last record: anybody can replay all of it before it closes.") +
           line("Honest solver",
                yearly(market::return_on_capital(job.reward, job.cost, std::max<std::uint64_t>(terms.stake, 1), terms.locked_seconds)),
                fmt::format("Earned on the locked stake by who works at once for the next; {} here (ECON-8).",
                            amount(job.reward - job.cost)));
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
    ASSAY_TRY(in_range(options.detection, 0, 99.9999, "--detect"));
    ASSAY_TRY(in_range(options.detection_share, 0.0001, 100, "--skipped"));
    ASSAY_TRY(in_range(options.planted, 0, 50, "--planted"));
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
    job.detection_floor = static_cast<std::uint32_t>(options.detection * 1e4 + 0.5);
    job.detection_share = static_cast<std::uint32_t>(options.detection_share * 1e4 + 0.5);
    job.planted_rate = static_cast<std::uint32_t>(options.planted * 1e4 + 0.5);
    job.audited_max = market::segments_drawn_max;
    job.job_seconds = static_cast<std::uint64_t>(options.days * day_seconds + 0.5);
    job.dispute_seconds = static_cast<std::uint64_t>(options.dispute_days * day_seconds + 0.5);
    job.tick_of_delay = static_cast<std::uint64_t>(static_cast<double>(options.delay_a_day) / day_seconds + 1);
    if (options.delay_a_day == 0) job.tick_of_delay = 0;
    job.stake_max = options.stake_max != 0 ? options.stake_max : stake_max_rewards * options.reward;
    return job;
}

namespace {

std::string why_nothing_is_enough(const market::Job& job)
{
    market::Job other = job;
    other.detection_floor = 0;
    if (market::recommend(other))
        return fmt::format(
            "no audit plan finds a run in which {} is skipped with {}: friends of the solver are among the verifiers in {} of all draws. "
            "Ask for less with --detect or for a larger --skipped, or use more segments",
            percent(job.detection_share / 1e6), percent(job.detection_floor / 1e6), percent(job.colluding / 1e6));
    other = job;
    other.poison_gain = 0;
    if (job.poison_gain > 0 && market::recommend(other))
        return fmt::format(
            "one wrong step that is worth {} hides from samples, and no stake of at most {} deters it. Use at most {} segments, so that "
            "all can be replayed; allow more with --stake-max; or leave less to gain",
            amount(job.poison_gain), amount(job.stake_max), market::segments_drawn_max);
    other = job;
    other.planted_rate = 0;
    if (job.planted_rate > 0 && market::recommend(other))
        return fmt::format("faults in {} of the tasks are too few: the stake that makes copying lose costs more to lock than it can earn. Plant "
                           "more with --planted, or none",
                           percent(job.planted_rate / 1e6));
    return fmt::format(
        "no audit plan is enough with a stake of at most {}. Allow more with --stake-max, pay a larger --reward, or leave less to gain",
        amount(job.stake_max));
}

} // namespace

Result<std::string> explain_terms(const TermsOptions& options)
{
    ASSAY_TRY_ASSIGN(const market::Job job, job_of(options));
    const auto terms = market::recommend(job);
    if (!terms) return failure(Error::invalid_input, why_nothing_is_enough(job));
    std::string text = fmt::format("A job of cost {} for a reward of {}, in {} segments; {} of the verifiers work for the solver.\n\n",
                                   amount(job.cost), amount(job.reward), job.segments, percent(job.colluding / 1e6));
    return text + stake_text(job, *terms) + verifier_text(job, *terms) + others_text(job, *terms) + poison_text(job, *terms);
}

Result<std::string> frontier_picture(const TermsOptions& options)
{
    ASSAY_TRY_ASSIGN(const market::Job job, job_of(options));
    constexpr std::array colours{"#268bd2", "#6c71c4", "#2aa198"};
    const auto terms = market::recommend(job);
    Chart chart{"stake against audit cost", "cost of the audits", "stake of the solver", true, true, {}};
    const auto add = [](Curve& curve, const market::FrontierPoint& point, const std::optional<std::uint64_t>& stake) {
        if (!stake || *stake == 0) return;
        curve.x.push_back(static_cast<double>(point.audit_cost));
        curve.y.push_back(static_cast<double>(*stake));
    };
    for (const std::uint32_t verifiers : {1U, 2U, 4U}) {
        Curve lazy{
            fmt::format("{} verifier{}", verifiers, verifiers == 1 ? "" : "s"), colours[verifiers / 2], false, false, {}, {}, {}, {}};
        for (const market::FrontierPoint& point : market::frontier(job, verifiers)) add(lazy, point, point.lazy_stake);
        if (!lazy.x.empty()) chart.curves.push_back(std::move(lazy));
    }
    const std::uint32_t chosen_verifiers = terms ? terms->point.verifiers : 1;
    Curve poison{fmt::format("{}, against one poisoned step", chosen_verifiers), "#c0392b", true, false, {}, {}, {}, {}};
    for (const market::FrontierPoint& point : market::frontier(job, chosen_verifiers)) add(poison, point, point.poison_stake);
    if (!poison.x.empty()) chart.curves.push_back(std::move(poison));
    Curve chosen{"recommended", "#b58900", false, true, {}, {}, {}, {}};
    if (terms) add(chosen, terms->point, terms->stake);
    if (!chosen.x.empty()) chart.curves.push_back(std::move(chosen));
    return draw(chart);
}

} // namespace assay::app
