// The one-step check. What is compared is always two of the solver's own commitments, or one of them and the program. Nothing here allocates:
// the move is read where it lies.
#include <assay/dispute/referee.hpp>

#include <assay/commit/tensors.hpp>

namespace assay::dispute {

using merkle::Borrowed;
using program::Input;

namespace {

using Judged = Result<Verdict, Refusal>;
using Checked = BasicStatus<Refusal>;

static_assert(std::is_same_v<std::variant_alternative_t<proving_body, MoveBody>, Prove>);

// A move that proves, as Move is encoded.
struct LastMove {
    Digest game;
    std::uint32_t number = 0;
    Digest previous;
    std::uint8_t body = 0;
    BasicProve<Borrowed> proof;
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.game, self.number, self.previous, self.body, self.proof);
    }
};
constexpr std::size_t body_at = 32 + 4 + 32;

// What the move selects: a leaf of the layer's tree, or an element of the chunk, and what the solver committed there.
struct Selected {
    std::uint64_t leaf = 0;
    Digest digest;              // Layer::step and Layer::state
    program::StepRecord record; // Layer::element
    std::uint32_t value = 0;    // Layer::tensor
};

Refusal invalid(const char* why)
{
    return {Error::invalid_proof, why};
}

Verdict verdict_from(bool consistent)
{
    return consistent ? Verdict::upheld : Verdict::convicted;
}

bool is_operand(const Input& input)
{
    return input.kind == Input::Kind::operand || input.kind == Input::Kind::gathered;
}

// Whether infer_type would accept the descriptor, which is asked here about sources only. Spec: DISPUTE-4.
bool is_source(const program::Descriptor& node)
{
    const auto* attributes = std::get_if<program::SourceAttributes>(&node.attributes);
    return program::family_of(node.primitive) == program::Family::source && attributes != nullptr && node.operands.empty() &&
           node.output == attributes->type && program::is_valid(node.output.shape);
}

class Referee {
public:
    Referee(const Place& place, hash::HashFunction function) : m_place(place), m_statement(place.statement), m_hash(function) {}

    Judged judge(const BasicProve<Borrowed>& proof)
    {
        ASSAY_TRY(select(proof.selection));
        const auto& evidence = proof.evidence;
        if (const auto* source = std::get_if<BasicSourceEvidence<Borrowed>>(&evidence)) return judge_source(*source, proof.selection);
        if (const auto* output = std::get_if<BasicOutputEvidence<Borrowed>>(&evidence)) return judge_output(*output);
        if (const auto* element = std::get_if<BasicElementEvidence<Borrowed>>(&evidence)) return judge_element(*element);
        if (m_place.layer != Layer::element) return invalid("no record is disputed");
        const program::ScalarStep step = program::scalar_step(*m_place.descriptor, m_place.element, m_selected.leaf);
        if (const auto* input = std::get_if<BasicInputEvidence<Borrowed>>(&evidence)) return judge_input(*input, step);
        if (const auto* join = std::get_if<BasicJoinEvidence<Borrowed>>(&evidence)) return judge_join(*join, step);
        return judge_arithmetic(step);
    }

private:
    Checked included(std::uint64_t index, std::uint64_t size, ByteView leaf, ListView<Digest> proof, const Digest& root) const
    {
        return merkle::check_inclusion(index, size, merkle::leaf_hash(leaf, m_hash), proof, root, m_hash);
    }
    Checked in_step(std::uint64_t node, const Digest& tensor, ListView<Digest> proof) const
    {
        return included(node, std::uint64_t{m_statement.program.node_count} + 1, view_of(tensor), proof, m_place.step_root);
    }
    [[nodiscard]] std::uint32_t computed(const program::ScalarStep& step, const std::array<std::uint32_t, 3>& in) const
    {
        return program::compute<program::IntegerArithmetic>(step, in[0], in[1], in[2], m_statement.seed);
    }

    // Spec: DISPUTE-13.
    Checked select(const BasicSelect<Borrowed>& selection)
    {
        const bool is_node = m_place.layer != Layer::tensor;
        ASSAY_TRY(is_node ? select_leaf(selection.index) : select_element(selection.index));
        const bool has_descriptor = m_place.layer == Layer::step && m_selected.leaf < m_statement.program.node_count;
        if (selection.descriptor.has_value() != has_descriptor) return invalid("a descriptor is shown where a node is selected, and nowhere else");
        if (!has_descriptor) return {};
        return commit::verify(*selection.descriptor, {static_cast<std::uint32_t>(m_selected.leaf)}, m_statement.program, m_hash);
    }
    Checked select_leaf(std::uint32_t index)
    {
        const auto entry = merkle::front_entry(m_place.node, m_place.levels, index);
        const bool is_record = m_place.layer == Layer::element;
        if (!entry || !entry->node.is_leaf() || (is_record ? entry->leaves_before >= m_place.records.size() : index >= m_place.digests.size()))
            return Refusal{Error::nothing_selected, "the front shows no such leaf"};
        m_selected.leaf = entry->node.begin;
        if (is_record) m_selected.record = m_place.records[entry->leaves_before];
        else m_selected.digest = m_place.digests[index];
        return {};
    }
    Checked select_element(std::uint32_t index)
    {
        const program::DataType type = m_place.descriptor->output.type;
        if (index >= m_place.chunk.size() / program::width_of(type)) return Refusal{Error::nothing_selected, "the chunk has no such element"};
        m_selected.leaf = m_place.node.begin * commit::elements_per_chunk(type) + index;
        m_selected.value = program::element_of(m_place.chunk, type, index);
        return {};
    }

    // The element that an input names, as the solver committed it in this step. Spec: DISPUTE-17.
    Result<std::uint32_t, Refusal> opened(const Input& input, std::uint32_t row, const BasicOperandOpening<Borrowed>& opening) const
    {
        const bool gathered = input.kind == Input::Kind::gathered;
        const std::uint64_t element = gathered ? program::gathered_element(*m_place.descriptor, input.value, row) : input.value;
        const program::Operand& operand = m_place.descriptor->operands[gathered ? 0 : input.slot];
        const std::uint64_t per_chunk = commit::elements_per_chunk(operand.type.type), chunk = element / per_chunk;
        if (opening.chunk.size() != commit::chunk_bytes(operand.type, chunk)) return invalid("the operand's chunk has another size");
        ASSAY_TRY(included(chunk, commit::chunk_count(operand.type), opening.chunk, opening.chunk_proof, opening.tensor_root));
        ASSAY_TRY(in_step(operand.node.value, commit::tensor_digest(operand.type, opening.tensor_root, m_hash), opening.tensor_proof));
        return program::element_of(opening.chunk, operand.type.type, element % per_chunk);
    }

    // Spec: DISPUTE-15.
    [[nodiscard]] Judged judge_source(const BasicSourceEvidence<Borrowed>& evidence, const BasicSelect<Borrowed>& selection) const
    {
        if (m_place.layer != Layer::step || !selection.descriptor || !is_source(selection.descriptor->descriptor))
            return invalid("no source is disputed");
        const program::Descriptor& node = selection.descriptor->descriptor;
        const bool is_state = node.primitive == program::Primitive::state, own_before = is_state && m_place.step > 0;
        if (evidence.before.has_value() != own_before || (!own_before && !evidence.before_proof.empty()))
            return invalid("the state before the step is opened for states after the first step only");
        Digest list = is_state ? m_statement.before : m_statement.data;
        if (own_before) {
            list = *evidence.before;
            ASSAY_TRY(included(m_place.step - 1, m_statement.steps, view_of(list), evidence.before_proof, m_place.segment_root));
        }
        const std::uint32_t count = is_state ? m_statement.program.state_count : m_statement.program.data_count;
        if (commit::state_digest(count, evidence.list_root, m_hash) != list)
            return Refusal{Error::root_mismatch, "the list of tensors does not have this root"};
        const std::uint32_t index = std::get_if<program::SourceAttributes>(&node.attributes)->index;
        ASSAY_TRY(included(index, count, view_of(evidence.tensor), evidence.tensor_proof, evidence.list_root));
        return verdict_from(evidence.tensor == m_selected.digest);
    }

    // Spec: DISPUTE-16.
    [[nodiscard]] Judged judge_output(const BasicOutputEvidence<Borrowed>& evidence) const
    {
        if (m_place.layer != Layer::state) return invalid("no output is disputed");
        ASSAY_TRY(commit::verify(evidence.output, static_cast<std::uint32_t>(m_selected.leaf), m_statement.program, m_hash));
        ASSAY_TRY(in_step(evidence.output.node.value, evidence.tensor, evidence.tensor_proof));
        return verdict_from(evidence.tensor == m_selected.digest);
    }

    // Spec: DISPUTE-17.
    [[nodiscard]] Judged judge_element(const BasicElementEvidence<Borrowed>& evidence) const
    {
        if (m_place.layer != Layer::tensor) return invalid("no element is disputed");
        if (program::step_count(*m_place.descriptor, m_selected.leaf) != 1) return invalid("the element has several steps");
        const program::ScalarStep step = program::scalar_step(*m_place.descriptor, m_selected.leaf, 0);
        std::array<std::uint32_t, 3> values{};
        std::array<const BasicOperandOpening<Borrowed>*, 3> openings{};
        std::size_t used = 0;
        for (std::size_t i = 0; i < 3; ++i) {
            values[i] = static_cast<std::uint32_t>(step.inputs[i].value);
            if (!is_operand(step.inputs[i])) continue;
            if (used == evidence.operands.size()) return invalid("an operand is not opened");
            openings[i] = &evidence.operands[used++];
        }
        if (used != evidence.operands.size()) return invalid("more is opened than there are operands");
        // y before x: the row of a gathered x is y.
        for (const std::size_t i : {std::size_t{1}, std::size_t{0}, std::size_t{2}}) {
            if (openings[i] == nullptr) continue;
            ASSAY_TRY_ASSIGN(values[i], opened(step.inputs[i], values[1], *openings[i]));
        }
        return verdict_from(computed(step, values) == m_selected.value);
    }

    // Spec: DISPUTE-18.
    [[nodiscard]] Judged judge_arithmetic(const program::ScalarStep& step) const
    {
        const program::StepRecord& record = m_selected.record;
        for (std::size_t i = 0; i < 3; ++i)
            if (step.inputs[i].kind == Input::Kind::immediate && record.inputs[i] != static_cast<std::uint32_t>(step.inputs[i].value))
                return Verdict::convicted;
        return verdict_from(computed(step, record.inputs) == record.result);
    }

    // Spec: DISPUTE-19.
    [[nodiscard]] Judged judge_input(const BasicInputEvidence<Borrowed>& evidence, const program::ScalarStep& step) const
    {
        if (evidence.input >= 3 || !is_operand(step.inputs[evidence.input])) return invalid("this input is no operand");
        const program::StepRecord& record = m_selected.record;
        ASSAY_TRY_ASSIGN(const std::uint32_t committed, opened(step.inputs[evidence.input], record.inputs[1], evidence.operand));
        return verdict_from(committed == record.inputs[evidence.input]);
    }

    // Spec: DISPUTE-20.
    [[nodiscard]] Judged judge_join(const BasicJoinEvidence<Borrowed>& evidence, const program::ScalarStep& step) const
    {
        if (evidence.input >= 3 || step.inputs[evidence.input].kind != Input::Kind::accumulator) return invalid("this input continues no record");
        const auto leaf = encode_within<program::StepRecord::encoded_bytes>(evidence.record);
        ASSAY_TRY(included(step.inputs[evidence.input].value, program::step_count(*m_place.descriptor, m_place.element), leaf,
                           evidence.record_proof, m_place.element_root));
        return verdict_from(evidence.record.result == m_selected.record.inputs[evidence.input]);
    }

    const Place& m_place;
    const Statement& m_statement;
    hash::HashFunction m_hash;
    Selected m_selected;
};

} // namespace

Result<Verdict, Refusal> judge(const Place& place, ByteView move, hash::HashFunction function)
{
    if (move.size() > place.evidence_bytes) return Refusal{Error::limit_exceeded, "the terms allow no proof of this size"};
    if (move.size() > body_at && move[body_at] != proving_body) return Refusal{Error::wrong_move, "the move does not prove"};
    LastMove last;
    Decoder decoder{move};
    decoder(last);
    ASSAY_TRY(decoder.finish());
    if (last.game != place.game || last.number != place.number || last.previous != place.previous)
        return Refusal{Error::wrong_history, "the move is another game's, or was made for another turn"};
    return Referee{place, function}.judge(last.proof);
}

Result<Verdict, Refusal> judge(const Digest& commitment, ByteView place, ByteView move, hash::HashFunction function)
{
    if (hash::tagged_digest_of_encoding("assay.place", place, function) != commitment)
        return Refusal{Error::commitment_mismatch, "the place is not the one that was committed to"};
    Place decoded;
    Decoder decoder{place};
    decoder(decoded);
    ASSAY_TRY(decoder.finish());
    return judge(decoded, move, function);
}

} // namespace assay::dispute
