// Ill-timed and misplaced moves, which both sides can send.
#include "sim/filters.hpp"

namespace assay::sim::filters {

using namespace dispute;

Move with_body(const View& view, MoveBody body)
{
    return view.game.next_move(std::move(body));
}

namespace {

bool has_turn(const View& view)
{
    return !view.game.is_settled() && view.game.to_move() == view.side;
}

} // namespace

void stalls(const View& view, std::vector<Send>& sends)
{
    if (!has_turn(view)) return;
    for (Send& send : sends) send.wait = view.game.deadline().value - std::min(view.game.deadline().value, view.now.value);
}

void is_silent(const View&, std::vector<Send>& sends)
{
    sends.clear();
}

void falls_silent(const View& view, std::vector<Send>& sends)
{
    if (view.game.state().moves() >= 3) sends.clear();
}

void is_late(const View& view, std::vector<Send>& sends)
{
    if (!has_turn(view)) return;
    for (Send& send : sends) send.wait = view.game.deadline().value - std::min(view.game.deadline().value, view.now.value) + 1;
}

void repeats(const View& view, std::vector<Send>& sends)
{
    const std::vector<Send> once = sends;
    for (std::uint64_t copies = 1 + view.random.below(4); copies > 0; --copies)
        for (Send send : once) {
            send.wait += view.random.below(30);
            sends.push_back(std::move(send));
        }
}

void replays_other_games(const View& view, std::vector<Send>& sends)
{
    if (view.heard.empty()) return;
    sends.clear();
    Move move = view.random.of(view.heard);
    sends.push_back({move, 0});
    // The same content again, as if it belonged here.
    sends.push_back({with_body(view, std::move(move.body)), 1});
}

void renames_game(const View&, std::vector<Send>& sends)
{
    for (Send& send : sends) send.move.game.bytes[0] ^= 1;
}

void skips_ahead(const View& view, std::vector<Send>& sends)
{
    for (Send& send : sends) send.move.number += 1 + static_cast<std::uint32_t>(view.random.below(3));
}

void goes_back(const View& view, std::vector<Send>& sends)
{
    for (Send& send : sends) send.move.number -= std::min(send.move.number, 2U);
    if (view.game.state().moves() == 0) sends.clear();
}

void moves_for_the_other(const View& view, std::vector<Send>& sends)
{
    if (view.side == Side::solver) sends = {{with_body(view, Select{static_cast<std::uint32_t>(view.random.below(4)), std::nullopt}), 0}};
    else sends = {{with_body(view, Reveal{view.game.state().front}), 0}, {with_body(view, Open{}), 1}};
}

void changes_its_mind(const View& view, std::vector<Send>& sends)
{
    if (sends.empty()) return;
    // A second answer with the same number right behind the first.
    Move other = sends.front().move;
    if (auto* select = std::get_if<Select>(&other.body)) select->index ^= 1;
    else if (auto* open = std::get_if<Open>(&other.body)) open->root.bytes[0] ^= 1;
    else if (view.side == Side::solver) other.body = Reveal{};
    else other.body = Select{};
    sends.push_back({std::move(other), 0});
}

void sends_noise(const View& view, std::vector<Send>& sends)
{
    sends.clear();
    const auto number = static_cast<std::uint32_t>(view.random.next() % 40);
    Digest some;
    for (std::uint8_t& byte : some.bytes) byte = static_cast<std::uint8_t>(view.random.next());
    const std::array<MoveBody, 5> bodies{Open{some, {some}, std::nullopt, {{some, some}, {}}}, Reveal{{{some, some}, {}}},
                                         RevealChunk{Bytes(number, 7)}, Select{number, std::nullopt},
                                         Prove{{number, std::nullopt}, ArithmeticEvidence{}}};
    sends.push_back({with_body(view, view.random.of(bodies)), 0});
}

} // namespace assay::sim::filters
