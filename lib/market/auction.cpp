#include <assay/market/auction.hpp>

#include <algorithm>

#include "market/wide.hpp"

namespace assay::market {

namespace {

constexpr std::int64_t signed_max = static_cast<std::int64_t>(auction_amount_max);

std::int64_t score_of(const Bid& bid)
{
    return bid.quality - static_cast<std::int64_t>(bid.price);
}

Status check(std::uint64_t units, std::uint64_t reserve, std::span<const Bid> bids)
{
    ASSAY_CHECK(units > 0);
    if (bids.size() > bids_max) return failure(Error::limit_exceeded, std::to_string(bids.size()) + " bids");
    if (Wide{reserve} * units > auction_amount_max)
        return failure(Error::limit_exceeded, "the reserve for all units is above the largest amount");
    std::vector<Digest> ties;
    for (std::size_t i = 0; i < bids.size(); ++i) {
        if (bids[i].price > auction_amount_max || bids[i].quality > signed_max || bids[i].quality < -signed_max)
            return failure(Error::limit_exceeded, "bid " + std::to_string(i) + " has a price or quality above the largest amount");
        ties.push_back(bids[i].tie);
    }
    std::sort(ties.begin(), ties.end());
    ASSAY_CHECK(std::adjacent_find(ties.begin(), ties.end()) == ties.end());
    return {};
}

// The places of the bids within the reserve, best score first. Spec: AUCTION-1, AUCTION-2, AUCTION-4.
std::vector<std::size_t> ranking(std::uint64_t reserve, std::span<const Bid> bids)
{
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < bids.size(); ++i)
        if (bids[i].price <= reserve && bids[i].capacity > 0) places.push_back(i);
    std::sort(places.begin(), places.end(), [&](std::size_t a, std::size_t b) {
        return score_of(bids[a]) != score_of(bids[b]) ? score_of(bids[a]) > score_of(bids[b]) : bids[a].tie < bids[b].tie;
    });
    return places;
}

// The units that nobody won, as runs of equal score, best first.
struct Unsold {
    std::size_t bid;
    std::uint64_t units;
};

// What `award` is paid: for each unit the highest price at which it would still have won that unit. Without this bidder, the best
// units that nobody won would have been bought instead, so those are the scores that it had to beat. Spec: AUCTION-3.
std::uint64_t payment_of(const Award& award, std::uint64_t reserve, std::span<const Bid> bids, std::span<const Unsold> unsold)
{
    std::uint64_t payment = 0;
    std::uint64_t left = award.units;
    for (const Unsold& run : unsold) {
        if (run.bid == award.bid) continue; // a bidder does not compete with itself
        const std::uint64_t units = std::min(left, run.units);
        const std::int64_t price = bids[award.bid].quality - score_of(bids[run.bid]);
        payment += std::min<std::uint64_t>(reserve, static_cast<std::uint64_t>(price)) * units;
        left -= units;
        if (left == 0) break;
    }
    return payment + reserve * left;
}

struct Tie {
    Digest beacon, task, bidder;
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.beacon, self.task, self.bidder);
    }
};

} // namespace

Result<std::vector<Award>> decide_auction(std::uint64_t units, std::uint64_t reserve, std::span<const Bid> bids)
{
    ASSAY_TRY(check(units, reserve, bids));
    std::vector<Award> awards;
    std::vector<Unsold> unsold;
    std::uint64_t left = units;
    for (const std::size_t place : ranking(reserve, bids)) {
        const std::uint64_t won = std::min(left, bids[place].capacity);
        if (won > 0) awards.push_back({place, won, 0});
        if (bids[place].capacity > won) unsold.push_back({place, bids[place].capacity - won});
        left -= won;
    }
    for (Award& award : awards) award.payment = payment_of(award, reserve, bids, unsold);
    return awards;
}

Digest tie_digest(const Digest& beacon, const Digest& task, const Digest& bidder)
{
    return hash::tagged_digest("assay.auction.tie", Tie{beacon, task, bidder});
}

Result<std::int64_t> quality_of(const Worth& worth, const Record& record, std::uint64_t operations)
{
    constexpr std::uint32_t million = 1'000'000;
    ASSAY_CHECK(record.operations_per_tick > 0 && record.availability <= million);
    if (operations > std::uint64_t{1} << 63 || worth.in_time > auction_amount_max)
        return failure(Error::limit_exceeded, "operations or worth above their limits");
    const Wide ticks = ceiling_quotient(operations, record.operations_per_tick);
    const Wide expected = Wide{worth.in_time} * record.availability / million;
    const Wide delay = ticks * worth.tick_of_delay;
    const SignedWide quality = static_cast<SignedWide>(expected) - static_cast<SignedWide>(delay);
    if (quality < -SignedWide{signed_max}) return failure(Error::limit_exceeded, "the wait costs more than the largest amount");
    return static_cast<std::int64_t>(quality);
}

} // namespace assay::market
