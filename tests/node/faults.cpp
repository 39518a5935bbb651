// Preloaded into a process: counts what it writes to files, and at one of these calls kills the process or lets the disk fail.
//     ASSAY_FAULT_AT=N    at the Nth call of write, pwrite, fdatasync or fsync on a file
//     ASSAY_FAULT=kill    the process ends there, as by kill -9; a write has then reached the file by half
//     ASSAY_FAULT=fail    this call and the nine after it say EIO; calls count from assay_faults_begin() on
// And sets the wall clock that the process sees:
//     ASSAY_CLOCK=SECONDS forwards from the start on; SIGUSR1 sets it an hour forwards, SIGUSR2 two hours backwards
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <ctime>

#include <dlfcn.h>
#include <sys/stat.h>
#include <unistd.h>

namespace {

std::atomic<long> calls{0};
std::atomic<bool> has_begun{false};
constexpr long failing_calls = 10;

template <class Function>
Function next_function(const char* name)
{
    return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}

bool is_file(int fd)
{
    struct stat about {};
    return fstat(fd, &about) == 0 && S_ISREG(about.st_mode);
}

enum class Fault { none, kill, fail };

Fault fault_at(int fd)
{
    static const char* const at = std::getenv("ASSAY_FAULT_AT");
    static const char* const kind = std::getenv("ASSAY_FAULT");
    if (at == nullptr || kind == nullptr || !is_file(fd)) return Fault::none;
    static const long wanted = std::atol(at);
    const bool kills = std::strcmp(kind, "kill") == 0;
    if (!kills && !has_begun) return Fault::none;
    const long call = ++calls;
    if (kills) return call == wanted ? Fault::kill : Fault::none;
    return call >= wanted && call < wanted + failing_calls ? Fault::fail : Fault::none;
}

[[noreturn]] void die()
{
    kill(getpid(), SIGKILL);
    for (;;) pause();
}

int synchronise(int fd, const char* name)
{
    const Fault fault = fault_at(fd);
    if (fault == Fault::kill) die();
    if (fault == Fault::fail) {
        errno = EIO;
        return -1;
    }
    return next_function<int (*)(int)>(name)(fd);
}

std::atomic<long> clock_seconds{0};

void set_clock(int signal)
{
    clock_seconds += signal == SIGUSR1 ? 3600 : -7200;
}

[[gnu::constructor]] void begin_clock()
{
    const char* const seconds = std::getenv("ASSAY_CLOCK");
    if (seconds == nullptr) return;
    clock_seconds = std::atol(seconds);
    struct sigaction action {};
    action.sa_handler = set_clock;
    action.sa_flags = SA_RESTART;
    sigaction(SIGUSR1, &action, nullptr);
    sigaction(SIGUSR2, &action, nullptr);
}

} // namespace

extern "C" {

void assay_faults_begin()
{
    has_begun = true;
}

int clock_gettime(clockid_t clock, timespec* time) noexcept
{
    static const auto real = next_function<int (*)(clockid_t, timespec*)>("clock_gettime");
    const int status = real(clock, time);
    if (status == 0 && clock == CLOCK_REALTIME) time->tv_sec += clock_seconds;
    return status;
}

ssize_t write(int fd, const void* bytes, size_t count)
{
    static const auto real = next_function<ssize_t (*)(int, const void*, size_t)>("write");
    const Fault fault = fault_at(fd);
    if (fault == Fault::kill) {
        (void)!real(fd, bytes, count / 2);
        die();
    }
    if (fault == Fault::fail) {
        errno = EIO;
        return -1;
    }
    return real(fd, bytes, count);
}

ssize_t pwrite(int fd, const void* bytes, size_t count, off_t offset)
{
    static const auto real = next_function<ssize_t (*)(int, const void*, size_t, off_t)>("pwrite");
    const Fault fault = fault_at(fd);
    if (fault == Fault::kill) {
        (void)!real(fd, bytes, count / 2, offset);
        die();
    }
    if (fault == Fault::fail) {
        errno = EIO;
        return -1;
    }
    return real(fd, bytes, count, offset);
}

int fdatasync(int fd)
{
    return synchronise(fd, "fdatasync");
}

int fsync(int fd)
{
    return synchronise(fd, "fsync");
}
}
