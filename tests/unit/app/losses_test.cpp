// Losses as a node reads them from the checkpoints that it holds, and what it says of each.
#include "tests/unit/node/nodes.hpp"

#include <bit>
#include <cmath>

#include <assay/node/lists.hpp>
#include <assay/store/checkpoints.hpp>
#include <assay/store/memory_store.hpp>

#include "app/losses.hpp"

using namespace assay;
using namespace assay::test;

namespace {

// What happened in a world, as a chain on disk from its first block on.
struct Told {
    Folder folder;
    std::unique_ptr<store::LedgerStore> ledger = store::LedgerStore::open(folder.store(), store::OpenMode::create_if_missing).value();
    app::LossQuery query;

    Told(const World& world, const Digest& task)
        : query{rules().network,
                task,
                world.task(task).task,
                world.task(task).conviction ? world.task(task).conviction->segment : std::nullopt,
                0,
                500}
    {
        Chain chain{World::start(rules())};
        REQUIRE(ledger->begin(Bytes{1}, chain));
        Tick now = chain.ledger().now();
        for (const World::Happened& happened : world.history) {
            if (const auto* tick = std::get_if<Tick>(&happened)) now = *tick;
            const auto* const applied = std::get_if<1>(&happened);
            if (applied == nullptr || applied->second) continue;
            auto sealed = chain.seal_checked(now, {applied->first});
            REQUIRE(sealed);
            REQUIRE(sealed->block);
            const store::BlockEvents block{*sealed->block, sealed->events};
            REQUIRE(ledger->append({&block, 1}, chain));
        }
    }
    [[nodiscard]] app::Losses losses(const store::ChunkStore& chunks) const { return app::losses_of(query, *ledger, chunks).value(); }
};

Posting all_drawn()
{
    Posting both = posting();
    both.terms.segments = 2;
    return both;
}

std::vector<app::Standing> standings(const World& world, const Digest& task)
{
    std::vector<app::Standing> found;
    for (const app::RecordedLoss& one : Told{world, task}.losses(store::MemoryChunkStore{}).found) {
        CHECK(!one.loss);
        found.push_back(one.standing);
    }
    return found;
}

// A program that keeps a loss; nobody trains here.
program::Program program_with_loss()
{
    using namespace program;
    ProgramParts parts;
    const TensorType weights{DataType::binary32, Shape{4}};
    parts.states = {{"weights", weights}, {"loss", {}}};
    parts.nodes = {{Primitive::state, SourceAttributes{0, weights}, {}, "weights before"},
                   {Primitive::state, SourceAttributes{1, {}}, {}, "loss before"},
                   {Primitive::add, NoAttributes{}, {NodeIndex{0}, NodeIndex{0}}, "weights after"},
                   {Primitive::add, NoAttributes{}, {NodeIndex{1}, NodeIndex{1}}, "loss after"}};
    parts.outputs = {{"weights", NodeIndex{2}}, {"loss", NodeIndex{3}}};
    return Program::from_parts(std::move(parts)).value();
}

std::vector<program::Tensor> state_with_loss(float loss)
{
    std::vector<program::Tensor> state{program::Tensor{program_with_loss().states()[0].type}, program::Tensor{program::TensorType{}}};
    state[1].set_element(0, std::bit_cast<std::uint32_t>(loss));
    return state;
}

} // namespace

TEST_CASE("API-6 a loss is claimed until verifiers have replayed its segment, and then what they and proofs say of it")
{
    using enum app::Standing;
    World world;
    Run lying{forged_sum()}, honest;
    const Digest task = begin(world, all_drawn());
    lying.post(world, task);
    CHECK(standings(world, task) == std::vector{claimed});
    lying.post(world, task);
    Run seen{forged_sum()};
    seen.segments.front() =
        std::move(honest.segments.front()); // replays the first segment as it should be, the second from what was recorded
    audit(world, task, lying, seen);
    CHECK(standings(world, task) == std::vector{contested, replayed});
    CHECK(world.apply(stranger, Challenge{task, 0}) == done);
    play_out(world, task, lying.segments[0], seen.segments[0]);
    CHECK(standings(world, task) == std::vector{refuted, replayed});
    world.advance(task);
    CHECK(world.phase(task) == market::Phase::closed);
    CHECK(standings(world, task) == std::vector{refuted, replayed});
}

TEST_CASE("API-6 a loss is read from the chunks of the state that was recorded, and is nothing where they are not held")
{
    const program::Program program = program_with_loss();
    Posting posted = posting();
    posted.program = program.encode();
    posted.task.program = commit::digest_of(commit::CommittedProgram{program}.commitment());
    store::MemoryChunkStore chunks;
    const Digest list = store::save_list(chunks, program.states(), state_with_loss(2.5F)).value();
    const Digest state = node::announce_list(chunks, list).value();

    World world;
    const Digest task = begin(world, posted);
    CHECK(post(world, record(world, task, state)) == done);
    CHECK(post(world, record(world, task, Digest{{9}})) == done); // of a state that nobody uploaded
    const Told told{world, task};
    const app::Losses losses = told.losses(chunks);
    CHECK(losses.has_loss);
    CHECK(losses.records == 2);
    REQUIRE(losses.found.size() == 2);
    CHECK(losses.found[0].loss == 2.5F);
    CHECK(losses.found[0].state == state);
    CHECK(losses.found[0].solver == solver.identity());
    CHECK(losses.found[0].step == 2);
    CHECK(losses.found[1].step == 4);
    CHECK(!losses.found[1].loss);
    CHECK(!told.losses(store::MemoryChunkStore{}).found[0].loss);
    app::LossQuery second = told.query;
    second.from = 1;
    CHECK(app::losses_of(second, *told.ledger, chunks)->found.size() == 1);
    second.from = 0, second.count = 1;
    CHECK(app::losses_of(second, *told.ledger, chunks)->found[0].segment == 0);
}
