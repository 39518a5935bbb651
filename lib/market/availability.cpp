// Wilson's lower bound in integers.
#include <assay/market/auction.hpp>

#include "market/wide.hpp"

namespace assay::market {

Availability::Availability(std::uint64_t kept, std::uint64_t missed) : m_kept(kept), m_missed(missed)
{
    ASSAY_CHECK(is_canonical());
}

// Rounding both losses up keeps the sum below weight_max: at weight_max it loses at least weight_one before it gains that.
void Availability::record(bool kept)
{
    constexpr std::uint64_t memory = weight_max / weight_one;
    m_kept -= m_kept / memory + (m_kept % memory != 0 ? 1 : 0);
    m_missed -= m_missed / memory + (m_missed % memory != 0 ? 1 : 0);
    (kept ? m_kept : m_missed) += weight_one;
}

// With k of n kept and z = a/b, the bound is (2k + z² − z √(z² + 4k(n−k)/n)) / (2(n + z²)). Weights are k = K/u, n = N/u. Multiplied by
// b²u, the numerator becomes an integer less a root, P − √Q, and P − √Q is rounded down exactly as P − ⌈√⌈Q⌉⌉.
std::uint32_t Availability::lower_bound() const
{
    constexpr Wide a = 49, b = 25, u = weight_one, million = 1'000'000;
    const Wide kept = m_kept;
    const Wide all = m_kept + m_missed;
    if (kept == 0) return 0;
    const Wide whole = million * (2 * kept * b * b + a * a * u);
    const Wide square = ceiling_quotient(million * million * a * a * (a * a * u * u * all + 4 * b * b * kept * m_missed * u), all);
    const Wide root = ceiling_root(square);
    return root >= whole ? 0 : static_cast<std::uint32_t>((whole - root) / (2 * (all * b * b + a * a * u)));
}

} // namespace assay::market
