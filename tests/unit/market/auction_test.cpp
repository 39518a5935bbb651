// The auction: published examples, limits, and an exhaustive search for a bid that does better than the truth.
#include <doctest/doctest.h>

#include <functional>

#include <assay/market/auction.hpp>

using namespace assay;
using namespace assay::market;

namespace {

Digest tie_of(std::uint8_t number)
{
    Digest digest;
    digest.bytes[0] = number;
    return digest;
}

std::vector<Bid> bids_of(std::vector<Bid> bids)
{
    std::uint8_t number = 0;
    for (Bid& bid : bids) bid.tie = tie_of(number++);
    return bids;
}

using Mechanism = std::function<std::vector<Award>(std::uint64_t units, std::uint64_t reserve, const std::vector<Bid>& bids)>;

std::vector<Award> own_mechanism(std::uint64_t units, std::uint64_t reserve, const std::vector<Bid>& bids)
{
    return decide_auction(units, reserve, bids).value();
}

// Everybody is paid the score of the first unit that did not win: truthful for one unit a bidder, not for several.
std::vector<Award> uniform_price(std::uint64_t units, std::uint64_t reserve, const std::vector<Bid>& bids)
{
    auto awards = own_mechanism(units, reserve, bids);
    const auto more = own_mechanism(units + 1, reserve, bids);
    std::uint64_t sold = 0;
    for (const Award& award : more) sold += award.units;
    for (Award& award : awards) {
        std::uint64_t price = reserve;
        if (sold == units + 1) {
            const Bid& last = bids[more.back().bid];
            price = std::min(reserve,
                             static_cast<std::uint64_t>(bids[award.bid].quality - last.quality + static_cast<std::int64_t>(last.price)));
        }
        award.payment = price * award.units;
    }
    return awards;
}

// What the bids from `first` on win together, when a unit truly costs them `cost`.
std::int64_t gain_of(const std::vector<Award>& awards, std::size_t first, std::uint64_t cost)
{
    std::int64_t gain = 0;
    for (const Award& award : awards)
        if (award.bid >= first) gain += static_cast<std::int64_t>(award.payment) - static_cast<std::int64_t>(award.units * cost);
    return gain;
}

struct Search {
    std::uint64_t cases = 0;
    std::uint64_t profitable = 0;
};

// All lies of the last bidder, against `others`: another price, less capacity, and two names that share the capacity.
void try_lies(Search& search, const Mechanism& mechanism, std::uint64_t units, std::uint64_t reserve, const std::vector<Bid>& others,
              Bid truth)
{
    const auto play = [&](std::vector<Bid> own) {
        std::vector<Bid> bids = others;
        bids.insert(bids.end(), own.begin(), own.end());
        return gain_of(mechanism(units, reserve, bids_of(bids)), others.size(), truth.price);
    };
    const std::int64_t honest = play({truth});
    const auto lie = [&](const std::vector<Bid>& own) {
        ++search.cases;
        if (play(own) > honest) ++search.profitable;
    };
    for (std::uint64_t capacity = 0; capacity <= truth.capacity; ++capacity)
        for (std::uint64_t price = 0; price <= reserve + 1; ++price) {
            lie({{price, truth.quality, capacity, {}}});
            for (std::uint64_t other = 0; other <= reserve + 1; ++other)
                lie({{price, truth.quality, capacity, {}}, {other, truth.quality, truth.capacity - capacity, {}}});
        }
}

// Two bidders beside the liar, all prices up to 5 with steps of 2 for the others, all capacities up to 3, one to four units.
Search search_units(const Mechanism& mechanism)
{
    Search search;
    for (std::uint64_t units = 1; units <= 4; ++units)
        for (std::uint64_t others = 0; others < 3 * 3 * 3 * 3; ++others)
            for (std::uint64_t own = 0; own < 6 * 3; ++own)
                try_lies(search, mechanism, units, 5,
                         {{1 + 2 * (others % 3), 5, 1 + others / 3 % 3, {}}, {2 * (others / 9 % 3), 5, 1 + others / 27, {}}},
                         {own % 6, 5, 1 + own / 6, {}});
    return search;
}

} // namespace

TEST_CASE("AUCTION-1 a price above the reserve does not win, and amounts have limits")
{
    CHECK(decide_auction(1, 7, bids_of({{8, 100}})).value().empty());
    CHECK(decide_auction(1, 8, bids_of({{8, 100}})).value() == std::vector<Award>{{0, 1, 8}});
    CHECK(decide_auction(1, 8, {}).value().empty());
    CHECK(decide_auction(2, auction_amount_max / 2, {}).has_value());
    CHECK(decide_auction(2, auction_amount_max / 2 + 1, {}).error() == Error::limit_exceeded);
    CHECK(decide_auction(~std::uint64_t{0}, ~std::uint64_t{0}, {}).error() == Error::limit_exceeded);
    const auto largest = static_cast<std::int64_t>(auction_amount_max);
    const auto award = decide_auction(1, auction_amount_max, bids_of({{0, largest}, {auction_amount_max, -largest}}));
    CHECK(award.value() == std::vector<Award>{{0, 1, auction_amount_max}});
    CHECK(decide_auction(1, 1, bids_of({{auction_amount_max + 1, 0}})).error() == Error::limit_exceeded);
    CHECK(decide_auction(1, 1, bids_of({{0, largest + 1}})).error() == Error::limit_exceeded);
    CHECK(decide_auction(1, 1, bids_of({{0, -largest - 1}})).error() == Error::limit_exceeded);
    std::vector<Bid> many(bids_max + 1);
    CHECK(decide_auction(1, 1, many).error() == Error::limit_exceeded);
}

TEST_CASE("AUCTION-2 the best score wins one task, and is paid what the second would have allowed")
{
    const auto bids = bids_of({{8, 20}, {10, 25}, {12, 24}});
    CHECK(decide_auction(1, 100, bids).value() == std::vector<Award>{{1, 1, 13}});
    CHECK(decide_auction(1, 11, bids).value() == std::vector<Award>{{1, 1, 11}});
}

TEST_CASE("AUCTION-3 units of a batch are paid what they displaced")
{
    const auto bids = bids_of({{3, 0, 2}, {5, 0, 2}, {9, 0, 4}});
    CHECK(decide_auction(3, 100, bids).value() == std::vector<Award>{{0, 2, 14}, {1, 1, 9}});
    CHECK(decide_auction(3, 7, bids).value() == std::vector<Award>{{0, 2, 12}, {1, 1, 7}});
    CHECK(decide_auction(20, 10, bids).value() == std::vector<Award>{{0, 2, 20}, {1, 2, 20}, {2, 4, 40}});
}

TEST_CASE("AUCTION-4 equal scores are decided by the tie digest, in whatever order the bids come")
{
    std::vector<Bid> bids{{5, 9, 1, tie_of(7)}, {6, 10, 1, tie_of(3)}, {4, 8, 1, tie_of(5)}};
    CHECK(decide_auction(1, 100, bids).value() == std::vector<Award>{{1, 1, 6}});
    std::swap(bids[0], bids[1]);
    CHECK(decide_auction(1, 100, bids).value() == std::vector<Award>{{0, 1, 6}});
    const Digest a = tie_of(1), b = tie_of(2), c = tie_of(3);
    CHECK(tie_digest(a, b, c) != tie_digest(b, a, c));
    CHECK(tie_digest(a, b, c) != tie_digest(a, c, b));
    CHECK(to_hex(tie_digest(a, b, c)) == to_hex(hash::sha256([&] {
              Bytes bytes{17};
              for (const char letter : std::string_view{"assay.auction.tie"}) bytes.push_back(static_cast<std::uint8_t>(letter));
              for (const Digest& part : {a, b, c}) bytes.insert(bytes.end(), part.bytes.begin(), part.bytes.end());
              return bytes;
          }())));
}

TEST_CASE("AUCTION-5 no lie gains on small grids of one task with qualities; opening the better of two sealed bids would")
{
    Search search;
    for (std::uint64_t others = 0; others < 36 * 36; ++others)
        for (std::uint64_t own = 0; own < 36; ++own)
            try_lies(search, own_mechanism, 1, 5,
                     {{others % 6, static_cast<std::int64_t>(others / 6 % 6), 1, {}},
                      {others / 36 % 6, static_cast<std::int64_t>(others / 216), 1, {}}},
                     {own % 6, static_cast<std::int64_t>(own / 6), 1, {}});
    MESSAGE(search.cases << " lies about one task");
    CHECK(search.cases > 1'000'000);
    CHECK(search.profitable == 0);
    // Two names of one bidder of cost 3: with both open it gets 4 for a cost of 3; with the lower one left sealed it gets 9.
    CHECK(gain_of(own_mechanism(1, 100, bids_of({{9, 0}, {3, 0}, {4, 0}})), 1, 3) == 1);
    CHECK(gain_of(own_mechanism(1, 100, bids_of({{9, 0}, {4, 0}})), 1, 3) == 6);
}

TEST_CASE("AUCTION-3 no lie gains on small grids of several units, and the search finds thousands of lies that gain under a uniform price")
{
    const Search truthful = search_units(own_mechanism);
    const Search uniform = search_units(uniform_price);
    MESSAGE(truthful.cases << " lies about units, " << uniform.profitable << " of them gain under a uniform price");
    CHECK(truthful.profitable == 0);
    CHECK(uniform.profitable > 1000);
}

TEST_CASE("AUCTION-6 quality is what the submitter says a result is worth, times availability, less the wait")
{
    CHECK(quality_of({1000, 3}, {10, 900'000}, 95).value() == 900 - 3 * 10);
    CHECK(quality_of({999, 0}, {1, 500'000}, 1).value() == 499);
    CHECK(quality_of({10, 3}, {10, 0}, 100).value() == -30);
    CHECK(quality_of({1, 1}, {1, 1}, (std::uint64_t{1} << 63) + 1).error() == Error::limit_exceeded);
    CHECK(quality_of({auction_amount_max + 1, 1}, {1, 1}, 1).error() == Error::limit_exceeded);
    CHECK(quality_of({0, ~std::uint64_t{0}}, {1, 1}, std::uint64_t{1} << 63).error() == Error::limit_exceeded);
    CHECK(quality_of({0, 1}, {1, 1'000'000}, auction_amount_max).value() == -static_cast<std::int64_t>(auction_amount_max));
}
