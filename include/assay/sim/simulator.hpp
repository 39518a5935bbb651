// Disputes in virtual time, over a network that delays, repeats, reorders and loses, between players that crash. One scenario, one
// result; a scenario that breaks an invariant is made shorter until every sentence of its story matters. Library: assay::testing.
// Spec: spec/dispute.md, DISPUTE-5 to DISPUTE-24.
#pragma once

#include <functional>
#include <map>

#include <assay/dispute/transcript.hpp>
#include <assay/hash/node_cache.hpp>
#include <assay/sim/adversaries.hpp>

namespace assay::sim {

// What goes wrong between a player and the public game.
struct Disturbance {
    enum class Kind : std::uint8_t {
        delay,     // the message arrives `ticks` later, behind what is sent after it
        duplicate, // it arrives, and again `ticks` later
        loss,      // it never arrives
        crash,     // its author stops when it has decided and before it sends, forgets everything, and is back after `ticks`
    };
    Kind kind = Kind::delay;
    dispute::Side side = dispute::Side::solver;
    std::uint32_t message = 0; // which of that side's messages, counted from 0
    std::uint64_t ticks = 1;
    friend bool operator==(const Disturbance&, const Disturbance&) = default;
};

// Everything that a simulated game follows from.
struct Scenario {
    SyntheticSizes sizes;
    std::uint8_t reveal_levels = 2;
    const Adversary* solver = nullptr; // null: honest
    const Adversary* challenger = nullptr;
    Lie solver_lie; // what the traces of adversaries tell; an honest player's is the truth
    Lie challenger_lie;
    std::uint64_t seed = 0; // of the choices that adversaries make
    std::vector<Disturbance> disturbances;
};

// The rules that are tested. A test of the simulator itself replaces one by a broken one.
struct Rules {
    std::function<Result<dispute::Applied>(dispute::Game&, const dispute::Move&, Tick)> apply;
    std::function<Result<dispute::Applied>(dispute::Game&, Tick)> claim_timeout;
    std::function<void(const View&, std::vector<Send>&)> honest; // both honest players
};
const Rules& real_rules();

struct Options {
    hash::HashFunction function = hash::sha256;
    // What is checked after every message: always the clocks, the number of moves and what a refusal changed in the parts that move;
    // with this also that the stored game is the game, byte for byte, and that the transcript is judged as the game was.
    bool checks_bytes = true;
    bool tells = false; // whether to write the story
    // Whether the games hash a node that one of them has hashed before: they have many in common. The traces of players always do.
    bool hashes_again = false;
};

struct Outcome {
    std::optional<dispute::Verdict> verdict;
    std::uint32_t moves = 0;
    std::uint32_t messages = 0;
    std::uint32_t refusals = 0;
    std::uint64_t ticks = 0;
    std::string broken;             // the invariant that did not hold; empty when all did
    std::vector<std::string> story; // sentences
};

// Plays scenarios, and keeps the synthetic tasks that they are about. One thread may use it at a time.
class Simulator {
public:
    explicit Simulator(Options options = {}, Rules rules = real_rules());

    // The scenario that a seed stands for: any pair of strategies of which at least one is honest nine times in ten.
    Scenario scenario_of(std::uint64_t seed);
    // The same with these strategies; null is honest.
    Scenario scenario_of(std::uint64_t seed, const Adversary* solver, const Adversary* challenger);

    Outcome play(const Scenario& scenario);

    // The shortest scenario that it finds by leaving out and making smaller, which breaks the same invariant. Requires: one that breaks
    // one.
    Scenario minimised(Scenario scenario);

    // The scenario and its course in sentences.
    std::string story_of(const Scenario& scenario);

private:
    struct Known {
        std::shared_ptr<SyntheticTask> task;
        std::vector<dispute::Move> heard; // the moves of another game about it
    };
    const Known& known(const SyntheticSizes& sizes);

    Options m_options;
    hash::NodeCache m_nodes; // that games have hashed
    Rules m_rules;
    std::map<std::array<std::uint64_t, 6>, Known> m_known;
};

} // namespace assay::sim
