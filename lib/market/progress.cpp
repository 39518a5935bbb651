#include <assay/market/progress.hpp>

#include <assay/hash/openssl.hpp>

namespace assay::market {

namespace {

struct BlindedContent {
    Digest task, solver;
    std::uint64_t segment = 0;
    Digest root, salt;
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.task, self.solver, self.segment, self.root, self.salt);
    }
};

crypto::Place place_of(const Digest& network, const Progress& progress)
{
    return {network, crypto::Purpose::progress, progress.task, progress.index};
}

} // namespace

Digest digest_of(const Progress& progress)
{
    return hash::tagged_digest("assay.progress", progress, hash::sha256_openssl);
}

Digest blinded_root(const Digest& task, const Digest& solver, std::uint64_t segment, const Digest& root, const Digest& salt)
{
    return hash::tagged_digest("assay.blinded-root", BlindedContent{task, solver, segment, root, salt}, hash::sha256_openssl);
}

SignedProgress sign(const crypto::KeyPair& keys, const Digest& network, const Progress& progress)
{
    return {progress, keys.public_key(), crypto::sign(keys, place_of(network, progress), digest_of(progress))};
}

Status verify(const SignedProgress& record, const Digest& network)
{
    if (crypto::identity_of(record.signer) != record.progress.solver) return failure(Error::wrong_signer, "the key is not the solver's");
    return crypto::verify(record.signer, place_of(network, record.progress), digest_of(record.progress), record.signature);
}

Status verify(const Fraud& fraud, const Digest& network)
{
    const Progress& first = fraud.first.progress;
    const Progress& second = fraud.second.progress;
    if (first.task != second.task || first.solver != second.solver)
        return failure(Error::fault_not_shown, "the records are not of one task and one solver");
    ASSAY_TRY(verify(fraud.first, network));
    ASSAY_TRY(verify(fraud.second, network));
    if (!fraud.rewrite) {
        // A solver that continues where its own earlier leg fell silent signs the same content behind another record. Spec: MARKET-8.
        const bool same = first.state == second.state && first.log == second.log && first.blinded == second.blinded;
        if (first.index != second.index || same) return failure(Error::fault_not_shown, "the records are not two of one checkpoint");
        return {};
    }
    if (first.index > second.index || second.index >= merkle::size_max || fraud.rewrite->state == first.state)
        return failure(Error::fault_not_shown, "the later log is not shown to hold another state");
    return merkle::verify_inclusion(first.index, second.index + 1, merkle::leaf_hash(view_of(fraud.rewrite->state)), fraud.rewrite->proof,
                                    second.log);
}

} // namespace assay::market
