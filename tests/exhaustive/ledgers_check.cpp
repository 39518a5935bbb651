// Random markets: transactions of all kinds, allowed and not, with time, and after each everything that must hold of a ledger:
//     check_ledgers [TRANSACTIONS [FIRST_SEED]]     100000 transactions from seed 0 when none are given
// A market is played for 1000 transactions; then time goes on until every task has ended, and some markets are replayed, one of them in
// signed blocks. What was seen stands in README.md beside this file. Exit code 1 when something does not hold, with the market's seed.
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <assay/hash/openssl.hpp>

#include "app/progress.hpp"
#include "tests/exhaustive/ledger_play.hpp"

using namespace assay;
using namespace assay::market;

namespace {

constexpr std::uint64_t market_transactions = 1000, replayed_one_in = 32;

struct Counts {
    std::uint64_t offered = 0, markets = 0, replayed = 0;
    std::array<std::uint64_t, std::variant_size_v<Body>> accepted{}, refused{};
    std::array<std::uint64_t, enumerator_limit(EventKind{})> events{};
};

[[noreturn]] void broken(std::uint64_t seed, std::uint64_t number, const std::string& what)
{
    std::fprintf(stderr, "market %llu, transaction %llu: %s\n", static_cast<unsigned long long>(seed), static_cast<unsigned long long>(number),
                 what.c_str());
    std::exit(1);
}

// What was played, to be played again: time, or a transaction that was accepted.
using Played = std::vector<std::variant<Tick, Transaction>>;

// The entries of a ledger as they were, to be compared with what they are.
class Shadow {
public:
    explicit Shadow(Ledger& ledger) : m_accounts(ledger.accounts().entries()), m_burned(ledger.burned()) { ledger.take_changes(); }

    // Whether a ledger that was told about nothing is as it was.
    [[nodiscard]] bool is_same(Ledger& ledger)
    {
        const Changes changes = ledger.take_changes();
        const bool has_none = changes.accounts.empty() && changes.tasks.empty() && changes.verifiers.empty();
        return has_none && ledger.burned() == m_burned && m_accounts == ledger.accounts().entries() && m_tasks == ledger.tasks().entries() &&
               m_verifiers == ledger.verifiers().entries();
    }
    // Takes over the entries that the ledger says were set. Returns: whether no other changed.
    [[nodiscard]] bool follow(Ledger& ledger)
    {
        const Changes changes = ledger.take_changes();
        const auto take = [](auto& mine, const auto& table, const std::vector<std::size_t>& slots) {
            mine.resize(table.size());
            for (const std::size_t slot : slots) mine[slot] = table.at(slot);
        };
        take(m_accounts, ledger.accounts(), changes.accounts);
        take(m_tasks, ledger.tasks(), changes.tasks);
        take(m_verifiers, ledger.verifiers(), changes.verifiers);
        m_burned = ledger.burned();
        return is_same(ledger);
    }

private:
    std::vector<Account> m_accounts;
    std::vector<TaskState> m_tasks;
    std::vector<Verifier> m_verifiers;
    Amount m_burned;
};

class Player {
public:
    Player(test::Stage& stage, std::uint64_t seed, Counts& counts)
        : m_seed(seed), m_market(stage, seed), m_ledger(m_market.start()), m_shadow(m_ledger), m_counts(counts)
    {
    }

    void play()
    {
        for (std::uint64_t i = 0; i < market_transactions; ++i) {
            if (const auto transaction = m_market.next(m_ledger)) apply(*transaction);
            else wait(m_market.later(m_ledger));
        }
        end();
        if (m_seed % replayed_one_in == 0) replay();
        ++m_counts.markets;
    }
    [[nodiscard]] const Played& played() const { return m_played; }
    [[nodiscard]] const std::vector<Transaction>& refused() const { return m_refused; }
    Ledger& ledger() { return m_ledger; }
    [[nodiscard]] const Ledger& start() const { return m_market.start(); }

private:
    void wait(Tick now)
    {
        if (!m_ledger.advance(now)) broken(m_seed, m_number, "time does not go on");
        m_played.emplace_back(now);
    }

    void apply(const Transaction& transaction)
    {
        ++m_number, ++m_counts.offered;
        const std::uint64_t burned = m_ledger.burned().units;
        const auto events = m_ledger.apply(transaction);
        if (!events) {
            ++m_counts.refused[transaction.body.index()];
            if (!m_shadow.is_same(m_ledger)) broken(m_seed, m_number, "a refused transaction changed the state");
            if (m_seed % replayed_one_in == 0) m_refused.push_back(transaction);
            return;
        }
        m_market.accepted(m_ledger, transaction);
        m_played.emplace_back(transaction);
        ++m_counts.accepted[transaction.body.index()];
        if (!m_shadow.follow(m_ledger)) broken(m_seed, m_number, "an entry changed that was not set");
        if (const Status whole = m_ledger.check(); !whole) broken(m_seed, m_number, whole.failure().message());
        std::uint64_t told = 0;
        for (const Event& event : *events) {
            ++m_counts.events[static_cast<std::size_t>(event.kind)];
            if (event.kind == EventKind::burned) told += event.number;
        }
        if (m_ledger.burned().units != burned + told) broken(m_seed, m_number, "money was burned that no event tells of");
        if (m_number % 64 == 0) {
            const Bytes state = m_ledger.encode();
            const auto stored = Ledger::decode(state);
            if (!stored || stored->encode() != state) broken(m_seed, m_number, "the stored state is another");
        }
    }

    // Every state has an end: with time alone, all tasks close.
    void end()
    {
        for (int round = 0; round < 200; ++round) {
            wait(Tick{m_ledger.now().value + 100});
            for (int i = 0; i < 1000; ++i) {
                const auto body = test::Market::due(m_ledger);
                if (!body) break;
                const Account& account = m_ledger.accounts().at(richest());
                apply({account.id, account.transactions, *body});
            }
            const auto& tasks = m_ledger.tasks().entries();
            if (std::all_of(tasks.begin(), tasks.end(), [](const TaskState& task) { return task.phase == Phase::closed; })) return;
        }
        broken(m_seed, m_number, "a task does not end");
    }
    [[nodiscard]] std::size_t richest() const
    {
        const auto& accounts = m_ledger.accounts().entries();
        return static_cast<std::size_t>(
            std::max_element(accounts.begin(), accounts.end(), [](const Account& a, const Account& b) { return a.balance < b.balance; }) -
            accounts.begin());
    }

    void replay()
    {
        Ledger again = m_market.start();
        for (const auto& played : m_played) {
            if (const Tick* now = std::get_if<Tick>(&played)) {
                if (!again.advance(*now)) broken(m_seed, m_number, "time does not go on again");
            } else if (!again.apply(std::get<Transaction>(played))) {
                broken(m_seed, m_number, "what was accepted is refused");
            }
        }
        if (digest_of(again.summary()) != digest_of(m_ledger.summary())) broken(m_seed, m_number, "the state has another digest");
        ++m_counts.replayed;
    }

    std::uint64_t m_seed, m_number = 0;
    test::Market m_market;
    Ledger m_ledger;
    Shadow m_shadow;
    Counts& m_counts;
    Played m_played;
    std::vector<Transaction> m_refused;
};

// The same in blocks with signatures, made by one chain and followed by another; what was refused is offered as well.
void check_blocks(test::Stage& stage, std::uint64_t seed, Counts& counts)
{
    Player player{stage, seed, counts};
    player.play();
    const auto signed_by = [&](Transaction transaction) {
        const auto keys = std::find_if(stage.keys.begin(), stage.keys.end(),
                                       [&](const crypto::KeyPair& pair) { return pair.identity() == transaction.author; });
        if (auto* progress = std::get_if<PostProgress>(&transaction.body)) {
            const auto solver = static_cast<std::size_t>(keys - stage.keys.begin());
            progress->record = stage.sign(solver, progress->record.progress);
        }
        return sign(*keys, stage.rules.network, std::move(transaction));
    };
    Chain maker{player.start()}, follower{player.start()};
    std::vector<SignedTransaction> batch;
    Tick now{1};
    const auto seal = [&] {
        const auto block = maker.seal(now, batch);
        if (!block || block->transactions.size() != batch.size()) broken(seed, maker.height(), "a block lacks what was accepted");
        const auto decoded = decode<Block>(encode(*block));
        if (!decoded || !follower.follow(*decoded)) broken(seed, maker.height(), "a block is not followed");
        batch.clear();
    };
    for (const auto& played : player.played()) {
        if (const Tick* tick = std::get_if<Tick>(&played)) seal(), now = *tick;
        else batch.push_back(signed_by(std::get<Transaction>(played)));
    }
    seal();
    if (maker.head() != follower.head() || digest_of(player.ledger().summary()) != digest_of(Ledger{maker.ledger()}.summary()))
        broken(seed, maker.height(), "blocks lead to another state");
}

bool read_number(const char* text, std::uint64_t& number)
{
    const auto [end, error] = std::from_chars(text, text + std::strlen(text), number);
    return error == std::errc{} && *end == '\0';
}

// In a long run every kind is accepted and refused, and every event is seen, or the play has holes.
int report(const Counts& counts, double seconds)
{
    int missing = 0;
    const auto list = [&](const char* what, const auto& numbers, bool must) {
        std::printf("%s:", what);
        for (const std::uint64_t number : numbers) {
            std::printf(" %llu", static_cast<unsigned long long>(number));
            if (must && number == 0) ++missing;
        }
        std::printf("\n");
    };
    list("accepted, by kind", counts.accepted, true);
    list("refused, by kind", counts.refused, true);
    list("events, by kind", counts.events, true);
    std::printf("%llu transactions in %llu markets, %llu replayed, nothing broken; %.0f transactions a second\n",
                static_cast<unsigned long long>(counts.offered), static_cast<unsigned long long>(counts.markets),
                static_cast<unsigned long long>(counts.replayed), static_cast<double>(counts.offered) / seconds);
    if (missing != 0) std::fprintf(stderr, "%d kinds were never seen\n", missing);
    return missing == 0 || counts.offered < 1'000'000 ? 0 : 1;
}

} // namespace

int main(int count, char** words)
{
    std::uint64_t transactions = 100000, seed = 0;
    if (count > 3 || (count > 1 && !read_number(words[1], transactions)) || (count > 2 && !read_number(words[2], seed)))
        return std::fprintf(stderr, "usage: check_ledgers [TRANSACTIONS [FIRST_SEED]]\n"), 2;
    test::Stage stage;
    Counts counts;
    app::Progress progress{"transactions", transactions};
    check_blocks(stage, seed++, counts);
    while (counts.offered < transactions) {
        progress.update(counts.offered, "");
        Player{stage, seed++, counts}.play();
    }
    return report(counts, progress.finish());
}
