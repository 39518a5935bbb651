// What solvers, verifiers and submitters have in common: a key, a view of the chain, a store of their own, and a turn in which they do the
// most urgent thing there is to do. Spec: spec/node.md, PARTY-1 to PARTY-5.
//
// What a party does is a function of the chain and of what it has stored, and of nothing that it remembers: one that was killed at any
// moment finds the same act again. What it must not forget it stores before it sends anything that rests on it.
#pragma once

#include <map>

#include <assay/node/chain_view.hpp>
#include <assay/node/lists.hpp>
#include <assay/node/segment_run.hpp>
#include <assay/store/chunk_store.hpp>

namespace assay::node {

// A party's secret and what follows from it.
class Identity {
public:
    explicit Identity(const crypto::Seed& seed);

    [[nodiscard]] const crypto::KeyPair& keys() const { return m_keys; }
    [[nodiscard]] const Digest& name() const { return m_keys.identity(); }
    [[nodiscard]] const crypto::VrfKey& drawer() const { return m_drawer; }
    // What hides a commitment of this kind: nobody else can know it, and the party finds it again without storing it. Spec: PARTY-2.
    [[nodiscard]] Digest salt(std::string_view kind, const Digest& task, std::uint64_t number) const;

private:
    crypto::KeyPair m_keys;
    crypto::VrfKey m_drawer;
    Digest m_secret;
};

// Acts that are possible are done in this order.
enum class Urgency : std::uint8_t {
    dispute, // a game's clock runs
    promise, // a phase's deadline runs, and silence costs
    duty,    // what time has made due, and what can wait a little
    chance,  // a bid, a place among the verifiers
    work,    // a slice of computing
};

// Something computed, stored or transferred, without a transaction.
using Work = std::function<Status()>;
struct Act {
    Urgency urgency = Urgency::work;
    Digest task; // zero for what is about no task
    std::string what;
    std::variant<market::Body, Work> content;
};

// What a turn came to.
struct Turn {
    std::string what; // the act in words; empty where there was nothing to do
    Urgency urgency = Urgency::work;
    std::optional<Failure> refused; // why it did not come about: the ledger's or the network's reason
    [[nodiscard]] bool is_idle() const { return what.empty() || refused.has_value(); }
};

// How a piece of work is getting on: "training task 7a73, segment 3", 40 of 100 steps.
using WorkProgress = std::function<void(const std::string& what, std::uint64_t done, std::uint64_t all)>;

struct PartyOptions {
    unsigned threads = 1;
    std::chrono::milliseconds slice{300}; // how long work goes on before the chain is looked at again
    WorkProgress progress;
};

// How a solver departs from the program in a segment; nothing for an honest one. For demonstrations and tests.
using Cheating = std::function<Result<replay::Deviation>(const program::Program&, const commit::Task&, std::uint64_t segment)>;

class Party {
public:
    virtual ~Party();
    Party(const Party&) = delete;
    Party& operator=(const Party&) = delete;

    // Looks at the chain and does one thing. An act that is refused is not tried again before the next tick.
    // Errors: disconnected, after which the next turn begins anew; storage_failed and a bad chain, which are no reason to go on.
    Result<Turn> turn(const std::function<void(const FollowedBlock&)>& seen = {});

    // What it has followed, sealed with its key, to go on from after a restart. Requires: a turn that saw a block. Spec: PARTY-20.
    [[nodiscard]] Bytes sealed_view() const;
    // Goes on from there in the first turn, where the network began in the same way. Errors: commitment_mismatch where this party never sealed
    // these bytes, and those of ChainView::decode; it then begins at the first block, as without.
    Status resume(ByteView sealed);

    // Requires: a turn that got as far as the chain.
    [[nodiscard]] const ChainView& view() const { return *m_view; }
    [[nodiscard]] const Digest& name() const { return m_identity.name(); }

protected:
    // `network` and `own` outlive the party.
    Party(Network& network, store::ChunkStore& own, Identity identity, PartyOptions options, Cheating cheating = {});

    // All that can be done for this task now, or for none.
    virtual Status acts_for(const market::TaskState& task, std::vector<Act>& acts) = 0;
    virtual Status acts_for_none(std::vector<Act>& acts);

    [[nodiscard]] Network& network() { return m_network; }
    [[nodiscard]] store::ChunkStore& own() const { return m_own; }
    [[nodiscard]] const Identity& identity() const { return m_identity; }
    [[nodiscard]] const PartyOptions& options() const { return m_options; }
    [[nodiscard]] Tick now() const { return m_view->now(); }
    [[nodiscard]] const market::Ledger& ledger() const { return m_view->ledger(); }
    // The units that this party's account holds.
    [[nodiscard]] std::uint64_t balance() const;

    // A task's program and data set.
    struct Material {
        std::shared_ptr<const commit::CommittedProgram> program;
        exec::DataSet data;
    };
    // Fetches what is not there yet. Errors: those of fetch; not_yet().
    Result<const Material*> material(const Digest& task);

    // What a party's own computing of a segment came to.
    struct OwnSegment {
        Digest root;
        Digest after;
    };
    // What it stored. Errors: storage_failed.
    Result<std::optional<OwnSegment>> own_segment(const market::TaskState& task, std::uint64_t segment);
    // One slice of computing it: stores its root and the state after it when it is done. Where the state before it cannot be fetched, the
    // segment before is computed first. Spec: PARTY-4.
    Status compute(const market::TaskState& task, std::uint64_t segment);
    // The state that was recorded before a segment. Errors: those of fetch; not_yet() after a slice of it. Spec: PARTY-19.
    Result<std::vector<program::Tensor>> state_before(const market::TaskState& task, std::uint64_t segment);
    [[nodiscard]] Digest digest_before(const market::TaskState& task, std::uint64_t segment) const;
    // The name under which a task's run is stored.
    [[nodiscard]] static Digest run_of(const market::TaskState& task);

    // One slice of uploading a list that is in the store; stores the list under `name` when all of it is there. `what` is for people.
    Status upload_slice(const Digest& list, const std::string& name, const std::string& what);

    // What an act ends with that goes on in a later turn. Spec: PARTY-19.
    Failure not_yet(const std::string& what);
    // Whether an act that failed in this way has no other way: nobody answered, the disk failed, or it goes on in a later turn.
    [[nodiscard]] bool ends_the_act(Error error) const;

    // Offers a transaction to the network.
    Status transact(market::Body body);
    // This party's moves in the games of a task, and claims of the time that others let run out. Spec: PARTY-5.
    Status acts_in_games(const market::TaskState& task, std::vector<Act>& acts);
    // Says what time has made due. Spec: PARTY-3.
    void advance_when_due(const market::TaskState& task, std::vector<Act>& acts);

    // A stored value. Errors: storage_failed, chunk_damaged.
    Result<std::optional<Digest>> stored_name(const std::string& name) const;

private:
    struct Computing {
        Digest run;
        std::uint64_t segment = 0;
        SegmentRun steps;
    };
    struct Uploading {
        Digest list;
        Upload upload;
    };
    struct Traced {
        Digest run;
        std::uint64_t segment = 0;
        std::unique_ptr<replay::RunTrace> trace;
    };

    Status perform(Act& act);
    Status begin_view();
    [[nodiscard]] Digest seal_of(ByteView view) const;
    // One slice of a state's way into the store. Returns: the address of its list. Errors: those of fetch; not_yet().
    Result<Digest> fetch_slice(const Digest& state, std::span<const program::Declaration> declarations, const std::string& what);
    Status play(const market::TaskState& task, const dispute::Game& game);
    Result<replay::Segment> segment_of(const market::TaskState& task, std::uint64_t segment);
    Result<replay::Deviation> deviation_in(const market::TaskState& task, std::uint64_t segment, const program::Program& program) const;
    [[nodiscard]] replay::ExecutorFactory factory_of(const replay::Segment& segment) const;
    Result<replay::RunTrace*> trace_of(const market::TaskState& task, std::uint64_t segment);
    Status keep(const market::TaskState& task, std::uint64_t segment, const SegmentRun& steps);

    Network& m_network;
    store::ChunkStore& m_own;
    Identity m_identity;
    PartyOptions m_options;
    Cheating m_cheating;
    std::optional<ChainView> m_view;
    std::optional<ChainView> m_resumed; // until the first turn
    std::map<Digest, Tick> m_held_back; // tasks whose last act was refused, and until when
    std::map<Digest, Material> m_materials;
    std::optional<Computing> m_computing;
    std::optional<Uploading> m_uploading;
    std::optional<Download> m_downloading;
    bool m_is_unfinished = false; // the act that is being done
    std::string m_waiting;        // the act that goes on in the next turn
    std::optional<Traced> m_traced;
};

} // namespace assay::node
