// Moves from anybody, into games at every stage: refused without a trace, or played (DISPUTE-6).
#include <assay/hash/openssl.hpp>

#include "tests/fuzz/fuzz.hpp"
#include "tests/unit/dispute/toy_task.hpp"

namespace {

using namespace assay;
using namespace assay::toy;

// Games about lies of several kinds, which end in proofs of several kinds.
const std::vector<Transcript>& games()
{
    static const std::vector<Transcript> all = [] {
        std::vector<Transcript> played;
        const std::size_t nodes = toy_program().nodes().size();
        for (std::uint32_t node = 0; node < nodes; ++node) {
            replay::Deviation deviation;
            deviation.node = [node](std::uint64_t step, NodeIndex here, Tensor& output) {
                if (step != 1 || here.value != node) return false;
                output.set_element(0, output.element(0) ^ 0x00400001U);
                return true;
            };
            replay::RunTrace solver = trace(3, deviation), challenger = trace(3);
            const auto transcript = play_out(*solver.statement(Digest{}, 0), terms(1 + node % 4), parties(), Tick{10}, solver, challenger);
            if (transcript && !transcript->moves.empty()) played.push_back(*transcript);
        }
        return played;
    }();
    return all;
}

// Each of the games before each of its moves.
const std::vector<std::vector<Game>>& stages()
{
    static const std::vector<std::vector<Game>> all = [] {
        std::vector<std::vector<Game>> made;
        for (const Transcript& transcript : games()) {
            Game game = *Game::start(transcript.statement, transcript.terms, transcript.parties, transcript.started, hash::sha256_direct);
            made.emplace_back();
            for (const TimedMove& timed : transcript.moves) {
                made.back().push_back(game);
                fuzz::expect(game.apply(timed.move, timed.at).has_value(), "a played move is played again");
            }
        }
        return made;
    }();
    return all;
}

} // namespace

std::vector<assay::Bytes> assay::fuzz::seeds()
{
    std::vector<Bytes> all;
    for (std::size_t g = 0; g < games().size(); ++g)
        for (std::size_t m = 0; m < games()[g].moves.size(); ++m) {
            Bytes bytes = encode(games()[g].moves[m].move.body);
            const Bytes place{static_cast<std::uint8_t>(g), static_cast<std::uint8_t>(m), 1};
            bytes.insert(bytes.begin(), place.begin(), place.end());
            all.push_back(std::move(bytes));
        }
    return all;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    fuzz::Input input{data, size};
    const std::vector<Game>& played = stages()[input.number(1) % stages().size()];
    Game game = played[input.number(1) % played.size()];
    const Bytes before = game.encode();
    const Tick now{game.state().turn_started.value + input.number(1)};
    const auto body = decode<MoveBody>(input.rest());
    if (!body) return 0;
    if (const auto applied = game.apply(game.next_move(*body), now); !applied) {
        fuzz::expect(game.encode() == before, "a refused move changes nothing");
        return 0;
    }
    const auto stored = Game::decode(game.encode(), hash::sha256_direct);
    fuzz::expect(stored && *stored == game, "a stored game is the game");
    // Whatever was played, the game can end: by a proof, or by a clock.
    if (!game.is_settled()) fuzz::expect(game.claim_timeout(Tick{game.deadline().value + 1}).has_value(), "a silent side loses");
    fuzz::expect(game.verdict().has_value(), "a settled game has a verdict");
    return 0;
}
