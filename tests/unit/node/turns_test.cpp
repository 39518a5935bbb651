// What a party does first, and what it begins with.
#include "tests/unit/node/village.hpp"

using namespace assay;
using namespace assay::test;

namespace {

// Has to make a move whose state takes three turns to come, and an advance to say; and work.
class Waiting final : public node::Party {
public:
    Waiting(node::Network& network, store::ChunkStore& own) : Party(network, own, node::Identity{seed_of_solver}, {}) {}

private:
    Status acts_for(const TaskState&, std::vector<node::Act>&) override { return {}; }
    Status acts_for_none(std::vector<node::Act>& acts) override
    {
        const auto works = [this](int& left) {
            return node::Work{[this, &left]() -> Status { return --left > 0 ? not_yet("this") : Status{}; }};
        };
        acts.push_back({node::Urgency::work, {}, "trains", works(m_trainings)});
        if (m_slices > 0) acts.push_back({node::Urgency::dispute, {}, "moves", works(m_slices)});
        if (m_duties > 0) acts.push_back({node::Urgency::duty, {}, "advances", works(m_duties)});
        return {};
    }
    int m_slices = 3, m_duties = 1, m_trainings = 1;
};

} // namespace

TEST_CASE("PARTY-19 what waits for a state lets others with a deadline go first, and goes on before mere work")
{
    Village village;
    village.add("party", [](node::Network& network, store::ChunkStore& own) { return std::make_unique<Waiting>(network, own); });
    village.run([&] { return village.story.size() == 5; });
    CHECK(village.story == std::vector<std::string>{"party moves", "party advances", "party moves", "party moves", "party trains"});
}

TEST_CASE("PARTY-20 a party goes on from what it followed before, and from nothing that it did not seal, that is damaged or of another network")
{
    Village village;
    village.add("submitter", makes_submitter());
    village.add("solver", makes_solver(seed_of_solver, 300));
    village.add("verifier", makes_verifier(seed_of_verifier));
    REQUIRE(village.run([&] { return village.history() != nullptr && village.history()->is_closed; }));
    const std::uint64_t height = village.chain().height();
    store::MemoryChunkStore own;
    const auto started = [&own](node::Network& network, const crypto::Seed& seed) {
        return std::make_unique<node::Verifier>(network, own, seed, node::VerifierOptions{});
    };
    const auto blocks_seen = [](node::Party& party) {
        std::uint64_t seen = 0;
        REQUIRE(party.turn([&](const node::FollowedBlock&) { ++seen; }));
        return seen;
    };
    const auto first = started(village.network(), seed_of_verifier);
    CHECK(blocks_seen(*first) == height);
    const Bytes sealed = first->sealed_view();

    const auto again = started(village.network(), seed_of_verifier);
    CHECK(again->resume(sealed));
    CHECK(blocks_seen(*again) == 0);
    CHECK(again->sealed_view() == sealed);
    CHECK(again->view().head() == first->view().head());
    REQUIRE(village.network().submit(sign(stranger, rules().network, {stranger.identity(), 0, Transfer{KeyPair{seed_of_fifth}.identity(), {5}}})));
    CHECK(blocks_seen(*again) == 1); // and blocks follow

    for (const std::size_t at : {std::size_t{0}, std::size_t{31}, std::size_t{32}, sealed.size() / 2, sealed.size() - 1}) {
        Bytes damaged = sealed;
        damaged[at] ^= 1;
        const auto party = started(village.network(), seed_of_verifier);
        CHECK(party->resume(damaged).error() == Error::commitment_mismatch);
        CHECK(blocks_seen(*party) == height + 1);
    }
    CHECK(started(village.network(), seed_of_verifier)->resume(ByteView{sealed}.first(sealed.size() - 1)).error() == Error::commitment_mismatch);
    CHECK(started(village.network(), seed_of_verifier)->resume({}).error() == Error::truncated_input);
    CHECK(started(village.network(), seed_of_fifth)->resume(sealed).error() == Error::commitment_mismatch);

    // A ledger that is not the header's, as nobody would seal it.
    Bytes unsealed = first->view().encode();
    CHECK(node::ChainView::decode(unsealed)->head() == first->view().head());
    const std::size_t state = encode(first->view().genesis()).size() + 8 + 8 + 32 + 32; // in the header
    unsealed[state] ^= 1;
    CHECK(node::ChainView::decode(unsealed).error() == Error::invalid_block);

    node::Genesis genesis = village.network().genesis().value();
    genesis.start = Tick{2};
    store::MemoryChunkStore chunks;
    const auto elsewhere = node::LocalNetwork::start(genesis, chunks, [] { return Tick{3}; }).value();
    const auto stranded = started(*elsewhere, seed_of_verifier);
    CHECK(stranded->resume(sealed));
    CHECK(blocks_seen(*stranded) == 0);
    CHECK(stranded->view().height() == 0);
}
