// The canonical encoding (Borsh): one value, one byte string, and decoding accepts exactly what encoding produces.
//
// A type joins by naming its fields once, in order:
//
//     struct Point {
//         std::uint32_t x = 0, y = 0;
//         template <class Self, class Visit> static auto fields(Self& self, Visit visit) { return visit(self.x, self.y); }
//     };
//
// and then `encode(point)` and `decode<Point>(bytes)` exist. Spec: spec/encoding.md, ENCODING-1 to ENCODING-5 and ENCODING-10.
//
//   bool                one byte, 0 or 1
//   unsigned integer    little-endian, its own width
//   enumeration         as its underlying unsigned type; a value at or above `enumerator_limit(E{})` is refused
//   std::array<byte,n>  the n bytes;  Digest as its 32 bytes; Tick as u64
//   std::string, Bytes  u32 length, bytes
//   std::vector<T>      u32 count, elements
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
#include <assay/base/result.hpp>

namespace assay {

class Encoder {
public:
    explicit Encoder(Bytes& out) : m_out(&out) {}

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
    void put(const std::string& text)
    {
        put_count(text.size());
        append(view_of(text));
    }
    template <class T>
    void put(const std::vector<T>& values)
    {
        put_count(values.size());
        if constexpr (std::is_same_v<T, std::uint8_t>) append(values);
        else
            for (const T& value : values) put(value);
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
        requires requires(const T& value, Encoder& encoder) { T::fields(value, encoder); }
    void put(const T& value)
    {
        T::fields(value, [this](const auto&... fields) { (*this)(fields...); });
    }
    void put_count(std::size_t count)
    {
        ASSAY_CHECK(count <= 0xffff'ffffU);
        put(static_cast<std::uint32_t>(count));
    }
    void append(ByteView bytes);

    Bytes* m_out;
};

// Reads values from bytes that may be hostile: memory is taken in proportion to the bytes that are there, never to a claimed count.
class Decoder {
public:
    explicit Decoder(ByteView bytes) : m_bytes(bytes) {}

    // Reads each value in turn; after the first failure nothing more is read.
    template <class... Ts>
    void operator()(Ts&... values)
    {
        ((m_failure ? void() : get(values)), ...);
    }

    // Succeeds when everything read so far was canonical and nothing is left.
    // Errors: truncated_input, not_canonical, trailing_bytes.
    [[nodiscard]] Status finish() const
    {
        if (m_failure) return *m_failure;
        if (m_position != m_bytes.size())
            return failure(Error::trailing_bytes, std::to_string(m_bytes.size() - m_position) + " bytes after offset " + std::to_string(m_position));
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
        if (raw >= enumerator_limit(E{})) return refuse("no enumerator has the value " + std::to_string(raw));
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
            for (std::size_t i = 0; i < count && !m_failure; ++i) get(values.emplace_back());
        }
    }
    template <class T>
    void get(std::optional<T>& value)
    {
        bool present = false;
        get(present);
        value.reset();
        if (present && !m_failure) get(value.emplace());
    }
    template <class... Ts>
    void get(std::variant<Ts...>& value)
    {
        std::uint8_t index = 0;
        get(index);
        if (m_failure) return;
        std::uint8_t candidate = 0;
        const bool known = ((candidate++ == index ? (get(value.template emplace<Ts>()), true) : false) || ...);
        if (!known) refuse("no alternative has the index " + std::to_string(index));
    }
    template <class T>
        requires requires(T& value, Decoder& decoder) { T::fields(value, decoder); }
    void get(T& value)
    {
        T::fields(value, [this](auto&... fields) { (*this)(fields...); });
        if constexpr (requires { value.is_canonical(); })
            if (!m_failure && !value.is_canonical()) refuse("the fields do not fit each other");
    }
    std::size_t get_count()
    {
        std::uint32_t count = 0;
        get(count);
        return count;
    }
    ByteView take(std::size_t count)
    {
        if (m_failure) return {};
        const std::size_t left = m_bytes.size() - m_position;
        if (count > left) {
            m_failure = failure(Error::truncated_input, std::to_string(count) + " bytes wanted at offset " + std::to_string(m_position) + ", " +
                                                            std::to_string(left) + " left");
            return {};
        }
        const ByteView taken = m_bytes.subspan(m_position, count);
        m_position += count;
        return taken;
    }
    void refuse(std::string why)
    {
        if (!m_failure) m_failure = failure(Error::not_canonical, "before offset " + std::to_string(m_position) + ": " + std::move(why));
    }

    ByteView m_bytes;
    std::size_t m_position = 0;
    std::optional<Failure> m_failure;
};

// The canonical bytes of a value. Spec: ENCODING-1.
template <class T>
Bytes encode(const T& value)
{
    Bytes out;
    Encoder{out}(value);
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

} // namespace assay
