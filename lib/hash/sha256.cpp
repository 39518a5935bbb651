// The portable SHA-256: FIPS 180-4, section 6.2, as written there.
#include <assay/hash/sha256.hpp>

#include <bit>

#include "hash/constants.hpp"

namespace assay::hash {

namespace {

class Compressor {
public:
    void append(std::uint8_t byte)
    {
        m_block[m_filled++] = byte;
        if (m_filled == m_block.size()) compress();
    }
    [[nodiscard]] std::size_t filled() const { return m_filled; }
    [[nodiscard]] Digest state() const
    {
        Digest digest;
        for (std::size_t i = 0; i < digest.bytes.size(); ++i) digest.bytes[i] = static_cast<std::uint8_t>(m_state[i / 4] >> (24 - 8 * (i % 4)));
        return digest;
    }

private:
    void compress()
    {
        std::array<std::uint32_t, 64> w;
        for (std::size_t t = 0; t < 16; ++t)
            w[t] = std::uint32_t{m_block[4 * t]} << 24 | std::uint32_t{m_block[4 * t + 1]} << 16 | std::uint32_t{m_block[4 * t + 2]} << 8 |
                   m_block[4 * t + 3];
        for (std::size_t t = 16; t < 64; ++t) {
            const std::uint32_t s0 = std::rotr(w[t - 15], 7) ^ std::rotr(w[t - 15], 18) ^ w[t - 15] >> 3;
            const std::uint32_t s1 = std::rotr(w[t - 2], 17) ^ std::rotr(w[t - 2], 19) ^ w[t - 2] >> 10;
            w[t] = s1 + w[t - 7] + s0 + w[t - 16];
        }
        auto [a, b, c, d, e, f, g, h] = m_state;
        for (std::size_t t = 0; t < 64; ++t) {
            const std::uint32_t t1 = h + (std::rotr(e, 6) ^ std::rotr(e, 11) ^ std::rotr(e, 25)) + ((e & f) ^ (~e & g)) + round_constants[t] + w[t];
            const std::uint32_t t2 = (std::rotr(a, 2) ^ std::rotr(a, 13) ^ std::rotr(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
            h = g, g = f, f = e, e = d + t1, d = c, c = b, b = a, a = t1 + t2;
        }
        const std::array<std::uint32_t, 8> added{a, b, c, d, e, f, g, h};
        for (std::size_t i = 0; i < 8; ++i) m_state[i] += added[i];
        m_filled = 0;
    }

    std::array<std::uint32_t, 8> m_state = first_words;
    std::array<std::uint8_t, 64> m_block{};
    std::size_t m_filled = 0;
};

} // namespace

Digest sha256(std::span<const ByteView> parts)
{
    Compressor compressor;
    std::uint64_t length = 0;
    for (const ByteView part : parts) {
        length += part.size();
        for (const std::uint8_t byte : part) compressor.append(byte);
    }
    compressor.append(0x80);
    while (compressor.filled() != 56) compressor.append(0);
    for (int shift = 56; shift >= 0; shift -= 8) compressor.append(static_cast<std::uint8_t>(8 * length >> shift));
    return compressor.state();
}

void HashFunction::hash_pieces(std::uint8_t prefix, ByteView bytes, std::size_t piece, std::span<Digest> digests) const
{
    ASSAY_CHECK(piece > 0 && digests.size() == bytes.size() / piece + (bytes.size() % piece != 0 ? 1 : 0));
    if (m_pieces != nullptr) return m_pieces(m_context, prefix, bytes, piece, digests);
    for (std::size_t i = 0; i < digests.size(); ++i) {
        const std::array<ByteView, 2> parts{ByteView{&prefix, 1}, bytes.subspan(i * piece, std::min(piece, bytes.size() - i * piece))};
        digests[i] = m_parts(parts);
    }
}

} // namespace assay::hash
