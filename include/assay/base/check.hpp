// Checks for mistakes of the caller. They are always on: a wrong argument must not become a wrong verdict in a release build.
#pragma once

namespace assay {

// Called with the broken condition and where it stands; must not return. The default prints both and aborts.
using CheckHandler = void (*)(const char* condition, const char* file, int line);

// Replaces the handler, for hosts that want to log or to throw. Returns the previous one. Thread-safe.
CheckHandler set_check_handler(CheckHandler handler);

[[noreturn]] void check_failed(const char* condition, const char* file, int line);

} // namespace assay

#define ASSAY_CHECK(condition) \
    (static_cast<bool>(condition) ? static_cast<void>(0) : ::assay::check_failed(#condition, __FILE__, __LINE__))
