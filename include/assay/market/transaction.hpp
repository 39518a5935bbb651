// What can be asked of the ledger. Spec: spec/market.md, MARKET-4 and MARKET-5; what belongs to an audit is in spec/audit.md.
#pragma once

#include <assay/market/task_state.hpp>

namespace assay::market {

#define ASSAY_FIELDS(...)                                                                                                                  \
    template <class Self, class Visit>                                                                                                     \
    static auto fields(Self& self, Visit visit)                                                                                            \
    {                                                                                                                                      \
        return visit(__VA_ARGS__);                                                                                                         \
    }

struct Transfer { // to anyone; an account begins with the first
    Digest to;
    Amount amount;
    ASSAY_FIELDS(self.to, self.amount)
    friend bool operator==(const Transfer&, const Transfer&) = default;
};
struct Join { // the verifiers, with a stake
    Amount stake;
    ASSAY_FIELDS(self.stake)
    friend bool operator==(const Join&, const Join&) = default;
};
struct Leave { // them; again after the unbonding time: takes the stake back
    std::uint32_t slot = 0;
    ASSAY_FIELDS(self.slot)
    friend bool operator==(const Leave&, const Leave&) = default;
};
struct Post {
    Posting posting;
    ASSAY_FIELDS(self.posting)
    friend bool operator==(const Post&, const Post&) = default;
};
struct Withdraw { // a task that nobody has been assigned to
    Digest task;
    ASSAY_FIELDS(self.task)
    friend bool operator==(const Withdraw&, const Withdraw&) = default;
};
struct CommitBid {
    Digest task;
    Digest commitment; // bid_digest
    ASSAY_FIELDS(self.task, self.commitment)
    friend bool operator==(const CommitBid&, const CommitBid&) = default;
};
struct RevealBid {
    Digest task;
    Amount price;
    Digest salt;
    ASSAY_FIELDS(self.task, self.price, self.salt)
    friend bool operator==(const RevealBid&, const RevealBid&) = default;
};
struct Accept { // by the winner: locks its stake, the run begins
    Digest task;
    ASSAY_FIELDS(self.task)
    friend bool operator==(const Accept&, const Accept&) = default;
};
struct PostProgress {
    SignedProgress record;
    ASSAY_FIELDS(self.record)
    friend bool operator==(const PostProgress&, const PostProgress&) = default;
};
struct ProveFraud {
    Digest task;
    Fraud fraud;
    ASSAY_FIELDS(self.task, self.fraud)
    friend bool operator==(const ProveFraud&, const ProveFraud&) = default;
};
struct Draw { // by anyone who has the proof: of an audit, or of a benchmark's seed
    Digest task;
    crypto::VrfProof proof;
    ASSAY_FIELDS(self.task, self.proof)
    friend bool operator==(const Draw&, const Draw&) = default;
};
struct PostReceipt {
    Digest task;
    Digest receipt; // receipt_digest
    ASSAY_FIELDS(self.task, self.receipt)
    friend bool operator==(const PostReceipt&, const PostReceipt&) = default;
};
struct OpenedRoot {
    Digest root;
    Digest salt;
    ASSAY_FIELDS(self.root, self.salt)
    friend bool operator==(const OpenedRoot&, const OpenedRoot&) = default;
};
struct OpenSegments { // the solver: one for each drawn segment
    Digest task;
    std::vector<OpenedRoot> roots;
    ASSAY_FIELDS(self.task, self.roots)
    friend bool operator==(const OpenSegments&, const OpenSegments&) = default;
};
struct OpenReceipt {
    Digest task;
    std::vector<Digest> roots; // of each drawn segment
    Digest salt;
    ASSAY_FIELDS(self.task, self.roots, self.salt)
    friend bool operator==(const OpenReceipt&, const OpenReceipt&) = default;
};
struct Challenge { // of a segment, by anyone, with a bond of at most `bond_max`
    Digest task;
    std::uint64_t segment = 0;
    Amount bond_max = amount_max;
    ASSAY_FIELDS(self.task, self.segment, self.bond_max)
    friend bool operator==(const Challenge&, const Challenge&) = default;
};
struct PlayMove {
    Digest task;
    dispute::Move move;
    ASSAY_FIELDS(self.task, self.move)
    friend bool operator==(const PlayMove&, const PlayMove&) = default;
};
struct ClaimTimeout { // of a game, by anyone
    Digest task;
    Digest game;
    ASSAY_FIELDS(self.task, self.game)
    friend bool operator==(const ClaimTimeout&, const ClaimTimeout&) = default;
};
struct RevealPlant {
    Digest task;
    Plant plant;
    ASSAY_FIELDS(self.task, self.plant)
    friend bool operator==(const RevealPlant&, const RevealPlant&) = default;
};
struct Advance { // by anyone: what time has made due
    Digest task;
    ASSAY_FIELDS(self.task)
    friend bool operator==(const Advance&, const Advance&) = default;
};
struct Demand { // a part of a state that the solver recorded, or began with; by anyone, for a fee
    Digest task;
    std::uint64_t checkpoint = 0;
    dispute::DataRequest request;
    ASSAY_FIELDS(self.task, self.checkpoint, self.request)
    friend bool operator==(const Demand&, const Demand&) = default;
};
struct AnswerDemand { // by anyone
    Digest task;
    dispute::DataAnswer answer;
    ASSAY_FIELDS(self.task, self.answer)
    friend bool operator==(const AnswerDemand&, const AnswerDemand&) = default;
};
struct ClaimWithheld { // by anyone, when a demand's time is over
    Digest task;
    Digest request;
    ASSAY_FIELDS(self.task, self.request)
    friend bool operator==(const ClaimWithheld&, const ClaimWithheld&) = default;
};

struct Defend { // by a verifier: its root of the segment that a conviction is about
    Digest task;
    ASSAY_FIELDS(self.task)
    friend bool operator==(const Defend&, const Defend&) = default;
};
struct Contest { // a defence, by anyone, with a bond of at most `bond_max`
    Digest task;
    Digest verifier;
    Amount bond_max = amount_max;
    ASSAY_FIELDS(self.task, self.verifier, self.bond_max)
    friend bool operator==(const Contest&, const Contest&) = default;
};

#undef ASSAY_FIELDS

using Body = std::variant<Transfer, Join, Leave, Post, Withdraw, CommitBid, RevealBid, Accept, PostProgress, ProveFraud, Draw, PostReceipt,
                          OpenSegments, OpenReceipt, Challenge, PlayMove, ClaimTimeout, RevealPlant, Advance, Demand, AnswerDemand, ClaimWithheld,
                          Defend, Contest>;

// `number` is the author's count of transactions before this one.
struct Transaction {
    Digest author;
    std::uint64_t number = 0;
    Body body;
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.author, self.number, self.body);
    }
    friend bool operator==(const Transaction&, const Transaction&) = default;
};

struct SignedTransaction {
    Transaction transaction;
    crypto::PublicKey signer;
    crypto::Signature signature;
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.transaction, self.signer, self.signature);
    }
    friend bool operator==(const SignedTransaction&, const SignedTransaction&) = default;
};

Digest digest_of(const Transaction& transaction);

SignedTransaction sign(const crypto::KeyPair& keys, const Digest& network, Transaction transaction);

// Checks the author's signature, and the signature of a record that the transaction posts. Errors: wrong_signer and those of
// crypto::verify. Spec: spec/market.md, spec/audit.md.
Status verify(const SignedTransaction& transaction, const Digest& network);

// What a sealed bid is until it is revealed.
Digest bid_digest(const Digest& task, const Digest& bidder, Amount price, const Digest& salt);

// The name of a task that this transaction posts. Spec: spec/market.md, spec/audit.md.
Digest task_id(const Digest& network, const Digest& author, std::uint64_t number, const Posting& posting);

// What a verifier commits to before the solver's roots are open: its own roots of the drawn segments. Spec: spec/market.md, spec/audit.md.
Digest receipt_digest(const Digest& task, const Digest& verifier, std::span<const Digest> roots, const Digest& salt);

} // namespace assay::market
