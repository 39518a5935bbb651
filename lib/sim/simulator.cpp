// Scenarios from seeds, and from long scenarios short ones.
#include <assay/sim/simulator.hpp>

#include <assay/dispute/match.hpp>

#include "sim/table.hpp"

namespace assay::sim {

using namespace dispute;

namespace {

constexpr std::uint64_t size_menus = 64; // tasks that are simulated: their trees are kept

template <class T, std::size_t n>
T one_of(Random& random, const std::array<T, n>& choices)
{
    return random.of(choices);
}

SyntheticSizes sizes_of(std::uint64_t menu)
{
    constexpr std::uint64_t most = std::uint64_t{1} << 40;
    Random random{menu};
    SyntheticSizes sizes;
    sizes.steps = one_of(random, std::array<std::uint64_t, 12>{1, 2, 3, 4, 5, 8, 17, 100, 1024, 1U << 20, most - 1, most});
    sizes.nodes = one_of(random, std::array<std::uint32_t, 6>{32, 33, 47, 64, 100, 257});
    sizes.elements = one_of(random, std::array<std::uint64_t, 9>{1, 5, 256, 257, 1000, 1024, 3072, 1U << 20, most});
    sizes.terms = one_of(random, std::array<std::uint32_t, 9>{1, 2, 40, 64, 96, 1000, 2048, 5120, 1U << 20});
    sizes.states = one_of(random, std::array<std::uint32_t, 5>{1, 2, 3, 5, 64});
    sizes.period = one_of(random, std::array<std::uint32_t, 4>{1, 2, 4, 16});
    return sizes;
}

Disturbance disturbance_of(Random& random)
{
    Disturbance one;
    one.kind = static_cast<Disturbance::Kind>(random.below(4));
    one.side = static_cast<Side>(random.below(2));
    one.message = static_cast<std::uint32_t>(random.below(12));
    one.ticks = 1 + random.below(random.one_in(3) ? 400 : 20);
    return one;
}

Lie clamped(Lie lie, const SyntheticTask& task)
{
    const SyntheticSizes& sizes = task.sizes();
    lie.step = std::min(lie.step, sizes.steps - 1);
    lie.output = std::min(lie.output, sizes.states - 1);
    lie.node = std::min(lie.node, sizes.nodes - 1);
    lie.element = std::min(lie.element, task.elements_of(lie.node) - 1);
    lie.record = std::min(lie.record, task.records_of(lie.node) - 1);
    if (lie.where == Lie::Where::record && task.records_of(lie.node) == 1) lie.where = Lie::Where::node;
    return lie;
}

} // namespace

const Rules& real_rules()
{
    static const Rules rules{[](Game& game, const Move& move, Tick now) { return game.apply(move, now); },
                             [](Game& game, Tick now) { return game.claim_timeout(now); }, honest_answer};
    return rules;
}

Simulator::Simulator(Options options, Rules rules) : m_options(options), m_nodes(options.function), m_rules(std::move(rules)) {}

const Simulator::Known& Simulator::known(const SyntheticSizes& sizes)
{
    Known& found = m_known[{sizes.steps, sizes.nodes, sizes.elements, sizes.terms, sizes.states, sizes.period}];
    if (found.task) return found;
    auto task = SyntheticTask::make(sizes, m_options.function);
    ASSAY_CHECK(task.has_value());
    found.task = *task;
    Scenario other;
    other.sizes = sizes;
    SyntheticTrace liar{found.task, clamped({Lie::Where::node, 0, 0, 17, 0, 0, 3}, *found.task)};
    SyntheticTrace honest{found.task};
    const auto transcript = play_out(liar.statement({}, 1), terms_for(other), {}, Tick{0}, liar, honest);
    ASSAY_CHECK(transcript.has_value());
    for (const TimedMove& timed : transcript->moves) found.heard.push_back(timed.move);
    return found;
}

Scenario Simulator::scenario_of(std::uint64_t seed)
{
    Random random{seed};
    std::vector<const Adversary*> solvers, challengers;
    for (const Adversary& one : adversaries()) (one.side == Side::solver ? solvers : challengers).push_back(&one);
    const Adversary* solver = solvers[random.below(solvers.size())];
    const Adversary* challenger = challengers[random.below(challengers.size())];
    if (!random.one_in(10)) (random.one_in(2) ? solver : challenger) = nullptr;
    return scenario_of(random.next(), solver, challenger);
}

Scenario Simulator::scenario_of(std::uint64_t seed, const Adversary* solver, const Adversary* challenger)
{
    Random random{seed};
    Scenario scenario;
    scenario.sizes = sizes_of(random.below(size_menus));
    scenario.reveal_levels = static_cast<std::uint8_t>(1 + random.below(5));
    scenario.solver = solver;
    scenario.challenger = challenger;
    const SyntheticTask& task = *known(scenario.sizes).task;
    if (solver != nullptr) scenario.solver_lie = choose_lie(solver->lie, task, random);
    if (challenger != nullptr) scenario.challenger_lie = choose_lie(challenger->lie, task, random);
    scenario.seed = random.next();
    if (random.one_in(2))
        for (std::uint64_t count = 1 + random.below(5); count > 0; --count) scenario.disturbances.push_back(disturbance_of(random));
    return scenario;
}

Outcome Simulator::play(const Scenario& scenario)
{
    const Known& about = known(scenario.sizes);
    Options options = m_options;
    if (!options.hashes_again) options.function = m_nodes.function();
    return Table{scenario, options, m_rules, about.task, about.heard}.play();
}

Scenario Simulator::minimised(Scenario scenario)
{
    const std::string broken = play(scenario).broken;
    ASSAY_CHECK(!broken.empty());
    const auto accept = [&](Scenario candidate) {
        const SyntheticTask& task = *known(candidate.sizes).task;
        candidate.solver_lie = clamped(candidate.solver_lie, task);
        candidate.challenger_lie = clamped(candidate.challenger_lie, task);
        if (play(candidate).broken != broken) return false;
        scenario = std::move(candidate);
        return true;
    };
    const auto change = [&](auto member) {
        Scenario candidate = scenario;
        return member(candidate) && accept(std::move(candidate));
    };
    const auto smaller = [](auto& value, auto least) {
        if (value <= least) return false;
        value = value / 2 < least ? least : static_cast<std::remove_reference_t<decltype(value)>>(value / 2);
        return true;
    };
    for (bool shorter = true; shorter;) {
        shorter = false;
        for (std::size_t i = scenario.disturbances.size(); i-- > 0;)
            shorter |=
                change([&](Scenario& s) { return s.disturbances.erase(s.disturbances.begin() + static_cast<std::ptrdiff_t>(i)), true; });
        for (std::size_t i = 0; i < scenario.disturbances.size(); ++i)
            shorter |= change([&](Scenario& s) { return smaller(s.disturbances[i].ticks, std::uint64_t{1}); });
        shorter |= change([&](Scenario& s) { return smaller(s.sizes.steps, std::uint64_t{1}); });
        shorter |= change([&](Scenario& s) { return smaller(s.sizes.nodes, 16U); });
        shorter |= change([&](Scenario& s) { return s.sizes.elements != 1 && (s.sizes.elements = 1, true); });
        shorter |= change([&](Scenario& s) { return s.sizes.terms != 1 && (s.sizes.terms = 1, true); });
        shorter |= change([&](Scenario& s) { return smaller(s.sizes.states, 1U); });
        shorter |= change([&](Scenario& s) { return smaller(s.sizes.period, 1U); });
        shorter |= change([&](Scenario& s) { return s.solver_lie.step != 0 && (s.solver_lie.step = 0, true); });
        shorter |= change([&](Scenario& s) { return s.challenger_lie.step != 0 && (s.challenger_lie.step = 0, true); });
        shorter |= change([&](Scenario& s) { return s.reveal_levels < 5 && (++s.reveal_levels, true); });
    }
    return scenario;
}

} // namespace assay::sim
