// Committed data that must be shown when somebody asks: a part of a checkpoint, or its keeper loses. A pure state machine, as the dispute
// is. Spec: spec/availability.md.
//
// A requester names a part of one tensor of a state that the keeper has committed to, and pays for it. The keeper shows the chunks with
// their paths to that digest before its time for this request is over, or it has withheld them, which anybody may then claim. What was
// shown is public. There are a few lanes, each with one open request, and each request has the time in which all lanes can be served one
// after the other at the agreed bandwidth: nobody can ask a keeper for more than it has time for, and a request stops no other clock.
#pragma once

#include <assay/dispute/game.hpp>
#include <assay/dispute/settlement.hpp>

namespace assay::dispute {

struct DataTerms {
    std::uint8_t lanes = 8;              // open requests at once, 1 to 64; one of each requester
    std::uint8_t levels = 8;             // a request covers at most 2^levels chunks of 1 KiB, up to 10
    std::uint64_t bytes_per_tick = 1024; // the agreed bandwidth of the keeper, for all lanes together
    Tick latency{};                      // granted to every request, at most 2^40
    Tick clock{1};                       // and what the keeper may take beyond, 1 to 2^60
    std::uint64_t fee = 0;               // of each chunk that is asked for, at most 2^40
    std::uint64_t bond = 0;              // of the keeper, lost once
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.lanes, self.levels, self.bytes_per_tick, self.latency, self.clock, self.fee, self.bond);
    }
    friend bool operator==(const DataTerms&, const DataTerms&) = default;
};

// Whose data, and of which task. Fixed from the start.
struct Keeping {
    Digest task; // binds to a task, and through it to a network
    commit::ProgramCommitment program;
    Digest keeper;
    DataTerms terms;
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.task, self.program, self.keeper, self.terms);
    }
    friend bool operator==(const Keeping&, const Keeping&) = default;
};

// What is asked for: `chunks` is a node of the tensor's tree. The openings show the tensor's type, so that nobody is asked for what no
// state of the program has.
struct DataRequest {
    Digest keeping; // digest_of(Keeping)
    std::uint64_t number = 0;
    Digest requester;
    Digest state;
    std::uint32_t tensor = 0;
    merkle::Range chunks;
    commit::OutputOpening output;
    commit::DescriptorOpening descriptor;
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.keeping, self.number, self.requester, self.state, self.tensor, self.chunks, self.output, self.descriptor);
    }
    friend bool operator==(const DataRequest&, const DataRequest&) = default;
};

struct DataAnswer {
    Digest request;   // digest_of(DataRequest)
    Digest list_root; // of the state's tensors
    Digest tensor_root;
    merkle::Proof tensor_proof; // from the tensor's digest to list_root
    merkle::Proof chunks_proof; // from the chunks' node to tensor_root
    std::vector<Bytes> chunks;
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.request, self.list_root, self.tensor_root, self.tensor_proof, self.chunks_proof, self.chunks);
    }
    friend bool operator==(const DataAnswer&, const DataAnswer&) = default;
};

// The tagged digests `assay.keeping`, `assay.data-request`. Spec: AVAILABILITY-1.
Digest digest_of(const Keeping& keeping);
Digest digest_of(const DataRequest& request, hash::HashFunction function = hash::sha256);

// The most bytes that an answer can have. Requires: a request that was accepted. Spec: AVAILABILITY-4.
std::uint64_t answer_bytes_max(const DataRequest& request, const commit::ProgramCommitment& program);

// The answer about these tensors, which are the state that is asked about. Requires: a request about this state.
DataAnswer answer_of(const DataRequest& request, std::span<const program::Tensor> state, hash::HashFunction function = hash::sha256);

struct OpenRequest {
    DataRequest request;
    Tick deadline; // the last tick at which an answer counts
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.request, self.deadline);
    }
    friend bool operator==(const OpenRequest&, const OpenRequest&) = default;
};

struct AvailabilityState {
    Keeping keeping;
    Tick latest;
    std::uint64_t asked = 0; // requests so far: the number of the next one
    std::vector<OpenRequest> open;
    std::optional<Digest> withheld_from; // the requester that the keeper lost to
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.keeping, self.latest, self.asked, self.open, self.withheld_from);
    }
    friend bool operator==(const AvailabilityState&, const AvailabilityState&) = default;
};

// One keeper's requests. A value; copies are independent. It reads no clock and holds no keys: who may speak for a party is checked one
// layer up, and whether the keeper committed to the state that is asked about, too.
class Availability {
public:
    // Errors: invalid_terms; invalid_statement for counts that no program has. Spec: AVAILABILITY-2.
    static Result<Availability> start(Keeping keeping, Tick now, hash::HashFunction function = hash::sha256);
    // Errors: those of decoding and of start; not_canonical. Spec: AVAILABILITY-7.
    static Result<Availability> decode(ByteView bytes, hash::HashFunction function = hash::sha256);
    [[nodiscard]] Bytes encode() const { return assay::encode(m_state); }

    // Opens a request. Returns: already_made for one that is open. Errors: game_over after something was withheld; wrong_game; stale_move
    // or future_move for another number; limit_exceeded (all lanes are taken, or too many chunks); already_done (the requester has one
    // open); index_out_of_range, too_early, and those of the openings. Spec: AVAILABILITY-3.
    Result<Applied> ask(const DataRequest& request, Tick now);

    // Answers an open request, by whomever: what is shown is committed. Returns: what becomes of the request's fee (AVAILABILITY-6).
    // Errors: wrong_game (nothing such is open), too_late, too_early, wrong_proof_length, root_mismatch, invalid_proof. Spec:
    // AVAILABILITY-5.
    Result<Settlement> answer(const DataAnswer& answer, Tick now);

    // The keeper has lost when a request's time is over, and nothing is open any more. Returns: what becomes of all open fees and of the
    // bond. Errors: wrong_game, too_early; game_over when the keeper lost before. Spec: AVAILABILITY-5.
    Result<Settlement> claim_withheld(const Digest& request, Tick now);

    [[nodiscard]] const AvailabilityState& state() const { return m_state; }
    [[nodiscard]] bool is_lost() const { return m_state.withheld_from.has_value(); }
    // The time from asking to the deadline. Requires: a request that ask() would accept. Spec: AVAILABILITY-4.
    [[nodiscard]] Tick granted_time(const DataRequest& request) const;

    friend bool operator==(const Availability& a, const Availability& b) { return a.m_state == b.m_state; }

private:
    Availability(AvailabilityState state, hash::HashFunction function);
    Status check(const DataRequest& request) const;
    [[nodiscard]] std::optional<std::size_t> find(const Digest& request) const;

    Digest m_id;
    hash::HashFunction m_hash;
    AvailabilityState m_state;
};

} // namespace assay::dispute
