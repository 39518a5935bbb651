// The thread pool covers every index once, gives back what was thrown, and computes in the environment of results whatever its host set.
#include <doctest/doctest.h>

#include <algorithm>
#include <cfenv>
#include <stdexcept>
#include <string>

#include <assay/exec/floating_point_environment.hpp>

#include "exec/thread_pool.hpp"
#include "tests/unit/exec/host_environment.hpp"

using namespace assay;

TEST_CASE("every index is given to one call, whatever the threads, count and grain")
{
    for (const std::size_t threads : {1, 2, 7}) {
        exec::ThreadPool pool(threads);
        CHECK(pool.threads() == threads);
        for (const std::size_t count : {0, 1, 2, 7, 64, 1000})
            for (const std::size_t grain : {1, 3, 64, 5000}) {
                std::vector<int> visits(count);
                std::vector<int> thread_is_in_use(threads);
                bool all_fit = true;
                std::mutex mutex;
                pool.parallel_for(count, grain, [&](std::size_t begin, std::size_t end, std::size_t thread) {
                    const bool fits =
                        begin < end && end <= count && end - begin <= grain && thread < threads && thread_is_in_use[thread]++ == 0;
                    for (std::size_t i = begin; i < end; ++i) ++visits[i];
                    --thread_is_in_use[thread];
                    const std::lock_guard lock{mutex};
                    all_fit = all_fit && fits;
                });
                CHECK(all_fit);
                CHECK(visits == std::vector<int>(count, 1));
            }
    }
}

TEST_CASE("a thread takes its own part of the indices, upwards, before it helps others")
{
    constexpr std::size_t threads = 4, part = 30, grain = 3;
    exec::ThreadPool pool(threads);
    for (int round = 0; round < 50; ++round) {
        std::vector<std::vector<std::size_t>> taken(threads);
        std::atomic<std::size_t> begun{0};
        pool.parallel_for(threads * part, grain, [&](std::size_t begin, std::size_t, std::size_t thread) {
            if (taken[thread].empty()) {
                ++begun;
                while (begun < threads) std::this_thread::yield();
            }
            taken[thread].push_back(begin);
        });
        for (std::size_t thread = 0; thread < threads; ++thread) {
            CHECK(taken[thread].front() == thread * part);
            const auto own = [&](std::size_t begin) { return begin / part == thread; };
            CHECK(std::is_partitioned(taken[thread].begin(), taken[thread].end(), own));
            CHECK(std::is_sorted(taken[thread].begin(), std::partition_point(taken[thread].begin(), taken[thread].end(), own)));
        }
    }
}

TEST_CASE("what a body throws is thrown by parallel_for, and the pool goes on")
{
    for (const std::size_t threads : {1, 2, 7}) {
        exec::ThreadPool pool(threads);
        for (int round = 0; round < 20; ++round) {
            std::string what;
            try {
                pool.parallel_for(100, 1, [](std::size_t begin, std::size_t, std::size_t) {
                    if (begin == 40) throw std::runtime_error("at 40");
                });
            } catch (const std::runtime_error& error) {
                what = error.what();
            }
            CHECK(what == "at 40");
            std::atomic<std::size_t> sum{0};
            pool.parallel_for(100, 3, [&](std::size_t begin, std::size_t end, std::size_t) {
                for (std::size_t i = begin; i < end; ++i) sum += i;
            });
            CHECK(sum == 4950);
        }
    }
}

TEST_CASE("NUMERICS-22 every thread computes in the environment of results, and the host gets its own back")
{
    test::on_every_host_environment([] {
        exec::ThreadPool pool(3);
        std::atomic<int> strict{0};
        pool.parallel_for(64, 1, [&](std::size_t, std::size_t, std::size_t) { strict += test::computes_strictly() ? 1 : 0; });
        CHECK(strict == 64);
        {
            const exec::FloatingPointEnvironment environment;
            CHECK(test::computes_strictly());
        }
    });
}
