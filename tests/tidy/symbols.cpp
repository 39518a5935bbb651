// What the libraries may not call: the referee nothing that another machine could answer differently, and neither it nor the replay a
// function of the mathematics library, whose results differ between systems.
#include "tidy.hpp"

#include <regex>
#include <set>

namespace tidy {

namespace {

struct Family {
    const char* what;
    const char* pattern;
};

// Undefined symbols as `nm` prints them: C names, and C++ names mangled by the Itanium rules.
const std::vector<Family> impure{
    {"a clock", "(time|clock|times|gettimeofday|clock_gettime|clock_nanosleep|nanosleep|usleep|sleep|_ZNSt6chrono.*3nowEv)"},
    {"a file", "(open|open64|openat|creat|fopen|fopen64|freopen|fdopen|tmpfile|mmap|mmap64|unlink|rename|.*basic_[io]?f(stream|ilebuf).*|"
               "_ZNSt10filesystem.*)"},
    {"a socket", "(socket|connect|bind|listen|accept|accept4|send|sendto|sendmsg|recv|recvfrom|recvmsg|getaddrinfo|poll|select|epoll_.*)"},
    {"entropy", "(rand|srand|rand_r|random|srandom|drand48|getrandom|getentropy|arc4random.*|_ZNSt13random_device.*)"},
    {"a thread",
     "(pthread_.*|thrd_.*|mtx_.*|cnd_.*|sem_.*|_ZNSt6thread.*|_ZNSt18condition_variable.*|_ZNSt28__atomic_futex.*|__tls_get_addr)"},
    {"the process's surroundings", "(getenv|secure_getenv|setlocale|system|fork|execv.*|dlopen|_ZNSt6localeC.*)"},
};

const std::set<std::string> libm_names{
    "acos",      "acosh",   "asin",   "asinh", "atan",   "atan2",     "atanh",     "cbrt",    "ceil",      "copysign", "cos",   "cosh",
    "erf",       "erfc",    "exp",    "exp10", "exp2",   "expm1",     "fabs",      "fdim",    "floor",     "fma",      "fmax",  "fmin",
    "fmod",      "frexp",   "hypot",  "ilogb", "ldexp",  "lgamma",    "llrint",    "llround", "log",       "log10",    "log1p", "log2",
    "logb",      "lrint",   "lround", "modf",  "nan",    "nearbyint", "nextafter", "pow",     "remainder", "remquo",   "rint",  "round",
    "roundeven", "scalbln", "scalbn", "sin",   "sincos", "sinh",      "sqrt",      "tan",     "tanh",      "tgamma",   "trunc"};

bool is_libm(std::string symbol)
{
    static const std::regex finite("__(.*)_finite");
    std::smatch match;
    if (std::regex_match(symbol, match, finite)) symbol = match[1].str();
    if (libm_names.contains(symbol)) return true;
    const bool has_width = symbol.ends_with('f') || symbol.ends_with('l');
    return has_width && libm_names.contains(symbol.substr(0, symbol.size() - 1));
}

// All that a judge may leave to where it runs.
const std::set<std::string> judge_may_call{"memcpy", "memmove", "memset", "memcmp", "bcmp", "_ZN5assay12check_failedEPKcS1_i", "_GLOBAL_OFFSET_TABLE_"};

// What is wrong with calling `symbol`; empty when nothing is.
std::string objection(const std::string& symbol, const std::string& kind)
{
    if (kind == "judge")
        return judge_may_call.contains(symbol) ? "" : symbol + " is not there in a contract: a judge neither allocates nor calls a library";
    if (is_libm(symbol))
        return symbol +
               " is of the mathematics library, whose results differ between systems: use assay/arith, or an operation of the language";
    if (kind != "referee") return {};
    for (const Family& family : impure)
        if (std::regex_match(symbol, std::regex(family.pattern)))
            return symbol + " asks for " + family.what + ": take the answer as an argument, the referee is a pure function";
    return {};
}

} // namespace

void check_symbols(Report& report, const std::string& kind, const std::vector<std::string>& symbols)
{
    // "path/libassay_referee.a:check.cpp.o:                 U abort@GLIBC_2.2.5", or "path/judge.o:                 U memcpy"
    static const std::regex row(R"((?:.*/)?([^/:]+):(?:([^:]+):)?\s+[Uwv] ([^@\s]+).*)");
    std::size_t read = 0;
    for (const std::string& line : symbols) {
        std::smatch match;
        if (!std::regex_match(line, match, row)) continue;
        ++read;
        const std::string why = objection(match[3], kind);
        if (!why.empty()) report.add(match[1].str() + "(" + match[2].str() + ")", 0, why);
    }
    if (read == 0) report.add("nm", 0, "printed no undefined symbol at all: the check read nothing");
}

} // namespace tidy
