#include <assay/market/transaction.hpp>

#include <assay/hash/openssl.hpp>

namespace assay::market {

namespace {

struct BidContent {
    Digest task, bidder;
    Amount price;
    Digest salt;
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.task, self.bidder, self.price, self.salt);
    }
};

struct TaskName {
    Digest network, author;
    std::uint64_t number = 0;
    const Posting& posting;
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.network, self.author, self.number, self.posting);
    }
};

struct ReceiptContent {
    Digest task, verifier;
    std::vector<Digest> roots;
    Digest salt;
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.task, self.verifier, self.roots, self.salt);
    }
};

crypto::Place place_of(const Digest& network, const Transaction& transaction)
{
    return {network, crypto::Purpose::transaction, transaction.author, transaction.number};
}

} // namespace

Digest digest_of(const Transaction& transaction)
{
    return hash::tagged_digest("assay.transaction", transaction, hash::sha256_openssl);
}

SignedTransaction sign(const crypto::KeyPair& keys, const Digest& network, Transaction transaction)
{
    const crypto::Signature signature = crypto::sign(keys, place_of(network, transaction), digest_of(transaction));
    return {std::move(transaction), keys.public_key(), signature};
}

Status verify(const SignedTransaction& signed_transaction, const Digest& network)
{
    const Transaction& transaction = signed_transaction.transaction;
    if (crypto::identity_of(signed_transaction.signer) != transaction.author)
        return failure(Error::wrong_signer, "the key is not the author's");
    ASSAY_TRY(
        crypto::verify(signed_transaction.signer, place_of(network, transaction), digest_of(transaction), signed_transaction.signature));
    if (const auto* progress = std::get_if<PostProgress>(&transaction.body)) return verify(progress->record, network);
    return {};
}

Digest bid_digest(const Digest& task, const Digest& bidder, Amount price, const Digest& salt)
{
    return hash::tagged_digest("assay.bid", BidContent{task, bidder, price, salt}, hash::sha256_openssl);
}

Digest task_id(const Digest& network, const Digest& author, std::uint64_t number, const Posting& posting)
{
    return hash::tagged_digest("assay.market-task", TaskName{network, author, number, posting}, hash::sha256_openssl);
}

Digest receipt_digest(const Digest& task, const Digest& verifier, std::span<const Digest> roots, const Digest& salt)
{
    return hash::tagged_digest("assay.receipt", ReceiptContent{task, verifier, {roots.begin(), roots.end()}, salt}, hash::sha256_openssl);
}

} // namespace assay::market
