// Requests for committed data, their answers and their deadlines.
#include <assay/dispute/availability.hpp>

#include <assay/commit/tensors.hpp>

#include "dispute/descent.hpp"
#include "dispute/sizes.hpp"

namespace assay::dispute {

namespace {

const program::TensorType& type_of(const DataRequest& request)
{
    return request.descriptor.descriptor.output;
}

// The hashes beside the way from the root to a node, from below upward: what an inclusion proof of a leaf would have above the node.
std::vector<merkle::Range> path_above(merkle::Range node, std::uint64_t size)
{
    std::vector<merkle::Range> path = merkle::inclusion_path(node.begin, size);
    std::erase_if(path, [&](const merkle::Range& range) { return node.begin <= range.begin && range.end <= node.end; });
    return path;
}

// The root of the tree in which `node` has this hash. Errors: wrong_proof_length.
Result<Digest> root_above(merkle::Range node, std::uint64_t size, Digest hash, std::span<const Digest> proof, hash::HashFunction function)
{
    const std::vector<merkle::Range> path = path_above(node, size);
    if (path.size() != proof.size()) return failure(Error::wrong_proof_length, "the chunks' path has another length");
    for (std::size_t i = 0; i < path.size(); ++i) {
        const bool is_left = path[i].end <= node.begin;
        hash = is_left ? merkle::node_hash(proof[i], hash, function) : merkle::node_hash(hash, proof[i], function);
    }
    return hash;
}

// A tree below a node has the shape of a tree of its own.
Digest hash_of_chunks(std::span<const Bytes> chunks, hash::HashFunction function)
{
    std::vector<Digest> leaves;
    for (const Bytes& chunk : chunks) leaves.push_back(merkle::leaf_hash(chunk, function));
    return merkle::Tree::from_leaf_hashes(std::move(leaves), function).root();
}

Status validate(const Keeping& keeping)
{
    const DataTerms& terms = keeping.terms;
    if (terms.lanes < 1 || terms.lanes > 64) return failure(Error::invalid_terms, "lanes is from 1 to 64");
    if (terms.levels > 10) return failure(Error::invalid_terms, "levels is at most 10");
    if (terms.bytes_per_tick == 0) return failure(Error::invalid_terms, "bytes_per_tick is at least 1");
    if (terms.latency.value > latency_max) return failure(Error::invalid_terms, "latency is at most 2^40 ticks");
    if (terms.clock.value < 1 || terms.clock.value > clock_max) return failure(Error::invalid_terms, "clock is from 1 to 2^60 ticks");
    if (terms.fee > std::uint64_t{1} << 40 || terms.bond > std::uint64_t{1} << 60)
        return failure(Error::invalid_terms, "fee is at most 2^40, bond at most 2^60");
    const commit::ProgramCommitment& program = keeping.program;
    if (!program::validate_counts(program.node_count, program.output_count, program.state_count, program.data_count))
        return failure(Error::invalid_statement, "no program has these counts");
    return {};
}

std::uint64_t fee_of(const DataRequest& request, const DataTerms& terms)
{
    return request.chunks.size() * terms.fee;
}

} // namespace

Digest digest_of(const Keeping& keeping)
{
    return hash::tagged_digest("assay.keeping", keeping);
}

Digest digest_of(const DataRequest& request, hash::HashFunction function)
{
    return hash::tagged_digest("assay.data-request", request, function);
}

std::uint64_t answer_bytes_max(const DataRequest& request, const commit::ProgramCommitment& program)
{
    std::uint64_t bytes = 3 * 32 + proof_bytes_max(program.output_count) + proof_bytes_max(commit::chunk_count(type_of(request))) + 4;
    for (std::uint64_t i = request.chunks.begin; i < request.chunks.end; ++i) bytes += 4 + commit::chunk_bytes(type_of(request), i);
    return bytes;
}

DataAnswer answer_of(const DataRequest& request, std::span<const program::Tensor> state, hash::HashFunction function)
{
    std::vector<Digest> digests;
    for (const program::Tensor& tensor : state) digests.push_back(commit::tensor_digest(tensor, function));
    const merkle::Tree list = commit::digest_tree(digests, function);
    const merkle::Tree tree = commit::chunk_tree(state[request.tensor], function);
    DataAnswer answer{digest_of(request, function), list.root(), tree.root(), list.prove_inclusion(request.tensor), {}, {}};
    for (const merkle::Range range : path_above(request.chunks, tree.size())) answer.chunks_proof.push_back(tree.hash(range));
    for (std::uint64_t i = request.chunks.begin; i < request.chunks.end; ++i) {
        const ByteView chunk = commit::chunk_of(state[request.tensor], i);
        answer.chunks.emplace_back(chunk.begin(), chunk.end());
    }
    return answer;
}

Availability::Availability(AvailabilityState state, hash::HashFunction function)
    : m_id(digest_of(state.keeping)), m_hash(function), m_state(std::move(state))
{
}

Result<Availability> Availability::start(Keeping keeping, Tick now, hash::HashFunction function)
{
    ASSAY_TRY(validate(keeping));
    if (now.value > time_max) return failure(Error::limit_exceeded, "keeping starts at tick 2^62 at the latest");
    AvailabilityState state;
    state.keeping = std::move(keeping);
    state.latest = now;
    return Availability{std::move(state), function};
}

Result<Availability> Availability::decode(ByteView bytes, hash::HashFunction function)
{
    ASSAY_TRY_ASSIGN(AvailabilityState state, assay::decode<AvailabilityState>(bytes));
    ASSAY_TRY(validate(state.keeping));
    const Availability stored{std::move(state), function};
    const AvailabilityState& form = stored.m_state;
    if (form.open.size() > form.keeping.terms.lanes || form.open.size() > form.asked || form.latest.value > time_max)
        return failure(Error::not_canonical, "more is open than there are lanes or requests");
    for (std::size_t i = 0; i < form.open.size(); ++i) {
        const OpenRequest& one = form.open[i];
        ASSAY_TRY(stored.check(one.request));
        if (one.request.number >= form.asked || (i > 0 && one.request.number <= form.open[i - 1].request.number))
            return failure(Error::not_canonical, "requests stand in the order of their numbers");
        for (std::size_t j = 0; j < i; ++j)
            if (form.open[j].request.requester == one.request.requester)
                return failure(Error::not_canonical, "a requester has one request open");
        const std::uint64_t granted = stored.granted_time(one.request).value;
        if (one.deadline.value < granted || one.deadline.value - granted > form.latest.value)
            return failure(Error::not_canonical, "no request has this deadline");
    }
    return stored;
}

Status Availability::check(const DataRequest& request) const
{
    const commit::ProgramCommitment& program = m_state.keeping.program;
    if (request.keeping != m_id) return failure(Error::wrong_game, "the request names " + short_hex(request.keeping));
    if (request.tensor >= program.output_count) return failure(Error::index_out_of_range, "the state has no such tensor");
    ASSAY_TRY(commit::verify(request.output, request.tensor, program, m_hash));
    ASSAY_TRY(commit::verify(request.descriptor, request.output.node, program, m_hash));
    ASSAY_TRY(check_descriptor(request.descriptor.descriptor, request.output.node));
    if (!merkle::is_node(request.chunks, commit::chunk_count(type_of(request))))
        return failure(Error::index_out_of_range, "the chunks are no node of the tensor's tree");
    if (request.chunks.size() > std::uint64_t{1} << m_state.keeping.terms.levels)
        return failure(Error::limit_exceeded, "too many chunks at once");
    return {};
}

Tick Availability::granted_time(const DataRequest& request) const
{
    // At most 64 answers of a megabyte, and as many requests: nothing wraps.
    const DataTerms& terms = m_state.keeping.terms;
    const std::uint64_t one = answer_bytes_max(request, m_state.keeping.program) + assay::encode(request).size();
    // The other lanes may hold the largest requests that there can be.
    const std::uint64_t other =
        (std::uint64_t{1} << terms.levels) * (4 + commit::chunk_bytes_max) + 2 * (3 * 32 + 4 + 3 * 64 * 32) + program::descriptor_bytes_max;
    const std::uint64_t bytes = one + (terms.lanes - 1) * other;
    return {terms.latency.value + (bytes + terms.bytes_per_tick - 1) / terms.bytes_per_tick + terms.clock.value};
}

std::optional<std::size_t> Availability::find(const Digest& request) const
{
    for (std::size_t i = 0; i < m_state.open.size(); ++i)
        if (digest_of(m_state.open[i].request, m_hash) == request) return i;
    return std::nullopt;
}

Result<Applied> Availability::ask(const DataRequest& request, Tick now)
{
    if (find(digest_of(request, m_hash))) return Applied::already_made;
    if (is_lost()) return failure(Error::game_over);
    ASSAY_TRY(check(request));
    if (request.number != m_state.asked)
        return failure(request.number < m_state.asked ? Error::stale_move : Error::future_move,
                       "request " + std::to_string(m_state.asked) + " is next");
    if (now < m_state.latest) return failure(Error::too_early, "time went back");
    if (now.value > time_max) return failure(Error::limit_exceeded, "no request is opened so late");
    for (const OpenRequest& one : m_state.open)
        if (one.request.requester == request.requester) return failure(Error::already_done, "the requester has a request open");
    if (m_state.open.size() == m_state.keeping.terms.lanes) return failure(Error::limit_exceeded, "all lanes are taken");
    m_state.open.push_back({request, {now.value + granted_time(request).value}});
    m_state.latest = now;
    ++m_state.asked;
    return Applied::made;
}

Result<Settlement> Availability::answer(const DataAnswer& answer, Tick now)
{
    const auto index = find(answer.request);
    if (!index) return failure(Error::wrong_game, "no such request is open");
    if (now < m_state.latest) return failure(Error::too_early, "time went back");
    const OpenRequest& open = m_state.open[*index];
    if (now > open.deadline) return failure(Error::too_late, "the deadline was tick " + std::to_string(open.deadline.value));
    const DataRequest& request = open.request;
    const commit::ProgramCommitment& program = m_state.keeping.program;
    if (answer.chunks.size() != request.chunks.size()) return failure(Error::invalid_proof, "another number of chunks was asked for");
    for (std::uint64_t i = 0; i < answer.chunks.size(); ++i)
        if (answer.chunks[i].size() != commit::chunk_bytes(type_of(request), request.chunks.begin + i))
            return failure(Error::invalid_proof, "chunk " + std::to_string(i) + " has another size");
    ASSAY_TRY_ASSIGN(const Digest root, root_above(request.chunks, commit::chunk_count(type_of(request)),
                                                   hash_of_chunks(answer.chunks, m_hash), answer.chunks_proof, m_hash));
    if (root != answer.tensor_root) return failure(Error::root_mismatch, "the chunks do not combine to the tensor's root");
    if (commit::state_digest(program.output_count, answer.list_root) != request.state)
        return failure(Error::root_mismatch, "the list does not combine to the state");
    const Digest tensor = commit::tensor_digest(type_of(request), root);
    ASSAY_TRY(merkle::verify_inclusion(request.tensor, program.output_count, merkle::leaf_hash(view_of(tensor), m_hash),
                                       answer.tensor_proof, answer.list_root, m_hash));
    const std::uint64_t fee = fee_of(request, m_state.keeping.terms);
    m_state.open.erase(m_state.open.begin() + static_cast<std::ptrdiff_t>(*index));
    if (now.value <= time_max) m_state.latest = now;
    return Settlement{{{m_state.keeping.keeper, fee / 2}}, fee - fee / 2};
}

Result<Settlement> Availability::claim_withheld(const Digest& id, Tick now)
{
    if (is_lost()) return failure(Error::game_over);
    const auto index = find(id);
    if (!index) return failure(Error::wrong_game, "no such request is open");
    if (now <= m_state.open[*index].deadline)
        return failure(Error::too_early, "the deadline is tick " + std::to_string(m_state.open[*index].deadline.value));
    const std::uint64_t bond = m_state.keeping.terms.bond;
    m_state.withheld_from = m_state.open[*index].request.requester;
    Settlement settlement{{{*m_state.withheld_from, bond / 2}}, bond - bond / 2};
    for (const OpenRequest& one : m_state.open)
        settlement.payouts.push_back({one.request.requester, fee_of(one.request, m_state.keeping.terms)});
    m_state.open.clear();
    return settlement;
}

} // namespace assay::dispute
