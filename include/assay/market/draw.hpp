// From 64 unpredictable bytes to verifiers and segments: pure functions that anybody repeats. Spec: spec/market.md, spec/audit.md.
#pragma once

#include <assay/crypto/vrf.hpp>

namespace assay::market {

// What the submitter's key is evaluated on: nothing in it is anybody's to choose once the record stands. Spec: spec/market.md, spec/audit.md.
Bytes draw_input(const Digest& network, const Digest& task, const Digest& final_record);
// What a beacon's key is evaluated on: a tick that had not come when the record was accepted. Spec: spec/market.md, spec/audit.md.
Bytes beacon_input(const Digest& network, Tick tick);

// Numbers without end from one output.
class DrawStream {
public:
    // A stream of the task's own: one output of a beacon may draw for many. Spec: AUDIT-5.
    DrawStream(const crypto::VrfOutput& output, const Digest& task, const Digest& final_record);
    // A number below `limit`, all equally likely. Requires: limit > 0. Cost: one hash, seldom two. Spec: spec/market.md, spec/audit.md.
    std::uint64_t below(std::uint64_t limit);

private:
    Digest m_seed;
    std::uint64_t m_counter = 0;
};

// The seed that an output draws for a leg of a benchmark. Spec: AUDIT-8.
std::uint64_t benchmark_seed(const crypto::VrfOutput& output, const Digest& task, std::uint8_t leg);

// `count` of the weights' indices, each drawn in proportion to its weight among those that are left. Weights of 0 are never drawn; fewer
// come back where fewer are there. Requires: the sum of the weights fits a word. Cost: count passes. Spec: spec/market.md, spec/audit.md.
std::vector<std::uint32_t> draw_weighted(DrawStream& stream, std::vector<std::uint64_t> weights, std::size_t count);

// `count` different numbers below `limit`, in ascending order; all of them where there are no more. Spec: spec/market.md, spec/audit.md.
std::vector<std::uint64_t> draw_distinct(DrawStream& stream, std::uint64_t limit, std::size_t count);

} // namespace assay::market
