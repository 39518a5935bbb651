#include <bit>
#include <cmath>

#include <doctest/doctest.h>

#include <assay/model/builder.hpp>
#include <assay/model/number.hpp>

using namespace assay;
using model::Builder;
using model::Value;
using program::DataType;
using program::Shape;
using program::TensorType;

TEST_CASE("MODEL-1 decimals become the nearest binary32, as the compiler rounds them")
{
    const double samples[] = {0,
                              -0.0,
                              1,
                              0.1,
                              1e-3,
                              -2.5,
                              0.9,
                              0.99,
                              16777217,
                              16777219,
                              1e-45,
                              7e-46,
                              7.1e-46,
                              -1e-46,
                              1.1754943e-38,
                              1.1e-38,
                              3.4028234663852886e38,
                              3.4028235677973366e38,
                              1e39,
                              -1e300,
                              5e-324,
                              0.3333333333333333,
                              1.0 + 0x1p-24,
                              1.0 + 0x1.8p-23};
    for (const double sample : samples) {
        CAPTURE(sample);
        CHECK(model::binary32_bits(sample) == std::bit_cast<std::uint32_t>(static_cast<float>(sample)));
    }
    CHECK(model::binary32_bits(-std::nan("")) == 0x7fc00000);
    CHECK(model::binary32_bits(-HUGE_VAL) == 0xff800000);
}

TEST_CASE("MODEL-2 equal nodes are one, and what no output depends on is left out, but declarations stay")
{
    Builder b;
    const Value x = b.state("x", {DataType::binary32, {3}});
    const Value unused = b.data("unused", {DataType::binary32, {3}});
    const Value once = b.add(x, b.number(1));
    CHECK(b.add(x, b.number(1)) == once);
    b.multiply(unused, x);
    b.output("x", once);
    const auto program = b.finish();
    REQUIRE(program.has_value());
    CHECK(program->nodes().size() == 3);
    CHECK(program->data().size() == 1);
    CHECK(program->is_iterable());
    CHECK(program::Program::decode(program->encode()).value() == *program);
}

TEST_CASE("MODEL-3 names are paths of scopes")
{
    Builder b;
    const Value x = b.state("weights", {DataType::binary32, {2, 2}});
    const auto layer = [&] {
        const Builder::Scope block(b, "block 2");
        const Builder::Scope attention(b, "attention");
        return b.name(b.contract(x, x), "scores");
    };
    const Value scores = layer();
    CHECK(b.node(x).name == "weights");
    CHECK(b.node(scores).name == "block 2/attention/scores");
    CHECK(b.node(b.negate(scores)).name == "negate");
}

TEST_CASE("MODEL-2 moves that change nothing make no node")
{
    Builder b;
    const Value x = b.state("x", {DataType::binary32, {2, 3}});
    CHECK(b.reshape(b.reshape(x, {6}), {2, 3}) == x);
    CHECK(b.slice(x, {0, 0}, {2, 3}) == x);
    CHECK(b.broadcast(x, {2, 3}) == x);
    CHECK(b.concatenate({x}, 0) == x);
}

TEST_CASE("MODEL-3 the first mistake is kept with its node's name, and later calls do no harm")
{
    Builder b;
    const Value x = b.state("x", {DataType::binary32, {2, 3}});
    {
        const Builder::Scope scope(b, "layer 1");
        const Value wrong = b.add(x, b.zeros({4}));
        CHECK(wrong == Value{});
        const Value later = b.contract(wrong, wrong);
        b.extent_from_last(later, 3);
        b.output("y", b.exponential(later));
    }
    const auto program = b.finish();
    REQUIRE(!program.has_value());
    CHECK(program.error() == Error::invalid_shape);
    CHECK(program.failure().detail.starts_with("layer 1/: add"));
}

TEST_CASE("MODEL-3 a name is declared once, and outputs are something")
{
    Builder twice;
    twice.state("x", {});
    twice.state("x", {});
    CHECK(twice.finish().error() == Error::invalid_program);
    Builder nothing;
    nothing.output("y", Value{});
    CHECK(nothing.finish().error() == Error::invalid_program);
    Builder axes;
    CHECK(axes.extent_from_last(axes.zeros({2}), 1) == 1);
    CHECK(axes.finish().error() == Error::invalid_shape);
}
