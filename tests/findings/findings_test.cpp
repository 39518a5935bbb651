// What has broken other dispute systems, each finding tried on this one. spec/threats.md has the whole list, with the tests that show the
// findings that are not here.
#include <doctest/doctest.h>

#include <assay/commit/tensors.hpp>
#include <assay/dispute/knockout.hpp>
#include <assay/hash/openssl.hpp>

#include "tests/unit/dispute/toy.hpp"

using namespace assay;
using namespace assay::toy;

namespace {

replay::Deviation forged_sum()
{
    replay::Deviation deviation;
    deviation.node = [](std::uint64_t step, NodeIndex node, Tensor& output) {
        if (step != 3 || node.value != 8) return false;
        output.set_element(0, output.element(0) ^ 0x00100000);
        return true;
    };
    return deviation;
}

Transcript forged_game(std::uint8_t levels = 1)
{
    replay::RunTrace solver = trace(5, forged_sum());
    replay::RunTrace challenger = trace(5);
    const Outcome outcome = play(solver, challenger, levels);
    REQUIRE(outcome.verdict == Verdict::convicted);
    return outcome.transcript;
}

Game start(const Transcript& transcript, hash::HashFunction function = hash::sha256)
{
    auto game = Game::start(transcript.statement, transcript.terms, transcript.parties, transcript.started, function);
    REQUIRE(game);
    return *game;
}

// Both implementations that there are refuse it for the same reason, and nothing changes.
void refused_by_both(Game& portable, Game& fast, const Move& move, Tick at)
{
    const Bytes before = portable.encode();
    const auto one = portable.apply(move, at), other = fast.apply(move, at);
    REQUIRE(!one);
    REQUIRE(!other);
    CHECK(one.error() == other.error());
    CHECK(portable.encode() == before);
    CHECK(fast.encode() == before);
}

Digest named(std::uint8_t name)
{
    Digest digest;
    digest.bytes[0] = name;
    return digest;
}

} // namespace

TEST_CASE("DISPUTE-8 finding: an empty expansion, or one of a boundary length, that one implementation accepts and another refuses")
{
    for (const std::uint8_t levels : {std::uint8_t{1}, std::uint8_t{2}, std::uint8_t{8}}) {
        const Transcript transcript = forged_game(levels);
        Game portable = start(transcript), fast = start(transcript, hash::sha256_openssl);
        for (const TimedMove& timed : transcript.moves) {
            Front front;
            Move changed = timed.move;
            auto* open = std::get_if<Open>(&changed.body);
            auto* reveal = std::get_if<Reveal>(&changed.body);
            if (open != nullptr) front = open->front;
            if (reveal != nullptr) front = reveal->front;
            Front& target = open != nullptr ? open->front : reveal != nullptr ? reveal->front : front;
            const bool shows = open != nullptr || reveal != nullptr;
            const std::size_t size = front.digests.size();
            for (const std::size_t other :
                 {std::size_t{0}, std::size_t{1}, size - 1, size + 1, 2 * size, std::size_t{255}, std::size_t{256}, std::size_t{257}})
                if (shows && size > 0 && other != size && other < 10'000) {
                    target = front;
                    target.digests.resize(other);
                    refused_by_both(portable, fast, changed, timed.at);
                }
            REQUIRE(portable.apply(timed.move, timed.at));
            REQUIRE(fast.apply(timed.move, timed.at));
            CHECK(portable.encode() == fast.encode());
        }
        CHECK(portable.verdict() == Verdict::convicted);
    }
}

TEST_CASE("DISPUTE-5 finding: a history height that nobody validated")
{
    const Transcript transcript = forged_game();
    Game portable = start(transcript), fast = start(transcript, hash::sha256_openssl);
    for (const TimedMove& timed : transcript.moves) {
        for (const std::uint32_t number : {0U, 1U, timed.move.number - 1, timed.move.number + 1, 0x7fffffffU, 0x80000000U, ~0U}) {
            Move other = timed.move;
            other.number = number;
            if (number != timed.move.number) refused_by_both(portable, fast, other, timed.at);
        }
        REQUIRE(portable.apply(timed.move, timed.at));
        REQUIRE(fast.apply(timed.move, timed.at));
    }
}

TEST_CASE(
    "DISPUTE-10 DISPUTE-29 finding: a timer inherited from another game because only a shared id was compared, counted twice, or omitted")
{
    // Two games that share everything but the segment; in each, one side dawdles.
    const Transcript transcript = forged_game();
    Transcript sibling = transcript;
    ++sibling.statement.segment;
    Game one = start(transcript), other = start(sibling);
    CHECK(one.id() != other.id());
    std::array<std::uint64_t, 2> used{};
    Tick now = transcript.started;
    for (const TimedMove& timed : transcript.moves) {
        const std::uint64_t granted = granted_time(one.state()).value;
        const std::size_t side = one.to_move() == Side::solver ? 0 : 1;
        const std::uint64_t spent = granted + 5 * side + 2;
        used[side] += spent - granted;
        now.value += spent;
        const Bytes before = other.encode();
        CHECK(other.apply(timed.move, now).error() == Error::wrong_game);
        REQUIRE(one.apply(timed.move, now));
        CHECK(other.encode() == before);
        CHECK(one.state().solver_used.value == used[0]);
        CHECK(one.state().challenger_used.value == used[1]);
    }
    CHECK(other.state().solver_used.value == 0);
}

TEST_CASE("DISPUTE-10 finding: one clock runs out while the other side can still move after the resolution; a win in the last second; a "
          "move after the end")
{
    const Transcript transcript = forged_game();
    Game game = start(transcript);
    for (const TimedMove& timed : transcript.moves) {
        // At the last tick the move wins, whatever is claimed at the same tick before it; a tick later the claim wins, whatever is moved.
        const Tick last = game.deadline(), after{last.value + 1};
        Game moved = game;
        CHECK(!moved.claim_timeout(last));
        CHECK(moved.apply(timed.move, last));
        Game claimed = game;
        CHECK(!claimed.apply(timed.move, after));
        REQUIRE(claimed.claim_timeout(after));
        const Bytes end = claimed.encode();
        for (const TimedMove& late : transcript.moves) {
            const auto again = claimed.apply(late.move, after);
            CHECK((!again || *again == Applied::already_made));
            CHECK(claimed.encode() == end);
        }
        REQUIRE(game.apply(timed.move, timed.at));
    }
    CHECK(game.claim_timeout(Tick{~std::uint64_t{0}}).error() == Error::game_over);
}

TEST_CASE("DISPUTE-5 finding: a claim whose target shifts when history is reorganised")
{
    // The solver has two openings with the same number, of trees that end in the same state. The challenger answers the one that it saw.
    const Transcript transcript = forged_game();
    Game seen = start(transcript), other = start(transcript);
    REQUIRE(seen.apply(transcript.moves[0].move, transcript.moves[0].at));
    replay::RunTrace solver = trace(5, forged_sum());
    std::vector<Digest> states{named(9)};
    for (std::uint64_t i = 1; i < 5; ++i) states.push_back(*decode<Digest>(*solver.leaf({TreeAddress::Kind::segment, 0, {}, 0}, i)));
    const merkle::Tree tree = commit::digest_tree(states);
    Open second{tree.root(), tree.prove_inclusion(4), std::nullopt, {}};
    for (const merkle::Range range : merkle::front({0, 5}, 1))
        second.front.digests.push_back(range.is_leaf() ? states[range.begin] : tree.hash(range));
    REQUIRE(other.apply(other.next_move(second), transcript.moves[0].at));
    // A selection is bound to the digest of the opening that it answers, not to its number.
    CHECK(other.apply(transcript.moves[1].move, transcript.moves[1].at).error() == Error::wrong_history);
    CHECK(seen.apply(other.next_move(transcript.moves[1].move.body), transcript.moves[1].at).error() == Error::wrong_history);
    CHECK(seen.apply(transcript.moves[1].move, transcript.moves[1].at));
}

TEST_CASE("DISPUTE-2 DISPUTE-10 finding: narrowing casts of types and heights, additions that nobody checked")
{
    const Transcript transcript = forged_game();
    Game game = start(transcript);
    REQUIRE(game.apply(transcript.moves[0].move, transcript.moves[0].at));
    for (const std::uint32_t index : {0x100U, 0x10000U, 0x80000000U, ~0U}) {
        const std::uint32_t wrapped = index + std::get<Select>(transcript.moves[1].move.body).index;
        CHECK(game.apply(game.next_move(Select{wrapped, std::nullopt}), transcript.moves[1].at).error() == Error::nothing_selected);
    }
    // The longest clocks, started as late as there is: the last deadline is a number, and the tick after it too.
    Transcript latest = transcript;
    latest.terms.solver_clock = latest.terms.challenger_clock = Tick{clock_max};
    latest.terms.latency = Tick{latency_max};
    latest.terms.bytes_per_tick = 1;
    latest.started = Tick{time_max};
    Game late = start(latest);
    replay::RunTrace solver = trace(5, forged_sum()), challenger = trace(5);
    while (!late.is_settled()) {
        const Tick deadline = late.deadline();
        CHECK(deadline > late.state().turn_started);
        CHECK(deadline.value < ~std::uint64_t{0});
        const auto move = late.to_move() == Side::solver ? next_solver_move(late, solver) : next_challenger_move(late, challenger);
        REQUIRE(move);
        REQUIRE(late.apply(*move, deadline));
        if (!late.is_settled()) CHECK(Game::decode(late.encode()));
    }
    // A step beyond 32 bits is named as it is.
    const auto most = bounds({steps_max, 100, 3, 3, 1, 2, 9, 3}, transcript.terms);
    REQUIRE(most);
    CHECK(most->rounds >= 40);
    CHECK(bounds({steps_max + 1, 100, 3, 3, 1, 2, 9, 3}, transcript.terms).error() == Error::invalid_statement);
}

TEST_CASE("DISPUTE-10 KNOCKOUT-7 finding: a finalisation before its time is set; what was set can be set again by a second initialisation")
{
    const Transcript transcript = forged_game();
    Game game = start(transcript);
    CHECK(game.claim_timeout(Tick{0}).error() == Error::too_early);
    CHECK(game.claim_timeout(transcript.started).error() == Error::too_early);
    REQUIRE(game.apply(transcript.moves[0].move, transcript.moves[0].at));
    // The layer is open: it cannot be opened again, in this turn or in the solver's next one.
    const MoveBody open = transcript.moves[0].move.body;
    CHECK(game.apply(game.next_move(open), transcript.moves[0].at).error() == Error::wrong_turn);
    REQUIRE(game.apply(transcript.moves[1].move, transcript.moves[1].at));
    CHECK(game.apply(game.next_move(Open{}), transcript.moves[1].at).error() == Error::wrong_move);
}

TEST_CASE("KNOCKOUT-9 finding: slash proceeds that one party recycles by convicting itself; a bond that is paid twice; leftovers that pay "
          "for the next attack")
{
    const replay::Segment own = segment(2);
    Contest contest;
    contest.program = own.program->commitment();
    contest.task = {commit::digest_of(contest.program),         commit::state_digest(std::span{*own.data}), own.seed, 2, 2,
                    commit::state_digest(std::span{own.before})};
    contest.terms.demotions_max = 1;
    contest.terms.joining = contest.terms.calling = Tick{5};
    contest.terms.bond = 101;
    contest.terms.game = terms(2);
    for (const std::uint8_t count : {std::uint8_t{2}, std::uint8_t{3}, std::uint8_t{4}}) {
        // Everybody is one party's: it loses to itself, in every order of who falls silent.
        auto knockout = Knockout::start(contest, Tick{0});
        REQUIRE(knockout);
        for (std::uint8_t i = 0; i < count; ++i)
            REQUIRE(knockout->join(named(i), Claim{{contest.task.initial, named(static_cast<std::uint8_t>(100 + i))}}, Tick{0}));
        REQUIRE(knockout->advance(Tick{6}));
        for (std::uint8_t i = 1; i < count; ++i) REQUIRE(knockout->call(0, i, Tick{6}));
        for (std::uint64_t now = 1000; !knockout->is_settled(); now += 1000) (void)knockout->advance(Tick{now * 1000});
        const Settlement settlement = knockout->settlement();
        std::uint64_t back = 0;
        for (const Payout& payout : settlement.payouts) back += payout.amount;
        CHECK(back + settlement.burned == count * 101U);
        CHECK(settlement.burned >= (count - 1U) * 51U);
        CHECK(knockout->settlement() == settlement);
        CHECK(knockout->advance(Tick{~std::uint64_t{0} / 4}).error() == Error::game_over);
    }
}

TEST_CASE("DISPUTE-7 DISPUTE-8 finding: a padded range whose padding was not the last real state")
{
    // Five states, padded with the last one, or with nothing, to eight: no size of tree but the segment's own is opened.
    const Transcript transcript = forged_game();
    replay::RunTrace solver = trace(5, forged_sum());
    std::vector<Digest> states;
    for (std::uint64_t i = 0; i < 5; ++i) states.push_back(*decode<Digest>(*solver.leaf({TreeAddress::Kind::segment, 0, {}, 0}, i)));
    for (const Digest& padding : {states.back(), Digest{}})
        for (std::uint8_t levels = 1; levels <= 4; ++levels) {
            std::vector<Digest> padded = states;
            padded.resize(8, padding);
            const merkle::Tree tree = commit::digest_tree(padded);
            Transcript longer = transcript;
            longer.terms.segment_levels = levels;
            Game game = start(longer);
            for (const std::uint64_t pinned : {4U, 7U})
                for (const std::uint64_t shown : {5U, 8U}) {
                    Open open{tree.root(), tree.prove_inclusion(pinned), std::nullopt, {}};
                    for (const merkle::Range range : merkle::front({0, shown}, levels_below(longer.terms, Layer::segment, {0, shown})))
                        open.front.digests.push_back(range.is_leaf()             ? padded[range.begin]
                                                     : merkle::is_node(range, 8) ? tree.hash(range)
                                                                                 : Digest{});
                    CHECK(!game.apply(game.next_move(open), Tick{11}));
                }
            CHECK(game.state().moves() == 0);
        }
}

TEST_CASE("MERKLE-1 MERKLE-7 finding: leaves and nodes confused, a duplicated last leaf, a size that the root does not bind, proofs of the "
          "wrong length")
{
    std::vector<Digest> leaves;
    for (std::uint8_t i = 0; i < 3; ++i) leaves.push_back(merkle::leaf_hash(Bytes{i}));
    const merkle::Tree three = merkle::Tree::from_leaf_hashes(leaves);
    leaves.push_back(leaves.back());
    const merkle::Tree four = merkle::Tree::from_leaf_hashes(leaves);
    CHECK(three.root() != four.root());
    // The bytes of an inner node are no leaf with its hash.
    Bytes inner(leaves[0].bytes.begin(), leaves[0].bytes.end());
    inner.insert(inner.end(), leaves[1].bytes.begin(), leaves[1].bytes.end());
    CHECK(merkle::leaf_hash(inner) != merkle::node_hash(leaves[0], leaves[1]));
    // A state's count is in its digest, so a list cannot be taken for a longer or a shorter one.
    const std::array<Digest, 3> list{named(1), named(2), named(2)};
    const Digest root = commit::digest_tree(list).root();
    for (const std::uint32_t count : {1U, 2U, 4U}) CHECK(commit::state_digest(count, root) != commit::state_digest(3, root));
    for (std::uint64_t index = 0; index < 3; ++index) {
        merkle::Proof proof = three.prove_inclusion(index);
        CHECK(merkle::verify_inclusion(index, 3, leaves[index], proof, three.root()));
        proof.push_back(Digest{});
        CHECK(merkle::verify_inclusion(index, 3, leaves[index], proof, three.root()).error() == Error::wrong_proof_length);
        proof.resize(proof.size() - 2);
        CHECK(merkle::verify_inclusion(index, 3, leaves[index], proof, three.root()).error() == Error::wrong_proof_length);
    }
}
