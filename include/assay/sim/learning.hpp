// Agents who care for money alone, and learn from the public ledger what pays: a population of solvers and one of verifiers, from any
// mixture that they start with. Spec: spec/economics.md.
//
// In every generation each solver takes one task. Everybody sees what each way to behave has earned, older generations counting less; some
// agents think again and take what has earned most; a few, and fewer from generation to generation, try something at random.
#pragma once

#include <functional>

#include <assay/sim/forecast.hpp>

namespace assay::sim {

struct LearningSetup {
    std::vector<Strategy> options;          // of a solver
    std::vector<std::size_t> solvers;       // which option each solver starts with
    std::vector<VerifierConduct> verifiers; // what each verifier starts with
    std::uint32_t generations = 30;
    std::uint32_t planted_rate = 0;   // tasks that the submitter's own solver takes, parts per million
    std::uint32_t thinking = 500'000; // agents who think again in a generation, parts per million
    std::uint32_t trying = 150'000;   // of those, who try something at random, in the first generation
    std::uint32_t calming = 950'000;  // what that share is multiplied with in each generation
    std::uint32_t memory = 800'000;   // what the weight of all earnings before is multiplied with
    std::uint64_t seed = 1;
};

struct Generation {
    std::vector<std::uint32_t> solvers;       // how many behave so, by option
    std::array<std::uint32_t, 3> verifiers{}; // by VerifierConduct
    std::uint32_t convicted = 0;

    // Parts of one. Honest solvers do the job; honest verifiers replay.
    [[nodiscard]] double honest_solvers() const;
    [[nodiscard]] double honest_verifiers() const;
};

struct Course {
    std::vector<Generation> generations;
    std::uint64_t tasks = 0;
    std::uint64_t transactions = 0;
    std::string broken; // the first invariant that did not hold
};

// Called after every generation, from the thread that learns.
using Watch = std::function<void(const Generation&)>;

// Requires: options, of which the first is honest; solvers and verifiers. Errors: those of Market::open.
Result<Course> learn(const MarketTerms& terms, const LearningSetup& setup, const Watch& watch = {});

} // namespace assay::sim
