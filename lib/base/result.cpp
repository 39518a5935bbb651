// The table of error names, expanded from the closed list.
#include <assay/base/result.hpp>

#include <array>

namespace assay {

namespace {

struct ErrorRow {
    std::string_view name;
    std::string_view meaning;
};

constexpr std::array error_rows{
#define ASSAY_ERROR(name, meaning) ErrorRow{#name, meaning},
#include <assay/base/errors.def>
#undef ASSAY_ERROR
};

const ErrorRow& row_of(Error error)
{
    const auto index = static_cast<std::size_t>(error);
    ASSAY_CHECK(index < error_rows.size());
    return error_rows[index];
}

} // namespace

std::string_view name_of(Error error)
{
    return row_of(error).name;
}

std::string_view meaning_of(Error error)
{
    return row_of(error).meaning;
}

Failure failure(const Refusal& refusal)
{
    const std::string where = refusal.at == Refusal::nowhere ? "" : ", at offset " + std::to_string(refusal.at);
    return {refusal.error, refusal.what + where};
}

std::string Failure::message() const
{
    std::string text{name_of(error)};
    text += ": ";
    text += detail.empty() ? std::string{meaning_of(error)} : detail;
    return text;
}

} // namespace assay
