// The last moves of games on the toy task: every kind of evidence, at every layer that ends a game, convicting and upholding.
#pragma once

#include "tests/unit/dispute/toy_task.hpp"

namespace assay::toy {

// A game before its last move, which proves, and how it ends.
struct LastProof {
    Game before;
    Move move;
    Tick at;
    Verdict verdict;

    [[nodiscard]] const Evidence& evidence() const { return std::get<Prove>(move.body).evidence; }
};

namespace last_moves {

inline replay::Deviation changed_element(std::uint32_t node, std::uint64_t element)
{
    replay::Deviation deviation;
    deviation.node = [=](std::uint64_t step, NodeIndex here, Tensor& output) {
        if (step != 1 || here.value != node) return false;
        output.set_element(element, output.element(element) ^ 0x00400001U);
        return true;
    };
    return deviation;
}

inline replay::Deviation changed_record(std::uint32_t node, std::uint64_t record, std::size_t part)
{
    replay::Deviation deviation = changed_element(node, 0);
    deviation.records = [=](std::uint64_t step, NodeIndex where, std::uint64_t, std::vector<program::StepRecord>& records) {
        if (step != 1 || where.value != node) return;
        (part < 3 ? records[record].inputs[part] : records[record].result) ^= 4;
    };
    return deviation;
}

inline replay::Deviation skipped_tensor(std::size_t tensor)
{
    replay::Deviation deviation;
    deviation.state = [=](std::uint64_t step, std::span<const Tensor> before, std::vector<Tensor>& after) {
        if (step == 1) after[tensor] = before[tensor];
    };
    return deviation;
}

// Plays the deviating run against the true one, the solver deviating or the challenger.
inline void play(std::vector<LastProof>& all, const replay::Deviation& deviation, bool solver_lies, std::uint64_t steps, std::uint8_t levels)
{
    replay::RunTrace liar = trace(steps, deviation), honest = trace(steps);
    if (*liar.after() == *honest.after()) return;
    replay::RunTrace &solver = solver_lies ? liar : honest, &challenger = solver_lies ? honest : liar;
    const auto transcript = play_out(*solver.statement(Digest{}, 0), terms(levels), parties(), Tick{10}, solver, challenger);
    if (!transcript || transcript->moves.empty() || !std::holds_alternative<Prove>(transcript->moves.back().move.body)) return;
    Transcript shorter = *transcript;
    shorter.moves.pop_back();
    shorter.timeout_claimed.reset();
    Game before = *dispute::replay(shorter);
    Game after = before;
    const TimedMove& last = transcript->moves.back();
    if (!after.apply(last.move, last.at) || !after.is_settled()) return;
    all.push_back({std::move(before), last.move, last.at, *after.verdict()});
}

} // namespace last_moves

inline std::vector<LastProof> last_proofs()
{
    using namespace last_moves;
    std::vector<LastProof> all;
    const std::size_t nodes = toy_program().nodes().size();
    for (const bool solver_lies : {true, false}) {
        for (std::uint32_t node = 0; node < nodes; ++node) play(all, changed_element(node, 0), solver_lies, 3, static_cast<std::uint8_t>(1 + node % 4));
        for (std::size_t tensor = 0; tensor < 3; ++tensor) play(all, skipped_tensor(tensor), solver_lies, 2, 2);
        for (const std::uint32_t sum : {5U, 8U})
            for (std::uint64_t record = 0; record < program::step_count(toy_program().descriptor({sum}), 0); ++record)
                for (std::size_t part = 0; part < 4; ++part) play(all, changed_record(sum, record, part), solver_lies, 2, 3);
    }
    return all;
}

} // namespace assay::toy
