// The parties, their money and their transactions; what happens in a task is in market_tasks.cpp.
#include <assay/dispute/bounds.hpp>
#include <assay/hash/openssl.hpp>

#include "sim/market_parts.hpp"

namespace assay::sim {

namespace {

using namespace market;

const Digest network = hash::tagged_digest("assay.simulated-market", std::uint64_t{1}, hash::sha256_openssl);

crypto::Seed seed_of(std::uint64_t market, std::uint64_t party)
{
    return {hash::tagged_digest("assay.simulated-party", std::vector<std::uint64_t>{market, party}, hash::sha256_openssl).bytes};
}

Party party(std::uint64_t market, std::uint64_t number)
{
    return {crypto::KeyPair{seed_of(market, number)}};
}

// Far more than a market of this size can lose between two times that it is given money.
constexpr std::uint64_t treasury_units = std::uint64_t{1} << 59;
constexpr std::uint64_t agent_tasks = 4;

} // namespace

std::string_view name_of(Conduct conduct)
{
    switch (conduct) {
    case Conduct::honest: return "honest";
    case Conduct::leaking: return "leaking";
    case Conduct::lazy: return "lazy";
    case Conduct::poisoning: return "poisoning";
    case Conduct::self_convicting: return "self-convicting";
    case Conduct::planted: return "planted";
    case Conduct::framing: return "framing";
    }
    return "unknown";
}

std::string_view name_of(VerifierConduct conduct)
{
    switch (conduct) {
    case VerifierConduct::replaying: return "replaying";
    case VerifierConduct::copying: return "copying";
    case VerifierConduct::guessing: return "guessing";
    }
    return "unknown";
}

Market::Parts::Parts(const MarketTerms& market_terms, MarketSetup market_setup)
    : terms(market_terms), setup(std::move(market_setup)), random(setup.seed), treasury(party(setup.seed, 0)),
      submitter(party(setup.seed, 1)), watchman(party(setup.seed, 2)), harasser(party(setup.seed, 3)),
      drawer(crypto::vrf_seed(seed_of(setup.seed, 1))), program(run.program())
{
    std::uint64_t number = 4;
    for (std::uint32_t i = 0; i < setup.agents; ++i) {
        agents.push_back({party(setup.seed, number), party(setup.seed, number + 1)});
        number += 2;
    }
    for (const VerifierConduct conduct : setup.verifiers) seats.push_back({party(setup.seed, number++), conduct});
}

market::Terms Market::Parts::ledger_terms() const
{
    market::Terms all;
    all.price_max = {terms.reward};
    all.stake = {terms.stake};
    all.challenge_bond = {terms.challenge_bond};
    all.audit_fee = {terms.audit_fee};
    all.verifier_stake = {terms.verifier_stake};
    all.jackpot = {terms.jackpot};
    all.finder_share = terms.finder_share;
    all.verifiers = static_cast<std::uint8_t>(terms.verifiers);
    all.segments = static_cast<std::uint8_t>(terms.audited);
    all.bidding = all.revealing = all.accepting = all.recording = all.drawing = all.replaying = all.opening = all.window =
        Tick{phase_ticks};
    all.drawer = drawer.public_key();
    all.dispute.solver_clock = all.dispute.challenger_clock = Tick{100};
    all.dispute.latency = Tick{3};
    all.dispute.bytes_per_tick = 1000;
    return all;
}

// The ledger's network takes no fee: it would be the same for everybody.
Status Market::Parts::start()
{
    if (terms.segments < 1 || terms.audited < 1 || terms.audited > segments_drawn_max || terms.verifiers > verifiers_per_task_max ||
        setup.agents < 1)
        return failure(Error::invalid_terms, "a market has agents, and terms that the ledger has room for");
    Rules rules;
    rules.network = network;
    rules.account_minimum = {1};
    rules.verifier_minimum = {1};
    rules.unbonding = Tick{2 * phase_ticks};
    rules.beacon = drawer.public_key();
    const std::array<Allocation, 1> money{{{treasury.id(), {treasury_units}}}};
    ASSAY_TRY_ASSIGN(ledger, Ledger::start(rules, money, Tick{1}));
    ASSAY_TRY(validate(Posting{run.task(terms.segments), program, ledger_terms(), {}}, rules));
    const program::Program decoded = program::Program::decode(program).value();
    ASSAY_TRY_ASSIGN(const dispute::Bounds most, dispute::bounds(dispute::sizes_of(decoded, TinyRun::interval), ledger_terms().dispute));
    dispute_ticks = most.ticks;
    refill();
    return {};
}

void Market::Parts::act(const Party& author, Body body)
{
    const Account* const account = ledger->account(author.id());
    Transaction transaction{author.id(), account == nullptr ? 0 : account->transactions, std::move(body)};
    const auto events = setup.signs ? ledger->apply(sign(author.keys, network, std::move(transaction))) : ledger->apply(transaction);
    ++applied;
    if (!events) require(false, "what a party does by the rules is not refused: " + events.failure().message());
}

void Market::Parts::require(bool holds, std::string_view invariant)
{
    if (!holds && broken.empty()) broken = invariant;
}

void Market::Parts::wait(std::uint64_t ticks)
{
    require(ledger->advance(Tick{ledger->now().value + ticks}).ok(), "time goes on");
}

Digest Market::Parts::fresh_digest()
{
    return hash::tagged_digest("assay.simulated-salt", std::vector<std::uint64_t>{setup.seed, digests++}, hash::sha256_openssl);
}

std::int64_t Market::Parts::wealth(const Party& party) const
{
    const Account* const account = ledger->account(party.id());
    return account == nullptr ? 0 : static_cast<std::int64_t>(account->balance.units);
}

std::int64_t Market::Parts::wealth_of_seat(std::uint32_t seat) const
{
    const Party& party = seats[seat].party;
    const auto& slot = ledger->account(party.id())->verifier;
    return wealth(party) + (slot ? static_cast<std::int64_t>(ledger->verifiers().at(*slot).stake.units) : 0);
}

// Who has less than it may need in a batch of tasks gets it from the treasury; a verifier without a place joins.
void Market::Parts::refill()
{
    const auto fill = [this](const Party& party, std::uint64_t need) {
        const auto has = static_cast<std::uint64_t>(wealth(party));
        if (has < need || has == 0) act(treasury, Transfer{party.id(), {agent_tasks * need + 1}});
    };
    const std::uint64_t bonds = terms.challenge_bond * disputes_per_price;
    const std::uint64_t task = terms.reward + terms.jackpot + terms.audit_fee * terms.verifiers;
    fill(submitter, task * setup.agents);
    fill(watchman, bonds * setup.agents);
    fill(harasser, bonds * setup.agents);
    for (const Agent& agent : agents) {
        fill(agent.solver, terms.stake);
        fill(agent.accomplice, 2 * terms.challenge_bond + 1);
    }
    const std::uint64_t stake = std::max<std::uint64_t>(terms.verifier_stake, 1) * setup.agents;
    for (const Seat& seat : seats) {
        fill(seat.party, stake + bonds * setup.agents);
        const auto slot = ledger->account(seat.party.id())->verifier;
        if (slot && !ledger->verifiers().at(*slot).left) continue;
        if (slot) {
            wait(2 * phase_ticks + 1); // the unbonding time
            act(seat.party, Leave{*slot});
        }
        act(seat.party, Join{{stake}});
    }
    wait(2);
}

Result<Market> Market::open(const MarketTerms& terms, MarketSetup setup)
{
    auto parts = std::make_unique<Parts>(terms, std::move(setup));
    ASSAY_TRY(parts->start());
    return Market{std::move(parts)};
}

Market::Market(std::unique_ptr<Parts> parts) : m_parts(std::move(parts)) {}
Market::~Market() = default;
Market::Market(Market&&) noexcept = default;

std::vector<TaskResult> Market::play(std::span<const Assignment> assignments)
{
    ASSAY_CHECK(assignments.size() <= m_parts->agents.size());
    std::vector<OpenTask> tasks;
    m_parts->assign(tasks, assignments);
    m_parts->train(tasks);
    m_parts->audit(tasks);
    m_parts->dispute(tasks);
    m_parts->settle(tasks);
    m_parts->refill();
    std::vector<TaskResult> results;
    for (OpenTask& task : tasks) results.push_back(std::move(task.result));
    return results;
}

void Market::set_verifiers(std::span<const VerifierConduct> verifiers)
{
    ASSAY_CHECK(verifiers.size() == m_parts->seats.size());
    for (std::size_t i = 0; i < verifiers.size(); ++i) m_parts->seats[i].conduct = verifiers[i];
}

const market::Ledger& Market::ledger() const
{
    return *m_parts->ledger;
}

std::uint64_t Market::transactions() const
{
    return m_parts->applied;
}

std::uint64_t Market::dispute_ticks_max() const
{
    return m_parts->dispute_ticks;
}

const std::string& Market::broken() const
{
    return m_parts->broken;
}

} // namespace assay::sim
