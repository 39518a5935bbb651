// The frame around every transaction: who, which number, the fee, and that nothing is lost.
// Holds MARKET-4, MARKET-5 and MARKET-12.
#include <assay/market/ledger.hpp>

#include <assay/hash/openssl.hpp>

#include "market/handlers.hpp"

namespace assay::market {

Digest digest_of(const StateSummary& summary)
{
    return hash::tagged_digest("assay.state", summary, hash::sha256_openssl);
}

Status verify(const StateProof& proof, const Digest& state)
{
    if (digest_of(proof.summary) != state) return failure(Error::root_mismatch, "the summary is not that of the state");
    const StateSummary& summary = proof.summary;
    const std::array<std::uint64_t, 3> sizes{summary.accounts, summary.tasks, summary.verifiers};
    const std::array<Digest, 3> roots{summary.accounts_root, summary.tasks_root, summary.verifiers_root};
    const auto table = static_cast<std::size_t>(proof.table);
    return merkle::verify_inclusion(proof.slot, sizes[table], merkle::leaf_hash(proof.entry), proof.proof, roots[table]);
}

std::size_t Ledger::DigestHash::operator()(const Digest& digest) const noexcept
{
    std::size_t value = 0;
    for (std::size_t i = 0; i < sizeof value; ++i) value |= std::size_t{digest.bytes[i]} << (8 * i);
    return value;
}

Result<Ledger> Ledger::start(const Rules& rules, std::span<const Allocation> allocations, Tick now)
{
    ASSAY_TRY(crypto::validate(rules.beacon));
    ASSAY_TRY(validate(rules));
    if (now.value > ledger_time_max) return failure(Error::limit_exceeded, "a ledger's time is at most 2^61");
    Ledger ledger;
    ledger.m_rules = rules;
    ledger.m_now = now;
    for (const Allocation& allocation : allocations) {
        if (allocation.amount < rules.account_minimum)
            return failure(Error::invalid_terms, "an allocation is below the minimum of an account");
        ASSAY_TRY_ASSIGN(ledger.m_supply, add(ledger.m_supply, allocation.amount));
        const auto slot = static_cast<std::uint32_t>(ledger.m_accounts.size());
        if (!ledger.m_account_slots.emplace(allocation.account, slot).second)
            return failure(Error::invalid_terms, "an account is named twice");
        ledger.m_accounts.set(slot, Account{allocation.account, allocation.amount, 0, {}, {}});
    }
    return ledger;
}

Result<Ledger> Ledger::decode(ByteView bytes)
{
    ASSAY_TRY_ASSIGN(LedgerParts parts, assay::decode<LedgerParts>(bytes));
    Ledger ledger;
    ledger.m_rules = parts.rules;
    ledger.m_now = parts.now;
    ledger.m_supply = parts.supply;
    ledger.m_burned = parts.burned;
    for (Account& account : parts.accounts) {
        const auto slot = static_cast<std::uint32_t>(ledger.m_accounts.size());
        if (!ledger.m_account_slots.emplace(account.id, slot).second) return failure(Error::invalid_block, "an account is there twice");
        ledger.m_accounts.set(slot, std::move(account));
    }
    for (TaskState& task : parts.tasks) {
        const auto slot = static_cast<std::uint32_t>(ledger.m_tasks.size());
        if (!ledger.m_task_slots.emplace(task.id, slot).second) return failure(Error::invalid_block, "a task is there twice");
        ledger.m_tasks.set(slot, std::move(task));
    }
    for (Verifier& verifier : parts.verifiers) ledger.m_verifiers.set(ledger.m_verifiers.size(), std::move(verifier));
    ASSAY_TRY(ledger.check());
    return ledger;
}

Bytes Ledger::encode() const
{
    Bytes bytes;
    Encoder{bytes}(m_rules, m_now, m_supply, m_burned, m_accounts.entries(), m_tasks.entries(), m_verifiers.entries());
    return bytes;
}

Status Ledger::advance(Tick now)
{
    if (now < m_now) return failure(Error::too_early, "time went back from tick " + std::to_string(m_now.value));
    if (now.value > ledger_time_max) return failure(Error::limit_exceeded, "a ledger's time is at most 2^61");
    m_now = now;
    return {};
}

Result<std::vector<Event>> Ledger::apply(const Transaction& transaction)
{
    Draft draft{*this};
    if (!draft.has_account(transaction.author)) return failure(Error::unknown_subject, "the author has no account");
    Account& author = draft.account(transaction.author);
    if (transaction.number < author.transactions)
        return failure(Error::stale_transaction, "transaction " + std::to_string(transaction.number) + " was made");
    if (transaction.number > author.transactions)
        return failure(Error::future_transaction, "transaction " + std::to_string(author.transactions) + " is next");
    ++author.transactions;
    const Amount fee = m_rules.kibibyte_fee.units == 0 ? m_rules.fee : fee_of(m_rules, assay::encode(transaction).size());
    ASSAY_TRY(draft.take(transaction.author, fee));
    draft.burn(transaction.author, fee);
    const Author who{transaction.author, transaction.number};
    ASSAY_TRY(std::visit([&](const auto& body) { return handle(draft, who, body); }, transaction.body));
    return draft.commit();
}

Result<std::vector<Event>> Ledger::apply(const SignedTransaction& transaction)
{
    ASSAY_TRY(verify(transaction, m_rules.network));
    return apply(transaction.transaction);
}

const Account* Ledger::account(const Digest& id) const
{
    const auto found = m_account_slots.find(id);
    return found == m_account_slots.end() ? nullptr : &m_accounts.at(found->second);
}

const TaskState* Ledger::task(const Digest& id) const
{
    const auto found = m_task_slots.find(id);
    return found == m_task_slots.end() ? nullptr : &m_tasks.at(found->second);
}

Amount Ledger::counted() const
{
    std::uint64_t sum = m_burned.units;
    for (const Account& account : m_accounts.entries()) sum += account.balance.units;
    for (const TaskState& task : m_tasks.entries()) sum += task.held().units;
    for (const Verifier& verifier : m_verifiers.entries()) sum += verifier.stake.units;
    return {sum};
}

StateSummary Ledger::summary()
{
    StateSummary summary;
    summary.network = m_rules.network;
    summary.now = m_now;
    summary.accounts = m_accounts.size();
    summary.accounts_root = m_accounts.tree(hash::sha256_openssl).root();
    summary.tasks = m_tasks.size();
    summary.tasks_root = m_tasks.tree(hash::sha256_openssl).root();
    summary.verifiers = m_verifiers.size();
    summary.verifiers_root = m_verifiers.tree(hash::sha256_openssl).root();
    summary.supply = m_supply;
    summary.burned = m_burned;
    return summary;
}

StateProof Ledger::prove(TableName table, std::uint64_t slot)
{
    StateProof proof{summary(), table, slot, {}, {}};
    const auto fill = [&](auto& entries) {
        ASSAY_CHECK(slot < entries.size());
        proof.entry = assay::encode(entries.at(slot));
        proof.proof = entries.tree(hash::sha256_openssl).prove(slot);
    };
    if (table == TableName::accounts) fill(m_accounts);
    else if (table == TableName::tasks) fill(m_tasks);
    else fill(m_verifiers);
    return proof;
}

} // namespace assay::market
