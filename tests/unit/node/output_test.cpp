// What a connection writes: all bytes in their order, and no memory held longer than they need it.
#include <doctest/doctest.h>

#include <numeric>
#include <random>

#include "node/output.hpp"

using namespace assay;

TEST_CASE("WIRE-3 WIRE-6 what is written is what was added, in records of any size, and long pieces are not copied")
{
    std::mt19937_64 random{1};
    for (int round = 0; round < 200; ++round) {
        node::Output output;
        Bytes expected, written;
        std::vector<std::weak_ptr<const void>> holders;
        std::vector<std::size_t> ends;
        const auto add = [&] {
            node::Frame frame;
            for (std::size_t i = random() % 4; i > 0; --i) {
                Bytes bytes(random() % 3 == 0 ? random() % 9000 : random() % 40);
                for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random());
                expected.insert(expected.end(), bytes.begin(), bytes.end());
                frame.push_back(node::frame_of(std::move(bytes)).front());
                holders.push_back(frame.back().holder);
                ends.push_back(expected.size());
            }
            output.add(std::move(frame));
        };
        std::size_t let_go = 0;
        for (int i = 0; i < 10; ++i) add();
        while (!output.is_empty()) {
            constexpr std::size_t most = 1000;
            const ByteView next = output.next(most);
            const std::size_t left = expected.size() - written.size();
            REQUIRE(next.size() == std::min(most, left));
            CHECK(output.has_more(next.size()) == (left > next.size()));
            CHECK(output.next(most).data() == next.data()); // a record that could not be written comes again
            const ByteView part = next.first(random() % 5 == 0 ? next.size() / 2 : next.size());
            written.insert(written.end(), part.begin(), part.end());
            let_go += output.written(part.size());
            for (std::size_t k = 0; k < holders.size(); ++k) CHECK((holders[k].expired() || ends[k] > written.size()));
        }
        CHECK(written == expected);
        CHECK(let_go == expected.size());
    }
}
