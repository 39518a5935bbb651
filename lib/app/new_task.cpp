#include "app/new_task.hpp"

#include <cmath>

#include <fmt/format.h>

#include <assay/dispute/bounds.hpp>

#include "app/training.hpp"

namespace assay::app {

using program::Tensor;

namespace {

Status check(const OfferOptions& offer, const TrainingOptions& training, std::uint32_t steps)
{
    if (training.interval < 1 || training.interval > steps)
        return failure(Error::invalid_input, fmt::format("--interval must be from 1 to the number of steps, {}", steps));
    if (offer.verifiers > market::verifiers_per_task_max)
        return failure(Error::invalid_input, fmt::format("--verifiers is at most {}", market::verifiers_per_task_max));
    if (offer.segments < 1 || offer.segments > market::segments_drawn_max)
        return failure(Error::invalid_input, fmt::format("--segments is from 1 to {}", market::segments_drawn_max));
    if (offer.solvers < 1 || offer.solvers > market::legs_max)
        return failure(Error::invalid_input, fmt::format("--solvers is from 1 to {}", market::legs_max));
    if (offer.silence_penalty > offer.stake) return failure(Error::invalid_input, "--silence-penalty is part of --stake");
    if (offer.reveal_levels < 1 || offer.reveal_levels > 8) return failure(Error::invalid_input, "--reveal-levels must be from 1 to 8");
    for (const double seconds : {offer.bidding, offer.answering, offer.recording, offer.replaying, offer.window, offer.turn, offer.clock})
        if (!(seconds > 0 && seconds <= 1e6)) return failure(Error::invalid_input, "times are above 0 and at most a million seconds");
    if (!(offer.demand >= 0)) return failure(Error::invalid_input, "--demand is not negative");
    if (4 * offer.demand > std::min(offer.replaying, offer.window))
        return failure(Error::invalid_input, "--demand is at most a quarter of --replaying and of --window, so that who asks can still act on the answer");
    return {};
}

class Ticks {
public:
    explicit Ticks(std::uint32_t milliseconds) : m_milliseconds(milliseconds) {}
    Tick operator()(double seconds) const { return {static_cast<std::uint64_t>(std::ceil(seconds * 1000 / m_milliseconds))}; }

private:
    double m_milliseconds;
};

// Four may ask at once, for 64 KiB each, and are answered at a mebibyte a second. Asking costs the least that the network allows: MARKET-21.
std::optional<dispute::DataTerms> demands(const OfferOptions& offer, const Ticks& ticks, const market::Rules& rules)
{
    if (offer.demand == 0) return std::nullopt;
    dispute::DataTerms data;
    data.lanes = 4;
    data.levels = 6;
    data.bytes_per_tick = std::max<std::uint64_t>(1, (1 << 20) / ticks(1).value);
    data.clock = ticks(offer.demand);
    data.fee = 2 * fee_of(rules, std::size_t{16} << 10).units;
    return data;
}

// The least that every node of this program can be judged with, in steps of a factor of two.
Result<dispute::RefereeLimits> limits_for(const program::Program& program, std::uint64_t steps)
{
    dispute::RefereeLimits limits;
    for (int doublings = 0; doublings < 8; ++doublings) {
        if (dispute::validate_limits(program, steps, limits)) return limits;
        limits.evidence_bytes *= 2;
        limits.hash_blocks *= 2;
    }
    ASSAY_TRY(dispute::validate_limits(program, steps, limits));
    return limits;
}

} // namespace

Result<node::NewTask> make_new_task(const Problem& problem, const ProblemOptions& options, const TrainingOptions& training,
                                    const OfferOptions& offer, const node::Genesis& genesis, const node::Identity& submitter)
{
    ASSAY_TRY(check(offer, training, options.steps));
    const auto no_data = std::make_shared<const std::vector<Tensor>>();
    ASSAY_TRY_ASSIGN(std::vector<Tensor> initial, run_once(problem.programs.initial, no_data, {}, training.seed, training.threads));
    const Setting setting = make_setting(problem.programs.training, problem.data, std::move(initial), training.seed, options.steps,
                                         training.interval, training.threads);
    const Ticks ticks{genesis.tick_milliseconds};
    node::NewTask task{{setting.task, problem.programs.training.encode(), {}, submitter.salt("no-plant", digest_of(setting.task), 0)},
                       *problem.data,
                       setting.initial};
    market::Terms& terms = task.posting.terms;
    terms.price_max = {offer.reward};
    terms.worth_in_time = {2 * offer.reward};
    terms.bid_bond = {offer.bid_bond};
    terms.stake = {offer.stake};
    terms.silence_penalty = {offer.silence_penalty};
    terms.challenge_bond = {offer.challenge_bond};
    terms.audit_fee = {offer.audit_fee};
    terms.verifier_stake = {offer.verifier_stake};
    terms.verifiers = static_cast<std::uint8_t>(offer.verifiers);
    terms.segments = static_cast<std::uint8_t>(offer.segments);
    terms.legs_max = static_cast<std::uint8_t>(offer.solvers);
    terms.bidding = terms.revealing = ticks(offer.bidding);
    terms.accepting = terms.drawing = terms.opening = ticks(offer.answering);
    terms.recording = ticks(offer.recording);
    terms.replaying = ticks(offer.replaying);
    terms.window = ticks(offer.window);
    terms.data = demands(offer, ticks, genesis.rules);
    terms.drawer = submitter.drawer().public_key();
    dispute::Terms& game = terms.dispute;
    game.reveal_levels = static_cast<std::uint8_t>(offer.reveal_levels);
    game.solver_clock = game.challenger_clock = ticks(offer.clock);
    game.latency = ticks(offer.turn);
    ASSAY_TRY_ASSIGN(game.limits, limits_for(problem.programs.training, std::min<std::uint64_t>(training.interval, options.steps)));
    const auto valid = validate(task.posting, genesis.rules);
    if (!valid) return failure(Error::invalid_input, "no node would accept this task: " + valid.failure().message());
    return task;
}

} // namespace assay::app
