// Proofs of every kind at the places of every other, and players whose traces cannot answer.
#include "tests/unit/dispute/checks_throw.hpp"
#include "tests/unit/dispute/places.hpp"

using namespace assay;
using namespace assay::toy;

namespace {

// A trace that answers a number of questions and then no more, or that answers one of them with too few bytes.
class Failing final : public Trace {
public:
    Failing(Trace& inner, std::uint64_t answers, bool cuts) : m_inner(&inner), m_left(answers), m_cuts(cuts) {}
    Result<Digest> hash(const TreeAddress& tree, merkle::Range node) override
    {
        if (!m_cuts && refuses()) return failure(Error::not_available);
        return m_inner->hash(tree, node);
    }
    Result<Bytes> leaf(const TreeAddress& tree, std::uint64_t index) override
    {
        // A chunk may have any content; digests and records are decoded.
        if (m_cuts && (tree.kind == TreeAddress::Kind::tensor || !refuses())) return m_inner->leaf(tree, index);
        if (m_cuts) return Bytes(5);
        if (refuses()) return failure(Error::not_available);
        return m_inner->leaf(tree, index);
    }
    [[nodiscard]] const commit::CommittedProgram& program() const override { return m_inner->program(); }
    [[nodiscard]] bool refused() const { return m_refused; }

private:
    bool refuses()
    {
        if (m_left > 0) return --m_left, false;
        return m_refused = true;
    }

    Trace* m_inner;
    std::uint64_t m_left;
    bool m_cuts;
    bool m_refused = false;
};

Result<Move> next_of(const Game& game, Trace& trace)
{
    return game.to_move() == Side::solver ? next_solver_move(game, trace) : next_challenger_move(game, trace);
}

// The places of games about every node and about a state, with the two traces that play them.
template <class Visit>
void at_every_place_with_traces(Visit visit)
{
    const auto nodes = static_cast<std::uint32_t>(toy_program().nodes().size());
    for (std::uint32_t node = 0; node <= nodes; ++node) {
        const replay::Deviation deviation = node < nodes ? lies_at(node) : skips_a_tensor();
        replay::RunTrace solver = trace(3, deviation);
        replay::RunTrace challenger = trace(3);
        at_places_of(deviation, 2, [&](const Game& game, const TimedMove& timed) {
            visit(game, timed, game.to_move() == Side::solver ? solver : challenger);
        });
    }
}

const std::array<Evidence, 6> empty_evidence{SourceEvidence{}, OutputEvidence{}, ElementEvidence{}, ArithmeticEvidence{}, InputEvidence{}, JoinEvidence{}};

Error refusal(const Game& game, Prove proof)
{
    Game copy = game;
    const auto applied = copy.apply(game.next_move(std::move(proof)), game.state().turn_started);
    REQUIRE(!applied);
    CHECK(copy == game);
    return applied.error();
}

bool fits(const Game& game, const Prove& proof)
{
    return encode(game.next_move(proof)).size() <= move_bytes_max(game.state());
}

} // namespace

TEST_CASE("DISPUTE-21 DISPUTE-22 DISPUTE-23 a player whose trace cannot answer a question says so, whichever question it is")
{
    std::uint64_t failures = 0, cut = 0;
    at_every_place_with_traces([&](const Game& game, const TimedMove& timed, Trace& trace) {
        for (const bool cuts : {false, true})
            for (std::uint64_t answers = 0;; ++answers) {
                Failing failing{trace, answers, cuts};
                const auto move = next_of(game, failing);
                if (!failing.refused()) {
                    REQUIRE(move);
                    CHECK(*move == timed.move);
                    break;
                }
                REQUIRE(!move);
                CHECK(move.error() == (cuts ? Error::truncated_input : Error::not_available));
                ++(cuts ? cut : failures);
            }
    });
    CHECK(failures > 500);
    CHECK(cut > 100);
}

TEST_CASE("DISPUTE-14 evidence of another kind than the place demands shows nothing, for or against")
{
    std::array<std::uint64_t, 6> kinds{};
    at_every_place_with_traces([&](const Game& game, const TimedMove& timed, Trace&) {
        const auto* made = std::get_if<Prove>(&timed.move.body);
        if (made == nullptr) return;
        ++kinds[made->evidence.index()];
        for (const Evidence& other : empty_evidence) {
            // A record can be wrong in three ways, and all three can be claimed; an empty input is refused for its place or its opening.
            const bool record = made->evidence.index() >= 3 && other.index() >= 3;
            if (other.index() == made->evidence.index() || record) continue;
            const Prove proof{made->selection, other};
            if (fits(game, proof)) CHECK(refusal(game, proof) == Error::invalid_proof);
        }
        if (made->evidence.index() < 3) return;
        CHECK(refusal(game, Prove{made->selection, InputEvidence{3, {}}}) == Error::invalid_proof);
        CHECK(refusal(game, Prove{made->selection, JoinEvidence{3, {}, {}}}) == Error::invalid_proof);
    });
    CHECK(kinds[0] > 0);
    CHECK(kinds[1] > 0);
    CHECK(kinds[2] > 0);
    CHECK(kinds[3] > 0);
}

TEST_CASE("DISPUTE-17 an element is proved with one opening for each operand, and only where it is the result of one scalar step")
{
    std::uint64_t single = 0, several = 0;
    at_every_place_with_traces([&](const Game& game, const TimedMove& timed, Trace&) {
        if (game.state().phase != Phase::selecting_element) return;
        if (const auto* made = std::get_if<Prove>(&timed.move.body)) {
            ++single;
            Prove proof = *made;
            auto& operands = std::get<ElementEvidence>(proof.evidence).operands;
            if (!operands.empty()) {
                operands.pop_back();
                CHECK(refusal(game, proof) == Error::invalid_proof);
            }
            proof = *made;
            auto& more = std::get<ElementEvidence>(proof.evidence).operands;
            more.emplace_back();
            if (fits(game, proof)) CHECK(refusal(game, proof) == Error::invalid_proof);
            return;
        }
        ++several;
        CHECK(refusal(game, Prove{{std::get<Select>(timed.move.body).index, std::nullopt}, ElementEvidence{}}) == Error::invalid_proof);
    });
    CHECK(single > 0);
    CHECK(several > 0);
}

TEST_CASE("DISPUTE-13 DISPUTE-15 a source is proved and not selected, nothing else is proved as a source, and the state before is opened where it is not the statement's")
{
    std::uint64_t sources = 0, others = 0, unused_proofs = 0;
    at_every_place_with_traces([&](const Game& game, const TimedMove& timed, Trace&) {
        if (const auto* select = std::get_if<Select>(&timed.move.body); select != nullptr && select->descriptor) {
            ++others;
            CHECK(refusal(game, Prove{*select, SourceEvidence{}}) == Error::invalid_proof);
        }
        const auto* made = std::get_if<Prove>(&timed.move.body);
        if (made == nullptr || !std::holds_alternative<SourceEvidence>(made->evidence)) return;
        ++sources;
        Game copy = game;
        CHECK(copy.apply(game.next_move(made->selection), timed.at).error() == Error::wrong_move);
        SourceEvidence other = std::get<SourceEvidence>(made->evidence);
        if (other.before) other.before.reset();
        else other.before.emplace();
        CHECK(refusal(game, Prove{made->selection, other}) == Error::invalid_proof);
        if (!other.before) return;
        other.before.reset();
        other.before_proof.emplace_back();
        ++unused_proofs;
        CHECK(refusal(game, Prove{made->selection, other}) == Error::invalid_proof);
    });
    CHECK(unused_proofs > 0);
    CHECK(sources > 0);
    CHECK(others > 0);
}

TEST_CASE("DISPUTE-7 DISPUTE-17 a state's other root and an operand's shorter chunk are refused")
{
    std::uint64_t states = 0, chunks = 0;
    at_every_place_with_traces([&](const Game& game, const TimedMove& timed, Trace&) {
        if (game.state().phase == Phase::opening && game.state().layer == Layer::state) {
            ++states;
            Open open = std::get<Open>(timed.move.body);
            open.root.bytes[0] ^= 1;
            Game copy = game;
            const auto applied = copy.apply(game.next_move(open), timed.at);
            REQUIRE(!applied);
            CHECK(applied.failure().detail == "the state does not have this root");
        }
        const auto* made = std::get_if<Prove>(&timed.move.body);
        if (made == nullptr || !std::holds_alternative<ElementEvidence>(made->evidence)) return;
        Prove proof = *made;
        auto& operands = std::get<ElementEvidence>(proof.evidence).operands;
        if (operands.empty()) return;
        ++chunks;
        operands[0].chunk.pop_back();
        CHECK(refusal(game, proof) == Error::invalid_proof);
    });
    CHECK(states > 0);
    CHECK(chunks > 0);
}

TEST_CASE("DISPUTE-6 DISPUTE-14 a proof with a byte changed convicts nobody else, or is refused and changes nothing")
{
    std::uint64_t refused = 0;
    at_every_place_with_traces([&](const Game& game, const TimedMove& timed, Trace&) {
        if (!std::holds_alternative<Prove>(timed.move.body)) return;
        const Bytes bytes = encode(timed.move);
        for (std::size_t i = 69; i < bytes.size(); i += 1 + i % 7) {
            Bytes changed = bytes;
            changed[i] ^= 1;
            const auto move = decode<Move>(changed);
            if (!move) continue;
            Game copy = game;
            if (const auto applied = copy.apply(*move, timed.at)) {
                CHECK(copy.is_settled());
            } else {
                ++refused;
                CHECK(copy == game);
            }
        }
    });
    CHECK(refused > 500);
}

TEST_CASE("DISPUTE-5 the digest that a game keeps of a move is the move's, and layers have the names of the spec")
{
    at_every_place([](const Game& game, const TimedMove& timed) {
        Game next = game;
        REQUIRE(next.apply(timed.move, timed.at));
        CHECK(next.state().made.back() == digest_of(timed.move));
    });
    constexpr std::array<std::string_view, 5> names{"segment", "step", "state", "tensor", "element"};
    for (std::size_t i = 0; i < names.size(); ++i) CHECK(dispute::name_of(static_cast<Layer>(i)) == names[i]);
}

TEST_CASE("DISPUTE-10 DISPUTE-31 whoever asks a settled game for the next move, its deadline or its turn, a side for a move that is not its own, or a place "
          "where nothing is proved, has made a mistake, which is always checked")
{
    replay::RunTrace solver = trace(3, lies_at(8));
    replay::RunTrace challenger = trace(3);
    const auto transcript = play_out(*solver.statement(Digest{}, 0), terms(2), parties(), Tick{10}, solver, challenger);
    const Game game = *dispute::replay(*transcript);
    const ChecksThrow checks;
    CHECK_THROWS_AS((void)game.to_move(), std::string);
    CHECK_THROWS_AS((void)game.deadline(), std::string);
    CHECK_THROWS_AS((void)game.next_move(Reveal{}), std::string);
    CHECK_THROWS_AS((void)move_bytes_max(game.state()), std::string);
    CHECK_THROWS_AS((void)place_of(game.state(), game.id()), std::string);
    Game open = *Game::start(transcript->statement, transcript->terms, transcript->parties, Tick{0});
    CHECK_THROWS_AS((void)next_challenger_move(open, challenger), std::string);
    CHECK_THROWS_AS((void)place_of(open.state(), open.id()), std::string);
    REQUIRE(open.apply(transcript->moves.front().move, Tick{1}));
    CHECK_THROWS_AS((void)next_solver_move(open, solver), std::string);
    CHECK_NOTHROW((void)place_of(open.state(), open.id()));
}
