// Who holds the beacon's key: draws where terms name the beacon or a submitter was silent, and the seeds of benchmarks.
// Spec: spec/node.md, PARTY-14.
#pragma once

#include <assay/node/party.hpp>

namespace assay::node {

class Beacon final : public Party {
public:
    // The network's beacon must be `seed`'s key for random functions (IDENTITY-13), else there is never anything to do.
    // `network` and `own`, in which nothing is stored, outlive the beacon.
    Beacon(Network& network, store::ChunkStore& own, const crypto::Seed& seed, PartyOptions options = {});

private:
    Status acts_for(const market::TaskState& task, std::vector<Act>& acts) override;
};

} // namespace assay::node
