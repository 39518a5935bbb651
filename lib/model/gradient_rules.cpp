// The derivatives, by family. `u` is the node's output, `g` its gradient, `a` and `b` its operands.
#include "model/gradient_rules.hpp"

#include <numeric>

#include <assay/arith/binary32.hpp>
#include <assay/model/gradients.hpp>

namespace assay::model {

using program::ContractionAttributes;
using program::DataType;
using program::Family;
using program::Limit;
using program::Primitive;
using program::Shape;

namespace {

// Before summing over broadcast axes.
Value map_gradient(const Site& site, std::size_t slot)
{
    Builder& b = site.builder;
    const Value u = site.output;
    const Value g = site.gradient;
    const Value x = site.operand(0);
    switch (site.node.primitive) {
    case Primitive::add: return g;
    case Primitive::subtract: return slot == 0 ? g : b.negate(g);
    case Primitive::multiply: return b.multiply(g, site.operand(1 - slot));
    case Primitive::divide: {
        const Value share = b.divide(g, site.operand(1));
        return slot == 0 ? share : b.negate(b.multiply(share, u));
    }
    case Primitive::minimum:
    case Primitive::maximum: {
        // Where the operands are equal, the first has the whole gradient.
        const Value first = b.equal(x, u);
        return slot == 0 ? b.select(first, g, b.number(0)) : b.select(first, b.number(0), g);
    }
    case Primitive::negate: return b.negate(g);
    case Primitive::absolute: return b.select(b.less(x, b.number(0)), b.negate(g), g);
    case Primitive::square_root: return b.divide(b.multiply(g, b.number(0.5)), u);
    case Primitive::exponential: return b.multiply(g, u);
    case Primitive::logarithm: return b.divide(g, x);
    case Primitive::hyperbolic_tangent: return b.multiply(g, b.subtract(b.number(1), b.multiply(u, u)));
    case Primitive::error_function: {
        constexpr double two_over_root_pi = 1.1283791670955126;
        return b.multiply(g, b.multiply(b.number(two_over_root_pi), b.exponential(b.negate(b.multiply(x, x)))));
    }
    case Primitive::sine: return b.multiply(g, b.cosine(x));
    case Primitive::cosine: return b.negate(b.multiply(g, b.sine(x)));
    case Primitive::reciprocal_square_root: return b.multiply(g, b.multiply(b.number(-0.5), b.multiply(u, b.multiply(u, u))));
    case Primitive::select: return slot == 1 ? b.select(x, g, b.number(0)) : b.select(x, b.number(0), g);
    default: return {};
    }
}

Value transposed(Builder& builder, Value value)
{
    std::vector<std::uint32_t> axes(builder.shape(value).rank());
    std::iota(axes.begin(), axes.end(), 0U);
    std::swap(axes[axes.size() - 2], axes[axes.size() - 1]);
    return builder.permute(value, std::move(axes));
}

// With C = M N, where M is the left operand or its transpose and N the right one or its: dM = G N' and dN = M' G. What C leaves out,
// the gradients leave out, and a limit names rows of the output:
//
//     limit of C       dM = G N'        its transpose N G'   dN = M' G         its transpose G' M
//     output_lower     sum_up_to_row    -                    -                 sum_from_row
//     sum_up_to_row    output_lower     -                    sum_from_row      -
//     sum_from_row     -                output_lower         sum_up_to_row     -
//
// Where the table has nothing for the form that is wanted, the other form is computed and its axes are exchanged.
struct ProductForm {
    bool exists;
    Limit limit;
};

ProductForm plain_form(Limit limit, std::size_t slot)
{
    switch (limit) {
    case Limit::none: return {true, Limit::none};
    case Limit::output_lower: return {slot == 0, Limit::sum_up_to_row};
    case Limit::sum_up_to_row: return {true, slot == 0 ? Limit::output_lower : Limit::sum_from_row};
    case Limit::sum_from_row: return {slot == 1, Limit::sum_up_to_row};
    }
    return {};
}

ProductForm transposed_form(Limit limit, std::size_t slot)
{
    switch (limit) {
    case Limit::none: return {true, Limit::none};
    case Limit::output_lower: return {slot == 1, Limit::sum_from_row};
    case Limit::sum_up_to_row: return {false, Limit::none};
    case Limit::sum_from_row: return {slot == 0, Limit::output_lower};
    }
    return {};
}

Value contraction_gradient(const Site& site, std::size_t slot)
{
    const auto& own = std::get<ContractionAttributes>(site.node.attributes);
    const bool operand_is_transposed = slot == 0 ? own.transpose_left : own.transpose_right;
    const ProductForm wanted = operand_is_transposed ? transposed_form(own.limit, slot) : plain_form(own.limit, slot);
    const bool plain = wanted.exists != operand_is_transposed;
    const Limit limit = plain ? plain_form(own.limit, slot).limit : transposed_form(own.limit, slot).limit;
    const auto product = [&](Value left, bool transpose_left, Value right, bool transpose_right) {
        return site.builder.contract(left, right, {transpose_left, transpose_right, own.block, limit});
    };
    const Value g = site.gradient;
    const Value other = site.operand(1 - slot);
    Value result;
    if (slot == 0) result = plain ? product(g, false, other, !own.transpose_right) : product(other, own.transpose_right, g, true);
    else result = plain ? product(other, !own.transpose_left, g, false) : product(g, true, other, own.transpose_left);
    return wanted.exists || result == Value{} ? result : transposed(site.builder, result);
}

// 1 where a causal reduction takes an element, for each row and column of the last two axes.
Value lower_triangle(Builder& builder, const Shape& shape)
{
    const Shape square{shape[shape.rank() - 2], shape.last()};
    return builder.less(builder.iota(square, 1), builder.add(builder.iota(square, 0), builder.integer(1)));
}

Value reduction_gradient(const Site& site)
{
    Builder& b = site.builder;
    const Shape shape = site.operand_shape(0);
    Value result = b.broadcast(site.gradient, shape);
    if (site.node.primitive == Primitive::reduce_maximum) result = b.select(b.equal(site.operand(0), site.output), result, b.number(0));
    if (std::get<program::ReductionAttributes>(site.node.attributes).causal)
        result = b.select(lower_triangle(b, shape), result, b.number(0));
    return result;
}

// The gradient of a slice is zero outside of it: zeros are put around it, axis by axis from the last.
Value slice_gradient(const Site& site)
{
    Builder& b = site.builder;
    const auto& starts = std::get<program::SliceAttributes>(site.node.attributes).starts;
    const Shape whole = site.operand_shape(0);
    Value result = site.gradient;
    for (std::size_t axis = whole.rank(); axis-- > 0;) {
        Shape gap = b.shape(result);
        const std::uint32_t after = whole[axis] - starts[axis] - gap[axis];
        std::vector<Value> parts{result};
        gap.extents[axis] = starts[axis];
        if (starts[axis] != 0) parts.insert(parts.begin(), b.zeros(gap));
        gap.extents[axis] = after;
        if (after != 0) parts.push_back(b.zeros(gap));
        result = b.concatenate(std::move(parts), static_cast<std::uint32_t>(axis));
    }
    return result;
}

Value concatenate_gradient(const Site& site, std::size_t slot)
{
    const std::uint32_t axis = std::get<program::NumberAttributes>(site.node.attributes).value;
    std::vector<std::uint32_t> starts(site.operand_shape(slot).rank());
    for (std::size_t before = 0; before < slot; ++before) starts[axis] += site.operand_shape(before)[axis];
    return site.builder.slice(site.gradient, std::move(starts), site.operand_shape(slot));
}

Value permute_gradient(const Site& site)
{
    const auto& axes = std::get<program::PermutationAttributes>(site.node.attributes).axes;
    std::vector<std::uint32_t> inverse(axes.size());
    for (std::uint32_t i = 0; i < axes.size(); ++i) inverse[axes[i]] = i;
    return site.builder.permute(site.gradient, std::move(inverse));
}

Value move_gradient(const Site& site, std::size_t slot)
{
    switch (site.node.primitive) {
    case Primitive::reshape: return site.builder.reshape(site.gradient, site.operand_shape(0));
    case Primitive::permute: return permute_gradient(site);
    case Primitive::slice: return slice_gradient(site);
    case Primitive::concatenate: return concatenate_gradient(site, slot);
    default: return sum_to_shape(site.builder, site.gradient, site.operand_shape(0));
    }
}

} // namespace

Value operand_gradient(const Site& site, std::size_t slot)
{
    Builder& b = site.builder;
    switch (family_of(site.node.primitive)) {
    case Family::map: {
        const Value whole = map_gradient(site, slot);
        return whole == Value{} ? whole : sum_to_shape(b, whole, site.operand_shape(slot));
    }
    case Family::contraction: return contraction_gradient(site, slot);
    case Family::reduction: return reduction_gradient(site);
    case Family::gather: return b.scatter_add(site.gradient, site.operand(1), site.operand_shape(0)[0]);
    case Family::scatter: return b.gather(site.gradient, site.operand(1));
    case Family::move: return move_gradient(site, slot);
    case Family::source:
    case Family::generator: break;
    }
    return {};
}

} // namespace assay::model
