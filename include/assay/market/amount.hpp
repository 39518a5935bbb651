// Money: whole units, checked. Spec: spec/market.md, spec/audit.md.
#pragma once

#include <assay/base/encoding.hpp>

namespace assay::market {

// A number of the network's smallest units. Nothing adds or subtracts amounts but the functions below.
struct Amount {
    std::uint64_t units = 0;
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.units);
    }
    friend bool operator==(const Amount&, const Amount&) = default;
    friend auto operator<=>(const Amount&, const Amount&) = default;
};

// No network has more units than this, so that the sum of a few amounts fits a word.
inline constexpr Amount amount_max{std::uint64_t{1} << 60};

// Errors: limit_exceeded where the sum is above amount_max.
Result<Amount> add(Amount a, Amount b);
// Errors: insufficient_funds where b is larger than a.
Result<Amount> subtract(Amount a, Amount b);
// Errors: limit_exceeded.
Result<Amount> multiply(Amount a, std::uint64_t factor);

// whole * numerator / denominator, rounded down. Requires: numerator <= denominator, denominator > 0.
Amount portion(Amount whole, std::uint64_t numerator, std::uint64_t denominator);

} // namespace assay::market
