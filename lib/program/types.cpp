// Shapes and canonical tensor bytes.
#include <assay/program/types.hpp>

#include <assay/arith/binary32.hpp>

namespace assay::program {

std::string_view name_of(DataType type)
{
    constexpr std::array<std::string_view, 3> names{"binary32", "unsigned32", "unsigned8"};
    return names[static_cast<std::size_t>(type)];
}

Status validate(const Shape& shape)
{
    if (is_valid(shape)) return {};
    const bool empty = std::find(shape.extents.begin(), shape.extents.end(), 0U) != shape.extents.end();
    return failure(Error::invalid_shape, (empty ? "an extent of 0 in " : "more than 2^40 elements in ") + to_string(shape));
}

std::string to_string(const Shape& shape)
{
    std::string text = "[";
    for (const std::uint32_t extent : shape.extents) text += (text.size() > 1 ? ", " : "") + std::to_string(extent);
    return text + "]";
}

std::string to_string(const TensorType& type)
{
    return std::string{name_of(type.type)} + " " + to_string(type.shape);
}

Tensor::Tensor(TensorType type) : m_type(std::move(type))
{
    ASSAY_CHECK(m_type.bytes() <= m_bytes.max_size());
    m_bytes.resize(m_type.bytes());
}

Result<Tensor> Tensor::from_bytes(TensorType type, Bytes bytes)
{
    ASSAY_TRY(validate(type.shape));
    if (bytes.size() != type.bytes())
        return failure(Error::invalid_shape, to_string(type) + " takes " + std::to_string(type.bytes()) + " bytes, not " + std::to_string(bytes.size()));
    Tensor tensor;
    tensor.m_type = std::move(type);
    tensor.m_bytes = std::move(bytes);
    if (tensor.m_type.type == DataType::binary32)
        for (std::uint64_t i = 0; i < tensor.m_type.elements(); ++i)
            if (tensor.element(i) != arith::canonical(tensor.element(i)))
                return failure(Error::not_canonical, "element " + std::to_string(i) + " is a NaN other than 0x7fc00000");
    return tensor;
}

Tensor Tensor::from_elements(TensorType type, std::span<const std::uint32_t> elements)
{
    Tensor tensor{std::move(type)};
    ASSAY_CHECK(elements.size() == tensor.m_type.elements());
    const bool binary32 = tensor.m_type.type == DataType::binary32;
    for (std::uint64_t i = 0; i < elements.size(); ++i) tensor.set_element(i, binary32 ? arith::canonical(elements[i]) : elements[i]);
    return tensor;
}

std::uint32_t Tensor::element(std::uint64_t index) const
{
    return element_of(m_bytes, m_type.type, index);
}

void Tensor::set_element(std::uint64_t index, std::uint32_t bits)
{
    const std::size_t width = width_of(m_type.type);
    ASSAY_CHECK((index + 1) * width <= m_bytes.size() && (width == 4 || bits < 256));
    for (std::size_t i = 0; i < width; ++i) m_bytes[index * width + i] = static_cast<std::uint8_t>(bits >> (8 * i));
}

} // namespace assay::program
