// The portable SHA-256: FIPS 180-4, section 6.2, as written there.
#include <assay/hash/sha256.hpp>

#include <bit>

namespace assay::hash {

namespace {

// FIPS 180-4, section 4.2.2: the first 32 bits of the fractional parts of the cube roots of the first 64 primes.
constexpr std::array<std::uint32_t, 64> round_constants{
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be,
    0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa,
    0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85,
    0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3,
    0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f,
    0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

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

    // FIPS 180-4, section 5.3.3.
    std::array<std::uint32_t, 8> m_state{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
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
