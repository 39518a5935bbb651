// From a problem and a submitter's options to a task that can be posted.
#pragma once

#include <assay/node/submitter.hpp>

#include "app/problem.hpp"

namespace assay::app {

// What a submitter offers and demands. Times are in seconds; the network says how long a tick is.
struct OfferOptions {
    std::uint64_t reward = 1000; // the most that a solver is paid
    std::uint64_t stake = 2000;
    std::uint64_t bid_bond = 10;
    std::uint64_t silence_penalty = 200;
    std::uint64_t challenge_bond = 100;
    std::uint64_t audit_fee = 50;
    std::uint64_t verifier_stake = 200;
    unsigned verifiers = 2;
    unsigned segments = 2;
    unsigned solvers = 2; // one after another, where one falls silent
    double bidding = 10;   // and revealing: these phases last as long as this says
    double answering = 30; // to accept, draw, open: these end with the act
    double recording = 120; // for a segment
    double replaying = 300;
    double window = 60;
    double demand = 10; // to show a part of a state that somebody asks for on the ledger; 0: nobody can ask
    double turn = 5;   // of a dispute, beside what its bytes take
    double clock = 60; // of each side in a dispute, beyond its turns
    unsigned reveal_levels = 4;
};

struct TrainingOptions {
    std::uint32_t interval = 20;
    std::uint64_t seed = 1;
    unsigned threads = 1;
};

// Errors: invalid_input naming the option; those of the executor.
Result<node::NewTask> make_new_task(const Problem& problem, const ProblemOptions& options, const TrainingOptions& training,
                                    const OfferOptions& offer, const node::Genesis& genesis, const node::Identity& submitter);

} // namespace assay::app
