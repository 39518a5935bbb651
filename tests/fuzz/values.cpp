// Decoding any value that is sent or stored: what is accepted encodes to the same bytes (ENCODING-2).
#include <assay/commit/task.hpp>
#include <assay/dispute/transcript.hpp>

#include "tests/fuzz/fuzz.hpp"
#include "tests/unit/dispute/toy_task.hpp"

namespace {

using namespace assay;

template <class T>
void check(ByteView bytes)
{
    const auto value = decode<T>(bytes);
    if (!value) return fuzz::expect(!value.failure().message().empty(), "a refusal says why");
    const Bytes again = encode(*value);
    fuzz::expect(std::equal(again.begin(), again.end(), bytes.begin(), bytes.end()), "what is accepted encodes to the same bytes");
}

using Check = void (*)(ByteView);
constexpr Check checks[]{
    check<commit::Task>,        check<commit::ProgramCommitment>, check<dispute::Statement>,   check<dispute::Terms>,
    check<dispute::Move>,       check<dispute::Transcript>,       check<program::Descriptor>,  check<program::Node>,
    check<program::TensorType>, check<program::StepRecord>,       check<merkle::CompactRange>, check<program::ProgramParts>};

template <class T>
Bytes seed(std::uint8_t kind, const T& value)
{
    Bytes bytes = encode(value);
    bytes.insert(bytes.begin(), kind);
    return bytes;
}

} // namespace

std::vector<assay::Bytes> assay::fuzz::seeds()
{
    const program::Program program = toy::toy_program();
    replay::RunTrace solver = toy::trace(2);
    const dispute::Statement statement = *solver.statement(Digest{}, 0);
    merkle::CompactRange range;
    for (int i = 0; i < 7; ++i) range.append(Digest{});
    std::vector<Bytes> all{seed(0, commit::Task{}),    seed(1, statement.program),     seed(2, statement), seed(3, toy::terms(3)),
                           seed(8, program.type({0})), seed(9, program::StepRecord{}), seed(10, range),    seed(11, program.parts())};
    for (std::uint32_t i = 0; i < program.nodes().size(); ++i) {
        all.push_back(seed(6, program.descriptor({i})));
        all.push_back(seed(7, program.node({i})));
    }
    return all;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    if (size > 0) checks[data[0] % std::size(checks)]({data + 1, size - 1});
    return 0;
}
