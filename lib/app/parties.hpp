// Taking part in a network: submitters, solvers, verifiers and watchers as programs that go on until they are stopped or done.
#pragma once

#include <atomic>
#include <string>

#include "app/new_task.hpp"

namespace assay::app {

struct TakingPartOptions {
    std::string folder;      // where the party stores what it must not forget
    std::uint64_t tasks = 0; // stops when this many tasks are closed; 0: never
    unsigned threads = 1;
};

struct SolveOptions {
    TakingPartOptions party;
    std::uint64_t price = 0; // 0: half of the reward
    std::string cheat;       // the name of a cheat to act out in the middle segment of every run; empty for none
    bool withholds = false;  // records states and gives none of them out
};

struct VerifyOptions {
    TakingPartOptions party;
    std::uint64_t stake = 1000;
    bool everything = false; // replays what nobody drew it for, too
    bool is_lazy = false;
};

struct SubmitOptions {
    TakingPartOptions party;
    bool withdraws = false; // takes the folder's task back
    ProblemOptions problem;
    TrainingOptions training;
    OfferOptions offer;
};

struct WatchOptions {
    std::uint64_t tasks = 0;
};

// Each goes on until it is done or `stop` is set; a connection that is lost is waited for. Errors: what is no reason to go on: a bad chain,
// a store that fails, a task that no node would accept.
Status solve(node::Network& network, const crypto::Seed& seed, const SolveOptions& options, const std::atomic<bool>& stop);
Status verify(node::Network& network, const crypto::Seed& seed, const VerifyOptions& options, const std::atomic<bool>& stop);
// Draws as the holder of the beacon's key.
Status draw(node::Network& network, const crypto::Seed& seed, std::uint64_t tasks, const std::atomic<bool>& stop);
Status watch(node::Network& network, const WatchOptions& options, const std::atomic<bool>& stop);

enum class Outcome : std::uint8_t { complete, convicted, incomplete, stopped, withdrawn };
// Returns: what became of the task. A result that was brought home lies in `folder`/result.
Result<Outcome> submit(node::Network& network, const crypto::Seed& seed, const SubmitOptions& options, const std::atomic<bool>& stop);

// A state as a file: one encoded list of names and tensors.
struct NamedTensor {
    std::string name;
    program::TensorType type;
    Bytes bytes;
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.name, self.type, self.bytes);
    }
};

} // namespace assay::app
