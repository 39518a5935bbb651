// The ledger: a pure state machine. Transactions go in, events or a refusal come out; time is handed in, and nothing else is known.
// Spec: spec/market.md, spec/audit.md.
//
// A transaction applies whole or is refused with a reason and changes nothing. Money is conserved: what a transaction takes from the
// entries that it touches, it puts into others or burns, and this is checked on every transaction, always. The ledger of the same rules,
// allocations and blocks is the same ledger, digest for digest.
#pragma once

#include <unordered_map>

#include <assay/market/events.hpp>
#include <assay/market/slot_tree.hpp>
#include <assay/market/transaction.hpp>

namespace assay::market {

// What the ledger has seen of a party. Nothing here is a claim of the party's own.
struct Standing {
    Availability deadlines;
    std::uint64_t operations_per_tick = 0; // in its last verified benchmark; 0 for none
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.deadlines, self.operations_per_tick);
    }
    friend bool operator==(const Standing&, const Standing&) = default;
};

struct Account {
    Digest id;
    Amount balance;
    std::uint64_t transactions = 0; // made so far: the number of the next
    Standing standing;
    std::optional<std::uint32_t> verifier; // its place among the verifiers
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.id, self.balance, self.transactions, self.standing, self.verifier);
    }
    friend bool operator==(const Account&, const Account&) = default;
};

// A place among the verifiers. Its weight never changes, so that who could be drawn for a record is fixed when the record is there.
struct Verifier {
    Digest owner;
    Amount stake;
    Amount locked; // of it, by tasks that are open
    std::uint64_t weight = 0;
    Tick active_from;
    std::optional<Tick> left;
    bool is_gone = false; // its stake was returned; the place can be another's
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.owner, self.stake, self.locked, self.weight, self.active_from, self.left, self.is_gone);
    }
    friend bool operator==(const Verifier&, const Verifier&) = default;
};

// So that no deadline wraps: a dispute's clocks end at 2^62.
inline constexpr std::uint64_t ledger_time_max = std::uint64_t{1} << 61;
inline constexpr std::size_t verifiers_max = 65536;
inline constexpr std::size_t accounts_max = std::size_t{1} << 32;
inline constexpr std::size_t tasks_max = std::size_t{1} << 32;

struct Allocation {
    Digest account;
    Amount amount;
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.account, self.amount);
    }
    friend bool operator==(const Allocation&, const Allocation&) = default;
};

// A table with slots in order of appearance, names, and a commitment.
template <class Entry>
class Table {
public:
    [[nodiscard]] std::size_t size() const { return m_entries.size(); }
    [[nodiscard]] const Entry& at(std::size_t slot) const { return m_entries[slot]; }
    [[nodiscard]] const std::vector<Entry>& entries() const { return m_entries; }
    // The entry itself, for who will set it, or leave it as it was. Requires: slot < size().
    [[nodiscard]] Entry& edit(std::size_t slot) { return m_entries[slot]; }
    // Requires: slot <= size().
    void set(std::size_t slot, Entry entry)
    {
        if (slot == m_entries.size()) m_entries.push_back(std::move(entry)), m_is_dirty.push_back(false), m_is_changed.push_back(false);
        else m_entries[slot] = std::move(entry);
        if (!m_is_dirty[slot]) m_is_dirty[slot] = true, m_dirty.push_back(slot);
        if (!m_is_changed[slot]) m_is_changed[slot] = true, m_changed.push_back(slot);
    }
    // The slots that were set since the last call, each once.
    std::vector<std::size_t> take_changed()
    {
        for (const std::size_t slot : m_changed) m_is_changed[slot] = false;
        return std::exchange(m_changed, {});
    }
    SlotTree& tree(hash::HashFunction function)
    {
        for (const std::size_t slot : m_dirty) {
            m_tree.set(slot, merkle::leaf_hash(encode(m_entries[slot]), function));
            m_is_dirty[slot] = false;
        }
        m_dirty.clear();
        return m_tree;
    }

private:
    std::vector<Entry> m_entries;
    std::vector<bool> m_is_dirty;
    std::vector<std::size_t> m_dirty; // in ascending order where they are appended
    std::vector<bool> m_is_changed;
    std::vector<std::size_t> m_changed;
    SlotTree m_tree;
};

// What the state's digest is made of. Spec: spec/market.md, spec/audit.md.
struct StateSummary {
    Digest network;
    Tick now;
    std::uint64_t accounts = 0;
    Digest accounts_root;
    std::uint64_t tasks = 0;
    Digest tasks_root;
    std::uint64_t verifiers = 0;
    Digest verifiers_root;
    Amount supply;
    Amount burned;
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.network, self.now, self.accounts, self.accounts_root, self.tasks, self.tasks_root, self.verifiers, self.verifiers_root,
                     self.supply, self.burned);
    }
    friend bool operator==(const StateSummary&, const StateSummary&) = default;
};
Digest digest_of(const StateSummary& summary);

enum class TableName : std::uint8_t { accounts, tasks, verifiers };
constexpr std::uint8_t enumerator_limit(TableName)
{
    return 3;
}

// That an entry is in a state: all that a light client needs beside the state's digest. Spec: spec/market.md, spec/audit.md.
struct StateProof {
    StateSummary summary;
    TableName table = TableName::accounts;
    std::uint64_t slot = 0;
    Bytes entry; // encoded Account, TaskState or Verifier
    merkle::Proof proof;
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.summary, self.table, self.slot, self.entry, self.proof);
    }
    friend bool operator==(const StateProof&, const StateProof&) = default;
};
// Errors: root_mismatch, and those of merkle::verify_inclusion.
Status verify(const StateProof& proof, const Digest& state);

// The whole state as it is stored.
struct LedgerParts {
    Rules rules;
    Tick now;
    Amount supply;
    Amount burned;
    std::vector<Account> accounts;
    std::vector<TaskState> tasks;
    std::vector<Verifier> verifiers;
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.rules, self.now, self.supply, self.burned, self.accounts, self.tasks, self.verifiers);
    }
};

// Slots of the tables.
struct Changes {
    std::vector<std::size_t> accounts, tasks, verifiers;
};

// A value: copies are independent. Not to be used by two threads at once, except for reading.
class Ledger {
public:
    // Errors: invalid_key (the beacon's); those of validate(rules); invalid_terms (an allocation twice, or below the minimum); limit_exceeded.
    static Result<Ledger> start(const Rules& rules, std::span<const Allocation> allocations, Tick now);

    // A stored ledger. Bytes from anywhere: what `check` refuses is refused, and whatever is accepted can be used on. Only the blocks can
    // show that a state was reached by the rules. Errors: those of decoding and of check. Spec: MARKET-13.
    static Result<Ledger> decode(ByteView bytes);
    [[nodiscard]] Bytes encode() const;

    // Time goes on. Errors: too_early where it would go back, limit_exceeded.
    Status advance(Tick now);

    // Applies a transaction whose signatures were checked. Spec: spec/market.md, spec/audit.md.
    // Errors: the reason why it is refused; the ledger is then as before.
    Result<std::vector<Event>> apply(const Transaction& transaction);
    // Checks the signatures, then applies. Errors: also those of verify(SignedTransaction).
    Result<std::vector<Event>> apply(const SignedTransaction& transaction);

    [[nodiscard]] const Rules& rules() const { return m_rules; }
    [[nodiscard]] Tick now() const { return m_now; }
    [[nodiscard]] Amount supply() const { return m_supply; }
    [[nodiscard]] Amount burned() const { return m_burned; }
    [[nodiscard]] const Account* account(const Digest& id) const;
    [[nodiscard]] const TaskState* task(const Digest& id) const;
    [[nodiscard]] const Table<Account>& accounts() const { return m_accounts; }
    [[nodiscard]] const Table<TaskState>& tasks() const { return m_tasks; }
    [[nodiscard]] const Table<Verifier>& verifiers() const { return m_verifiers; }

    // What was set since the last call, for whoever stores the state entry by entry.
    Changes take_changes() { return {m_accounts.take_changed(), m_tasks.take_changed(), m_verifiers.take_changed()}; }

    // All money, counted anew: equals supply(). Cost: a pass over everything. Spec: MARKET-3.
    [[nodiscard]] Amount counted() const;

    // Everything that holds of a ledger, whatever was applied to it: money adds up, locks are those of the open tasks, every task can pay
    // for all that may become due, and each has what its phase needs. Errors: invalid_block, and what does not hold. Cost: a pass over
    // everything, and one hash for each checkpoint of an open task. Spec: MARKET-13.
    [[nodiscard]] Status check() const;

    // Cost: what changed since the last call, times the trees' height.
    StateSummary summary();
    // Requires: a slot of the table.
    StateProof prove(TableName table, std::uint64_t slot);

private:
    friend class Draft;
    struct DigestHash {
        // Names are digests already.
        std::size_t operator()(const Digest& digest) const noexcept;
    };
    using Index = std::unordered_map<Digest, std::uint32_t, DigestHash>;

    Ledger() = default;

    Rules m_rules;
    Tick m_now;
    Amount m_supply;
    Amount m_burned;
    Table<Account> m_accounts;
    Table<TaskState> m_tasks;
    Table<Verifier> m_verifiers;
    Index m_account_slots;
    Index m_task_slots;
};

} // namespace assay::market
