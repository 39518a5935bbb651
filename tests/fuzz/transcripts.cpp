// Transcripts from anybody: refused, or judged and told (DISPUTE-24).
#include "app/walk.hpp"
#include "tests/fuzz/fuzz.hpp"
#include "tests/unit/dispute/toy_task.hpp"

std::vector<assay::Bytes> assay::fuzz::seeds()
{
    std::vector<Bytes> all;
    for (std::uint32_t node = 0; node < toy::toy_program().nodes().size(); ++node) {
        replay::Deviation deviation;
        deviation.node = [node](std::uint64_t step, program::NodeIndex here, program::Tensor& output) {
            if (step != 1 || here.value != node) return false;
            output.set_element(0, output.element(0) ^ 0x00400001U);
            return true;
        };
        for (const bool solver_lies : {true, false}) {
            replay::RunTrace liar = toy::trace(3, deviation), honest = toy::trace(3);
            replay::RunTrace& solver = solver_lies ? liar : honest;
            const auto transcript = dispute::play_out(*solver.statement(Digest{}, 0), toy::terms(2), toy::parties(), Tick{10}, solver,
                                                      solver_lies ? honest : liar);
            if (transcript) all.push_back(encode(*transcript));
        }
    }
    return all;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace assay;
    const auto transcript = decode<dispute::Transcript>({data, size});
    if (!transcript) return 0;
    const auto game = dispute::replay(*transcript);
    const auto walk = app::walk_of(*transcript);
    fuzz::expect(game.has_value() == walk.has_value(), "what can be judged can be told");
    if (walk) fuzz::expect(!app::to_text(*walk).empty(), "a walk has a text");
    return 0;
}
