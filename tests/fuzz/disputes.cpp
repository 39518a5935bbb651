// Whole disputes whose dishonest side, and the mail between both, do what the input says. Whoever is honest wins (DISPUTE-22,
// DISPUTE-23), a refused move, or one that was made before, changes nothing (DISPUTE-5, DISPUTE-6), clocks end
// when they are said to (DISPUTE-10), and everything stays within the bounds (DISPUTE-27).
#include <assay/dispute/bounds.hpp>
#include <assay/hash/openssl.hpp>

#include "tests/fuzz/fuzz.hpp"
#include "tests/unit/dispute/toy_task.hpp"

namespace {

using namespace assay;
using namespace assay::toy;

constexpr std::uint64_t steps = 3;

// Runs that depart from the program in one element of one node, in the middle step, so that their result is a false one.
std::vector<replay::RunTrace>& liars()
{
    static std::vector<replay::RunTrace> all = [] {
        std::vector<replay::RunTrace> made;
        const Digest truth = *trace(steps).after();
        for (std::uint32_t node = 0; node < toy_program().nodes().size(); ++node) {
            replay::Deviation deviation;
            deviation.node = [node](std::uint64_t step, NodeIndex here, Tensor& output) {
                if (step != 1 || here.value != node) return false;
                output.set_element(0, output.element(0) ^ 0x00400001U);
                return true;
            };
            replay::RunTrace liar = trace(steps, deviation);
            if (*liar.after() != truth) made.push_back(std::move(liar));
        }
        return made;
    }();
    return all;
}

// What a run has traced it keeps, so that one honest run serves all inputs.
replay::RunTrace& truth()
{
    static replay::RunTrace all = trace(steps);
    return all;
}

// One game, and what the input makes of it.
class Dispute {
public:
    Dispute(const std::uint8_t* data, std::size_t size) : m_input(data, size)
    {
        m_honest = m_input.number(1) % 2 == 0 ? Side::solver : Side::challenger;
        m_liar = &liars()[m_input.number(1) % liars().size()];
        m_terms = terms(static_cast<std::uint8_t>(1 + m_input.number(1) % 8));
        m_terms.solver_clock = m_terms.challenger_clock = Tick{1 + m_input.number(1)};
        const auto statement = trace_of(Side::solver).statement(Digest{}, 0);
        m_game.emplace(*Game::start(*statement, m_terms, parties(), m_now, hash::sha256_direct));
    }

    void play()
    {
        const auto most = bounds(sizes_of(toy_program(), steps), m_terms);
        fuzz::expect(most.has_value(), "the bounds are known");
        while (!m_game->is_settled()) {
            disturb();
            if (m_game->to_move() == m_honest) play_honest();
            else play_dishonest();
        }
        fuzz::expect(m_game->verdict() == (m_honest == Side::solver ? Verdict::upheld : Verdict::convicted), "the honest side wins");
        fuzz::expect(m_game->state().moves() <= 2 * most->rounds, "no game has more rounds than its bounds say");
        fuzz::expect(m_bytes[0] <= most->solver_bytes && m_bytes[1] <= most->challenger_bytes,
                     "no side sends more bytes than the bounds say");
        fuzz::expect(m_now.value - 10 <= most->ticks + 1, "no game lasts longer than its bounds say");
    }

private:
    replay::RunTrace& trace_of(Side side) { return side == m_honest ? m_truth : *m_liar; }

    Result<Move> next_of(Side side)
    {
        return side == Side::solver ? next_solver_move(*m_game, trace_of(side)) : next_challenger_move(*m_game, trace_of(side));
    }

    bool send(const Move& move, Tick at)
    {
        const Bytes before = m_game->encode();
        const auto side = static_cast<std::size_t>(m_game->is_settled() ? Side::solver : m_game->to_move());
        const auto applied = m_game->apply(move, at);
        if (!applied || *applied == Applied::already_made) {
            fuzz::expect(m_game->encode() == before, "a move that is not made changes nothing");
            return false;
        }
        m_now = at;
        m_bytes[side] += encode(move).size();
        m_made.push_back(move);
        const auto stored = Game::decode(m_game->encode(), hash::sha256_direct);
        fuzz::expect(stored && *stored == *m_game, "a stored game is the game");
        return true;
    }

    // What anybody may do at any time: send old moves again, claim a timeout too early, move for the side that is not to move.
    void disturb()
    {
        const std::uint64_t what = m_input.number(1);
        const Bytes before = m_game->encode();
        if ((what & 1) != 0 && !m_made.empty()) send(m_made[what % m_made.size()], m_now);
        if ((what & 2) != 0) fuzz::expect(!m_game->claim_timeout(m_game->deadline()), "no timeout before the deadline has passed");
        const bool solver = m_game->to_move() == Side::solver;
        if ((what & 4) != 0) send(m_game->next_move(solver ? MoveBody{Select{}} : MoveBody{Reveal{}}), m_now);
        fuzz::expect(m_game->encode() == before, "who is not to move changes nothing");
    }

    // At any time up to the deadline, that instant included.
    void play_honest()
    {
        const auto move = next_of(m_honest);
        fuzz::expect(move.has_value(), "an honest side has a move");
        const std::uint64_t wait = m_game->deadline().value - m_now.value;
        fuzz::expect(send(*move, Tick{m_now.value + wait * std::min<std::uint64_t>(m_input.number(1), 128) / 128}),
                     "an honest move is accepted");
    }

    // A few tries, then silence.
    void play_dishonest()
    {
        for (std::uint64_t tries = 1 + m_input.number(1) % 3; tries > 0; --tries) {
            const Tick at{m_now.value + m_input.number(1) % 64};
            const auto move = dishonest_move();
            if (move && send(*move, at)) return;
        }
        m_now = Tick{m_game->deadline().value + 1};
        fuzz::expect(m_game->claim_timeout(m_now).has_value(), "a silent side loses");
    }

    // What its own false run says, as it is, with some bytes changed, or a selection of something else.
    std::optional<Move> dishonest_move()
    {
        const std::uint64_t kind = m_input.number(1) % 8;
        if (kind == 0) return std::nullopt;
        const Side side = m_game->to_move();
        const auto move = next_of(side);
        if (side == Side::challenger && (kind == 1 || !move)) {
            Select select{static_cast<std::uint32_t>(m_input.number(1)), std::nullopt};
            const std::uint64_t node = m_input.number(1) % (toy_program().nodes().size() + 1);
            if (node > 0) select.descriptor = m_truth.program().open_descriptor({static_cast<std::uint32_t>(node - 1)});
            return m_game->next_move(kind == 1 ? MoveBody{std::move(select)} : MoveBody{Prove{std::move(select), ArithmeticEvidence{}}});
        }
        if (!move || kind > 3) return move ? std::optional{*move} : std::nullopt;
        Bytes bytes = encode(move->body);
        for (std::uint64_t changes = kind - 1; changes > 0; --changes)
            bytes[m_input.number(2) % bytes.size()] ^= static_cast<std::uint8_t>(1U << m_input.number(1) % 8);
        const auto body = decode<MoveBody>(bytes);
        return body ? std::optional{m_game->next_move(*body)} : std::nullopt;
    }

    fuzz::Input m_input;
    Side m_honest = Side::solver;
    replay::RunTrace& m_truth = truth();
    replay::RunTrace* m_liar = nullptr;
    Terms m_terms;
    std::optional<Game> m_game;
    std::vector<Move> m_made;
    std::array<std::uint64_t, 2> m_bytes{};
    Tick m_now{10};
};

} // namespace

std::vector<assay::Bytes> assay::fuzz::seeds()
{
    std::vector<Bytes> all;
    for (std::uint8_t honest = 0; honest < 2; ++honest)
        for (std::uint8_t liar = 0; liar < liars().size(); ++liar) {
            // Both play on from here, each dishonest turn as its own run says, with some disturbance.
            Bytes bytes{honest, liar, liar, 100};
            for (std::uint8_t turn = 0; turn < 60; ++turn) bytes.push_back(turn % 5 == 4 ? 7 : 4);
            all.push_back(std::move(bytes));
        }
    return all;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    Dispute{data, size}.play();
    return 0;
}
