// The program of a synthetic run, and its values at any place, found by the definition of each node from the values that it reads:
// never from a formula of their own. What is used beyond the definition is that patterns repeat, which a test compares with replay.
#pragma once

#include <assay/commit/program_commitment.hpp>
#include <assay/program/scalar.hpp>
#include <assay/sim/synthetic.hpp>

namespace assay::sim {

// The first nodes are each of their own kind, the later ones repeat kinds head to 2 * head - 1.
inline constexpr std::uint32_t head = 16;
inline constexpr std::uint64_t pattern = 1024;     // elements after which a large tensor repeats
inline constexpr std::uint64_t record_period = 32; // records after which a sum repeats, from the 33rd on
inline constexpr std::uint64_t records_apart = 64; // records at the start of a sum that are kept one by one

constexpr std::uint32_t kind_of(std::uint32_t node)
{
    return node < head ? node : head + node % head;
}

Status validate(const SyntheticSizes& sizes);
Result<program::Program> synthetic_program(const SyntheticSizes& sizes);
// The tensors of the data set.
std::vector<program::Tensor> synthetic_data(const SyntheticSizes& sizes);

inline constexpr std::uint64_t synthetic_seed = 42;

// Values of the nodes, by kind, in a step that begins with the counter at `counter`.
class Values {
public:
    Values(const SyntheticSizes& sizes, const program::Program& program);

    [[nodiscard]] const program::Descriptor& descriptor(std::uint32_t kind) const { return m_descriptors[kind]; }
    [[nodiscard]] std::uint64_t records(std::uint32_t kind) const { return program::step_count(m_descriptors[kind], 0); }
    std::uint32_t element(std::uint32_t counter, std::uint32_t kind, std::uint64_t index);
    program::StepRecord record(std::uint32_t counter, std::uint32_t kind, std::uint64_t index);

private:
    // Of an element that is a sum: the first records, one period, and the last ones.
    struct Sum {
        std::vector<std::optional<program::StepRecord>> first;
        std::vector<std::optional<program::StepRecord>> last;
    };
    program::StepRecord compute(std::uint32_t counter, std::uint32_t kind, std::uint64_t index, std::uint64_t record);
    Sum& sum(std::uint32_t counter, std::uint32_t kind) { return m_sums[std::size_t{counter} * 2 * head + kind]; }

    SyntheticSizes m_sizes;
    std::vector<program::Descriptor> m_descriptors;
    std::vector<program::Tensor> m_data;
    std::vector<Sum> m_sums;
};

} // namespace assay::sim
