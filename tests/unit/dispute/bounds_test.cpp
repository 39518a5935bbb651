// What a game costs at most, and how often a dispute replays.
#include <assay/dispute/bounds.hpp>

#include "tests/unit/dispute/toy.hpp"

using namespace assay;
using namespace assay::toy;

namespace {

Terms with_levels(std::uint8_t levels)
{
    return terms(levels);
}

// Counts what an executor is asked to do.
struct Counts {
    std::uint64_t steps = 0;
    std::uint64_t traced = 0;
};

class CountingExecutor final : public exec::Executor {
public:
    CountingExecutor(std::unique_ptr<exec::Executor> inner, std::shared_ptr<Counts> counts)
        : m_inner(std::move(inner)), m_counts(std::move(counts))
    {
    }
    Status load(std::span<const Tensor> states) override { return m_inner->load(states); }
    Status load_data(exec::DataSet data) override { return m_inner->load_data(std::move(data)); }
    void step() override
    {
        ++m_counts->steps;
        m_inner->step();
    }
    Status traced_step(const exec::NodeVisitor& visit) override
    {
        ++m_counts->traced;
        return m_inner->traced_step(visit);
    }
    [[nodiscard]] Tensor output(std::size_t index) const override { return m_inner->output(index); }
    void read_outputs(std::vector<Tensor>& tensors) const override { m_inner->read_outputs(tensors); }

private:
    std::unique_ptr<exec::Executor> m_inner;
    std::shared_ptr<Counts> m_counts;
};

replay::RunTrace counting_trace(std::uint64_t steps, std::shared_ptr<Counts> counts)
{
    replay::Segment own = segment(steps);
    const auto factory = [program = own.program->program(), data = own.data, seed = own.seed,
                          counts]() -> Result<std::unique_ptr<exec::Executor>> {
        ASSAY_TRY_ASSIGN(auto inner, exec::make_interpreter(program, data, seed));
        return std::unique_ptr<exec::Executor>{std::make_unique<CountingExecutor>(std::move(inner), counts)};
    };
    return replay::RunTrace{std::move(own), factory};
}

replay::Deviation forged(std::uint32_t node)
{
    replay::Deviation deviation;
    deviation.node = [node](std::uint64_t step, NodeIndex here, Tensor& output) {
        if (step != 1 || here.value != node) return false;
        output.set_element(0, output.element(0) ^ 0x00100000);
        return true;
    };
    return deviation;
}

} // namespace

TEST_CASE("DISPUTE-27 a run of a million steps with five million nodes, tensors of twenty million elements and sums of 4096 terms is "
          "settled within 20 rounds and 64 KiB a side")
{
    const TaskSizes sizes{1'000'000, 5'000'000, 1000, 1000, 2, (20'000'000 + 255) / 256, 4096 + 15, 3};
    Terms agreed = with_levels(4);
    const auto most = bounds(sizes, agreed);
    REQUIRE(most);
    CHECK(most->rounds == 19);
    CHECK(most->solver_bytes <= 65536);
    CHECK(most->challenger_bytes <= 65536);
    CHECK(most->evidence_bytes <= 8192);
    CHECK(most->scalar_operations == 1);
    MESSAGE(most->rounds << " rounds, " << most->solver_bytes << " and " << most->challenger_bytes << " bytes, evidence "
                         << most->evidence_bytes << " bytes and " << most->hash_blocks << " blocks");
    agreed.segment_levels = 10;
    CHECK(bounds(sizes, agreed)->rounds == 16);
}

TEST_CASE("DISPUTE-27 sizes and terms outside of the limits have no bounds")
{
    CHECK(bounds({}, with_levels(9)).error() == Error::invalid_terms);
    CHECK(bounds({0, 1, 1, 0, 0, 1, 1, 3}, with_levels(4)).error() == Error::invalid_statement);
    CHECK(bounds({1, program::nodes_max + 1, 1, 0, 0, 1, 1, 3}, with_levels(4)).error() == Error::invalid_statement);
    CHECK(bounds({1, 1, 0, 0, 0, 1, 1, 3}, with_levels(4)).error() == Error::invalid_statement);
    CHECK(bounds({1, 1, 1, 0, 0, 1, 1, 17}, with_levels(4)).error() == Error::invalid_statement);
}

TEST_CASE("DISPUTE-8 DISPUTE-27 sizes around powers of two: the descent to every leaf takes at most the rounds of the bound")
{
    for (const std::uint8_t levels : {std::uint8_t{1}, std::uint8_t{2}, std::uint8_t{3}, std::uint8_t{4}})
        for (std::uint64_t size = 2; size <= 70; ++size) {
            Terms agreed = with_levels(levels);
            const std::uint64_t one = bounds({1, 1, 1, 0, 0, 1, 1, 3}, agreed)->rounds;
            const std::uint64_t most = bounds({size, 1, 1, 0, 0, 1, 1, 3}, agreed)->rounds - one;
            std::uint64_t seen = 0;
            for (std::uint64_t leaf = 0; leaf < size; ++leaf) {
                merkle::Range node{0, size};
                std::uint64_t rounds = 0;
                do {
                    ++rounds;
                    for (const merkle::Range shown : merkle::front(node, levels_below(agreed, Layer::segment, node)))
                        if (shown.begin <= leaf && leaf < shown.end) {
                            node = shown;
                            break;
                        }
                } while (!node.is_leaf());
                CHECK(rounds <= most);
                seen = std::max(seen, rounds);
            }
            CHECK(seen == most);
        }
}

TEST_CASE(
    "DISPUTE-28 a program whose proofs do not fit into the referee's limits is refused before the start, by name; at the limit it is not")
{
    const program::Program toy = toy_program();
    const auto most = bounds(sizes_of(toy, 5), with_levels(4));
    REQUIRE(most);
    CHECK(validate_limits(toy, 5, {}));
    const auto bytes = static_cast<std::uint32_t>(most->evidence_bytes);
    const auto blocks = static_cast<std::uint32_t>(most->hash_blocks);
    CHECK(validate_limits(toy, 5, {bytes, blocks}));
    CHECK(validate_limits(toy, 5, {bytes - 1, blocks}).error() == Error::limit_exceeded);
    CHECK(validate_limits(toy, 5, {bytes, blocks - 1}).error() == Error::limit_exceeded);
    CHECK(validate_limits(toy, 5, {100, blocks}).failure().detail.starts_with("a source or output"));
    const Status by_node = validate_limits(toy, 5, {bytes - 1, blocks});
    REQUIRE(!by_node);
    CHECK(by_node.failure().detail.starts_with("node "));
}

TEST_CASE("DISPUTE-22 a dispute costs each honest side one replay of the segment and one traced step, wherever the lie is")
{
    for (std::uint32_t node = 0; node < toy_program().nodes().size(); ++node)
        for (const bool solver_lies : {true, false}) {
            const auto calls = std::make_shared<Counts>();
            replay::RunTrace honest = counting_trace(5, calls);
            replay::RunTrace liar = trace(5, forged(node));
            if (*liar.after() == *trace(5).after()) continue;
            const Outcome outcome = solver_lies ? play(liar, honest, 2) : play(honest, liar, 2);
            CHECK(outcome.verdict == (solver_lies ? Verdict::convicted : Verdict::upheld));
            CHECK(calls->steps == 5);
            CHECK(calls->traced <= 1);
        }
}

TEST_CASE("DISPUTE-9 with segment_levels that reach its leaves the segment is settled by one message")
{
    for (const std::uint64_t steps : {2, 3, 7, 8, 9, 16}) {
        replay::RunTrace solver = trace(steps, forged(3));
        replay::RunTrace challenger = trace(steps);
        Terms agreed = terms(1);
        agreed.segment_levels = 4;
        const auto transcript = play_out(*solver.statement(Digest{}, 0), agreed, parties(), Tick{10}, solver, challenger);
        REQUIRE(transcript);
        CHECK(std::get<Open>(transcript->moves[0].move.body).front.digests.size() == steps);
        CHECK(std::get<Select>(transcript->moves[1].move.body).index == 1);
        CHECK(std::holds_alternative<Open>(transcript->moves[2].move.body));
        CHECK(dispute::replay(*transcript)->verdict() == Verdict::convicted);
    }
}
