// Selections of what is not there, and forged evidence of every kind.
#include "sim/filters.hpp"

namespace assay::sim::filters {

using namespace dispute;

namespace {

Select* selection_of(MoveBody& body)
{
    if (auto* select = std::get_if<Select>(&body)) return select;
    if (auto* proof = std::get_if<Prove>(&body)) return &proof->selection;
    return nullptr;
}

template <class Change>
void change_selections(std::vector<Send>& sends, Change change)
{
    for (Send& send : sends)
        if (Select* selection = selection_of(send.move.body)) change(*selection);
}

template <class E, class Change>
void change_evidence(std::vector<Send>& sends, Change change)
{
    for (Send& send : sends)
        if (auto* proof = std::get_if<Prove>(&send.move.body))
            if (auto* evidence = std::get_if<E>(&proof->evidence)) change(*evidence);
}

template <class Change>
void change_openings(std::vector<Send>& sends, Change change)
{
    change_evidence<InputEvidence>(sends, [&](InputEvidence& evidence) { change(evidence.operand); });
    change_evidence<ElementEvidence>(sends, [&](ElementEvidence& evidence) {
        for (OperandOpening& operand : evidence.operands) change(operand);
    });
}

std::uint32_t front_size(const View& view)
{
    const Front& front = view.game.state().front;
    return static_cast<std::uint32_t>(front.digests.size() + front.records.size());
}

} // namespace

void selects_outside(const View&, std::vector<Send>& sends)
{
    change_selections(sends, [](Select& select) { select.index += 100'000; });
}

void selects_by_chance(const View& view, std::vector<Send>& sends)
{
    if (view.game.is_settled() || view.game.to_move() != view.side) return;
    const bool element = view.game.state().phase == Phase::selecting_element;
    const auto index = static_cast<std::uint32_t>(view.random.below(element ? chunk_elements(view.game.state()) : front_size(view)));
    sends = {{with_body(view, Select{index, std::nullopt}), 0}, {with_body(view, Prove{{index, std::nullopt}, ArithmeticEvidence{}}), 1}};
}

void selects_what_is_proved(const View&, std::vector<Send>& sends)
{
    for (Send& send : sends)
        if (auto* proof = std::get_if<Prove>(&send.move.body)) send.move.body = Select{proof->selection};
}

void proves_too_early(const View&, std::vector<Send>& sends)
{
    for (Send& send : sends)
        if (auto* select = std::get_if<Select>(&send.move.body)) send.move.body = Prove{*select, ArithmeticEvidence{}};
}

void drops_descriptor(const View&, std::vector<Send>& sends)
{
    change_selections(sends, [](Select& select) { select.descriptor.reset(); });
}

void adds_descriptor(const View& view, std::vector<Send>& sends)
{
    change_selections(sends, [&](Select& select) {
        if (!select.descriptor) select.descriptor = view.trace.program().open_descriptor({0});
    });
}

void forges_descriptor(const View&, std::vector<Send>& sends)
{
    change_selections(sends, [](Select& select) {
        if (select.descriptor) select.descriptor->descriptor.name += "!";
    });
}

void takes_other_descriptor(const View& view, std::vector<Send>& sends)
{
    change_selections(sends, [&](Select& select) {
        const auto count = static_cast<std::uint32_t>(view.trace.program().program().nodes().size());
        if (select.descriptor)
            select.descriptor = view.trace.program().open_descriptor({static_cast<std::uint32_t>(view.random.below(count))});
    });
}

void forges_source(const View&, std::vector<Send>& sends)
{
    change_evidence<SourceEvidence>(sends, [](SourceEvidence& evidence) { evidence.tensor.bytes[3] ^= 1; });
}

void forges_list(const View& view, std::vector<Send>& sends)
{
    change_evidence<SourceEvidence>(sends, [&](SourceEvidence& evidence) {
        if (view.random.one_in(3)) evidence.list_root.bytes[0] ^= 1;
        else if (evidence.before) evidence.before->bytes[0] ^= 1;
        else evidence.before.emplace();
    });
}

void forges_output(const View& view, std::vector<Send>& sends)
{
    change_evidence<OutputEvidence>(sends, [&](OutputEvidence& evidence) {
        if (view.random.one_in(2)) evidence.output.node.value ^= 1;
        else evidence.tensor.bytes[0] ^= 1;
    });
}

void forges_operand(const View& view, std::vector<Send>& sends)
{
    change_openings(sends, [&](OperandOpening& opening) {
        if (!opening.chunk.empty()) opening.chunk[view.random.below(opening.chunk.size())] ^= 1;
    });
}

void forges_paths(const View& view, std::vector<Send>& sends)
{
    change_openings(sends, [&](OperandOpening& opening) {
        if (view.random.one_in(2) && !opening.tensor_proof.empty()) opening.tensor_proof.pop_back();
        else if (view.random.one_in(2)) opening.chunk_proof.push_back({});
        else opening.tensor_root.bytes[0] ^= 1;
    });
}

void drops_operand(const View&, std::vector<Send>& sends)
{
    change_evidence<ElementEvidence>(sends, [](ElementEvidence& evidence) {
        if (!evidence.operands.empty()) evidence.operands.pop_back();
    });
}

void adds_operand(const View&, std::vector<Send>& sends)
{
    change_evidence<ElementEvidence>(sends, [](ElementEvidence& evidence) {
        evidence.operands.push_back(evidence.operands.empty() ? OperandOpening{} : OperandOpening{evidence.operands.front()});
    });
}

void forges_join(const View& view, std::vector<Send>& sends)
{
    change_evidence<JoinEvidence>(sends, [&](JoinEvidence& evidence) {
        if (view.random.one_in(2)) evidence.record.result ^= 1;
        else evidence.record_proof.push_back({});
    });
}

void names_other_input(const View& view, std::vector<Send>& sends)
{
    const auto other = static_cast<std::uint8_t>(1 + view.random.below(250));
    change_evidence<InputEvidence>(sends,
                                   [&](InputEvidence& evidence) { evidence.input = static_cast<std::uint8_t>(evidence.input + other); });
    change_evidence<JoinEvidence>(sends,
                                  [&](JoinEvidence& evidence) { evidence.input = static_cast<std::uint8_t>(evidence.input + other); });
}

void takes_other_evidence(const View& view, std::vector<Send>& sends)
{
    static const std::array<Evidence, 6> kinds{SourceEvidence{},     OutputEvidence{}, ElementEvidence{},
                                               ArithmeticEvidence{}, InputEvidence{},  JoinEvidence{}};
    for (Send& send : sends)
        if (auto* proof = std::get_if<Prove>(&send.move.body))
            proof->evidence = kinds[(proof->evidence.index() + 1 + view.random.below(5)) % kinds.size()];
}

} // namespace assay::sim::filters
