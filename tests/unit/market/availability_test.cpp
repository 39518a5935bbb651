// Wilson's bound in integers, against its definition in a wider arithmetic.
#include <doctest/doctest.h>

#include <cmath>

#include <assay/market/auction.hpp>

using namespace assay;
using namespace assay::market;

namespace {

constexpr std::uint64_t one = Availability::weight_one;

long double wilson(long double k, long double n)
{
    const long double z = 1.96L;
    return (2 * k + z * z - z * std::sqrt(z * z + 4 * k * (n - k) / n)) / (2 * (n + z * z));
}

} // namespace

TEST_CASE("AUCTION-7 Wilson's lower bound, rounded down to a millionth")
{
    CHECK(Availability(97 * one, 3 * one).lower_bound() == 915'479); // 0.9155
    CHECK(Availability(one, 0).lower_bound() == 206'543);
    CHECK(Availability(10 * one, 0).lower_bound() == 722'459);
    CHECK(Availability(50 * one, 50 * one).lower_bound() == 403'829);
    CHECK(Availability(256 * one, 0).lower_bound() == 985'215);
    CHECK(Availability().lower_bound() == 0);
    CHECK(Availability(0, 5 * one).lower_bound() == 0);
    CHECK(Availability(1, Availability::weight_max - 1).lower_bound() == 0);
    for (std::uint64_t kept = 0; kept <= 256; ++kept)
        for (std::uint64_t missed = 0; kept + missed <= 256; ++missed) {
            if (kept == 0) continue;
            const long double expected = 1e6L * wilson(static_cast<long double>(kept), static_cast<long double>(kept + missed));
            const long double rest = expected - static_cast<long double>(Availability(kept * one, missed * one).lower_bound());
            REQUIRE(rest > -1e-6L);
            REQUIRE(rest < 1 + 1e-6L);
        }
}

TEST_CASE("AUCTION-8 older deadlines count less, and the weights stay bounded")
{
    Availability history;
    for (int i = 0; i < 10'000; ++i) {
        history.record(true);
        REQUIRE(history.is_canonical());
    }
    const std::uint32_t best = history.lower_bound();
    CHECK(best == 985'215);
    for (int i = 0; i < 20; ++i) history.record(false);
    const std::uint32_t after = history.lower_bound();
    CHECK(after < best);
    for (int i = 0; i < 1000; ++i) history.record(true);
    CHECK(history.lower_bound() > after);
    CHECK(decode<Availability>(encode(history)).value() == history);
    Availability one_miss;
    one_miss.record(true);
    one_miss.record(false);
    CHECK(one_miss.kept() == one - one / 256);
    CHECK(one_miss.missed() == one);
    Bytes bytes = encode(Availability(Availability::weight_max, 0));
    CHECK(decode<Availability>(bytes).has_value());
    bytes[8] = 1;
    CHECK(decode<Availability>(bytes).error() == Error::not_canonical);
}
