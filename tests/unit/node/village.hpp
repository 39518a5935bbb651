// Parties on a network inside of the process, in turns, under a clock that moves when nobody has anything to do. Any of them can be cut off
// after any write or any sent transaction, and is then started again from what it had stored.
#pragma once

#include "tests/unit/market/world.hpp"

#include <map>

#include <assay/commit/tensors.hpp>
#include <assay/node/beacon.hpp>
#include <assay/node/lists.hpp>
#include <assay/node/local_network.hpp>
#include <assay/node/solver.hpp>
#include <assay/node/submitter.hpp>
#include <assay/node/verifier.hpp>
#include <assay/store/checkpoints.hpp>
#include <assay/store/memory_store.hpp>

namespace assay::test {

// What kills a party in these tests.
struct Cut {};

// Counts down the moments at which a party can be cut off, and cuts it off when none is left.
struct Scissors {
    std::uint64_t moments = 0;
    std::optional<std::uint64_t> cut_at;
    void moment()
    {
        if (cut_at && moments == *cut_at) {
            cut_at.reset();
            throw Cut{};
        }
        ++moments;
    }
};

// A store that outlives its party, and may cut it off after a write.
class CuttingStore final : public store::ChunkStore {
public:
    Scissors* scissors = nullptr;

private:
    Status write_records(const std::vector<store::Record>& records) override
    {
        for (const store::Record& record : records) m_records[record.key] = record.value;
        scissors->moment();
        return {};
    }
    [[nodiscard]] Result<std::optional<Bytes>> read_record(const std::string& key) const override
    {
        const auto found = m_records.find(key);
        return found == m_records.end() ? std::optional<Bytes>{} : std::optional{found->second};
    }
    [[nodiscard]] Result<std::vector<std::string>> keys_from(const std::string& prefix) const override
    {
        std::vector<std::string> keys;
        for (auto at = m_records.lower_bound(prefix); at != m_records.end() && at->first.starts_with(prefix); ++at)
            keys.push_back(at->first);
        return keys;
    }
    std::map<std::string, Bytes> m_records;
};

// A party's connection, which may end before something is sent or before the answer is there; and one that hides what it should give out.
class Connection final : public node::Network {
public:
    Connection(node::Network& behind, Scissors& scissors) : m_behind(behind), m_scissors(scissors) {}
    std::optional<Digest> hidden;

    Result<node::Genesis> genesis() override { return m_behind.genesis(); }
    Result<node::Head> head() override { return m_behind.head(); }
    Result<std::uint64_t> submit(const SignedTransaction& transaction) override
    {
        m_scissors.moment();
        auto answer = m_behind.submit(transaction);
        m_scissors.moment();
        return answer;
    }
    Result<std::vector<Block>> blocks(std::uint64_t from, std::size_t limit) override { return m_behind.blocks(from, limit); }
    Status put_chunks(std::span<const Bytes> chunks) override
    {
        auto answer = m_behind.put_chunks(chunks);
        m_scissors.moment();
        return answer;
    }
    Result<std::vector<Bytes>> chunks(std::span<const Digest> addresses) override { return m_behind.chunks(addresses); }
    Result<Digest> announce(const Digest& list) override
    {
        auto answer = m_behind.announce(list);
        m_scissors.moment();
        return answer;
    }
    Result<Digest> list_of(const Digest& state) override
    {
        if (hidden == state) return failure(Error::not_available, "hidden by the test");
        return m_behind.list_of(state);
    }
    Result<node::Head> wait(std::uint64_t height, std::chrono::milliseconds most) override { return m_behind.wait(height, most); }

private:
    node::Network& m_behind;
    Scissors& m_scissors;
};

inline const crypto::Seed seed_of_submitter{{1}}, seed_of_solver{{2}}, seed_of_verifier{{3}}, seed_of_stranger{{4}}, seed_of_fifth{{7}};

class Village {
public:
    using Make = std::function<std::unique_ptr<node::Party>(node::Network&, store::ChunkStore&)>;
    struct Member {
        std::string name;
        Make make;
        Scissors scissors;
        CuttingStore own;
        std::unique_ptr<Connection> connection;
        std::unique_ptr<node::Party> party;
        bool is_silent = false;
        int restarts = 0;
    };

    Village()
    {
        node::Genesis genesis{rules(), {}, Tick{1}, 1000};
        genesis.rules.beacon = node::Identity{seed_of_fifth}.drawer().public_key();
        for (const crypto::Seed& seed : {seed_of_submitter, seed_of_solver, seed_of_verifier, seed_of_stranger, seed_of_fifth})
            genesis.allocations.push_back({KeyPair{seed}.identity(), {10000}});
        m_network = node::LocalNetwork::start(genesis, m_chunks, [this] { return Tick{m_now}; }).value();
    }

    Member& add(std::string name, Make make)
    {
        Member& member = *m_members.emplace_back(std::make_unique<Member>());
        member.name = std::move(name);
        member.make = std::move(make);
        member.own.scissors = &member.scissors;
        member.connection = std::make_unique<Connection>(*m_network, member.scissors);
        return member;
    }

    // Everybody takes turns until `is_over`, which is asked after each. Returns: whether that came before 5000 ticks had passed.
    bool run(const std::function<bool()>& is_over)
    {
        while (m_now < 5000) {
            bool is_quiet = true;
            for (const auto& member : m_members) {
                if (member->is_silent) continue;
                is_quiet = !turn(*member) && is_quiet;
                if (is_over()) return true;
            }
            if (is_quiet) ++m_now;
        }
        return false;
    }

    node::Network& network() { return *m_network; }
    node::LocalNetwork& local() { return *m_network; }
    [[nodiscard]] std::uint64_t now() const { return m_now; }
    std::vector<std::unique_ptr<Member>>& members() { return m_members; }
    std::vector<std::string> story; // what was done, and by whom

    // The chain as anybody follows it.
    const node::ChainView& chain()
    {
        if (!m_chain) m_chain = node::ChainView::start(*m_network).value();
        const auto followed = m_chain->follow(*m_network);
        REQUIRE(followed);
        if (*followed > 0) CHECK(m_chain->ledger().counted() == m_chain->ledger().supply());
        return *m_chain;
    }
    // Of the first task; nothing before it is posted.
    const node::TaskHistory* history() { return chain().tasks().empty() ? nullptr : chain().task(chain().tasks().front()); }
    std::uint64_t balance(const crypto::Seed& seed) { return chain().ledger().account(KeyPair{seed}.identity())->balance.units; }

private:
    // Returns: whether something was done.
    bool turn(Member& member)
    {
        try {
            if (!member.party) member.party = member.make(*member.connection, member.own);
            const auto turn = member.party->turn();
            if (!turn) INFO(turn.failure().message());
            REQUIRE(turn);
            if (turn->refused) story.push_back(member.name + " " + turn->what + ": " + turn->refused->message());
            else if (!turn->what.empty()) story.push_back(member.name + " " + turn->what);
            return !turn->is_idle();
        } catch (const Cut&) {
            member.party.reset();
            ++member.restarts;
            return true;
        }
    }

    std::uint64_t m_now = 1;
    store::MemoryChunkStore m_chunks;
    std::unique_ptr<node::LocalNetwork> m_network;
    std::vector<std::unique_ptr<Member>> m_members;
    std::optional<node::ChainView> m_chain;
};

// The toy task with three segments of two steps, all of which are drawn for two verifiers.
inline node::NewTask toy_task()
{
    node::NewTask task;
    const replay::Segment whole = toy::segment(6);
    task.posting = posting();
    task.posting.task.steps = 6;
    task.posting.terms.drawer = node::Identity{seed_of_submitter}.drawer().public_key();
    task.posting.terms.verifiers = 2;
    task.posting.terms.segments = 3;
    task.posting.terms.legs_max = 2;
    task.posting.terms.window = Tick{20};
    task.data = *whole.data;
    task.initial = whole.before;
    return task;
}

// What an honest run ends in.
inline std::vector<program::Tensor> honest_result()
{
    return toy::trace(6).final_state().value();
}

// One number forged in the second segment.
inline Result<replay::Deviation> forges(const program::Program&, const commit::Task&, std::uint64_t segment)
{
    replay::Deviation deviation;
    if (segment != 1) return deviation;
    deviation.node = [](std::uint64_t step, program::NodeIndex node, program::Tensor& output) {
        if (step != 1 || node.value != 8) return false;
        output.set_element(0, output.element(0) ^ 0x00100000);
        return true;
    };
    return deviation;
}

inline Village::Make makes_submitter(std::optional<node::NewTask> task = toy_task())
{
    return [task](node::Network& network, store::ChunkStore& own) -> std::unique_ptr<node::Party> {
        return node::Submitter::start(network, own, seed_of_submitter, task, {}).value();
    };
}
inline Village::Make makes_solver(const crypto::Seed& seed, std::uint64_t price, node::Cheating cheating = {})
{
    return [=](node::Network& network, store::ChunkStore& own) -> std::unique_ptr<node::Party> {
        node::SolverOptions options;
        options.price = Amount{price};
        options.cheating = cheating;
        return std::make_unique<node::Solver>(network, own, seed, std::move(options));
    };
}
inline Village::Make makes_verifier(const crypto::Seed& seed, bool is_lazy = false)
{
    return [=](node::Network& network, store::ChunkStore& own) -> std::unique_ptr<node::Party> {
        node::VerifierOptions options;
        options.stake = {200};
        options.is_lazy = is_lazy;
        return std::make_unique<node::Verifier>(network, own, seed, std::move(options));
    };
}

} // namespace assay::test
