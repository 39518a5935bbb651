// How long those who lose can make a knock-out last.
#include <doctest/doctest.h>

#include <algorithm>
#include <map>

#include <assay/dispute/knockout.hpp>

using namespace assay::dispute;

namespace {

// The longest that any play of the losers can take, over all choices of who stays in each group: small numbers of claims only.
class AllChoices {
public:
    AllChoices(std::size_t group_size, unsigned demotions_max) : m_group_size(group_size), m_demotions_max(demotions_max) {}

    std::uint32_t rounds(const std::vector<unsigned>& levels)
    {
        if (levels.size() <= 1) return 0;
        if (const auto known = m_known.find(levels); known != m_known.end()) return known->second;
        std::uint32_t most = 0;
        choose(levels, 0, {}, most);
        return m_known[levels] = most + 1;
    }

private:
    void choose(const std::vector<unsigned>& levels, std::size_t begin, std::vector<unsigned> after, std::uint32_t& most)
    {
        if (begin >= levels.size()) {
            std::sort(after.begin(), after.end());
            most = std::max(most, rounds(after));
            return;
        }
        const std::size_t end = std::min(begin + m_group_size, levels.size());
        for (std::size_t stays = begin; stays < end; ++stays) {
            std::vector<unsigned> next = after;
            for (std::size_t i = begin; i < end; ++i)
                if (i == stays) next.push_back(levels[i]);
                else if (levels[i] + 1 < m_demotions_max) next.push_back(levels[i] + 1);
            choose(levels, end, std::move(next), most);
        }
    }

    std::size_t m_group_size;
    unsigned m_demotions_max;
    std::map<std::vector<unsigned>, std::uint32_t> m_known;
};

} // namespace

TEST_CASE("KNOCKOUT-11 the rounds of the published simulation for groups of 4 and 21 demotions, without censorship and with it")
{
    // Nehab, de Paula, Teixeira: "Dave: a decentralized, secure, and lively fraud-proof algorithm" (arXiv 2411.05463), table 4, and table 2
    // with all censorship, which its authors say is 20 rounds more.
    const std::array<std::uint32_t, 8> published{29, 36, 40, 44, 47, 51, 54, 57};
    for (unsigned i = 0; i < published.size(); ++i) {
        CHECK(longest_delay(std::uint64_t{1} << 4 * (i + 1), 4, 21, false) == published[i]);
        CHECK(longest_delay(std::uint64_t{1} << 4 * (i + 1), 4, 21, true) == published[i] + 20);
    }
    CHECK(longest_delay(1, 4, 21, false) == 0);
    CHECK(longest_delay(1, 4, 21, true) == 0);
    CHECK(longest_delay(2, 4, 21, false) == 21);
    CHECK(longest_delay(std::uint64_t{1} << 32, 4, 1, false) == 16);
}

TEST_CASE("KNOCKOUT-11 no choice of who stays delays a small knock-out longer than the strategy that is computed with")
{
    for (unsigned group_size = 2; group_size <= 5; ++group_size)
        for (unsigned demotions_max = 1; demotions_max <= 5; ++demotions_max)
            for (std::size_t claims = 1; claims <= 9; ++claims) {
                CAPTURE(group_size);
                CAPTURE(demotions_max);
                CAPTURE(claims);
                CHECK(AllChoices{group_size, demotions_max}.rounds(std::vector<unsigned>(claims, 0)) ==
                      longest_delay(claims, group_size, demotions_max, true));
            }
}
