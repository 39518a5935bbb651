// States, transactions, blocks and proofs from anybody: what is taken can be used on, and what is refused changes nothing.
#include <assay/hash/openssl.hpp>

#include "tests/exhaustive/ledger_play.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace {

using namespace assay;
using namespace assay::market;

test::Stage& stage()
{
    static test::Stage stage;
    return stage;
}

// A market after so many transactions, with those that were accepted last.
struct Played {
    Ledger ledger;
    std::vector<Transaction> last;
};
Played played(std::uint64_t seed, int transactions)
{
    test::Market market{stage(), seed};
    Played state{market.start(), {}};
    for (int i = 0; i < transactions; ++i) {
        const auto transaction = market.next(state.ledger);
        if (!transaction) {
            fuzz::expect(static_cast<bool>(state.ledger.advance(market.later(state.ledger))), "time goes on");
        } else if (state.ledger.apply(*transaction)) {
            market.accepted(state.ledger, *transaction);
            state.last.push_back(*transaction);
        }
    }
    return state;
}

const Ledger& common()
{
    static const Ledger ledger = played(3, 400).ledger;
    return ledger;
}

template <class T>
Bytes tagged(std::uint8_t kind, const T& value)
{
    Bytes bytes{kind};
    Encoder{bytes}(value);
    return bytes;
}

void apply(Ledger& ledger, const Transaction& transaction)
{
    const Bytes before = ledger.encode();
    if (ledger.apply(transaction)) {
        const Status whole = ledger.check();
        if (!whole) std::fprintf(stderr, "%s\n", whole.failure().message().c_str());
        fuzz::expect(static_cast<bool>(whole), "a ledger is whole after every transaction");
    } else {
        fuzz::expect(ledger.encode() == before, "what is refused changes nothing");
    }
}

// Whatever can be done about every task, and time until nothing is due.
void use(Ledger ledger)
{
    const auto& accounts = ledger.accounts().entries();
    if (accounts.empty()) return;
    const auto by = [&](std::size_t i, Body body) {
        const Account& account = accounts[i % accounts.size()];
        apply(ledger, {account.id, account.transactions, std::move(body)});
    };
    const std::size_t tasks = std::min<std::size_t>(ledger.tasks().size(), 4);
    for (int round = 0; round < 3; ++round) {
        for (std::size_t i = 0; i < tasks; ++i) {
            const Digest id = ledger.tasks().at(i).id;
            for (std::size_t who = 0; who < 3; ++who) {
                by(who, Advance{id}), by(who, Challenge{id, 0, amount_max}), by(who, Accept{id}), by(who, Join{{100}});
                by(who, CommitBid{id, {}}), by(who, Leave{static_cast<std::uint32_t>(who)}), by(who, Withdraw{id});
                by(who, PostReceipt{id, {}}), by(who, OpenReceipt{id, {}, {}}), by(who, OpenSegments{id, {}}), by(who, RevealPlant{id, {}});
                by(who, Defend{id}), by(who, Contest{id, accounts[who].id, amount_max});
            }
        }
        if (!ledger.advance(Tick{ledger.now().value + 1000})) return;
        for (std::size_t i = 0; i < 8; ++i)
            if (const auto body = test::Market::due(ledger)) by(i, *body);
    }
}

// So that changes of money are not all that is found.
void repair(LedgerParts& parts)
{
    std::uint64_t sum = parts.burned.units;
    for (const Account& account : parts.accounts) sum += account.balance.units;
    for (const TaskState& task : parts.tasks) sum += task.held().units;
    for (const Verifier& verifier : parts.verifiers) sum += verifier.stake.units;
    parts.supply = {sum};
}

void take_state(ByteView bytes)
{
    auto ledger = Ledger::decode(bytes);
    if (!ledger) return;
    const Bytes again = ledger->encode();
    fuzz::expect(again.size() == bytes.size() && std::equal(again.begin(), again.end(), bytes.begin()), "a state has one encoding");
    use(std::move(*ledger));
}

} // namespace

std::vector<Bytes> assay::fuzz::seeds()
{
    std::vector<Bytes> seeds;
    constexpr std::array<int, 5> lengths{60, 150, 300, 400, 500};
    for (std::size_t seed = 0; seed < lengths.size(); ++seed) {
        Played state = played(seed, lengths[seed]);
        Bytes bytes{0};
        const Bytes encoded = state.ledger.encode();
        bytes.insert(bytes.end(), encoded.begin(), encoded.end());
        seeds.push_back(bytes);
        bytes[0] = 1;
        seeds.push_back(std::move(bytes));
        for (std::size_t i = 0; i < 12 && i < state.last.size(); ++i) seeds.push_back(tagged(2, state.last[state.last.size() - 1 - i]));
    }
    Chain chain{common()};
    const Account& author = common().accounts().at(0);
    const std::vector<SignedTransaction> transfer{
        market::sign(stage().keys[0], stage().rules.network, {author.id, author.transactions, Advance{common().tasks().at(0).id}}),
        market::sign(stage().keys[0], stage().rules.network, {author.id, author.transactions, Transfer{author.id, {1}}})};
    seeds.push_back(tagged(3, *chain.seal(Tick{common().now().value + 1}, transfer)));
    seeds.push_back(tagged(4, Ledger{common()}.prove(TableName::accounts, 1)));
    seeds.push_back(tagged(4, Ledger{common()}.prove(TableName::tasks, 0)));
    return seeds;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    if (size == 0) return 0;
    const ByteView rest{data + 1, size - 1};
    switch (data[0] % 5) {
    case 0: take_state(rest); break;
    case 1:
        if (auto parts = decode<LedgerParts>(rest)) {
            repair(*parts);
            take_state(encode(*parts));
        }
        break;
    case 2:
        if (const auto transaction = decode<Transaction>(rest)) {
            Ledger ledger = common();
            apply(ledger, *transaction);
        }
        break;
    case 3:
        if (const auto block = decode<Block>(rest)) {
            Chain chain{common()};
            if (!chain.follow(*block)) fuzz::expect(chain.ledger().encode() == common().encode(), "a refused block changes nothing");
        }
        break;
    default:
        if (const auto proof = decode<StateProof>(rest)) {
            static const Digest state = digest_of(Ledger{common()}.summary());
            if (!verify(*proof, state)) break;
            const bool is_there = encode(Ledger{common()}.prove(proof->table, proof->slot)) == encode(*proof);
            fuzz::expect(is_there, "only what is there is proved");
        }
    }
    return 0;
}
