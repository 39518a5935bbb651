// The commands of those who take part in a network: what they accept, and what they print.
#pragma once

#include <memory>

#include "app/parties.hpp"

namespace CLI {
class App;
}

namespace assay::app {

// The words of a command line, with those of the file that `submit --task FILE` names in place of it: "name=value" lines, of which
// "input=FILE" is the data; what stands on the command line itself goes before. Errors: file_unreadable; invalid_input with the line.
Result<std::vector<std::string>> with_task_file(std::vector<std::string> words);

class PartyCommands {
public:
    explicit PartyCommands(CLI::App& app);
    // Whether one of the commands was named.
    [[nodiscard]] bool parsed() const;
    // Runs the one that was. Returns: the program's exit status.
    Result<int> run();

private:
    // Where the network is, and who one is there.
    struct Access {
        std::string node = "127.0.0.1:7340";
        std::string node_identity; // that the node has to show; empty: any
        std::string key;
        std::string passphrase_file;
    };
    void add_key(CLI::App& app);
    void add_submit(CLI::App& app);
    void add_solve(CLI::App& app);
    void add_verify(CLI::App& app);
    void add_beacon(CLI::App& app);
    void add_watch(CLI::App& app);
    void add_access(CLI::App& command, bool with_key);
    Result<int> run_key() const;
    Result<crypto::Seed> seed() const;
    Result<std::unique_ptr<node::Network>> connect(const crypto::Seed& own) const;

    Access m_access;
    SubmitOptions m_submit;
    SolveOptions m_solve;
    VerifyOptions m_verify;
    WatchOptions m_watch;
    std::string m_key_path, m_task_file;
    bool m_wants_passphrase = false;
    CLI::App* m_key_make = nullptr;
    CLI::App* m_key_show = nullptr;
    CLI::App* m_key_beacon = nullptr;
    CLI::App* m_beacon_command = nullptr;
    std::uint64_t m_beacon_tasks = 0;
    CLI::App* m_submit_command = nullptr;
    CLI::App* m_solve_command = nullptr;
    CLI::App* m_verify_command = nullptr;
    CLI::App* m_watch_command = nullptr;
};

} // namespace assay::app
