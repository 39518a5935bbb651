// What becomes of money that parties had at stake: numbers for a host that holds it. Spec: spec/knockout.md, spec/availability.md.
#pragma once

#include <assay/base/bytes.hpp>

namespace assay::dispute {

struct Payout {
    Digest party;
    std::uint64_t amount = 0;
    friend bool operator==(const Payout&, const Payout&) = default;
};

struct Settlement {
    std::vector<Payout> payouts; // a party may stand here several times
    std::uint64_t burned = 0;
    friend bool operator==(const Settlement&, const Settlement&) = default;
};

} // namespace assay::dispute
