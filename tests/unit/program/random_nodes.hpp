// Random nodes of every primitive: small shapes, every attribute. A printed seed is a node.
#pragma once

#include <algorithm>
#include <numeric>

#include "tests/unit/exec/awkward.hpp"

namespace assay::test {

class RandomNodes {
public:
    explicit RandomNodes(std::uint64_t seed) : m_random(seed) {}

    program::Program next(const PrimitiveFacts& facts)
    {
        using program::Family;
        switch (facts.family) {
        case Family::source: return single_node(facts.primitive, program::SourceAttributes{0, {data_type(), shape(0)}}, {});
        case Family::generator: return generator(facts.primitive);
        case Family::map: return map(facts);
        case Family::contraction: return contraction();
        case Family::reduction: return reduction(facts.primitive);
        case Family::gather: return single_node(facts.primitive, program::NoAttributes{}, {{data_type(), shape(1)}, {DataType::unsigned32, shape(0)}});
        case Family::scatter: return scatter();
        case Family::move: return move(facts.primitive);
        }
        ASSAY_CHECK(false);
        return single_node(facts.primitive, program::NoAttributes{}, {});
    }

    std::uint32_t below(std::uint32_t limit) { return static_cast<std::uint32_t>(m_random() % limit); }

private:
    DataType data_type() { return static_cast<DataType>(below(3)); }
    std::uint32_t extent() { return std::array{1U, 1U, 2U, 3U, 5U, 7U}[below(6)]; }
    Shape shape(std::uint32_t rank_min)
    {
        Shape shape;
        shape.extents.resize(rank_min + below(4 - rank_min));
        for (std::uint32_t& extent : shape.extents) extent = this->extent();
        return shape;
    }
    // A shape that broadcasts to `target`.
    Shape narrowed(const Shape& target)
    {
        Shape shape{std::vector<std::uint32_t>(target.extents.begin() + below(static_cast<std::uint32_t>(target.rank()) + 1), target.extents.end())};
        for (std::uint32_t& extent : shape.extents)
            if (below(3) == 0) extent = 1;
        return shape;
    }

    program::Program generator(Primitive primitive)
    {
        if (primitive == Primitive::fill) return single_node(primitive, program::FillAttributes{{data_type(), shape(0)}, below(256)}, {});
        const Shape own = shape(1);
        if (primitive == Primitive::iota)
            return single_node(primitive, program::GeneratorAttributes{own, below(static_cast<std::uint32_t>(own.rank()))}, {});
        return single_node(primitive, program::GeneratorAttributes{own, below(0xffffffff)}, {{DataType::unsigned32, Shape{}}});
    }

    program::Program map(const PrimitiveFacts& facts)
    {
        const auto types = map_operand_types(facts);
        const Shape target = shape(0);
        std::vector<TensorType> operands;
        for (const DataType type : types[below(static_cast<std::uint32_t>(types.size()))]) operands.push_back({type, narrowed(target)});
        return single_node(facts.primitive, program::NoAttributes{}, operands);
    }

    program::Program contraction()
    {
        // One after another, so that a seed is one node under every compiler.
        const std::uint32_t rows = 1 + below(9), depth = 1 + below(20), columns = 1 + below(9);
        const program::ContractionAttributes attributes{below(2) == 1, below(2) == 1, below(24), static_cast<program::Limit>(below(4))};
        std::vector<std::uint32_t> batch(below(3));
        for (std::uint32_t& extent : batch) extent = this->extent();
        return awkward_detail::contraction(std::move(batch), rows, depth, columns, attributes);
    }

    program::Program reduction(Primitive primitive)
    {
        const bool causal = below(2) == 1;
        Shape own = shape(causal ? 2 : 1);
        own.extents.back() = 1 + below(150);
        return single_node(primitive, program::ReductionAttributes{1U << below(7), causal}, {{DataType::binary32, own}});
    }

    program::Program scatter()
    {
        const Shape indices = shape(0);
        Shape source = indices;
        for (const std::uint32_t extent : shape(0).extents) source.extents.push_back(extent);
        return single_node(Primitive::scatter_add, program::NumberAttributes{1 + below(9)}, {{DataType::binary32, source}, {DataType::unsigned32, indices}});
    }

    program::Program move(Primitive primitive)
    {
        const DataType type = data_type();
        const Shape own = shape(1);
        const auto rank = static_cast<std::uint32_t>(own.rank());
        if (primitive == Primitive::reshape) {
            Shape other = own;
            std::shuffle(other.extents.begin(), other.extents.end(), m_random);
            return single_node(primitive, program::ShapeAttributes{other}, {{type, own}});
        }
        if (primitive == Primitive::permute) {
            std::vector<std::uint32_t> axes(rank);
            std::iota(axes.begin(), axes.end(), 0U);
            std::shuffle(axes.begin(), axes.end(), m_random);
            return single_node(primitive, program::PermutationAttributes{axes}, {{type, own}});
        }
        if (primitive == Primitive::slice) {
            program::SliceAttributes slice{{}, own};
            for (std::uint32_t& extent : slice.shape.extents) {
                slice.starts.push_back(below(extent));
                extent = 1 + below(extent - slice.starts.back());
            }
            return single_node(primitive, slice, {{type, own}});
        }
        if (primitive == Primitive::broadcast) return single_node(primitive, program::ShapeAttributes{own}, {{type, narrowed(own)}});
        const std::uint32_t axis = below(rank);
        std::vector<TensorType> operands(1 + below(16), {type, own});
        for (TensorType& operand : operands) operand.shape.extents[axis] = extent();
        return single_node(primitive, program::NumberAttributes{axis}, operands);
    }

    std::mt19937_64 m_random;
};

} // namespace assay::test
