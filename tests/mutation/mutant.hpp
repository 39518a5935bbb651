// Every mutant of a file in one program: run.py writes these in place of operators, numbers and statements, and the environment variable
// ASSAY_MUTANT says which one of them is at work. In constant expressions none is. With ASSAY_MUTANT_REACHED=FILE the program writes down
// which mutants it came to, and whether each of them would ever have given another value: a test that sees none cannot fail.
//
//     a < b         a < mutation::Less<17>{} < b              operators of one precedence are taken from the left
//     a && b        mutant<17>() && a || (mutant<17>() || a) && b
//     !a            mutation::Not<17>{} ->* a                 the operator that binds tightest among those with two sides
//     3             mutation::number<17>(3)
//     f(a);         { if (!mutation::mutant<17>()) f(a); }
#pragma once

#include <cstdio>
#include <cstdlib>
#include <type_traits>
#include <utility>

namespace mutation {

inline constexpr unsigned mutants_max = 1 << 14;

struct Reached {
    // 1: the program came to it; 2 or more: it would have changed something.
    unsigned char ids[mutants_max]{};
    ~Reached()
    {
        const char* name = std::getenv("ASSAY_MUTANT_REACHED");
        std::FILE* file = name == nullptr ? nullptr : std::fopen(name, "a");
        if (file == nullptr) return;
        for (unsigned id = 0; id < mutants_max; ++id)
            if (ids[id] != 0) std::fprintf(file, "%u %u\n", id, ids[id] / 2U);
        std::fclose(file);
    }
};
inline Reached reached;

inline unsigned chosen()
{
    static const unsigned id = [] {
        const char* text = std::getenv("ASSAY_MUTANT");
        return text == nullptr ? mutants_max : static_cast<unsigned>(std::atoi(text));
    }();
    return id;
}

template <unsigned id>
constexpr bool mutant(bool changes = true)
{
    if (std::is_constant_evaluated()) return false;
    reached.ids[id] |= changes ? 2 : 1;
    return id == chosen();
}

template <unsigned id, class T>
constexpr T number(T value)
{
    return mutant<id>() ? static_cast<T>(value + 1) : value;
}

template <unsigned id>
constexpr bool truth(bool value)
{
    return mutant<id>() ? !value : value;
}

// A mutation that the operands' types do not have is none: it is never reached.
#define ASSAY_MUTATION(Name, original, changed)                                                                                            \
    template <unsigned id>                                                                                                                 \
    struct Name {                                                                                                                          \
    };                                                                                                                                     \
    template <class A, unsigned id>                                                                                                        \
    struct Name##Left {                                                                                                                    \
        A&& value;                                                                                                                         \
    };                                                                                                                                     \
    template <class A, unsigned id>                                                                                                        \
    constexpr Name##Left<A, id> operator original(A&& a, Name<id>)                                                                         \
    {                                                                                                                                      \
        return {std::forward<A>(a)};                                                                                                       \
    }                                                                                                                                      \
    template <class A, unsigned id, class B>                                                                                               \
    constexpr auto operator original(Name##Left<A, id> left, B&& b)                                                                        \
    {                                                                                                                                      \
        using Value = std::decay_t<decltype(std::forward<A>(left.value) original std::forward<B>(b))>;                                     \
        if constexpr (requires { Value(std::forward<A>(left.value) changed std::forward<B>(b)); }) {                                       \
            if (std::is_constant_evaluated()) return Value(std::forward<A>(left.value) original std::forward<B>(b));                       \
            if constexpr (std::is_arithmetic_v<Value>) {                                                                                   \
                const Value right(left.value original b), wrong(left.value changed b);                                                     \
                return mutant<id>(right != wrong) ? wrong : right;                                                                         \
            }                                                                                                                              \
            if (mutant<id>()) return Value(std::forward<A>(left.value) changed std::forward<B>(b));                                        \
        }                                                                                                                                  \
        return Value(std::forward<A>(left.value) original std::forward<B>(b));                                                             \
    }
ASSAY_MUTATION(Equal, ==, !=)
ASSAY_MUTATION(Unequal, !=, ==)
ASSAY_MUTATION(Less, <, <=)
ASSAY_MUTATION(LessEqual, <=, <)
ASSAY_MUTATION(Greater, >, >=)
ASSAY_MUTATION(GreaterEqual, >=, >)
ASSAY_MUTATION(Plus, +, -)
ASSAY_MUTATION(Minus, -, +)
ASSAY_MUTATION(LeftShift, <<, >>)
ASSAY_MUTATION(RightShift, >>, <<)
ASSAY_MUTATION(And, &, |)
ASSAY_MUTATION(Or, |, &)
#undef ASSAY_MUTATION

template <unsigned id>
struct Not {
};
template <unsigned id, class A>
constexpr bool operator->*(Not<id>, A&& a)
{
    return mutant<id>() == !static_cast<bool>(a) ? false : true;
}

template <unsigned id>
struct Increment {
};
template <unsigned id, class A>
constexpr A& operator->*(Increment<id>, A& a)
{
    return mutant<id>() ? --a : ++a;
}
template <unsigned id, class A>
constexpr A operator->*(A& a, Increment<id>)
{
    return mutant<id>() ? a-- : a++;
}

template <unsigned id>
struct Add {
};
template <class B, unsigned id>
struct Added {
    const B& value;
};
template <unsigned id, class B>
constexpr Added<B, id> operator+=(Add<id>, const B& b)
{
    return {b};
}
template <class A, class B, unsigned id>
constexpr A& operator+=(A& a, Added<B, id> added)
{
    if constexpr (requires { a -= added.value; }) {
        if (mutant<id>()) return a -= added.value;
    }
    return a += added.value;
}

} // namespace mutation
