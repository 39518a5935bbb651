// Turns until the work is done, with what happens on the way.
#include "app/parties.hpp"

#include <filesystem>
#include <memory>
#include <thread>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <assay/commit/tensors.hpp>
#include <assay/hash/openssl.hpp>
#include <assay/node/beacon.hpp>
#include <assay/node/solver.hpp>
#include <assay/node/verifier.hpp>
#include <assay/store/memory_store.hpp>
#include <assay/store/rocksdb_store.hpp>

#include "app/cheats.hpp"
#include "app/events.hpp"
#include "app/files.hpp"
#include "app/progress.hpp"
#include "app/training.hpp"

namespace assay::app {

using program::Tensor;

namespace {

constexpr std::chrono::milliseconds retry_after{500};

// Lines with the time, and bars for what takes long.
class Journal {
public:
    void say(const std::string& line)
    {
        if (m_bar) m_bar->clear();
        const std::time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
        fmt::print("{:%H:%M:%S} {}\n", fmt::localtime(now), line);
        std::fflush(stdout);
    }
    void progress(const std::string& what, std::uint64_t done, std::uint64_t all)
    {
        if (all == 0) return;
        if (!m_bar || what != m_what) m_bar = std::make_unique<Progress>(what, all);
        m_what = what;
        m_bar->update(done, "");
        if (done < all) return;
        m_bar->clear();
        m_bar.reset();
    }

private:
    std::string m_what;
    std::unique_ptr<Progress> m_bar;
};

// The folder's store. One party at a time has it open.
Result<std::unique_ptr<store::RocksDbChunkStore>> open_store(const std::string& folder)
{
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error) return failure(Error::file_unwritable, folder + ": " + error.message());
    return store::RocksDbChunkStore::open(folder + "/store", store::OpenMode::create_if_missing);
}

// What a party has followed, as a file beside its store. Spec: PARTY-20.
class ViewFile {
public:
    // Lets the party go on from what is there. One without a folder follows from the first block whenever it starts.
    ViewFile(const std::string& folder, node::Party& party, Journal& journal) : m_party(party), m_journal(journal)
    {
        if (folder.empty()) return;
        m_path = folder + "/view";
        if (!std::filesystem::exists(m_path)) return;
        const auto bytes = read_file(m_path);
        const Status resumed = bytes ? party.resume(*bytes) : Status{bytes.failure()};
        journal.say(resumed ? "goes on from the blocks that it followed before"
                            : m_path + " cannot be used, and is made anew from the first block: " + resumed.failure().message());
    }
    // Writes it, where blocks came since and some time has passed.
    void keep(bool at_once = false)
    {
        const auto now = std::chrono::steady_clock::now();
        if (m_path.empty() || m_party.view().height() == m_height || (!at_once && now - m_kept < m_pause)) return;
        m_height = m_party.view().height();
        const Status kept = write_file(m_path, m_party.sealed_view());
        if (!kept) m_journal.say("could not: " + kept.failure().message()); // it costs time at the next start, and nothing else
        m_kept = std::chrono::steady_clock::now();
        m_pause = std::max<std::chrono::steady_clock::duration>(shortest_pause, costs_at_most * (m_kept - now));
    }

private:
    static constexpr std::chrono::seconds shortest_pause{5};
    static constexpr int costs_at_most = 50; // of this many parts of the time, one
    node::Party& m_party;
    Journal& m_journal;
    std::string m_path; // none: nothing is kept
    std::uint64_t m_height = 0;
    std::chrono::steady_clock::time_point m_kept = std::chrono::steady_clock::now();
    std::chrono::steady_clock::duration m_pause = shortest_pause;
};

std::uint64_t closed_tasks(const node::ChainView& follower)
{
    std::uint64_t closed = 0;
    for (const Digest& task : follower.tasks()) closed += follower.task(task)->is_closed ? 1 : 0;
    return closed;
}

// Takes turns until `done` or `stop`. Returns: whether it is done.
Result<bool> run(node::Party& party, const std::string& folder, node::Network& network, Journal& journal, const std::atomic<bool>& stop,
                 const std::function<Result<bool>()>& done)
{
    bool is_connected = true;
    std::string refused;
    ViewFile followed{folder, party, journal};
    while (!stop) {
        const auto turn = party.turn([&](const node::FollowedBlock&) { followed.keep(); });
        if (!turn && turn.error() == Error::disconnected) {
            if (is_connected) journal.say("no connection: " + turn.failure().message() + "; trying again until it is back");
            is_connected = false;
            std::this_thread::sleep_for(retry_after);
            continue;
        }
        if (!turn) return turn.failure();
        if (!is_connected) journal.say("connected again");
        is_connected = true;
        if (turn->refused) {
            const std::string why = turn->what + ": " + turn->refused->message();
            // Somebody else was faster in saying what is due.
            if (why != refused && turn->urgency != node::Urgency::duty) journal.say("could not: " + why);
            refused = why;
        } else if (!turn->what.empty() && turn->urgency != node::Urgency::work) {
            journal.say(turn->what);
        }
        ASSAY_TRY_ASSIGN(const bool is_done, done());
        if (is_done || stop) {
            followed.keep(true);
            return is_done;
        }
        if (!turn->is_idle()) continue;
        const std::chrono::milliseconds tick{party.view().genesis().tick_milliseconds};
        (void)network.wait(party.view().height(), std::max(tick, std::chrono::milliseconds{20}))
            .has_value(); // the next turn says what is wrong
    }
    return false;
}

node::PartyOptions party_options(const TakingPartOptions& options, Journal& journal)
{
    return {options.threads, std::chrono::milliseconds{300},
            [&journal](const std::string& what, std::uint64_t done, std::uint64_t all) { journal.progress(what, done, all); }};
}

std::function<Result<bool>()> when_closed(const node::Party& party, std::uint64_t tasks)
{
    return [&party, tasks] { return Result<bool>{tasks != 0 && closed_tasks(party.view()) >= tasks}; };
}

void say_balance(const node::Party& party, Journal& journal)
{
    const market::Account* const account = party.view().ledger().account(party.name());
    journal.say(fmt::format("account {}: {} units", short_hex(party.name()), account == nullptr ? 0 : account->balance.units));
}

// Cheats in the middle segment, in its middle step.
Result<node::Cheating> cheating(const std::string& name)
{
    if (name.empty()) return node::Cheating{};
    ASSAY_TRY_ASSIGN(const Cheat* const cheat, find_cheat(name));
    return node::Cheating{
        [cheat](const program::Program& program, const commit::Task& task, std::uint64_t segment) -> Result<replay::Deviation> {
            if (segment != commit::segment_count(task) / 2) return replay::Deviation{};
            return cheat->make(program, commit::segment_steps(task, segment) / 2);
        }};
}

} // namespace

Status solve(node::Network& network, const crypto::Seed& seed, const SolveOptions& options, const std::atomic<bool>& stop)
{
    Journal journal;
    ASSAY_TRY_ASSIGN(const auto own, open_store(options.party.folder));
    ASSAY_TRY_ASSIGN(node::Cheating cheat, cheating(options.cheat));
    const std::optional<market::Amount> price = options.price == 0 ? std::nullopt : std::optional{market::Amount{options.price}};
    node::Solver solver{network, *own, seed, {price, 1, party_options(options.party, journal), std::move(cheat), options.withholds}};
    journal.say("solver " + to_hex(solver.name()));
    ASSAY_TRY(run(solver, options.party.folder, network, journal, stop, when_closed(solver, options.party.tasks)));
    say_balance(solver, journal);
    return {};
}

Status verify(node::Network& network, const crypto::Seed& seed, const VerifyOptions& options, const std::atomic<bool>& stop)
{
    Journal journal;
    ASSAY_TRY_ASSIGN(const auto own, open_store(options.party.folder));
    node::Verifier verifier{
        network, *own, seed, {{options.stake}, options.everything, options.is_lazy, party_options(options.party, journal)}};
    journal.say("verifier " + to_hex(verifier.name()));
    ASSAY_TRY(run(verifier, options.party.folder, network, journal, stop, when_closed(verifier, options.party.tasks)));
    say_balance(verifier, journal);
    return {};
}

Status draw(node::Network& network, const crypto::Seed& seed, std::uint64_t tasks, const std::atomic<bool>& stop)
{
    Journal journal;
    store::MemoryChunkStore nothing;
    node::Beacon beacon{network, nothing, seed};
    ASSAY_TRY_ASSIGN(const node::Genesis genesis, network.genesis());
    if (genesis.rules.beacon != node::Identity{seed}.drawer().public_key())
        return failure(Error::invalid_key, "this network's beacon has another key, " + to_hex(genesis.rules.beacon.bytes) +
                                               ": assay key beacon FILE shows a key file's");
    journal.say("beacon " + to_hex(beacon.name()));
    ASSAY_TRY(run(beacon, "", network, journal, stop, when_closed(beacon, tasks)));
    return {};
}

Status watch(node::Network& network, const WatchOptions& options, const std::atomic<bool>& stop)
{
    Journal journal;
    std::optional<node::ChainView> follower;
    const auto seen = [&](const node::FollowedBlock& followed) {
        for (const market::Event& event : followed.events)
            if (event.kind != market::EventKind::paid && event.kind != market::EventKind::burned && event.kind != market::EventKind::taken)
                journal.say(
                    fmt::format("block {}, tick {}: {}", followed.block.header.height, followed.block.header.now.value, to_text(event)));
    };
    bool is_connected = true;
    while (!stop) {
        Status status;
        if (!follower) {
            auto started = node::ChainView::start(network);
            if (started) follower = std::move(*started);
            else status = started.failure();
        }
        if (follower) {
            if (const auto followed = follower->follow(network, seen); !followed) status = followed.failure();
        }
        if (!status && status.error() != Error::disconnected) return status;
        if (status.ok() != is_connected) journal.say(is_connected ? "no connection: " + status.failure().message() : "connected again");
        is_connected = status.ok();
        if (!is_connected) {
            std::this_thread::sleep_for(retry_after);
            continue;
        }
        if (follower->ledger().counted() != follower->ledger().supply())
            return failure(Error::invalid_block, "the money is not what there was at the start");
        if (options.tasks != 0 && closed_tasks(*follower) >= options.tasks) break;
        (void)network.wait(follower->height(), std::chrono::milliseconds{1000}).has_value();
    }
    if (!follower) return {};
    journal.say(fmt::format("{} blocks follow from the first; head {}; {} tasks, {} closed", follower->height(), to_hex(follower->head()),
                            follower->tasks().size(), closed_tasks(*follower)));
    return {};
}

namespace {

Status write_result(const std::string& path, std::span<const program::Declaration> declarations, std::span<const Tensor> state)
{
    std::vector<NamedTensor> named;
    for (std::size_t i = 0; i < state.size(); ++i)
        named.push_back({declarations[i].name, declarations[i].type, {state[i].bytes().begin(), state[i].bytes().end()}});
    return write_file(path, encode(named));
}

Result<Outcome> bring_home(node::Submitter& submitter, const Problem& problem, const SubmitOptions& options, Journal& journal)
{
    ASSAY_TRY_ASSIGN(const node::TaskHistory* const history, submitter.history());
    if (history->is_convicted) {
        journal.say("the solver was convicted; the reward came back. Submit again from another folder to have it done");
        return Outcome::convicted;
    }
    if (options.withdraws && history->states.empty()) {
        journal.say("the task was taken back");
        return Outcome::withdrawn;
    }
    if (!history->is_complete()) {
        journal.say(fmt::format("nobody finished the task: {} of {} segments were recorded; offer more, or more time",
                                history->states.size(), commit::segment_count(history->posting.task)));
        return Outcome::incomplete;
    }
    ASSAY_TRY_ASSIGN(const std::vector<Tensor> state, submitter.result());
    if (commit::state_digest(std::span<const Tensor>{state}, hash::sha256_openssl) != history->states.back())
        return failure(Error::state_mismatch, "the result is not what was recorded");
    const std::string path = options.party.folder + "/result";
    ASSAY_TRY(write_result(path, problem.programs.training.states(), state));
    ASSAY_TRY_ASSIGN(const Evaluation evaluation, evaluate(problem, state, options.party.threads));
    journal.say(fmt::format("held out: loss {:.4f}, {:.2f} % of predictions right", evaluation.loss, 100 * evaluation.accuracy));
    journal.say("the result is home, and has the digest that was recorded and audited: " + path);
    return Outcome::complete;
}

} // namespace

Result<Outcome> submit(node::Network& network, const crypto::Seed& seed, const SubmitOptions& options, const std::atomic<bool>& stop)
{
    Journal journal;
    ASSAY_TRY_ASSIGN(const auto own, open_store(options.party.folder));
    ASSAY_TRY_ASSIGN(const Problem problem, make_problem(options.problem));
    ASSAY_TRY_ASSIGN(const bool goes_on, node::Submitter::has_task(*own));
    std::optional<node::NewTask> task;
    if (!goes_on && options.withdraws)
        return failure(Error::not_available, options.party.folder + ": holds no task that could be taken back: name its --folder");
    if (!goes_on) {
        auto genesis = network.genesis();
        while (!genesis && genesis.error() == Error::disconnected && !stop) {
            journal.say(genesis.failure().message());
            std::this_thread::sleep_for(retry_after);
            genesis = network.genesis();
        }
        if (!genesis) return genesis.failure();
        ASSAY_TRY_ASSIGN(task, make_new_task(problem, options.problem, options.training, options.offer, *genesis, node::Identity{seed}));
    }
    ASSAY_TRY_ASSIGN(const auto submitter, node::Submitter::start(network, *own, seed, task, party_options(options.party, journal)));
    journal.say(fmt::format("submitter {}: {}{}", to_hex(submitter->name()), problem.description,
                            goes_on ? "; goes on with the task of this folder" : ""));
    if (options.withdraws) submitter->withdraw();
    std::string known;
    ASSAY_TRY_ASSIGN(const bool is_closed, run(*submitter, options.party.folder, network, journal, stop, [&]() -> Result<bool> {
                         ASSAY_TRY_ASSIGN(const node::TaskHistory* const history, submitter->history());
                         if (history == nullptr) return options.withdraws; // never posted
                         ASSAY_TRY_ASSIGN(const std::optional<Digest> id, submitter->task());
                         const market::TaskState& state = *submitter->view().ledger().task(*id);
                         const std::string here =
                             fmt::format("task {}: {}, {} of {} segments recorded", short_hex(*id), name_of(state.phase),
                                         history->states.size(), commit::segment_count(history->posting.task));
                         if (here != known) journal.say(here);
                         known = here;
                         return history->is_closed;
                     }));
    if (!is_closed) return Outcome::stopped;
    say_balance(*submitter, journal);
    ASSAY_TRY_ASSIGN(const node::TaskHistory* const posted, submitter->history());
    if (posted == nullptr) return Outcome::withdrawn;
    return bring_home(*submitter, problem, options, journal);
}

} // namespace assay::app
