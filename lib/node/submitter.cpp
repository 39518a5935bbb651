// Spec: PARTY-10, PARTY-11.
#include <assay/node/submitter.hpp>

#include <assay/commit/tensors.hpp>
#include <assay/hash/openssl.hpp>
#include <assay/market/draw.hpp>
#include <assay/node/lists.hpp>
#include <assay/store/checkpoints.hpp>

namespace assay::node {

using namespace market;
using program::Tensor;

namespace {

constexpr std::string_view posting_name = "task/posting";
constexpr std::string_view number_name = "task/number";
constexpr std::string_view data_name = "task/data";
constexpr std::string_view initial_name = "task/initial";

std::string uploaded(std::string_view what)
{
    return std::string{what} + "/uploaded";
}

// A name's target is a digest; a number fits into one.
Digest digest_of_number(std::uint64_t number)
{
    Digest digest;
    for (std::size_t i = 0; i < 8; ++i) digest.bytes[i] = static_cast<std::uint8_t>(number >> (8 * i));
    return digest;
}

std::uint64_t number_of_digest(const Digest& digest)
{
    std::uint64_t number = 0;
    for (std::size_t i = 0; i < 8; ++i) number |= std::uint64_t{digest.bytes[i]} << (8 * i);
    return number;
}

// The posting's name comes last: who finds it finds everything.
Status keep_task(store::ChunkStore& own, const NewTask& task, const program::Program& program)
{
    ASSAY_TRY(exec::check_tensors(program.data(), task.data));
    ASSAY_TRY(exec::check_tensors(program.states(), task.initial));
    ASSAY_TRY_ASSIGN(const Digest data, store::save_list(own, program.data(), task.data));
    ASSAY_TRY_ASSIGN(const Digest initial, store::save_list(own, program.states(), task.initial));
    ASSAY_TRY_ASSIGN(const store::ListedState listed_data, store::read_list(own, data));
    ASSAY_TRY_ASSIGN(const store::ListedState listed_initial, store::read_list(own, initial));
    if (listed_data.state != task.posting.task.data || listed_initial.state != task.posting.task.initial)
        return failure(Error::state_mismatch, "the posting names other tensors");
    store::Batch batch;
    batch.put_name(data_name, data);
    batch.put_name(initial_name, initial);
    batch.put_name(posting_name, batch.put(encode(task.posting)));
    return own.write(batch);
}

} // namespace

Submitter::Submitter(Network& network, store::ChunkStore& own, const crypto::Seed& seed, PartyOptions options, Posting posting,
                     const program::Program& program)
    : Party(network, own, Identity{seed}, std::move(options)), m_posting(std::move(posting)), m_states(program.states())
{
}

Result<bool> Submitter::has_task(const store::ChunkStore& own)
{
    const auto name = own.get_name(posting_name);
    if (name) return true;
    if (name.error() == Error::not_available) return false;
    return name.failure();
}

Result<std::unique_ptr<Submitter>> Submitter::start(Network& network, store::ChunkStore& own, const crypto::Seed& seed,
                                                    const std::optional<NewTask>& task, PartyOptions options)
{
    ASSAY_TRY_ASSIGN(const bool is_stored, has_task(own));
    if (!is_stored) {
        if (!task) return failure(Error::not_available, "there is no task here to go on with");
        ASSAY_TRY_ASSIGN(const program::Program program, program::Program::decode(task->posting.program));
        ASSAY_TRY(keep_task(own, *task, program));
    }
    ASSAY_TRY_ASSIGN(const Digest address, own.get_name(posting_name));
    ASSAY_TRY_ASSIGN(const Bytes bytes, own.get(address));
    ASSAY_TRY_ASSIGN(Posting posting, decode<Posting>(bytes));
    ASSAY_TRY_ASSIGN(const program::Program program, program::Program::decode(posting.program));
    return std::unique_ptr<Submitter>{new Submitter{network, own, seed, std::move(options), std::move(posting), program}};
}

Result<std::optional<std::uint64_t>> Submitter::chosen_number() const
{
    ASSAY_TRY_ASSIGN(const std::optional<Digest> stored, stored_name(std::string{number_name}));
    return stored ? std::optional{number_of_digest(*stored)} : std::nullopt;
}

Result<std::optional<Digest>> Submitter::task() const
{
    ASSAY_TRY_ASSIGN(const std::optional<std::uint64_t> number, chosen_number());
    if (!number) return std::optional<Digest>{};
    return std::optional{task_id(ledger().rules().network, name(), *number, m_posting)};
}

Result<const TaskHistory*> Submitter::history() const
{
    ASSAY_TRY_ASSIGN(const std::optional<Digest> id, task());
    return id ? view().task(*id) : nullptr;
}

Status Submitter::upload_named(std::string_view what)
{
    ASSAY_TRY_ASSIGN(const Digest list, own().get_name(what));
    return upload_slice(list, uploaded(what), "uploading " + std::string{what});
}

Status Submitter::choose_number(std::uint64_t number)
{
    return own().put_name(number_name, digest_of_number(number));
}

// The number is stored before the transaction is sent. One that another transaction took cannot be the task's any more, and another is
// chosen: so a task is posted once. Spec: PARTY-2, PARTY-10.
Status Submitter::acts_for_none(std::vector<Act>& acts)
{
    ASSAY_TRY_ASSIGN(const TaskHistory* const known, history());
    if (known != nullptr || m_withdraws) return {};
    for (const std::string_view what : {data_name, initial_name}) {
        ASSAY_TRY_ASSIGN(const std::optional<Digest> done, stored_name(uploaded(what)));
        if (done) continue;
        acts.push_back({Urgency::work, {}, "uploads " + std::string{what}, Work{[this, what] { return upload_named(what); }}});
        return {};
    }
    const Account* const account = ledger().account(name());
    const std::uint64_t next = account == nullptr ? 0 : account->transactions;
    ASSAY_TRY_ASSIGN(const std::optional<std::uint64_t> number, chosen_number());
    if (number != next) {
        acts.push_back({Urgency::work, {}, "chooses the posting's number", Work{[this, next] { return choose_number(next); }}});
        return {};
    }
    acts.push_back({Urgency::chance, {}, "posts the task", Body{Post{m_posting}}});
    return {};
}

Status Submitter::acts_for(const TaskState& task, std::vector<Act>& acts)
{
    if (task.submitter != name()) return {};
    ASSAY_TRY(acts_in_games(task, acts));
    if (m_withdraws && task.phase == market::Phase::bidding && now() <= task.deadline)
        acts.push_back({Urgency::promise, task.id, "takes the task back", Body{Withdraw{task.id}}});
    const bool draws = task.terms.source == DrawSource::submitter && task.terms.drawer == identity().drawer().public_key();
    if (task.phase == market::Phase::drawing && draws && now() <= task.deadline) {
        const Bytes input = draw_input(ledger().rules().network, task.id, task.leg->last_record);
        acts.push_back({Urgency::promise, task.id, "draws verifiers and segments",
                        Body{Draw{task.id, identity().drawer().prove(task.terms.suite, input)}}});
    }
    advance_when_due(task, acts);
    return {};
}

Result<std::vector<Tensor>> Submitter::result()
{
    ASSAY_TRY_ASSIGN(const TaskHistory* const known, history());
    ASSAY_CHECK(known != nullptr && known->is_complete());
    ASSAY_TRY_ASSIGN(const Digest list, fetch(network(), own(), known->states.back(), m_states, [&](std::uint64_t done, std::uint64_t all) {
                         if (options().progress) options().progress("fetching the result", done, all);
                     }));
    return store::load_list(own(), list);
}

} // namespace assay::node
