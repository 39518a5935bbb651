// A walk told from a transcript alone.
#include <doctest/doctest.h>

#include "app/walk.hpp"
#include "tests/unit/dispute/toy.hpp"

using namespace assay;

namespace {

// Each layer begins with the whole, every move leaves a part of what was left before, and in the end one thing is left of each.
void check_narrowings(const app::Walk& walk)
{
    REQUIRE(!walk.narrowings.empty());
    CHECK(walk.narrowings.front().layer == "segment");
    for (std::size_t i = 0; i < walk.narrowings.size(); ++i) {
        const app::Narrowing& here = walk.narrowings[i];
        const bool is_first = i == 0 || walk.narrowings[i - 1].layer != here.layer;
        if (is_first) {
            CHECK(here.begin == 0);
            CHECK(here.end == here.size);
            if (i > 0) CHECK(walk.narrowings[i - 1].end - walk.narrowings[i - 1].begin == 1);
        } else {
            const app::Narrowing& before = walk.narrowings[i - 1];
            CHECK(before.move < here.move);
            CHECK(before.size == here.size);
            CHECK(before.begin <= here.begin);
            CHECK(here.end <= before.end);
        }
    }
    CHECK(walk.narrowings.back().end - walk.narrowings.back().begin == 1);
    CHECK(walk.narrowings.back().move + 1 == walk.moves);
    if (walk.formula.empty()) return;
    CHECK(walk.operation.starts_with(walk.formula));
    for (const app::OperationInput& input : walk.inputs)
        CHECK(walk.operation.find(input.letter + (" = " + input.value)) != std::string::npos);
}

} // namespace

TEST_CASE("API-4 every forged node of the toy program has a walk that ends there, with the committed and the right value")
{
    int told = 0;
    const program::Program program = toy::segment(3).program->program();
    for (std::uint32_t node = 0; node < program.nodes().size(); ++node) {
        CAPTURE(node);
        replay::Deviation deviation;
        deviation.node = [node](std::uint64_t step, program::NodeIndex here, program::Tensor& output) {
            if (step != 1 || here.value != node) return false;
            for (std::uint64_t i = 0; i < output.type().elements(); ++i) output.set_element(i, output.element(i) ^ 0x00400001U);
            return true;
        };
        replay::RunTrace cheating = toy::trace(3, deviation), honest = toy::trace(3);
        if (*cheating.after() == *honest.after()) continue; // the lie did not reach the claim
        const auto walk = app::walk_of(toy::play(cheating, honest, 2).transcript);
        REQUIRE(walk);
        CHECK(walk->steps.front().text == "step 2 of 3");
        CHECK(walk->committed != walk->right);
        CHECK(!walk->operation.empty());
        check_narrowings(*walk);
        CHECK(walk->verdict.find("convicted") != std::string::npos);
        const std::string text = to_text(*walk);
        for (const std::string& part : {walk->steps.back().text, walk->operation, walk->committed, walk->right, walk->verdict})
            CHECK(text.find(part) != std::string::npos);
        ++told;
    }
    CHECK(told >= 10);
}
