// What a long piece of work shows: a bar on a terminal, lines in a file or a pipe.
#include <doctest/doctest.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <pty.h>
#include <string>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include "app/progress.hpp"

using namespace assay;

namespace {

constexpr std::uint64_t parts = 12;

// Works for three seconds, or longer on a machine that has other work.
void work()
{
    app::Progress progress{"counting", parts};
    for (std::uint64_t done = 1; done <= parts; ++done) {
        std::this_thread::sleep_for(std::chrono::milliseconds{250});
        progress.update(done, "a note");
    }
    progress.finish();
}

// Both ends of what a process prints to.
struct Ends {
    int reader = -1;
    int writer = -1;
};

Ends terminal()
{
    Ends ends;
    REQUIRE(openpty(&ends.reader, &ends.writer, nullptr, nullptr, nullptr) == 0);
    return ends;
}

Ends pipe_ends()
{
    std::array<int, 2> both{};
    REQUIRE(pipe(both.data()) == 0);
    return {both[0], both[1]};
}

// Returns what a process of its own prints while it works.
std::string shown_on(const Ends& ends)
{
    std::fflush(stdout); // what is there is not the child's
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        dup2(ends.writer, STDOUT_FILENO);
        work();
        std::fflush(stdout);
        _exit(0);
    }
    close(ends.writer);
    std::string shown;
    std::array<char, 4096> some{};
    // A terminal whose other side is closed gives an error where a pipe ends.
    for (ssize_t count = 1; count > 0 || (count < 0 && errno == EINTR);) {
        count = read(ends.reader, some.data(), some.size());
        if (count > 0) shown.append(some.data(), static_cast<std::size_t>(count));
    }
    close(ends.reader);
    int status = 0;
    CHECK(waitpid(child, &status, 0) == child);
    CHECK(status == 0);
    return shown;
}

} // namespace

TEST_CASE("Where nobody looks, progress is lines and no bar (lib/app/progress.hpp)")
{
    const std::string shown = shown_on(pipe_ends());
    CAPTURE(shown);
    CHECK(shown.find_first_of("\r\033[#") == std::string::npos);
    CHECK(shown.find("counting: 9 of 12, a note, ") != std::string::npos);
    CHECK(shown.find(" s left\ncounting: 12 of 12, a note, in ") != std::string::npos);
    CHECK(shown.find("counting: 1 of") == std::string::npos); // work of less than two seconds shows nothing
}

TEST_CASE("On a terminal, progress is one line that is drawn again (lib/app/progress.hpp)")
{
    const std::string shown = shown_on(terminal());
    CAPTURE(shown);
    CHECK(shown.find("\rcounting [######################........] 9 of 12, a note, ") != std::string::npos);
    CHECK(shown.find("\r\033[Kcounting: 12 of 12, a note, in ") != std::string::npos);
    CHECK(shown.find('\n') == shown.size() - 1);
}
