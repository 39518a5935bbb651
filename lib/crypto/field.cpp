// Schoolbook arithmetic on four limbs: 2^256 = 38 modulo the prime.
#include "crypto/field.hpp"

namespace assay::crypto {

namespace {

__extension__ typedef unsigned __int128 Wide;

constexpr std::array<std::uint64_t, 4> prime{0xffff'ffff'ffff'ffedU, 0xffff'ffff'ffff'ffffU, 0xffff'ffff'ffff'ffffU,
                                             0x7fff'ffff'ffff'ffffU};

// a + b modulo 2^256; returns the carry.
std::uint64_t add_to(std::array<std::uint64_t, 4>& a, const std::array<std::uint64_t, 4>& b)
{
    Wide carry = 0;
    for (std::size_t i = 0; i < 4; ++i) {
        carry += Wide{a[i]} + b[i];
        a[i] = static_cast<std::uint64_t>(carry);
        carry >>= 64;
    }
    return static_cast<std::uint64_t>(carry);
}

// a - b modulo 2^256; returns whether it borrowed.
bool subtract_from(std::array<std::uint64_t, 4>& a, const std::array<std::uint64_t, 4>& b)
{
    std::uint64_t borrow = 0;
    for (std::size_t i = 0; i < 4; ++i) {
        const Wide difference = Wide{a[i]} - b[i] - borrow;
        a[i] = static_cast<std::uint64_t>(difference);
        borrow = static_cast<std::uint64_t>(difference >> 64) & 1;
    }
    return borrow != 0;
}

} // namespace

void Field::reduce_once()
{
    Limbs reduced = m_limbs;
    if (!subtract_from(reduced, prime)) m_limbs = reduced;
}

Field operator+(const Field& a, const Field& b)
{
    Field sum = a;
    add_to(sum.m_limbs, b.m_limbs); // both are below 2^255: no carry
    sum.reduce_once();
    return sum;
}

Field operator-(const Field& a, const Field& b)
{
    Field difference = a;
    if (subtract_from(difference.m_limbs, b.m_limbs)) add_to(difference.m_limbs, prime);
    return difference;
}

Field operator*(const Field& a, const Field& b)
{
    std::array<std::uint64_t, 8> product{};
    for (std::size_t i = 0; i < 4; ++i) {
        Wide carry = 0;
        for (std::size_t j = 0; j < 4; ++j) {
            carry += Wide{a.m_limbs[i]} * b.m_limbs[j] + product[i + j];
            product[i + j] = static_cast<std::uint64_t>(carry);
            carry >>= 64;
        }
        product[i + 4] = static_cast<std::uint64_t>(carry);
    }
    Field result;
    Wide carry = 0;
    for (std::size_t i = 0; i < 4; ++i) {
        carry += Wide{product[i + 4]} * 38 + product[i];
        result.m_limbs[i] = static_cast<std::uint64_t>(carry);
        carry >>= 64;
    }
    // What is above 2^256 is at most 38, and folds in again; a second carry can only leave a small number behind.
    while (carry != 0) carry = add_to(result.m_limbs, {static_cast<std::uint64_t>(carry) * 38, 0, 0, 0});
    result.reduce_once();
    result.reduce_once();
    return result;
}

Field Field::power(const Limbs& exponent) const
{
    Field result{1};
    for (std::size_t bit = 256; bit-- > 0;) {
        result = result * result;
        if ((exponent[bit / 64] >> (bit % 64) & 1) != 0) result = result * *this;
    }
    return result;
}

Field Field::inverse() const
{
    return power({prime[0] - 2, prime[1], prime[2], prime[3]});
}

bool Field::is_square() const
{
    // (p - 1) / 2
    const Field symbol = power({0xffff'ffff'ffff'fff6U, 0xffff'ffff'ffff'ffffU, 0xffff'ffff'ffff'ffffU, 0x3fff'ffff'ffff'ffffU});
    return symbol.is_zero() || symbol == Field{1};
}

Field Field::root(bool odd) const
{
    // RFC 8032, section 5.1.3: a^((p + 3) / 8), or that times 2^((p - 1) / 4).
    Field candidate = power({0xffff'ffff'ffff'fffeU, 0xffff'ffff'ffff'ffffU, 0xffff'ffff'ffff'ffffU, 0x0fff'ffff'ffff'ffffU});
    if (candidate * candidate != *this)
        candidate =
            candidate * Field{2}.power({0xffff'ffff'ffff'fffbU, 0xffff'ffff'ffff'ffffU, 0xffff'ffff'ffff'ffffU, 0x1fff'ffff'ffff'ffffU});
    return candidate.is_odd() == odd ? candidate : Field{} - candidate;
}

Field Field::from_uniform(std::span<const std::uint8_t, 48> bytes)
{
    Field result;
    for (const std::uint8_t byte : bytes) result = result * Field{256} + Field{byte};
    return result;
}

std::array<std::uint8_t, 32> Field::to_bytes() const
{
    std::array<std::uint8_t, 32> bytes;
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(m_limbs[i / 8] >> (8 * (i % 8)));
    return bytes;
}

} // namespace assay::crypto
