// Knock-outs about the toy task for their tests.
#pragma once

#include <doctest/doctest.h>

#include <assay/commit/tensors.hpp>
#include <assay/dispute/knockout_record.hpp>

#include "tests/unit/dispute/toy_task.hpp"

namespace assay::toy {

inline Digest named(std::uint8_t name)
{
    Digest digest;
    digest.bytes[0] = name;
    return digest;
}

// A run of two segments, of two steps and of one.
inline Contest contest(std::uint8_t demotions_max = 2)
{
    const replay::Segment first = segment(2);
    Contest all;
    all.program = first.program->commitment();
    all.task = {commit::digest_of(all.program),
                commit::state_digest(std::span{*first.data}),
                first.seed,
                3,
                2,
                commit::state_digest(std::span{first.before})};
    all.terms.demotions_max = demotions_max;
    all.terms.joining = Tick{10};
    all.terms.calling = Tick{5};
    all.terms.bond = 100;
    all.terms.game = terms(2);
    return all;
}

// A claim that nobody computed: its second checkpoint says whose it is.
inline Claim claim_of(std::uint8_t name)
{
    return {{contest().task.initial, named(name), named(name)}};
}

inline Knockout with(std::initializer_list<Claim> claims, Contest all)
{
    auto knockout = Knockout::start(std::move(all), Tick{100});
    REQUIRE(knockout);
    std::uint8_t party = 1;
    for (const Claim& claim : claims) REQUIRE(knockout->join(named(party++), claim, Tick{105}));
    return *knockout;
}

inline Knockout with(std::initializer_list<Claim> claims, std::uint8_t demotions_max = 2)
{
    return with(claims, contest(demotions_max));
}

inline Knockout playing(std::initializer_list<Claim> claims, Contest all)
{
    Knockout knockout = with(claims, std::move(all));
    REQUIRE(knockout.advance(Tick{111}));
    return knockout;
}

inline Knockout playing(std::initializer_list<Claim> claims, std::uint8_t demotions_max = 2)
{
    return playing(claims, contest(demotions_max));
}

// The solver's first move in a game about two steps: some tree that ends in its claim.
inline Move opening_of(const Game& game)
{
    const Digest first = named(200), last = game.state().statement.after;
    const std::array leaves{merkle::leaf_hash(view_of(first)), merkle::leaf_hash(view_of(last))};
    return game.next_move(Open{merkle::node_hash(leaves[0], leaves[1]), {leaves[0]}, std::nullopt, {{first, last}, {}}});
}

// Everything is stored and read back after every act.
inline void check_stored(const Knockout& knockout)
{
    const auto stored = Knockout::decode(knockout.encode());
    REQUIRE(stored);
    CHECK(*stored == knockout);
    CHECK(stored->id() == knockout.id());
}

template <class Act>
void refused(const Knockout& knockout, Error error, Act act)
{
    Knockout copy = knockout;
    const auto result = act(copy);
    REQUIRE(!result);
    CHECK(result.error() == error);
    CHECK(copy.encode() == knockout.encode());
}

inline std::uint64_t paid(const Settlement& settlement, std::uint8_t name)
{
    std::uint64_t sum = 0;
    for (const Payout& payout : settlement.payouts)
        if (payout.party == named(name)) sum += payout.amount;
    return sum;
}

} // namespace assay::toy
