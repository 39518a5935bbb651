// `assay node`: runs a node until it is told to stop, and what belongs to running one.
#pragma once

#include <CLI/App.hpp>

#include <assay/base/result.hpp>

namespace assay::app {

class NodeCommand {
public:
    explicit NodeCommand(CLI::App& app);
    ~NodeCommand();
    NodeCommand(const NodeCommand&) = delete;
    NodeCommand& operator=(const NodeCommand&) = delete;

    [[nodiscard]] bool parsed() const;
    // Runs until SIGTERM or SIGINT. Errors: those of Node::start, and what is wrong with a file or an option, with what to change.
    Status run() const;

private:
    struct Options;
    std::unique_ptr<Options> m_options;
};

} // namespace assay::app
