#include <assay/market/draw.hpp>

#include <numeric>

#include <assay/hash/openssl.hpp>

namespace assay::market {

namespace {

struct DrawInput {
    Digest network, task, record;
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.network, self.task, self.record);
    }
};

struct BeaconInput {
    Digest network;
    Tick tick;
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.network, self.tick);
    }
};

struct StreamSeed {
    crypto::VrfOutput output;
    Digest task, record;
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.output, self.task, self.record);
    }
};

struct BenchmarkSeed {
    crypto::VrfOutput output;
    Digest task;
    std::uint8_t leg = 0;
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.output, self.task, self.leg);
    }
};

struct Word {
    Digest seed;
    std::uint64_t counter = 0;
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.seed, self.counter);
    }
};

std::uint64_t first_word(const Digest& digest)
{
    std::uint64_t word = 0;
    for (std::size_t i = 0; i < 8; ++i) word |= std::uint64_t{digest.bytes[i]} << (8 * i);
    return word;
}

} // namespace

Bytes draw_input(const Digest& network, const Digest& task, const Digest& final_record)
{
    return encode(DrawInput{network, task, final_record});
}

Bytes beacon_input(const Digest& network, Tick tick)
{
    return encode(BeaconInput{network, tick});
}

std::uint64_t benchmark_seed(const crypto::VrfOutput& output, const Digest& task, std::uint8_t leg)
{
    return first_word(hash::tagged_digest("assay.benchmark-seed", BenchmarkSeed{output, task, leg}, hash::sha256_openssl));
}

DrawStream::DrawStream(const crypto::VrfOutput& output, const Digest& task, const Digest& final_record)
    : m_seed(hash::tagged_digest("assay.draw", StreamSeed{output, task, final_record}, hash::sha256_openssl))
{
}

std::uint64_t DrawStream::below(std::uint64_t limit)
{
    ASSAY_CHECK(limit > 0);
    const std::uint64_t rest = (~std::uint64_t{0} % limit + 1) % limit; // 2^64 mod limit
    for (;;) {
        const std::uint64_t word = first_word(hash::tagged_digest("assay.draw-word", Word{m_seed, m_counter++}, hash::sha256_openssl));
        if (word >= rest) return word % limit; // the first `rest` words would make small numbers likelier
    }
}

std::vector<std::uint32_t> draw_weighted(DrawStream& stream, std::vector<std::uint64_t> weights, std::size_t count)
{
    std::vector<std::uint32_t> drawn;
    std::uint64_t total = std::accumulate(weights.begin(), weights.end(), std::uint64_t{0});
    while (drawn.size() < count && total > 0) {
        std::uint64_t place = stream.below(total);
        std::size_t i = 0;
        while (place >= weights[i]) place -= weights[i++];
        drawn.push_back(static_cast<std::uint32_t>(i));
        total -= weights[i];
        weights[i] = 0;
    }
    return drawn;
}

std::vector<std::uint64_t> draw_distinct(DrawStream& stream, std::uint64_t limit, std::size_t count)
{
    std::vector<std::uint64_t> drawn;
    if (limit <= count) {
        drawn.resize(limit);
        std::iota(drawn.begin(), drawn.end(), std::uint64_t{0});
        return drawn;
    }
    // Floyd's way: for each j of the last `count`, a number up to j, or j itself where that one is taken.
    for (std::uint64_t j = limit - count; j < limit; ++j) {
        const std::uint64_t number = stream.below(j + 1);
        const bool taken = std::find(drawn.begin(), drawn.end(), number) != drawn.end();
        drawn.push_back(taken ? j : number);
    }
    std::sort(drawn.begin(), drawn.end());
    return drawn;
}

} // namespace assay::market
