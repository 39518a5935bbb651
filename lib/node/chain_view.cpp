// Spec: PARTY-1.
#include <assay/node/chain_view.hpp>

namespace assay::node {

using namespace market;

std::size_t ChainView::DigestHash::operator()(const Digest& digest) const noexcept
{
    std::size_t value = 0;
    for (std::size_t i = 0; i < sizeof value; ++i) value |= std::size_t{digest.bytes[i]} << (8 * i);
    return value;
}

Result<ChainView> ChainView::start(Network& network)
{
    ASSAY_TRY_ASSIGN(Genesis genesis, network.genesis());
    ASSAY_TRY_ASSIGN(Chain chain, begin_chain(genesis));
    return ChainView{std::move(genesis), std::move(chain)};
}

// As it is stored: the tasks in the order of their posting.
struct ChainView::Parts {
    struct Known {
        Digest id;
        TaskHistory history;
        template <class Self, class Visit>
        static auto fields(Self& self, Visit visit)
        {
            return visit(self.id, self.history);
        }
    };
    Genesis genesis;
    BlockHeader last;
    Bytes ledger;
    std::vector<Known> tasks;
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.genesis, self.last, self.ledger, self.tasks);
    }
};

Bytes ChainView::encode() const
{
    Parts parts{m_genesis, m_last, ledger().encode(), {}};
    for (const Digest& id : m_order) parts.tasks.push_back({id, m_tasks.at(id)});
    return assay::encode(parts);
}

Result<ChainView> ChainView::decode(ByteView bytes)
{
    ASSAY_TRY_ASSIGN(Parts parts, assay::decode<Parts>(bytes));
    ASSAY_TRY_ASSIGN(Ledger ledger, Ledger::decode(parts.ledger));
    if (digest_of(ledger.summary()) != parts.last.state)
        return failure(Error::invalid_block, "the stored state is not that after block " + std::to_string(parts.last.height));
    ChainView view{std::move(parts.genesis), Chain{std::move(ledger), parts.last.height + 1, digest_of(parts.last)}};
    view.m_last = parts.last;
    for (Parts::Known& known : parts.tasks) {
        view.m_order.push_back(known.id);
        view.m_tasks.emplace(known.id, std::move(known.history));
    }
    return view;
}

const TaskHistory* ChainView::task(const Digest& id) const
{
    const auto found = m_tasks.find(id);
    return found == m_tasks.end() ? nullptr : &found->second;
}

Result<std::uint64_t> ChainView::follow(Network& network, const std::function<void(const FollowedBlock&)>& seen)
{
    if (m_bad) return *m_bad;
    const auto bad = [&](Failure why) { return *(m_bad = std::move(why)); };
    ASSAY_TRY_ASSIGN(const Head head, network.head());
    if (head.height < height() || (head.height == height() && head.digest != this->head()))
        return bad(failure(Error::invalid_block, "the network shows another chain: block " + std::to_string(height()) + " does not follow " +
                                                     short_hex(this->head()) + ", which it showed before"));
    m_now = std::max(m_now, head.now);
    std::uint64_t followed = 0;
    while (height() < head.height) {
        ASSAY_TRY_ASSIGN(std::vector<Block> blocks, network.blocks(height(), blocks_per_call_max));
        if (blocks.empty()) return bad(failure(Error::invalid_block, "the network shows a head, and no block " + std::to_string(height())));
        for (Block& block : blocks) {
            const std::uint64_t number = height();
            auto events = m_chain.follow_in_place(block);
            if (!events) return bad(failure(events.error(), "block " + std::to_string(number) + ": " + events.failure().message()));
            m_last = block.header;
            record(block, *events);
            ++followed;
            if (seen) seen({std::move(block), std::move(*events)});
        }
    }
    return followed;
}

void ChainView::record(const Block& block, std::span<const Event> events)
{
    for (const SignedTransaction& signed_transaction : block.transactions) {
        const Transaction& transaction = signed_transaction.transaction;
        if (const auto* post = std::get_if<Post>(&transaction.body)) {
            const Digest id = task_id(m_genesis.rules.network, transaction.author, transaction.number, post->posting);
            TaskHistory& history = m_tasks[id];
            history.posting = post->posting;
            history.posted_at = block.header.height;
            m_order.push_back(id);
        } else if (const auto* progress = std::get_if<PostProgress>(&transaction.body)) {
            m_tasks.at(progress->record.progress.task).states.push_back(progress->record.progress.state);
        } else if (const auto* challenge = std::get_if<Challenge>(&transaction.body)) {
            m_tasks.at(challenge->task).challenges.push_back({transaction.author, challenge->segment});
        } else if (const auto* contest = std::get_if<Contest>(&transaction.body)) {
            m_tasks.at(contest->task).contests.push_back({transaction.author, contest->verifier});
        }
    }
    for (const Event& event : events) {
        if (event.kind == EventKind::convicted) m_tasks.at(event.subject).is_convicted = true;
        if (event.kind == EventKind::reopened) m_tasks.at(event.subject).begin_leg(event.number);
        if (event.kind == EventKind::closed) m_tasks.at(event.subject).is_closed = true;
    }
}

} // namespace assay::node
