// Bytes and digests: the two value types that every other module speaks in. Spec: spec/encoding.md.
#pragma once

#include <algorithm>
#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace assay {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;

// A SHA-256 digest. Ordered bytewise, so that it can be a key and a deterministic tie-breaker.
struct Digest {
    std::array<std::uint8_t, 32> bytes{};

    friend bool operator==(const Digest&, const Digest&) = default;
    friend auto operator<=>(const Digest&, const Digest&) = default;
};

// A point in protocol time, in ticks. What a tick lasts is said by whoever drives the state machines; they never read a clock.
struct Tick {
    std::uint64_t value = 0;

    friend bool operator==(const Tick&, const Tick&) = default;
    friend auto operator<=>(const Tick&, const Tick&) = default; // NOLINT(modernize-use-nullptr): clang-tidy 14 takes the 0 behind it for a pointer
};

// The view of a string's bytes, without a terminating zero.
inline ByteView view_of(std::string_view text)
{
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

inline ByteView view_of(const Digest& digest)
{
    return digest.bytes;
}

// Lower-case hexadecimal, two characters a byte. Spec: ENCODING-8.
std::string to_hex(ByteView bytes);
inline std::string to_hex(const Digest& digest)
{
    return to_hex(view_of(digest));
}

// The first eight hexadecimal characters: for people, never for comparing.
inline std::string short_hex(const Digest& digest)
{
    return to_hex(view_of(digest)).substr(0, 8);
}

// Reads hexadecimal of either case. Returns nothing when the length is odd or a character is none of 0-9 a-f A-F.
// Spec: ENCODING-8.
std::optional<Bytes> bytes_from_hex(std::string_view text);
std::optional<Digest> digest_from_hex(std::string_view text);

} // namespace assay
