// A log is blocks of 32 KiB; a record in a block has a header (masked CRC-32C of what follows the length, u32; length, u16; type, u8), and
// less than a header's bytes at the end of a block are zeros. Of a damaged log RocksDB refuses all but two kinds, which are found here.
#include "store/log_tail.hpp"

#include <array>
#include <filesystem>
#include <fstream>
#include <optional>

#include "store/rocksdb.hpp"

namespace assay::store {

namespace {

constexpr std::size_t block_bytes = std::size_t{32} << 10;
constexpr std::size_t header_bytes = 7;
constexpr std::size_t type_at = 6;

// CRC-32C (Castagnoli), bit by bit in a table of one byte: only the last record of a log is ever summed.
constexpr std::array<std::uint32_t, 256> crc_table = [] {
    std::array<std::uint32_t, 256> table{};
    for (std::uint32_t i = 0; i < 256; ++i) {
        std::uint32_t crc = i;
        for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0x82f63b78U : 0U);
        table[i] = crc;
    }
    return table;
}();

std::uint32_t read_number(ByteView bytes, std::size_t count)
{
    std::uint32_t number = 0;
    for (std::size_t i = 0; i < count; ++i) number |= std::uint32_t{bytes[i]} << (8 * i);
    return number;
}

// RocksDB stores checksums turned and shifted.
std::uint32_t masked(std::uint32_t crc)
{
    return ((crc >> 15) | (crc << 17)) + 0xa282ead8U;
}

// Whether a record of any length that begins here is whole. A record that was cut off is not, but for a chance of one in 2^32 for each
// length, in which it is taken for a damaged one.
bool is_whole_at_some_length(ByteView rest)
{
    const std::uint32_t expected = read_number(rest, 4);
    std::uint32_t crc = ~0U;
    for (std::size_t i = type_at; i < rest.size(); ++i) {
        crc = (crc >> 8) ^ crc_table[(crc ^ rest[i]) & 0xff];
        if (masked(~crc) == expected) return true;
    }
    return false;
}

// Where in a block something is wrong; nothing where it is not.
std::optional<std::size_t> damage_in(ByteView block)
{
    for (std::size_t at = 0; at + header_bytes <= block.size();) {
        const ByteView rest = block.subspan(at);
        const std::size_t length = read_number(rest.subspan(4), 2);
        if (length == 0 && rest[type_at] == 0) return at; // RocksDB would pass over the rest of the block
        if (header_bytes + length > rest.size()) {
            const bool is_last = block.size() < block_bytes; // elsewhere RocksDB refuses it
            return is_last && is_whole_at_some_length(rest) ? std::optional{at} : std::nullopt;
        }
        at += header_bytes + length;
    }
    return std::nullopt;
}

Status check_log(const std::filesystem::path& file)
{
    std::ifstream stream(file, std::ios::binary);
    Bytes block(block_bytes);
    for (std::size_t begin = 0; stream; begin += block_bytes) {
        stream.read(reinterpret_cast<char*>(block.data()), static_cast<std::streamsize>(block.size()));
        const auto damage = damage_in(ByteView{block}.first(static_cast<std::size_t>(stream.gcount())));
        if (damage)
            return storage_failure(file.string(), "the log is damaged at byte " + std::to_string(begin + *damage) +
                                                      ", where writes that were acknowledged may lie: restore the folder from a copy, or begin "
                                                      "a new one from another node or from the chunks' owners");
    }
    return stream.eof() ? Status{} : storage_failure(file.string(), "cannot be read: check the disk and the permissions");
}

} // namespace

Status check_logs(const std::string& folder)
{
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(folder, error))
        if (entry.path().extension() == ".log") ASSAY_TRY(check_log(entry.path()));
    return {}; // that a folder cannot be read RocksDB says better
}

} // namespace assay::store
