// The default handler writes with stdio only, so that it works in any state of the process.
#include <assay/base/check.hpp>

#include <atomic>
#include <cstdio>
#include <cstdlib>

namespace assay {

namespace {

void print_and_abort(const char* condition, const char* file, int line)
{
    std::fprintf(stderr, "assay: broken precondition: %s (%s:%d)\n", condition, file, line);
    std::abort();
}

std::atomic<CheckHandler> current_handler{print_and_abort};

} // namespace

CheckHandler set_check_handler(CheckHandler handler)
{
    return current_handler.exchange(handler == nullptr ? print_and_abort : handler);
}

void check_failed(const char* condition, const char* file, int line)
{
    current_handler.load()(condition, file, line);
    std::abort();
}

} // namespace assay
