// From words to numbers.
#include <assay/model/random.hpp>

#include <assay/arith/binary32.hpp>
#include <assay/model/number.hpp>

namespace assay::model {

using program::Shape;

Value uniform_below(Builder& builder, Shape shape, std::uint32_t stream, Value counter, std::uint32_t range)
{
    return builder.multiply_high(builder.random(std::move(shape), stream, counter), builder.integer(range));
}

Value normal(Builder& builder, const Shape& shape, std::uint32_t stream, Value counter, std::uint32_t deviation_bits)
{
    constexpr std::uint32_t resolution = 1U << 24; // what a binary32 holds exactly
    constexpr double two_pi = 6.283185307179586;
    Shape both = shape;
    both.extents.insert(both.extents.begin(), 2);
    const Value integers = uniform_below(builder, both, stream, counter, resolution);
    const auto half = [&](std::uint32_t index) {
        Shape one = both;
        one.extents.front() = 1;
        std::vector<std::uint32_t> starts(one.rank());
        starts.front() = index;
        return builder.reshape(builder.slice(integers, std::move(starts), one), shape);
    };
    const Value unit = builder.number(1.0 / resolution);
    // The radius comes from (0, 1], because the logarithm of 0 is infinite; the angle from [0, 2 pi).
    const Value positive = builder.multiply(builder.to_binary32(builder.add(half(0), builder.integer(1))), unit);
    const Value radius = builder.square_root(builder.multiply(builder.number(-2), builder.logarithm(positive)));
    const Value angle = builder.multiply(builder.multiply(builder.to_binary32(half(1)), unit), builder.number(two_pi));
    return builder.multiply(builder.multiply(radius, builder.cosine(angle)), builder.number_from_bits(deviation_bits));
}

Value Dropout::operator()(Builder& builder, Value value)
{
    if (!(m_rate > 0)) return value;
    const Builder::Scope scope(builder, "dropout");
    constexpr double words = 4294967296.0;
    const auto limit = static_cast<std::uint32_t>(m_rate * words);
    const std::uint32_t scale = arith::divide(arith::one, arith::subtract(arith::one, binary32_bits(m_rate)));
    const Value dropped = builder.less(builder.random(builder.shape(value), ++m_stream, m_counter), builder.integer(limit));
    return builder.select(dropped, builder.number(0), builder.multiply(value, builder.number_from_bits(scale)));
}

} // namespace assay::model
