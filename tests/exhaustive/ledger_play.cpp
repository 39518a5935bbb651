#include "tests/exhaustive/ledger_play.hpp"

namespace assay::test {

using namespace market;

namespace {

replay::RunTrace trace_of(replay::Segment segment, replay::Deviation deviation)
{
    const auto factory = [program = segment.program->program(), data = segment.data, seed = segment.seed] {
        return exec::make_interpreter(program, data, seed);
    };
    return replay::RunTrace{std::move(segment), factory, std::move(deviation), hash::sha256_openssl};
}

Rules make_rules(const crypto::VrfKey& beacon, const commit::Task& benchmark)
{
    Rules rules;
    rules.network = Digest{{77}};
    rules.fee = {1};
    rules.kibibyte_fee = {1};
    rules.account_minimum = {10};
    rules.verifier_minimum = {50};
    rules.unbonding = Tick{24};
    rules.beacon = beacon.public_key();
    rules.benchmark = Benchmark{benchmark, 6400};
    return rules;
}

Posting make_posting(const crypto::VrfKey& drawer)
{
    Posting posting;
    const replay::Segment segment = toy::segment(2);
    replay::RunTrace trace = trace_of(segment, {});
    posting.program = segment.program->program().encode();
    posting.task = {commit::digest_of(segment.program->commitment()), trace.statement(Digest{}, 0)->data, 42, 4, 2, trace.before()};
    posting.terms.drawer = drawer.public_key();
    posting.terms.dispute = toy::terms(2);
    posting.terms.dispute.solver_clock = posting.terms.dispute.challenger_clock = Tick{40};
    return posting;
}

} // namespace

Script::Script(std::uint64_t steps, bool lies, std::optional<std::vector<program::Tensor>> ends_in)
{
    replay::Deviation deviation;
    if (ends_in)
        deviation.state = [steps, right = *ends_in](std::uint64_t step, auto, std::vector<program::Tensor>& after) {
            if (step == steps - 1) after = right;
        };
    if (lies)
        deviation.node = [steps](std::uint64_t step, program::NodeIndex node, program::Tensor& output) {
            if (step != steps - 1 || node.value != 8) return false;
            output.set_element(0, output.element(0) ^ 0x00100000);
            return true;
        };
    m_segments.push_back(trace_of(toy::segment(steps), std::move(deviation)));
    m_tensors[m_segments[0].before()] = toy::segment(steps).before;
    replay::Segment second = toy::segment(steps);
    second.before = m_segments[0].final_state().value();
    m_segments.push_back(trace_of(std::move(second), {}));
    for (replay::RunTrace& segment : m_segments) {
        m_states.push_back(segment.after().value());
        m_tensors[m_states.back()] = segment.final_state().value();
        m_roots.push_back(segment.hash({dispute::TreeAddress::Kind::segment, 0, {}, 0}, {0, steps}).value());
    }
}

const std::vector<program::Tensor>* Script::tensors(const Digest& state) const
{
    const auto found = m_tensors.find(state);
    return found == m_tensors.end() ? nullptr : &found->second;
}

Stage::Stage() : drawer(crypto::Seed{{5}}), beacon(crypto::Seed{{6}}), posting(make_posting(drawer)), program(toy::segment(2).program)
{
    for (std::uint8_t i = 0; i < parties; ++i) keys.emplace_back(crypto::Seed{{100, i}});
    commit::Task benchmark = posting.task;
    benchmark.seed = 43;
    rules = make_rules(beacon, benchmark);
    for (const std::uint64_t steps : {2, 1})
        for (const bool lies : {false, true}) m_scripts.emplace_back(steps, lies);
    for (const std::uint64_t steps : {2, 1}) m_losing.emplace_back(steps, true, *script(steps == 1, false).tensors(script(steps == 1, false).state(0)));
}

crypto::VrfProof Stage::draw(const crypto::VrfKey& key, const Bytes& input)
{
    if (m_draws.size() > 4096) m_draws.clear();
    std::string name{input.begin(), input.end()};
    name.push_back(&key == &beacon ? 'b' : 'd');
    const auto [found, is_new] = m_draws.try_emplace(std::move(name));
    if (is_new) found->second = key.prove(crypto::VrfSuite::elligator, input);
    return found->second;
}

SignedProgress Stage::sign(std::size_t party, const Progress& progress)
{
    return market::sign(keys[party], rules.network, progress);
}

Market::Market(Stage& stage, std::uint64_t seed)
    : m_stage(&stage), m_random(seed), m_start([&] {
          std::vector<Allocation> money;
          for (std::size_t i = 0; i + 1 < Stage::parties; ++i) money.push_back({stage.keys[i].identity(), {1000 + m_random.below(4000)}});
          return Ledger::start(stage.rules, money, Tick{1}).value();
      }())
{
}

std::size_t Market::party_of(const Digest& id) const
{
    for (std::size_t i = 0; i < Stage::parties; ++i)
        if (m_stage->keys[i].identity() == id) return i;
    return 0;
}

const TaskState* Market::any_task(const Ledger& ledger)
{
    const auto& tasks = ledger.tasks().entries();
    if (tasks.empty()) return nullptr;
    // Mostly the latest, which are open.
    const std::size_t back = m_random.one_in(8) ? m_random.below(tasks.size()) : m_random.below(std::min<std::size_t>(tasks.size(), 3));
    return &tasks[tasks.size() - 1 - back];
}

std::optional<Transaction> Market::next(const Ledger& ledger)
{
    if (m_random.one_in(12)) return std::nullopt;
    auto [who, body] = m_random.one_in(12) ? std::pair{party(), nonsense(ledger)} : sensible(ledger);
    if (m_random.one_in(24)) who = party();
    const Account* account = ledger.account(m_stage->keys[who].identity());
    std::uint64_t number = account != nullptr ? account->transactions : 0;
    if (m_random.one_in(64)) number += m_random.below(3) - 1;
    return Transaction{m_stage->keys[who].identity(), number, std::move(body)};
}

Tick Market::later(const Ledger& ledger)
{
    const std::uint64_t now = ledger.now().value;
    const TaskState* task = any_task(ledger);
    if (task != nullptr && m_random.one_in(4)) return Tick{std::max(now, task->deadline.value + m_random.below(2))};
    if (m_random.one_in(40)) return Tick{now + 60};
    return Tick{now + m_random.below(3)};
}

void Market::accepted(const Ledger&, const Transaction& transaction)
{
    const auto* post = std::get_if<Post>(&transaction.body);
    if (post != nullptr && m_posting)
        m_secrets[task_id(m_stage->rules.network, transaction.author, transaction.number, post->posting)] = std::move(*m_posting);
    m_posting.reset();
}

Post Market::post(std::size_t author)
{
    Posting posting = m_stage->posting;
    Terms& terms = posting.terms;
    const auto amount = [&](std::uint64_t limit) { return Amount{m_random.below(limit)}; };
    terms.price_max = amount(400);
    terms.worth_in_time = amount(300), terms.worth_of_tick = amount(2);
    terms.bid_bond = amount(12);
    terms.stake = amount(200);
    terms.silence_penalty = {m_random.below(terms.stake.units + 1)};
    terms.challenge_bond = {1 + m_random.below(6)};
    terms.audit_fee = amount(9), terms.verifier_stake = amount(120), terms.jackpot = amount(30);
    terms.finder_share = static_cast<std::uint16_t>(m_random.below(501));
    terms.verifiers = static_cast<std::uint8_t>(m_random.below(4));
    terms.segments = static_cast<std::uint8_t>(1 + m_random.below(3));
    terms.legs_max = static_cast<std::uint8_t>(1 + m_random.below(3));
    for (Tick* ticks : {&terms.bidding, &terms.revealing, &terms.accepting, &terms.recording, &terms.drawing, &terms.replaying,
                        &terms.opening, &terms.window})
        *ticks = Tick{1 + m_random.below(9)};
    if (m_random.one_in(2)) {
        dispute::DataTerms data;
        data.lanes = static_cast<std::uint8_t>(1 + m_random.below(3));
        data.levels = static_cast<std::uint8_t>(m_random.below(3));
        data.bytes_per_tick = 1 << 16;
        data.fee = 2 * fee_of(m_stage->rules, std::size_t{16} * 1024).units + m_random.below(4);
        terms.data = data;
        if (!m_random.one_in(16)) terms.replaying.value += 4, terms.window.value += 4;
    }
    Secret secret;
    secret.submitter = author;
    secret.lies = m_random.one_in(3);
    secret.is_short = m_random.one_in(4);
    secret.forges_root = m_random.one_in(8);
    secret.loses = !secret.lies && m_random.one_in(3);
    if (secret.is_short) posting.task.steps = 2, posting.task.interval = 1;
    if (m_random.one_in(3)) terms.source = DrawSource::beacon;
    if (m_random.one_in(5)) posting.task = m_stage->rules.benchmark->task, terms.legs_max = 1, terms.source = DrawSource::beacon, secret.is_short = false;
    if ((secret.lies || secret.loses) && m_random.one_in(2)) {
        secret.plant = Plant{m_stage->keys[party()].identity(), 0, m_random.digest()};
        posting.plant = plant_digest(*secret.plant);
    }
    if (m_random.one_in(16)) terms.window = Tick{0};
    m_posting = std::move(secret);
    return Post{std::move(posting)};
}

Body Market::nonsense(const Ledger& ledger)
{
    const TaskState* task = any_task(ledger);
    const Digest id = task != nullptr && !m_random.one_in(6) ? task->id : m_random.digest();
    const std::uint64_t number = m_random.below(6);
    switch (m_random.below(17)) {
    case 0: return Transfer{m_random.digest(), {m_random.below(20)}};
    case 1: return Join{{m_random.next()}};
    case 2: return Leave{static_cast<std::uint32_t>(number)};
    case 3: return Withdraw{id};
    case 4: return CommitBid{id, m_random.digest()};
    case 5: return RevealBid{id, {m_random.next()}, {}};
    case 6: return Accept{id};
    case 7: return PostReceipt{id, m_random.digest()};
    case 8: return OpenSegments{id, std::vector<OpenedRoot>(number)};
    case 9: return OpenReceipt{id, std::vector<Digest>(number), {}};
    case 10: return Challenge{id, number, {m_random.below(8)}};
    case 11: return ClaimTimeout{id, m_random.digest()};
    case 13: return ClaimWithheld{id, m_random.digest()};
    case 14: return Defend{id};
    case 15: return Contest{id, m_stage->keys[party()].identity(), {m_random.below(8)}};
    case 12: return RevealPlant{id, {m_stage->keys[party()].identity(), number, {}}};
    default: return Transfer{m_stage->keys[party()].identity(), {m_random.next()}};
    }
}

std::pair<std::size_t, Body> Market::sensible(const Ledger& ledger)
{
    const std::size_t who = party();
    const std::uint64_t kind = m_random.below(100);
    const auto open = static_cast<std::size_t>(std::count_if(ledger.tasks().entries().begin(), ledger.tasks().entries().end(),
                                                             [](const TaskState& task) { return task.phase != Phase::closed; }));
    if (kind < 25) return {who, Transfer{m_stage->keys[party()].identity(), {m_random.below(60)}}};
    if (kind < 29) return {who, Join{{50 + m_random.below(150)}}};
    if (kind < 31) {
        const Account* account = ledger.account(m_stage->keys[who].identity());
        return {who, Leave{account != nullptr ? account->verifier.value_or(0) : 0}};
    }
    if (open == 0 || (open < 4 && m_random.one_in(40))) return {who, post(who)};
    const TaskState* task = any_task(ledger);
    return about(ledger, *task);
}

} // namespace assay::test
