// What terms make cheating a bad deal: stakes, audits, bonds and what they cost. Spec: spec/economics.md derives every formula.
//
// Two kinds of function. Stakes, bonds and payments are exact integers, rounded in favour of safety, because a ledger may hold somebody
// to them. Probabilities and returns are doubles, because they are advice for people, and nothing that is judged depends on them.
// Amounts are in the ledger's smallest unit and at most economics_amount_max; shares are in parts per million.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace assay::market {

inline constexpr std::uint64_t economics_amount_max = std::uint64_t{1} << 61;
inline constexpr std::uint32_t million = 1'000'000;

// A probability as a fraction. Requires, wherever one is taken: numerator <= denominator, 1 <= denominator <= 2^20.
struct Ratio {
    std::uint64_t numerator = 0;
    std::uint64_t denominator = 1;
};

// What an audit looks like on the ledger: `verifiers` are drawn by stake, and each replays the same `audited` of `segments`, which are
// drawn without replacement. `colluding` of all verifiers' stake is in the hands of the solver's friends.
struct AuditPlan {
    std::uint32_t segments = 0;
    std::uint32_t audited = 0;
    std::uint32_t colluding = 0; // parts per million
    std::uint32_t verifiers = 1;
};
inline constexpr std::uint32_t verifiers_drawn_max = 8; // as the ledger has it

// The probability that all drawn verifiers are friends, at most: colluding to the power of verifiers, in parts per million, rounded up.
// Requires: verifiers from 1 to verifiers_drawn_max; colluding of at most a million. Spec: ECON-1.
std::uint32_t friends_only(const AuditPlan& plan);

// The same for a pool of `pool` equal stakes, `friends` of them friendly, from which the drawn ones are taken without replacement.
// Requires: verifiers <= pool, friends <= pool. Spec: ECON-1.
double friends_only_of(std::uint32_t pool, std::uint32_t friends, std::uint32_t verifiers);

// The probability that one of `wrong` wrong segments is among the drawn. Requires: audited, wrong <= segments. Spec: ECON-1.
double meeting_probability(const AuditPlan& plan, std::uint32_t wrong);

// The probability that an honest verifier meets one of them. Requires: as both above. Spec: ECON-1.
double detection_probability(const AuditPlan& plan, std::uint32_t wrong);

// The same when every audit draws from all segments, of which the share `wrong` (parts per million) is wrong. Spec: ECON-1.
double detection_probability_with_replacement(std::uint32_t audited, std::uint32_t wrong);

// The fewest audits with replacement that find a share `wrong` with at least the probability `wanted`, both in parts per million.
// Requires: both above 0; wanted below a million. Spec: ECON-1.
std::uint32_t audits_needed(std::uint32_t wrong, std::uint32_t wanted);

// One way to cheat, and what it is worth.
struct Cheat {
    std::uint64_t saved = 0;            // what the cheat saves, Δc
    std::uint64_t gained = 0;           // what it gains beside the reward when it is not caught, V
    std::uint64_t reward = 0;           // R, lost when it is caught
    Ratio caught;                       // q
    std::uint32_t challenger_share = 0; // λ, of a slash, in parts per million
    std::uint32_t self_challenge = 0;   // σ, probability that the challenger is the cheat itself, in parts per million
};

// The smallest stake at which this cheat does not pay; nothing where no stake does or where it is above economics_amount_max.
// Requires: saved + gained within economics_amount_max. Spec: ECON-2.
std::optional<std::uint64_t> stake_min(const Cheat& cheat);

// How much of a slash a cheat can get back by convicting itself before others do: it gets the share `challenger_share` with the
// probability `self_challenge`, both in parts per million.
struct Recycling {
    std::uint32_t challenger_share = 0;
    std::uint32_t self_challenge = 0;
};

// The smallest stake at which no fraction of skipped work pays, neither to somebody who could do the job at `job_cost` nor to somebody
// who never meant to; the reward is lost with the stake. Nothing without an honest audit. Requires: reward at least job_cost.
// Spec: ECON-3.
std::optional<std::uint64_t> stake_min_against_laziness(std::uint64_t job_cost, std::uint64_t reward, const AuditPlan& plan,
                                                        const Recycling& recycling = {});

// The smallest stake at which one poisoned step does not pay whoever gains `gained` from it. Spec: ECON-4.
std::optional<std::uint64_t> stake_min_against_poison(std::uint64_t gained, std::uint64_t reward, const AuditPlan& plan,
                                                      const Recycling& recycling = {});

// The rate, in parts per million and rounded up, at which a named verifier must be asked what only a replay can know, so that
// not replaying loses. Nothing where the penalty is not above the cost of an answer, or where no rate is enough. Spec: ECON-5.
std::optional<std::uint32_t> attention_rate_min(std::uint64_t replay_cost, std::uint64_t answer_cost, std::uint64_t penalty);

// The rate, in parts per million and rounded up, at which a submitter must plant a fault in a segment of its own tasks, so that a verifier
// loses that copies the roots which a solver offers it, instead of replaying: `replay_cost` is that of one segment, `verifier_stake` what
// it loses. Nothing where no rate is enough. Spec: ECON-5.
std::optional<std::uint32_t> planted_rate_min(const AuditPlan& plan, std::uint64_t replay_cost, std::uint64_t verifier_stake);

// The smallest stake at which, where every solver skips some segment and offers its roots, a verifier that replays and gets the
// challenger's share gains more than one that copies: however many are skipped or drawn. Nothing without a share, or above
// economics_amount_max. Spec: ECON-13.
std::optional<std::uint64_t> stake_min_for_attention(std::uint64_t job_cost, std::uint32_t challenger_share);

// The smallest stake of a verifier at which, whatever solvers do, one that replays gains at least as much as one that copies what is offered:
// also where every solver has itself convicted before anybody replays, so that looking earns nothing but in tasks with a planted fault.
// `replay_cost` is that of one segment. Requires: planted_rate from 1 to a million. Nothing above economics_amount_max. Spec: ECON-16.
std::optional<std::uint64_t> verifier_stake_min_for_attention(const AuditPlan& plan, std::uint64_t replay_cost, std::uint64_t audit_fee,
                                                              std::uint32_t planted_rate);

// The probability of a conviction by an outsider, in parts per million and rounded up, above which a verifier gains that makes its roots up:
// its fee is paid then, and its stake lost otherwise. Requires: a fee or a stake. Spec: ECON-14.
std::uint32_t guess_threshold(std::uint64_t audit_fee, std::uint64_t verifier_stake);

// The probability that nobody contests, in parts per million and rounded up, above which a verifier gains that defends a wrong root: it keeps
// its stake then and is paid, and loses at least half of the bond besides its stake otherwise. Requires: one of them. Spec: ECON-15.
std::uint32_t defence_threshold(std::uint64_t challenge_bond, std::uint64_t audit_fee, std::uint64_t verifier_stake);

// The smallest prize for finding a planted fault that pays for looking, when faults are planted at `rate` parts per million.
// Requires: rate above 0. Nothing above economics_amount_max. Spec: ECON-6.
std::optional<std::uint64_t> jackpot_min(std::uint64_t replay_cost, std::uint32_t rate);

// What each of `claimants` gets of a jackpot: a 2^(claimants - 1)-th, rounded down. Requires: claimants above 0. Spec: ECON-6.
std::uint64_t claim_of(std::uint64_t jackpot, std::uint32_t claimants);

// The cost of a frivolous challenge to its victim, and to its maker.
struct Grief {
    std::uint64_t defence = 0;       // replaying and answering, and what must be staked for it
    std::uint64_t tick_of_delay = 0; // what a tick of waiting costs those who wait
    std::uint64_t ticks = 0;         // the longest that the dispute can take
    std::uint64_t own = 0;           // what its maker spends besides the bond, at least
};

// Nothing above economics_amount_max. Spec: ECON-7.
std::optional<std::uint64_t> cost_of(const Grief& grief);

// The smallest bond that makes a false challenge cost its maker at least what it costs its victim, and makes the victim whole, when the
// victim gets `victim_share` (parts per million) of it. Requires: victim_share above 0. Nothing above economics_amount_max. Spec: ECON-7.
std::optional<std::uint64_t> bond_min(const Grief& grief, std::uint32_t victim_share);

// The smallest bond that makes a false challenge cost its maker `ratio` (parts per million) times what it costs its victim: the
// resource ratio of BoLD. Nothing above economics_amount_max. Spec: ECON-11.
std::optional<std::uint64_t> bond_min_for_ratio(const Grief& grief, std::uint64_t ratio);

// What it costs to have `stake` locked, at `rate` parts per million a year, rounded up. Spec: ECON-8.
std::uint64_t capital_cost(std::uint64_t stake, std::uint32_t rate, std::uint64_t locked_seconds);
inline constexpr std::uint64_t year_seconds = 365 * 24 * 3600;

// What an honest party earns a year on its locked stake, as a share of it. Requires: stake and locked_seconds above 0. Spec: ECON-8.
double return_on_capital(std::uint64_t reward, std::uint64_t cost, std::uint64_t stake, std::uint64_t locked_seconds);

// A job, and what its submitter believes of the world.
struct Job {
    std::uint64_t reward = 0;
    std::uint64_t cost = 0;
    std::uint32_t segments = 0;
    std::uint32_t colluding = 0;                    // share of verifiers who work for the solver, parts per million
    std::uint64_t poison_gain = 0;                  // what one wrong step would be worth to somebody; 0 where nobody gains
    std::uint32_t capital_rate = 0;                 // a year, parts per million
    std::uint32_t planted_rate = 0;                 // of the submitter's tasks hold a planted fault, parts per million
    std::uint32_t margin = 250'000;                 // how far stakes stand above their minimum, parts per million
    std::uint64_t job_seconds = 0;                  // honest training time
    std::uint64_t tick_of_delay = 0;                // what one second of delay costs those who wait
    std::uint64_t dispute_seconds = 0;              // the longest dispute under the task's clocks
    std::uint64_t stake_max = economics_amount_max; // the largest stake that solvers can be asked for
    std::uint32_t audited_max = ~0U;                // segments that a verifier replays; the ledger draws at most 64
    std::uint32_t detection_floor = 0;       // a run with the share below skipped must be found at least this often, parts per million
    std::uint32_t detection_share = 100'000; // parts per million
    Recycling recycling{500'000, million};   // a cheat that is found convicts itself first
};

// A point of the frontier: more audits, less stake. Stakes include the margin; nothing stands for "no stake is enough".
struct FrontierPoint {
    std::uint32_t audited = 0;
    std::uint32_t verifiers = 1;               // who replay them
    std::uint64_t audit_cost = 0;              // of all verifiers
    double detected = 0;                       // how often a run with the job's detection_share skipped is found
    std::optional<std::uint64_t> lazy_stake;   // against skipped work
    std::optional<std::uint64_t> poison_stake; // against one wrong step
    std::uint64_t capital = 0;                 // cost of locking stake()

    [[nodiscard]] std::optional<std::uint64_t> stake() const; // the larger of the two
};

// All numbers of audits up to 17, then those about 6 % apart, and the most that there may be, by this many verifiers. Requires: segments,
// cost and audited_max above 0; colluding below a million; times of at most a hundred years; reward at least cost. Spec: ECON-9.
std::vector<FrontierPoint> frontier(const Job& job, std::uint32_t verifiers = 1);

struct Recommendation {
    FrontierPoint point;
    std::uint64_t stake =
        0; // of the solver: the point's, or that of ECON-13 where it is larger and may be asked for and no faults are planted
    std::uint64_t capital = 0;   // cost of locking it
    bool attention_pays = false; // whatever solvers do, by planted faults; or by the stake where cheats don't convict themselves
    std::uint64_t verifier_stake = 0;
    std::uint64_t audit_fee = 0;      // of each verifier: its replays with the margin, and what locking its stake costs
    std::uint32_t attention_rate = 0; // parts per million, where not every verifier is asked for a receipt
    std::uint64_t challenger_bond = 0;
    std::uint64_t window_seconds = 0;          // for challenges, after the last progress record
    std::uint64_t locked_seconds = 0;          // job, window and dispute: how long the stake is locked
    std::uint64_t verifier_locked_seconds = 0; // window and dispute
};

inline constexpr std::uint32_t verifier_stake_segments = 100;  // a verifier stakes at least what this many segments cost to replay
inline constexpr std::uint32_t victim_share_default = 500'000; // of a lost bond; the rest is burned

// The point of the frontiers of all numbers of verifiers with the least sum of audit and capital cost under which neither skipping work nor
// poisoning it pays, and which finds what the job's floor asks for; with the bonds, fees and times that go with it. Nothing where no
// stake up to stake_max is enough or no audit finds as often. Requires: as frontier(). Spec: ECON-10.
std::optional<Recommendation> recommend(const Job& job);

} // namespace assay::market
