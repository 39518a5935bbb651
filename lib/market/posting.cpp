// Posting and withdrawing a task. Spec: spec/market.md, spec/audit.md.
// Holds MARKET-14.
#include <assay/dispute/bounds.hpp>
#include <assay/hash/openssl.hpp>
#include <assay/market/cost.hpp>

#include "market/handlers.hpp"

namespace assay::market {

namespace {

// Has steps, and not too many segments to be listed.
bool is_size(const commit::Task& task)
{
    return task.interval > 0 && task.steps > 0 && commit::segment_count(task) <= segments_max;
}

bool is_duration(Tick ticks)
{
    return ticks.value >= 1 && ticks.value <= phase_ticks_max;
}

} // namespace

Amount fee_of(const Rules& rules, std::size_t bytes)
{
    return {rules.fee.units + rules.kibibyte_fee.units * (bytes / 1024)};
}

Status validate(const Rules& rules)
{
    if (rules.unbonding.value > phase_ticks_max) return failure(Error::invalid_terms, "unbonding is at most 2^32 ticks");
    for (const Amount amount : {rules.fee, rules.account_minimum, rules.verifier_minimum})
        if (amount > amount_max) return failure(Error::invalid_terms, "an amount is at most 2^60");
    if (rules.kibibyte_fee.units > amount_max.units >> 22) return failure(Error::invalid_terms, "the fee of a KiB is at most 2^38");
    if (rules.benchmark && !is_size(rules.benchmark->task)) return failure(Error::invalid_terms, "the benchmark is no task");
    return {};
}

Tick answer_ticks_max(const dispute::DataTerms& terms)
{
    // The largest request and answer in every lane. Spec: AVAILABILITY-4.
    const std::uint64_t lane = (std::uint64_t{1028} << terms.levels) + 12488 + 895, bytes = lane * terms.lanes;
    return {terms.latency.value + (bytes + terms.bytes_per_tick - 1) / terms.bytes_per_tick + terms.clock.value};
}

namespace {

// Spec: MARKET-21.
Status validate_data(const Terms& terms)
{
    const dispute::DataTerms& data = *terms.data;
    if (data.lanes < 1 || data.lanes > 64 || data.levels > 10 || data.bytes_per_tick < 1)
        return failure(Error::invalid_terms, "demands have 1 to 64 lanes, at most 10 levels and a bandwidth");
    if (data.latency.value > phase_ticks_max || !is_duration(data.clock))
        return failure(Error::invalid_terms, "a demand's latency and clock are at most 2^32 ticks");
    if (data.fee > std::uint64_t{1} << 40 || data.bond != 0)
        return failure(Error::invalid_terms, "a demand's fee is at most 2^40, and the stake is its bond");
    // Whoever is drawn, or looks in the window, can ask, be answered, and replay.
    const std::uint64_t longest = answer_ticks_max(data).value;
    if (2 * longest > terms.replaying.value || 2 * longest > terms.window.value)
        return failure(Error::invalid_terms, "replaying and window are at least twice the " + std::to_string(longest) + " ticks of an answer");
    return {};
}

} // namespace

Status validate(const Terms& terms)
{
    for (const Amount amount : {terms.price_max, terms.worth_in_time, terms.worth_of_tick, terms.bid_bond, terms.stake,
                                terms.silence_penalty, terms.challenge_bond, terms.audit_fee, terms.verifier_stake, terms.jackpot})
        if (amount.units > amount_max.units / 64) return failure(Error::invalid_terms, "an amount is at most 2^54");
    for (const Tick ticks :
         {terms.bidding, terms.revealing, terms.accepting, terms.recording, terms.drawing, terms.replaying, terms.opening, terms.window})
        if (!is_duration(ticks)) return failure(Error::invalid_terms, "a phase lasts from 1 to 2^32 ticks");
    if (terms.finder_share > 500) return failure(Error::invalid_terms, "finder_share is at most 500 thousandths");
    if (terms.verifiers > verifiers_per_task_max) return failure(Error::invalid_terms, "verifiers is at most 8");
    if (terms.segments < 1 || terms.segments > segments_drawn_max) return failure(Error::invalid_terms, "segments is from 1 to 64");
    if (terms.legs_max < 1 || terms.legs_max > legs_max) return failure(Error::invalid_terms, "legs_max is from 1 to 8");
    if (terms.silence_penalty > terms.stake) return failure(Error::invalid_terms, "silence_penalty is part of the stake");
    if (terms.challenge_bond.units == 0) return failure(Error::invalid_terms, "a challenge has a bond");
    if (terms.dispute.solver_clock.value > phase_ticks_max || terms.dispute.challenger_clock.value > phase_ticks_max)
        return failure(Error::invalid_terms, "a dispute's clock is at most 2^32 ticks");
    return terms.data ? validate_data(terms) : Status{};
}

namespace {

bool is_benchmark(const Posting& posting, const Rules& rules)
{
    return rules.benchmark && posting.task == rules.benchmark->task;
}

} // namespace

Digest plant_digest(const Plant& plant)
{
    return hash::tagged_digest("assay.plant", plant, hash::sha256_openssl);
}

Result<commit::ProgramCommitment> validate(const Posting& posting, const Rules& rules)
{
    ASSAY_TRY(validate(posting.terms));
    if (posting.terms.source == DrawSource::submitter) ASSAY_TRY(crypto::validate(posting.terms.drawer));
    if (posting.program.size() > program_bytes_max) return failure(Error::limit_exceeded, "a program has at most 2^20 bytes");
    const commit::Task& task = posting.task;
    if (!is_size(task)) return failure(Error::invalid_statement, "a task has steps, an interval and at most 4096 segments");
    ASSAY_TRY_ASSIGN(program::Program program, program::Program::decode(posting.program));
    ASSAY_TRY(dispute::validate_limits(program, std::min(task.interval, task.steps), posting.terms.dispute.limits));
    if (!program.is_iterable()) return failure(Error::invalid_program, "a step cannot follow a step");
    const commit::ProgramCommitment commitment = commit::CommittedProgram{std::move(program), hash::sha256_openssl}.commitment();
    if (commit::digest_of(commitment) != task.program) return failure(Error::invalid_statement, "the program is not the task's");
    dispute::Statement statement;
    statement.program = commitment;
    statement.steps = std::min(task.interval, task.steps);
    ASSAY_TRY(dispute::validate(statement, posting.terms.dispute));
    // So that nobody who can be drawn takes its stake away before the draw. Spec: AUDIT-1.
    if (2 * posting.terms.drawing.value > rules.unbonding.value)
        return failure(Error::invalid_terms, "drawing is at most half of the unbonding time");
    // An answer never costs more than it brings. Spec: MARKET-21.
    if (posting.terms.data && posting.terms.data->fee / 2 < fee_of(rules, std::size_t{16} * 1024).units)
        return failure(Error::invalid_terms, "half of a demand's fee is at least the network's fee of 16 KiB");
    if (is_benchmark(posting, rules) && posting.terms.source != DrawSource::beacon)
        return failure(Error::invalid_terms, "a benchmark is drawn by the beacon");
    if (is_benchmark(posting, rules) && posting.terms.legs_max != 1)
        return failure(Error::invalid_terms, "a benchmark is one solver's from start to end");
    return commitment;
}

Amount reserved(const Terms& terms)
{
    return {terms.price_max.units + terms.jackpot.units + terms.audit_fee.units * terms.verifiers * terms.legs_max};
}

Status handle(Draft& draft, const Author& author, const Post& body)
{
    const Posting& posting = body.posting;
    ASSAY_TRY_ASSIGN(const commit::ProgramCommitment commitment, validate(posting, draft.rules()));
    ASSAY_TRY_ASSIGN(const program::Program program, program::Program::decode(posting.program));
    ASSAY_TRY_ASSIGN(const Cost step, cost_of_step(program));
    TaskState task;
    task.id = task_id(draft.rules().network, author.id, author.number, posting);
    task.submitter = author.id;
    task.task = posting.task;
    task.program = commitment;
    task.terms = posting.terms;
    task.plant = posting.plant;
    task.is_benchmark = is_benchmark(posting, draft.rules());
    const std::uint64_t steps = std::min(posting.task.interval, posting.task.steps);
    if (step.operations > (std::uint64_t{1} << 62) / steps)
        return failure(Error::limit_exceeded, "a record's work is at most 2^62 operations");
    task.work_per_record = step.operations * steps;
    task.escrow = reserved(posting.terms);
    ASSAY_TRY(draft.take_for(task.id, author.id, task.escrow));
    append_to_log(task, posting.task.initial);
    enter(task, Phase::bidding, draft.now(), posting.terms.bidding);
    draft.emit(EventKind::posted, task.id, author.id, task.escrow.units);
    draft.add_task(std::move(task));
    return {};
}

Status handle(Draft& draft, const Author& author, const Withdraw& body)
{
    ASSAY_TRY_ASSIGN(TaskState* const task, draft.task(body.task));
    if (task->submitter != author.id) return failure(Error::not_allowed, "the task is another's");
    ASSAY_TRY(expect_phase(*task, Phase::bidding, draft.now()));
    close(draft, *task);
    return {};
}

} // namespace assay::market
