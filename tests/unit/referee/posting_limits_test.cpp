// What a ledger refuses to post because the referee could not judge it.
#include "tests/unit/market/world.hpp"

using namespace assay;
using namespace assay::test;

TEST_CASE("DISPUTE-28 MARKET-5 a task with a leaf that the referee could not execute in its limits is refused when it is posted; at the limits it is not")
{
    const Posting good = posting();
    const auto most = dispute::bounds(dispute::sizes_of(program::Program::decode(good.program).value(), good.task.interval), good.terms.dispute);
    REQUIRE(most);
    const dispute::RefereeLimits exact{static_cast<std::uint32_t>(most->evidence_bytes), static_cast<std::uint32_t>(most->hash_blocks)};
    const auto post_with = [&](const dispute::RefereeLimits& limits) {
        World world;
        Post post{good};
        post.posting.terms.dispute.limits = limits;
        return world.apply(submitter, post);
    };
    CHECK(post_with({exact.evidence_bytes - 1, exact.hash_blocks}) == Error::limit_exceeded);
    CHECK(post_with({exact.evidence_bytes, exact.hash_blocks - 1}) == Error::limit_exceeded);
    CHECK(post_with(exact) == done);
}
