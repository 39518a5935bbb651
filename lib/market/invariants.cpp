// What holds of a ledger, whatever was applied to it: one function for each kind of entry.
// Holds MARKET-13.
#include <unordered_set>

#include <assay/hash/openssl.hpp>

#include "market/handlers.hpp"

namespace assay::market {

namespace {

Status expect(bool holds, const char* what)
{
    if (!holds) return failure(Error::invalid_block, what);
    return {};
}

bool between(Phase phase, Phase first, Phase last)
{
    return first <= phase && phase <= last;
}

bool is_convicted(const TaskState& task)
{
    return between(task.phase, Phase::convicted, Phase::defending);
}

Status add_up(std::uint64_t& sum, Amount amount)
{
    ASSAY_TRY_ASSIGN(const Amount total, add(Amount{sum}, amount));
    sum = total.units;
    return {};
}

Status check_size(const TaskState& task)
{
    ASSAY_TRY(expect(static_cast<bool>(validate(task.terms)), "terms are within their limits"));
    ASSAY_TRY(expect(task.task.interval > 0 && task.task.steps > 0 && commit::segment_count(task.task) <= segments_max,
                     "a task has steps and an interval"));
    return expect(task.work_per_record <= std::uint64_t{1} << 62, "a record's work is at most 2^62");
}

Status check_bids(const TaskState& task)
{
    std::unordered_set<std::string> bidders;
    ASSAY_TRY(expect(task.bids.size() <= sealed_bids_max, "a task has at most 64 bids"));
    ASSAY_TRY(expect(task.bids.empty() || task.phase <= Phase::accepting, "bids end with the acceptance"));
    for (const SealedBid& bid : task.bids) {
        ASSAY_TRY(expect(bidders.insert(to_hex(bid.bidder)).second, "a bidder bids once"));
        ASSAY_TRY(expect(bid.bond == task.terms.bid_bond, "a bid has the terms' bond"));
        ASSAY_TRY(expect(task.phase != Phase::bidding || !bid.price, "bids are sealed while others bid"));
        ASSAY_TRY(expect(task.phase != Phase::accepting || bid.price, "bids that stayed sealed are gone"));
        ASSAY_TRY(expect(!bid.price || *bid.price <= amount_max, "a price is an amount"));
    }
    return {};
}

Status check_leg(const TaskState& task, const Ledger& ledger)
{
    const bool has_leg = between(task.phase, Phase::accepting, Phase::defending);
    ASSAY_TRY(expect(task.phase == Phase::closed || task.leg.has_value() == has_leg, "a solver is there from the assignment to the end"));
    if (!task.leg) return {};
    const Leg& leg = *task.leg;
    const bool is_staked = between(task.phase, Phase::running, Phase::defending);
    const std::uint64_t forfeited = leg.is_late ? task.terms.silence_penalty.units : 0;
    ASSAY_TRY(expect(leg.stake.units == (is_staked ? task.terms.stake.units - forfeited : 0), "a solver's stake is the terms', while it is at work"));
    ASSAY_TRY(expect(!leg.is_late || task.phase >= Phase::opening, "a solver is late with its opening"));
    ASSAY_TRY(expect(leg.payment <= task.terms.price_max, "a payment is within the reserve"));
    if (!is_staked) return {};
    ASSAY_TRY(expect(leg.first <= task.checkpoints.size(), "a leg begins behind the one before"));
    ASSAY_TRY(expect(leg.recorded <= ledger.now() && leg.begun.value <= leg.recorded.value + 1, "a leg began before its last record"));
    ASSAY_TRY(expect(leg.beacon_tick.value <= ledger.now().value + 1, "a draw is not for later"));
    const bool may_be_seedless = (task.phase == Phase::running || is_convicted(task)) && task.is_benchmark; // two signed records convict before
    ASSAY_TRY(expect(leg.has_seed || (may_be_seedless && task.checkpoints.size() == leg.first),
                     "records follow the seed"));
    return expect(!between(task.phase, Phase::drawing, Phase::window) || task.checkpoints.size() > leg.first,
                  "what is audited has records");
}

// The log is that of the checkpoints.
Status check_log(const TaskState& task)
{
    const std::uint64_t total = commit::segment_count(task.task);
    const auto records = task.checkpoints.size();
    ASSAY_TRY(expect(records <= total, "a run has no more records than segments"));
    ASSAY_TRY(expect(task.phase != Phase::running || records < total, "a run whose last record is there is audited"));
    merkle::CompactRange log;
    log.append(merkle::leaf_hash(view_of(task.task.initial), hash::sha256_openssl), hash::sha256_openssl);
    for (const Checkpoint& checkpoint : task.checkpoints)
        log.append(merkle::leaf_hash(view_of(checkpoint.state), hash::sha256_openssl), hash::sha256_openssl);
    return expect(log == task.log, "the log is that of the records");
}

Status check_draw(const TaskState& task, const Ledger& ledger)
{
    const bool awaits = task.phase == Phase::drawing;
    ASSAY_TRY(expect(awaits || task.candidates.empty(), "candidates are there while a draw is awaited"));
    const auto& verifiers = ledger.verifiers().entries();
    ASSAY_TRY(expect(task.candidates.size() <= (verifiers.size() + 7) / 8, "candidates are verifiers"));
    std::uint64_t weight = 0;
    // Once it is too late to draw, stakes may be taken back.
    const std::uint64_t beacon_ticks = awaits && task.leg->source == DrawSource::submitter ? task.terms.drawing.value : 0;
    const bool can_be_drawn = awaits && ledger.now().value <= task.deadline.value + beacon_ticks;
    for (std::size_t i = 0; i < std::min(verifiers.size(), 8 * task.candidates.size()); ++i)
        if (can_be_drawn && (task.candidates[i / 8] >> i % 8 & 1) != 0) {
            ASSAY_TRY(expect(!verifiers[i].is_gone, "who can be drawn is still there"));
            ASSAY_TRY(add_up(weight, Amount{verifiers[i].weight}));
        }
    ASSAY_TRY(expect(task.drawn.size() <= segments_drawn_max, "at most 64 segments are drawn"));
    for (std::size_t i = 0; i < task.drawn.size(); ++i) {
        ASSAY_TRY(expect(task.leg && task.drawn[i] >= task.leg->first && task.drawn[i] < task.checkpoints.size(), "drawn is what was recorded"));
        ASSAY_TRY(expect(i == 0 || task.drawn[i - 1] < task.drawn[i], "drawn segments ascend"));
    }
    const bool must_be_drawn = between(task.phase, Phase::replaying, Phase::attesting);
    ASSAY_TRY(expect(!must_be_drawn || !task.drawn.empty(), "an audit has segments"));
    ASSAY_TRY(expect(task.drawn.empty() || task.phase >= Phase::replaying, "segments are drawn after the last record"));
    ASSAY_TRY(expect(task.opened.empty() || task.opened.size() == task.drawn.size(), "all roots are opened, or none"));
    return expect(task.phase != Phase::attesting || !task.opened.empty(), "receipts open after the roots");
}

Status check_auditors(const TaskState& task, const Ledger& ledger, std::vector<std::uint64_t>& locked)
{
    ASSAY_TRY(expect(task.auditors.size() <= task.terms.verifiers, "no more verifiers than terms say"));
    ASSAY_TRY(expect(task.auditors.empty() || between(task.phase, Phase::replaying, Phase::defending), "verifiers come with the draw"));
    for (std::size_t i = 0; i < task.auditors.size(); ++i) {
        const Auditor& auditor = task.auditors[i];
        ASSAY_TRY(expect(auditor.slot < locked.size(), "a verifier has a place"));
        ASSAY_TRY(expect(ledger.verifiers().at(auditor.slot).owner == auditor.verifier, "a place has one owner"));
        ASSAY_TRY(expect(auditor.stake == task.terms.verifier_stake, "a verifier risks the terms' stake"));
        const bool may_be_open = auditor.receipt && (!task.opened.empty() || is_convicted(task));
        ASSAY_TRY(expect(!auditor.is_open() || may_be_open, "what is opened was posted"));
        ASSAY_TRY(expect(!auditor.is_open() || auditor.roots.size() == task.drawn.size(), "a receipt has a root of each drawn segment"));
        ASSAY_TRY(expect(auditor.defence == Defence::none || (is_convicted(task) && attested_to_conviction(task, auditor)),
                         "what is defended was attested to and convicted"));
        ASSAY_TRY(add_up(locked[auditor.slot], auditor.stake));
        for (std::size_t j = 0; j < i; ++j) ASSAY_TRY(expect(task.auditors[j].slot != auditor.slot, "a verifier is drawn once"));
    }
    return {};
}

bool stands(const TaskState& task, const Digest& verifier)
{
    return std::any_of(task.auditors.begin(), task.auditors.end(), [&](const Auditor& auditor) {
        return auditor.verifier == verifier && auditor.defence == Defence::standing;
    });
}

Status check_disputes(const TaskState& task, const Ledger& ledger)
{
    ASSAY_TRY(expect(task.disputes.empty() || between(task.phase, Phase::running, Phase::defending), "games are about a solver at work, or a defence"));
    for (const Dispute& dispute : task.disputes) {
        const auto stored = dispute::Game::decode(dispute.game, hash::sha256_openssl);
        ASSAY_TRY(expect(stored.has_value(), "a game is stored as games are"));
        const dispute::Game& game = *stored;
        ASSAY_TRY(expect(game.id() == dispute.id && !game.is_settled(), "an open game is stored under its name"));
        const dispute::Parties& parties = game.state().parties;
        ASSAY_TRY(expect(parties.challenger == dispute.challenger, "a game is its parties'"));
        ASSAY_TRY(expect(is_convicted(task) ? stands(task, parties.solver) : parties.solver == task.leg->solver,
                         "who answers is the solver, or after its conviction a verifier whose defence stands"));
        ASSAY_TRY(expect(dispute.segment >= task.leg->first && dispute.segment < task.checkpoints.size(), "a game is about a record"));
        ASSAY_TRY(expect(!is_convicted(task) || (dispute.segment == task.conviction->segment && !opens_another_root(task, dispute.segment, game)),
                         "a defence is about the root that was attested to"));
        ASSAY_TRY(expect(game.state().turn_started <= ledger.now(), "no move is of later"));
        ASSAY_TRY(expect(ledger.account(dispute.challenger) != nullptr, "a challenger has an account"));
    }
    return {};
}

Status check_demands(const TaskState& task, const Ledger& ledger)
{
    if (!task.demands) return {};
    ASSAY_TRY(expect(task.terms.data && between(task.phase, Phase::running, Phase::window), "demands are made of a solver at work"));
    const auto requests = dispute::Availability::decode(task.demands->requests, hash::sha256_openssl);
    ASSAY_TRY(expect(requests.has_value(), "demands are stored as they are"));
    const dispute::AvailabilityState& state = requests->state();
    ASSAY_TRY(expect(state.keeping == task.keeping() && !requests->is_lost() && state.latest <= ledger.now(), "demands are of this solver"));
    std::uint64_t fees = 0;
    for (const dispute::OpenRequest& open : state.open) {
        ASSAY_TRY(add_up(fees, Amount{task.terms.data->fee * open.request.chunks.size()}));
        ASSAY_TRY(expect(ledger.account(open.request.requester) != nullptr, "who demands has an account"));
    }
    return expect(task.demands->fees.units == fees, "a task holds the fees of open demands");
}

// What may still have to be paid out of the escrow. Spec: MARKET-13.
std::uint64_t owed(const TaskState& task)
{
    const Terms& terms = task.terms;
    const std::uint64_t total = commit::segment_count(task.task);
    const std::uint64_t done = task.phase >= Phase::running ? task.leg->first : task.checkpoints.size();
    const bool is_drawn = between(task.phase, Phase::replaying, Phase::defending);
    const std::uint64_t fees = terms.verifiers * (std::uint64_t{terms.legs_max} - task.legs - (is_drawn ? 1 : 0)) + task.auditors.size();
    return portion(terms.price_max, total - done, total).units + terms.jackpot.units + terms.audit_fee.units * fees;
}

Status check_escrow(const TaskState& task)
{
    ASSAY_TRY(expect(task.legs < task.terms.legs_max, "another leg is allowed"));
    return expect(task.escrow.units >= owed(task), "the escrow covers what may become due");
}

Status check_closed(const TaskState& task)
{
    return expect(task.held().units == 0 && task.checkpoints.empty() && task.candidates.empty() && task.drawn.empty() &&
                      task.opened.empty() && task.auditors.empty() && task.disputes.empty() && task.bids.empty() && !task.demands,
                  "a closed task holds nothing");
}

Status check_task(const TaskState& task, const Ledger& ledger, std::vector<std::uint64_t>& locked)
{
    ASSAY_TRY(expect(ledger.account(task.submitter) != nullptr, "a submitter has an account"));
    ASSAY_TRY(check_size(task));
    ASSAY_TRY(expect(!task.is_benchmark || ledger.rules().benchmark, "a benchmark is the network's"));
    ASSAY_TRY(expect(task.conviction.has_value() == is_convicted(task) || task.phase == Phase::closed,
                     "a conviction has phases of its own"));
    ASSAY_TRY(expect(!task.conviction || task.conviction->segment.has_value() == task.conviction->root.has_value(),
                     "a conviction by proof is about a root"));
    ASSAY_TRY(expect(!task.conviction || !task.conviction->is_planted || task.conviction->segment, "a planted fault was shown"));
    ASSAY_TRY(check_bids(task));
    ASSAY_TRY(check_leg(task, ledger));
    if (task.phase == Phase::closed) return check_closed(task);
    ASSAY_TRY(expect(task.deadline.value <= ledger.now().value + 2 * phase_ticks_max, "no phase lasts longer than its time"));
    ASSAY_TRY(check_log(task));
    ASSAY_TRY(check_draw(task, ledger));
    ASSAY_TRY(check_auditors(task, ledger, locked));
    ASSAY_TRY(check_disputes(task, ledger));
    ASSAY_TRY(check_demands(task, ledger));
    return check_escrow(task);
}

Status check_accounts(const Ledger& ledger, std::uint64_t& money)
{
    for (const Account& account : ledger.accounts().entries()) {
        ASSAY_TRY(add_up(money, account.balance));
        if (!account.verifier) continue;
        const auto& verifiers = ledger.verifiers();
        ASSAY_TRY(expect(*account.verifier < verifiers.size() && verifiers.at(*account.verifier).owner == account.id &&
                             !verifiers.at(*account.verifier).is_gone,
                         "an account's place among the verifiers is its own"));
    }
    return {};
}

Status check_verifiers(const Ledger& ledger, const std::vector<std::uint64_t>& locked, std::uint64_t& money)
{
    for (std::size_t i = 0; i < locked.size(); ++i) {
        const Verifier& verifier = ledger.verifiers().at(i);
        ASSAY_TRY(add_up(money, verifier.stake));
        ASSAY_TRY(expect(verifier.locked.units == locked[i], "a stake is locked by the tasks that it stands behind"));
        ASSAY_TRY(expect(verifier.locked <= verifier.stake && verifier.stake.units <= verifier.weight, "no more is locked than is there"));
        ASSAY_TRY(expect(verifier.left || verifier.stake.units == verifier.weight, "the weight is the whole stake"));
        ASSAY_TRY(expect(!verifier.left || *verifier.left <= ledger.now(), "nobody leaves later"));
        ASSAY_TRY(expect(!verifier.is_gone || (verifier.left && verifier.stake.units == 0), "who is gone took its stake"));
        ASSAY_TRY(expect(verifier.is_gone || (ledger.account(verifier.owner) != nullptr && ledger.account(verifier.owner)->verifier == i),
                         "a verifier's account names its place"));
    }
    return {};
}

} // namespace

Status Ledger::check() const
{
    ASSAY_TRY(validate(m_rules));
    ASSAY_TRY(expect(m_now.value <= ledger_time_max, "a ledger's time is at most 2^61"));
    ASSAY_TRY(expect(m_verifiers.size() <= verifiers_max, "there are at most 65536 verifiers"));
    std::uint64_t money = 0;
    std::vector<std::uint64_t> locked(m_verifiers.size());
    ASSAY_TRY(add_up(money, m_burned));
    ASSAY_TRY(check_accounts(*this, money));
    for (const TaskState& task : m_tasks.entries()) {
        for (const SealedBid& bid : task.bids) ASSAY_TRY(add_up(money, bid.bond));
        for (const Dispute& dispute : task.disputes) ASSAY_TRY(add_up(money, dispute.bond));
        for (const Auditor& auditor : task.auditors)
            if (auditor.defence == Defence::standing) ASSAY_TRY(add_up(money, task.terms.challenge_bond));
        ASSAY_TRY(add_up(money, task.escrow));
        if (task.leg) ASSAY_TRY(add_up(money, task.leg->stake));
        if (task.demands) ASSAY_TRY(add_up(money, task.demands->fees));
        ASSAY_TRY(check_task(task, *this, locked));
    }
    ASSAY_TRY(check_verifiers(*this, locked, money));
    return expect(money == m_supply.units, "the money is what there was at the start");
}

} // namespace assay::market
