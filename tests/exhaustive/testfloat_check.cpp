// Compares the referee's arithmetic with the vectors that Berkeley TestFloat's generator writes:
//     testfloat_gen f32_add | check_testfloat f32_add
// A line holds the arguments, the result and the flags, in hexadecimal. We have one NaN, no flags and one rounding, to nearest even; only f32_to_ui32
// rounds towards zero (-rminMag), and where TestFloat says "invalid", NUMERICS-10 says what its result is. testfloat.sh runs all functions that are ours.
// Prints how many lines it compared. Exit code 1 when a result differs or a line cannot be read, 2 for a function that it does not know.
#include <array>
#include <cinttypes>
#include <cstdio>
#include <string_view>

#include <assay/arith/binary32.hpp>

using namespace assay;

namespace {

using Word = std::uint32_t;
using Words = std::array<Word, 5>; // as many as a line has: arguments, result, flags

constexpr Word invalid_flag = 0x10;

struct Function {
    std::string_view name;
    std::size_t arguments;
    Word (*ours)(const Words&);
    bool is_number; // and not a truth value or an integer
};

constexpr Function functions[]{
    {"f32_add", 2, [](const Words& in) { return arith::add(in[0], in[1]); }, true},
    {"f32_sub", 2, [](const Words& in) { return arith::subtract(in[0], in[1]); }, true},
    {"f32_mul", 2, [](const Words& in) { return arith::multiply(in[0], in[1]); }, true},
    {"f32_div", 2, [](const Words& in) { return arith::divide(in[0], in[1]); }, true},
    {"f32_mulAdd", 3, [](const Words& in) { return arith::fused_multiply_add(in[0], in[1], in[2]); }, true},
    {"f32_sqrt", 1, [](const Words& in) { return arith::square_root(in[0]); }, true},
    {"f32_eq", 2, [](const Words& in) { return Word{arith::equal(in[0], in[1])}; }, false},
    {"f32_lt", 2, [](const Words& in) { return Word{arith::less(in[0], in[1])}; }, false},
    {"f32_le", 2, [](const Words& in) { return Word{arith::less(in[0], in[1]) || arith::equal(in[0], in[1])}; }, false},
    {"ui32_to_f32", 1, [](const Words& in) { return arith::from_unsigned(in[0]); }, true},
    {"f32_to_ui32", 1, [](const Words& in) { return arith::to_unsigned(in[0]); }, false},
};

const Function* find(std::string_view name)
{
    for (const Function& function : functions)
        if (function.name == name) return &function;
    return nullptr;
}

// Returns: whether a line was there; `in` then holds as many words as the function's lines have.
bool read(const Function& function, Words& in, bool& is_readable)
{
    for (std::size_t i = 0; i < function.arguments + 2; ++i) {
        const int got = std::scanf("%" SCNx32, &in[i]);
        if (got == 1) continue;
        is_readable = got == EOF && i == 0;
        return false;
    }
    return true;
}

Word expected(const Function& function, const Words& in)
{
    const Word result = in[function.arguments], flags = in[function.arguments + 1];
    if (function.is_number) return arith::canonical(result);
    if (function.name != "f32_to_ui32" || (flags & invalid_flag) == 0) return result;
    const bool below = arith::is_nan(in[0]) || (in[0] & arith::sign_bit) != 0;
    return below ? 0 : 0xffffffff;
}

} // namespace

int main(int count, char** words)
{
    const Function* function = count == 2 ? find(words[1]) : nullptr;
    if (function == nullptr) return std::fprintf(stderr, "usage: testfloat_gen FUNCTION | check_testfloat FUNCTION\n"), 2;
    std::uint64_t compared = 0, different = 0;
    bool is_readable = true;
    for (Words in{}; read(*function, in, is_readable); ++compared) {
        const Word ours = function->ours(in);
        if (ours != expected(*function, in) && ++different <= 20)
            std::printf("%s(%08x, %08x, %08x): %08x for %08x\n", words[1], in[0], in[1], in[2], ours, expected(*function, in));
    }
    if (!is_readable || compared == 0) return std::fprintf(stderr, "line %" PRIu64 " is not one of testfloat_gen\n", compared + 1), 1;
    std::printf("| %s | %" PRIu64 " | %" PRIu64 " |\n", words[1], compared, different);
    return different == 0 ? 0 : 1;
}
