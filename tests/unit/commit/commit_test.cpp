// Digests of tensors, states and programs, against vectors and against openings that were tampered with.
#include <doctest/doctest.h>

#include <atomic>
#include <random>

#include <assay/commit/program_commitment.hpp>
#include <assay/commit/state_commitment.hpp>
#include <assay/commit/task.hpp>
#include <assay/commit/tensors.hpp>
#include <assay/hash/openssl.hpp>

#include "tests/vectors.hpp"

using namespace assay;
using program::DataType;
using program::Primitive;
using program::Tensor;

namespace {

program::TensorType type_of(const test::Record& record)
{
    const std::string name = record.text("type");
    program::TensorType type;
    for (const DataType candidate : {DataType::binary32, DataType::unsigned32, DataType::unsigned8})
        if (name == name_of(candidate)) type.type = candidate;
    if (const std::string shape = record.text("shape"); !shape.empty()) type.shape = program::Shape{static_cast<std::uint32_t>(std::stoul(shape))};
    return type;
}

commit::CommittedProgram two_outputs()
{
    program::ProgramParts parts;
    const program::TensorType scalar{DataType::unsigned32, {}};
    for (std::uint32_t i = 0; i < 5; ++i) parts.nodes.push_back({Primitive::fill, program::FillAttributes{scalar, i}, {}, "fill"});
    parts.outputs = {{"a", {4}}, {"b", {1}}};
    return commit::CommittedProgram{*program::Program::from_parts(std::move(parts))};
}

} // namespace

TEST_CASE("COMMIT-1 COMMIT-2 COMMIT-3 COMMIT-4 tensors and lists of tensors have the digests of the vectors, with either SHA-256")
{
    for (const hash::HashFunction function : {hash::HashFunction{hash::sha256}, hash::HashFunction{hash::sha256_openssl}}) {
        std::vector<Tensor> tensors;
        for (const test::Record& record : test::read_vectors("commit/tensors.txt")) {
            if (!record.all("state").empty()) {
                CHECK(commit::state_digest(tensors, function) == record.digest("state"));
                continue;
            }
            const auto tensor = Tensor::from_bytes(type_of(record), record.bytes("bytes"));
            REQUIRE(tensor);
            if (!record.all("root").empty()) CHECK(commit::chunk_tree(*tensor, function).root() == record.digest("root"));
            CHECK(commit::tensor_digest(*tensor, function) == record.digest("digest"));
            tensors.push_back(*tensor);
        }
        CHECK(tensors.size() == 3);
    }
}

TEST_CASE("COMMIT-1 all chunks are full but the last, at every size around the borders")
{
    for (const std::uint32_t count : {1U, 255U, 256U, 257U, 511U, 512U, 513U}) {
        const Tensor tensor{{DataType::binary32, program::Shape{count}}};
        std::uint64_t bytes = 0;
        for (std::uint64_t i = 0; i < commit::chunk_count(tensor.type()); ++i) {
            CHECK((i + 1 == commit::chunk_count(tensor.type()) || commit::chunk_bytes(tensor.type(), i) == 1024));
            bytes += commit::chunk_of(tensor, i).size();
        }
        CHECK(bytes == 4 * count);
    }
}

TEST_CASE("COMMIT-2 the type and the shape are part of a tensor's digest")
{
    const Tensor flat{{DataType::binary32, program::Shape{6}}};
    const Tensor square{{DataType::binary32, program::Shape{2, 3}}};
    const Tensor integers{{DataType::unsigned32, program::Shape{6}}};
    CHECK(commit::tensor_digest(flat) != commit::tensor_digest(square));
    CHECK(commit::tensor_digest(flat) != commit::tensor_digest(integers));
}

TEST_CASE("COMMIT-5 descriptors and outputs open against the program's commitment, at their own place only")
{
    const commit::CommittedProgram program = two_outputs();
    for (std::uint32_t i = 0; i < 5; ++i) {
        auto opening = program.open_descriptor({i});
        CHECK(commit::verify(opening, {i}, program.commitment()));
        CHECK(!commit::verify(opening, {(i + 1) % 5}, program.commitment()));
        CHECK(commit::verify(opening, {5}, program.commitment()).error() == Error::index_out_of_range);
        opening.descriptor.name += "?";
        CHECK(!commit::verify(opening, {i}, program.commitment()));
    }
    auto output = program.open_output(0);
    CHECK(output.node.value == 4);
    CHECK(commit::verify(output, 0, program.commitment()));
    CHECK(!commit::verify(output, 1, program.commitment()));
    output.node.value = 1;
    CHECK(!commit::verify(output, 0, program.commitment()));
}

TEST_CASE("COMMIT-6 programs that differ anywhere have different identities")
{
    const commit::CommittedProgram program = two_outputs();
    program::ProgramParts parts = program.program().parts();
    std::swap(parts.outputs[0], parts.outputs[1]);
    const commit::CommittedProgram swapped{*program::Program::from_parts(parts)};
    CHECK(digest_of(swapped.commitment()) != digest_of(program.commitment()));
    parts = program.program().parts();
    parts.nodes[0].attributes = program::FillAttributes{{DataType::unsigned32, {}}, 9};
    const commit::CommittedProgram changed{*program::Program::from_parts(parts)};
    CHECK(digest_of(changed.commitment()) != digest_of(program.commitment()));
}

TEST_CASE("COMMIT-10 segments cover the steps of a task once, the last one is shorter, and every field is part of the identity")
{
    for (std::uint64_t steps = 1; steps < 20; ++steps)
        for (std::uint64_t interval = 1; interval < 22; ++interval) {
            const commit::Task task{{}, {}, 1, steps, interval, {}};
            std::uint64_t covered = 0;
            for (std::uint64_t i = 0; i < commit::segment_count(task); ++i) {
                CHECK(commit::segment_steps(task, i) >= 1);
                CHECK((commit::segment_steps(task, i) == interval || i + 1 == commit::segment_count(task)));
                covered += commit::segment_steps(task, i);
            }
            CHECK(covered == steps);
        }
    const Bytes bytes = encode(commit::Task{});
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        Bytes changed = bytes;
        changed[i] = 1;
        CHECK(digest_of(*decode<commit::Task>(changed)) != digest_of(commit::Task{}));
    }
}

TEST_CASE("COMMIT-11 a run's log is the tree over its states' digests")
{
    std::vector<Digest> states(5);
    merkle::CompactRange log;
    for (std::uint8_t i = 0; i < states.size(); ++i) {
        states[i].bytes[0] = i;
        commit::append_checkpoint(log, states[i]);
        CHECK(log.root() == commit::digest_tree(std::span{states}.first(i + 1U)).root());
    }
}

namespace {

std::atomic<std::size_t> hashed_bytes{0};

Digest counting(std::span<const ByteView> parts)
{
    for (const ByteView part : parts) hashed_bytes += part.size();
    return hash::sha256_openssl(parts);
}

} // namespace

TEST_CASE("COMMIT-4 a state that is committed to again and again has its digest each time, and only chunks that changed are hashed")
{
    std::mt19937_64 random{5};
    std::vector<Tensor> state{Tensor{{DataType::binary32, {300, 70}}}, Tensor{{DataType::unsigned32, {}}}, Tensor{{DataType::unsigned8, {5000}}},
                              Tensor{{DataType::binary32, {256}}}};
    commit::StateCommitment running{counting};
    const std::uint64_t tensors = state.size();
    for (int round = 0; round < 40; ++round) {
        const std::vector<Tensor> before = state;
        for (std::uint64_t change = round == 0 ? 0 : random() % 5; change > 0; --change) {
            Tensor& tensor = state[random() % tensors];
            const std::uint64_t element = random() % tensor.type().elements();
            tensor.set_element(element, (tensor.element(element) + 1) % 256);
        }
        hashed_bytes = 0;
        std::vector<Tensor> taken = state;
        CHECK(running.commit(taken) == commit::state_digest(std::span<const Tensor>{state}, hash::sha256_bulk));
        CHECK(taken == (round == 0 ? std::vector<Tensor>{} : before));
        CHECK(running.digest() == commit::state_digest(std::span<const Tensor>{state}));
        std::size_t changed_bytes = 0;
        for (std::size_t i = 0; i < tensors; ++i)
            for (std::uint64_t chunk = 0; chunk < commit::chunk_count(state[i].type()); ++chunk) {
                const bool differs = round == 0 || !std::ranges::equal(commit::chunk_of(state[i], chunk), commit::chunk_of(before[i], chunk));
                CHECK(running.changed(i, chunk) == differs);
                CHECK(running.chunk_hashes(i)[chunk] == merkle::leaf_hash(commit::chunk_of(state[i], chunk)));
                if (differs) changed_bytes += commit::chunk_of(state[i], chunk).size() + 1;
            }
        // Beside the chunks, the nodes above them: 65 bytes for each chunk of a tensor that changed, and the few of the list.
        CHECK(hashed_bytes >= changed_bytes);
        CHECK(hashed_bytes <= changed_bytes + 65 * (83 + 5) + 1000);
    }
}
