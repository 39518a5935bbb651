// Executors compute programs with native arithmetic. There are two, with one meaning and the same bits: the interpreter, which is
// the definition written as code, and the fast one. Spec: spec/program.md, "Evaluation"; spec/numerics.md.
#pragma once

#include <functional>
#include <memory>

#include <assay/program/program.hpp>

namespace assay::exec {

// Called after a node was computed, in node order, with its output in canonical form, which it leaves where it is. A visitor that changes
// elements of it returns true, and the nodes that follow see the change: that is how a cheat is acted out.
using NodeVisitor = std::function<bool(program::NodeIndex, program::Tensor&)>;

// The data set that a program reads. Shared, never changed: several executors read it at once.
using DataSet = std::shared_ptr<const std::vector<program::Tensor>>;

// A program, its data set and seed, and the current state. One thread may use it at a time.
class Executor {
public:
    virtual ~Executor() = default;

    // Replaces the current state. Errors: state_mismatch, naming the first tensor that is not as the program declares it.
    virtual Status load(std::span<const program::Tensor> states) = 0;

    // Replaces the data set. Errors: state_mismatch, as above.
    virtual Status load_data(DataSet data) = 0;

    // Computes the program once on the current state. When the program is iterable its outputs become the current state.
    virtual void step() = 0;

    // The same, and shows every node's output to `visit` (trace mode). A trace wants more memory than a step, which the first one takes.
    // Errors: out_of_memory, before any node is computed.
    virtual Status traced_step(const NodeVisitor& visit) = 0;

    // Output `index` of the last step, in the program's order. Requires: a step was made since loading.
    [[nodiscard]] virtual program::Tensor output(std::size_t index) const = 0;
    // All of them, into `tensors`, whose memory serves again where it has tensors of the outputs' types.
    virtual void read_outputs(std::vector<program::Tensor>& tensors) const = 0;
    [[nodiscard]] std::vector<program::Tensor> outputs() const
    {
        std::vector<program::Tensor> tensors;
        read_outputs(tensors);
        return tensors;
    }
};

// Refuses tensors that are not as declared. Errors: state_mismatch.
Status check_tensors(std::span<const program::Declaration> declared, std::span<const program::Tensor> given);

// The reference interpreter: one scalar at a time, as spec/program.md says it. Slow on purpose.
// Errors: state_mismatch when `data` is not what the program declares; unsupported_processor (vector_target.hpp).
Result<std::unique_ptr<Executor>> make_interpreter(const program::Program& program, DataSet data, std::uint64_t seed);

// The fast executor: the interpreter's bits, from vector units, planned memory and `threads` threads (its own, beside the caller's, one
// fewer). Spec: NUMERICS-20 to NUMERICS-23. Errors: state_mismatch as above; out_of_memory, where the values of a step are more than the memory
// that the machine has or gives; unsupported_processor. Requires: threads is at least 1.
Result<std::unique_ptr<Executor>> make_fast_executor(const program::Program& program, DataSet data, std::uint64_t seed, unsigned threads);

} // namespace assay::exec
