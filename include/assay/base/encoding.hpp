// The canonical encoding (Borsh): one value, one byte string, and decoding accepts exactly what encoding produces.
//
// A type joins by naming its fields once, in order:
//
//     struct Point {
//         std::uint32_t x = 0, y = 0;
//         template <class Self, class Visit> static auto fields(Self& self, Visit visit) { return visit(self.x, self.y); }
//     };
//
// and then `encode(point)` and `decode<Point>(bytes)` exist. Spec: spec/encoding.md, ENCODING-1 to ENCODING-5, ENCODING-10
// and ENCODING-11.
//
//   bool                one byte, 0 or 1
//   unsigned integer    little-endian, its own width
//   enumeration         as its underlying unsigned type; a value at or above `enumerator_limit(E{})` is refused
//   std::array<byte,n>  the n bytes;  Digest as its 32 bytes; Tick as u64
//   std::string, Bytes  u32 length, bytes
//   std::vector<T>      u32 count, elements; FixedVector<T, n> the same, at most n
//   ByteView, ListView  as Bytes and std::vector; decoding borrows the input's bytes
//   std::optional<T>    0, or 1 and the value
//   std::variant<...>   one byte with the alternative's index, the value
//   struct              its fields, in order, nothing between
//
// A struct whose fields must fit each other says so with `bool is_canonical() const`; decoding refuses the others.
#pragma once

#include <concepts>
#include <type_traits>
#include <variant>

#include <assay/base/bytes.hpp>
#include <assay/base/fixed_vector.hpp>
#include <assay/base/result.hpp>

namespace assay {

template <class T>
class ListView;

void append_bytes(Bytes& out, ByteView bytes);
template <std::size_t limit>
void append_bytes(FixedVector<std::uint8_t, limit>& out, ByteView bytes)
{
    out.insert(out.end(), bytes.begin(), bytes.end());
}

// Writes into Bytes, or into a FixedVector of bytes.
template <class Out>
class BasicEncoder {
public:
    explicit BasicEncoder(Out& out) : m_out(&out) {}

    // Appends the canonical bytes of each value in turn.
    template <class... Ts>
    void operator()(const Ts&... values)
    {
        (put(values), ...);
    }

private:
    template <std::unsigned_integral T>
    void put(T value)
    {
        std::array<std::uint8_t, sizeof(T)> bytes;
        for (std::size_t i = 0; i < sizeof(T); ++i) bytes[i] = static_cast<std::uint8_t>(static_cast<std::uint64_t>(value) >> (8 * i));
        append(bytes);
    }
    void put(bool value) { put(static_cast<std::uint8_t>(value)); }
    template <class E>
        requires std::is_enum_v<E>
    void put(E value)
    {
        put(static_cast<std::underlying_type_t<E>>(value));
    }
    template <std::size_t n>
    void put(const std::array<std::uint8_t, n>& bytes)
    {
        append(bytes);
    }
    void put(const Digest& digest) { append(digest.bytes); }
    void put(const Tick& tick) { put(tick.value); }
    void put(char value) { put(static_cast<std::uint8_t>(value)); }
    void put(const std::string& text) { put(view_of(text)); }
    void put(ByteView bytes)
    {
        put_count(bytes.size());
        append(bytes);
    }
    void put(const Bytes& bytes) { put(ByteView{bytes}); }
    template <class T>
    void put(const std::vector<T>& values)
    {
        if constexpr (std::is_same_v<T, Digest>) {
            // A digest is its 32 bytes and nothing else, and so is a list of them.
            static_assert(sizeof(Digest) == sizeof(Digest::bytes));
            put_count(values.size());
            append({reinterpret_cast<const std::uint8_t*>(values.data()), values.size() * sizeof(Digest)});
        } else {
            put_list(values);
        }
    }
    template <class T, std::size_t limit>
    void put(const FixedVector<T, limit>& values)
    {
        put_list(values);
    }
    template <class T>
    void put(const ListView<T>& values)
    {
        put_count(values.size());
        for (std::size_t i = 0; i < values.size(); ++i) put(values[i]);
    }
    template <class List>
    void put_list(const List& values)
    {
        put_count(values.size());
        for (const auto& value : values) put(value);
    }
    template <class T>
    void put(const std::optional<T>& value)
    {
        put(value.has_value());
        if (value) put(*value);
    }
    template <class... Ts>
    void put(const std::variant<Ts...>& value)
    {
        put(static_cast<std::uint8_t>(value.index()));
        std::visit([this](const auto& alternative) { this->put(alternative); }, value);
    }
    template <class T>
        requires requires(const T& value, BasicEncoder& encoder) { T::fields(value, encoder); }
    void put(const T& value)
    {
        T::fields(value, [this](const auto&... fields) { (*this)(fields...); });
    }
    void put_count(std::size_t count)
    {
        ASSAY_CHECK(count <= 0xffff'ffffU);
        put(static_cast<std::uint32_t>(count));
    }
    void append(ByteView bytes) { append_bytes(*m_out, bytes); }

    Out* m_out;
};

using Encoder = BasicEncoder<Bytes>;

// Reads values from bytes that may be hostile: memory is taken in proportion to the bytes that are there, never to a claimed count, and none
// at all for values that hold none.
class Decoder {
public:
    explicit Decoder(ByteView bytes) : m_bytes(bytes) {}

    // Reads each value in turn; after the first failure nothing more is read.
    template <class... Ts>
    void operator()(Ts&... values)
    {
        ((m_failed ? void() : get(values)), ...);
    }

    // Succeeds when everything read so far was canonical and nothing is left.
    // Errors: truncated_input, not_canonical, trailing_bytes.
    [[nodiscard]] BasicStatus<Refusal> finish() const
    {
        if (m_failed) return m_refusal;
        if (m_position != m_bytes.size()) return Refusal{Error::trailing_bytes, "bytes follow the value", m_position};
        return {};
    }

private:
    template <std::unsigned_integral T>
    void get(T& value)
    {
        const ByteView bytes = take(sizeof(T));
        std::uint64_t wide = 0;
        for (std::size_t i = 0; i < bytes.size(); ++i) wide |= static_cast<std::uint64_t>(bytes[i]) << (8 * i);
        value = static_cast<T>(wide);
    }
    void get(bool& value)
    {
        std::uint8_t byte = 0;
        get(byte);
        if (byte > 1) refuse("a boolean is neither 0 nor 1");
        value = byte == 1;
    }
    template <class E>
        requires std::is_enum_v<E>
    void get(E& value)
    {
        std::underlying_type_t<E> raw = 0;
        get(raw);
        if (raw >= enumerator_limit(E{})) return refuse("no enumerator has this value");
        value = static_cast<E>(raw);
    }
    template <std::size_t n>
    void get(std::array<std::uint8_t, n>& bytes)
    {
        const ByteView taken = take(n);
        std::copy(taken.begin(), taken.end(), bytes.begin());
    }
    void get(Digest& digest) { get(digest.bytes); }
    void get(Tick& tick) { get(tick.value); }
    void get(std::string& text)
    {
        const ByteView taken = take(get_count());
        text.assign(taken.begin(), taken.end());
    }
    void get(char& value)
    {
        std::uint8_t byte = 0;
        get(byte);
        value = static_cast<char>(byte);
    }
    void get(ByteView& view) { view = take(get_count()); }
    template <class T>
    void get(ListView<T>& view)
    {
        const std::size_t count = get_count();
        view = ListView<T>{count, take_items(count, ListView<T>::item_bytes)};
    }
    template <class T, std::size_t limit>
    void get(FixedVector<T, limit>& values)
    {
        const std::size_t count = get_count();
        values.clear();
        if (count > limit) return refuse("a list is longer than its limit", Error::limit_exceeded);
        for (std::size_t i = 0; i < count && !m_failed; ++i) get(values.emplace_back());
    }
    template <class T>
    void get(std::vector<T>& values)
    {
        const std::size_t count = get_count();
        values.clear();
        if constexpr (std::is_same_v<T, std::uint8_t>) {
            const ByteView taken = take(count);
            values.assign(taken.begin(), taken.end());
        } else {
            // Every encodable element takes at least one byte, so a claimed count above what is left ends in truncated_input.
            for (std::size_t i = 0; i < count && !m_failed; ++i) get(values.emplace_back());
        }
    }
    template <class T>
    void get(std::optional<T>& value)
    {
        bool present = false;
        get(present);
        value.reset();
        if (present && !m_failed) get(value.emplace());
    }
    template <class... Ts>
    void get(std::variant<Ts...>& value)
    {
        std::uint8_t index = 0;
        get(index);
        if (m_failed) return;
        std::uint8_t candidate = 0;
        const bool known = ((candidate++ == index ? (get(value.template emplace<Ts>()), true) : false) || ...);
        if (!known) refuse("no alternative has this index");
    }
    template <class T>
        requires requires(T& value, Decoder& decoder) { T::fields(value, decoder); }
    void get(T& value)
    {
        T::fields(value, [this](auto&... fields) { (*this)(fields...); });
        if constexpr (requires { value.is_canonical(); })
            if (!m_failed && !value.is_canonical()) refuse("the fields do not fit each other");
    }
    std::size_t get_count()
    {
        std::uint32_t count = 0;
        get(count);
        return count;
    }
    ByteView take(std::size_t count) { return take_items(count, 1); }
    ByteView take_items(std::size_t count, std::size_t width)
    {
        if (m_failed) return {};
        if (count > (m_bytes.size() - m_position) / width) {
            refuse("the value needs more bytes than there are", Error::truncated_input);
            return {};
        }
        const ByteView taken = m_bytes.subspan(m_position, count * width);
        m_position += count * width;
        return taken;
    }
    void refuse(const char* why, Error error = Error::not_canonical)
    {
        if (m_failed) return;
        m_failed = true;
        m_refusal = {error, why, m_position};
    }

    ByteView m_bytes;
    std::size_t m_position = 0;
    bool m_failed = false;
    Refusal m_refusal;
};

// The canonical bytes of a value. Spec: ENCODING-1.
template <class T>
Bytes encode(const T& value)
{
    Bytes out;
    Encoder{out}(value);
    return out;
}

// The same, without allocation. Requires: the encoding has at most `limit` bytes.
template <std::size_t limit, class T>
FixedVector<std::uint8_t, limit> encode_within(const T& value)
{
    FixedVector<std::uint8_t, limit> out;
    BasicEncoder<FixedVector<std::uint8_t, limit>>{out}(value);
    return out;
}

// The value whose canonical encoding `bytes` is. Errors: truncated_input, trailing_bytes, not_canonical. Spec: ENCODING-2.
template <class T>
Result<T> decode(ByteView bytes)
{
    T value{};
    Decoder decoder{bytes};
    decoder(value);
    ASSAY_TRY(decoder.finish());
    return value;
}

// A list that lies elsewhere: in memory, or encoded in somebody's bytes, which must outlive it. Of types that encode to a fixed number of
// bytes, and say so in `encoded_bytes`; digests are such.
template <class T>
class ListView {
public:
    static constexpr std::size_t item_bytes = [] {
        if constexpr (std::is_same_v<T, Digest>) return sizeof(Digest::bytes);
        else return T::encoded_bytes;
    }();

    ListView() = default;
    template <class List>
        requires std::convertible_to<const List&, std::span<const T>>
    ListView(const List& list) : m_size(std::span<const T>{list}.size()), m_items(std::span<const T>{list}.data())
    {
    }
    // Requires: the encodings of `size` items.
    ListView(std::size_t size, ByteView encoded) : m_size(size), m_encoded(encoded) {}

    [[nodiscard]] std::size_t size() const { return m_size; }
    [[nodiscard]] bool empty() const { return m_size == 0; }
    // Requires: index below size().
    [[nodiscard]] T operator[](std::size_t index) const
    {
        ASSAY_CHECK(index < m_size);
        if (m_items != nullptr) return m_items[index];
        T item{};
        Decoder{m_encoded.subspan(index * item_bytes, item_bytes)}(item);
        return item;
    }

private:
    std::size_t m_size = 0;
    const T* m_items = nullptr;
    ByteView m_encoded;
};

} // namespace assay
