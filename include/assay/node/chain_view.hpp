// Follows a network's chain on a ledger of its own: what a party decides by, and what a watcher watches. Nothing is believed that does not
// follow from the blocks. Spec: spec/node.md, PARTY-1.
#pragma once

#include <functional>
#include <unordered_map>

#include <assay/node/network.hpp>

namespace assay::node {

// What the blocks said about a task and the ledger's present state no longer does.
struct TaskHistory {
    market::Posting posting;
    std::uint64_t posted_at = 0; // the block's height
    std::vector<Digest> states;  // as recorded after each segment, of all legs that count
    struct Challenge {
        Digest challenger;
        std::uint64_t segment = 0;
        template <class Self, class Visit>
        static auto fields(Self& self, Visit visit)
        {
            return visit(self.challenger, self.segment);
        }
        friend bool operator==(const Challenge&, const Challenge&) = default;
    };
    std::vector<Challenge> challenges; // every one that was made
    struct Contest {
        Digest contester, verifier;
        template <class Self, class Visit>
        static auto fields(Self& self, Visit visit)
        {
            return visit(self.contester, self.verifier);
        }
        friend bool operator==(const Contest&, const Contest&) = default;
    };
    std::vector<Contest> contests; // the same of defences
    bool is_convicted = false; // the last solver
    bool is_closed = false;
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.posting, self.posted_at, self.states, self.challenges, self.contests, self.is_convicted, self.is_closed);
    }

    // Another solver continues behind the first `segments`: what a convicted one recorded does not count.
    void begin_leg(std::uint64_t segments)
    {
        states.resize(segments);
        challenges.clear();
        contests.clear();
        is_convicted = false;
    }
    // All segments were recorded, nobody was convicted, and everything is paid.
    [[nodiscard]] bool is_complete() const { return is_closed && !is_convicted && states.size() == commit::segment_count(posting.task); }
};

// A block, and what its transactions did.
struct FollowedBlock {
    market::Block block;
    std::vector<market::Event> events;
};

// A party's view: the ledger after the last block, and the network's clock. A value that is copied with its ledger.
class ChainView {
public:
    // Begins where the chain begins. Errors: those of the network and of Ledger::start.
    static Result<ChainView> start(Network& network);
    // Goes on behind what was followed before. Whether these bytes are to be believed is the caller's to know. Errors: those of decoding and of
    // Ledger::decode; invalid_block where the ledger is not that after the last block. Spec: PARTY-20.
    static Result<ChainView> decode(ByteView bytes);
    [[nodiscard]] Bytes encode() const;

    // Follows what is new. `seen` is shown every block with what it did. Returns: how many blocks there were.
    // Errors: disconnected, after which it may be called again; invalid_block and others where the chain is bad: it stands before that
    // block.
    Result<std::uint64_t> follow(Network& network, const std::function<void(const FollowedBlock&)>& seen = {});

    [[nodiscard]] const Genesis& genesis() const { return m_genesis; }
    [[nodiscard]] const market::Ledger& ledger() const { return m_chain.ledger(); }
    [[nodiscard]] std::uint64_t height() const { return m_chain.height(); }
    [[nodiscard]] const Digest& head() const { return m_chain.head(); }
    // By the network's clock when it was asked last, and never before the last block.
    [[nodiscard]] Tick now() const { return std::max(m_now, m_chain.ledger().now()); }
    // Nothing where nobody posted such a task.
    [[nodiscard]] const TaskHistory* task(const Digest& id) const;
    // All tasks' names, in the order of their posting.
    [[nodiscard]] const std::vector<Digest>& tasks() const { return m_order; }

private:
    ChainView(Genesis genesis, market::Chain chain) : m_genesis(std::move(genesis)), m_chain(std::move(chain)) {}
    struct Parts;
    void record(const market::Block& block, std::span<const market::Event> events);

    struct DigestHash {
        std::size_t operator()(const Digest& digest) const noexcept;
    };

    Genesis m_genesis;
    market::Chain m_chain;
    market::BlockHeader m_last; // of the block before the next
    Tick m_now;
    std::optional<Failure> m_bad; // why the chain cannot be followed any more
    std::unordered_map<Digest, TaskHistory, DigestHash> m_tasks;
    std::vector<Digest> m_order;
};

} // namespace assay::node
