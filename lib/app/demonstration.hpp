// The demonstration: trains a model, commits to the run, audits it, and settles disputes about it and about an inference pass.
#pragma once

#include <assay/dispute/bounds.hpp>

#include "app/training.hpp"
#include "app/walk.hpp"

namespace assay::app {

struct DemonstrationOptions {
    ProblemOptions problem;
    std::string folder; // where checkpoints, transcripts and the report go; made when it is not there
    std::uint32_t interval = 10;
    std::uint64_t seed = 1;
    std::uint32_t audited = 2; // segments
    std::uint32_t reveal_levels = 4;
    dispute::RefereeLimits limits; // of the terms of every dispute; what does not fit is refused before training begins
    unsigned threads = 2;
    std::vector<std::string> cheats; // names; none: all of them
};

// One dispute of the demonstration.
struct SettledDispute {
    enum class Outcome : std::uint8_t {
        right,
        wrong,              // the wrong party won
        nothing_to_dispute, // the lie did not reach what was claimed
    };

    std::string cheat;
    std::string description;
    std::string subject;       // "training" or "inference"
    bool solver_cheats = true; // otherwise the challenger lies
    std::uint64_t segment = 0;
    Outcome outcome = Outcome::right;
    double seconds = 0;
    Walk walk;

    [[nodiscard]] std::string title() const;
};

struct DemonstrationResult {
    std::string model; // in words
    commit::Task task;
    Run run;
    Evaluation evaluation;
    std::vector<std::uint64_t> audited;
    std::vector<SettledDispute> disputes;
};

// Runs everything, printing as it goes. Errors: those of reading the input, of the model's options, and of storage.
Result<DemonstrationResult> demonstrate(const DemonstrationOptions& options);

// The loss after each step as an SVG picture that stands alone. Requires: at least one loss.
std::string loss_curve(const std::vector<double>& losses);

// A page with the loss curve and the walks, that needs nothing but itself.
std::string report_page(const DemonstrationOptions& options, const DemonstrationResult& result);

} // namespace assay::app
