// What a transaction wants to change: copies of the entries that it touches, which replace the ledger's when all is in order. Only a task's
// checkpoints, which are many, are borrowed instead of copied, and given back as they were where the transaction is refused.
// Money moves only between them, so that their sum before and after, and what was burned, says whether any was made or lost.
// Spec: spec/market.md, spec/audit.md.
// Holds MARKET-3 and MARKET-24.
#pragma once

#include <assay/market/ledger.hpp>

namespace assay::market {

class Draft {
public:
    explicit Draft(Ledger& ledger) : m_ledger(&ledger) {}
    Draft(const Draft&) = delete;
    Draft& operator=(const Draft&) = delete;
    // Without a commit the ledger is as it was.
    ~Draft();

    [[nodiscard]] const Rules& rules() const { return m_ledger->m_rules; }
    [[nodiscard]] Tick now() const { return m_ledger->m_now; }
    [[nodiscard]] const Table<Verifier>& verifiers() const { return m_ledger->m_verifiers; }

    // The account, or a new one without money. The reference holds until the next call.
    Account& account(const Digest& id);
    [[nodiscard]] bool has_account(const Digest& id) const;
    // From an account into the transaction's hands, and back. Errors: insufficient_funds.
    Status take(const Digest& id, Amount amount);
    // The same for a task; an event says so.
    Status take_for(const Digest& task, const Digest& id, Amount amount);
    void give(const Digest& id, Amount amount);
    void burn(const Digest& subject, Amount amount);

    // The one task that the transaction is about. Errors: unknown_subject.
    Result<TaskState*> task(const Digest& id);
    void add_task(TaskState task);
    // Leaves the first `count` of its checkpoints.
    void drop_checkpoints(TaskState& task, std::size_t count);

    // Requires: slot below the number of verifiers. The reference holds until the next call.
    Verifier& verifier(std::uint32_t slot);
    // Requires: a new slot, or one whose verifier is gone.
    void put_verifier(std::uint32_t slot, Verifier verifier);

    void emit(EventKind kind, const Digest& subject, const Digest& party, std::uint64_t number = 0)
    {
        m_events.push_back({kind, subject, party, number});
    }

    // Writes everything to the ledger. Returns: what happened.
    std::vector<Event> commit();

private:
    template <class Entry>
    struct Touched {
        std::uint32_t slot;   // no default values: clang 14 crashes on them behind an optional
        std::uint64_t before; // its money
        Entry entry;
    };

    [[nodiscard]] bool conserves() const;

    Ledger* m_ledger;
    std::vector<Touched<Account>> m_accounts;
    std::vector<Touched<Verifier>> m_verifiers;
    std::optional<Touched<TaskState>> m_task;
    std::size_t m_borrowed = 0; // checkpoints of the ledger's task that are in m_task,
    std::vector<Checkpoint> m_dropped; // and those that were dropped from its end
    std::uint32_t m_new_accounts = 0;
    std::uint64_t m_burned = 0;
    std::vector<Event> m_events;
};

} // namespace assay::market
