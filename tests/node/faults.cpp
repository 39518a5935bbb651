// Preloaded into a process: counts what it writes to files, and at one of these calls kills the process or lets the disk fail.
//     ASSAY_FAULT_AT=N    at the Nth call of write, pwrite, fdatasync or fsync on a file
//     ASSAY_FAULT=kill    the process ends there, as by kill -9; a write has then reached the file by half
//     ASSAY_FAULT=fail    this call and the nine after it say EIO
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>

#include <dlfcn.h>
#include <sys/stat.h>
#include <unistd.h>

namespace {

std::atomic<long> calls{0};
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
    const long call = ++calls;
    if (std::strcmp(kind, "kill") == 0) return call == wanted ? Fault::kill : Fault::none;
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

} // namespace

extern "C" {

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
