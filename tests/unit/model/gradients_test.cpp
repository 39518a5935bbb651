#include "tests/unit/model/gradient_check.hpp"

using namespace assay;
using namespace assay::test;
using program::Limit;

namespace {

using Inputs = std::vector<Value>;
using Unary = Value (Builder::*)(Value);
using Binary = Value (Builder::*)(Value, Value);

} // namespace

TEST_CASE("MODEL-4 maps of one operand")
{
    struct Row {
        const char* name;
        Unary make;
        bool positive;
    };
    const Row rows[] = {{"negate", &Builder::negate, false},
                        {"absolute", &Builder::absolute, false},
                        {"square_root", &Builder::square_root, true},
                        {"exponential", &Builder::exponential, false},
                        {"logarithm", &Builder::logarithm, true},
                        {"hyperbolic_tangent", &Builder::hyperbolic_tangent, false},
                        {"error_function", &Builder::error_function, false},
                        {"sine", &Builder::sine, false},
                        {"cosine", &Builder::cosine, false},
                        {"reciprocal_square_root", &Builder::reciprocal_square_root, true}};
    for (const Row& row : rows) {
        CAPTURE(row.name);
        const auto expression = [&](Builder& b, const Inputs& in) { return weighed(b, (b.*row.make)(in[0])); };
        check_gradients({{3, 5}}, expression, row.positive ? 0.4 : 1, row.positive ? 1.2 : 0);
    }
}

TEST_CASE("MODEL-4 MODEL-6 maps of two operands, with every way to broadcast")
{
    const std::pair<const char*, Binary> maps[] = {{"add", &Builder::add},           {"subtract", &Builder::subtract},
                                                   {"multiply", &Builder::multiply}, {"divide", &Builder::divide},
                                                   {"minimum", &Builder::minimum},   {"maximum", &Builder::maximum}};
    const std::pair<Shape, Shape> shapes[] = {{{2, 3}, {2, 3}},      {{4, 3}, {3}}, {{4, 3}, {4, 1}},    {{2, 3, 4}, {3, 1}},
                                              {{2, 1, 4}, {3, 1}},   {{}, {2, 2}},  {{2, 3, 4}, {3, 4}}, {{2, 3, 2, 2}, {2, 1, 1, 2}},
                                              {{2, 3, 1}, {1, 3, 4}}};
    for (const auto& map : maps)
        for (const auto& pair : shapes) {
            CAPTURE(map.first);
            CAPTURE(to_string(pair.first) + to_string(pair.second));
            check_gradients({pair.first, pair.second}, [&](Builder& b, const Inputs& in) { return weighed(b, (b.*map.second)(in[0], in[1])); });
        }
}

TEST_CASE("MODEL-4 select passes the gradient to the side that it took")
{
    check_gradients({{3, 4}, {3, 4}, {4}}, [](Builder& b, const Inputs& in) {
        return weighed(b, b.select(b.less(in[0], b.number(0.3)), b.multiply(in[1], in[0]), in[2]));
    });
}

TEST_CASE("MODEL-4 contractions, for every transposition and limit")
{
    for (const bool left : {false, true})
        for (const bool right : {false, true})
            for (const Limit limit : {Limit::none, Limit::output_lower, Limit::sum_up_to_row, Limit::sum_from_row}) {
                CAPTURE(left);
                CAPTURE(right);
                CAPTURE(static_cast<int>(limit));
                const std::uint32_t rows = limit == Limit::none ? 3 : 5;
                const Shape a = left ? Shape{2, 5, rows} : Shape{2, rows, 5};
                const Shape b = right ? Shape{2, 4, 5} : Shape{2, 5, 4};
                check_gradients({a, b}, [&](Builder& builder, const Inputs& in) {
                    return weighed(builder, builder.contract(in[0], in[1], {left, right, 2, limit}));
                });
            }
}

TEST_CASE("MODEL-4 reductions, whole and causal")
{
    for (const bool causal : {false, true}) {
        CAPTURE(causal);
        check_gradients({{2, 4, 4}}, [&](Builder& b, const Inputs& in) {
            return weighed(b, b.reduce_sum(b.multiply(in[0], in[0]), {2, causal}));
        });
        check_gradients({{2, 4, 4}}, [&](Builder& b, const Inputs& in) { return weighed(b, b.reduce_maximum(in[0], {2, causal})); });
    }
}

TEST_CASE("MODEL-4 gather and scatter_add, with rows named twice, not at all and past the end")
{
    const auto indices = [](Builder& b) { return b.multiply(b.iota({2, 3}, 1), b.integer(3)); };
    check_gradients({{5, 2}}, [&](Builder& b, const Inputs& in) { return weighed(b, b.sine(b.gather(in[0], indices(b)))); });
    check_gradients({{2, 3, 2}}, [&](Builder& b, const Inputs& in) { return weighed(b, b.sine(b.scatter_add(in[0], indices(b), 5))); });
}

TEST_CASE("MODEL-4 moves")
{
    check_gradients({{2, 6}}, [](Builder& b, const Inputs& in) { return weighed(b, b.sine(b.reshape(in[0], {3, 4}))); });
    check_gradients({{2, 3, 4}}, [](Builder& b, const Inputs& in) { return weighed(b, b.sine(b.permute(in[0], {2, 0, 1}))); });
    check_gradients({{4, 5}}, [](Builder& b, const Inputs& in) { return weighed(b, b.sine(b.slice(in[0], {1, 0}, {2, 4}))); });
    check_gradients({{2, 3}, {2, 1}, {2, 2}}, [](Builder& b, const Inputs& in) {
        return weighed(b, b.sine(b.concatenate({in[0], in[1], in[2], in[0]}, 1)));
    });
    check_gradients({{3, 1}}, [](Builder& b, const Inputs& in) { return weighed(b, b.sine(b.broadcast(in[0], {2, 3, 4}))); });
}

TEST_CASE("MODEL-4 casts, comparisons and integers have no gradient, and inputs without influence have zeros")
{
    check_gradients({{3}, {2}}, [](Builder& b, const Inputs& in) {
        const Value count = b.to_binary32(b.to_unsigned32(b.absolute(b.negate(b.multiply(b.zeros({3}), in[0])))));
        return weighed(b, b.add(b.multiply(in[0], b.number(3)), count));
    });
}

TEST_CASE("MODEL-5 contributions to a value are added from its last user to its first, and in a node by operand")
{
    Builder b;
    const Value x = b.state("x", {DataType::binary32, {}});
    const Value first = b.sine(x);
    const Value second = b.multiply(x, first);
    const Value third = b.subtract(second, x);
    const Value inputs[] = {x};
    const Value slope = model::gradients(b, third, inputs)[0];
    // ((subtract's operand 1 + multiply's operand 0) + sine's operand)
    const auto operand = [&](Value value, std::size_t slot) { return Value{b.node(value).operands[slot]}; };
    CHECK(b.node(slope).primitive == program::Primitive::add);
    CHECK(b.node(slope).name == "gradient/sine/add");
    const Value earlier = operand(slope, 0);
    CHECK(b.node(earlier).primitive == program::Primitive::add);
    CHECK(b.node(operand(earlier, 0)).name == "gradient/subtract/negate");
    CHECK(b.node(operand(earlier, 1)).name == "gradient/multiply/multiply");
    CHECK(b.node(operand(slope, 1)).name == "gradient/sine/multiply");
}

TEST_CASE("MODEL-5 gradients are of a binary32 scalar")
{
    Builder b;
    const Value x = b.state("x", {DataType::binary32, {2}});
    const Value inputs[] = {x};
    CHECK(model::gradients(b, x, inputs)[0] == Value{});
    CHECK(b.finish().error() == Error::wrong_type);
}
