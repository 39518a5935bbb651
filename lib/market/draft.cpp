#include "market/draft.hpp"

namespace assay::market {

Draft::~Draft()
{
    if (!m_task || m_task->slot >= m_ledger->m_tasks.size()) return;
    std::vector<Checkpoint>& checkpoints = m_task->entry.checkpoints;
    checkpoints.resize(std::min(checkpoints.size(), m_borrowed - m_dropped.size()));
    checkpoints.insert(checkpoints.end(), m_dropped.begin(), m_dropped.end());
    m_ledger->m_tasks.edit(m_task->slot).checkpoints = std::move(checkpoints);
}

Account& Draft::account(const Digest& id)
{
    for (auto& touched : m_accounts)
        if (touched.entry.id == id) return touched.entry;
    if (m_accounts.empty()) m_accounts.reserve(4);
    const auto found = m_ledger->m_account_slots.find(id);
    if (found != m_ledger->m_account_slots.end()) {
        const Account& account = m_ledger->m_accounts.at(found->second);
        m_accounts.push_back({found->second, account.balance.units, account});
    } else {
        const auto slot = static_cast<std::uint32_t>(m_ledger->m_accounts.size() + m_new_accounts++);
        m_accounts.push_back({slot, 0, Account{id, {}, 0, {}, {}}});
    }
    return m_accounts.back().entry;
}

bool Draft::has_account(const Digest& id) const
{
    return m_ledger->m_account_slots.contains(id);
}

Status Draft::take(const Digest& id, Amount amount)
{
    Account& from = account(id);
    ASSAY_TRY_ASSIGN(from.balance, subtract(from.balance, amount));
    return {};
}

Status Draft::take_for(const Digest& task, const Digest& id, Amount amount)
{
    ASSAY_TRY(take(id, amount));
    if (amount.units != 0) emit(EventKind::taken, task, id, amount.units);
    return {};
}

void Draft::give(const Digest& id, Amount amount)
{
    if (amount.units == 0) return;
    Account& to = account(id);
    to.balance = add(to.balance, amount).value(); // all money together is below the limit
    emit(EventKind::paid, m_task ? m_task->entry.id : id, id, amount.units);
}

void Draft::burn(const Digest& subject, Amount amount)
{
    if (amount.units == 0) return;
    m_burned += amount.units;
    emit(EventKind::burned, subject, subject, amount.units);
}

Result<TaskState*> Draft::task(const Digest& id)
{
    if (!m_task) {
        const auto found = m_ledger->m_task_slots.find(id);
        if (found == m_ledger->m_task_slots.end()) return failure(Error::unknown_subject, "no task " + short_hex(id));
        TaskState& task = m_ledger->m_tasks.edit(found->second);
        std::vector<Checkpoint> checkpoints = std::move(task.checkpoints);
        task.checkpoints.clear();
        m_borrowed = checkpoints.size();
        m_task = Touched<TaskState>{found->second, task.held().units, task};
        m_task->entry.checkpoints = std::move(checkpoints);
    }
    ASSAY_CHECK(m_task->entry.id == id);
    return &m_task->entry;
}

void Draft::add_task(TaskState task)
{
    ASSAY_CHECK(!m_task);
    m_task = Touched<TaskState>{static_cast<std::uint32_t>(m_ledger->m_tasks.size()), 0, std::move(task)};
}

void Draft::drop_checkpoints(TaskState& task, std::size_t count)
{
    std::vector<Checkpoint>& checkpoints = task.checkpoints;
    // Those that this transaction added, if any, were never the ledger's.
    checkpoints.resize(std::min(checkpoints.size(), m_borrowed - m_dropped.size()));
    const auto first = checkpoints.begin() + static_cast<std::ptrdiff_t>(count);
    m_dropped.insert(m_dropped.begin(), first, checkpoints.end());
    checkpoints.erase(first, checkpoints.end());
}

Verifier& Draft::verifier(std::uint32_t slot)
{
    for (auto& touched : m_verifiers)
        if (touched.slot == slot) return touched.entry;
    const Verifier& verifier = m_ledger->m_verifiers.at(slot);
    m_verifiers.push_back({slot, verifier.stake.units, verifier});
    return m_verifiers.back().entry;
}

void Draft::put_verifier(std::uint32_t slot, Verifier verifier)
{
    ASSAY_CHECK(m_verifiers.empty());
    m_verifiers.push_back({slot, 0, std::move(verifier)});
}

bool Draft::conserves() const
{
    std::uint64_t before = 0;
    std::uint64_t after = m_burned;
    for (const Touched<Account>& touched : m_accounts) {
        before += touched.before;
        after += touched.entry.balance.units;
    }
    for (const Touched<Verifier>& touched : m_verifiers) {
        before += touched.before;
        after += touched.entry.stake.units;
    }
    if (m_task) {
        const auto& [slot, had, task] = *m_task;
        before += had;
        after += task.held().units;
    }
    return before == after;
}

std::vector<Event> Draft::commit()
{
    ASSAY_CHECK(conserves());
    Ledger& ledger = *m_ledger;
    for (auto& touched : m_accounts) {
        if (touched.slot >= ledger.m_accounts.size()) ledger.m_account_slots.emplace(touched.entry.id, touched.slot);
        ledger.m_accounts.set(touched.slot, std::move(touched.entry));
    }
    for (auto& touched : m_verifiers) ledger.m_verifiers.set(touched.slot, std::move(touched.entry));
    if (m_task) {
        if (m_task->slot == ledger.m_tasks.size()) ledger.m_task_slots.emplace(m_task->entry.id, m_task->slot);
        ledger.m_tasks.set(m_task->slot, std::move(m_task->entry));
        m_task.reset();
    }
    ledger.m_burned.units += m_burned;
    return std::move(m_events);
}

} // namespace assay::market
