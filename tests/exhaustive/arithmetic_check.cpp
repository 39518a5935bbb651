// The integer arithmetic of the referee beside the processor's:
//     check_arithmetic COUNT [OPERATION...]     COUNT operations of each kind, of all kinds where none is named
// Operations of one argument take COUNT different patterns (4294967296 are all); the others all pairs or triples of special patterns, and then pairs
// and triples from eight families of what is hard for sums, products, quotients and borders: the same ones in every run.
// What was seen stands in README.md beside this file. Exit code 1 when a result differs, 2 for a command line that it does not know.
#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <string_view>

#include <assay/arith/binary32.hpp>

#include "tests/unit/arith/samples.hpp"

using namespace assay;

namespace {

using Word = std::uint32_t;
using Words = std::array<Word, 3>;

float number(Word a)
{
    return std::bit_cast<float>(a);
}

Word pattern(float x)
{
    return arith::canonical(std::bit_cast<Word>(x));
}

bool is_unordered(Word a, Word b)
{
    return std::isnan(number(a)) || std::isnan(number(b));
}

// Which of two numbers comes first, -0 before +0.
bool comes_first(Word a, Word b)
{
    return number(a) < number(b) || (number(a) == number(b) && std::signbit(number(a)));
}

struct Add {
    static constexpr std::size_t arity = 2;
    static Word ours(const Words& in) { return arith::add(in[0], in[1]); }
    static Word processor(const Words& in) { return pattern(number(in[0]) + number(in[1])); }
};
struct Subtract {
    static constexpr std::size_t arity = 2;
    static Word ours(const Words& in) { return arith::subtract(in[0], in[1]); }
    static Word processor(const Words& in) { return pattern(number(in[0]) - number(in[1])); }
};
struct Multiply {
    static constexpr std::size_t arity = 2;
    static Word ours(const Words& in) { return arith::multiply(in[0], in[1]); }
    static Word processor(const Words& in) { return pattern(number(in[0]) * number(in[1])); }
};
struct Divide {
    static constexpr std::size_t arity = 2;
    static Word ours(const Words& in) { return arith::divide(in[0], in[1]); }
    static Word processor(const Words& in) { return pattern(number(in[0]) / number(in[1])); }
};
// std::fma is the processor's instruction where it has one: the C library chooses.
struct FusedMultiplyAdd {
    static constexpr std::size_t arity = 3;
    static Word ours(const Words& in) { return arith::fused_multiply_add(in[0], in[1], in[2]); }
    static Word processor(const Words& in) { return pattern(std::fma(number(in[0]), number(in[1]), number(in[2]))); }
};
struct SquareRoot {
    static constexpr std::size_t arity = 1;
    static Word ours(const Words& in) { return arith::square_root(in[0]); }
    static Word processor(const Words& in) { return pattern(std::sqrt(number(in[0]))); }
};
struct Negate {
    static constexpr std::size_t arity = 1;
    static Word ours(const Words& in) { return arith::negate(in[0]); }
    static Word processor(const Words& in) { return pattern(-number(in[0])); }
};
struct Absolute {
    static constexpr std::size_t arity = 1;
    static Word ours(const Words& in) { return arith::absolute(in[0]); }
    static Word processor(const Words& in) { return pattern(std::abs(number(in[0]))); }
};
struct FromUnsigned {
    static constexpr std::size_t arity = 1;
    static Word ours(const Words& in) { return arith::from_unsigned(in[0]); }
    static Word processor(const Words& in) { return pattern(static_cast<float>(in[0])); }
};
// The processor's conversion is defined between -1 and 2^32 only; NUMERICS-10 says the rest.
struct ToUnsigned {
    static constexpr std::size_t arity = 1;
    static Word ours(const Words& in) { return arith::to_unsigned(in[0]); }
    static Word processor(const Words& in)
    {
        const float x = number(in[0]);
        return !(x > 0) ? 0 : x >= 0x1p32f ? 0xffffffff : static_cast<Word>(x);
    }
};
struct Less {
    static constexpr std::size_t arity = 2;
    static Word ours(const Words& in) { return arith::less(in[0], in[1]); }
    static Word processor(const Words& in) { return number(in[0]) < number(in[1]); }
};
struct Equal {
    static constexpr std::size_t arity = 2;
    static Word ours(const Words& in) { return arith::equal(in[0], in[1]); }
    static Word processor(const Words& in) { return number(in[0]) == number(in[1]); }
};
struct Minimum {
    static constexpr std::size_t arity = 2;
    static Word ours(const Words& in) { return arith::minimum(in[0], in[1]); }
    static Word processor(const Words& in) { return is_unordered(in[0], in[1]) ? arith::canonical_nan : comes_first(in[0], in[1]) ? in[0] : in[1]; }
};
struct Maximum {
    static constexpr std::size_t arity = 2;
    static Word ours(const Words& in) { return arith::maximum(in[0], in[1]); }
    static Word processor(const Words& in) { return is_unordered(in[0], in[1]) ? arith::canonical_nan : comes_first(in[0], in[1]) ? in[1] : in[0]; }
};

// A bijection of 64 bits whose values pass for random ones: Steele, Lea and Flood's SplitMix64 (OOPSLA 2014).
std::uint64_t mixed(std::uint64_t x)
{
    x += 0x9e3779b97f4a7c15;
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
    x = (x ^ x >> 27) * 0x94d049bb133111eb;
    return x ^ x >> 31;
}

// A fraction that is a run of ones or zeros at either end, changed in the last places: roundings near ties.
Word sparse(Word random)
{
    const Word run = 0x7fffffu >> random % 24;
    return ((random >> 5 & 1) != 0 ? run : 0x7fffffu & ~run) ^ (random >> 6 & 3);
}

// Sign and exponent of `base`, the latter moved by up to `distance` either way, with another fraction.
Word near(Word base, Word random, Word distance, Word fraction)
{
    return ((base + (random % (2 * distance + 1) << 23) - (distance << 23)) & 0xff800000) | fraction;
}

constexpr Word exponent_of_product(Word a, Word b)
{
    return ((a >> 23 & 255) + (b >> 23 & 255) - 127) << 23;
}

// Arguments number `i`, of the family i % 8.
Words drawn(std::uint64_t i, const std::vector<Word>& specials)
{
    const std::uint64_t first = mixed(3 * i), second = mixed(3 * i + 1), third = mixed(3 * i + 2);
    Words in{static_cast<Word>(first), static_cast<Word>(first >> 32), static_cast<Word>(second)};
    const auto random = static_cast<Word>(second >> 32), other = static_cast<Word>(third), rest = static_cast<Word>(third >> 32);
    const Word sign = rest & arith::sign_bit;
    switch (i % 8) {
    case 0: break;
    case 1: // exponents so near that sums cancel or align within a word
        in[1] = near(in[0], random, 26, in[1] & 0x7fffff) ^ sign;
        in[2] = near(exponent_of_product(in[0], in[1]), other, 50, in[2] & 0x7fffff) ^ sign;
        break;
    case 2: // subnormal numbers and the smallest normal ones
        in = {in[0] & 0x81ffffff, in[1] & 0x81ffffff, in[2] & 0x81ffffff};
        break;
    case 3: // one special number, or two
        in[random % 3] = specials[other % specials.size()];
        in[other % 3] = specials[rest % specials.size()];
        break;
    case 4: // fractions near ties, any exponents
        in = {(in[0] & 0xff800000) | sparse(random), (in[1] & 0xff800000) | sparse(other), (in[2] & 0xff800000) | sparse(rest)};
        break;
    case 5: // results at the borders: overflow, the smallest normal number, half of the smallest subnormal one
        in[1] = (in[1] & 0x807fffff) | ((std::array<Word, 4>{254, 1, 0xffffffe9, 127}[random % 4] + 127 - (in[0] >> 23 & 255) + other % 3) & 255) << 23;
        in[2] = (in[2] & 0x807fffff) | (rest % 3) << 23;
        break;
    case 6: // fractions near ties and near exponents
        in[0] = (in[0] & 0xff800000) | sparse(random);
        in[1] = near(in[0], other, 26, sparse(rest)) ^ sign;
        in[2] = near(exponent_of_product(in[0], in[1]), rest >> 8, 26, sparse(other >> 8)) ^ sign;
        break;
    default: // quotients, roots and sums that are exact, or all but exact; what is left of a rounded product
        in[2] = in[0];
        in[0] = pattern(number(in[0]) * number(in[1])) ^ (random & 1);
        if (i % 16 == 15) in = {in[2], in[1], in[0] ^ arith::sign_bit};
        break;
    }
    return in;
}

class Check {
public:
    explicit Check(std::uint64_t count) : m_count(count) {}

    template <class Operation>
    void run(std::string_view name)
    {
        const auto started = std::chrono::steady_clock::now();
        const std::uint64_t before = m_different;
        if constexpr (Operation::arity == 1)
            for (std::uint64_t i = 0; i < m_count; ++i) compare<Operation>(name, {static_cast<Word>(i * 0x9e3779b1), 0, 0});
        else run_drawn<Operation>(name);
        const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
        std::printf("| %.*s | %llu | %llu | %.0f |\n", static_cast<int>(name.size()), name.data(), static_cast<unsigned long long>(m_count),
                    static_cast<unsigned long long>(m_different - before), seconds);
        std::fflush(stdout);
    }
    [[nodiscard]] bool agrees() const { return m_different == 0; }

private:
    template <class Operation>
    void run_drawn(std::string_view name)
    {
        const std::uint64_t size = m_specials.size();
        const std::uint64_t combinations = Operation::arity == 2 ? size * size : size * size * size;
        for (std::uint64_t i = 0; i < m_count; ++i)
            compare<Operation>(name, i < combinations ? Words{m_specials[i % size], m_specials[i / size % size], m_specials[i / size / size % size]}
                                                      : drawn(i, m_specials));
    }

    template <class Operation>
    void compare(std::string_view name, const Words& in)
    {
        const Word ours = Operation::ours(in), processor = Operation::processor(in);
        if (ours != processor && ++m_different <= 20)
            std::printf("%.*s(%08x, %08x, %08x) = %08x, the processor has %08x\n", static_cast<int>(name.size()), name.data(), in[0], in[1], in[2], ours,
                        processor);
    }

    std::uint64_t m_count;
    std::uint64_t m_different = 0;
    std::vector<Word> m_specials = test::special_patterns();
};

struct Row {
    std::string_view name;
    void (Check::*run)(std::string_view);
};

constexpr Row rows[]{
    {"add", &Check::run<Add>},           {"subtract", &Check::run<Subtract>},   {"multiply", &Check::run<Multiply>},
    {"divide", &Check::run<Divide>},     {"less", &Check::run<Less>},           {"equal", &Check::run<Equal>},
    {"minimum", &Check::run<Minimum>},   {"maximum", &Check::run<Maximum>},     {"fused_multiply_add", &Check::run<FusedMultiplyAdd>},
    {"negate", &Check::run<Negate>},     {"absolute", &Check::run<Absolute>},   {"square_root", &Check::run<SquareRoot>},
    {"from_unsigned", &Check::run<FromUnsigned>}, {"to_unsigned", &Check::run<ToUnsigned>},
};

int explain()
{
    std::fprintf(stderr, "usage: check_arithmetic COUNT [OPERATION...]\noperations:");
    for (const Row& row : rows) std::fprintf(stderr, " %.*s", static_cast<int>(row.name.size()), row.name.data());
    std::fprintf(stderr, "\n");
    return 2;
}

bool is_known(const char* word)
{
    return std::any_of(std::begin(rows), std::end(rows), [&](const Row& row) { return row.name == word; });
}

} // namespace

int main(int count, char** words)
{
    std::uint64_t operations = 0;
    if (count < 2) return explain();
    const auto [end, error] = std::from_chars(words[1], words[1] + std::strlen(words[1]), operations);
    if (error != std::errc{} || *end != '\0' || !std::all_of(words + 2, words + count, is_known)) return explain();
    Check check{operations};
    std::printf("| operation | compared | different | seconds |\n|---|---|---|---|\n");
    for (const Row& row : rows)
        if (count == 2 || std::any_of(words + 2, words + count, [&](const char* word) { return row.name == word; })) (check.*row.run)(row.name);
    return check.agrees() ? 0 : 1;
}
