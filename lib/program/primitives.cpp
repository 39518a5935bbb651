// The primitive table.
#include <assay/program/node.hpp>

namespace assay::program {

namespace {

struct PrimitiveRow {
    std::string_view name;
    std::uint8_t arity;
    Family family;
};

constexpr std::array primitive_rows{
#define ASSAY_PRIMITIVE(name, arity, family, meaning) PrimitiveRow{#name, arity, Family::family},
#include <assay/program/primitives.def>
#undef ASSAY_PRIMITIVE
};

const PrimitiveRow& row_of(Primitive primitive)
{
    const auto index = static_cast<std::size_t>(primitive);
    ASSAY_CHECK(index < primitive_rows.size());
    return primitive_rows[index];
}

} // namespace

std::string_view name_of(Primitive primitive)
{
    return row_of(primitive).name;
}

Family family_of(Primitive primitive)
{
    return row_of(primitive).family;
}

std::uint8_t enumerator_limit(Primitive)
{
    return static_cast<std::uint8_t>(primitive_rows.size());
}

std::uint8_t arity_of(Primitive primitive)
{
    return row_of(primitive).arity;
}

} // namespace assay::program
