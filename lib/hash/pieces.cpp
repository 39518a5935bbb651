// The SHA instructions of x86-64: one input where the call of a library would cost as much as the hashing, and two at a time, where the rounds of the
// other fill the time that each round waits for the one before. Many of one length go through the lanes of AVX-512 where there are any.
#include <assay/hash/openssl.hpp>

#include "hash/lanes.hpp"

#if defined(__x86_64__)
#include "hash/constants.hpp"

#include <cpuid.h>
#include <immintrin.h>
#endif

namespace assay::hash {

namespace {

constexpr HashFunction one_after_another{sha256_direct};

#if defined(__x86_64__)

#define ASSAY_SHA __attribute__((target("sha,sse4.1,ssse3")))

constexpr std::size_t block_bytes = 64;
constexpr std::size_t node_bytes = 64; // of a tree's node, without its prefix
constexpr std::size_t digest_bytes = node_bytes / 2;

bool processor_hashes()
{
    static const bool answer = [] {
        unsigned a = 0, b = 0, c = 0, d = 0;
        return __get_cpuid_count(7, 0, &a, &b, &c, &d) != 0 && (b >> 29 & 1) != 0 && __builtin_cpu_supports("sse4.1") != 0;
    }();
    return answer;
}

// The eight words of a state in the order that the instructions want: a b e f, c d g h, from the highest lane down.
struct State {
    __m128i abef, cdgh;
};

ASSAY_SHA inline State first_state()
{
    const auto words = [](std::size_t a, std::size_t b, std::size_t c, std::size_t d) __attribute__((target("sha,sse4.1,ssse3")))
    {
        const auto word = [](std::size_t i) { return static_cast<int>(first_words[i]); };
        return _mm_set_epi32(word(a), word(b), word(c), word(d));
    };
    return {words(0, 1, 4, 5), words(2, 3, 6, 7)};
}

ASSAY_SHA inline __m128i big_endian(__m128i words)
{
    return _mm_shuffle_epi8(words, _mm_set_epi8(12, 13, 14, 15, 8, 9, 10, 11, 4, 5, 6, 7, 0, 1, 2, 3));
}

ASSAY_SHA inline void four_rounds(State& state, __m128i words_and_constants)
{
    state.cdgh = _mm_sha256rnds2_epu32(state.cdgh, state.abef, words_and_constants);
    state.abef = _mm_sha256rnds2_epu32(state.abef, state.cdgh, _mm_shuffle_epi32(words_and_constants, 0x0e));
}

// The four words of the message schedule after those of `oldest` to `newest`.
ASSAY_SHA inline __m128i next_words(__m128i oldest, __m128i second, __m128i third, __m128i newest)
{
    return _mm_sha256msg2_epu32(_mm_add_epi32(_mm_sha256msg1_epu32(oldest, second), _mm_alignr_epi8(newest, third, 4)), newest);
}

ASSAY_SHA inline __m128i load(const std::uint8_t* bytes)
{
    return _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes));
}

// One block of each of `count` inputs, as bytes in the order of the input.
template <std::size_t count>
ASSAY_SHA inline void compress(std::array<State, count>& states, __m128i (&words)[count][4])
{
    const std::array<State, count> before = states;
#pragma GCC unroll 16
    for (std::size_t i = 0; i < 16; ++i) {
        const __m128i constants = _mm_load_si128(reinterpret_cast<const __m128i*>(&round_constants[4 * i]));
#pragma GCC unroll 2
        for (std::size_t k = 0; k < count; ++k) {
            __m128i* const w = words[k];
            w[i % 4] = i < 4 ? big_endian(w[i]) : next_words(w[i % 4], w[(i + 1) % 4], w[(i + 2) % 4], w[(i + 3) % 4]);
            four_rounds(states[k], _mm_add_epi32(w[i % 4], constants));
        }
    }
    for (std::size_t k = 0; k < count; ++k)
        states[k] = {_mm_add_epi32(states[k].abef, before[k].abef), _mm_add_epi32(states[k].cdgh, before[k].cdgh)};
}

// `blocks` blocks of each of `count` inputs, that lie where `data` points.
template <std::size_t count>
ASSAY_SHA inline void compress(std::array<State, count>& states, std::array<const std::uint8_t*, count> data, std::size_t blocks)
{
    for (; blocks > 0; --blocks) {
        __m128i words[count][4];
        for (std::size_t k = 0; k < count; ++k)
            for (std::size_t i = 0; i < 4; ++i) words[k][i] = load(data[k] + 16 * i);
        compress<count>(states, words);
        for (std::size_t k = 0; k < count; ++k) data[k] += block_bytes;
    }
}

ASSAY_SHA void store(const State& state, Digest& digest)
{
    const __m128i low = _mm_unpackhi_epi64(state.cdgh, state.abef);  // from the highest lane: a b c d
    const __m128i high = _mm_unpacklo_epi64(state.cdgh, state.abef); // e f g h
    const auto words = [](__m128i lanes) __attribute__((target("sha,sse4.1,ssse3")))
    {
        return big_endian(_mm_shuffle_epi32(lanes, 0x1b));
    };
    auto* const out = reinterpret_cast<__m128i*>(digest.bytes.data());
    _mm_storeu_si128(out, words(low));
    _mm_storeu_si128(out + 1, words(high));
}

// An input of a prefix and a piece, as whole blocks: the first one, those that lie in the piece as they are, and the end with its padding.
struct Padded {
    alignas(16) std::array<std::uint8_t, block_bytes> head;
    alignas(16) std::array<std::uint8_t, 2 * block_bytes> end;

    // Requires: at least one block's bytes in the piece.
    void fill(std::uint8_t prefix, const std::uint8_t* piece, std::size_t size)
    {
        head[0] = prefix;
        std::copy_n(piece, block_bytes - 1, head.begin() + 1);
        const std::size_t rest = (size + 1) % block_bytes;
        end = {};
        std::copy_n(piece + size - rest, rest, end.begin());
        end[rest] = 0x80;
        const std::uint64_t bits = 8 * (static_cast<std::uint64_t>(size) + 1);
        for (std::size_t i = 0; i < 8; ++i) end[end_bytes(size) - 1 - i] = static_cast<std::uint8_t>(bits >> 8 * i);
    }
    static std::size_t end_bytes(std::size_t size) { return (size + 1) % block_bytes < block_bytes - 8 ? block_bytes : 2 * block_bytes; }
};

// Nodes of a tree, the inputs that are hashed most: a prefix and two halves of 32 bytes. Their two blocks are put together in registers, which is
// a quarter of the time of a single one.
template <std::size_t count>
ASSAY_SHA inline std::array<State, count> hash_nodes(std::uint8_t prefix, std::array<std::array<const std::uint8_t*, 2>, count> halves)
{
    constexpr int bits = 8 * (1 + node_bytes);
    std::array<State, count> states;
    __m128i head[count][4], end[count][4];
    for (std::size_t k = 0; k < count; ++k) {
        states[k] = first_state();
        __m128i before = _mm_set1_epi8(static_cast<char>(prefix));
        for (std::size_t i = 0; i < 4; ++i) {
            const __m128i bytes = load(halves[k][i / 2] + 16 * (i % 2));
            head[k][i] = _mm_alignr_epi8(bytes, before, 15);
            before = bytes;
        }
        end[k][0] = _mm_or_si128(_mm_srli_si128(before, 15), _mm_cvtsi32_si128(0x8000));
        end[k][1] = end[k][2] = _mm_setzero_si128();
        end[k][3] = _mm_set_epi8(bits & 0xff, bits >> 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    }
    compress<count>(states, head);
    compress<count>(states, end);
    return states;
}

// Leaves that hold a digest: a single block.
template <std::size_t count>
ASSAY_SHA inline std::array<State, count> hash_digests(std::uint8_t prefix, std::array<const std::uint8_t*, count> digests)
{
    constexpr int bits = 8 * (1 + digest_bytes);
    std::array<State, count> states;
    __m128i words[count][4];
    for (std::size_t k = 0; k < count; ++k) {
        states[k] = first_state();
        const __m128i low = load(digests[k]), high = load(digests[k] + 16);
        words[k][0] = _mm_alignr_epi8(low, _mm_set1_epi8(static_cast<char>(prefix)), 15);
        words[k][1] = _mm_alignr_epi8(high, low, 15);
        words[k][2] = _mm_or_si128(_mm_srli_si128(high, 15), _mm_cvtsi32_si128(0x8000));
        words[k][3] = _mm_set_epi8(static_cast<char>(bits & 0xff), bits >> 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    }
    compress<count>(states, words);
    return states;
}

ASSAY_SHA void hash_two(std::uint8_t prefix, const std::uint8_t* a, const std::uint8_t* b, std::size_t size, Digest& digest_a, Digest& digest_b)
{
    if (size == node_bytes) {
        const auto nodes = hash_nodes<2>(prefix, {{{a, a + digest_bytes}, {b, b + digest_bytes}}});
        store(nodes[0], digest_a);
        return store(nodes[1], digest_b);
    }
    if (size == digest_bytes) {
        const auto leaves = hash_digests<2>(prefix, {a, b});
        store(leaves[0], digest_a);
        return store(leaves[1], digest_b);
    }
    Padded padded_a, padded_b;
    padded_a.fill(prefix, a, size);
    padded_b.fill(prefix, b, size);
    std::array<State, 2> states{first_state(), first_state()};
    compress<2>(states, {padded_a.head.data(), padded_b.head.data()}, 1);
    compress<2>(states, {a + block_bytes - 1, b + block_bytes - 1}, (size + 1) / block_bytes - 1);
    compress<2>(states, {padded_a.end.data(), padded_b.end.data()}, Padded::end_bytes(size) / block_bytes);
    store(states[0], digest_a);
    store(states[1], digest_b);
}

// Inputs of these sizes can be hashed two at a time.
bool can_be_paired(std::size_t size)
{
    return size >= block_bytes || size == digest_bytes;
}

bool is_digest(std::span<const ByteView> parts)
{
    return parts.size() == 2 && parts[0].size() == 1 && parts[1].size() == digest_bytes;
}

ASSAY_SHA Digest hash_one(std::span<const ByteView> parts)
{
    Digest digest;
    if (is_digest(parts)) {
        store(hash_digests<1>(parts[0][0], {parts[1].data()})[0], digest);
        return digest;
    }
    std::array<State, 1> states{first_state()};
    alignas(16) std::array<std::uint8_t, block_bytes> block;
    std::size_t filled = 0;
    std::uint64_t length = 0;
    for (ByteView part : parts) {
        length += part.size();
        while (!part.empty()) {
            const std::size_t whole = filled == 0 ? part.size() / block_bytes : 0;
            if (whole > 0) {
                compress<1>(states, {part.data()}, whole);
                part = part.subspan(whole * block_bytes);
                continue;
            }
            const std::size_t taken = std::min(part.size(), block_bytes - filled);
            std::copy_n(part.data(), taken, block.data() + filled);
            part = part.subspan(taken);
            filled += taken;
            if (filled < block_bytes) continue;
            compress<1>(states, {block.data()}, 1);
            filled = 0;
        }
    }
    block[filled++] = 0x80;
    if (filled > block_bytes - 8) {
        std::fill(block.begin() + static_cast<std::ptrdiff_t>(filled), block.end(), std::uint8_t{0});
        compress<1>(states, {block.data()}, 1);
        filled = 0;
    }
    std::fill(block.begin() + static_cast<std::ptrdiff_t>(filled), block.end(), std::uint8_t{0});
    for (std::size_t i = 0; i < 8; ++i) block[block_bytes - 1 - i] = static_cast<std::uint8_t>(8 * length >> 8 * i);
    compress<1>(states, {block.data()}, 1);
    store(states[0], digest);
    return digest;
}

ASSAY_SHA Digest hash_node(std::uint8_t prefix, const Digest& left, const Digest& right)
{
    Digest digest;
    store(hash_nodes<1>(prefix, {{{left.bytes.data(), right.bytes.data()}}})[0], digest);
    return digest;
}

#endif

} // namespace

Digest sha256_direct(std::span<const ByteView> parts)
{
#if defined(__x86_64__)
    if (processor_hashes()) return hash_one(parts);
#endif
    return sha256_openssl(parts);
}

Digest sha256_node(const void*, std::uint8_t prefix, const Digest& left, const Digest& right)
{
#if defined(__x86_64__)
    if (processor_hashes()) return hash_node(prefix, left, right);
#endif
    return sha256_openssl(std::array{ByteView{&prefix, 1}, view_of(left), view_of(right)});
}

void sha256_pieces(const void*, std::uint8_t prefix, ByteView bytes, std::size_t piece, std::span<Digest> digests)
{
    const std::size_t whole = bytes.size() / piece;
    std::size_t done = 0;
    for (std::array<const std::uint8_t*, lanes> inputs; whole - done >= lanes_worth && has_lanes();) {
        const std::size_t count = std::min(lanes, whole - done);
        for (std::size_t k = 0; k < count; ++k) inputs[k] = bytes.data() + (done + k) * piece;
        sha256_lanes(prefix, std::span{inputs}.first(count), piece, digests.subspan(done, count));
        done += count;
    }
#if defined(__x86_64__)
    if (can_be_paired(piece) && processor_hashes())
        for (; done + 2 <= whole; done += 2) {
            const std::uint8_t* const first = bytes.data() + done * piece;
            hash_two(prefix, first, first + piece, piece, digests[done], digests[done + 1]);
        }
#endif
    if (done < digests.size()) one_after_another.hash_pieces(prefix, bytes.subspan(done * piece), piece, digests.subspan(done));
}

namespace {

// How many of the first inputs, up to `lanes`, are equally long.
std::size_t equal_lengths(std::span<const ByteView> inputs)
{
    const std::span<const ByteView> most = inputs.first(std::min(lanes, inputs.size()));
    const auto other = std::find_if(most.begin(), most.end(), [&](ByteView input) { return input.size() != most.front().size(); });
    return static_cast<std::size_t>(other - most.begin());
}

} // namespace

void sha256_each(std::uint8_t prefix, std::span<const ByteView> inputs, std::span<Digest> digests)
{
    ASSAY_CHECK(inputs.size() == digests.size());
    for (std::size_t i = 0; i < inputs.size();) {
        const std::size_t size = inputs[i].size(), equal = equal_lengths(inputs.subspan(i));
        if (equal >= lanes_worth && has_lanes()) {
            std::array<const std::uint8_t*, lanes> data;
            for (std::size_t k = 0; k < equal; ++k) data[k] = inputs[i + k].data();
            sha256_lanes(prefix, std::span{data}.first(equal), size, digests.subspan(i, equal));
            i += equal;
            continue;
        }
#if defined(__x86_64__)
        if (equal >= 2 && can_be_paired(size) && processor_hashes()) {
            hash_two(prefix, inputs[i].data(), inputs[i + 1].data(), size, digests[i], digests[i + 1]);
            i += 2;
            continue;
        }
#endif
        digests[i] = sha256_direct(std::array{ByteView{&prefix, 1}, inputs[i]});
        ++i;
    }
}

} // namespace assay::hash
