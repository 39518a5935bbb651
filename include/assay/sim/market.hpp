// A market played over many tasks: agents who work, cheat, collude, harass, or do what they have seen to pay best. It checks the formulas
// of assay/market/economics.hpp by playing, and shows what terms do to agents who care for money alone. Spec: spec/economics.md.
//
// One task is a few draws: which segments are wrong, which are audited, whose friend each auditor is. Everything is a function of the seed.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace assay::sim {

// Amounts are in any unit that is small enough; shares in parts per million.
struct MarketTerms {
    std::int64_t reward = 0;
    std::int64_t job_cost = 0;
    std::int64_t stake = 0;
    std::uint32_t segments = 1;
    std::uint32_t audited = 1;
    std::uint32_t colluding = 0;              // auditors who are the solver's friends
    std::uint32_t challenger_share = 500'000; // of a slash
    std::int64_t poison_gain = 0;
    std::int64_t challenger_bond = 0;
    std::uint32_t victim_share = 500'000; // of a lost bond
    std::int64_t defence_cost = 0;        // of an honest solver against a false challenge, with the delay
    std::int64_t verifier_fee = 0;
    std::int64_t replay_cost = 0; // of a segment
    std::int64_t answer_cost = 0;
    std::int64_t verifier_penalty = 0;
    std::uint32_t attention = 0; // how often a verifier is asked what only a replay knows
};

enum class Conduct : std::uint8_t {
    honest,         // a solver that does the job
    lazy,           // a solver that skips a share of the segments
    poisoning,      // a solver that makes one segment wrong
    colluding,      // a lazy solver that convicts itself when it is found, to get the challenger's share back
    griefing,       // a challenger of honest work
    verifying,      // a verifier that replays
    lazy_verifying, // a verifier that attests without looking
};
std::string_view name_of(Conduct conduct);

struct Strategy {
    Conduct conduct = Conduct::honest;
    std::uint32_t wrong = 0; // segments that are skipped
};

// The expected payoff by the formulas of ECON-1 to ECON-7.
double expected_payoff(const MarketTerms& terms, const Strategy& strategy);

// The mean payoff of `tasks` played tasks, and its confidence interval. Every task ends in one of two ways (caught or not, asked or not),
// so the interval is Wilson's for the share of one of them: it holds for rare ends too, where that of the normal distribution does not.
struct Played {
    std::uint64_t tasks = 0;
    double mean = 0;
    double low = 0;
    double high = 0;

    [[nodiscard]] bool contains(double value) const { return value >= low && value <= high; }
};
inline constexpr double deviations_99 = 2.5758293035489004; // the normal distribution's two-sided 99 %

// Requires: a task; audited of at most segments; stakes and gains below 2^53.
Played play_many(const MarketTerms& terms, const Strategy& strategy, std::uint64_t tasks, std::uint64_t seed,
                 double deviations = deviations_99);

// What the one who is challenged falsely loses on average, less what it gets of the bond.
double victim_loss(const MarketTerms& terms);

// The ways in which a rational solver, or verifier, chooses.
std::span<const Strategy> verifier_options();
std::vector<Strategy> solver_options(const MarketTerms& terms);

// An agent that tries every option `trials` times and then keeps to the one that paid best. Returns its place among the options.
std::size_t choose_by_experience(const MarketTerms& terms, std::span<const Strategy> options, std::uint64_t trials, std::uint64_t seed);

} // namespace assay::sim
