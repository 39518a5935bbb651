// Spec: API-6.
#include "app/losses.hpp"

#include <algorithm>
#include <bit>
#include <map>

#include <assay/market/block.hpp>
#include <assay/node/lists.hpp>
#include <assay/store/checkpoints.hpp>

namespace assay::app {

using market::EventKind;

namespace {

constexpr std::size_t events_at_once = 500;

struct Record {
    std::uint64_t height = 0;
    std::uint64_t index = 0; // of the checkpoint, from 1
    Tick at;
    Digest solver;
};

// What the events of a task say about its records.
struct History {
    std::optional<std::uint64_t> posted_height;
    std::vector<Record> records;
    std::vector<std::uint64_t> drawn; // of the leg that is audited
    std::map<std::uint64_t, Standing> audited;

    // Another leg begins behind so many records; those of a convicted one do not count.
    void keep(std::uint64_t count)
    {
        std::erase_if(records, [&](const Record& record) { return record.index > count; });
        audited.erase(audited.lower_bound(count), audited.end());
        drawn.clear();
    }
    void add(const store::TaskEvent& one)
    {
        const market::Event& event = one.event;
        if (event.kind == EventKind::posted) posted_height = one.height;
        else if (event.kind == EventKind::progressed) records.push_back({one.height, event.number, one.at, event.party});
        else if (event.kind == EventKind::reopened) keep(event.number);
        else if (event.kind == EventKind::segment_drawn) drawn.push_back(event.number);
        else if (event.kind == EventKind::attested || event.kind == EventKind::disagreed)
            for (std::size_t i = 0; i < drawn.size(); ++i) {
                Standing& standing = audited[drawn[i]];
                standing = std::max(standing, (event.number >> i & 1) != 0 ? Standing::replayed : Standing::contested);
            }
    }
};

Result<History> history_of(const Digest& task, const store::LedgerStore& ledger)
{
    History history;
    for (std::uint64_t from = 0;;) {
        ASSAY_TRY_ASSIGN(const std::vector<store::TaskEvent> events, ledger.events(task, from, events_at_once));
        for (const store::TaskEvent& one : events) history.add(one);
        if (events.size() < events_at_once) return history;
        from += events.size();
    }
}

Result<market::Block> block_at(const store::LedgerStore& ledger, std::uint64_t height)
{
    ASSAY_TRY_ASSIGN(const std::vector<Bytes> blocks, ledger.blocks(height, 1, 1));
    if (blocks.empty()) return failure(Error::not_available, "block " + std::to_string(height));
    return decode<market::Block>(blocks.front());
}

// The place of the tensor "loss" among those of the program's state, if it is a number.
Result<std::optional<std::size_t>> place_of_loss(const LossQuery& query, const History& history, const store::LedgerStore& ledger)
{
    if (!history.posted_height) return std::optional<std::size_t>{};
    ASSAY_TRY_ASSIGN(const market::Block block, block_at(ledger, *history.posted_height));
    for (const market::SignedTransaction& made : block.transactions) {
        const auto* const post = std::get_if<market::Post>(&made.transaction.body);
        if (post == nullptr || task_id(query.network, made.transaction.author, made.transaction.number, post->posting) != query.task)
            continue;
        ASSAY_TRY_ASSIGN(const program::Program program, program::Program::decode(post->posting.program));
        const auto& states = program.states();
        const auto loss = std::find(states.begin(), states.end(), program::Declaration{"loss", program::TensorType{}});
        if (loss != states.end()) return std::optional{static_cast<std::size_t>(loss - states.begin())};
    }
    return std::optional<std::size_t>{};
}

Result<Digest> recorded_state(const LossQuery& query, const Record& record, const store::LedgerStore& ledger)
{
    ASSAY_TRY_ASSIGN(const market::Block block, block_at(ledger, record.height));
    for (const market::SignedTransaction& made : block.transactions) {
        const auto* const post = std::get_if<market::PostProgress>(&made.transaction.body);
        if (post != nullptr && post->record.progress.task == query.task && post->record.progress.index == record.index)
            return post->record.progress.state;
    }
    return failure(Error::not_available, "record " + std::to_string(record.index));
}

// The list's digest was computed when it was announced, and the chunk is hashed when it is read: this is the number that was committed to.
std::optional<float> loss_in(const store::ChunkStore& chunks, const Digest& state, std::size_t place)
{
    const auto list = node::find_list(chunks, state);
    if (!list) return std::nullopt;
    const auto tensor = store::load_tensor(chunks, *list, place, program::TensorType{});
    return tensor ? std::optional{std::bit_cast<float>(tensor->element(0))} : std::nullopt;
}

Standing standing_of(const LossQuery& query, const History& history, std::uint64_t segment)
{
    if (query.refuted == segment) return Standing::refuted;
    const auto audited = history.audited.find(segment);
    return audited == history.audited.end() ? Standing::claimed : audited->second;
}

} // namespace

Result<Losses> losses_of(const LossQuery& query, const store::LedgerStore& ledger, const store::ChunkStore& chunks)
{
    ASSAY_TRY_ASSIGN(const History history, history_of(query.task, ledger));
    ASSAY_TRY_ASSIGN(const std::optional<std::size_t> place, place_of_loss(query, history, ledger));
    Losses losses{history.records.size(), place.has_value(), {}};
    for (std::uint64_t i = query.from; i < history.records.size() && losses.found.size() < query.count; ++i) {
        const Record& record = history.records[static_cast<std::size_t>(i)];
        ASSAY_TRY_ASSIGN(const Digest state, recorded_state(query, record, ledger));
        const std::uint64_t segment = record.index - 1;
        RecordedLoss one{segment,
                         std::min(record.index * query.run.interval, query.run.steps),
                         record.at,
                         record.solver,
                         state,
                         {},
                         standing_of(query, history, segment)};
        if (place) one.loss = loss_in(chunks, state, *place);
        losses.found.push_back(one);
    }
    return losses;
}

} // namespace assay::app
