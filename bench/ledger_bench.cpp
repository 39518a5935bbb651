// What a ledger does in a second: transactions with and without signatures, beside libsodium's own verification in the same run; draws;
// proofs for light clients.
#include <benchmark/benchmark.h>

#include <cstdio>
#include <cstdlib>

#include <sodium.h>

#include <assay/market/block.hpp>
#include <assay/market/draw.hpp>

#include "tests/unit/dispute/toy_task.hpp"
#include "value_of.hpp"

using namespace assay;
using namespace assay::market;

namespace {

const crypto::VrfKey drawer{crypto::Seed{{5}}};

Rules rules()
{
    Rules rules;
    rules.network = Digest{{77}};
    rules.fee = {1};
    rules.account_minimum = {1};
    rules.verifier_minimum = {1};
    rules.unbonding = Tick{1000};
    rules.beacon = drawer.public_key();
    return rules;
}

Digest name_of(std::uint64_t number)
{
    Digest id;
    for (std::size_t byte = 0; byte < 8; ++byte) id.bytes[byte] = static_cast<std::uint8_t>(number >> 8 * byte);
    id.bytes[8] = 1;
    return id;
}

std::vector<Allocation> money(std::size_t accounts)
{
    std::vector<Allocation> allocations(accounts);
    for (std::size_t i = 0; i < accounts; ++i) allocations[i] = {name_of(i), {std::uint64_t{1} << 30}};
    return allocations;
}

// Signed transfers among 64 keys, in order.
struct Signed {
    std::vector<Allocation> allocations;
    std::vector<SignedTransaction> transactions;
};
const Signed& signed_transfers()
{
    static const Signed all = [] {
        constexpr std::size_t keys = 64, transfers = 16384;
        Signed made;
        std::vector<crypto::KeyPair> pairs;
        for (std::uint8_t i = 0; i < keys; ++i) pairs.emplace_back(crypto::Seed{{i}});
        for (const auto& pair : pairs) made.allocations.push_back({pair.identity(), {std::uint64_t{1} << 30}});
        for (std::size_t i = 0; i < transfers; ++i) {
            const Transfer transfer{pairs[(i * 7 + 1) % keys].identity(), {1}};
            made.transactions.push_back(sign(pairs[i % keys], rules().network, {pairs[i % keys].identity(), i / keys, transfer}));
        }
        return made;
    }();
    return all;
}

void libsodium_verifies(benchmark::State& state)
{
    // All of them in turn, as the ledger meets them: a processor learns the branches of a single one.
    const auto& transactions = signed_transfers().transactions;
    std::vector<Digest> digests; // what the signatures are over
    for (const auto& [transaction, signer, signature] : transactions)
        digests.push_back(crypto::signing_digest({rules().network, crypto::Purpose::transaction, transaction.author, transaction.number},
                                                 digest_of(transaction)));
    std::size_t next = 0;
    for (auto _ : state) {
        const SignedTransaction& one = transactions[next];
        if (crypto_sign_verify_detached(one.signature.bytes.data(), digests[next].bytes.data(), digests[next].bytes.size(),
                                        one.signer.bytes.data()) != 0)
            state.SkipWithError("a good signature is refused");
        next = (next + 1) % transactions.size();
    }
    state.SetItemsProcessed(state.iterations());
}

void signed_transactions(benchmark::State& state)
{
    const Signed& all = signed_transfers();
    std::optional<Ledger> ledger;
    std::size_t next = all.transactions.size();
    for (auto _ : state) {
        if (next == all.transactions.size()) {
            state.PauseTiming();
            ledger = value_of(Ledger::start(rules(), all.allocations, Tick{1}));
            next = 0;
            state.ResumeTiming();
        }
        if (!ledger->apply(all.transactions[next++])) state.SkipWithError("a transfer was refused");
    }
    state.SetItemsProcessed(state.iterations());
}

// Transfers between random ones of many accounts.
void transfers(benchmark::State& state)
{
    const auto accounts = static_cast<std::size_t>(state.range(0));
    Ledger ledger = value_of(Ledger::start(rules(), money(accounts), Tick{1}));
    std::vector<std::uint64_t> numbers(accounts);
    std::uint64_t random = 1;
    for (auto _ : state) {
        random = random * 6364136223846793005 + 1442695040888963407;
        const std::size_t from = random >> 33 & (accounts - 1), to = random >> 13 & (accounts - 1);
        if (!ledger.apply(Transaction{name_of(from), numbers[from]++, Transfer{name_of(to), {1}}})) state.SkipWithError("refused");
    }
    state.SetItemsProcessed(state.iterations());
}

// A task in which `verifiers` can be drawn; its solver is account 1, its submitter account 0.
struct Staged {
    Ledger ledger;
    Digest task;
    std::uint64_t numbers[2]{};

    void apply(std::size_t who, Body body)
    {
        value_of(ledger.apply(Transaction{name_of(who), numbers[who]++, std::move(body)}));
    }
};

Posting posting(std::uint64_t segments)
{
    Posting posting;
    const replay::Segment segment = toy::segment(2);
    replay::RunTrace trace = toy::trace(2);
    posting.program = segment.program->program().encode();
    posting.task = {commit::digest_of(segment.program->commitment()), trace.statement(Digest{}, 0)->data, 42, 2 * segments, 2, trace.before()};
    Terms& terms = posting.terms;
    terms.price_max = {1000};
    terms.challenge_bond = {100};
    terms.verifiers = 8;
    terms.segments = 64;
    terms.bidding = terms.revealing = terms.accepting = terms.recording = terms.drawing = terms.replaying = terms.opening = terms.window =
        Tick{10};
    terms.drawer = drawer.public_key();
    terms.dispute = toy::terms(2);
    return posting;
}

Staged running(std::size_t verifiers, std::uint64_t segments)
{
    Staged staged{value_of(Ledger::start(rules(), money(verifiers + 2), Tick{1})), {}, {}};
    for (std::size_t i = 0; i < verifiers; ++i) value_of(staged.ledger.apply(Transaction{name_of(i + 2), 0, Join{{1000 + i}}}));
    const Posting posted = posting(segments);
    staged.task = task_id(rules().network, name_of(0), 0, posted);
    staged.apply(0, Post{posted});
    staged.apply(1, CommitBid{staged.task, bid_digest(staged.task, name_of(1), {300}, {})});
    const auto wait = [&](std::uint64_t ticks) {
        if (!staged.ledger.advance(Tick{staged.ledger.now().value + ticks})) std::exit(1);
    };
    wait(11);
    staged.apply(1, RevealBid{staged.task, {300}, {}});
    wait(10);
    staged.apply(1, Advance{staged.task});
    staged.apply(1, Accept{staged.task});
    return staged;
}

// What the solver has made before: its next `count` records.
std::vector<Progress> records_of(const Staged& staged, std::uint64_t count)
{
    const TaskState& task = *staged.ledger.task(staged.task);
    std::vector<Progress> records;
    merkle::CompactRange log = task.log;
    Digest previous = task.leg->last_record;
    for (std::uint64_t i = 0; i < count; ++i) {
        const Digest state = name_of(i);
        commit::append_checkpoint(log, state);
        records.push_back({staged.task, name_of(1), task.checkpoints.size() + i + 1, state, log.root(), {}, previous});
        previous = digest_of(records.back());
    }
    return records;
}

// Records of a run of many segments, one after another, and a block's digest for every hundred.
void records(benchmark::State& state)
{
    const auto segments = static_cast<std::uint64_t>(state.range(0));
    const Staged start = running(0, segments);
    const std::vector<Progress> made_before = records_of(start, segments - 1);
    std::optional<Staged> staged;
    std::uint64_t made = segments;
    for (auto _ : state) {
        if (made + 1 >= segments) {
            state.PauseTiming();
            staged = start, made = 0;
            state.ResumeTiming();
        }
        staged->apply(1, PostProgress{{made_before[made], {}, {}}});
        if (++made % 100 == 0) benchmark::DoNotOptimize(digest_of(staged->ledger.summary()));
    }
    state.SetItemsProcessed(state.iterations());
}

void draw(benchmark::State& state)
{
    Staged staged = running(static_cast<std::size_t>(state.range(0)), 128);
    for (const Progress& record : records_of(staged, 128)) staged.apply(1, PostProgress{{record, {}, {}}});
    const Bytes input = draw_input(rules().network, staged.task, staged.ledger.task(staged.task)->leg->last_record);
    const crypto::VrfProof proof = drawer.prove(crypto::VrfSuite::elligator, input);
    std::vector<std::uint64_t> weights;
    for (const Verifier& verifier : staged.ledger.verifiers().entries()) weights.push_back(verifier.weight);
    for (auto _ : state) {
        // All that the ledger does for it: the proof, the verifiers, the segments.
        const auto output = crypto::verify(drawer.public_key(), crypto::VrfSuite::elligator, input, proof);
        DrawStream stream{*output, staged.task, staged.ledger.task(staged.task)->leg->last_record};
        benchmark::DoNotOptimize(draw_weighted(stream, weights, 8));
        benchmark::DoNotOptimize(draw_distinct(stream, 128, 64));
    }
    staged.apply(1, Draw{staged.task, proof});
    if (staged.ledger.task(staged.task)->drawn.size() != 64) state.SkipWithError("not drawn");
}

void prove_account(benchmark::State& state)
{
    const auto accounts = static_cast<std::size_t>(state.range(0));
    Ledger ledger = value_of(Ledger::start(rules(), money(accounts), Tick{1}));
    std::size_t bytes = 0, slot = 0;
    benchmark::DoNotOptimize(ledger.summary());
    for (auto _ : state) {
        const StateProof proof = ledger.prove(TableName::accounts, slot++ % accounts);
        bytes = proof.entry.size() + 32 * proof.proof.size();
        benchmark::DoNotOptimize(proof);
    }
    state.counters["bytes"] = static_cast<double>(bytes);
    state.counters["encoded_bytes"] = static_cast<double>(encode(ledger.prove(TableName::accounts, 0)).size());
}

void check_account(benchmark::State& state)
{
    const auto accounts = static_cast<std::size_t>(state.range(0));
    Ledger ledger = value_of(Ledger::start(rules(), money(accounts), Tick{1}));
    const Digest digest = digest_of(ledger.summary());
    const Bytes bytes = encode(ledger.prove(TableName::accounts, accounts / 3));
    for (auto _ : state) {
        const auto proof = decode<StateProof>(bytes);
        if (!proof || !verify(*proof, digest)) state.SkipWithError("a good proof is refused");
    }
}

// A state of this many accounts, written and taken again.
void restart(benchmark::State& state)
{
    const Bytes bytes = value_of(Ledger::start(rules(), money(static_cast<std::size_t>(state.range(0))), Tick{1})).encode();
    for (auto _ : state) {
        Ledger ledger = value_of(Ledger::decode(bytes));
        benchmark::DoNotOptimize(digest_of(ledger.summary()));
    }
    state.counters["bytes"] = static_cast<double>(bytes.size());
}

BENCHMARK(libsodium_verifies);
BENCHMARK(signed_transactions);
BENCHMARK(transfers)->Arg(1024)->Arg(1 << 20);
BENCHMARK(records)->Arg(128)->Arg(4096);
BENCHMARK(draw)->Arg(64)->Arg(65536)->Unit(benchmark::kMicrosecond);
BENCHMARK(prove_account)->Arg(1 << 20)->Unit(benchmark::kMicrosecond);
BENCHMARK(check_account)->Arg(1 << 20)->Unit(benchmark::kMicrosecond);
BENCHMARK(restart)->Arg(1 << 20)->Unit(benchmark::kMillisecond);

} // namespace

BENCHMARK_MAIN();
