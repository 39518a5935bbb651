// Blocks: signed transactions in order, chained by digests, with a commitment to the state after them. Spec: spec/market.md,
// Spec: spec/market.md, spec/audit.md.
#pragma once

#include <assay/market/ledger.hpp>

namespace assay::market {

struct BlockHeader {
    std::uint64_t height = 0;
    Tick now;
    Digest previous;     // digest of the header before; zero for the first
    Digest transactions; // root over the encoded signed transactions
    Digest state;        // digest of the StateSummary after them
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.height, self.now, self.previous, self.transactions, self.state);
    }
    friend bool operator==(const BlockHeader&, const BlockHeader&) = default;
};
Digest digest_of(const BlockHeader& header);

struct Block {
    BlockHeader header;
    std::vector<SignedTransaction> transactions;
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.header, self.transactions);
    }
    friend bool operator==(const Block&, const Block&) = default;
};

inline constexpr std::size_t block_transactions_max = 65536;

// What became of transactions that were offered for a block.
struct Sealed {
    std::optional<Block> block; // none where none of them applies
    std::vector<Status> outcomes;
    std::vector<Event> events; // of the block's transactions, in order
};

// A ledger with the head of its chain.
class Chain {
public:
    explicit Chain(Ledger ledger) : m_ledger(std::move(ledger)) {}
    // A stored chain. `height` is that of the next block.
    Chain(Ledger ledger, std::uint64_t height, const Digest& head) : m_ledger(std::move(ledger)), m_height(height), m_head(head) {}

    // Makes the next block of the transactions that apply, in their order; the others are left out. Errors: those of Ledger::advance,
    // limit_exceeded.
    Result<Block> seal(Tick now, std::span<const SignedTransaction> transactions);

    // The same of transactions whose signatures were checked before, with the reason for each that is left out; where none applies, no
    // block is made. Errors: as of seal.
    Result<Sealed> seal_checked(Tick now, std::vector<SignedTransaction> transactions);

    // Follows a block that somebody made. Errors: invalid_block, or why a transaction of it is refused; the chain is then as before.
    // Cost: also a copy of the ledger.
    Status follow(const Block& block);
    // The same without the copy: after a refusal the chain is of no more use. Returns: what the block's transactions did.
    Result<std::vector<Event>> follow_in_place(const Block& block);

    [[nodiscard]] const Ledger& ledger() const { return m_ledger; }
    [[nodiscard]] Ledger& ledger() { return m_ledger; }
    [[nodiscard]] std::uint64_t height() const { return m_height; }
    [[nodiscard]] const Digest& head() const { return m_head; }

private:
    void close(Block& block, Tick now);

    Ledger m_ledger;
    std::uint64_t m_height = 0; // of the next block
    Digest m_head;
};

} // namespace assay::market
