// assay economics: terms for a task, with the reason for each number. Spec: ECON-9, ECON-10.
#pragma once

#include <string>

#include <assay/base/result.hpp>
#include <assay/market/economics.hpp>

namespace assay::app {

// What a person gives: shares in percent, time in days.
struct TermsOptions {
    std::uint64_t reward = 1'200'000;
    std::uint64_t cost = 1'000'000;
    std::uint32_t segments = 1000;
    double colluding = 10;
    std::uint64_t poison_gain = 0;
    double capital_rate = 5;
    double margin = 25;
    double detection = 80; // how often a run is found in which the share below is skipped
    double detection_share = 10;
    double planted = 0; // of the submitter's tasks
    double days = 1;
    double dispute_days = 0.5;
    std::uint64_t delay_a_day = 10'000;
    std::uint64_t stake_max = 0; // 0: ten rewards
    std::string picture;         // where the SVG goes; empty for nowhere
};

// Errors: invalid_input with the option that is outside of its range.
Result<market::Job> job_of(const TermsOptions& options);

// The recommendation in words. Errors: those of job_of; invalid_input where no stake that can be asked for is enough.
Result<std::string> explain_terms(const TermsOptions& options);

// The frontier as a picture. Errors: those of job_of.
Result<std::string> frontier_picture(const TermsOptions& options);

} // namespace assay::app
