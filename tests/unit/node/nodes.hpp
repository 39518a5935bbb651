// Nodes on loopback, on ports that the system chooses, and connections to them.
#pragma once

#include "tests/unit/market/world.hpp"
#include "tests/unit/store/folder.hpp"

#include <assay/node/node.hpp>
#include <assay/node/remote_network.hpp>

namespace assay::test {

inline node::Genesis genesis()
{
    return {rules(), {{submitter.identity(), {50'000}}, {solver.identity(), {1'000'000}}}, Tick{1}, 1000};
}

inline std::unique_ptr<node::Node> started(const Folder& folder, node::NodeOptions options = {})
{
    options.folder = folder.store();
    if (options.upstream.empty()) {
        options.genesis = genesis();
        options.identity = Seed{{77}};
    }
    auto server = node::Node::start(std::move(options));
    REQUIRE(server);
    return std::move(*server);
}

inline node::RemoteOptions remote_options(const node::Node& server, std::uint8_t seed)
{
    node::RemoteOptions options;
    options.port = server.port();
    options.identity = Seed{{seed}};
    return options;
}

inline std::unique_ptr<node::RemoteNetwork> connected(const node::Node& server, std::uint8_t seed,
                                                      std::chrono::milliseconds patience = std::chrono::milliseconds{20'000})
{
    node::RemoteOptions options = remote_options(server, seed);
    options.patience = patience;
    return node::RemoteNetwork::make(std::move(options)).value();
}

// The solver's transfers to the submitter.
inline SignedTransaction pay(std::uint64_t number, std::uint64_t amount)
{
    return sign(solver, rules().network, {solver.identity(), number, Transfer{submitter.identity(), {amount}}});
}

} // namespace assay::test
