// Sums of the sizes of moves along the longest descents.
#include <assay/dispute/bounds.hpp>

#include <assay/commit/tensors.hpp>

#include "dispute/sizes.hpp"

namespace assay::dispute {

namespace {

// A layer's part of a game: how often a front is shown below a node of some height, and how many entries in all.
struct LayerCost {
    std::uint64_t rounds = 0;
    std::uint64_t entries = 0;
};

LayerCost largest(LayerCost a, LayerCost b)
{
    return {std::max(a.rounds, b.rounds), std::max(a.entries, b.entries)};
}

// The most that a descent through a tree of `size` leaves takes. A node's children may stand lower than its height says, and a lower
// node can cost more, because a last lone level is shown with the one above: so this looks at every height.
LayerCost layer_cost(std::uint64_t size, unsigned levels)
{
    LayerCost most_below{1, 1}; // of every height so far
    std::vector<LayerCost> most{most_below};
    LayerCost own = most_below;
    for (unsigned height = 1; height <= merkle::height(size); ++height) {
        const unsigned shown = height <= levels + 1 ? height : levels;
        own = {1, std::uint64_t{1} << shown};
        if (height > shown) {
            const LayerCost below = most[height - shown];
            own = {own.rounds + below.rounds, own.entries + below.entries};
        }
        most_below = largest(most_below, own);
        most.push_back(most_below);
    }
    return own;
}

commit::ProgramCommitment counts_of(const TaskSizes& sizes)
{
    commit::ProgramCommitment counts;
    counts.node_count = static_cast<std::uint32_t>(sizes.nodes);
    counts.output_count = static_cast<std::uint32_t>(sizes.outputs);
    counts.state_count = static_cast<std::uint32_t>(sizes.states);
    counts.data_count = static_cast<std::uint32_t>(sizes.data);
    return counts;
}

// What a part of the game adds up to.
struct Part {
    std::uint64_t rounds = 0;
    std::uint64_t solver_bytes = 0;
    std::uint64_t challenger_bytes = 0;
};

Part operator+(const Part& a, const Part& b)
{
    return {a.rounds + b.rounds, a.solver_bytes + b.solver_bytes, a.challenger_bytes + b.challenger_bytes};
}

Part largest(const Part& a, const Part& b)
{
    return {std::max(a.rounds, b.rounds), std::max(a.solver_bytes, b.solver_bytes), std::max(a.challenger_bytes, b.challenger_bytes)};
}

// A layer whose selections take `selection` bytes, the proof in the last of them included.
Part layer(std::uint64_t size, unsigned levels, std::uint64_t pin, std::uint64_t selection)
{
    const LayerCost cost = layer_cost(size, levels);
    return {cost.rounds, cost.rounds * (move_header_bytes + front_bytes(0, 0)) + 32 * cost.entries + 32 + pin + 1,
            cost.rounds * (move_header_bytes + selection)};
}

constexpr std::uint64_t record_bytes = 16;

std::uint64_t operand_bytes(const TaskSizes& sizes)
{
    return operand_bytes_max(counts_of(sizes), sizes.chunks, commit::chunk_bytes_max);
}

std::uint64_t record_proof_bytes(const TaskSizes& sizes)
{
    return 1 + std::max(operand_bytes(sizes), record_bytes + proof_bytes_max(sizes.scalar_steps));
}

Part whole_game(const TaskSizes& sizes, const Terms& terms)
{
    const commit::ProgramCommitment counts = counts_of(sizes);
    const auto pin = [](std::uint64_t size) { return proof_bytes_max(size); };
    Part game;
    if (sizes.steps > 1) game = layer(sizes.steps, terms.segment_levels, pin(sizes.steps), selection_bytes);
    game = game + layer(sizes.nodes + 1, terms.reveal_levels, pin(sizes.nodes + 1),
                        node_selection_bytes_max(counts) + 1 + source_evidence_bytes_max(counts, sizes.steps));
    const Part state = layer(sizes.outputs, terms.reveal_levels, pin(1), selection_bytes + 1 + output_evidence_bytes_max(counts));
    Part tensor = layer(sizes.chunks, terms.reveal_levels, pin(1), selection_bytes);
    const Part chunk{1, move_header_bytes + 4 + commit::chunk_bytes_max,
                     move_header_bytes + selection_bytes + 1 + 4 + sizes.operands * operand_bytes(sizes)};
    tensor = tensor + chunk;
    if (sizes.scalar_steps > 1)
        tensor = tensor + layer(sizes.scalar_steps, terms.reveal_levels, pin(sizes.scalar_steps) + record_bytes,
                                selection_bytes + 1 + record_proof_bytes(sizes));
    return game + largest(state, tensor);
}

// Blocks of 64 bytes that SHA-256 compresses for a message.
constexpr std::uint64_t blocks_of(std::uint64_t bytes)
{
    return (bytes + 1 + 8 + 63) / 64;
}

constexpr std::uint64_t node_blocks = blocks_of(1 + 32 + 32);

std::uint64_t path_blocks(std::uint64_t size)
{
    return size == 0 ? 0 : node_blocks * merkle::height(size);
}

constexpr std::uint64_t digest_leaf_blocks = blocks_of(1 + 32);
constexpr std::uint64_t tensor_digest_blocks = blocks_of(1 + 12 + program::type_bytes_max + 32); // a length, "assay.tensor", the type, the root
constexpr std::uint64_t state_digest_blocks = blocks_of(1 + 11 + 4 + 32);               // a length, "assay.state", the count, the root

std::uint64_t operand_blocks(std::uint64_t nodes, std::uint64_t chunks, std::uint64_t chunk_bytes)
{
    return blocks_of(1 + chunk_bytes) + path_blocks(chunks) + tensor_digest_blocks + digest_leaf_blocks + path_blocks(nodes + 1);
}

// What the referee reads and hashes for one proof.
struct Work {
    std::uint64_t bytes = 0;
    std::uint64_t blocks = 0;
};

Work largest(Work a, Work b)
{
    return {std::max(a.bytes, b.bytes), std::max(a.blocks, b.blocks)};
}

Work source_work(const TaskSizes& sizes)
{
    const commit::ProgramCommitment counts = counts_of(sizes);
    return {move_header_bytes + node_selection_bytes_max(counts) + 1 + source_evidence_bytes_max(counts, sizes.steps),
            blocks_of(1 + program::descriptor_bytes_max) + path_blocks(sizes.nodes) + digest_leaf_blocks + path_blocks(sizes.steps) +
                state_digest_blocks + digest_leaf_blocks + path_blocks(std::max(sizes.states, sizes.data))};
}

Work output_work(const TaskSizes& sizes)
{
    return {move_header_bytes + selection_bytes + 1 + output_evidence_bytes_max(counts_of(sizes)),
            blocks_of(1 + 4) + path_blocks(sizes.outputs) + digest_leaf_blocks + path_blocks(sizes.nodes + 1)};
}

Work record_work(const TaskSizes& sizes)
{
    const std::uint64_t joined = blocks_of(1 + record_bytes) + path_blocks(sizes.scalar_steps);
    return {move_header_bytes + selection_bytes + 1 + record_proof_bytes(sizes),
            std::max(joined, operand_blocks(sizes.nodes, sizes.chunks, commit::chunk_bytes_max))};
}

Work element_work(const TaskSizes& sizes)
{
    return {move_header_bytes + selection_bytes + 1 + 4 + sizes.operands * operand_bytes(sizes),
            sizes.operands * operand_blocks(sizes.nodes, sizes.chunks, commit::chunk_bytes_max)};
}

Work largest_work(const TaskSizes& sizes)
{
    const Work tensor = largest(element_work(sizes), sizes.scalar_steps > 1 ? record_work(sizes) : Work{});
    return largest(largest(source_work(sizes), output_work(sizes)), tensor);
}

// What one scalar step of a node reads: a move reads one of its operands.
std::uint64_t operands_read(const program::Descriptor& node)
{
    return program::family_of(node.primitive) == program::Family::move ? 1 : node.operands.size();
}

// The most scalar steps that an element of the node has. Limits make a sum's length depend on its row: the first or the last element has the
// longest.
std::uint64_t scalar_steps_max(const program::Descriptor& node)
{
    if (program::family_of(node.primitive) == program::Family::source) return 1;
    return std::max(program::step_count(node, 0), program::step_count(node, node.output.elements() - 1));
}

TaskSizes counts_of(const program::Program& program, std::uint64_t steps)
{
    return {steps, program.nodes().size(), program.outputs().size(), program.states().size(), program.data().size(), 1, 1, 0};
}

Status check_work(const Work& work, const RefereeLimits& limits, const std::string& place)
{
    if (work.bytes > limits.evidence_bytes)
        return failure(Error::limit_exceeded, place + ": a proof can take " + std::to_string(work.bytes) + " bytes, and the limit is " +
                                                  std::to_string(limits.evidence_bytes));
    if (work.blocks > limits.hash_blocks)
        return failure(Error::limit_exceeded, place + ": a proof can take " + std::to_string(work.blocks) +
                                                  " blocks of hashing, and the limit is " + std::to_string(limits.hash_blocks));
    return {};
}

} // namespace

TaskSizes sizes_of(const program::Program& program, std::uint64_t steps)
{
    TaskSizes sizes = counts_of(program, steps);
    for (std::uint32_t i = 0; i < program.nodes().size(); ++i) {
        const program::Descriptor node = program.descriptor({i});
        sizes.chunks = std::max(sizes.chunks, commit::chunk_count(node.output));
        sizes.scalar_steps = std::max(sizes.scalar_steps, scalar_steps_max(node));
        sizes.operands = std::max(sizes.operands, operands_read(node));
    }
    return sizes;
}

Result<Bounds> bounds(const TaskSizes& sizes, const Terms& terms)
{
    Statement statement;
    statement.steps = sizes.steps;
    statement.program = counts_of(sizes);
    if (std::max({sizes.nodes, sizes.outputs, sizes.states, sizes.data}) > program::nodes_max || sizes.chunks > program::elements_max ||
        sizes.scalar_steps > program::elements_max || sizes.operands > program::operands_max)
        return failure(Error::invalid_statement, "no program has these sizes");
    ASSAY_TRY(validate(statement, terms));
    const Part game = whole_game(sizes, terms);
    const Work work = largest_work(sizes);
    Bounds most{game.rounds, game.solver_bytes, game.challenger_bytes, sizes.steps, 1, work.bytes, work.blocks, 1, 0};
    // Every byte is fetched by one side and sent by the other. Times stay below 2^63: at most 1024 moves of a few megabytes.
    const std::uint64_t travelling = 2 * (game.solver_bytes + game.challenger_bytes) / terms.bytes_per_tick;
    most.ticks = terms.solver_clock.value + terms.challenger_clock.value + 2 * game.rounds * (terms.latency.value + 1) + travelling;
    return most;
}

Status validate_limits(const program::Program& program, std::uint64_t steps, const RefereeLimits& limits)
{
    const TaskSizes counts = counts_of(program, steps);
    ASSAY_TRY(check_work(largest(source_work(counts), output_work(counts)), limits, "a source or output"));
    for (std::uint32_t i = 0; i < program.nodes().size(); ++i) {
        const program::Descriptor node = program.descriptor({i});
        if (program::family_of(node.primitive) == program::Family::source) continue;
        TaskSizes sizes = counts;
        sizes.scalar_steps = scalar_steps_max(node);
        sizes.operands = operands_read(node);
        for (const program::Operand& operand : node.operands) sizes.chunks = std::max(sizes.chunks, commit::chunk_count(operand.type));
        const Work work = largest(element_work(sizes), sizes.scalar_steps > 1 ? record_work(sizes) : Work{});
        ASSAY_TRY(check_work(work, limits, "node " + std::to_string(i) + " (" + std::string{node.name} + ")"));
    }
    return {};
}

} // namespace assay::dispute
