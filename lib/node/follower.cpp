#include "node/follower.hpp"

#include <assay/store/checkpoints.hpp>

namespace assay::node {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds wait_for_blocks{500};
constexpr milliseconds pause_after_failure{500};
constexpr std::size_t blocks_at_once = 256;

} // namespace

Result<std::unique_ptr<Follower>> Follower::connect(const NodeOptions& options)
{
    RemoteOptions remote;
    remote.host = options.upstream;
    remote.port = options.upstream_port;
    remote.identity = options.identity;
    remote.node = options.upstream_identity;
    ASSAY_TRY_ASSIGN(auto upstream, RemoteNetwork::make(std::move(remote)));
    return std::unique_ptr<Follower>{new Follower(std::move(upstream), options.log)};
}

void Follower::start(LedgerService& ledger, ChunkDepot& chunks)
{
    m_thread = std::thread([this, &ledger, &chunks] { run(ledger, chunks); });
}

void Follower::stop()
{
    m_stopping = true;
    if (m_thread.joinable()) m_thread.join();
}

void Follower::run(LedgerService& ledger, ChunkDepot& chunks)
{
    while (!m_stopping) {
        Status status = follow_blocks(ledger);
        if (status) status = follow_lists(chunks);
        if (status || m_stopping) continue;
        // A block that does not follow is never stored: this node keeps what it has verified, and says so.
        const bool is_network = status.error() == Error::disconnected;
        m_log({is_network ? LogLevel::warning : LogLevel::error, "following_failed", {{"reason", status.failure().message()}}});
        std::this_thread::sleep_for(pause_after_failure);
    }
}

Status Follower::follow_blocks(LedgerService& ledger)
{
    const Head ours = ledger.head();
    ASSAY_TRY_ASSIGN(const Head theirs, m_upstream->wait(ours.height, wait_for_blocks));
    ledger.set_clock(theirs.now);
    if (theirs.height <= ours.height) return {};
    ASSAY_TRY_ASSIGN(std::vector<market::Block> blocks, m_upstream->blocks(ours.height, blocks_at_once));
    return blocks.empty() ? Status{} : ledger.follow(std::move(blocks));
}

Status Follower::follow_lists(ChunkDepot& chunks)
{
    for (Digest after; !m_stopping;) {
        ASSAY_TRY_ASSIGN(const std::vector<AnnouncedList> announced, m_upstream->lists(after));
        if (announced.empty()) return {};
        after = announced.back().state;
        for (const AnnouncedList& one : announced) {
            if (m_stopping) return {};
            if (chunks.list_of(one.state)) continue;
            ASSAY_TRY(chunks.with([&](store::ChunkStore& store) -> Result<Digest> {
                ASSAY_TRY_ASSIGN(const std::vector<Bytes> list, m_upstream->chunks(std::array{one.list}));
                ASSAY_TRY_ASSIGN(const auto declarations, store::declarations_of_list(list.front()));
                return fetch(*m_upstream, store, one.state, declarations);
            }));
        }
    }
    return {};
}

} // namespace assay::node
