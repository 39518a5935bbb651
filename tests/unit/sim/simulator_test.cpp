// Every adversary loses against an honest opponent, over a network that does its worst; and a fault in the rules is found and told.
#include <doctest/doctest.h>

#include <set>

#include <assay/hash/openssl.hpp>
#include <assay/sim/simulator.hpp>

using namespace assay;
using namespace assay::sim;
using dispute::Side;
using dispute::Verdict;

namespace {

Options fast()
{
    Options options;
    options.function = hash::sha256_bulk;
    return options;
}

// The first seed whose scenario breaks something, and its shortest story.
std::optional<std::string> first_story(Simulator& simulator, std::uint64_t seeds)
{
    for (std::uint64_t seed = 0; seed < seeds; ++seed) {
        const Scenario scenario = simulator.scenario_of(seed);
        if (!simulator.play(scenario).broken.empty()) return simulator.story_of(simulator.minimised(scenario));
    }
    return std::nullopt;
}

std::size_t lines(const std::string& text)
{
    return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

} // namespace

TEST_CASE("DISPUTE-22 DISPUTE-23 every adversary has a name and a sentence, and both sides have many")
{
    std::set<std::pair<Side, std::string_view>> names;
    std::array<int, 2> count{};
    for (const Adversary& one : adversaries()) {
        CHECK(names.insert({one.side, one.name}).second);
        CHECK(one.description.size() > 10);
        CHECK(find_adversary(one.side, one.name) == &one);
        ++count[static_cast<std::size_t>(one.side)];
    }
    CHECK(count[0] >= 30);
    CHECK(count[1] >= 30);
    CHECK(find_adversary(Side::solver, "nobody") == nullptr);
}

TEST_CASE(
    "DISPUTE-5 DISPUTE-6 DISPUTE-10 DISPUTE-24 DISPUTE-27 every adversary loses against an honest opponent, and every invariant holds on the way")
{
    Simulator simulator{fast()};
    for (const Adversary& one : adversaries())
        for (std::uint64_t seed = 0; seed < 12; ++seed) {
            const bool solves = one.side == Side::solver;
            const Scenario scenario = simulator.scenario_of(seed, solves ? &one : nullptr, solves ? nullptr : &one);
            const Outcome outcome = simulator.play(scenario);
            if (!outcome.broken.empty()) FAIL_CHECK(simulator.story_of(simulator.minimised(scenario)));
            CHECK(outcome.verdict == (solves ? Verdict::convicted : Verdict::upheld));
        }
}

TEST_CASE("DISPUTE-10 two dishonest players, and two honest ones, come to an end")
{
    Simulator simulator{fast()};
    for (std::uint64_t seed = 0; seed < 500; ++seed) {
        const Outcome outcome = simulator.play(simulator.scenario_of(seed));
        CHECK(outcome.broken == "");
        CHECK(outcome.verdict.has_value());
    }
    CHECK(simulator.play(simulator.scenario_of(1, nullptr, nullptr)).verdict == Verdict::upheld);
}

TEST_CASE("DISPUTE-24 one seed, one result")
{
    Simulator one{fast()};
    Simulator other{fast()};
    for (std::uint64_t seed = 100; seed > 0; --seed) other.play(other.scenario_of(seed + 7)); // another past changes nothing
    for (std::uint64_t seed = 0; seed < 50; ++seed) CHECK(one.story_of(one.scenario_of(seed)) == other.story_of(other.scenario_of(seed)));
}

TEST_CASE("DISPUTE-24 games that keep each other's nodes are the games that hash every node again")
{
    Options again = fast();
    again.hashes_again = true;
    Simulator keeps{fast()};
    Simulator hashes{again};
    for (std::uint64_t seed = 0; seed < 50; ++seed) CHECK(keeps.story_of(keeps.scenario_of(seed)) == hashes.story_of(hashes.scenario_of(seed)));
}

TEST_CASE("DISPUTE-10 the last tick of a clock is reached: a rule that ends it one tick earlier shows")
{
    Rules rules = real_rules();
    rules.apply = [](dispute::Game& game, const dispute::Move& move, Tick now) -> Result<dispute::Applied> {
        if (!game.is_settled() && now == game.deadline()) return failure(Error::too_late);
        return real_rules().apply(game, move, now);
    };
    Options options = fast();
    Simulator simulator{options, rules};
    const Scenario scenario = simulator.scenario_of(3, find_adversary(Side::solver, "stalling"), nullptr);
    Simulator correct{options};
    CHECK(correct.play(scenario).moves > 0);
    CHECK(simulator.play(scenario).moves == 0);
}

TEST_CASE("DISPUTE-23 a challenger that selects the first entry, whether it differs or not, is found, and the story is short")
{
    Rules rules = real_rules();
    rules.honest = [](const View& view, std::vector<Send>& sends) {
        honest_answer(view, sends);
        for (Send& send : sends) {
            auto* select = std::get_if<dispute::Select>(&send.move.body);
            if (select != nullptr && view.game.state().layer == dispute::Layer::segment) select->index = 0;
        }
    };
    Simulator simulator{fast(), rules};
    const auto story = first_story(simulator, 2000);
    REQUIRE(story);
    CAPTURE(*story);
    CHECK(story->find("Broken: an honest challenger of a false result wins.") != std::string::npos);
    CHECK(lines(*story) <= 12);
    CHECK(story->find("delayed") == std::string::npos);
}

TEST_CASE("DISPUTE-5 a game that takes a move twice is found, and the story is short")
{
    Rules rules = real_rules();
    rules.apply = [](dispute::Game& game, const dispute::Move& move, Tick now) -> Result<dispute::Applied> {
        dispute::Move changed = move;
        if (std::holds_alternative<dispute::Select>(move.body) && move.game == game.id() && !game.is_settled())
            changed = game.next_move(move.body);
        return real_rules().apply(game, changed, now);
    };
    Simulator simulator{fast(), rules};
    const auto story = first_story(simulator, 5000);
    REQUIRE(story);
    CAPTURE(*story);
    CHECK(lines(*story) <= 25);
}
