// Planted faults: a submitter lets its own solver make one, to see who looks, and pays for the looking.
#include "tests/unit/market/world.hpp"

using namespace assay;
using namespace assay::test;

namespace {

const Plant planted{solver.identity(), 0, Digest{{5}}};

Posting with_plant(std::uint8_t verifiers = 1)
{
    Posting posting = test::posting();
    posting.plant = plant_digest(planted);
    posting.terms.segments = 2;
    posting.terms.verifiers = verifiers;
    return posting;
}

Digest recorded(World& world, Run& faulty, const Posting& posting = with_plant())
{
    const Digest task = begin(world, posting);
    faulty.post(world, task), faulty.post(world, task);
    return task;
}

void convict(World& world, const Digest& task, Run& faulty, Run& honest, const KeyPair& finder)
{
    CHECK(world.apply(finder, Challenge{task, 0}) == done);
    play_out(world, task, faulty.segments[0], honest.segments[0], finder);
    CHECK(world.phase(task) == market::Phase::convicted);
}

} // namespace

TEST_CASE("AUDIT-9 AUDIT-10 a verifier that finds the planted fault has the jackpot, and nobody is slashed")
{
    World world;
    Run faulty{forged_sum()}, honest;
    const Digest task = recorded(world, faulty);
    audit(world, task, faulty, honest);
    convict(world, task, faulty, honest, verifier);
    const auto reveal = [&](auto change) {
        Plant plant = planted;
        change(plant);
        return world.apply(submitter, RevealPlant{task, plant});
    };
    CHECK(world.apply(solver, RevealPlant{task, planted}) == Error::not_allowed);
    CHECK(reveal([](Plant& p) { p.salt = {}; }) == Error::commitment_mismatch);
    CHECK(reveal([](Plant& p) { p.segment = 1; }) == Error::commitment_mismatch);
    CHECK(reveal([](Plant& p) { p.solver = stranger.identity(); }) == Error::commitment_mismatch);
    CHECK(reveal([](Plant&) {}) == done);
    CHECK(reveal([](Plant&) {}) == Error::already_done);
    world.advance(task);
    CHECK(ended(world, task) == outcome("plant found"));
}

TEST_CASE("AUDIT-10 of k verifiers that find it each has the jackpot over 2^(k-1), and the rest is burned")
{
    Run faulty{forged_sum()}, honest;
    for (std::size_t k = 1; k <= 4; ++k) {
        World world;
        for (const KeyPair& other : others) CHECK(world.apply(other, Join{{200}}) == done);
        const Digest task = recorded(world, faulty, with_plant(5));
        CHECK(world.apply(clerk, own_draw(world, task)) == done);
        std::vector<const KeyPair*> all{&verifier, &others[0], &others[1], &others[2], &others[3]};
        for (std::size_t i = 0; i < all.size(); ++i) post_receipt(world, task, *all[i], i < k ? honest : faulty);
        CHECK(world.apply(solver, opened_by(world, task, faulty)) == done);
        for (std::size_t i = 0; i < all.size(); ++i) open_receipt(world, task, *all[i], i < k ? honest : faulty);
        convict(world, task, faulty, honest, verifier);
        CHECK(world.apply(submitter, RevealPlant{task, planted}) == done);
        world.advance(task);
        const std::int64_t each = 40 >> (k - 1);
        // Who attested to the fault is slashed; who found it has its fee besides.
        const auto lazy = static_cast<std::int64_t>(all.size() - k), found = static_cast<std::int64_t>(k);
        CHECK(world.gain(verifier) == 20 + each);
        for (std::size_t i = 1; i < all.size(); ++i) CHECK(world.gain(*all[i]) == (i < k ? 20 + each : -60));
        CHECK(world.gain(submitter) == -40 - 20 * found);
        CHECK(world.gain(solver) == 0);
        CHECK(world.burned() == 40 - found * each + 60 * lazy);
    }
}

TEST_CASE("AUDIT-10 who convicts a planted fault before any receipt is open has the jackpot alone")
{
    World world;
    Run faulty{forged_sum()}, honest;
    const Digest task = recorded(world, faulty);
    convict(world, task, faulty, honest, stranger);
    CHECK(world.apply(submitter, RevealPlant{task, planted}) == done);
    world.advance(task);
    CHECK(ended(world, task) == Gains{-40, 0, 0, 40, 0});
}

TEST_CASE("AUDIT-9 a verifier that attested to a planted fault is slashed, and whoever showed it has the jackpot")
{
    World world;
    Run faulty{forged_sum()}, honest;
    const Digest task = recorded(world, faulty);
    audit(world, task, faulty, faulty);
    convict(world, task, faulty, honest, stranger);
    CHECK(world.apply(submitter, RevealPlant{task, planted}) == done);
    world.advance(task);
    CHECK(ended(world, task) == outcome("plant attested to"));
}

TEST_CASE("AUDIT-9 a plant that is not revealed in time, or was convicted otherwise than by proof, is a fault like any other")
{
    Run faulty{forged_sum()}, honest;
    World late;
    const Digest task = recorded(late, faulty);
    convict(late, task, faulty, honest, stranger);
    late.wait(11);
    CHECK(late.apply(submitter, RevealPlant{task, planted}) == Error::too_late);
    late.advance(task, 0);
    CHECK(ended(late, task) == outcome("convicted before the audit"));
    World clock;
    const Digest silent = recorded(clock, faulty);
    CHECK(clock.apply(stranger, Challenge{silent, 0}) == done);
    clock.wait(5000);
    CHECK(clock.apply(clerk, ClaimTimeout{silent, clock.task(silent).disputes.front().id}) == done);
    CHECK(clock.apply(submitter, RevealPlant{silent, planted}) == Error::commitment_mismatch);
    clock.advance(silent);
    CHECK(ended(clock, silent) == outcome("convicted before the audit"));
}

TEST_CASE("AUDIT-9 AUDIT-12 a plant that is revealed at once leaves verifiers the time to open their receipts")
{
    World world;
    Run faulty{forged_sum()}, honest;
    const Digest task = recorded(world, faulty);
    CHECK(world.apply(clerk, own_draw(world, task)) == done);
    post_receipt(world, task, verifier, honest);
    convict(world, task, faulty, honest, stranger);
    CHECK(world.apply(submitter, RevealPlant{task, planted}) == done);
    CHECK(world.apply(clerk, Advance{task}) == Error::too_early);
    open_receipt(world, task, verifier, honest);
    world.advance(task);
    CHECK(ended(world, task) == outcome("plant found"));
}
