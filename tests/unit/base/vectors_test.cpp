// The vectors of tests/vectors/encoding, which other implementations read too. The worked example of spec/encoding.md is among them.
#include <doctest/doctest.h>

#include <assay/base/encoding.hpp>
#include <tests/vectors.hpp>

using namespace assay;

namespace {

enum class Colour : std::uint8_t { red, green };
constexpr std::uint8_t enumerator_limit(Colour)
{
    return 2;
}

using Either = std::variant<std::uint8_t, std::string>;

struct Example {
    std::uint32_t number = 0;
    std::string text;
    std::optional<std::uint8_t> maybe;
    std::vector<std::uint16_t> list;

    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.number, self.text, self.maybe, self.list);
    }
};

struct OrderedPair {
    std::uint8_t low = 0, high = 0;

    [[nodiscard]] bool is_canonical() const { return low <= high; }
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.low, self.high);
    }
};

// The vectors' way to write a value: numbers in decimal, strings in hexadecimal, elements and fields apart by a space.
std::string show(std::uint64_t value)
{
    return std::to_string(value);
}
std::string show(Colour value)
{
    return show(static_cast<std::uint64_t>(value));
}
std::string show(const std::string& value)
{
    return to_hex(view_of(value));
}
std::string show(const std::vector<std::uint16_t>& values)
{
    std::string text;
    for (const std::uint16_t value : values) {
        if (!text.empty()) text += ' ';
        text += std::to_string(value);
    }
    return text;
}
std::string show(const std::optional<std::uint8_t>& value)
{
    return value ? std::to_string(*value) : "none";
}
std::string show(const Either& value)
{
    std::string text = value.index() == 0 ? "u8 " : "string ";
    return text += value.index() == 0 ? show(std::get<0>(value)) : show(std::get<1>(value));
}
std::string show(const Example& value)
{
    return show(value.number) + ' ' + show(value.text) + ' ' + show(value.maybe) + ' ' + show(value.list);
}
std::string show(const OrderedPair& value)
{
    return show(value.low) + ' ' + show(value.high);
}

template <class T>
void check_as(const test::Record& record)
{
    const Bytes bytes = record.bytes("hex");
    const Result<T> decoded = decode<T>(bytes);
    if (!decoded) {
        CHECK(name_of(decoded.error()) == record.text("expect"));
        return;
    }
    CHECK(record.text("expect") == "accepted");
    CHECK(show(*decoded) == record.text("value"));
    CHECK(encode(*decoded) == bytes);
}

} // namespace

TEST_CASE("ENCODING-1 ENCODING-3 ENCODING-4 ENCODING-5 ENCODING-10 value vectors")
{
    const std::map<std::string, void (*)(const test::Record&)> check_of_type{
        {"bool", check_as<bool>},
        {"u16", check_as<std::uint16_t>},
        {"u64", check_as<std::uint64_t>},
        {"colour", check_as<Colour>},
        {"string", check_as<std::string>},
        {"list of u16", check_as<std::vector<std::uint16_t>>},
        {"optional u8", check_as<std::optional<std::uint8_t>>},
        {"one of u8, string", check_as<Either>},
        {"example", check_as<Example>},
        {"ordered pair", check_as<OrderedPair>},
    };
    for (const test::Record& record : test::read_vectors("encoding/values.txt")) {
        CAPTURE(record.text("name"));
        check_of_type.at(record.text("type"))(record);
    }
}
