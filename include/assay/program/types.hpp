// Data types, shapes and tensors: what flows between the nodes of a program. Spec: spec/program.md, PROGRAM-1 to PROGRAM-5.
#pragma once

#include <assay/base/encoding.hpp>

namespace assay::program {

// What one element is. Names say kind and width in bits.
enum class DataType : std::uint8_t { binary32, unsigned32, unsigned8 };
constexpr std::uint8_t enumerator_limit(DataType)
{
    return 3;
}
std::string_view name_of(DataType type);

// Bytes that one element takes in the canonical form: 4 or 1.
constexpr std::size_t width_of(DataType type)
{
    return type == DataType::unsigned8 ? 1 : 4;
}

inline constexpr std::size_t rank_max = 8;
inline constexpr std::uint64_t elements_max = std::uint64_t{1} << 40;

// The extents of a tensor, outermost first; no extents: a scalar, which has one element. Elements are numbered in row-major order.
struct Shape {
    FixedVector<std::uint32_t, rank_max> extents;

    Shape() = default;
    // Requires, of both: at most rank_max extents.
    Shape(std::initializer_list<std::uint32_t> list) : extents(list) {}
    explicit Shape(const std::vector<std::uint32_t>& list) : extents(list) {}

    [[nodiscard]] std::size_t rank() const { return extents.size(); }
    std::uint32_t operator[](std::size_t axis) const { return extents[axis]; }
    // The last extent; 1 for a scalar.
    [[nodiscard]] std::uint32_t last() const { return extents.empty() ? 1 : extents.back(); }
    // The product of all extents. Requires: a valid shape.
    [[nodiscard]] std::uint64_t elements() const { return elements_from(0); }
    // The product of the extents from `axis` on.
    [[nodiscard]] std::uint64_t elements_from(std::size_t axis) const
    {
        std::uint64_t product = 1;
        for (std::size_t i = axis; i < extents.size(); ++i) product *= extents[i];
        return product;
    }

    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.extents);
    }
    friend bool operator==(const Shape&, const Shape&) = default;
};

// Whether no extent is 0 and there are at most elements_max elements. Spec: PROGRAM-2.
inline bool is_valid(const Shape& shape)
{
    std::uint64_t product = 1;
    for (const std::uint32_t extent : shape.extents) {
        // Asked before multiplying: 2^20 * 2^20 * 2^24 wraps to 0.
        if (extent == 0 || product > elements_max / extent) return false;
        product *= extent;
    }
    return true;
}

// Refuses a shape that is not valid. Errors: invalid_shape. Spec: PROGRAM-2.
Status validate(const Shape& shape);

// "[12, 64, 128]"
std::string to_string(const Shape& shape);

struct TensorType {
    DataType type = DataType::binary32;
    Shape shape;

    [[nodiscard]] std::uint64_t elements() const { return shape.elements(); }
    [[nodiscard]] std::uint64_t bytes() const { return shape.elements() * width_of(type); }

    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.type, self.shape);
    }
    friend bool operator==(const TensorType&, const TensorType&) = default;
};

// "binary32 [12, 64]"
std::string to_string(const TensorType& type);

// A tensor's value in canonical form: elements in row-major order, each little-endian, every NaN as 0x7fc00000. Spec: PROGRAM-4.
class Tensor {
public:
    Tensor() : Tensor(TensorType{}) {}
    // All zero. Requires: a valid shape.
    explicit Tensor(TensorType type);
    // Takes canonical bytes. Errors: invalid_shape when their number is not the type's, not_canonical for a NaN with another payload.
    static Result<Tensor> from_bytes(TensorType type, Bytes bytes);
    // From element bit patterns. Requires: as many as the type has elements; values below 256 for unsigned8. NaN is made canonical.
    static Tensor from_elements(TensorType type, std::span<const std::uint32_t> elements);

    [[nodiscard]] const TensorType& type() const { return m_type; }
    [[nodiscard]] ByteView bytes() const { return m_bytes; }
    // For writers that fill a tensor from the executor; they leave canonical bytes behind.
    [[nodiscard]] std::span<std::uint8_t> writable_bytes() { return m_bytes; }
    // The bit pattern of element `index`. Requires: index below type().elements().
    [[nodiscard]] std::uint32_t element(std::uint64_t index) const;
    void set_element(std::uint64_t index, std::uint32_t bits);

    friend bool operator==(const Tensor&, const Tensor&) = default;

private:
    TensorType m_type;
    Bytes m_bytes;
};

// Reads the element at `index` out of canonical bytes of `type`; the bytes may be one chunk of a tensor. Requires: it is inside.
inline std::uint32_t element_of(ByteView bytes, DataType type, std::uint64_t index)
{
    const std::size_t width = width_of(type);
    ASSAY_CHECK((index + 1) * width <= bytes.size());
    std::uint32_t bits = 0;
    for (std::size_t i = 0; i < width; ++i) bits |= std::uint32_t{bytes[index * width + i]} << (8 * i);
    return bits;
}

} // namespace assay::program
