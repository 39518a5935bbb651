// What a simulated market is made of: parties with keys, the ledger, and the tasks that are open.
#pragma once

#include <assay/sim/market.hpp>

#include "sim/tiny_run.hpp"

namespace assay::sim {

struct Party {
    crypto::KeyPair keys;
    [[nodiscard]] const Digest& id() const { return keys.identity(); }
};

struct Agent {
    Party solver, accomplice;
};

struct Seat {
    Party party;
    VerifierConduct conduct = VerifierConduct::replaying;
};

// A task on its way.
struct OpenTask {
    Assignment assignment;
    Digest id;
    std::vector<Work> work; // of each segment
    market::Plant plant;
    std::int64_t solver_before = 0;
    std::uint64_t window_ends = 0; // 0 where it never began
    TaskResult result;
};

struct Market::Parts {
    Parts(const MarketTerms& market_terms, MarketSetup market_setup);

    // Applies a transaction. What an honest party does must not be refused.
    void act(const Party& author, market::Body body);
    void require(bool holds, std::string_view invariant);
    void wait(std::uint64_t ticks);
    [[nodiscard]] Digest fresh_digest();
    [[nodiscard]] std::int64_t wealth(const Party& party) const;         // its balance
    [[nodiscard]] std::int64_t wealth_of_seat(std::uint32_t seat) const; // and its stake as a verifier
    [[nodiscard]] const market::TaskState& state(const OpenTask& task) const { return *ledger->task(task.id); }
    [[nodiscard]] std::uint64_t replay_cost() const { return terms.job_cost / terms.segments; }
    [[nodiscard]] market::Terms ledger_terms() const;
    Status start();
    void refill();

    // The parts of a task's life, for all open tasks.
    void assign(std::vector<OpenTask>& tasks, std::span<const Assignment> assignments);
    void train(std::vector<OpenTask>& tasks);
    void audit(std::vector<OpenTask>& tasks);
    void dispute(std::vector<OpenTask>& tasks);
    void settle(std::vector<OpenTask>& tasks);

    void convict_itself(OpenTask& task, const Agent& agent);
    void challenge_what_is_wrong(OpenTask& task, const Agent& agent);
    void frame(OpenTask& task, const Agent& agent);
    void harass(OpenTask& task, const Agent& agent);
    // Verifiers stand by their roots, and `finder` contests those that are wrong; who framed them contests one.
    void defend(OpenTask& task, const Agent& agent, const Party& finder);
    void play_games(OpenTask& task, const Agent& agent);
    // The party that makes the next move of a game, and its run of the segment.
    [[nodiscard]] std::pair<const Party*, Work> mover_of(const OpenTask& task, const Agent& agent, const dispute::Game& game, std::uint64_t segment) const;
    void claim_timeouts(std::vector<OpenTask>& tasks);
    void begin_defending(OpenTask& task);
    void finish(OpenTask& task, const Agent& agent);
    void check(const OpenTask& task);
    std::vector<Digest> roots_of(const OpenTask& task, std::uint32_t seat, bool& replayed);
    [[nodiscard]] const Digest& before(const OpenTask& task, std::uint64_t segment) const;
    [[nodiscard]] bool is_wrong(const OpenTask& task, std::uint64_t segment) const { return task.work[segment] != Work::honest; }
    [[nodiscard]] bool is_met(const OpenTask& task) const; // a wrong segment was drawn
    [[nodiscard]] bool is_among_friends(const OpenTask& task) const;
    // Adds to the auditors' gains what they have more when `act` is done.
    template <class Act>
    void count_gains(OpenTask& task, Act does)
    {
        for (AuditResult& audit : task.result.audits) audit.gain -= wealth_of_seat(audit.seat);
        task.result.harasser -= wealth(harasser);
        does();
        for (AuditResult& audit : task.result.audits) audit.gain += wealth_of_seat(audit.seat);
        task.result.harasser += wealth(harasser);
    }

    MarketTerms terms;
    MarketSetup setup;
    Random random;
    TinyRun run;
    Party treasury, submitter, watchman, harasser;
    crypto::VrfKey drawer;
    std::vector<Agent> agents;
    std::vector<Seat> seats;
    std::optional<market::Ledger> ledger;
    Bytes program;
    std::uint64_t applied = 0;
    std::uint64_t digests = 0;
    std::uint64_t dispute_ticks = 0;
    std::string broken;
};

inline constexpr std::uint64_t phase_ticks = 10;

} // namespace assay::sim
