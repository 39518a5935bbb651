// The other processes of crash_test.cpp.
//
//     child serve FOLDER     a node; prints its process id and its port, and serves until it is killed
//     child script FOLDER    a node and a party in one process: 60 transfers; prints the number of each that is acknowledged, and "end"
//     child starve FOLDER    the same with files that may not grow beyond 200 kB, until a write is refused; then they may again, and it
//     goes
//                            on; prints "good", or what was wrong
#include <csignal>
#include <iostream>

#include <dlfcn.h>
#include <sys/resource.h>
#include <unistd.h>

#include "tests/unit/node/nodes.hpp"

using namespace assay;
using namespace assay::test;

namespace {

std::unique_ptr<node::Node> serve(const std::string& folder)
{
    node::NodeOptions options;
    options.folder = folder;
    options.genesis = genesis();
    options.identity = Seed{{77}};
    auto server = node::Node::start(std::move(options));
    if (!server) std::cout << server.failure().message() << std::endl;
    return server ? std::move(*server) : nullptr;
}

int run_script(const std::string& folder)
{
    const auto server = serve(folder);
    if (!server) return 1;
    // A disk that fails earlier is a reason not to start.
    if (auto* const begin = reinterpret_cast<void (*)()>(dlsym(RTLD_DEFAULT, "assay_faults_begin"))) begin();
    const auto network = connected(*server, 2);
    for (std::uint64_t i = 0; i < 60;) {
        const auto height = network->submit(pay(i, 1));
        if (height) std::cout << i++ << std::endl;
        else if (height.error() != Error::storage_failed) return std::cout << height.failure().message() << std::endl, 1;
        else usleep(20'000); // the node opens its store again
    }
    std::cout << "end" << std::endl;
    return 0;
}

int starve(const std::string& folder)
{
    const auto server = serve(folder);
    if (!server) return 1;
    const auto network = connected(*server, 2);
    std::signal(SIGXFSZ, SIG_IGN); // writing beyond the limit fails, and does not end the process
    const rlimit narrow{200'000, RLIM_INFINITY}, wide{RLIM_INFINITY, RLIM_INFINITY};
    setrlimit(RLIMIT_FSIZE, &narrow);
    std::uint64_t done = 0;
    std::vector<SignedTransaction> batch;
    bool was_refused = false;
    for (; done < 5'000 && !was_refused; ++done) {
        const auto height = network->submit(pay(done, 1));
        if (height) continue;
        if (height.error() != Error::storage_failed) return std::cout << height.failure().message() << std::endl, 1;
        was_refused = true;
        break;
    }
    if (!was_refused) return std::cout << "nothing was refused" << std::endl, 1;
    // Reading goes on, or says what is wrong.
    if (const auto head = network->head(); !head || head->height < done) return std::cout << "the head is behind" << std::endl, 1;
    setrlimit(RLIMIT_FSIZE, &wide);
    for (int tries = 0;; ++tries) {
        const auto height = network->submit(pay(done, 1));
        if (height) break;
        if (height.error() != Error::storage_failed || tries == 200) return std::cout << height.failure().message() << std::endl, 1;
        usleep(50'000);
    }
    std::cout << "good: " << done << " transactions before the disk was full" << std::endl;
    return 0;
}

} // namespace

int main(int argc, char** argv)
{
    if (argc != 3) return 2;
    const std::string verb = argv[1];
    if (verb == "script") return run_script(argv[2]);
    if (verb == "starve") return starve(argv[2]);
    const auto server = serve(argv[2]);
    if (!server) return 1;
    std::cout << getpid() << std::endl << server->port() << std::endl;
    for (;;) pause();
}
