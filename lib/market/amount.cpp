// Spec: MARKET-1.
#include <assay/market/amount.hpp>

namespace assay::market {

Result<Amount> add(Amount a, Amount b)
{
    if (a > amount_max || b.units > amount_max.units - a.units) return failure(Error::limit_exceeded, "no amount is above 2^60");
    return Amount{a.units + b.units};
}

Result<Amount> subtract(Amount a, Amount b)
{
    if (b > a) return failure(Error::insufficient_funds, std::to_string(a.units) + " is less than " + std::to_string(b.units));
    return Amount{a.units - b.units};
}

Result<Amount> multiply(Amount a, std::uint64_t factor)
{
    if (factor != 0 && a.units > amount_max.units / factor) return failure(Error::limit_exceeded, "no amount is above 2^60");
    return Amount{a.units * factor};
}

Amount portion(Amount whole, std::uint64_t numerator, std::uint64_t denominator)
{
    ASSAY_CHECK(denominator > 0 && numerator <= denominator);
    __extension__ using Wide = unsigned __int128;
    return {static_cast<std::uint64_t>(Wide{whole.units} * numerator / denominator)};
}

} // namespace assay::market
