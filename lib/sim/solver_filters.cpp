// Malformed openings and reveals.
#include "sim/filters.hpp"

namespace assay::sim::filters {

using namespace dispute;

namespace {

template <class Change>
void change_fronts(std::vector<Send>& sends, Change change)
{
    for (Send& send : sends) {
        if (auto* open = std::get_if<Open>(&send.move.body)) change(open->front);
        if (auto* reveal = std::get_if<Reveal>(&send.move.body)) change(reveal->front);
    }
}

template <class Body, class Change>
void change_bodies(std::vector<Send>& sends, Change change)
{
    for (Send& send : sends)
        if (auto* body = std::get_if<Body>(&send.move.body)) change(*body);
}

} // namespace

void shortens_front(const View&, std::vector<Send>& sends)
{
    change_fronts(sends, [](Front& front) {
        if (!front.digests.empty()) front.digests.pop_back();
        else front.records.clear();
    });
}

void lengthens_front(const View&, std::vector<Send>& sends)
{
    change_fronts(sends, [](Front& front) { front.digests.push_back({}); });
}

void mixes_front(const View&, std::vector<Send>& sends)
{
    change_fronts(sends, [](Front& front) {
        if (!front.records.empty()) {
            front.digests.push_back(merkle::leaf_hash(encode(front.records.back())));
            front.records.pop_back();
        } else if (!front.digests.empty()) {
            front.records.push_back({});
            front.digests.pop_back();
        }
    });
}

void swaps_front(const View&, std::vector<Send>& sends)
{
    change_fronts(sends, [](Front& front) {
        if (front.digests.size() > 1) std::swap(front.digests.front(), front.digests.back());
        if (front.records.size() > 1) std::swap(front.records.front(), front.records.back());
        // Equal neighbours would make this an honest front.
        if (!front.digests.empty() && front.digests.front() == front.digests.back()) front.digests.front().bytes[31] ^= 1;
        if (!front.records.empty() && front.records.front() == front.records.back()) front.records.front().result ^= 1;
    });
}

void forges_front(const View& view, std::vector<Send>& sends)
{
    change_fronts(sends, [&](Front& front) {
        if (!front.digests.empty()) front.digests[view.random.below(front.digests.size())].bytes[view.random.below(32)] ^= 0x10;
        if (!front.records.empty()) front.records[view.random.below(front.records.size())].inputs[view.random.below(3)] ^= 0x10;
    });
}

void forges_root(const View&, std::vector<Send>& sends)
{
    change_bodies<Open>(sends, [](Open& open) { open.root.bytes[5] ^= 1; });
}

void forges_pin(const View& view, std::vector<Send>& sends)
{
    change_bodies<Open>(sends, [&](Open& open) {
        if (open.pin.empty()) open.pin.push_back({});
        else open.pin[view.random.below(open.pin.size())].bytes[0] ^= 1;
    });
}

void lengthens_pin(const View&, std::vector<Send>& sends)
{
    change_bodies<Open>(sends, [](Open& open) { open.pin.push_back(open.root); });
}

void drops_pin(const View&, std::vector<Send>& sends)
{
    change_bodies<Open>(sends, [](Open& open) {
        if (open.pin.empty()) open.pin.resize(1);
        else open.pin.clear();
    });
}

void drops_last_record(const View&, std::vector<Send>& sends)
{
    change_bodies<Open>(sends, [](Open& open) {
        if (open.last_record) open.last_record.reset();
        else open.last_record.emplace();
    });
}

void forges_last_record(const View&, std::vector<Send>& sends)
{
    change_bodies<Open>(sends, [](Open& open) {
        if (open.last_record) open.last_record->result ^= 1;
    });
}

void shortens_chunk(const View&, std::vector<Send>& sends)
{
    change_bodies<RevealChunk>(sends, [](RevealChunk& reveal) { reveal.chunk.pop_back(); });
}

void lengthens_chunk(const View&, std::vector<Send>& sends)
{
    change_bodies<RevealChunk>(sends, [](RevealChunk& reveal) { reveal.chunk.push_back(0); });
}

void forges_chunk(const View& view, std::vector<Send>& sends)
{
    change_bodies<RevealChunk>(sends, [&](RevealChunk& reveal) { reveal.chunk[view.random.below(reveal.chunk.size())] ^= 0x40; });
}

void opens_again(const View& view, std::vector<Send>& sends)
{
    for (Send& send : sends)
        if (std::holds_alternative<Reveal>(send.move.body)) send.move = with_body(view, Open{});
}

} // namespace assay::sim::filters
