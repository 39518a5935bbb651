// Feeds a fuzz target its seeds, and mutations of them that follow from a fixed number.
//     fuzz_NAME_check COUNT               COUNT mutations
//     fuzz_NAME_check --write-seeds DIR   the seeds as files, for libFuzzer to begin with
#include <algorithm>
#include <fstream>
#include <random>
#include <string>

#include "tests/fuzz/fuzz.hpp"

namespace {

using assay::Bytes;

Bytes mutated(Bytes bytes, const std::vector<Bytes>& others, std::mt19937_64& random)
{
    const auto below = [&](std::size_t count) { return static_cast<std::size_t>(random() % std::max<std::size_t>(count, 1)); };
    for (std::size_t changes = 1 + below(4); changes > 0; --changes) {
        const auto at = static_cast<std::ptrdiff_t>(below(bytes.size()));
        switch (below(6)) {
        case 0:
            if (!bytes.empty()) bytes[static_cast<std::size_t>(at)] ^= static_cast<std::uint8_t>(1U << below(8));
            break;
        case 1:
            if (!bytes.empty()) bytes[static_cast<std::size_t>(at)] = std::array<std::uint8_t, 6>{0, 1, 0x7f, 0x80, 0xff, 3}[below(6)];
            break;
        case 2: bytes.resize(static_cast<std::size_t>(at)); break;
        case 3: bytes.insert(bytes.begin() + at, 1 + below(8), static_cast<std::uint8_t>(random())); break;
        case 4: {
            const Bytes& other = others[below(others.size())];
            const auto from = static_cast<std::ptrdiff_t>(below(other.size()));
            bytes.resize(static_cast<std::size_t>(at));
            bytes.insert(bytes.end(), other.begin() + from, other.end());
            break;
        }
        default:
            bytes.erase(bytes.begin() + at,
                        bytes.begin() + at +
                            static_cast<std::ptrdiff_t>(below(std::min<std::size_t>(9, bytes.size() - static_cast<std::size_t>(at) + 1))));
        }
    }
    return bytes;
}

} // namespace

int main(int argc, char** argv)
{
    const std::vector<Bytes> seeds = assay::fuzz::seeds();
    if (argc == 3 && std::string{argv[1]} == "--write-seeds") {
        for (std::size_t i = 0; i < seeds.size(); ++i)
            std::ofstream(std::string{argv[2]} + "/seed-" + std::to_string(i), std::ios::binary)
                .write(reinterpret_cast<const char*>(seeds[i].data()), static_cast<std::streamsize>(seeds[i].size()));
        return 0;
    }
    if (argc != 2 || seeds.empty()) return 1;
    std::mt19937_64 random{20};
    for (const Bytes& seed : seeds) LLVMFuzzerTestOneInput(seed.data(), seed.size());
    for (int i = std::atoi(argv[1]); i > 0; --i) {
        const Bytes input = mutated(seeds[random() % seeds.size()], seeds, random);
        LLVMFuzzerTestOneInput(input.data(), input.size());
    }
    return 0;
}
