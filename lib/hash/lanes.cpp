// Word by word as FIPS 180-4 has it, with sixteen inputs side by side.
#include "hash/lanes.hpp"

#include "hash/constants.hpp"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace assay::hash {

#if defined(__x86_64__)

namespace {

#define ASSAY_LANES __attribute__((target("avx512f,avx512bw")))

constexpr std::size_t block_bytes = 64;
constexpr std::size_t length_bytes = 8; // at the end of the last block
constexpr std::size_t block_words = 16, state_words = 8, rounds = 64;

// One word of each input.
using Word = __m512i;

// Functions of three bits, by the table of their results.
constexpr int parity = 0x96, choice = 0xca, majority = 0xe8;

template <int a, int b, int c>
ASSAY_LANES inline Word rotations(Word x)
{
    return _mm512_ternarylogic_epi32(_mm512_ror_epi32(x, a), _mm512_ror_epi32(x, b), _mm512_ror_epi32(x, c), parity);
}

template <int a, int b, int shift>
ASSAY_LANES inline Word rotations_and_shift(Word x)
{
    return _mm512_ternarylogic_epi32(_mm512_ror_epi32(x, a), _mm512_ror_epi32(x, b), _mm512_srli_epi32(x, shift), parity);
}

ASSAY_LANES inline Word sum(Word a, Word b)
{
    return _mm512_add_epi32(a, b);
}

ASSAY_LANES inline Word big_endian(Word words)
{
    return _mm512_shuffle_epi8(words, _mm512_broadcast_i32x4(_mm_set_epi8(12, 13, 14, 15, 8, 9, 10, 11, 4, 5, 6, 7, 0, 1, 2, 3)));
}

// Rows become columns: of a block of each input, one word of all.
ASSAY_LANES inline void transpose(Word (&rows)[block_words])
{
    Word pairs[block_words];
#pragma GCC unroll 8
    for (std::size_t i = 0; i < 16; i += 2) {
        pairs[i] = _mm512_unpacklo_epi32(rows[i], rows[i + 1]);
        pairs[i + 1] = _mm512_unpackhi_epi32(rows[i], rows[i + 1]);
    }
    // quads[i] holds column i % 4 of every quarter, of the rows from i - i % 4 on.
    Word quads[block_words];
#pragma GCC unroll 4
    for (std::size_t i = 0; i < 16; i += 4) {
        quads[i] = _mm512_unpacklo_epi64(pairs[i], pairs[i + 2]);
        quads[i + 1] = _mm512_unpackhi_epi64(pairs[i], pairs[i + 2]);
        quads[i + 2] = _mm512_unpacklo_epi64(pairs[i + 1], pairs[i + 3]);
        quads[i + 3] = _mm512_unpackhi_epi64(pairs[i + 1], pairs[i + 3]);
    }
    constexpr int even = 0x88, odd = 0xdd; // quarters
#pragma GCC unroll 4
    for (std::size_t i = 0; i < 4; ++i) {
        const Word upper_even = _mm512_shuffle_i32x4(quads[i], quads[4 + i], even), lower_even = _mm512_shuffle_i32x4(quads[8 + i], quads[12 + i], even);
        const Word upper_odd = _mm512_shuffle_i32x4(quads[i], quads[4 + i], odd), lower_odd = _mm512_shuffle_i32x4(quads[8 + i], quads[12 + i], odd);
        rows[i] = _mm512_shuffle_i32x4(upper_even, lower_even, even);
        rows[4 + i] = _mm512_shuffle_i32x4(upper_odd, lower_odd, even);
        rows[8 + i] = _mm512_shuffle_i32x4(upper_even, lower_even, odd);
        rows[12 + i] = _mm512_shuffle_i32x4(upper_odd, lower_odd, odd);
    }
}

ASSAY_LANES inline void compress(Word (&state)[state_words], Word (&w)[block_words])
{
    Word v[state_words];
#pragma GCC unroll 8
    for (std::size_t i = 0; i < state_words; ++i) v[i] = state[i];
    for (std::size_t begin = 0; begin < rounds; begin += block_words) {
#pragma GCC unroll 16
        for (std::size_t i = 0; i < block_words; ++i) {
            // The words change their names instead of their places.
            const Word a = v[(16 - i) % 8], b = v[(17 - i) % 8], c = v[(18 - i) % 8], e = v[(20 - i) % 8], f = v[(21 - i) % 8], g = v[(22 - i) % 8];
            Word &d = v[(19 - i) % 8], &h = v[(23 - i) % 8];
            const Word constant = _mm512_set1_epi32(static_cast<int>(round_constants[begin + i]));
            const Word chosen = _mm512_ternarylogic_epi32(e, f, g, choice);
            const Word t1 = sum(sum(h, sum(w[i], constant)), sum(rotations<6, 11, 25>(e), chosen));
            d = sum(d, t1);
            h = sum(t1, sum(rotations<2, 13, 22>(a), _mm512_ternarylogic_epi32(a, b, c, majority)));
            if (begin + block_words == rounds) continue;
            w[i] = sum(sum(w[i], rotations_and_shift<7, 18, 3>(w[(i + 1) % 16])),
                       sum(w[(i + 9) % 16], rotations_and_shift<17, 19, 10>(w[(i + 14) % 16])));
        }
    }
#pragma GCC unroll 8
    for (std::size_t i = 0; i < state_words; ++i) state[i] = sum(state[i], v[i]);
}

// What a block has that is not of the input, the same in all lanes: the prefix, and the padding.
struct Frame {
    Frame(std::uint8_t prefix, std::size_t length, std::size_t begin, bool is_last)
    {
        if (begin == 0) bytes[0] = prefix;
        if (length >= begin && length - begin < block_bytes) bytes[length - begin] = 0x80;
        if (!is_last) return;
        const std::uint64_t bits = 8 * static_cast<std::uint64_t>(length);
        for (std::size_t i = 0; i < length_bytes; ++i) bytes[block_bytes - 1 - i] = static_cast<std::uint8_t>(bits >> 8 * i);
    }
    alignas(block_bytes) std::array<std::uint8_t, block_bytes> bytes{};
};

// The bytes of a block that are of the input: as a mask, for the others are not even read.
__mmask64 input_bytes(std::size_t length, std::size_t begin)
{
    const std::size_t left = length > begin ? length - begin : 0;
    const __mmask64 present = left >= block_bytes ? ~__mmask64{0} : (__mmask64{1} << left) - 1;
    return begin == 0 ? present & ~__mmask64{1} : present;
}

ASSAY_LANES void hash_lanes(std::uint8_t prefix, const std::array<const std::uint8_t*, lanes>& inputs, std::size_t size, std::span<Digest> digests)
{
    Word state[state_words];
    for (std::size_t i = 0; i < state_words; ++i) state[i] = _mm512_set1_epi32(static_cast<int>(first_words[i]));
    const std::size_t length = size + 1; // with the prefix
    const std::size_t end = (length + length_bytes) / block_bytes * block_bytes + block_bytes;
    for (std::size_t begin = 0; begin < end; begin += block_bytes) {
        const Frame frame{prefix, length, begin, begin + block_bytes == end};
        const __mmask64 mask = input_bytes(length, begin);
        const Word around = _mm512_load_si512(frame.bytes.data());
        Word w[block_words];
#pragma GCC unroll 16
        for (std::size_t k = 0; k < lanes; ++k) w[k] = _mm512_or_si512(_mm512_maskz_loadu_epi8(mask, inputs[k] + begin - 1), around);
        transpose(w);
#pragma GCC unroll 16
        for (Word& word : w) word = big_endian(word);
        compress(state, w);
    }
    alignas(block_bytes) std::uint32_t words[state_words][lanes];
    for (std::size_t i = 0; i < state_words; ++i) _mm512_store_si512(words[i], state[i]);
    for (std::size_t k = 0; k < digests.size(); ++k)
        for (std::size_t i = 0; i < sizeof(Digest::bytes); ++i)
            digests[k].bytes[i] = static_cast<std::uint8_t>(words[i / 4][k] >> (24 - 8 * (i % 4)));
}

} // namespace

bool has_lanes()
{
    static const bool answer = __builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512bw") != 0;
    return answer;
}

void sha256_lanes(std::uint8_t prefix, std::span<const std::uint8_t* const> inputs, std::size_t size, std::span<Digest> digests)
{
    ASSAY_CHECK(has_lanes() && inputs.size() == digests.size() && !inputs.empty() && inputs.size() <= lanes);
    std::array<const std::uint8_t*, lanes> all;
    for (std::size_t k = 0; k < lanes; ++k) all[k] = inputs[std::min(k, inputs.size() - 1)]; // lanes without an input repeat the last
    hash_lanes(prefix, all, size, digests);
}

#else

bool has_lanes()
{
    return false;
}

void sha256_lanes(std::uint8_t, std::span<const std::uint8_t* const>, std::size_t, std::span<Digest>)
{
    ASSAY_CHECK(has_lanes());
}

#endif

} // namespace assay::hash
