// Signed records of a run's progress, and how two of them prove a fraud. Spec: spec/market.md, spec/audit.md.
#pragma once

#include <assay/crypto/envelope.hpp>
#include <assay/merkle/proof.hpp>

namespace assay::market {

// Posted at every checkpoint. `log` is the root of the run's log with index + 1 leaves (COMMIT-11), so any two records of a run
// are linked by an RFC 6962 consistency proof.
struct Progress {
    Digest task;
    Digest solver;
    std::uint64_t index = 0; // of the checkpoint, from 1
    Digest state;
    Digest log;
    Digest blinded;  // blinded_root of the segment that ends here
    Digest previous; // digest of the record before, zero for a leg's first
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.task, self.solver, self.index, self.state, self.log, self.blinded, self.previous);
    }
    friend bool operator==(const Progress&, const Progress&) = default;
};

Digest digest_of(const Progress& progress);

// What hides a segment's root until the verifiers' receipts are in. Spec: spec/market.md, spec/audit.md.
Digest blinded_root(const Digest& task, const Digest& solver, std::uint64_t segment, const Digest& root, const Digest& salt);

struct SignedProgress {
    Progress progress;
    crypto::PublicKey signer;
    crypto::Signature signature;
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.progress, self.signer, self.signature);
    }
    friend bool operator==(const SignedProgress&, const SignedProgress&) = default;
};

SignedProgress sign(const crypto::KeyPair& keys, const Digest& network, const Progress& progress);
// Errors: wrong_signer where the key is not the solver's, and those of crypto::verify.
Status verify(const SignedProgress& record, const Digest& network);

// Leaf `first.index` of the log that `second` commits to is not the state of `first`.
struct Rewrite {
    Digest state; // what that leaf is
    merkle::Proof proof;
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.state, self.proof);
    }
    friend bool operator==(const Rewrite&, const Rewrite&) = default;
};

// Two records by one solver of one task that no honest solver signs: different ones for one checkpoint, or, with `rewrite`, a later log
// that does not hold the earlier state.
struct Fraud {
    SignedProgress first, second;
    std::optional<Rewrite> rewrite;
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.first, self.second, self.rewrite);
    }
    friend bool operator==(const Fraud&, const Fraud&) = default;
};

// Succeeds when the records convict their signer. Errors: fault_not_shown, those of verify and of merkle::verify_inclusion.
Status verify(const Fraud& fraud, const Digest& network);

} // namespace assay::market
