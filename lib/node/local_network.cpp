#include <assay/node/local_network.hpp>

#include <algorithm>

#include <assay/node/lists.hpp>

namespace assay::node {

Result<market::Chain> begin_chain(const Genesis& genesis)
{
    ASSAY_TRY_ASSIGN(market::Ledger ledger, market::Ledger::start(genesis.rules, genesis.allocations, genesis.start));
    return market::Chain{std::move(ledger)};
}

Status Network::stream(const NextChunks& next, const ChunkTaker& take)
{
    for (;;) {
        ASSAY_TRY_ASSIGN(const std::vector<Digest> wanted, next());
        if (wanted.empty()) return {};
        for (std::span<const Digest> left = wanted; !left.empty();) {
            ASSAY_TRY_ASSIGN(auto found, chunks(left.first(std::min(left.size(), chunks_per_call_max))));
            if (found.empty() || found.size() > left.size()) return failure(Error::chunk_missing, "the answer has another number of chunks");
            const std::span<const Digest> asked = left.first(found.size());
            left = left.subspan(found.size());
            const auto holder = std::make_shared<const std::vector<Bytes>>(std::move(found));
            ASSAY_TRY(take({holder, {holder->begin(), holder->end()}, {asked.begin(), asked.end()}}));
        }
    }
}

std::size_t LocalNetwork::DigestHash::operator()(const Digest& digest) const noexcept
{
    std::size_t value = 0;
    for (std::size_t i = 0; i < sizeof value; ++i) value |= std::size_t{digest.bytes[i]} << (8 * i);
    return value;
}

LocalNetwork::LocalNetwork(Genesis genesis, market::Chain chain, store::ChunkStore& chunks, Clock clock)
    : m_genesis(std::move(genesis)), m_chain(std::move(chain)), m_chunks(chunks), m_clock(std::move(clock))
{
}

Result<std::unique_ptr<LocalNetwork>> LocalNetwork::start(Genesis genesis, store::ChunkStore& chunks, Clock clock)
{
    ASSAY_TRY_ASSIGN(market::Chain chain, begin_chain(genesis));
    return std::unique_ptr<LocalNetwork>{new LocalNetwork{std::move(genesis), std::move(chain), chunks, std::move(clock)}};
}

Head LocalNetwork::head_now() const
{
    return {m_chain.height(), m_chain.head(), std::max(m_clock(), m_chain.ledger().now())};
}

Result<Genesis> LocalNetwork::genesis()
{
    return m_genesis;
}

Result<Head> LocalNetwork::head()
{
    const std::lock_guard lock{m_mutex};
    return head_now();
}

Result<std::uint64_t> LocalNetwork::submit(const market::SignedTransaction& transaction)
{
    const std::lock_guard lock{m_mutex};
    const Digest digest = digest_of(transaction.transaction);
    if (const auto applied = m_applied.find(digest); applied != m_applied.end()) {
        ASSAY_TRY(verify(transaction, m_genesis.rules.network));
        return applied->second;
    }
    const Tick now = head_now().now;
    market::Ledger draft = m_chain.ledger();
    ASSAY_TRY(draft.advance(now));
    ASSAY_TRY(draft.apply(transaction));
    ASSAY_TRY_ASSIGN(market::Block block, m_chain.seal(now, std::span{&transaction, 1}));
    ASSAY_CHECK(block.transactions.size() == 1);
    m_applied.emplace(digest, block.header.height);
    m_blocks.push_back(std::move(block));
    m_changed.notify_all();
    return m_blocks.size() - 1;
}

Result<std::vector<market::Block>> LocalNetwork::blocks(std::uint64_t from, std::size_t limit)
{
    if (limit > blocks_per_call_max) return failure(Error::limit_exceeded, "a call asks for at most 1024 blocks");
    const std::lock_guard lock{m_mutex};
    const std::uint64_t begin = std::min<std::uint64_t>(from, m_blocks.size());
    const std::uint64_t end = begin + std::min<std::uint64_t>(limit, m_blocks.size() - begin);
    return std::vector<market::Block>{m_blocks.begin() + static_cast<std::ptrdiff_t>(begin),
                                      m_blocks.begin() + static_cast<std::ptrdiff_t>(end)};
}

Status LocalNetwork::put_chunks(std::span<const Bytes> chunks)
{
    return write_chunks(m_chunks, chunks);
}

Result<std::vector<Bytes>> LocalNetwork::chunks(std::span<const Digest> addresses)
{
    return read_chunks(m_chunks, addresses);
}

Result<Digest> LocalNetwork::announce(const Digest& list)
{
    return announce_list(m_chunks, list);
}

Result<Digest> LocalNetwork::list_of(const Digest& state)
{
    return find_list(m_chunks, state);
}

Result<Head> LocalNetwork::wait(std::uint64_t height, std::chrono::milliseconds at_most)
{
    std::unique_lock lock{m_mutex};
    m_changed.wait_for(lock, at_most, [&] { return m_blocks.size() > height; });
    return head_now();
}

} // namespace assay::node
