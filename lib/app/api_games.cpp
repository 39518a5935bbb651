// Spec: API-4.
#include "app/api_games.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include <assay/crypto/signed_transcript.hpp>

#include "app/walk.hpp"

namespace assay::app {

using nlohmann::json;

namespace {

constexpr std::array move_names{"opens", "reveals", "shows_chunk", "selects", "proves"};
static_assert(move_names.size() == std::variant_size_v<dispute::MoveBody>);

std::string_view name_of(dispute::Side side)
{
    return side == dispute::Side::solver ? "solver" : "challenger";
}

json moves_of(const dispute::Transcript& transcript)
{
    json moves = json::array();
    for (const dispute::TimedMove& made : transcript.moves)
        moves.push_back({{"number", made.move.number},
                         {"at", made.at.value},
                         {"side", name_of(crypto::side_of(made.move.body))},
                         {"kind", move_names[made.move.body.index()]},
                         {"bytes", encode(made.move).size()}});
    return moves;
}

// Layers in the order in which they were opened, each with what every move left of it.
json layers_of(const Walk& walk)
{
    json layers = json::array();
    for (const Narrowing& narrowing : walk.narrowings) {
        if (layers.empty() || layers.back()["layer"] != narrowing.layer)
            layers.push_back({{"layer", narrowing.layer}, {"size", narrowing.size}, {"ranges", json::array()}});
        layers.back()["ranges"].push_back({{"move", narrowing.move}, {"begin", narrowing.begin}, {"end", narrowing.end}});
    }
    return layers;
}

void add_walk(json& value, const Walk& walk)
{
    for (const WalkStep& step : walk.steps) value["steps"].push_back({{"layer", step.layer}, {"text", step.text}});
    value["layers"] = layers_of(walk);
    if (walk.operation.empty()) return;
    value["operation"] = walk.operation;
    value["committed"] = walk.committed;
    value["right"] = walk.right;
    if (walk.formula.empty()) return;
    value["formula"] = walk.formula;
    for (const OperationInput& input : walk.inputs)
        value["inputs"].push_back({{"letter", std::string{input.letter}}, {"value", input.value}});
}

void add_standing(json& value, const dispute::Game& game, bool is_open)
{
    const dispute::GameState& state = game.state();
    value["layer"] = dispute::name_of(state.layer);
    value["is_open"] = is_open;
    value["clocks"] = {{"solver", {{"used", state.solver_used.value}, {"allowed", state.terms.solver_clock.value}}},
                       {"challenger", {{"used", state.challenger_used.value}, {"allowed", state.terms.challenger_clock.value}}}};
    if (game.is_settled()) {
        value["verdict"] = game.verdict() == dispute::Verdict::convicted ? "convicted" : "upheld";
        value["by_clock"] = state.out_of_time.has_value();
    } else if (is_open) {
        value["turn"] = name_of(game.to_move());
        value["turn_started"] = state.turn_started.value;
        value["deadline"] = game.deadline().value;
    } else {
        value["verdict"] = "ended"; // another game of the task convicted first
    }
}

} // namespace

json json_of_game(const store::GameRecord& record, std::span<const market::Dispute> open)
{
    const dispute::Transcript& transcript = record.transcript;
    json value{{"game", to_hex(record.game)},
               {"task", to_hex(record.task)},
               {"segment", record.segment},
               {"solver", to_hex(transcript.parties.solver)},
               {"challenger", to_hex(transcript.parties.challenger)},
               {"started", transcript.started.value},
               {"bond", nullptr},
               {"moves", moves_of(transcript)},
               {"steps", json::array()},
               {"layers", json::array()},
               {"inputs", json::array()}};
    for (const char* name : {"formula", "operation", "committed", "right", "verdict", "turn", "turn_started", "deadline"})
        value[name] = nullptr;
    const auto game = dispute::replay(transcript);
    const auto walk = walk_of(transcript);
    if (!game || !walk) return value;
    add_walk(value, *walk);
    const auto dispute = std::find_if(open.begin(), open.end(), [&](const market::Dispute& d) { return d.id == record.game; });
    if (dispute != open.end()) value["bond"] = std::to_string(dispute->bond.units);
    add_standing(value, *game, dispute != open.end());
    return value;
}

} // namespace assay::app
