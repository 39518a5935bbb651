// A walk told from a transcript alone.
#include <doctest/doctest.h>

#include "app/walk.hpp"
#include "tests/unit/dispute/toy.hpp"

using namespace assay;

TEST_CASE("every forged node of the toy program has a walk that ends there, with the committed and the right value")
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
        CHECK(walk->verdict.find("convicted") != std::string::npos);
        const std::string text = to_text(*walk);
        for (const std::string& part : {walk->steps.back().text, walk->operation, walk->committed, walk->right, walk->verdict})
            CHECK(text.find(part) != std::string::npos);
        ++told;
    }
    CHECK(told >= 10);
}
