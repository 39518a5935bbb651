// Spec: MARKET-11.
#include <assay/market/block.hpp>

#include <assay/hash/openssl.hpp>

namespace assay::market {

namespace {

Digest root_of(std::span<const SignedTransaction> transactions)
{
    merkle::CompactRange log;
    for (const SignedTransaction& transaction : transactions)
        log.append(merkle::leaf_hash(encode(transaction), hash::sha256_openssl), hash::sha256_openssl);
    return log.root(hash::sha256_openssl);
}

} // namespace

Digest digest_of(const BlockHeader& header)
{
    return hash::tagged_digest("assay.block", header, hash::sha256_openssl);
}

// Chains a block to the others and commits it to the state after it.
void Chain::close(Block& block, Tick now)
{
    block.header = {m_height, now, m_head, root_of(block.transactions), digest_of(m_ledger.summary())};
    ++m_height;
    m_head = digest_of(block.header);
}

Result<Block> Chain::seal(Tick now, std::span<const SignedTransaction> transactions)
{
    if (transactions.size() > block_transactions_max) return failure(Error::limit_exceeded, "a block has at most 65536 transactions");
    std::vector<SignedTransaction> checked;
    for (const SignedTransaction& transaction : transactions)
        if (verify(transaction, m_ledger.rules().network)) checked.push_back(transaction);
    ASSAY_TRY_ASSIGN(Sealed sealed, seal_checked(now, std::move(checked)));
    if (sealed.block) return std::move(*sealed.block);
    Block block;
    close(block, now);
    return block;
}

Result<Sealed> Chain::seal_checked(Tick now, std::vector<SignedTransaction> transactions)
{
    if (transactions.size() > block_transactions_max) return failure(Error::limit_exceeded, "a block has at most 65536 transactions");
    ASSAY_TRY(m_ledger.advance(now));
    Sealed sealed;
    sealed.outcomes.reserve(transactions.size());
    Block block;
    for (SignedTransaction& transaction : transactions) {
        const auto events = m_ledger.apply(transaction.transaction);
        sealed.outcomes.push_back(events ? Status{} : Status{events.failure()});
        if (!events) continue;
        sealed.events.insert(sealed.events.end(), events->begin(), events->end());
        block.transactions.push_back(std::move(transaction));
    }
    if (block.transactions.empty()) return sealed;
    close(block, now);
    sealed.block = std::move(block);
    return sealed;
}

Status Chain::follow(const Block& block)
{
    Chain next = *this;
    ASSAY_TRY(next.follow_in_place(block));
    *this = std::move(next);
    return {};
}

Result<std::vector<Event>> Chain::follow_in_place(const Block& block)
{
    if (block.header.height != m_height || block.header.previous != m_head)
        return failure(Error::invalid_block, "the block does not follow block " + short_hex(m_head));
    if (block.transactions.size() > block_transactions_max) return failure(Error::limit_exceeded, "a block has at most 65536 transactions");
    if (block.header.transactions != root_of(block.transactions))
        return failure(Error::invalid_block, "the transactions have another root");
    ASSAY_TRY(m_ledger.advance(block.header.now));
    std::vector<Event> happened;
    for (std::size_t i = 0; i < block.transactions.size(); ++i) {
        const auto events = m_ledger.apply(block.transactions[i]);
        if (!events) return failure(events.error(), "transaction " + std::to_string(i) + ": " + events.failure().message());
        happened.insert(happened.end(), events->begin(), events->end());
    }
    if (digest_of(m_ledger.summary()) != block.header.state)
        return failure(Error::invalid_block, "the state after the block has another digest");
    ++m_height;
    m_head = digest_of(block.header);
    return happened;
}

} // namespace assay::market
