// The training tasks that are measured here, and in bench/training_torch.py under the same names.
#pragma once

#include <string>

#include <assay/exec/executor.hpp>
#include <assay/model/task.hpp>

namespace assay::bench {

struct TrainingTask {
    std::string name;
    program::Program training;
    exec::DataSet data;
    std::vector<model::Variable> variables; // of the state, in its order
    std::uint64_t items = 0;                // tokens or images in a step
};

std::vector<std::string> training_task_names();

// Requires: one of those names.
TrainingTask training_task(const std::string& name);

// A state as training finds it at its beginning, from other random numbers than a task's.
std::vector<program::Tensor> initial_state(const TrainingTask& task);

// The most memory that this process has held, in bytes.
double peak_memory();

} // namespace assay::bench
