// The canonical encoding: examples by hand, and the property that decoding accepts exactly what encoding produces.
#include <doctest/doctest.h>

#include <random>

#include <assay/base/encoding.hpp>

using namespace assay;

namespace {

enum class Colour : std::uint8_t { red, green };
constexpr std::uint8_t enumerator_limit(Colour)
{
    return 2;
}

struct Everything {
    bool flag = false;
    std::uint16_t small = 0;
    std::uint64_t large = 0;
    Colour colour = Colour::red;
    Digest digest;
    Tick tick;
    std::string text;
    Bytes bytes;
    std::vector<std::uint32_t> numbers;
    std::optional<std::uint8_t> maybe;
    std::variant<std::uint8_t, std::string> either;

    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.flag, self.small, self.large, self.colour, self.digest, self.tick, self.text, self.bytes, self.numbers, self.maybe,
                     self.either);
    }
    friend bool operator==(const Everything&, const Everything&) = default;
};

Everything example()
{
    Everything value;
    value.flag = true;
    value.small = 0x0102;
    value.large = 0x0102030405060708;
    value.colour = Colour::green;
    value.digest.bytes[31] = 9;
    value.tick = Tick{7};
    value.text = "gold";
    value.bytes = {1, 2};
    value.numbers = {3, 4};
    value.maybe = 5;
    value.either = std::string("x");
    return value;
}

} // namespace

TEST_CASE("ENCODING-1 a value has the bytes that the specification spells out")
{
    CHECK(to_hex(encode(example())) == "01"                                                                 // flag
                                       "0201"                                                               // small
                                       "0807060504030201"                                                   // large
                                       "01"                                                                 // colour
                                       "0000000000000000000000000000000000000000000000000000000000000009"   // digest
                                       "0700000000000000"                                                   // tick
                                       "04000000676f6c64"                                                   // text
                                       "020000000102"                                                       // bytes
                                       "020000000300000004000000"                                           // numbers
                                       "0105"                                                               // maybe
                                       "010100000078");                                                     // either
}

TEST_CASE("ENCODING-2 decoding returns the encoded value")
{
    const auto decoded = decode<Everything>(encode(example()));
    REQUIRE(decoded);
    CHECK(*decoded == example());
}

TEST_CASE("ENCODING-3 every proper prefix is truncated, every extension has trailing bytes")
{
    const Bytes bytes = encode(example());
    for (std::size_t length = 0; length < bytes.size(); ++length) {
        const auto decoded = decode<Everything>(ByteView{bytes}.first(length));
        REQUIRE(!decoded);
        CHECK(decoded.error() == Error::truncated_input);
    }
    Bytes longer = bytes;
    longer.push_back(0);
    CHECK(decode<Everything>(longer).error() == Error::trailing_bytes);
}

TEST_CASE("ENCODING-4 booleans, enumerations, options and variants refuse bytes that no value has")
{
    CHECK(decode<bool>(Bytes{2}).error() == Error::not_canonical);
    CHECK(decode<Colour>(Bytes{2}).error() == Error::not_canonical);
    CHECK(decode<std::optional<std::uint8_t>>(Bytes{2, 0}).error() == Error::not_canonical);
    CHECK(decode<std::variant<std::uint8_t, bool>>(Bytes{2, 0}).error() == Error::not_canonical);
}

TEST_CASE("ENCODING-5 a claimed count above the bytes that follow is refused without taking that memory")
{
    CHECK(decode<Bytes>(Bytes{0xff, 0xff, 0xff, 0xff}).error() == Error::truncated_input);
    CHECK(decode<std::vector<std::uint64_t>>(Bytes{0xff, 0xff, 0xff, 0xff, 1}).error() == Error::truncated_input);
}

TEST_CASE("ENCODING-11 a list or text with a limit is encoded as any other, and refused where it is longer, whatever follows")
{
    using Short = FixedVector<std::uint16_t, 2>;
    CHECK(encode(Short{3, 4}) == encode(std::vector<std::uint16_t>{3, 4}));
    CHECK(decode<Short>(encode(Short{3, 4})).value() == Short{3, 4});
    CHECK(decode<Short>(encode(std::vector<std::uint16_t>{3, 4, 5})).error() == Error::limit_exceeded);
    CHECK(decode<Short>(Bytes{3, 0, 0, 0}).error() == Error::limit_exceeded);
    CHECK(decode<Short>(Bytes{2, 0, 0, 0, 1}).error() == Error::truncated_input);
    CHECK(encode(FixedString<3>{"abc"}) == encode(std::string{"abc"}));
    CHECK(decode<FixedString<3>>(encode(std::string{"abcd"})).error() == Error::limit_exceeded);
    CHECK(std::string_view{decode<FixedString<3>>(encode(std::string{"ab"})).value()} == "ab");
}

TEST_CASE("ENCODING-1 ENCODING-3 ENCODING-5 views borrow what values copy, from memory or from the encoding, and nothing behind its end")
{
    const std::vector<Digest> digests{Digest{{1}}, Digest{{2}}};
    const Bytes list = encode(digests), blob = encode(Bytes{7, 8});
    CHECK(encode(ListView<Digest>{digests}) == list);
    ListView<Digest> view;
    Decoder decoder{list};
    decoder(view);
    REQUIRE(decoder.finish());
    CHECK(view.size() == 2);
    CHECK(view[1] == digests[1]);
    CHECK(encode(view) == list);
    ByteView bytes;
    Decoder other{blob};
    other(bytes);
    CHECK(other.finish());
    CHECK(bytes.data() == blob.data() + 4);
    CHECK(encode(bytes) == blob);
    Decoder cut{ByteView{list}.first(list.size() - 1)};
    cut(view);
    CHECK(cut.finish().error() == Error::truncated_input);
    CHECK(std::string_view{cut.finish().failure().what} == "the value needs more bytes than there are");
    CHECK(decode<std::uint32_t>(Bytes{1, 2}).failure().message() == "truncated_input: the value needs more bytes than there are, at offset 0");
    const Bytes claim{0xff, 0xff, 0xff, 0xff, 1};
    Decoder claimed{claim};
    claimed(view);
    CHECK(claimed.finish().error() == Error::truncated_input);
}

TEST_CASE("ENCODING-11 a list with a limit is changed as a vector is")
{
    FixedVector<int, 5> list{1, 2};
    list.insert(list.begin(), 0);
    list.push_back(3);
    CHECK(list == FixedVector<int, 5>{0, 1, 2, 3});
    list.pop_back();
    list.resize(4);
    CHECK(list.back() == 0);
    CHECK(std::vector<int>(list) == std::vector<int>{0, 1, 2, 0});
    const std::array more{8};
    list.insert(list.begin() + 1, more.begin(), more.end());
    CHECK(list == FixedVector<int, 5>{0, 8, 1, 2, 0});
    list.assign(2, 4);
    CHECK(list == FixedVector<int, 5>{4, 4});
    list.clear();
    CHECK(list.empty());
    CHECK(FixedString<4>{"ab"} != FixedString<4>{"ac"});
}

TEST_CASE("ENCODING-2 whatever bytes decode, encode to the same bytes (random mutations)")
{
    std::mt19937_64 random{1};
    const Bytes original = encode(example());
    int accepted = 0;
    for (int round = 0; round < 20000; ++round) {
        Bytes bytes = original;
        for (int flips = 0; flips < 1 + round % 3; ++flips) bytes[random() % bytes.size()] = static_cast<std::uint8_t>(random());
        if (const auto decoded = decode<Everything>(bytes)) {
            ++accepted;
            CHECK(encode(*decoded) == bytes);
        }
    }
    CHECK(accepted > 1000);
}

TEST_CASE("ENCODING-8 hexadecimal reads what it writes and refuses everything else")
{
    CHECK(bytes_from_hex("00fF") == Bytes{0, 255});
    CHECK(!bytes_from_hex("0"));
    CHECK(!bytes_from_hex("0g"));
    CHECK(!digest_from_hex("00"));
    CHECK(digest_from_hex(to_hex(Digest{})) == Digest{});
}
