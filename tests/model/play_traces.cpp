// Plays what spin simulated (spec/model/dispute.pml with -DTRACE) through the game itself: traces.sh pipes it in. After every act the
// game's phase, layer, node, clocks, number of moves and verdict are those of the model; what the model refuses, the game refuses.
//
// The model keeps one bit of every committed value: whether it differs from what the program gives. Here the values are made: the whole
// simulation is read first, so that what is opened late is known when what commits to it is hashed. Spec: DISPUTE-5 to DISPUTE-20.
#include <bit>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <map>
#include <memory>
#include <sstream>

#include <assay/commit/tensors.hpp>
#include <assay/dispute/players.hpp>

using namespace assay;
using namespace assay::dispute;
using program::NodeIndex;
using program::Tensor;
using program::TensorType;

namespace {

enum Kind { start, open_tree, chunk, reveal, select_node, select_element, prove, timeout };
enum Value { leaf, reads, continues, results, element, operand, disputed };

struct Act {
    int kind = 0, taken = 0, one = 0, two = 0, at = 0;
    std::string phase;
    int layer = 0, begin = 0, end = 0, step = 0, node = 0, used[2]{}, moves = 0;
    std::string verdict;
    std::map<std::pair<int, int>, int> values;
    [[nodiscard]] bool bit(Value value, std::uint64_t index = 0) const
    {
        const auto found = values.find({value, static_cast<int>(index)});
        return found != values.end() && found->second != 0;
    }
};

struct Simulation {
    std::string name;
    std::uint64_t steps = 1, chunks = 1, records = 1;
    unsigned levels = 1, grant = 1, clock = 1;
    std::vector<Act> acts;
};

[[noreturn]] void fail(const Simulation& simulation, std::size_t act, const std::string& why)
{
    std::printf("%s, act %zu: %s\n", simulation.name.c_str(), act, why.c_str());
    std::exit(1);
}

Digest garbage(std::string_view what, std::uint64_t index)
{
    return hash::tagged_digest("assay.garbage", std::string{what} + std::to_string(index));
}

float number(std::uint32_t bits)
{
    return std::bit_cast<float>(bits);
}
std::uint32_t bits(float number)
{
    return std::bit_cast<std::uint32_t>(number);
}

// Node 0 reads the state, node 1 sums its rows, node 2 doubles it; the next state holds 2 and 1.
struct Model {
    TensorType matrix, column;
    std::shared_ptr<const commit::CommittedProgram> program;

    explicit Model(const Simulation& simulation)
    {
        const auto columns = static_cast<std::uint32_t>(simulation.records);
        const auto rows = static_cast<std::uint32_t>(256 * simulation.chunks / columns);
        matrix = {program::DataType::binary32, program::Shape{rows, columns}};
        column = {program::DataType::binary32, program::Shape{rows, 1}};
        program::ProgramParts parts;
        parts.states = {{"matrix", matrix}, {"sums", column}};
        parts.nodes = {{program::Primitive::state, program::SourceAttributes{0, matrix}, {}, "before"},
                       {program::Primitive::reduce_sum, program::ReductionAttributes{1, false}, {{0}}, "sums"},
                       {program::Primitive::add, program::NoAttributes{}, {{0}, {0}}, "double"}};
        parts.outputs = {{"matrix", {2}}, {"sums", {1}}};
        auto checked = program::Program::from_parts(std::move(parts));
        if (!checked) std::puts(checked.failure().message().c_str()), std::exit(1);
        program = std::make_shared<const commit::CommittedProgram>(*checked);
    }

    // The outputs of the nodes in a step, as the program gives them.
    [[nodiscard]] std::array<Tensor, 3> outputs(std::uint64_t step) const
    {
        std::array<Tensor, 3> all{Tensor{matrix}, Tensor{column}, Tensor{matrix}};
        for (std::uint64_t i = 0; i < matrix.elements(); ++i) {
            const float value = static_cast<float>(1 + i % 7) * static_cast<float>(std::uint64_t{1} << step);
            const std::uint64_t row = i / matrix.shape.last();
            all[0].set_element(i, bits(value));
            all[1].set_element(row, bits(number(all[1].element(row)) + value));
            all[2].set_element(i, bits(value + value));
        }
        return all;
    }
};

// A tree over digests, whose content is known; and one over hashes only.
struct Listed {
    std::vector<Digest> digests;
    merkle::Tree tree;
    explicit Listed(std::vector<Digest> all = {}) : digests(std::move(all)), tree(commit::digest_tree(digests)) {}
};

// What the solver of a simulation committed.
class Forged final : public Trace {
public:
    Forged(const Simulation& simulation, const Model& model) : m_simulation(simulation), m_model(model), m_last(simulation.acts.back())
    {
        for (const Act& act : simulation.acts) {
            if (act.kind == open_tree && act.taken) m_opened[act.layer] = act;
            if (act.kind == chunk && act.taken) m_elements = act, m_chunk = static_cast<std::uint64_t>(act.begin);
            if (act.kind == select_element && act.taken) m_picked = act.one;
            m_step = static_cast<std::uint64_t>(act.step);
            m_node = static_cast<std::uint32_t>(act.node);
        }
        m_outputs = m_model.outputs(m_step);
        make_records();
        make_operand();
        make_tensor();
        make_step();
    }

    [[nodiscard]] Statement statement() const
    {
        const auto initial = m_model.outputs(0);
        const std::array<Digest, 2> before{commit::tensor_digest(initial[0]), garbage("sums", 0)};
        return {{}, 0, m_model.program->commitment(), {}, 1, commit::state_digest(before), m_after, m_simulation.steps};
    }

    Result<Digest> hash(const TreeAddress& tree, merkle::Range node) override { return tree_of(tree).hash(node); }
    Result<Bytes> leaf(const TreeAddress& tree, std::uint64_t index) override
    {
        using enum TreeAddress::Kind;
        if (tree.kind == tensor) return chunk_bytes(tree.node.value, index);
        if (tree.kind == TreeAddress::Kind::element) return encode(m_records[index]);
        const Listed& list = tree.kind == segment        ? m_segment
                             : tree.kind == step         ? m_steps
                             : tree.kind == state_before ? m_before
                                                         : m_state;
        return Bytes{list.digests[index].bytes.begin(), list.digests[index].bytes.end()};
    }
    [[nodiscard]] const commit::CommittedProgram& program() const override { return *m_model.program; }

    // The element that a choice of 0 or 1 stands for: a chunk's first or last.
    [[nodiscard]] static std::uint32_t place(int choice, std::uint64_t elements)
    {
        return choice == 0 ? 0 : static_cast<std::uint32_t>(elements - 1);
    }

    [[nodiscard]] Evidence evidence(int kind, std::uint64_t place) const
    {
        if (kind == 0) return source_evidence();
        if (kind == 1) {
            const auto output = m_model.program->open_output(static_cast<std::uint32_t>(place));
            return OutputEvidence{output, m_steps.digests[output.node.value], m_steps.tree.prove_inclusion(output.node.value)};
        }
        if (kind == 2) return ElementEvidence{{opening(place), opening(place)}};
        if (kind == 3) return ArithmeticEvidence{};
        if (kind == 4) return InputEvidence{1, opening(row() * m_simulation.records + place)};
        if (place == 0) return JoinEvidence{};
        return JoinEvidence{0, m_records[place - 1], m_record_tree.prove_inclusion(place - 1)};
    }

    // The element of the disputed node that a choice stands for.
    [[nodiscard]] std::uint64_t element_at(int choice) const
    {
        const TensorType& type = type_of(m_node);
        return m_chunk * 256 + place(choice, commit::chunk_bytes(type, m_chunk) / 4);
    }

private:
    [[nodiscard]] const TensorType& type_of(std::uint32_t node) const { return node == 1 ? m_model.column : m_model.matrix; }
    [[nodiscard]] bool is_false(int layer, std::uint64_t index) const
    {
        const auto found = m_opened.find(layer);
        return found != m_opened.end() && found->second.bit(Value::leaf, index);
    }
    [[nodiscard]] std::uint64_t row() const { return element_at(m_picked); }
    [[nodiscard]] bool is_operand_false() const { return m_last.kind == prove && m_last.taken && m_last.bit(operand); }

    // The records of the disputed element: what differs is larger, so that nothing cancels.
    void make_records()
    {
        if (!m_opened.contains(4)) return;
        const Act& act = m_opened.at(4);
        float true_sum = 0, committed = 0;
        std::vector<Digest> hashes;
        for (std::uint64_t k = 0; k < m_simulation.records; ++k) {
            const float true_read = number(m_outputs[0].element(row() * m_simulation.records + k));
            const float read = act.bit(reads, k) ? true_read + 64 : true_read;
            const bool was_false = k > 0 && act.bit(results, k - 1);
            const float continued = !act.bit(continues, k) ? true_sum : was_false ? committed : true_sum + 512;
            true_sum += true_read;
            const bool inputs_false = act.bit(reads, k) || act.bit(continues, k);
            committed = !act.bit(results, k) ? true_sum : inputs_false ? continued + read : true_sum + 1000;
            m_records.push_back({{bits(continued), bits(read), 0}, bits(committed)});
            hashes.push_back(merkle::leaf_hash(encode(m_records.back())));
        }
        m_record_tree = merkle::Tree::from_leaf_hashes(std::move(hashes));
    }

    // Node 0's output: where it differs, the element that is opened does, or another.
    void make_operand()
    {
        m_operand = m_outputs[0];
        if (!is_false(1, 0)) return;
        const std::uint64_t last = m_model.matrix.elements() - 1;
        std::uint64_t opened = last;
        if (m_last.kind == prove && m_last.two == 2) opened = element_at(m_last.one);
        if (m_last.kind == prove && m_last.two == 4) opened = row() * m_simulation.records + static_cast<std::uint64_t>(m_last.one);
        // Of an input's proof the front's entry is known, not the record; but all records of the element are next to each other.
        for (std::uint64_t i = 0; i <= last; ++i) {
            const bool near = opened / m_simulation.records == i / m_simulation.records;
            if (is_operand_false() || !near) m_operand.set_element(i, bits(number(m_operand.element(i)) + 64));
        }
    }

    [[nodiscard]] std::uint32_t element_value(int choice) const
    {
        const std::uint64_t index = element_at(choice);
        const std::uint32_t truth = m_outputs[m_node].element(index);
        if (!m_elements || !m_elements->bit(element, static_cast<std::uint64_t>(choice))) return truth;
        if (m_node == 1) return m_picked == choice && !m_records.empty() ? m_records.back().result : bits(number(truth) + 3000);
        return bits(number(truth) + 128);
    }

    [[nodiscard]] Bytes chunk_bytes(std::uint32_t node, std::uint64_t index) const
    {
        Tensor tensor = node == 0 ? m_operand : m_outputs[node];
        if (node == m_node && node != 0 && m_elements && index == m_chunk)
            for (const int choice : {0, 1}) tensor.set_element(element_at(choice), element_value(choice));
        const ByteView view = commit::chunk_of(tensor, index);
        return {view.begin(), view.end()};
    }

    void make_tensor()
    {
        std::vector<Digest> operand_hashes;
        for (std::uint64_t i = 0; i < commit::chunk_count(m_model.matrix); ++i)
            operand_hashes.push_back(merkle::leaf_hash(commit::chunk_of(m_operand, i)));
        m_operand_tree = merkle::Tree::from_leaf_hashes(std::move(operand_hashes));
        if (!m_opened.contains(3)) return;
        std::vector<Digest> hashes;
        for (std::uint64_t i = 0; i < commit::chunk_count(type_of(m_node)); ++i) {
            const bool shown = m_elements && i == m_chunk;
            hashes.push_back(is_false(3, i) && !shown ? garbage("chunk", i) : merkle::leaf_hash(chunk_bytes(m_node, i)));
        }
        m_tensor_tree = merkle::Tree::from_leaf_hashes(std::move(hashes));
    }

    void make_step()
    {
        std::vector<Digest> nodes;
        for (std::uint32_t node = 0; node < 3; ++node) {
            if (node == 0) nodes.push_back(commit::tensor_digest(m_operand));
            else if (m_opened.contains(3) && node == m_node) nodes.push_back(commit::tensor_digest(type_of(node), m_tensor_tree.root()));
            else nodes.push_back(is_false(1, node) ? garbage("node", node) : commit::tensor_digest(m_outputs[node]));
        }
        // The state after the disputed step, in its tensors where it is opened.
        std::vector<Digest> tensors;
        for (std::uint32_t i = 0; i < 2; ++i) {
            const Digest truth = commit::tensor_digest(m_outputs[2 - i]);
            tensors.push_back(!is_false(2, i) ? truth : is_false(1, 2 - i) ? nodes[2 - i] : garbage("state", i));
        }
        m_state = Listed{tensors};
        Digest after = commit::state_digest(tensors);
        const bool is_state_false = is_false(0, m_step) || (m_simulation.steps == 1 && m_simulation.acts.front().bit(disputed));
        if (is_state_false && !m_opened.contains(2)) after = garbage("after", m_step);
        nodes.push_back(after);
        m_steps = Listed{std::move(nodes)};
        make_segment(after);
    }

    void make_segment(const Digest& disputed_after)
    {
        std::vector<Digest> before{commit::tensor_digest(m_outputs[0]), garbage("sums", 0)};
        if (m_step > 0) before[1] = commit::tensor_digest(m_model.outputs(m_step - 1)[1]);
        if (m_step > 0 && is_false(0, m_step - 1)) {
            if (is_operand_false()) before[0] = is_false(1, 0) ? m_steps.digests[0] : garbage("before", 0);
            before[1] = garbage("before", 1);
        }
        m_before = Listed{before};
        std::vector<Digest> states;
        for (std::uint64_t i = 0; i < m_simulation.steps; ++i) {
            const auto outputs = m_model.outputs(i);
            const std::array truth{commit::tensor_digest(outputs[2]), commit::tensor_digest(outputs[1])};
            if (i == m_step && m_opened.contains(1)) states.push_back(disputed_after);
            else if (m_step > 0 && i == m_step - 1) states.push_back(commit::state_digest(before));
            else states.push_back(is_false(0, i) ? garbage("after", i) : commit::state_digest(truth));
        }
        if (!m_opened.contains(0) && !m_opened.contains(1) && m_simulation.acts.front().bit(disputed)) states.back() = garbage("after", 99);
        m_after = states.back();
        m_segment = Listed{std::move(states)};
    }

    [[nodiscard]] const merkle::Tree& tree_of(const TreeAddress& tree) const
    {
        using enum TreeAddress::Kind;
        if (tree.kind == tensor) return tree.node.value == 0 ? m_operand_tree : m_tensor_tree;
        if (tree.kind == TreeAddress::Kind::element) return m_record_tree;
        return tree.kind == segment        ? m_segment.tree
               : tree.kind == step         ? m_steps.tree
               : tree.kind == state_before ? m_before.tree
                                           : m_state.tree;
    }

    [[nodiscard]] Evidence source_evidence() const
    {
        SourceEvidence evidence;
        if (m_step > 0) {
            evidence.before = m_segment.digests[m_step - 1];
            evidence.before_proof = m_segment.tree.prove_inclusion(m_step - 1);
        }
        evidence.list_root = m_before.tree.root();
        evidence.tensor = m_before.digests[0];
        evidence.tensor_proof = m_before.tree.prove_inclusion(0);
        return evidence;
    }

    [[nodiscard]] OperandOpening opening(std::uint64_t index) const
    {
        const ByteView bytes = commit::chunk_of(m_operand, index / 256);
        return {m_operand_tree.root(),
                m_steps.tree.prove_inclusion(0),
                {bytes.begin(), bytes.end()},
                m_operand_tree.prove_inclusion(index / 256)};
    }

    const Simulation& m_simulation;
    const Model& m_model;
    const Act& m_last;
    std::map<int, Act> m_opened; // by layer
    std::optional<Act> m_elements;
    std::uint64_t m_chunk = 0, m_step = 0;
    std::uint32_t m_node = 0;
    int m_picked = 0;
    std::array<Tensor, 3> m_outputs{};
    std::vector<program::StepRecord> m_records;
    merkle::Tree m_record_tree, m_operand_tree, m_tensor_tree;
    Tensor m_operand;
    Listed m_segment, m_steps, m_state, m_before;
    Digest m_after;
};

// The move that an act stands for; of a refused one, something that the game must refuse as well.
MoveBody body_of(const Game& game, const Act& act, Forged& trace)
{
    const GameState& state = game.state();
    switch (act.kind) {
    case open_tree:
    case chunk:
    case reveal: {
        if (act.taken) return next_solver_move(game, trace).value().body;
        if (act.kind == open_tree) return Open{garbage("root", 0), {}, {}, {}};
        return act.kind == reveal ? MoveBody{Reveal{}} : MoveBody{RevealChunk{Bytes(1024, 1)}};
    }
    default: break;
    }
    Select selection{static_cast<std::uint32_t>(act.one), {}};
    std::uint64_t place = 0;
    if (state.phase == Phase::selecting_element) {
        selection.index = Forged::place(act.one, chunk_elements(state));
        place = trace.element_at(act.one);
    } else if (const auto shown = shown_nodes(state); selection.index < shown.size()) {
        const merkle::Range range = shown[selection.index].range;
        place = range.begin;
        if (state.layer == Layer::step && range.is_leaf() && range.begin < 3)
            selection.descriptor = trace.program().open_descriptor({static_cast<std::uint32_t>(range.begin)});
    }
    if (act.kind != prove) return selection;
    constexpr std::array layers{Layer::step, Layer::state, Layer::tensor, Layer::element, Layer::element, Layer::element};
    const bool fits = state.layer == layers[static_cast<std::size_t>(act.two)] && (act.two != 1 || place < 2) &&
                      (act.two < 3 || place < state.tree(Layer::element).size);
    static const std::array<Evidence, 6> none{SourceEvidence{},     OutputEvidence{}, ElementEvidence{},
                                              ArithmeticEvidence{}, InputEvidence{},  JoinEvidence{}};
    return Prove{selection, fits ? trace.evidence(act.two, place) : none[static_cast<std::size_t>(act.two)]};
}

constexpr std::array phases{"opening", "selecting", "revealing", "revealing_chunk", "selecting_element", "settled"};

std::string difference(const Game& game, const Act& act)
{
    const GameState& state = game.state();
    if (phases[static_cast<std::size_t>(state.phase)] != act.phase)
        return std::string{"the phase is "} + phases[static_cast<std::size_t>(state.phase)];
    if (state.moves() != static_cast<std::uint32_t>(act.moves)) return "there were " + std::to_string(state.moves()) + " moves";
    if (state.solver_used.value != static_cast<std::uint64_t>(act.used[0]))
        return "the solver has used " + std::to_string(state.solver_used.value);
    if (state.challenger_used.value != static_cast<std::uint64_t>(act.used[1]))
        return "the challenger has used " + std::to_string(state.challenger_used.value);
    const std::string verdict = !state.verdict ? "undecided" : *state.verdict == Verdict::convicted ? "convicted" : "upheld";
    if (verdict != act.verdict) return "the verdict is " + verdict;
    if (game.is_settled()) return {};
    if (static_cast<int>(state.layer) != act.layer) return "the layer is " + std::string{name_of(state.layer)};
    const merkle::Range node = state.tree(state.layer).node;
    if (node.begin != static_cast<std::uint64_t>(act.begin) || node.end != static_cast<std::uint64_t>(act.end))
        return "the node is " + std::to_string(node.begin) + " to " + std::to_string(node.end);
    return {};
}

struct Counts {
    std::uint64_t games = 0, acts = 0, refused = 0, by_proof[2]{}, by_clock[2]{};
    std::uint64_t layers[5]{};
};

void play(const Simulation& simulation, Counts& counts)
{
    const Model model{simulation};
    Forged trace{simulation, model};
    Terms terms;
    terms.reveal_levels = terms.segment_levels = static_cast<std::uint8_t>(simulation.levels);
    terms.solver_clock = terms.challenger_clock = Tick{simulation.clock};
    terms.latency = Tick{simulation.grant - 1};
    terms.bytes_per_tick = std::uint64_t{1} << 40;
    auto started = Game::start(trace.statement(), terms, {}, Tick{100});
    if (!started) fail(simulation, 0, started.failure().message());
    Game game = *started;
    ++counts.games;
    for (std::size_t i = 0; i < simulation.acts.size(); ++i) {
        const Act& act = simulation.acts[i];
        if (act.kind == start) {
            if (const std::string why = difference(game, act); !why.empty()) fail(simulation, i, why);
            continue;
        }
        ++counts.acts;
        if (granted_time(game.state()).value != simulation.grant) fail(simulation, i, "the grant is another");
        const Tick now{game.state().turn_started.value + static_cast<std::uint64_t>(act.at)};
        const Bytes before = game.encode();
        const auto result = act.kind == timeout ? game.claim_timeout(now) : game.apply(game.next_move(body_of(game, act, trace)), now);
        if (result.has_value() != (act.taken != 0))
            fail(simulation, i, result ? "the game accepts what the model refuses" : "the game refuses: " + result.failure().message());
        if (!result && game.encode() != before) fail(simulation, i, "a refusal changed something");
        counts.refused += result ? 0 : 1;
        if (const std::string why = difference(game, act); !why.empty()) fail(simulation, i, why);
        ++counts.layers[act.layer];
    }
    if (!game.is_settled()) fail(simulation, simulation.acts.size(), "the game did not end");
    const std::size_t verdict = game.verdict() == Verdict::upheld ? 1 : 0;
    if (game.state().out_of_time) ++counts.by_clock[verdict];
    else ++counts.by_proof[verdict];
}

std::vector<Simulation> read(std::istream& in)
{
    std::vector<Simulation> all;
    std::map<std::pair<int, int>, int> values;
    for (std::string line; std::getline(in, line);) {
        std::istringstream words{line};
        std::string word, skipped;
        words >> word;
        if (word == "game") {
            Simulation one;
            words >> one.steps >> one.chunks >> one.records >> one.levels >> one.grant >> one.clock;
            std::getline(words, one.name);
            all.push_back(std::move(one));
        } else if (word == "value") {
            int kind = 0, index = 0;
            words >> kind >> index >> values[{-1, -1}];
            values[{kind, index}] = values[{-1, -1}];
        } else if (word == "act") {
            Act act;
            words >> act.kind >> act.taken >> act.one >> act.two >> skipped >> act.at >> act.phase >> act.layer >> act.begin >> act.end >>
                skipped >> act.step >> act.node >> skipped >> act.used[0] >> act.used[1] >> skipped >> act.moves >> act.verdict;
            act.values = std::exchange(values, {});
            if (words.fail() || all.empty()) std::printf("not understood: %s\n", line.c_str()), std::exit(1);
            all.back().acts.push_back(std::move(act));
        }
    }
    return all;
}

} // namespace

int main()
{
    Counts counts;
    for (const Simulation& simulation : read(std::cin)) {
        if (simulation.acts.size() < 2) fail(simulation, 0, "nothing was simulated");
        play(simulation, counts);
    }
    std::printf("%llu games, %llu acts, %llu of them refused: all as the model says\n"
                "convicted: %llu by proof, %llu by clock; upheld: %llu by proof, %llu by clock\n"
                "acts by layer: segment %llu, step %llu, state %llu, tensor %llu, element %llu\n",
                static_cast<unsigned long long>(counts.games), static_cast<unsigned long long>(counts.acts),
                static_cast<unsigned long long>(counts.refused), static_cast<unsigned long long>(counts.by_proof[0]),
                static_cast<unsigned long long>(counts.by_clock[0]), static_cast<unsigned long long>(counts.by_proof[1]),
                static_cast<unsigned long long>(counts.by_clock[1]), static_cast<unsigned long long>(counts.layers[0]),
                static_cast<unsigned long long>(counts.layers[1]), static_cast<unsigned long long>(counts.layers[2]),
                static_cast<unsigned long long>(counts.layers[3]), static_cast<unsigned long long>(counts.layers[4]));
    // A comparison of nothing is none.
    return counts.by_proof[0] > 0 && counts.by_proof[1] > 0 && counts.layers[4] > 0 && counts.refused > 0 ? 0 : 1;
}
