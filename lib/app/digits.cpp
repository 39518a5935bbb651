#include "app/digits.hpp"

#include <algorithm>
#include <filesystem>

#include "app/files.hpp"

namespace assay::app {

using program::DataType;
using program::Tensor;

namespace {

constexpr std::size_t file_size_max = std::size_t{1} << 30;

std::uint32_t big_endian(ByteView bytes, std::size_t at)
{
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < 4; ++i) value = value << 8 | bytes[at + i];
    return value;
}

// A file of bytes of the given rank. The magic number says: bytes (8), rank.
Result<Tensor> read_bytes(const std::string& folder, const std::string& name, std::uint32_t rank)
{
    std::string path = folder + "/" + name;
    if (!std::filesystem::exists(path)) path += ".gz";
    ASSAY_TRY_ASSIGN(const Bytes content, read_compressed_file(path, file_size_max));
    const std::size_t header = 4 + std::size_t{4} * rank;
    if (content.size() < header || big_endian(content, 0) != 0x800 + rank)
        return failure(Error::invalid_input, path + ": is not a file of MNIST with " + std::to_string(rank) + " axes");
    std::uint64_t elements = 1;
    for (std::uint32_t axis = 0; axis < rank; ++axis)
        elements = std::min<std::uint64_t>(elements * big_endian(content, 4 + std::size_t{4} * axis), 2 * file_size_max);
    if (content.size() - header != elements || elements == 0)
        return failure(Error::invalid_input, path + ": " + std::to_string(content.size() - header) +
                                                 " bytes follow the header, which promises " + std::to_string(elements));
    const std::uint32_t count = big_endian(content, 4);
    const auto each = static_cast<std::uint32_t>(elements / count);
    const program::Shape shape = rank == 1 ? program::Shape{count} : program::Shape{count, each};
    return Tensor::from_bytes({DataType::unsigned8, shape}, {content.begin() + static_cast<std::ptrdiff_t>(header), content.end()});
}

} // namespace

Result<Digits> read_digits(const std::string& folder)
{
    ASSAY_TRY_ASSIGN(Tensor images, read_bytes(folder, "t10k-images-idx3-ubyte", 3));
    ASSAY_TRY_ASSIGN(Tensor labels, read_bytes(folder, "t10k-labels-idx1-ubyte", 1));
    if (images.type().shape[0] != labels.type().shape[0])
        return failure(Error::invalid_input, folder + ": " + std::to_string(images.type().shape[0]) + " images, but " +
                                                 std::to_string(labels.type().shape[0]) + " labels");
    const ByteView bytes = labels.bytes();
    const auto wrong = std::find_if(bytes.begin(), bytes.end(), [](std::uint8_t label) { return label > 9; });
    if (wrong != bytes.end())
        return failure(Error::invalid_input,
                       folder + ": label " + std::to_string(wrong - bytes.begin()) + " is " + std::to_string(*wrong) + ", not a digit");
    return Digits{std::move(images), std::move(labels)};
}

} // namespace assay::app
