#include "app/party_commands.hpp"

#include <algorithm>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <sstream>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <termios.h>
#include <unistd.h>

#include <assay/node/key_file.hpp>
#include <assay/node/remote_network.hpp>

#include "app/cheats.hpp"
#include "app/files.hpp"

namespace assay::app {

namespace {

constexpr const char* passphrase_variable = "ASSAY_PASSPHRASE";

std::atomic<bool> stop_requested{false};

extern "C" void request_stop(int)
{
    stop_requested = true;
}

void stop_on_signals()
{
    struct sigaction action {};
    action.sa_handler = request_stop;
    sigaction(SIGINT, &action, nullptr);
    sigaction(SIGTERM, &action, nullptr);
}

// Without echo where there is a terminal.
std::string read_line_quietly(const std::string& prompt)
{
    std::cerr << prompt << std::flush;
    termios before{};
    const bool is_terminal = tcgetattr(STDIN_FILENO, &before) == 0;
    if (is_terminal) {
        termios quiet = before;
        quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
    }
    std::string line;
    std::getline(std::cin, line);
    if (is_terminal) tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
    std::cerr << '\n';
    return line;
}

// From a file, from the environment, or from the terminal.
Result<std::string> passphrase(const std::string& file, const std::string& prompt)
{
    if (!file.empty()) {
        ASSAY_TRY_ASSIGN(const Bytes content, read_file(file));
        std::string text{content.begin(), content.end()};
        while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
        return text;
    }
    if (const char* const variable = std::getenv(passphrase_variable)) return std::string{variable};
    if (isatty(STDIN_FILENO) != 1)
        return failure(Error::invalid_input, fmt::format("the key is encrypted: say --passphrase-file, set {}, or start this in a terminal",
                                                         passphrase_variable));
    return read_line_quietly(prompt);
}

void add_taking_part(CLI::App& command, TakingPartOptions& options, const std::string& folder)
{
    options.folder = folder;
    command.add_option("--folder", options.folder, "Where this party stores what it must not forget; start it there again after a crash")
        ->capture_default_str();
    command.add_option("--threads", options.threads, "Threads; they change the time, never the bits")
        ->check(CLI::Range(1, 256))
        ->capture_default_str();
}

void add_stop(CLI::App& command, std::uint64_t& tasks)
{
    command.add_option("--tasks", tasks, "Stop when this many tasks are closed on the network; 0: only on a signal")->capture_default_str();
}

int status_of(Outcome outcome)
{
    switch (outcome) {
    case Outcome::complete: return 0;
    case Outcome::convicted: return 3;
    case Outcome::incomplete: return 4;
    case Outcome::stopped: return 5;
    case Outcome::withdrawn: return 6;
    }
    return 1;
}

void print_description(const std::string& path, const node::KeyDescription& key)
{
    fmt::print("file        {}\nidentity    {}\npublic key  {}\nencrypted   {}\n", path, to_hex(key.identity), to_hex(key.public_key.bytes),
               key.is_encrypted ? "yes" : "no");
}

} // namespace

Result<std::vector<std::string>> with_task_file(std::vector<std::string> words)
{
    if (words.empty() || words.front() != "submit") return words;
    const auto named = std::find(words.begin(), words.end(), "--task");
    if (named == words.end() || named + 1 == words.end()) return words;
    const std::string path = *(named + 1);
    words.erase(named, named + 2);
    ASSAY_TRY_ASSIGN(const Bytes content, read_file(path));
    std::istringstream lines{std::string{content.begin(), content.end()}};
    std::vector<std::string> all{words.front()};
    std::string line;
    for (int number = 1; std::getline(lines, line); ++number) {
        if (line.empty() || line.front() == '#') continue;
        const std::size_t equals = line.find('=');
        if (equals == std::string::npos || equals == 0)
            return failure(Error::invalid_input,
                           fmt::format("{}, line {}: write name=value, with a name of assay submit --help", path, number));
        const std::string name = line.substr(0, equals);
        all.push_back(name == "input" ? line.substr(equals + 1) : "--" + line);
    }
    all.insert(all.end(), words.begin() + 1, words.end());
    return all;
}

PartyCommands::PartyCommands(CLI::App& app)
{
    add_key(app);
    add_submit(app);
    add_solve(app);
    add_verify(app);
    add_beacon(app);
    add_watch(app);
}

void PartyCommands::add_access(CLI::App& command, bool with_key)
{
    command.option_defaults()->take_last();
    command.add_option("--node", m_access.node, "A node of the network, HOST:PORT")->capture_default_str();
    command.add_option("--node-identity", m_access.node_identity, "The identity that the node has to show; any where none is said");
    if (!with_key) return;
    command.add_option("--key", m_access.key, "This party's key file, made by assay key make")->required();
    command.add_option("--passphrase-file", m_access.passphrase_file,
                       fmt::format("A file with the passphrase of an encrypted key; otherwise {} or the terminal", passphrase_variable));
}

void PartyCommands::add_key(CLI::App& app)
{
    CLI::App* const key = app.add_subcommand("key", "Makes and shows keys: who one is on a network");
    key->require_subcommand(1);
    m_key_make = key->add_subcommand("make", "Makes a key in a file that only you can read. Keep a copy: nobody can make it again");
    m_key_make->add_option("file", m_key_path, "The new file")->required();
    m_key_make->add_flag("--passphrase", m_wants_passphrase, "Encrypt it with a passphrase, which is asked for");
    m_key_make->add_option("--passphrase-file", m_access.passphrase_file, "Encrypt it with the passphrase in this file");
    m_key_show = key->add_subcommand("show", "Shows the identity that others send money to, and the public key; never the secret");
    m_key_show->add_option("file", m_key_path, "A key file")->required();
    m_key_beacon =
        key->add_subcommand("beacon", "Shows the public key for a genesis' \"beacon\": whoever has the file can draw for that network");
    m_key_beacon->add_option("file", m_key_path, "A key file")->required();
    m_key_beacon->add_option("--passphrase-file", m_access.passphrase_file, "A file with its passphrase");
}

void PartyCommands::add_submit(CLI::App& app)
{
    CLI::App& command = *app.add_subcommand(
        "submit",
        "Posts the training of a model on your data as a task, and brings the result home when it is trained, audited and paid.\n"
        "An example: assay submit --key me.key shakespeare.txt --steps 500 --reward 1000\n"
        "Options may also stand in a file, with lines such as steps=500 and input=shakespeare.txt: assay submit --task FILE\n"
        "Exit status: 0 the result is home, 3 the solver was convicted, 4 nobody finished, 5 stopped before the end, 6 taken back.");
    m_submit_command = &command;
    command.add_option("--task", m_task_file, "A file with options of this command, one name=value a line, and input=FILE");
    add_access(command, true);
    add_taking_part(command, m_submit.party, "assay-submitter");
    command.add_flag("--withdraw", m_submit.withdraws, "Take the folder's task back: possible while bids are sealed; later, go on with it");
    ProblemOptions& problem = m_submit.problem;
    command.add_option("input", problem.input, "A UTF-8 text file, or a folder with the t10k files of MNIST")->required();
    command.add_option("--layers", problem.gpt.layers, "Layers of the transformer")->capture_default_str();
    command.add_option("--heads", problem.gpt.heads, "Attention heads of a layer; must divide the width")->capture_default_str();
    command.add_option("--width", problem.gpt.width, "Width of the transformer")->capture_default_str();
    command.add_option("--context", problem.gpt.context, "Symbols that the model reads at once")->capture_default_str();
    command.add_option("--batch", problem.batch, "Examples in a step; 0 for 12 windows of text, or 64 digits")->capture_default_str();
    command.add_option("--dropout", problem.dropout, "Share of activations that training leaves out")->capture_default_str();
    command.add_option("--steps", problem.steps, "Training steps")->capture_default_str();
    command.add_option("--rate", problem.rate, "Learning rate after the warm-up")->capture_default_str();
    command.add_option("--rate-min", problem.rate_min, "Learning rate at the end of the cosine")->capture_default_str();
    command.add_option("--warm-up", problem.warm_up_steps, "Steps in which the learning rate rises")->capture_default_str();
    command.add_option("--interval", m_submit.training.interval, "Steps from one checkpoint to the next")->capture_default_str();
    command.add_option("--seed", m_submit.training.seed, "Seed of weights, data order and dropout")->capture_default_str();
    OfferOptions& offer = m_submit.offer;
    command.add_option("--reward", offer.reward, "The most that a solver is paid; an auction may make it less")->capture_default_str();
    command.add_option("--stake", offer.stake, "What the solver loses when it cheats; assay economics says how much is enough")
        ->capture_default_str();
    command.add_option("--bid-bond", offer.bid_bond, "What a bid costs that is not revealed or not taken up")->capture_default_str();
    command.add_option("--silence-penalty", offer.silence_penalty, "What a solver loses that misses a checkpoint's deadline")
        ->capture_default_str();
    command.add_option("--challenge-bond", offer.challenge_bond, "What a challenge costs that fails")->capture_default_str();
    command.add_option("--audit-fee", offer.audit_fee, "What each verifier is paid")->capture_default_str();
    command.add_option("--verifier-stake", offer.verifier_stake, "What a verifier risks that does not look")->capture_default_str();
    command.add_option("--verifiers", offer.verifiers, "How many verifiers are drawn")->capture_default_str();
    command.add_option("--segments", offer.segments, "How many segments are drawn for them to replay")->capture_default_str();
    command.add_option("--solvers", offer.solvers, "How many solvers may try: another goes on where one falls silent, and begins anew where one does not open what was drawn")
        ->capture_default_str();
    command.add_option("--bidding", offer.bidding, "Seconds in which bids are sealed, and then again in which they are revealed")
        ->capture_default_str();
    command.add_option("--answering", offer.answering, "Seconds to take a task up, to draw, and to open what was sealed")
        ->capture_default_str();
    command.add_option("--recording", offer.recording, "Seconds for a segment")->capture_default_str();
    command.add_option("--replaying", offer.replaying, "Seconds for the verifiers' replay")->capture_default_str();
    command.add_option("--window", offer.window, "Seconds in which anybody may still challenge")->capture_default_str();
    command.add_option("--demand", offer.demand, "Seconds for the solver to show a part of a state that it keeps back and somebody asks for; 0: nobody can ask")
        ->capture_default_str();
    command.add_option("--turn", offer.turn, "Seconds for each turn of a dispute")->capture_default_str();
    command.add_option("--clock", offer.clock, "Seconds that each side of a dispute has beyond its turns")->capture_default_str();
    command.add_option("--reveal-levels", offer.reveal_levels, "Tree levels that a move of a dispute reveals, 1 to 8")
        ->capture_default_str();
}

void PartyCommands::add_solve(CLI::App& app)
{
    CLI::App& command = *app.add_subcommand("solve", "Bids for tasks, trains what it wins, records its checkpoints and answers for "
                                                     "them.\nAn example: assay solve --key me.key --price 400");
    m_solve_command = &command;
    add_access(command, true);
    add_taking_part(command, m_solve.party, "assay-solver");
    add_stop(command, m_solve.party.tasks);
    command.add_option("--price", m_solve.price, "What a run costs; 0: half of the reward that is offered")->capture_default_str();
    std::string cheats = "For demonstrations: cheat in the middle segment, and be convicted:";
    for (const Cheat& cheat : app::cheats()) cheats += fmt::format("\n  {:<20} {}", cheat.name, cheat.description);
    command.add_option("--cheat", m_solve.cheat, cheats);
    command.add_flag("--withhold", m_solve.withholds, "For demonstrations: record checkpoints and give none of them out, and lose where somebody may ask");
}

void PartyCommands::add_verify(CLI::App& app)
{
    CLI::App& command = *app.add_subcommand("verify", "Joins the verifiers, replays what it is drawn for, and disputes what is wrong.\n"
                                                      "An example: assay verify --key me.key --stake 1000");
    m_verify_command = &command;
    add_access(command, true);
    add_taking_part(command, m_verify.party, "assay-verifier");
    add_stop(command, m_verify.party.tasks);
    command.add_option("--stake", m_verify.stake, "What to join with: who stakes more is drawn more often")->capture_default_str();
    command.add_flag("--everything", m_verify.everything, "Replay every segment of every task, drawn or not, and challenge what is wrong");
    command.add_flag("--lazy", m_verify.is_lazy, "For demonstrations: replay nothing, make the roots up, and lose");
}

void PartyCommands::add_beacon(CLI::App& app)
{
    CLI::App& command =
        *app.add_subcommand("beacon", "Draws verifiers, segments and seeds as the holder of the network's beacon key, which the genesis "
                                      "names: assay key beacon FILE shows it.\nThe key's account pays a fee for each draw.");
    m_beacon_command = &command;
    add_access(command, true);
    add_stop(command, m_beacon_tasks);
}

void PartyCommands::add_watch(CLI::App& app)
{
    CLI::App& command =
        *app.add_subcommand("watch", "Follows the chain, checks every block, signature and state, and says what happens. Needs no key.\n"
                                     "Exit status: 1 where the chain is bad.");
    m_watch_command = &command;
    add_access(command, false);
    add_stop(command, m_watch.tasks);
}

bool PartyCommands::parsed() const
{
    return m_key_make->parsed() || m_key_show->parsed() || m_submit_command->parsed() || m_solve_command->parsed() ||
           m_verify_command->parsed() || m_beacon_command->parsed() || m_watch_command->parsed() || m_key_beacon->parsed();
}

Result<int> PartyCommands::run_key() const
{
    if (m_key_beacon->parsed()) {
        ASSAY_TRY_ASSIGN(const crypto::Seed own, seed());
        fmt::print("{}\n", to_hex(node::Identity{own}.drawer().public_key().bytes));
        return 0;
    }
    if (m_key_make->parsed()) {
        std::string words;
        if (m_wants_passphrase || !m_access.passphrase_file.empty()) {
            ASSAY_TRY_ASSIGN(words, passphrase(m_access.passphrase_file, "passphrase for the new key: "));
            if (words.empty()) return failure(Error::invalid_input, "an empty passphrase protects nothing");
        }
        ASSAY_TRY(node::write_key(m_key_path, node::new_seed(), words));
    }
    ASSAY_TRY_ASSIGN(const node::KeyDescription key, node::describe_key(m_key_path));
    print_description(m_key_path, key);
    return 0;
}

Result<crypto::Seed> PartyCommands::seed() const
{
    const std::string& file = m_key_beacon->parsed() ? m_key_path : m_access.key;
    return node::read_key(file, [&] { return passphrase(m_access.passphrase_file, "passphrase of " + file + ": "); });
}

Result<std::unique_ptr<node::Network>> PartyCommands::connect(const crypto::Seed& own) const
{
    node::RemoteOptions options;
    options.identity = own;
    const std::size_t colon = m_access.node.rfind(':');
    const std::string port = colon == std::string::npos ? "" : m_access.node.substr(colon + 1);
    const auto read = std::from_chars(port.data(), port.data() + port.size(), options.port);
    if (port.empty() || read.ec != std::errc{} || read.ptr != port.data() + port.size() || options.port == 0)
        return failure(Error::invalid_input, fmt::format("--node is HOST:PORT, not \"{}\"", m_access.node));
    options.host = m_access.node.substr(0, colon);
    if (!m_access.node_identity.empty()) {
        options.node = digest_from_hex(m_access.node_identity);
        if (!options.node) return failure(Error::invalid_input, "--node-identity is 64 hexadecimal characters; the node's log shows it");
    }
    ASSAY_TRY_ASSIGN(std::unique_ptr<node::RemoteNetwork> network, node::RemoteNetwork::make(options));
    return std::unique_ptr<node::Network>{std::move(network)};
}

Result<int> PartyCommands::run()
{
    if (m_key_make->parsed() || m_key_show->parsed() || m_key_beacon->parsed()) return run_key();
    stop_on_signals();
    const bool is_watching = m_watch_command->parsed();
    crypto::Seed own = node::new_seed(); // a watcher's connection has a key for one time
    if (!is_watching) {
        ASSAY_TRY_ASSIGN(own, seed());
    }
    ASSAY_TRY_ASSIGN(const std::unique_ptr<node::Network> network, connect(own));
    if (is_watching) {
        ASSAY_TRY(watch(*network, m_watch, stop_requested));
        return 0;
    }
    if (m_solve_command->parsed()) {
        ASSAY_TRY(solve(*network, own, m_solve, stop_requested));
        return 0;
    }
    if (m_beacon_command->parsed()) {
        ASSAY_TRY(draw(*network, own, m_beacon_tasks, stop_requested));
        return 0;
    }
    if (m_verify_command->parsed()) {
        ASSAY_TRY(verify(*network, own, m_verify, stop_requested));
        return 0;
    }
    m_submit.training.threads = m_submit.party.threads;
    ASSAY_TRY_ASSIGN(const Outcome outcome, submit(*network, own, m_submit, stop_requested));
    return status_of(outcome);
}

} // namespace assay::app
