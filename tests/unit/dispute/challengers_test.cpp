// Several challengers of one run: every one in a game of its own, none in the way of another.
#include "tests/unit/dispute/toy.hpp"

using namespace assay;
using namespace assay::toy;

namespace {

replay::Deviation forged(std::uint32_t node)
{
    replay::Deviation deviation;
    deviation.node = [node](std::uint64_t step, NodeIndex where, Tensor& output) {
        if (step != 1 || where.value != node) return false;
        output.set_element(0, output.element(0) ^ 0x00100000);
        return true;
    };
    return deviation;
}

// One of the games, and the trace of who challenges in it; none: it never moves.
struct Table {
    Game game;
    replay::RunTrace* challenger = nullptr;
    std::uint64_t solver_bytes = 0;
};

std::vector<Table> start_all(replay::RunTrace& solver, std::vector<replay::RunTrace*> challengers)
{
    std::vector<Table> tables;
    for (std::size_t i = 0; i < challengers.size(); ++i) {
        Parties both = parties();
        both.challenger.bytes[1] = static_cast<std::uint8_t>(i);
        auto game = Game::start(*solver.statement(Digest{}, 0), terms(2), both, Tick{10});
        REQUIRE(game);
        tables.push_back({std::move(*game), challengers[i], 0});
    }
    return tables;
}

// All games at once, a move of each in turn; every move is first sent to all other games, and again after it was made.
void play_all(std::vector<Table>& tables, replay::RunTrace& solver)
{
    std::uint64_t now = 11;
    const auto is_open = [](const Table& table) { return !table.game.is_settled(); };
    while (std::any_of(tables.begin(), tables.end(), is_open)) {
        for (Table& table : tables) {
            if (table.game.is_settled()) continue;
            const bool solves = table.game.to_move() == Side::solver;
            if (!solves && table.challenger == nullptr) continue;
            const auto move = solves ? next_solver_move(table.game, solver) : next_challenger_move(table.game, *table.challenger);
            if (!move) continue;
            for (Table& other : tables)
                if (&other != &table) CHECK(other.game.apply(*move, Tick{now}).error() == Error::wrong_game);
            REQUIRE(table.game.apply(*move, Tick{now}));
            const Bytes before = table.game.encode();
            CHECK(*table.game.apply(*move, Tick{now}) == Applied::already_made);
            CHECK(table.game.encode() == before);
            if (solves) table.solver_bytes += encode(*move).size();
        }
        ++now;
        for (Table& table : tables)
            if (!table.game.is_settled()) (void)table.game.claim_timeout(Tick{now});
    }
}

} // namespace

TEST_CASE("DISPUTE-29 an honest solver stands against many challengers at once: liars, silent ones, ones that share a lie, and pays each "
          "within the bounds")
{
    replay::RunTrace solver = trace(5);
    replay::RunTrace one = trace(5, forged(8)), two = trace(5, forged(11)), same = trace(5, forged(8)), friendly = trace(5);
    std::vector<Table> tables = start_all(solver, {&one, &two, nullptr, &same, &friendly, &one});
    play_all(tables, solver);
    const auto most = bounds(sizes_of(solver.program().program(), 5), terms(2));
    REQUIRE(most);
    for (const Table& table : tables) {
        CHECK(table.game.verdict() == Verdict::upheld);
        CHECK(table.solver_bytes <= most->solver_bytes);
        CHECK(table.game.state().solver_used.value == 0);
    }
    // Who shares a lie gets the same answers: all of it was computed once.
    CHECK(tables[0].solver_bytes == tables[3].solver_bytes);
}

TEST_CASE("DISPUTE-29 friends of a solver that challenge it first, in order to lose, do not shield it: the honest challenger convicts in "
          "its own game")
{
    for (std::size_t place = 0; place < 4; ++place) {
        replay::RunTrace solver = trace(5, forged(8));
        replay::RunTrace honest = trace(5), friendly = trace(5, forged(8)), other = trace(5, forged(11));
        std::vector<replay::RunTrace*> challengers{&friendly, nullptr, &other};
        challengers.insert(challengers.begin() + static_cast<std::ptrdiff_t>(place), &honest);
        std::vector<Table> tables = start_all(solver, challengers);
        play_all(tables, solver);
        CHECK(tables[place].game.verdict() == Verdict::convicted);
        CHECK(!tables[place].game.state().out_of_time);
        CHECK(tables[place == 0 ? 1 : 0].game.verdict() == Verdict::upheld);
    }
}

TEST_CASE("DISPUTE-5 DISPUTE-29 a duplicate that somebody else sends first is the honest party's own move: it goes on from there")
{
    replay::RunTrace solver = trace(5, forged(8)), honest = trace(5);
    auto game = Game::start(*solver.statement(Digest{}, 0), terms(1), parties(), Tick{10});
    REQUIRE(game);
    for (std::uint64_t now = 11; !game->is_settled(); ++now) {
        const auto move = game->to_move() == Side::solver ? next_solver_move(*game, solver) : next_challenger_move(*game, honest);
        REQUIRE(move);
        // A copy that was seen on its way arrives before the original.
        const Move copy = *move;
        REQUIRE(*game->apply(copy, Tick{now}) == Applied::made);
        REQUIRE(*game->apply(*move, Tick{now}) == Applied::already_made);
    }
    CHECK(game->verdict() == Verdict::convicted);
    CHECK(!game->state().out_of_time);
}
