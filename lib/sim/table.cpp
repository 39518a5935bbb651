#include "sim/table.hpp"

#include <assay/dispute/bounds.hpp>
#include <assay/dispute/players.hpp>

namespace assay::sim {

using namespace dispute;

namespace {

constexpr std::uint64_t start_tick = 10;
constexpr std::uint64_t patience = 16;      // ticks after which a player who was not heard looks again
constexpr std::uint32_t looks_max = 2;      // of an adversary, for each move of the game
constexpr std::uint64_t clock_ticks = 1000; // more than an honest player needs for the longest game
constexpr std::uint32_t moves_max = 400;    // of any game of the largest sizes, at one level a reveal

Side other(Side side)
{
    return side == Side::solver ? Side::challenger : Side::solver;
}

// Who can have signed a move of this kind: moves of the other side are refused before they come to the game.
Side author_of(const MoveBody& body)
{
    return std::holds_alternative<Select>(body) || std::holds_alternative<Prove>(body) ? Side::challenger : Side::solver;
}

// What a refused move must not change, without encoding everything.
auto summary_of(const GameState& state)
{
    return std::tuple{
        state.moves(), state.phase, state.layer, state.turn_started, state.solver_used, state.challenger_used, state.front.digests.size()};
}

} // namespace

std::optional<Verdict> expected_verdict(const Scenario& scenario)
{
    if (scenario.solver == nullptr) return Verdict::upheld;
    if (scenario.challenger == nullptr) return Verdict::convicted;
    return std::nullopt;
}

// An honest player's clock covers whatever delays it, so that only its opponent's moves can make it lose.
Terms terms_for(const Scenario& scenario)
{
    std::uint64_t clock = clock_ticks;
    for (const Disturbance& one : scenario.disturbances) clock += one.ticks + 2 * patience;
    Terms terms;
    terms.reveal_levels = terms.segment_levels = scenario.reveal_levels;
    terms.solver_clock = terms.challenger_clock = Tick{clock};
    return terms;
}

Table::Table(const Scenario& scenario, const Options& options, const Rules& rules, const std::shared_ptr<SyntheticTask>& task,
             const std::vector<Move>& heard)
    : m_scenario(scenario), m_options(options), m_rules(rules),
      m_heard(heard), m_solver{scenario.solver, SyntheticTrace{task, scenario.solver == nullptr ? Lie{} : scenario.solver_lie}},
      m_challenger{scenario.challenger, SyntheticTrace{task, scenario.challenger == nullptr ? Lie{} : scenario.challenger_lie}},
      m_terms(terms_for(scenario)), m_random(scenario.seed)
{
    Parties parties;
    parties.challenger.bytes[0] = 1;
    parties.challenger.bytes[1] = static_cast<std::uint8_t>(scenario.seed);
    m_transcript = {m_solver.trace.statement({}, 0), m_terms, parties, Tick{start_tick}, {}, {}};
}

void Table::require(bool holds, std::string_view invariant)
{
    if (!holds && m_outcome.broken.empty()) m_outcome.broken = invariant;
}

template <class Sentence>
void Table::tell(Sentence sentence)
{
    if (m_options.tells) m_outcome.story.push_back("At tick " + std::to_string(m_now) + " " + sentence() + ".");
}

void Table::remind(std::uint64_t at, Side side, bool claims)
{
    m_reminders.push_back({at, m_order++, side, claims});
}

void Table::post(std::uint64_t at, Side from, Move&& move)
{
    Letter& letter = m_letters.emplace_back();
    letter.at = at;
    letter.order = m_order++;
    letter.from = from;
    letter.move = std::move(move);
}

void Table::wake_both()
{
    m_reminders.clear();
    for (const Side side : {Side::solver, Side::challenger}) {
        seat(side).looks = 0;
        if (seat(side).adversary == nullptr && side != m_game->to_move()) continue; // the honest wait for their turn
        remind(std::max(m_now + 1, seat(side).down_until), side);
    }
    remind(m_game->deadline().value + 1, other(m_game->to_move()), true);
}

Outcome Table::play()
{
    auto game = Game::start(m_transcript.statement, m_terms, m_transcript.parties, m_transcript.started, m_options.function);
    require(game.has_value(), "a game about a valid task starts");
    if (!game) return m_outcome;
    m_game.emplace(std::move(*game));
    m_now = start_tick;
    wake_both();
    while (!m_game->is_settled() && m_outcome.broken.empty()) step();
    if (m_outcome.broken.empty()) check_end();
    m_outcome.moves = m_game->state().moves();
    m_outcome.verdict = m_game->verdict();
    m_outcome.ticks = m_now - start_tick;
    return std::move(m_outcome);
}

void Table::step()
{
    const auto is_before = [](const auto& a, const auto& b) { return std::pair{a.at, a.order} < std::pair{b.at, b.order}; };
    const auto letter = std::min_element(m_letters.begin(), m_letters.end(), is_before);
    const auto reminder = std::min_element(m_reminders.begin(), m_reminders.end(), is_before); // the claim at least
    if (letter != m_letters.end() && is_before(*letter, *reminder)) {
        m_now = letter->at;
        deliver(letter->from, letter->move);
        m_letters.erase(letter);
        return;
    }
    const Reminder due = *reminder;
    m_reminders.erase(reminder);
    m_now = due.at;
    due.claims ? claim() : look(due.side);
}

void Table::look(Side side)
{
    Seat& own = seat(side);
    if (m_now < own.down_until) return remind(own.down_until, side);
    if (own.adversary != nullptr && own.looks >= looks_max) return;
    ++own.looks;
    const View view{*m_game, side, Tick{m_now}, m_random, own.trace, m_heard};
    own.adversary == nullptr ? m_rules.honest(view, m_sends) : answer_of(*own.adversary, view, m_sends);
    if (m_sends.empty()) return;
    remind(m_now + patience, side);
    for (Send& message : m_sends) send(side, message);
}

void Table::send(Side side, Send& message)
{
    Seat& own = seat(side);
    if (m_now < own.down_until) return;
    const std::uint32_t number = own.messages++;
    ++m_outcome.messages;
    std::uint64_t arrival = m_now + std::max<std::uint64_t>(message.wait, 1);
    for (const Disturbance& one : m_scenario.disturbances) {
        if (one.side != side || one.message != number) continue;
        const std::string who{name_of(side)};
        switch (one.kind) {
        case Disturbance::Kind::delay:
            arrival += one.ticks;
            tell([&] { return "a message of the " + who + " is delayed by " + std::to_string(one.ticks) + " ticks"; });
            break;
        case Disturbance::Kind::duplicate:
            post(arrival + one.ticks, side, Move{message.move});
            tell([&] { return "a message of the " + who + " is copied, to arrive again " + std::to_string(one.ticks) + " ticks after it"; });
            break;
        case Disturbance::Kind::loss: tell([&] { return "a message of the " + who + " is lost"; }); return;
        case Disturbance::Kind::crash:
            own.down_until = m_now + one.ticks;
            tell([&] { return "the " + who + " crashes before it sends, for " + std::to_string(one.ticks) + " ticks"; });
            return remind(own.down_until, side);
        }
    }
    post(arrival, side, std::move(message.move));
}

void Table::deliver(Side side, const Move& move)
{
    if (author_of(move.body) != side) {
        ++m_outcome.refusals;
        return tell([&] { return "the " + std::string{name_of(side)} + " sends a move of the other side, which it cannot sign"; });
    }
    const Bytes before = m_options.checks_bytes ? m_game->encode() : Bytes{};
    const auto summary = summary_of(m_game->state());
    const std::uint64_t granted = granted_time(m_game->state()).value;
    const std::uint64_t turn_started = m_game->state().turn_started.value;
    if (m_options.checks_bytes) {
        Game silent = *m_game;
        require(silent.claim_timeout(Tick{m_now}).has_value() == (m_now > m_game->deadline().value),
                "a timeout can be claimed after the deadline and not before");
    }
    const auto status = m_rules.apply(*m_game, move, Tick{m_now});
    const auto what_happens = [&] { return "the " + std::string{name_of(side)} + " " + sentence_of(move); };
    if (!status) {
        ++m_outcome.refusals;
        tell([&] { return what_happens() + ", which is refused: " + std::string{assay::name_of(status.error())}; });
        require(summary_of(m_game->state()) == summary, "a refused move changes nothing");
        if (m_options.checks_bytes) require(m_game->encode() == before, "a refused move changes no byte");
        return;
    }
    if (*status == Applied::already_made) {
        tell([&] { return what_happens() + " again, which changes nothing"; });
        require(summary_of(m_game->state()) == summary, "a repeated move changes nothing");
        if (m_options.checks_bytes) require(m_game->encode() == before, "a repeated move changes no byte");
        return;
    }
    tell(what_happens);
    if (m_options.checks_bytes) m_transcript.moves.push_back({Tick{m_now}, move});
    check_after_move(side, granted, turn_started);
    if (!m_game->is_settled()) wake_both();
}

void Table::claim()
{
    const Side late = m_game->to_move();
    m_granted += granted_time(m_game->state()).value;
    const auto status = m_rules.claim_timeout(*m_game, Tick{m_now});
    require(status.has_value(), "a timeout can be claimed one tick after the deadline");
    m_transcript.timeout_claimed = Tick{m_now};
    tell([&] { return "the clock of the " + std::string{name_of(late)} + " has run out"; });
}

void Table::check_after_move(Side side, std::uint64_t granted, std::uint64_t turn_started)
{
    const GameState& state = m_game->state();
    m_granted += granted;
    const std::uint64_t elapsed = m_now - turn_started;
    if (elapsed > granted) m_used[static_cast<std::size_t>(side)] += elapsed - granted;
    require(state.solver_used.value == m_used[0] && state.challenger_used.value == m_used[1],
            "time beyond a turn's grant is counted once, for the side that spent it");
    require(state.turn_started.value == m_now, "a turn starts when the move before it is made");
    require(state.solver_used <= m_terms.solver_clock && state.challenger_used <= m_terms.challenger_clock,
            "no side uses more than its clock");
    require(state.moves() <= moves_max, "a game has a bounded number of moves");
    if (!m_options.checks_bytes) return;
    const auto stored = Game::decode(m_game->encode());
    require(stored && *stored == *m_game, "a stored game is the game");
}

// Spec: DISPUTE-27.
void Table::check_bounds()
{
    const auto limits = bounds(sizes_of(m_solver.trace.program().program(), m_transcript.statement.steps), m_terms);
    require(limits.has_value(), "the bounds of a valid game are known before it starts");
    if (!limits) return;
    std::array<std::uint64_t, 2> bytes{};
    for (const TimedMove& timed : m_transcript.moves) bytes[timed.move.number % 2] += encode(timed.move).size();
    require(m_now <= start_tick + limits->ticks + 1, "a game ends within the time that is known before it starts");
    require((m_transcript.moves.size() + 1) / 2 <= limits->rounds, "a game has no more rounds than are known before it starts");
    require(bytes[0] <= limits->solver_bytes && bytes[1] <= limits->challenger_bytes,
            "no side sends more bytes than are known before the game starts");
}

void Table::check_end()
{
    require(m_game->is_settled(), "a game ends");
    if (!m_game->is_settled()) return;
    require(m_now <= start_tick + m_terms.solver_clock.value + m_terms.challenger_clock.value + m_granted + 1,
            "a game ends in bounded time");
    const auto expected = expected_verdict(m_scenario);
    tell([&] { return std::string{m_game->verdict() == Verdict::convicted ? "the solver is convicted" : "the claim is upheld"}; });
    require(!expected || *expected == m_game->verdict(),
            expected == Verdict::upheld ? "an honest solver is never convicted" : "an honest challenger of a false result wins");
    if (!m_options.checks_bytes) return;
    check_bounds();
    const auto judged = dispute::replay(m_transcript);
    require(judged && judged->verdict() == m_game->verdict(), "whoever plays the transcript again finds the same verdict");
    const Bytes before = m_game->encode();
    for (const TimedMove& timed : m_transcript.moves) {
        const auto again = m_game->apply(timed.move, Tick{m_now + 1});
        require(again && *again == Applied::already_made && m_game->encode() == before, "nothing moves after the end");
    }
}

} // namespace assay::sim
