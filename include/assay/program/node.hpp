// Primitives and nodes: the closed set of operators that every program is made of. Spec: spec/program.md, PROGRAM-6 to PROGRAM-8.
//
// A node is described completely by its descriptor: primitive, attributes, and the types of its operands and its output. The
// descriptors are the leaves of the program's commitment, so that a referee needs one of them and no program.
#pragma once

#include <assay/program/types.hpp>

namespace assay::program {

enum class Primitive : std::uint8_t {
#define ASSAY_PRIMITIVE(name, arity, family, meaning) name,
#include <assay/program/primitives.def>
#undef ASSAY_PRIMITIVE
};

// What a family of primitives shares: its rule for shapes and how an element is computed.
enum class Family : std::uint8_t {
    source,       // the output is a tensor that is committed elsewhere: a state or a data tensor
    generator,    // every element is a function of its index (and of a step counter)
    map,          // element-wise over broadcast operands
    move,         // every element is a copy of one operand's element
    contraction,  // batched matrix product
    reduction,    // over the last axis
    gather,
    scatter,
};

std::string_view name_of(Primitive primitive);
Family family_of(Primitive primitive);
// The number of operands, or any_arity for 1 to operands_max.
inline constexpr std::uint8_t any_arity = 255;
std::uint8_t arity_of(Primitive primitive);
std::uint8_t enumerator_limit(Primitive);

// Which part of a contraction exists: masked terms and outputs are not part of the definition, they are not zeros. Spec: PROGRAM-17.
enum class Limit : std::uint8_t {
    none,
    output_lower,   // outputs with column > row are not computed and read +0
    sum_up_to_row,  // the sum runs over k <= row
    sum_from_row,   // the sum runs over k >= row
};
constexpr std::uint8_t enumerator_limit(Limit)
{
    return 4;
}

inline constexpr std::uint32_t default_block = 256;
inline constexpr std::uint32_t default_lanes = 16;
inline constexpr std::uint32_t lanes_max = 64;

struct NoAttributes {
    template <class Self, class Visit>
    static auto fields(Self&, Visit visit)
    {
        return visit();
    }
    friend bool operator==(const NoAttributes&, const NoAttributes&) = default;
};

// state, data: which of the program's declared tensors, and its type.
struct SourceAttributes {
    std::uint32_t index = 0;
    TensorType type;
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.index, self.type);
    }
    friend bool operator==(const SourceAttributes&, const SourceAttributes&) = default;
};

// fill: every element has these bits.
struct FillAttributes {
    TensorType type;
    std::uint32_t bits = 0;
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.type, self.bits);
    }
    friend bool operator==(const FillAttributes&, const FillAttributes&) = default;
};

// iota: every element is its own index along `axis`. random: element e is a word of Philox, `parameter` names the stream.
struct GeneratorAttributes {
    Shape shape;
    std::uint32_t parameter = 0;
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.shape, self.parameter);
    }
    friend bool operator==(const GeneratorAttributes&, const GeneratorAttributes&) = default;
};

struct ContractionAttributes {
    bool transpose_left = false;
    bool transpose_right = false;
    std::uint32_t block = default_block; // terms in a block of the sum; 0: one block
    Limit limit = Limit::none;
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.transpose_left, self.transpose_right, self.block, self.limit);
    }
    friend bool operator==(const ContractionAttributes&, const ContractionAttributes&) = default;
};

struct ReductionAttributes {
    std::uint32_t lanes = default_lanes; // a power of two, at most lanes_max
    bool causal = false;                 // row r of the last two axes reduces its elements 0 to r only
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.lanes, self.causal);
    }
    friend bool operator==(const ReductionAttributes&, const ReductionAttributes&) = default;
};

// reshape, broadcast: the shape of the output.
struct ShapeAttributes {
    Shape shape;
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.shape);
    }
    friend bool operator==(const ShapeAttributes&, const ShapeAttributes&) = default;
};

// permute: axis i of the output is axis axes[i] of the operand.
struct PermutationAttributes {
    FixedVector<std::uint32_t, rank_max> axes;
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.axes);
    }
    friend bool operator==(const PermutationAttributes&, const PermutationAttributes&) = default;
};

// slice: the output has `shape` and begins at `starts`.
struct SliceAttributes {
    FixedVector<std::uint32_t, rank_max> starts;
    Shape shape;
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.starts, self.shape);
    }
    friend bool operator==(const SliceAttributes&, const SliceAttributes&) = default;
};

// concatenate: along `value` as axis. scatter_add: `value` rows in the output.
struct NumberAttributes {
    std::uint32_t value = 0;
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.value);
    }
    friend bool operator==(const NumberAttributes&, const NumberAttributes&) = default;
};

using Attributes = std::variant<NoAttributes, SourceAttributes, FillAttributes, GeneratorAttributes, ContractionAttributes, ReductionAttributes,
                                ShapeAttributes, PermutationAttributes, SliceAttributes, NumberAttributes>;

// A node's position in its program; operands always stand before.
struct NodeIndex {
    std::uint32_t value = 0;
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.value);
    }
    friend bool operator==(const NodeIndex&, const NodeIndex&) = default;
    friend auto operator<=>(const NodeIndex&, const NodeIndex&) = default; // NOLINT(modernize-use-nullptr): clang-tidy 14 takes the 0 behind it for a pointer
};

struct Node {
    Primitive primitive = Primitive::fill;
    Attributes attributes;
    std::vector<NodeIndex> operands;
    std::string name; // for people: "block 2/attention/scores"; at most name_length_max bytes
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.primitive, self.attributes, self.operands, self.name);
    }
    friend bool operator==(const Node&, const Node&) = default;
};

inline constexpr std::size_t name_length_max = 120;
inline constexpr std::size_t operands_max = 16;

struct Operand {
    NodeIndex node;
    TensorType type;
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.node, self.type);
    }
    friend bool operator==(const Operand&, const Operand&) = default;
};

// Everything that the meaning of a node depends on, in one place of fixed size. Spec: PROGRAM-8.
struct Descriptor {
    Primitive primitive = Primitive::fill;
    Attributes attributes;
    FixedVector<Operand, operands_max> operands;
    TensorType output;
    FixedString<name_length_max> name;
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.primitive, self.attributes, self.operands, self.output, self.name);
    }
    friend bool operator==(const Descriptor&, const Descriptor&) = default;
};

// The most bytes that an encoded type, attributes (a slice's starts and shape) and a descriptor have.
inline constexpr std::size_t extents_bytes_max = 4 + 4 * rank_max;
inline constexpr std::size_t type_bytes_max = 1 + extents_bytes_max;
inline constexpr std::size_t attributes_bytes_max = 1 + 2 * extents_bytes_max;
inline constexpr std::size_t descriptor_bytes_max =
    1 + attributes_bytes_max + 4 + operands_max * (4 + type_bytes_max) + type_bytes_max + 4 + name_length_max;

// The output type of a node with these operands. Errors: invalid_node (arity, attributes), invalid_shape, wrong_type; the detail
// says what was given. Spec: PROGRAM-6.
Result<TensorType> infer_type(Primitive primitive, const Attributes& attributes, std::span<const TensorType> operands);

} // namespace assay::program
