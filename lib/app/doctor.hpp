// Whether this machine, with this build, can be trusted to replay.
#pragma once

#include <string>

#include <assay/base/result.hpp>

namespace assay::app {

struct Diagnosis {
    std::string processor;
    std::string vector_target;
    std::string compiler;        // with its flags
    std::string host_arithmetic; // how the calling thread rounds and what it does with subnormal numbers; results do not depend on it
    std::string own_arithmetic;  // the same, while the library computes on that thread
    Status self_test;            // the golden tasks, by both executors and several thread counts
};

Diagnosis diagnose(unsigned threads);

// As text; the last line is the verdict.
std::string to_text(const Diagnosis& diagnosis);

} // namespace assay::app
