// The run that the simulated market trains: the synthetic program that counts, two steps a segment, replayed by the interpreter. A segment
// depends on the state that it starts from alone, so each of the few different ones is computed once, honestly or not, and its trace is
// kept for disputes about it.
#pragma once

#include <map>

#include <assay/commit/task.hpp>
#include <assay/replay/run_trace.hpp>
#include <assay/sim/synthetic.hpp>

namespace assay::sim {

enum class Work : std::uint8_t {
    honest,
    skipped,  // every state is the one before
    poisoned, // one number of the last step is wrong, and all that follows from it
    lost,     // the same number is wrong, and nothing follows from it: states are right, and a game is lost
};

class TinyRun {
public:
    TinyRun();

    // The task of a run of this many segments.
    [[nodiscard]] commit::Task task(std::uint64_t segments) const;
    [[nodiscard]] Bytes program() const { return m_program->program().encode(); }

    struct Segment {
        Digest after; // the state at its end
        Digest root;  // over the states after each of its steps
    };
    // Requires: `before` is the initial state or one that a segment ended with.
    const Segment& segment(const Digest& before, Work work) { return made(before, work).segment; }
    // What a party would say about this segment in a dispute.
    dispute::Trace& trace(const Digest& before, Work work) { return *made(before, work).trace; }

    static constexpr std::uint64_t interval = 2;

private:
    struct Made {
        Segment segment;
        std::unique_ptr<replay::RunTrace> trace;
    };
    Made& made(const Digest& before, Work work);
    std::unique_ptr<replay::RunTrace> make_trace(std::uint32_t counter, Work work) const;

    std::shared_ptr<const commit::CommittedProgram> m_program;
    exec::DataSet m_data;
    std::uint64_t m_seed = 0;
    Digest m_initial, m_data_digest;
    std::map<Digest, std::uint32_t> m_counters; // of the states that were met
    std::map<std::pair<Digest, Work>, Made> m_made;
};

} // namespace assay::sim
