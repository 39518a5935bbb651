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

Result<Block> Chain::seal(Tick now, std::span<const SignedTransaction> transactions)
{
    if (transactions.size() > block_transactions_max) return failure(Error::limit_exceeded, "a block has at most 65536 transactions");
    ASSAY_TRY(m_ledger.advance(now, m_head));
    Block block;
    for (const SignedTransaction& transaction : transactions)
        if (m_ledger.apply(transaction)) block.transactions.push_back(transaction);
    block.header = {m_height, now, m_head, root_of(block.transactions), digest_of(m_ledger.summary())};
    ++m_height;
    m_head = digest_of(block.header);
    return block;
}

Status Chain::follow(const Block& block)
{
    if (block.header.height != m_height || block.header.previous != m_head)
        return failure(Error::invalid_block, "the block does not follow block " + short_hex(m_head));
    if (block.transactions.size() > block_transactions_max) return failure(Error::limit_exceeded, "a block has at most 65536 transactions");
    if (block.header.transactions != root_of(block.transactions))
        return failure(Error::invalid_block, "the transactions have another root");
    Ledger next = m_ledger;
    ASSAY_TRY(next.advance(block.header.now, m_head));
    for (std::size_t i = 0; i < block.transactions.size(); ++i)
        if (const auto events = next.apply(block.transactions[i]); !events)
            return failure(events.error(), "transaction " + std::to_string(i) + ": " + events.failure().message());
    if (digest_of(next.summary()) != block.header.state)
        return failure(Error::invalid_block, "the state after the block has another digest");
    m_ledger = std::move(next);
    ++m_height;
    m_head = digest_of(block.header);
    return {};
}

} // namespace assay::market
