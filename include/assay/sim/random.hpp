// Numbers that follow from a seed, the same on every machine: the simulator's only source of chance.
#pragma once

#include <cstdint>

namespace assay::sim {

// SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", 2014). Not for secrets. Copying copies the place.
class Random {
public:
    explicit Random(std::uint64_t seed) : m_state(seed) {}

    std::uint64_t next()
    {
        std::uint64_t z = (m_state += 0x9e3779b97f4a7c15);
        z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
        z = (z ^ z >> 27) * 0x94d049bb133111eb;
        return z ^ z >> 31;
    }
    // A number below `count`; 0 where that is 0. The bias towards small numbers is count / 2^64.
    std::uint64_t below(std::uint64_t count) { return count == 0 ? 0 : next() % count; }
    bool one_in(std::uint64_t count) { return below(count) == 0; }
    // One of a list's values. Requires: one.
    template <class List>
    const auto& of(const List& choices)
    {
        return choices[below(choices.size())];
    }

private:
    std::uint64_t m_state;
};

} // namespace assay::sim
