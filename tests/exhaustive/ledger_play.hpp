// A small market at play: parties that do what they may, what they may not, and nonsense, with time, all following from a seed.
#pragma once

#include <map>

#include <assay/hash/openssl.hpp>
#include <assay/market/block.hpp>
#include <assay/market/draw.hpp>

#include "tests/unit/dispute/toy_task.hpp"

namespace assay::test {

// Numbers that follow from a seed (splitmix64, public domain by S. Vigna).
class Random {
public:
    explicit Random(std::uint64_t seed) : m_state(seed) {}
    std::uint64_t next()
    {
        std::uint64_t z = (m_state += 0x9e3779b97f4a7c15);
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
        return z ^ (z >> 31);
    }
    std::uint64_t below(std::uint64_t limit) { return next() % limit; }
    bool one_in(std::uint64_t n) { return below(n) == 0; }
    Digest digest() { return Digest{{static_cast<std::uint8_t>(next()), static_cast<std::uint8_t>(next())}}; }

private:
    std::uint64_t m_state;
};

// A run of the toy task in two segments, honest or with a forged number in the first; where that is given, the first ends in this state
// although.
class Script {
public:
    Script(std::uint64_t steps, bool lies, std::optional<std::vector<program::Tensor>> ends_in = {});
    replay::RunTrace& segment(std::size_t index) { return m_segments.at(index); }
    [[nodiscard]] const Digest& state(std::size_t index) const { return m_states.at(index); }
    [[nodiscard]] const Digest& root(std::size_t index) const { return m_roots.at(index); }
    // The tensors of the state with this digest; nothing where the run has none such.
    [[nodiscard]] const std::vector<program::Tensor>* tensors(const Digest& state) const;

private:
    std::vector<replay::RunTrace> m_segments;
    std::vector<Digest> m_states, m_roots;
    std::map<Digest, std::vector<program::Tensor>> m_tensors;
};

// What is the same in all markets, and made once: keys, runs, the posting.
class Stage {
public:
    static constexpr std::size_t parties = 8;
    Stage();

    std::vector<crypto::KeyPair> keys;
    crypto::VrfKey drawer, beacon;
    market::Rules rules;
    market::Posting posting; // of segments of two steps
    std::shared_ptr<const commit::CommittedProgram> program;
    Script& script(bool is_short, bool lies) { return m_scripts[(is_short ? 2U : 0U) + (lies ? 1U : 0U)]; }
    // A run with the honest states that loses a game about its first segment.
    Script& losing(bool is_short) { return m_losing[is_short ? 1 : 0]; }
    crypto::VrfProof draw(const crypto::VrfKey& key, const Bytes& input);
    // A solver's record with its signature.
    market::SignedProgress sign(std::size_t party, const market::Progress& progress);

private:
    std::vector<Script> m_scripts, m_losing;
    std::map<std::string, crypto::VrfProof> m_draws;
};

// One market.
class Market {
public:
    Market(Stage& stage, std::uint64_t seed);

    // What happens next: a transaction that somebody makes, or, with nothing, time.
    std::optional<market::Transaction> next(const market::Ledger& ledger);
    // How far time goes.
    Tick later(const market::Ledger& ledger);
    // To be told of every transaction that was accepted.
    void accepted(const market::Ledger& ledger, const market::Transaction& transaction);

    [[nodiscard]] const market::Ledger& start() const { return m_start; }
    // A transaction that brings an open task nearer to its end, once time has made something due.
    [[nodiscard]] static std::optional<market::Body> due(const market::Ledger& ledger);

private:
    struct Secret {
        std::size_t submitter = 0;
        bool is_short = false, lies = false; // which script its solvers play
        std::optional<market::Plant> plant;
        std::map<std::size_t, std::pair<market::Amount, Digest>> bids;
        bool forges_root = false;
        bool loses = false; // games about right states, on purpose
        std::optional<market::SignedProgress> last;
    };

    std::size_t party() { return m_random.below(Stage::parties); }
    std::size_t party_of(const Digest& id) const;
    market::Body nonsense(const market::Ledger& ledger);
    std::pair<std::size_t, market::Body> sensible(const market::Ledger& ledger);
    std::pair<std::size_t, market::Body> about(const market::Ledger& ledger, const market::TaskState& task);
    std::pair<std::size_t, market::Body> running(const market::TaskState& task, Secret& secret);
    std::pair<std::size_t, market::Body> auditing(const market::TaskState& task, Secret& secret);
    std::pair<std::size_t, market::Body> defending(const market::TaskState& task);
    std::pair<std::size_t, market::Body> demanding(const market::TaskState& task, Secret& secret);
    std::pair<std::size_t, market::Body> disputing(const market::TaskState& task, Secret& secret);
    market::Body fraud(const market::TaskState& task, Secret& secret);
    market::Body draw(const market::TaskState& task);
    market::Progress record(const market::TaskState& task, const Secret& secret, std::size_t solver);
    market::Post post(std::size_t author);
    Digest root(const market::TaskState& task, const Secret& secret, std::uint64_t segment);
    std::vector<Digest> receipt_roots(const market::TaskState& task, const Secret& secret, std::size_t verifier);
    const market::TaskState* any_task(const market::Ledger& ledger);

    Stage* m_stage;
    Random m_random;
    market::Ledger m_start;
    std::map<Digest, Secret> m_secrets;
    std::optional<Secret> m_posting; // of the posting that was just tried
};

} // namespace assay::test
