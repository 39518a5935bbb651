// Result and Status: how a function says that it refused its input. Spec: ENCODING-9; spec/tables/errors.txt lists every name.
//
// A refusal is a value. It carries one name out of a closed list, which programs, test vectors and transcripts compare, and a
// detail, which only people read. Exceptions are for what no caller can meet unless somebody made a mistake in code.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

#include <assay/base/check.hpp>

namespace assay {

enum class Error : std::uint8_t {
#define ASSAY_ERROR(name, meaning) name,
#include <assay/base/errors.def>
#undef ASSAY_ERROR
};

// The name as written in spec/tables/errors.txt.
std::string_view name_of(Error error);

// The sentence of spec/tables/errors.txt that explains the name.
std::string_view meaning_of(Error error);

// Why an input was refused: `error` for programs, `detail` (which field, which position, what was expected) for people.
struct Failure {
    Error error{};
    std::string detail;

    // "truncated_input: tensor.shape: 4 bytes wanted at offset 12, 2 left"
    [[nodiscard]] std::string message() const;

    // Failures are equal when their names are; a detail is prose.
    friend bool operator==(const Failure& a, const Failure& b) { return a.error == b.error; }
};

inline Failure failure(Error error, std::string detail = {})
{
    return Failure{error, std::move(detail)};
}

// The same for code that must not allocate, as a judge's: `what` is a text of the program, `at` an offset into the input, where there is one.
struct Refusal {
    static constexpr std::size_t nowhere = ~std::size_t{0};
    Error error{};
    const char* what = "";
    std::size_t at = nowhere;
};

// "the value needs more bytes than there are, at offset 12"
Failure failure(const Refusal& refusal);

// Either a value or the reason why there is none. Reading the side that is not there is a bug, and is checked.
template <class T, class Why = Failure>
class [[nodiscard]] Result {
public:
    Result(T value) : m_content(std::in_place_index<0>, std::move(value)) {}
    Result(Why failure) : m_content(std::in_place_index<1>, std::move(failure)) {}
    Result(const Refusal& refusal)
        requires std::is_same_v<Why, Failure>
        : Result(assay::failure(refusal))
    {
    }

    [[nodiscard]] bool has_value() const { return m_content.index() == 0; }
    explicit operator bool() const { return has_value(); }

    [[nodiscard]] const T& value() const& { return require(), *std::get_if<0>(&m_content); }
    [[nodiscard]] T& value() & { return require(), *std::get_if<0>(&m_content); }
    [[nodiscard]] T&& value() && { return require(), std::move(*std::get_if<0>(&m_content)); }
    const T& operator*() const& { return value(); }
    T& operator*() & { return value(); }
    T&& operator*() && { return std::move(*this).value(); }
    const T* operator->() const { return &value(); }
    T* operator->() { return &value(); }

    [[nodiscard]] const Why& failure() const
    {
        ASSAY_CHECK(!has_value());
        return *std::get_if<1>(&m_content);
    }
    [[nodiscard]] Error error() const { return failure().error; }

private:
    void require() const { ASSAY_CHECK(has_value()); }

    std::variant<T, Why> m_content;
};

// A Result without a value: success, or the reason for the refusal.
template <class Why>
class [[nodiscard]] BasicStatus {
public:
    BasicStatus() = default;
    BasicStatus(Why failure) : m_ok(false), m_failure(std::move(failure)) {}
    BasicStatus(const Refusal& refusal)
        requires std::is_same_v<Why, Failure>
        : BasicStatus(assay::failure(refusal))
    {
    }

    [[nodiscard]] bool ok() const { return m_ok; }
    explicit operator bool() const { return ok(); }
    [[nodiscard]] const Why& failure() const
    {
        ASSAY_CHECK(!ok());
        return m_failure;
    }
    [[nodiscard]] Error error() const { return failure().error; }

private:
    bool m_ok = true;
    Why m_failure{};
};

using Status = BasicStatus<Failure>;

} // namespace assay

// Leaves the enclosing function with the failure of `expression`, a Result or a Status, if it has one.
#define ASSAY_TRY(expression)                                                    \
    do {                                                                         \
        if (auto&& assay_outcome = (expression); !assay_outcome)                 \
            return assay_outcome.failure();                                      \
    } while (false)

#define ASSAY_CONCATENATE_(a, b) a##b
#define ASSAY_CONCATENATE(a, b) ASSAY_CONCATENATE_(a, b)

// Declares `declaration` from the value of `expression`, a Result, or leaves the enclosing function with its failure.
#define ASSAY_TRY_ASSIGN(declaration, expression)                                \
    auto ASSAY_CONCATENATE(assay_result_, __LINE__) = (expression);              \
    if (!ASSAY_CONCATENATE(assay_result_, __LINE__))                             \
        return ASSAY_CONCATENATE(assay_result_, __LINE__).failure();             \
    declaration = std::move(ASSAY_CONCATENATE(assay_result_, __LINE__)).value()
