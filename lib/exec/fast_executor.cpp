// The fast executor: carries out a plan. Threads share out outputs, or blocks of their sums, never the terms of a block (NUMERICS-20).
#include <assay/exec/executor.hpp>

#include <hwy/cache_control.h>

#include <algorithm>
#include <cstring>
#include <new>
#include <system_error>
#include <utility>

#include "exec/byte_order.hpp"
#include "exec/kernels/contraction.hpp"
#include "exec/kernels/maps.hpp"
#include "exec/kernels/reductions.hpp"
#include "exec/kernels/rows.hpp"
#include "exec/memory.hpp"
#include "exec/native_arithmetic.hpp"
#include "exec/plan.hpp"
#include "exec/plan/recomputing.hpp"
#include "exec/thread_pool.hpp"
#include "exec/tile_of_group.hpp"
#include "exec/workspace.hpp"
#include <assay/exec/floating_point_environment.hpp>
#include <assay/exec/vector_target.hpp>

namespace assay::exec {

using program::DataType;
using program::Descriptor;
using program::NodeIndex;
using program::Primitive;
using program::Tensor;

namespace {

constexpr std::size_t elements_of_job = 16384;
constexpr std::size_t tiles_of_job = 16;
constexpr std::size_t batch_jobs_of_thread = 16; // so that one that is held up does not hold up all

// Elements as the executor holds them, in canonical form (NUMERICS-23).
void read_elements(const std::uint8_t* from, DataType type, std::size_t count, std::uint8_t* to)
{
    if (type == DataType::binary32) {
        if (from == to) make_canonical(reinterpret_cast<Word*>(to), count);
        else copy_canonical(reinterpret_cast<const Word*>(from), count, reinterpret_cast<Word*>(to));
        from = to;
    }
    copy_elements(from, type, count * width_of(type), to);
}

class FastExecutor final : public Executor {
public:
    FastExecutor(const program::Program& program, DataSet data, std::uint64_t seed, unsigned threads)
        : m_program(program), m_data(std::move(data)), m_seed(seed), m_threads(threads),
          m_fast(with_recomputed_maps(program, threads), Plan::Mode::grouped, threads), m_is_loaded(program.states().empty())
    {
        for (const auto& state : program.states()) m_states.emplace_back(state.type.bytes());
        m_outputs.resize(program.outputs().size());
        for (std::size_t i = 0; i < m_outputs.size(); ++i)
            if (!m_fast.plan.updated_in_place[i]) m_outputs[i] = output_memory(i);
        for (const NodeIndex node : m_fast.plan.constants) compute_by_definition(m_fast, node);
        reorder_data();
    }

    Status load(std::span<const Tensor> states) override
    {
        ASSAY_TRY(check_tensors(m_program.states(), states));
        for (std::size_t i = 0; i < states.size(); ++i) copy_elements(states[i].bytes().data(), states[i].type(), m_states[i].bytes());
        m_is_loaded = true;
        m_has_outputs = false;
        return {};
    }

    Status load_data(DataSet data) override
    {
        ASSAY_TRY(check_tensors(m_program.data(), *data));
        m_data = std::move(data);
        reorder_data();
        return {};
    }

    void step() override
    {
        run(m_fast, [](NodeIndex) {});
    }

    Status traced_step(const NodeVisitor& visit) override
    {
        try {
            prepare_trace();
        } catch (const std::bad_alloc&) {
            return failure(Error::out_of_memory, "the values of all nodes, which a trace shows, do not fit into memory");
        }
        run(*m_traced, [&](NodeIndex node) {
            std::uint8_t* place = address(*m_traced, node);
            Tensor& value = m_traced->shown[m_traced->plan.shown_in[node.value]];
            const program::TensorType& type = m_program.type(node);
            const bool is_changed = visit(node, value);
            ASSAY_CHECK(value.type() == type && value.bytes().size() == type.bytes());
            if (is_changed || place == value.bytes().data()) copy_elements(value.bytes().data(), type, place);
        });
        return {};
    }

    [[nodiscard]] Tensor output(std::size_t index) const override
    {
        Tensor tensor;
        read_output(index, tensor);
        return tensor;
    }

    void read_outputs(std::vector<Tensor>& tensors) const override
    {
        tensors.resize(m_outputs.size());
        for (std::size_t i = 0; i < tensors.size(); ++i) read_output(i, tensors[i]);
    }

private:
    void prepare_trace()
    {
        if (!m_traced) m_traced = std::make_unique<Workspace>(m_program, Plan::Mode::every_node, m_threads.threads());
        for (std::size_t i = 0; i < m_outputs.size(); ++i)
            if (m_outputs[i].bytes() == nullptr) m_outputs[i] = output_memory(i);
    }

    [[nodiscard]] Memory output_memory(std::size_t index) const { return Memory{m_program.type(m_program.outputs()[index].node).bytes()}; }

    void read_output(std::size_t index, Tensor& tensor) const
    {
        ASSAY_CHECK(m_has_outputs);
        const program::TensorType& type = m_program.type(m_program.outputs()[index].node);
        if (tensor.type() != type) tensor = Tensor{type};
        const std::uint8_t* from = (m_program.is_iterable() ? m_states : m_outputs)[index].bytes();
        std::uint8_t* to = tensor.writable_bytes().data();
        const std::size_t width = width_of(type.type);
        m_threads.parallel_for(type.elements(), elements_of_job, [&](std::size_t begin, std::size_t end, std::size_t) {
            read_elements(from + begin * width, type.type, end - begin, to + begin * width);
        });
    }

    // Where data cannot be read in place, a copy is read.
    void reorder_data()
    {
        if (is_canonical_order) return;
        m_reordered_data.clear();
        for (const Tensor& tensor : *m_data)
            copy_elements(tensor.bytes().data(), tensor.type(), m_reordered_data.emplace_back(tensor.type().bytes()).bytes());
    }
    [[nodiscard]] const std::uint8_t* data_bytes(std::size_t index) const
    {
        return is_canonical_order ? (*m_data)[index].bytes().data() : m_reordered_data[index].bytes();
    }

    template <class Visit>
    void run(const Workspace& space, const Visit& visit)
    {
        ASSAY_CHECK(m_is_loaded);
        const FloatingPointEnvironment environment;
        const std::vector<Instruction>& instructions = space.plan.instructions;
        for (std::size_t i = 0; i < instructions.size(); i += instructions[i].chained) {
            if (instructions[i].chained > 1) compute_chain(space, {&instructions[i], instructions[i].chained});
            else if (instructions[i].maps.empty()) compute_whole(space, instructions[i]);
            else compute_group(space, instructions[i]);
            visit(instructions[i].node); // nobody looks at chains: a trace has none
        }
        for (std::size_t i = 0; i < m_outputs.size(); ++i)
            if (const auto from = space.plan.copied_outputs[i]) {
                const std::uint8_t* bytes = address(space, *from);
                std::copy(bytes, bytes + space.program.type(*from).bytes(), m_outputs[i].bytes());
            }
        for (std::size_t i = 0; i < m_outputs.size() && m_program.is_iterable(); ++i)
            if (!space.plan.updated_in_place[i]) std::swap(m_states[i], m_outputs[i]);
        m_has_outputs = true;
    }

    // Where a node's value lies. Not for values that live in a tile.
    [[nodiscard]] std::uint8_t* address(const Workspace& space, NodeIndex node) const
    {
        const Place place = space.plan.places[node.value];
        switch (place.kind) {
        case Place::Kind::state: return m_states[place.index].bytes();
        // Never written to: no plan places a result in the data set.
        case Place::Kind::data: return const_cast<std::uint8_t*>(data_bytes(place.index));
        case Place::Kind::constant: return space.constants.bytes() + place.index;
        case Place::Kind::output: return m_outputs[place.index].bytes();
        case Place::Kind::arena: return space.arena.bytes() + place.index;
        case Place::Kind::shown: return space.shown[place.index].writable_bytes().data();
        case Place::Kind::batch:
        case Place::Kind::tile: break;
        }
        ASSAY_CHECK(false);
        return nullptr;
    }
    [[nodiscard]] Word* words(const Workspace& space, NodeIndex node) const { return reinterpret_cast<Word*>(address(space, node)); }

    // Where the batch's part of a node's value lies, and it alone.
    [[nodiscard]] Word* words(const Batch& batch, NodeIndex node) const
    {
        const Place place = batch.space.plan.places[node.value];
        if (place.kind == Place::Kind::batch) return reinterpret_cast<Word*>(batch.space.batches[batch.thread].bytes() + place.index);
        return words(batch.space, node) + batch.index * (batch.space.program.type(node).elements() / batch.count);
    }

    void compute_chain(const Workspace& space, std::span<const Instruction> chain)
    {
        const std::size_t batches = chain.front().batches, jobs = batch_jobs_of_thread * m_threads.threads();
        m_threads.parallel_for(batches, (batches + jobs - 1) / jobs, [&](std::size_t begin, std::size_t end, std::size_t thread) {
            for (std::size_t batch = begin; batch < end; ++batch)
                for (const Instruction& instruction : chain) compute_batch({space, thread, batch, batches}, instruction);
        });
    }

    void compute_batch(const Batch& batch, const Instruction& instruction) const
    {
        if (!instruction.maps.empty()) return compute_tiles(batch, instruction, {0, instruction.rows() / batch.count});
        const Descriptor& node = batch.space.descriptors[instruction.node.value];
        const std::size_t elements = node.output.elements() / batch.count;
        Word* out = words(batch, instruction.node);
        switch (node.primitive) {
        case Primitive::contract: {
            Contraction contraction = contraction_of(node);
            contraction.batches /= batch.count;
            return contract_alone(contraction, words(batch, operand(node, 0)), words(batch, operand(node, 1)), out,
                                  batch.space.packed[batch.thread]);
        }
        case Primitive::reduce_sum:
        case Primitive::reduce_maximum: return reduce_rows(node, words(batch, operand(node, 0)), {0, elements}, out);
        default: // a permutation
            copy_view(instruction.moved, words(batch.space, operand(node, 0)), {batch.index * elements, (batch.index + 1) * elements}, out);
        }
    }

    void compute_group(const Workspace& space, const Instruction& group)
    {
        const std::size_t rows = group.rows_of_tile, tiles = (group.rows() + rows - 1) / rows;
        m_threads.parallel_for(tiles, std::max<std::size_t>(1, tiles_of_job * tile_elements / group.words_of_tile),
                               [&](std::size_t begin, std::size_t end, std::size_t thread) {
                                   compute_tiles({space, thread}, group, {begin * rows, std::min(end * rows, group.rows())});
                               });
    }

    // Rows of the group's shape, counted from the batch's first.
    void compute_tiles(const Batch& batch, const Instruction& group, Range rows) const
    {
        const std::size_t first = batch.index * (group.rows() / batch.count);
        for (std::size_t begin = rows.begin; begin < rows.end; begin += group.rows_of_tile) {
            const TileOfGroup tile{batch, group, first, {begin, std::min(begin + group.rows_of_tile, rows.end)}};
            const TileOfGroup next{batch, group, first, {tile.rows.end, std::min(tile.rows.end + group.rows_of_tile, rows.end)}};
            compute_tile(tile, next, begin == rows.begin);
            if (!batch.space.shown.empty()) show(batch.space, group.node, tile.range(false));
        }
    }

    [[nodiscard]] Word* words(const TileOfGroup& tile, NodeIndex node, bool of_rows) const
    {
        const Place place = tile.batch.space.plan.places[node.value];
        switch (place.kind) {
        case Place::Kind::tile: return tile.slot(place.index);
        case Place::Kind::batch: return words(tile.batch, node) + tile.range(of_rows).begin;
        default: return words(tile.batch.space, node) + tile.range_of_whole(of_rows).begin;
        }
    }

    void fetch(Fetching& next) const
    {
        const std::vector<NodeIndex>& operands = next.tile.group.streamed;
        for (std::size_t lines = next.lines_of_step; lines != 0 && next.operand < operands.size(); ++next.operand, next.element = 0) {
            const Word* memory = words(next.tile, operands[next.operand], false);
            for (; next.element < next.elements && lines != 0; next.element += Fetching::line, --lines)
                hwy::Prefetch(memory + next.element);
            if (next.element < next.elements) return;
        }
    }

    void compute_tile(const TileOfGroup& tile, const TileOfGroup& next, bool is_first) const
    {
        Fetching fetching{next};
        for (const ViewedOperand& viewed : tile.group.viewed)
            if (is_first || !viewed.view.is_constant()) copy_operand(tile, viewed);
        for (const GroupedMap& step : tile.group.maps) {
            fetch(fetching);
            std::array<const Word*, 3> in{};
            for (std::size_t i = 0; i < step.operands.size(); ++i) {
                const GroupedMap::Operand& operand = step.operands[i];
                in[i] = operand.slot ? tile.slot(*operand.slot) : words(tile, operand.node, operand.of_rows);
            }
            switch (step.kind) {
            case GroupedMap::Kind::map:
                if (step.causal_rows != 0) compute_causal_map(tile, step, in);
                else
                    compute_map(step.operation, in[0], in[1], in[2], words(tile, step.node, step.of_rows), tile.range(step.of_rows).size());
                break;
            case GroupedMap::Kind::reduction:
                reduce_rows(tile.batch.space.descriptors[step.node.value], in[0], {0, tile.rows.size()}, words(tile, step.node, true),
                            tile.rows.begin);
                break;
            case GroupedMap::Kind::spread: spread_rows(in[0], tile.group.row_length, tile.rows.size(), tile.slot(step.slot)); break;
            }
        }
    }

    void compute_causal_map(const TileOfGroup& tile, const GroupedMap& step, std::array<const Word*, 3> in) const
    {
        Word* out = words(tile, step.node, false);
        const std::size_t length = tile.group.row_length;
        for (std::size_t row = tile.rows.begin; row < tile.rows.end; ++row, out += length) {
            compute_map(step.operation, in[0], in[1], in[2], out, std::min(length, row % step.causal_rows + 1));
            for (const Word*& operand : in)
                if (operand != nullptr) operand += length;
        }
    }

    void copy_operand(const TileOfGroup& tile, const ViewedOperand& viewed) const
    {
        const Batch& batch = tile.batch;
        Word* slot = tile.slot(viewed.slot);
        const Range whole = tile.range_of_whole(viewed.of_rows);
        if (viewed.is_of_chain) copy_view(viewed.view, words(batch, viewed.node), tile.range(viewed.of_rows), slot);
        else if (batch.space.descriptors[viewed.node.value].output.type == DataType::unsigned8)
            copy_view(viewed.view, address(batch.space, viewed.node), whole, slot);
        else copy_view(viewed.view, words(batch.space, viewed.node), whole, slot);
    }

    // Writes elements of a value, in canonical form, where a trace shows it.
    void show(const Workspace& space, NodeIndex node, Range elements) const
    {
        Tensor& shown = space.shown[space.plan.shown_in[node.value]];
        const std::size_t width = width_of(shown.type().type);
        read_elements(address(space, node) + elements.begin * width, shown.type().type, elements.size(),
                      shown.writable_bytes().data() + elements.begin * width);
    }

    // A node that is not computed in a group.
    void compute_whole(const Workspace& space, const Instruction& instruction)
    {
        compute_node(space, instruction);
        if (space.shown.empty()) return;
        m_threads.parallel_for(space.program.type(instruction.node).elements(), elements_of_job,
                               [&](std::size_t begin, std::size_t end, std::size_t) {
                                   show(space, instruction.node, {begin, end});
                               });
    }

    void compute_node(const Workspace& space, const Instruction& instruction)
    {
        const NodeIndex index = instruction.node;
        const Descriptor& node = space.descriptors[index.value];
        const auto operand = [&](std::size_t slot) { return words(space, node.operands[slot].node); };
        Word* out = words(space, index);
        const std::size_t elements = node.output.elements();
        switch (node.primitive) {
        case Primitive::state:
            if (space.plan.places[index.value].kind == Place::Kind::state) return;
            return copy_bytes(m_states[source_index(node)].bytes(), node.output.bytes(), address(space, index));
        case Primitive::data: return copy_bytes(data_bytes(source_index(node)), node.output.bytes(), address(space, index));
        case Primitive::random:
            return random_words(m_seed, *operand(0), std::get<program::GeneratorAttributes>(node.attributes).parameter, elements, out,
                                m_threads);
        case Primitive::contract: return contract(contraction_of(node), operand(0), operand(1), out, space.packed, m_threads);
        case Primitive::reduce_sum:
        case Primitive::reduce_maximum: return reduce(node, operand(0), out);
        case Primitive::gather:
            return gather_rows(address(space, node.operands[0].node), node.operands[0].type.shape[0],
                               node.operands[0].type.bytes() / node.operands[0].type.shape[0],
                               {operand(1), node.operands[1].type.elements()}, address(space, index), m_threads);
        case Primitive::scatter_add: {
            const std::size_t rows = node.output.shape[0];
            return scatter_add_rows(operand(0), elements / rows, {operand(1), node.operands[1].type.elements()}, rows, out,
                                    space.scatter_memory, m_threads);
        }
        case Primitive::reshape: return copy_bytes(address(space, node.operands[0].node), node.output.bytes(), address(space, index));
        case Primitive::permute:
        case Primitive::slice:
        case Primitive::broadcast: return move(space, index, instruction.moved);
        case Primitive::concatenate: return concatenate(space, index);
        default: return compute_by_definition(space, index);
        }
    }

    static NodeIndex operand(const Descriptor& node, std::size_t slot) { return node.operands[slot].node; }
    static std::size_t source_index(const Descriptor& node) { return std::get<program::SourceAttributes>(node.attributes).index; }

    static void copy_bytes(const std::uint8_t* from, std::size_t bytes, std::uint8_t* to) { std::copy(from, from + bytes, to); }

    void reduce(const Descriptor& node, const Word* in, Word* out)
    {
        const std::size_t rows_of_job = std::max<std::size_t>(1, elements_of_job / node.operands[0].type.shape.last());
        m_threads.parallel_for(node.output.elements(), rows_of_job, [&](std::size_t begin, std::size_t end, std::size_t) {
            reduce_rows(node, in, {begin, end}, out);
        });
    }

    // `rows` are counted from row `first` of the node.
    static void reduce_rows(const Descriptor& node, const Word* in, Range rows, Word* out, std::size_t first = 0)
    {
        const auto& attributes = std::get<program::ReductionAttributes>(node.attributes);
        const program::Shape& shape = node.operands[0].type.shape;
        const Reduction reduction{shape.last(), attributes.lanes, attributes.causal ? shape[shape.rank() - 2] : 0, first};
        if (node.primitive == Primitive::reduce_sum) sum_rows(reduction, in, rows, out);
        else maximum_of_rows(reduction, in, rows, out);
    }

    void move(const Workspace& space, NodeIndex index, const View& view)
    {
        const Descriptor& node = space.descriptors[index.value];
        const NodeIndex from = node.operands[0].node;
        m_threads.parallel_for(node.output.elements(), elements_of_job, [&](std::size_t begin, std::size_t end, std::size_t) {
            if (node.output.type == DataType::unsigned8) copy_view(view, address(space, from), {begin, end}, address(space, index) + begin);
            else copy_view(view, words(space, from), {begin, end}, words(space, index) + begin);
        });
    }

    void concatenate(const Workspace& space, NodeIndex index)
    {
        const Descriptor& node = space.descriptors[index.value];
        const std::uint32_t axis = std::get<program::NumberAttributes>(node.attributes).value;
        const std::size_t stride = node.output.shape.elements_from(axis) * width_of(node.output.type);
        std::uint8_t* out = address(space, index);
        for (const program::Operand& operand : node.operands) {
            const std::size_t run = operand.type.shape.elements_from(axis) * width_of(operand.type.type), runs = operand.type.bytes() / run;
            for (std::size_t i = 0; i < runs; ++i) copy_bytes(address(space, operand.node) + i * run, run, out + i * stride);
            out += run;
        }
    }

    // Scalar by scalar, as the interpreter does: for what is rare.
    void compute_by_definition(const Workspace& space, NodeIndex index)
    {
        const Descriptor& node = space.descriptors[index.value];
        const auto read = [&](std::uint8_t slot, std::uint64_t element) {
            const program::Operand& operand = node.operands[slot];
            return operand.type.type == DataType::unsigned8 ? Word{address(space, operand.node)[element]}
                                                            : words(space, operand.node)[element];
        };
        for (std::uint64_t element = 0; element < node.output.elements(); ++element) {
            const Word value = program::evaluate_steps<NativeArithmetic>(node, element, m_seed, read).back().result;
            if (node.output.type == DataType::unsigned8) address(space, index)[element] = static_cast<std::uint8_t>(value);
            else words(space, index)[element] = value;
        }
    }

    program::Program m_program;
    DataSet m_data;
    std::vector<Memory> m_reordered_data; // where m_data cannot be read in place
    std::uint64_t m_seed;
    mutable ThreadPool m_threads; // reading uses them, too
    Workspace m_fast;
    std::unique_ptr<Workspace> m_traced;     // made when the first trace is asked for
    std::vector<Memory> m_states, m_outputs; // an output that only arises in its state's memory has none of its own
    bool m_is_loaded;
    bool m_has_outputs = false;
};

} // namespace

Result<std::unique_ptr<Executor>> make_fast_executor(const program::Program& program, DataSet data, std::uint64_t seed, unsigned threads)
{
    ASSAY_CHECK(threads >= 1);
    ASSAY_TRY(check_processor());
    ASSAY_TRY(check_tensors(program.data(), *data));
    try {
        return std::unique_ptr<Executor>{std::make_unique<FastExecutor>(program, std::move(data), seed, threads)};
    } catch (const std::bad_alloc&) {
        return failure(Error::out_of_memory, "the program's tensors do not fit into memory");
    } catch (const std::system_error&) {
        return failure(Error::out_of_memory, std::to_string(threads) + " threads cannot be begun");
    }
}

} // namespace assay::exec
