// A market that is played on the ledger: agents who work, cheat, collude and harass send transactions, time passes in ticks, runs are
// committed and really wrong where somebody cheated, draws come from verifiable randomness, and disputes are games that are played to
// their end. What anybody gained is read off the ledger's accounts. Library: assay::testing. Spec: spec/economics.md.
#pragma once

#include <assay/market/economics.hpp>
#include <assay/market/ledger.hpp>
#include <assay/sim/random.hpp>

namespace assay::sim {

// What all tasks of a market have in common. Amounts are in the ledger's smallest unit; what parties spend outside of the ledger, on
// computing, is an amount as well.
struct MarketTerms {
    std::uint32_t segments = 10; // of a run, at most market::segments_max
    std::uint32_t audited = 1;   // of them, at most market::segments_drawn_max
    std::uint32_t verifiers = 1; // who are drawn, at most market::verifiers_per_task_max
    std::uint64_t reward = 0;
    std::uint64_t job_cost = 0; // of all segments; replaying one costs a segment's part
    std::uint64_t stake = 0;
    std::uint64_t poison_gain = 0;
    std::uint64_t challenge_bond = 1;
    std::uint64_t audit_fee = 0;
    std::uint64_t verifier_stake = 0;
    std::uint64_t jackpot = 0;
    std::uint16_t finder_share = 500; // of a slash, in thousandths
};

// What a solver does.
enum class Conduct : std::uint8_t {
    honest,
    leaking,         // honest, and shows its roots to every verifier that asks
    lazy,            // skips segments: their states are the ones before
    poisoning,       // makes one number of one segment wrong, for a gain outside of the ledger
    self_convicting, // lazy; when an honest verifier is drawn for a skipped segment, a friend of it proves a fraud first, for the finder's
                     // share
    planted,         // the submitter's own: poisons the segment that the posting committed to
    framing,         // honest, but when verifiers have attested to its segments, it lets a friend convict it of one, to harm them; the
                     // friend contests the first verifier that defends its root
};
std::string_view name_of(Conduct conduct);

struct Strategy {
    Conduct conduct = Conduct::honest;
    std::uint32_t wrong = 0; // segments that are skipped; one is poisoned or planted
    friend bool operator==(const Strategy&, const Strategy&) = default;
};

// What a verifier does when it is drawn.
enum class VerifierConduct : std::uint8_t {
    replaying, // and challenges what is wrong
    copying,   // takes the roots that a solver offers (all but honest ones offer them), and replays only where none are offered
    guessing,  // makes its roots up
};
// Who replayed defends a root that was convicted, and whoever convicted contests every defence of a wrong one. Spec: MARKET-25, MARKET-26.

std::string_view name_of(VerifierConduct conduct);

// False challenges of a task whose solver is honest.
struct Harassment {
    std::uint32_t challenges = 0; // at most market::disputes_per_price, so that each has the same bond
    bool argues = false;          // plays each game to its end with a run of its own making; otherwise it falls silent at once
    std::uint64_t after = 0;      // ticks of the window that pass before it challenges
};

struct Assignment {
    Strategy solver;
    Harassment harassment;
};

struct AuditResult {
    std::uint32_t seat = 0; // of the verifier, in the order of MarketSetup::verifiers
    VerifierConduct conduct = VerifierConduct::replaying;
    std::int64_t gain = 0; // in this task, less what replaying cost it
};

struct TaskResult {
    bool is_convicted = false;
    std::int64_t solver = 0;     // what the solver, and who works for it, gained; less its work, with what poison is worth to it
    std::int64_t harasser = 0;   // what false challenges gained
    std::uint64_t over_time = 0; // ticks from the end of the window to the settlement
    std::uint32_t moves = 0;     // of all games
    std::vector<AuditResult> audits;
};

struct MarketSetup {
    std::uint32_t agents = 8; // solvers, and tasks that are open at once
    std::vector<VerifierConduct> verifiers;
    bool copiers_defend = false; // verifiers that copied a root which was convicted defend it, too
    bool signs = false; // every transaction and record is signed and checked; otherwise only what games and draws check themselves
    std::uint64_t seed = 1;
};

// One thread may use it at a time. It grows with the tasks that it has played, as a ledger does.
class Market {
public:
    // Errors: invalid_terms, limit_exceeded: what the ledger does not accept.
    static Result<Market> open(const MarketTerms& terms, MarketSetup setup);
    ~Market();
    Market(Market&&) noexcept;

    // Plays one task for each agent in turn, all open at once, from their posting to their settlement. Afterwards verifiers that lost their
    // place have joined again, and who became poor was given money. Requires: at most as many as there are agents.
    std::vector<TaskResult> play(std::span<const Assignment> assignments);

    // Verifiers may change their minds between tasks. Requires: as many as there were.
    void set_verifiers(std::span<const VerifierConduct> verifiers);

    [[nodiscard]] const market::Ledger& ledger() const;
    [[nodiscard]] std::uint64_t transactions() const; // that were applied
    // The longest that a game can last under the market's clocks, and that false challenges can delay a settlement. Spec: ECON-12.
    [[nodiscard]] std::uint64_t dispute_ticks_max() const;
    // The first invariant that did not hold: the ledger's money is what it was; nothing stays locked in a task that is closed; no honest
    // solver and no replaying verifier loses a stake; who is convicted did cheat; nothing that an honest party does is refused. Empty when
    // all did.
    [[nodiscard]] const std::string& broken() const;

private:
    struct Parts;
    explicit Market(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> m_parts;
};

} // namespace assay::sim
