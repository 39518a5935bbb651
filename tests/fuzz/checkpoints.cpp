// A store that says anything: no checkpoint is made up, and no memory is asked for that chunks do not fill (STORE-12).
#include <assay/store/checkpoints.hpp>
#include <assay/store/memory_store.hpp>

#include "tests/fuzz/fuzz.hpp"

namespace {

using namespace assay;

// A store with a few chunks of several lengths, and the list of a checkpoint over them.
Bytes fill(store::ChunkStore& chunks)
{
    const std::vector<program::Declaration> declared{{"w", {program::DataType::binary32, {300}}},
                                                     {"b", {program::DataType::unsigned8, {3}}}};
    std::vector<program::Tensor> state;
    for (const auto& declaration : declared) state.emplace_back(declaration.type);
    fuzz::expect(store::save_checkpoint(chunks, Digest{}, 0, declared, state).ok(), "a checkpoint is stored");
    const Digest list = *chunks.get_name((*chunks.names("run/")).front());
    return *chunks.get(list);
}

} // namespace

std::vector<assay::Bytes> assay::fuzz::seeds()
{
    store::MemoryChunkStore chunks;
    return {fill(chunks)};
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace assay;
    store::MemoryChunkStore chunks;
    fill(chunks);
    const Digest list = *chunks.put({data, size});
    fuzz::expect(chunks.put_name((*chunks.names("run/")).front(), list).ok(), "a name is stored");
    const auto state = store::load_checkpoint(chunks, Digest{}, 0);
    if (!state) fuzz::expect(state.failure().detail.starts_with("checkpoint 0"), "a refusal names the checkpoint");
    return 0;
}
