// Telling a dispute.
#include "app/walk.hpp"

#include <bit>

#include <fmt/format.h>

#include <assay/commit/tensors.hpp>

namespace assay::app {

using dispute::Game;
using dispute::GameState;
using dispute::Layer;
using dispute::Phase;

namespace {

// How an operation is written, in the letters of its inputs.
std::string_view formula_of(program::Operation operation)
{
    constexpr std::array<std::string_view, 31> formulas{"x, copied",
                                                        "x + y",
                                                        "x - y",
                                                        "x * y",
                                                        "x / y",
                                                        "min(x, y)",
                                                        "max(x, y)",
                                                        "-x",
                                                        "|x|",
                                                        "sqrt(x)",
                                                        "exp(x)",
                                                        "log(x)",
                                                        "tanh(x)",
                                                        "erf(x)",
                                                        "sin(x)",
                                                        "cos(x)",
                                                        "1/sqrt(x)",
                                                        "x < y",
                                                        "x = y",
                                                        "x, rounded",
                                                        "x, truncated",
                                                        "x + y",
                                                        "x - y",
                                                        "x * y",
                                                        "high word of x * y",
                                                        "x < y",
                                                        "x = y",
                                                        "y where x is not 0, otherwise z",
                                                        "x * y + z, rounded once",
                                                        "random word y, z of counter x",
                                                        "x + y where z names the row"};
    const auto index = static_cast<std::size_t>(operation);
    return index < formulas.size() ? formulas[index] : formulas.back();
}

std::string number(std::uint32_t bits, program::DataType type)
{
    if (type != program::DataType::binary32) return std::to_string(bits);
    return fmt::format("{} (0x{:08x})", std::bit_cast<float>(bits), bits);
}

// "x * y + z, rounded once, with x = 0.5 (0x3f000000), ...": the inputs that the formula mentions.
void describe_operation(Walk& walk, program::Operation operation, const std::array<std::uint32_t, 3>& in, program::DataType type)
{
    walk.formula = formula_of(operation);
    std::string inputs;
    for (std::size_t i = 0; i < in.size(); ++i) {
        const char letter = "xyz"[i];
        if (letter != 'x' && walk.formula.find(letter) == std::string::npos) continue;
        walk.inputs.push_back({letter, number(in[i], type)});
        inputs += fmt::format("{}{} = {}", inputs.empty() ? "" : ", ", letter, walk.inputs.back().value);
    }
    walk.operation = fmt::format("{}, with {}", walk.formula, inputs);
}

std::string element_text(const GameState& state, std::uint64_t element)
{
    const program::Shape& shape = state.descriptor->output.shape;
    std::string text;
    for (std::size_t axis = 0; axis < shape.rank(); ++axis)
        text += (axis == 0 ? "" : ", ") + std::to_string(element / shape.elements_from(axis + 1) % shape[axis]);
    return "element [" + text + "]";
}

std::string node_text(const program::Descriptor& descriptor, std::uint32_t node)
{
    return fmt::format("node {} \"{}\": {} -> {}", node, descriptor.name, program::name_of(descriptor.primitive),
                       to_string(descriptor.output));
}

// What a selection in this state points at, if it is something that a person wants to read.
void describe_selection(Walk& walk, const GameState& state, const dispute::Select& select)
{
    const auto add = [&](std::string text) { walk.steps.push_back({std::string{dispute::name_of(state.layer)}, std::move(text)}); };
    if (state.phase == Phase::selecting_element) {
        const std::uint64_t element =
            state.tree(Layer::tensor).node.begin * commit::elements_per_chunk(state.descriptor->output.type) + select.index;
        return add(element_text(state, element) + " = " +
                   number(program::element_of(state.chunk, state.descriptor->output.type, select.index), state.descriptor->output.type));
    }
    const merkle::Range range = dispute::shown_nodes(state)[select.index].range;
    if (!range.is_leaf()) return;
    switch (state.layer) {
    case Layer::segment: return add(fmt::format("step {} of {}", range.begin + 1, state.tree(Layer::segment).size));
    case Layer::step:
        return add(select.descriptor ? node_text(select.descriptor->descriptor, static_cast<std::uint32_t>(range.begin))
                                     : std::string{"the state that the outputs make up"});
    case Layer::state: return add(fmt::format("tensor {} of {}", range.begin, state.tree(Layer::state).size));
    case Layer::tensor: return add(fmt::format("chunk {} of {}", range.begin, state.tree(Layer::tensor).size));
    case Layer::element: return add(fmt::format("scalar operation {} of {}", range.begin + 1, state.tree(Layer::element).size));
    }
}

std::uint32_t right_value(const program::ScalarStep& step, const std::array<std::uint32_t, 3>& in, std::uint64_t seed)
{
    return program::compute<program::IntegerArithmetic>(step, in[0], in[1], in[2], seed);
}

void describe_record(Walk& walk, const GameState& before, const dispute::Prove& proof)
{
    const program::StepRecord& record = dispute::shown_record(before, proof.selection.index);
    const std::uint64_t place = dispute::shown_nodes(before)[proof.selection.index].range.begin;
    const program::ScalarStep step = program::scalar_step(*before.descriptor, before.element, place);
    const program::DataType type = before.descriptor->output.type;
    describe_operation(walk, step.operation, record.inputs, type);
    walk.committed = number(record.result, type);
    if (std::holds_alternative<dispute::ArithmeticEvidence>(proof.evidence))
        walk.right = number(right_value(step, record.inputs, before.statement.seed), type);
    else walk.right = "an input of the operation is not the number that it continues or reads";
}

void describe_element(Walk& walk, const GameState& before, const dispute::Prove& proof)
{
    const program::Descriptor& node = *before.descriptor;
    const std::uint64_t per_chunk = commit::elements_per_chunk(node.output.type);
    const std::uint64_t element = before.tree(Layer::tensor).node.begin * per_chunk + proof.selection.index;
    const program::ScalarStep step = program::scalar_step(node, element, 0);
    const auto& openings = std::get<dispute::ElementEvidence>(proof.evidence).operands;
    std::array<std::uint32_t, 3> in{};
    std::size_t opening = openings.size();
    // From z to x, so that the row of a gathered x is known when x is read.
    for (std::size_t i = 3; i-- > 0;) {
        const program::Input& input = step.inputs[i];
        const bool gathered = input.kind == program::Input::Kind::gathered;
        in[i] = static_cast<std::uint32_t>(input.value);
        if (!gathered && input.kind != program::Input::Kind::operand) continue;
        const program::DataType type = node.operands[gathered ? 0 : input.slot].type.type;
        const std::uint64_t source = gathered ? program::gathered_element(node, input.value, in[1]) : input.value;
        in[i] = program::element_of(openings[--opening].chunk, type, source % commit::elements_per_chunk(type));
    }
    const program::DataType type = node.operands.empty() ? node.output.type : node.operands.back().type.type;
    describe_operation(walk, step.operation, in, type);
    walk.committed = number(program::element_of(before.chunk, node.output.type, proof.selection.index), node.output.type);
    walk.right = number(right_value(step, in, before.statement.seed), node.output.type);
}

void describe_proof(Walk& walk, const GameState& before, const dispute::Prove& proof)
{
    describe_selection(walk, before, proof.selection);
    if (const auto* source = std::get_if<dispute::SourceEvidence>(&proof.evidence)) {
        walk.operation = "a source is a copy of a committed tensor";
        walk.committed = before.front.digests.empty() ? "" : short_hex(before.front.digests[proof.selection.index]) + "...";
        walk.right = short_hex(source->tensor) + "...";
    } else if (const auto* output = std::get_if<dispute::OutputEvidence>(&proof.evidence)) {
        walk.operation = fmt::format("a tensor of the next state is a copy of the output of node {}", output->output.node.value);
        walk.committed = short_hex(before.front.digests[proof.selection.index]) + "...";
        walk.right = short_hex(output->tensor) + "...";
    } else if (std::holds_alternative<dispute::ElementEvidence>(proof.evidence)) describe_element(walk, before, proof);
    else describe_record(walk, before, proof);
}

// The part of its layer that a move leaves in dispute. `after` is the game once it was made.
void describe_narrowing(Walk& walk, const GameState& before, const GameState& after, const dispute::Move& move)
{
    const auto add = [&](std::string_view layer, std::uint64_t size, merkle::Range range) {
        walk.narrowings.push_back({std::string{layer}, move.number, size, range.begin, range.end});
    };
    const auto* const select = std::get_if<dispute::Select>(&move.body);
    const auto* const proof = std::get_if<dispute::Prove>(&move.body);
    if (std::holds_alternative<dispute::Open>(move.body)) {
        const std::uint64_t size = after.tree(before.layer).size;
        add(dispute::name_of(before.layer), size, {0, size});
    } else if (std::holds_alternative<dispute::RevealChunk>(move.body)) {
        add("chunk", dispute::chunk_elements(after), {0, dispute::chunk_elements(after)});
    } else if (select != nullptr || proof != nullptr) {
        const std::uint32_t index = select != nullptr ? select->index : proof->selection.index;
        if (before.phase == Phase::selecting_element) add("chunk", dispute::chunk_elements(before), {index, index + std::uint64_t{1}});
        else add(dispute::name_of(before.layer), before.tree(before.layer).size, dispute::shown_nodes(before)[index].range);
    }
}

std::string verdict_text(const Game& game)
{
    if (!game.is_settled()) return "not settled";
    const std::string who = *game.verdict() == dispute::Verdict::convicted ? "the solver is convicted" : "the solver's claim is upheld";
    if (!game.state().out_of_time)
        return who + (*game.verdict() == dispute::Verdict::convicted ? ": its own commitments contradict each other here"
                                                                     : ": what was pointed at is consistent");
    return who + (*game.state().out_of_time == dispute::Side::solver ? ": it did not answer in time"
                                                                     : ": the challenger had nothing to show in time");
}

} // namespace

Result<Walk> walk_of(const dispute::Transcript& transcript)
{
    ASSAY_TRY_ASSIGN(const Game settled, dispute::replay(transcript));
    ASSAY_TRY_ASSIGN(Game game, Game::start(transcript.statement, transcript.terms, transcript.parties, transcript.started));
    Walk walk;
    for (const dispute::TimedMove& timed : transcript.moves) {
        const std::size_t bytes = encode(timed.move).size();
        (game.to_move() == dispute::Side::solver ? walk.solver_bytes : walk.challenger_bytes) += bytes;
        walk.evidence_bytes = bytes;
        if (const auto* select = std::get_if<dispute::Select>(&timed.move.body)) describe_selection(walk, game.state(), *select);
        if (const auto* proof = std::get_if<dispute::Prove>(&timed.move.body)) describe_proof(walk, game.state(), *proof);
        const GameState before = game.state();
        ASSAY_TRY(game.apply(timed.move, timed.at));
        describe_narrowing(walk, before, game.state(), timed.move);
    }
    walk.moves = settled.state().moves();
    walk.verdict = verdict_text(settled);
    return walk;
}

std::string to_text(const Walk& walk)
{
    std::string text;
    std::string indent = "  ";
    for (const WalkStep& step : walk.steps) {
        text += fmt::format("{}{:<8} {}\n", indent, step.layer, step.text);
        indent += "  ";
    }
    if (!walk.operation.empty())
        text += fmt::format("{}operation: {}\n{}committed: {}\n{}right:     {}\n", indent, walk.operation, indent, walk.committed, indent,
                            walk.right);
    text += fmt::format(
        "  verdict: {}\n  {} moves; the solver sent {} bytes, the challenger {}; the last move, which the referee judges, has {}\n",
        walk.verdict, walk.moves, walk.solver_bytes, walk.challenger_bytes, walk.evidence_bytes);
    return text;
}

} // namespace assay::app
