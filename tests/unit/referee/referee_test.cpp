// The referee alone: from the bytes of the last move, and a place or its digest, to a verdict, without allocating.
#include <doctest/doctest.h>

#include <assay/commit/tensors.hpp>

#include "tests/allocations.hpp"
#include "tests/unit/dispute/last_moves.hpp"

using namespace assay;
using namespace assay::toy;
using test::allocations;

namespace {

struct Judgement {
    std::optional<Verdict> verdict;
    Error error{};
    std::size_t allocated = 0;
};

template <class... Arguments>
Judgement judged(const Arguments&... arguments)
{
    const std::size_t before = allocations;
    const Result<Verdict, Refusal> result = judge(arguments...);
    const std::size_t allocated = allocations - before;
    return {result ? std::optional{*result} : std::nullopt, result ? Error{} : result.error(), allocated};
}

const std::vector<LastProof>& proofs()
{
    static const std::vector<LastProof> all = last_proofs();
    return all;
}

Place place_before(const LastProof& last)
{
    return place_of(last.before.state(), last.before.id());
}

// Every way to spoil bytes that the vectors of other formats have too: each byte changed, cut short, made longer.
template <class Visit>
void for_each_change(const Bytes& bytes, Visit visit)
{
    for (std::size_t i = 0; i < bytes.size(); i += 1 + i / 64) {
        for (const std::uint8_t flip : {std::uint8_t{1}, std::uint8_t{0x80}, std::uint8_t{0xff}}) {
            Bytes changed = bytes;
            changed[i] ^= flip;
            visit(changed);
        }
        visit(Bytes(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(i)));
    }
    Bytes longer = bytes;
    longer.push_back(0);
    visit(longer);
}

} // namespace

TEST_CASE("DISPUTE-32 the count sees an allocation")
{
    const std::size_t before = allocations;
    const auto proof = std::make_unique<Digest>();
    CHECK(proof->bytes[0] == 0);
    CHECK(allocations == before + 1);
}

TEST_CASE("DISPUTE-14 DISPUTE-31 DISPUTE-32 every kind of evidence is judged without allocation, convicting and upholding, as the game judges it")
{
    std::array<std::array<int, 2>, std::variant_size_v<Evidence>> seen{};
    for (const LastProof& last : proofs()) {
        const Place place = place_before(last);
        const Bytes move = encode(last.move), bytes = encode(place);
        const Judgement direct = judged(place, ByteView{move}, hash::HashFunction{hash::sha256});
        const Judgement committed = judged(digest_of(place), ByteView{bytes}, ByteView{move}, hash::HashFunction{hash::sha256});
        CHECK(direct.verdict == last.verdict);
        CHECK(committed.verdict == last.verdict);
        CHECK(direct.allocated == 0);
        CHECK(committed.allocated == 0);
        ++seen[last.evidence().index()][static_cast<std::size_t>(last.verdict)];
    }
    for (std::size_t kind = 0; kind < seen.size(); ++kind)
        for (const int games : seen[kind]) CHECK_MESSAGE(games > 0, "evidence of kind " << kind);
}

TEST_CASE("DISPUTE-6 DISPUTE-14 DISPUTE-32 last moves that are changed anywhere are judged or refused as the game does it, without allocation, and convict no "
          "honest solver")
{
    std::size_t refused = 0;
    for (std::size_t i = 0; i < proofs().size(); i += 3) {
        const LastProof& last = proofs()[i];
        const Place place = place_before(last);
        for_each_change(encode(last.move), [&](const Bytes& move) {
            const Judgement result = judged(place, ByteView{move}, hash::HashFunction{hash::sha256});
            CHECK(result.allocated == 0);
            refused += result.verdict ? 0 : 1;
            // In these games the solver is honest: nobody's bytes convict it.
            if (last.verdict == Verdict::upheld) CHECK(result.verdict != Verdict::convicted);
            const auto decoded = decode<Move>(move);
            if (!decoded) {
                CHECK(!result.verdict);
                return;
            }
            Game game = last.before;
            const auto applied = game.apply(*decoded, last.at);
            // A move that does not prove may be a good one; the referee is not asked about it.
            if (!std::holds_alternative<Prove>(decoded->body)) CHECK(result.error == Error::wrong_move);
            else CHECK(result.verdict == (applied ? game.verdict() : std::nullopt));
        });
    }
    CHECK(refused > 10000);
}

TEST_CASE("DISPUTE-31 a place with another digest is refused, and so is the move of another game, turn or history")
{
    for (std::size_t i = 0; i < proofs().size(); i += 7) {
        const LastProof& last = proofs()[i];
        const Place place = place_before(last);
        const Digest commitment = digest_of(place);
        const Bytes move = encode(last.move);
        for_each_change(encode(place), [&](const Bytes& other) {
            const Judgement result = judged(commitment, ByteView{other}, ByteView{move}, hash::HashFunction{hash::sha256});
            CHECK(result.error == Error::commitment_mismatch);
            CHECK(result.allocated == 0);
        });
        Place elsewhere = place;
        elsewhere.game.bytes[0] ^= 1;
        CHECK(judged(elsewhere, ByteView{move}).error == Error::wrong_history);
        elsewhere = place;
        ++elsewhere.number;
        CHECK(judged(elsewhere, ByteView{move}).error == Error::wrong_history);
        elsewhere = place;
        elsewhere.previous.bytes[31] ^= 1;
        CHECK(judged(elsewhere, ByteView{move}).error == Error::wrong_history);
        elsewhere = place;
        elsewhere.evidence_bytes = static_cast<std::uint32_t>(move.size() - 1);
        CHECK(judged(elsewhere, ByteView{move}).error == Error::limit_exceeded);
        const Bytes spoilt(10);
        CHECK(judged(hash::tagged_digest_of_encoding("assay.place", spoilt), ByteView{spoilt}, ByteView{move}).error == Error::truncated_input);
    }
}

TEST_CASE("DISPUTE-13 DISPUTE-14 evidence of every kind is judged at its own place and refused at every other; a leaf that is not shown cannot be selected")
{
    std::size_t refused = 0;
    for (std::size_t i = 0; i < proofs().size(); i += 2) {
        const LastProof& last = proofs()[i];
        const Place place = place_before(last);
        for (std::size_t j = 0; j < proofs().size(); j += 2) {
            Move move = last.move;
            auto& proof = std::get<Prove>(move.body);
            proof.evidence = proofs()[j].evidence();
            const Judgement result = judged(place, ByteView{encode(move)});
            const bool on_record = proof.evidence.index() >= 3 && last.evidence().index() >= 3;
            if (proof.evidence.index() != last.evidence().index() && !on_record) {
                CHECK(result.error == Error::invalid_proof);
                ++refused;
            }
        }
        for (const std::uint32_t index : {1024U, 0xffffffffU}) {
            Move move = last.move;
            std::get<Prove>(move.body).selection.index = index;
            CHECK(judged(place, ByteView{encode(move)}).error == Error::nothing_selected);
        }
        Place bare = place;
        bare.digests = {};
        bare.records = {};
        if (place.layer != Layer::tensor) CHECK(judged(bare, ByteView{encode(last.move)}).error == Error::nothing_selected);
    }
    CHECK(refused > 500);
}

TEST_CASE("DISPUTE-12 DISPUTE-13 DISPUTE-14 a descriptor is shown with a source that is selected and with nothing else, the last leaf of a step included")
{
    const commit::DescriptorOpening opening = trace(1).program().open_descriptor({0});
    std::array<int, 2> seen{};
    for (const LastProof& last : proofs()) {
        const Place place = place_before(last);
        Move move = last.move;
        auto& shown = std::get<Prove>(move.body).selection.descriptor;
        ++seen[shown ? 1 : 0];
        if (shown) shown.reset();
        else shown = opening;
        CHECK(judged(place, ByteView{encode(move)}).error == Error::invalid_proof);
        if (place.layer != Layer::step) continue;
        const std::uint64_t leaf = place.statement.program.node_count;
        Place end = place;
        end.node = {leaf, leaf + 1};
        for (const auto& descriptor : {std::optional{opening}, std::optional<commit::DescriptorOpening>{}}) {
            std::get<Prove>(move.body).selection = {0, descriptor};
            CHECK(judged(end, ByteView{encode(move)}).error == Error::invalid_proof);
        }
    }
    CHECK(seen[0] > 10);
    CHECK(seen[1] > 4);
}

namespace {

merkle::Proof proof_in_step(replay::RunTrace& run, std::uint64_t step, std::uint32_t node)
{
    const std::uint64_t size = toy_program().nodes().size() + 1;
    const TreeAddress tree{TreeAddress::Kind::step, step, {}, 0};
    return merkle::prove_inclusion(node, size, [&](merkle::Range range) { return *run.hash(tree, range); });
}

Digest tensor_in_step(replay::RunTrace& run, std::uint64_t step, std::uint32_t node)
{
    return *decode<Digest>(*run.leaf({TreeAddress::Kind::step, step, {}, 0}, node));
}

// The first chunk of an operand of one chunk, as an honest run has it.
OperandOpening opening_of(replay::RunTrace& run, std::uint64_t step, NodeIndex node)
{
    const TreeAddress tree{TreeAddress::Kind::tensor, step, node, 0};
    return {*run.hash(tree, {0, 1}), proof_in_step(run, step, node.value), *run.leaf(tree, 0), {}};
}

} // namespace

TEST_CASE("DISPUTE-16 a state's tensor is compared with the output of the node that the program names, however well another node is opened")
{
    replay::RunTrace honest = trace(2);
    std::uint64_t tried = 0;
    for (const LastProof& last : proofs()) {
        if (!std::holds_alternative<OutputEvidence>(last.evidence()) || last.verdict != Verdict::upheld) continue;
        const std::uint64_t step = last.before.state().step;
        for (std::uint32_t node = 0; node < toy_program().nodes().size(); ++node) {
            Move move = last.move;
            auto& evidence = std::get<OutputEvidence>(std::get<Prove>(move.body).evidence);
            const bool is_named = evidence.output.node.value == node;
            evidence.output.node = {node};
            evidence.tensor = tensor_in_step(honest, step, node);
            evidence.tensor_proof = proof_in_step(honest, step, node);
            const Judgement result = judged(place_before(last), ByteView{encode(move)});
            CHECK(result.verdict == (is_named ? std::optional{Verdict::upheld} : std::nullopt));
            ++tried;
        }
    }
    CHECK(tried > 0);
}

TEST_CASE("DISPUTE-15 a source is compared with the list of tensors that was committed to, however well another list is opened")
{
    std::array<int, 2> tried{};
    for (const LastProof& last : proofs()) {
        if (!std::holds_alternative<SourceEvidence>(last.evidence()) || last.verdict != Verdict::upheld) continue;
        Move move = last.move;
        auto& evidence = std::get<SourceEvidence>(std::get<Prove>(move.body).evidence);
        const program::Descriptor& node = std::get<Prove>(move.body).selection.descriptor->descriptor;
        const std::vector<Digest> forged(node.primitive == Primitive::state ? 3 : 1, merkle::leaf_hash(Bytes{1}));
        const std::uint32_t index = std::get<program::SourceAttributes>(node.attributes).index;
        const merkle::Tree list = commit::digest_tree(forged);
        if (evidence.before) evidence.before = commit::state_digest(std::span{forged});
        ++tried[evidence.before ? 1 : 0];
        evidence.list_root = list.root();
        evidence.tensor = forged[index];
        evidence.tensor_proof = list.prove_inclusion(index);
        CHECK(judged(place_before(last), ByteView{encode(move)}).error == Error::root_mismatch);
    }
    CHECK(tried[0] > 0);
    CHECK(tried[1] > 0);
}

TEST_CASE("DISPUTE-13 DISPUTE-17 the first scalar step of an honest sum is no proof about its element, however well its operands are opened")
{
    replay::RunTrace honest = trace(2);
    for (const std::uint32_t sum : {5U, 8U}) {
        replay::RunTrace liar = trace(2, last_moves::changed_element(sum, 0));
        const auto transcript = play_out(*honest.statement(Digest{}, 0), terms(2), parties(), Tick{10}, honest, liar);
        REQUIRE(transcript);
        Game game = *Game::start(transcript->statement, transcript->terms, transcript->parties, transcript->started);
        for (const TimedMove& timed : transcript->moves)
            if (game.state().phase != Phase::selecting_element) REQUIRE(game.apply(timed.move, timed.at));
        REQUIRE(game.state().phase == Phase::selecting_element);
        const program::ScalarStep step = program::scalar_step(*game.state().descriptor, 0, 0);
        ElementEvidence evidence;
        for (const program::Input& input : step.inputs)
            if (input.kind == program::Input::Kind::operand)
                evidence.operands.push_back(opening_of(honest, game.state().step, game.state().descriptor->operands[input.slot].node));
        CHECK(!evidence.operands.empty());
        const Bytes move = encode(game.next_move(Prove{{0, std::nullopt}, evidence}));
        CHECK(judged(place_of(game.state(), game.id()), ByteView{move}).error == Error::invalid_proof);
    }
}

TEST_CASE("DISPUTE-4 DISPUTE-15 a source with operands, another type than its own, an impossible shape or another kind's attributes is no source")
{
    replay::RunTrace solver = trace(1);
    const auto statement = solver.statement(Digest{}, 0);
    const auto outcome_of = [&](const program::Descriptor& descriptor) {
        Statement other = *statement;
        other.program.node_count = 1;
        other.program.node_root = merkle::leaf_hash(encode(descriptor));
        const Digest shown = merkle::leaf_hash(Bytes{1});
        const std::array leaves{merkle::leaf_hash(view_of(shown)), merkle::leaf_hash(view_of(other.after))};
        auto game = Game::start(other, terms(2), parties(), Tick{0});
        REQUIRE(game->apply(game->next_move(Open{merkle::node_hash(leaves[0], leaves[1]), {leaves[0]}, std::nullopt, {{shown, other.after}, {}}}),
                            Tick{1}));
        replay::RunTrace honest = trace(1);
        const TreeAddress list{TreeAddress::Kind::state_before, 0, {}, 0};
        SourceEvidence evidence;
        evidence.list_root = *honest.hash(list, {0, 3});
        std::copy_n(honest.leaf(list, 0)->begin(), 32, evidence.tensor.bytes.begin());
        evidence.tensor_proof = merkle::prove_inclusion(0, 3, [&](merkle::Range range) { return *honest.hash(list, range); });
        const Bytes move = encode(game->next_move(Prove{{0, commit::DescriptorOpening{descriptor, {}}}, evidence}));
        return judged(place_of(game->state(), game->id()), ByteView{move});
    };
    const program::Descriptor good{Primitive::state, program::SourceAttributes{0, counts}, {}, counts, "counts"};
    CHECK(outcome_of(good).verdict == Verdict::convicted);
    program::Descriptor bad = good;
    bad.operands.push_back({{0}, counts});
    CHECK(outcome_of(bad).error == Error::invalid_proof);
    bad = good;
    bad.output = total;
    CHECK(outcome_of(bad).error == Error::invalid_proof);
    bad = good;
    bad.attributes = program::NoAttributes{};
    CHECK(outcome_of(bad).error == Error::invalid_proof);
    bad = good;
    bad.primitive = Primitive::add;
    CHECK(outcome_of(bad).error == Error::invalid_proof);
    for (const Shape& impossible : {Shape{5, 0}, Shape{1U << 20, 1U << 20, 2}}) {
        bad = good;
        bad.output.shape = impossible;
        bad.attributes = program::SourceAttributes{0, bad.output};
        CHECK(outcome_of(bad).error == Error::invalid_proof);
    }
}
