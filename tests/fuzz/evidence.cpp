// The referee alone, with evidence and commitments from anybody: never a crash, never another verdict than the game's, and never one about a place
// that was not committed to (DISPUTE-14, DISPUTE-31). The first byte chooses a game before its last move; the second what the rest is.
#include "tests/fuzz/fuzz.hpp"
#include "tests/unit/dispute/last_moves.hpp"

namespace {

using namespace assay;
using namespace assay::toy;

struct Judged {
    LastProof last;
    Place place; // borrows from `last`
    Bytes place_bytes;
    Digest commitment;
};

const std::vector<Judged>& games()
{
    static const std::vector<Judged> all = [] {
        std::vector<Judged> made;
        for (LastProof& last : last_proofs()) {
            made.push_back({std::move(last), {}, {}, {}});
            Judged& game = made.back();
            game.place_bytes = encode(place_of(game.last.before.state(), game.last.before.id()));
            game.commitment = hash::tagged_digest_of_encoding("assay.place", game.place_bytes);
        }
        for (Judged& game : made) game.place = place_of(game.last.before.state(), game.last.before.id());
        return made;
    }();
    return all;
}

enum What : std::uint8_t { evidence, commitment, other_place, kinds };

// The game decodes the move into values of its own; what it decides must be what the referee reads from the bytes.
void judge_evidence(const Judged& game, ByteView move)
{
    const auto verdict = judge(game.place, move);
    const auto committed = judge(game.commitment, game.place_bytes, move);
    fuzz::expect(verdict.has_value() == committed.has_value() && (verdict ? *verdict == *committed : verdict.error() == committed.error()),
                 "a place and its digest give one verdict");
    const auto decoded = decode<Move>(move);
    fuzz::expect(decoded || !verdict, "what is judged is the encoding of a move");
    if (!decoded || !std::holds_alternative<Prove>(decoded->body)) return fuzz::expect(!verdict, "only proofs are judged");
    Game played = game.last.before;
    const auto applied = played.apply(*decoded, game.last.at);
    fuzz::expect(applied.has_value() == verdict.has_value(), "the game refuses what the referee refuses");
    if (verdict) fuzz::expect(played.verdict() == *verdict, "the game's verdict is the referee's");
}

} // namespace

std::vector<assay::Bytes> assay::fuzz::seeds()
{
    std::vector<Bytes> all;
    for (std::size_t i = 0; i < games().size(); ++i)
        for (const std::uint8_t what : {evidence, commitment, other_place}) {
            Bytes bytes{static_cast<std::uint8_t>(i), what};
            const Bytes rest = what == evidence ? encode(games()[i].last.move) : games()[i].place_bytes;
            bytes.insert(bytes.end(), rest.begin(), rest.end());
            all.push_back(std::move(bytes));
        }
    return all;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    fuzz::Input input{data, size};
    const Judged& game = games()[input.number(1) % games().size()];
    const std::uint64_t what = input.number(1) % kinds;
    const Bytes move = encode(game.last.move);
    if (what == evidence) {
        judge_evidence(game, input.rest());
    } else if (what == commitment) {
        Digest other;
        std::copy_n(input.rest().begin(), std::min<std::size_t>(input.rest().size(), 32), other.bytes.begin());
        const auto verdict = judge(other, game.place_bytes, move);
        fuzz::expect(verdict.has_value() == (other == game.commitment), "only the committed place is judged");
    } else {
        const auto verdict = judge(game.commitment, input.rest(), move);
        const bool same = std::equal(input.rest().begin(), input.rest().end(), game.place_bytes.begin(), game.place_bytes.end());
        fuzz::expect(verdict.has_value() == same, "no other place has the digest");
    }
    return 0;
}
