// The commands about the market: what they accept, and what they print.
#pragma once

#include "app/simulation.hpp"

namespace CLI {
class App;
}

namespace assay::app {

class MarketCommands {
public:
    explicit MarketCommands(CLI::App& app);
    // Whether one of the commands was named.
    [[nodiscard]] bool parsed() const;
    // Runs the one that was. Returns whether all points of a simulation are as the formulas say.
    Result<bool> run() const;

private:
    TermsOptions m_terms;
    SimulationOptions m_simulation;
    CLI::App* m_economics;
    CLI::App* m_simulate;
};

} // namespace assay::app
