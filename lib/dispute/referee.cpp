// The one-step check. What is compared is always two of the solver's own commitments, or one of them and the program.
#include <assay/dispute/referee.hpp>

#include <assay/commit/tensors.hpp>

namespace assay::dispute {

using program::Input;

namespace {

Finding finding_from(bool consistent)
{
    return consistent ? Finding::consistent : Finding::fault;
}

Status verify_step_leaf(const GameState& state, std::uint32_t node, const Digest& tensor, std::span<const Digest> proof)
{
    const Descent& step = state.tree(Layer::step);
    return merkle::verify_inclusion(node, step.size, merkle::leaf_hash(view_of(tensor)), proof, step.root);
}

// The element that an input names, as the solver committed it in this step. Spec: DISPUTE-17.
Result<std::uint32_t> opened_element(const GameState& state, const Input& input, std::uint32_t row, const OperandOpening& opening)
{
    const bool gathered = input.kind == Input::Kind::gathered;
    const std::uint64_t element = gathered ? program::gathered_element(*state.descriptor, input.value, row) : input.value;
    const program::Operand& operand = state.descriptor->operands[gathered ? 0 : input.slot];
    const std::uint64_t per_chunk = commit::elements_per_chunk(operand.type.type);
    const std::uint64_t chunk = element / per_chunk;
    if (opening.chunk.size() != commit::chunk_bytes(operand.type, chunk))
        return failure(Error::invalid_proof, "the operand's chunk has another size");
    ASSAY_TRY(merkle::verify_inclusion(chunk, commit::chunk_count(operand.type), merkle::leaf_hash(opening.chunk), opening.chunk_proof,
                                       opening.tensor_root));
    ASSAY_TRY(verify_step_leaf(state, operand.node.value, commit::tensor_digest(operand.type, opening.tensor_root), opening.tensor_proof));
    return program::element_of(opening.chunk, operand.type.type, element % per_chunk);
}

bool is_operand(const Input& input)
{
    return input.kind == Input::Kind::operand || input.kind == Input::Kind::gathered;
}

// Spec: DISPUTE-15.
Result<Finding> judge_at(const GameState& state, const SourceEvidence& evidence)
{
    if (state.phase != Phase::selecting || state.layer != Layer::step) return failure(Error::invalid_proof, "no source is disputed");
    if (state.tree(Layer::step).node.begin >= state.statement.program.node_count ||
        program::family_of(state.descriptor->primitive) != program::Family::source)
        return failure(Error::invalid_proof, "the selected node is not a source");
    const bool is_state = state.descriptor->primitive == program::Primitive::state;
    const bool own_before = is_state && state.step > 0;
    if (evidence.before.has_value() != own_before || (!own_before && !evidence.before_proof.empty()))
        return failure(Error::invalid_proof, "the state before the step is opened for states after the first step only");
    Digest list = is_state ? state.statement.before : state.statement.data;
    if (own_before) {
        const Descent& segment = state.tree(Layer::segment);
        ASSAY_TRY(merkle::verify_inclusion(state.step - 1, segment.size, merkle::leaf_hash(view_of(*evidence.before)),
                                           evidence.before_proof, segment.root));
        list = *evidence.before;
    }
    const std::uint32_t count = is_state ? state.statement.program.state_count : state.statement.program.data_count;
    if (commit::state_digest(count, evidence.list_root) != list)
        return failure(Error::root_mismatch, "the list of tensors does not have this root");
    const std::uint32_t index = std::get<program::SourceAttributes>(state.descriptor->attributes).index;
    ASSAY_TRY(
        merkle::verify_inclusion(index, count, merkle::leaf_hash(view_of(evidence.tensor)), evidence.tensor_proof, evidence.list_root));
    return finding_from(evidence.tensor == state.node_digest);
}

// Spec: DISPUTE-16.
Result<Finding> judge_at(const GameState& state, const OutputEvidence& evidence, std::uint32_t index)
{
    if (state.phase != Phase::selecting || state.layer != Layer::state) return failure(Error::invalid_proof, "no output is disputed");
    ASSAY_TRY(commit::verify(evidence.output, static_cast<std::uint32_t>(state.tree(Layer::state).node.begin), state.statement.program));
    ASSAY_TRY(verify_step_leaf(state, evidence.output.node.value, evidence.tensor, evidence.tensor_proof));
    return finding_from(evidence.tensor == state.front.digests[index]);
}

// Spec: DISPUTE-17.
Result<Finding> judge_at(const GameState& state, const ElementEvidence& evidence)
{
    if (state.phase != Phase::selecting_element) return failure(Error::invalid_proof, "no element is disputed");
    if (program::step_count(*state.descriptor, state.element) != 1) return failure(Error::invalid_proof, "the element has several steps");
    const program::ScalarStep step = program::scalar_step(*state.descriptor, state.element, 0);
    std::array<std::uint32_t, 3> values{};
    std::array<const OperandOpening*, 3> openings{};
    std::size_t used = 0;
    for (std::size_t i = 0; i < 3; ++i) {
        if (!is_operand(step.inputs[i])) {
            values[i] = static_cast<std::uint32_t>(step.inputs[i].value);
            continue;
        }
        if (used == evidence.operands.size()) return failure(Error::invalid_proof, "an operand is not opened");
        openings[i] = &evidence.operands[used++];
    }
    if (used != evidence.operands.size()) return failure(Error::invalid_proof, "more is opened than there are operands");
    // y before x: the row of a gathered x is y.
    for (const std::size_t i : {std::size_t{1}, std::size_t{0}, std::size_t{2}}) {
        if (openings[i] == nullptr) continue;
        ASSAY_TRY_ASSIGN(values[i], opened_element(state, step.inputs[i], values[1], *openings[i]));
    }
    return finding_from(program::compute<program::IntegerArithmetic>(step, values[0], values[1], values[2], state.statement.seed) ==
                        state.value);
}

struct DisputedRecord {
    program::ScalarStep step;
    program::StepRecord record;
};

Result<DisputedRecord> disputed_record(const GameState& state)
{
    if (state.phase != Phase::selecting || state.layer != Layer::element) return failure(Error::invalid_proof, "no record is disputed");
    return DisputedRecord{program::scalar_step(*state.descriptor, state.element, state.tree(Layer::element).node.begin), state.record};
}

// Spec: DISPUTE-18.
Result<Finding> judge_at(const GameState& state, const ArithmeticEvidence&)
{
    ASSAY_TRY_ASSIGN(const DisputedRecord disputed, disputed_record(state));
    const auto& [step, record] = disputed;
    for (std::size_t i = 0; i < 3; ++i)
        if (step.inputs[i].kind == Input::Kind::immediate && record.inputs[i] != static_cast<std::uint32_t>(step.inputs[i].value))
            return Finding::fault;
    const auto& in = record.inputs;
    return finding_from(program::compute<program::IntegerArithmetic>(step, in[0], in[1], in[2], state.statement.seed) == record.result);
}

// Spec: DISPUTE-19.
Result<Finding> judge_at(const GameState& state, const InputEvidence& evidence)
{
    ASSAY_TRY_ASSIGN(const DisputedRecord disputed, disputed_record(state));
    if (evidence.input >= 3 || !is_operand(disputed.step.inputs[evidence.input]))
        return failure(Error::invalid_proof, "this input is no operand");
    ASSAY_TRY_ASSIGN(const std::uint32_t committed,
                     opened_element(state, disputed.step.inputs[evidence.input], disputed.record.inputs[1], evidence.operand));
    return finding_from(committed == disputed.record.inputs[evidence.input]);
}

// Spec: DISPUTE-20.
Result<Finding> judge_at(const GameState& state, const JoinEvidence& evidence)
{
    ASSAY_TRY_ASSIGN(const DisputedRecord disputed, disputed_record(state));
    if (evidence.input >= 3 || disputed.step.inputs[evidence.input].kind != Input::Kind::accumulator)
        return failure(Error::invalid_proof, "this input continues no record");
    const Descent& element = state.tree(Layer::element);
    ASSAY_TRY(merkle::verify_inclusion(disputed.step.inputs[evidence.input].value, element.size, merkle::leaf_hash(encode(evidence.record)),
                                       evidence.record_proof, element.root));
    return finding_from(evidence.record.result == disputed.record.inputs[evidence.input]);
}

} // namespace

Result<Finding> judge(const GameState& state, const Prove& proof)
{
    return std::visit(
        [&](const auto& evidence) -> Result<Finding> {
            if constexpr (std::is_same_v<std::decay_t<decltype(evidence)>, OutputEvidence>)
                return judge_at(state, evidence, proof.selection.index);
            else return judge_at(state, evidence);
        },
        proof.evidence);
}

} // namespace assay::dispute
