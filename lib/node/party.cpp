// The turn of a party, and what it computes. Spec: PARTY-1 to PARTY-4.
#include <assay/node/party.hpp>

#include <algorithm>
#include <tuple>

#include <assay/commit/tensors.hpp>
#include <assay/hash/openssl.hpp>
#include <assay/store/checkpoints.hpp>

#include "node/names.hpp"

namespace assay::node {

using namespace market;
using program::Tensor;

namespace {

struct Secret {
    std::array<std::uint8_t, 32> seed;
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.seed);
    }
};

struct SaltContent {
    Digest secret;
    std::string kind;
    Digest task;
    std::uint64_t number = 0;
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.secret, self.kind, self.task, self.number);
    }
};

// A leg's own: what a convicted solver's states led to is nobody's beginning.
struct RunName {
    Digest task;
    std::uint8_t leg = 0;
    std::uint64_t seed = 0;
    template <class Self, class Visit>
    static auto fields(Self& self, Visit visit)
    {
        return visit(self.task, self.leg, self.seed);
    }
};

// Whoever goes on after these would do harm, or the same again.
bool is_fatal(Error error)
{
    return error == Error::storage_failed || error == Error::disconnected;
}

// What an act is known by from one turn to the next.
std::string name_of(const Act& act)
{
    return to_hex(act.task) + act.what;
}

} // namespace

Identity::Identity(const crypto::Seed& seed)
    : m_keys(seed), m_drawer(crypto::vrf_seed(seed)), m_secret(hash::tagged_digest("assay.party-secret", Secret{seed.bytes}))
{
}

Digest Identity::salt(std::string_view kind, const Digest& task, std::uint64_t number) const
{
    return hash::tagged_digest("assay.party-salt", SaltContent{m_secret, std::string{kind}, task, number});
}

Party::Party(Network& network, store::ChunkStore& own, Identity identity, PartyOptions options, Cheating cheating)
    : m_network(network), m_own(own), m_identity(std::move(identity)), m_options(std::move(options)), m_cheating(std::move(cheating))
{
}

Party::~Party() = default;

Status Party::acts_for_none(std::vector<Act>&)
{
    return {};
}

Result<Turn> Party::turn(const std::function<void(const FollowedBlock&)>& seen)
{
    if (!m_view) ASSAY_TRY(begin_view());
    ASSAY_TRY(m_view->follow(m_network, seen));
    std::vector<Act> acts;
    ASSAY_TRY(acts_for_none(acts));
    std::optional<Turn> unclear;
    for (const TaskState& task : ledger().tasks().entries()) {
        if (task.phase == market::Phase::closed) continue;
        const Status status = acts_for(task, acts);
        if (status) continue;
        if (is_fatal(status.error())) return status.failure();
        // What is wrong about one task keeps nobody from the deadlines of others. Spec: PARTY-15.
        unclear = Turn{"looks at task " + short_hex(task.id), Urgency::work, status.failure()};
    }
    std::erase_if(acts, [&](const Act& act) {
        const auto held = m_held_back.find(act.task);
        return held != m_held_back.end() && held->second >= now();
    });
    if (acts.empty()) return unclear.value_or(Turn{});
    // Of acts that are as urgent as each other, those first that only send something. One whose state is still on its way lets all others go first that
    // have a deadline. Spec: PARTY-15, PARTY-19.
    const auto rank = [&](const Act& act) {
        const bool waits = act.urgency < Urgency::work && name_of(act) == m_waiting;
        return std::tuple{waits ? Urgency::work : act.urgency, !waits, act.content.index()};
    };
    Act& act = *std::min_element(acts.begin(), acts.end(), [&](const Act& a, const Act& b) { return rank(a) < rank(b); });
    Turn turn{act.what, act.urgency, {}};
    m_waiting.clear();
    m_is_unfinished = false;
    if (const Status status = perform(act); !status) {
        if (is_fatal(status.error())) return status.failure();
        if (m_is_unfinished) {
            m_waiting = name_of(act);
            turn.urgency = Urgency::work;
            return turn;
        }
        m_held_back[act.task] = now();
        turn.refused = status.failure();
    }
    return turn;
}

// Of another network a party knows nothing.
Status Party::begin_view()
{
    ASSAY_TRY_ASSIGN(ChainView first, ChainView::start(m_network));
    const bool goes_on = m_resumed && encode(m_resumed->genesis()) == encode(first.genesis());
    m_view = goes_on ? std::move(*m_resumed) : std::move(first);
    m_resumed.reset();
    return {};
}

Bytes Party::sealed_view() const
{
    const Bytes view = m_view->encode();
    Bytes sealed;
    Encoder{sealed}(seal_of(view));
    sealed.insert(sealed.end(), view.begin(), view.end());
    return sealed;
}

Digest Party::seal_of(ByteView view) const
{
    return m_identity.salt("view", hash::sha256_openssl(std::span{&view, 1}), 0);
}

Status Party::resume(ByteView sealed)
{
    ASSAY_CHECK(!m_view);
    constexpr std::size_t seal_bytes = sizeof(Digest::bytes);
    if (sealed.size() < seal_bytes) return failure(Error::truncated_input, "no seal");
    const ByteView view = sealed.subspan(seal_bytes);
    if (!std::ranges::equal(sealed.first(seal_bytes), view_of(seal_of(view))))
        return failure(Error::commitment_mismatch, "this party did not seal these bytes");
    ASSAY_TRY_ASSIGN(m_resumed, ChainView::decode(view));
    return {};
}

Failure Party::not_yet(const std::string& what)
{
    m_is_unfinished = true;
    return failure(Error::not_available, what + " is not over yet");
}

bool Party::ends_the_act(Error error) const
{
    return is_fatal(error) || m_is_unfinished;
}

Status Party::perform(Act& act)
{
    if (auto* const body = std::get_if<Body>(&act.content)) return transact(std::move(*body));
    return std::get<Work>(act.content)();
}

Status Party::transact(Body body)
{
    const Account* const account = ledger().account(name());
    if (account == nullptr)
        return failure(Error::unknown_subject, "account " + to_hex(name()) + " does not exist: somebody has to transfer money to it first");
    const Transaction transaction{name(), account->transactions, std::move(body)};
    ASSAY_TRY(m_network.submit(sign(m_identity.keys(), ledger().rules().network, transaction)));
    return {};
}

std::uint64_t Party::balance() const
{
    const Account* const account = ledger().account(name());
    return account == nullptr ? 0 : account->balance.units;
}

Result<std::optional<Digest>> Party::stored_name(const std::string& name) const
{
    auto target = m_own.get_name(name);
    if (target) return std::optional{*target};
    if (target.error() == Error::not_available) return std::optional<Digest>{};
    return target.failure();
}

Digest Party::run_of(const TaskState& task)
{
    return hash::tagged_digest("assay.party-run", RunName{task.id, task.legs, task.leg ? task.leg->seed : task.task.seed}, hash::sha256_openssl);
}

Digest Party::digest_before(const TaskState& task, std::uint64_t segment) const
{
    return segment == 0 ? task.task.initial : m_view->task(task.id)->states[segment - 1];
}

Result<const Party::Material*> Party::material(const Digest& task)
{
    if (const auto known = m_materials.find(task); known != m_materials.end()) return &known->second;
    const Posting& posting = m_view->task(task)->posting;
    ASSAY_TRY_ASSIGN(program::Program program, program::Program::decode(posting.program));
    ASSAY_TRY_ASSIGN(const Digest list, fetch_slice(posting.task.data, program.data(), "fetching the data of task " + short_hex(task)));
    ASSAY_TRY_ASSIGN(std::vector<Tensor> data, store::load_list(m_own, list));
    m_materials.clear(); // one at a time: data sets are large
    Material made{std::make_shared<const commit::CommittedProgram>(std::move(program), hash::sha256_openssl),
                  std::make_shared<const std::vector<Tensor>>(std::move(data))};
    return &m_materials.emplace(task, std::move(made)).first->second;
}

// A long download, too, gives way to what is more urgent. Spec: PARTY-19.
Result<Digest> Party::fetch_slice(const Digest& state, std::span<const program::Declaration> declarations, const std::string& what)
{
    if (!m_downloading || m_downloading->state() != state) m_downloading.emplace(state, declarations);
    const auto arrived = [&](std::uint64_t done, std::uint64_t all) {
        if (m_options.progress) m_options.progress(what, done, all);
    };
    bool is_first = true; // something is asked for in every slice, however long looking up takes
    const auto began = std::chrono::steady_clock::now();
    const auto is_enough = [&] { return !std::exchange(is_first, false) && std::chrono::steady_clock::now() - began >= m_options.slice; };
    ASSAY_TRY_ASSIGN(const std::optional<Digest> list, m_downloading->go_on(m_network, m_own, arrived, is_enough));
    if (!list) return not_yet(what);
    m_downloading.reset();
    return *list;
}

Result<std::vector<Tensor>> Party::state_before(const TaskState& task, std::uint64_t segment)
{
    ASSAY_TRY_ASSIGN(const Material* const known, material(task.id));
    ASSAY_TRY_ASSIGN(const Digest list, fetch_slice(digest_before(task, segment), known->program->program().states(),
                                                    "fetching checkpoint " + std::to_string(segment) + " of task " + short_hex(task.id)));
    return store::load_list(m_own, list);
}

Result<std::optional<Party::OwnSegment>> Party::own_segment(const TaskState& task, std::uint64_t segment)
{
    ASSAY_TRY_ASSIGN(const std::optional<Digest> root, stored_name(root_name(run_of(task), segment)));
    ASSAY_TRY_ASSIGN(const std::optional<Digest> after, stored_name(after_name(run_of(task), segment)));
    if (!root || !after) return std::optional<OwnSegment>{};
    return std::optional{OwnSegment{*root, *after}};
}

Result<replay::Segment> Party::segment_of(const TaskState& task, std::uint64_t segment)
{
    ASSAY_TRY_ASSIGN(const Material* const known, material(task.id));
    replay::Segment made{known->program, known->data, task.leg->seed, {}, commit::segment_steps(task.task, segment)};
    auto before = state_before(task, segment);
    if (!before && segment > 0 && !ends_the_act(before.error())) before = store::load_checkpoint(m_own, run_of(task), segment);
    if (!before) return before.failure();
    made.before = std::move(*before);
    return made;
}

Result<replay::Deviation> Party::deviation_in(const TaskState& task, std::uint64_t segment, const program::Program& program) const
{
    if (!m_cheating || task.leg->solver != name()) return replay::Deviation{};
    return m_cheating(program, task.task, segment);
}

replay::ExecutorFactory Party::factory_of(const replay::Segment& segment) const
{
    return [program = segment.program, data = segment.data, seed = segment.seed, threads = m_options.threads] {
        return exec::make_fast_executor(program->program(), data, seed, threads);
    };
}

Status Party::compute(const TaskState& task, std::uint64_t segment)
{
    const Digest run = run_of(task);
    if (!m_computing || m_computing->run != run || m_computing->segment != segment) {
        auto start = segment_of(task, segment);
        // What was withheld is computed from the newest state that is there; the first is always there.
        if (!start && segment > 0 && !ends_the_act(start.error())) return compute(task, segment - 1);
        if (!start) return start.failure();
        ASSAY_TRY_ASSIGN(replay::Deviation deviation, deviation_in(task, segment, start->program->program()));
        const replay::ExecutorFactory factory = factory_of(*start);
        ASSAY_TRY_ASSIGN(SegmentRun steps, SegmentRun::start(std::move(*start), factory, std::move(deviation)));
        m_computing.emplace(Computing{run, segment, std::move(steps)});
    }
    SegmentRun& steps = m_computing->steps;
    const auto began = std::chrono::steady_clock::now();
    while (!steps.is_done()) {
        ASSAY_TRY(steps.step());
        if (m_options.progress)
            m_options.progress("segment " + std::to_string(segment) + " of task " + short_hex(task.id), steps.steps_done(), steps.steps());
        if (std::chrono::steady_clock::now() - began >= m_options.slice) break;
    }
    if (!steps.is_done()) return {};
    const Status kept = keep(task, segment, steps);
    m_computing.reset();
    return kept;
}

// A long upload, too, gives way to what is more urgent. Spec: PARTY-15.
Status Party::upload_slice(const Digest& list, const std::string& name, const std::string& what)
{
    if (!m_uploading || m_uploading->list != list) {
        ASSAY_TRY_ASSIGN(Upload begun, Upload::start(m_own, list));
        m_uploading.emplace(Uploading{list, std::move(begun)});
    }
    Upload& going = m_uploading->upload;
    const auto began = std::chrono::steady_clock::now();
    while (!going.is_done()) {
        ASSAY_TRY(going.step(m_network));
        if (m_options.progress) m_options.progress(what, going.chunks_done(), going.chunks());
        if (std::chrono::steady_clock::now() - began >= m_options.slice) break;
    }
    if (!going.is_done()) return {};
    m_uploading.reset();
    return m_own.put_name(name, list);
}

// The names come last and together: whoever finds them finds the state.
Status Party::keep(const TaskState& task, std::uint64_t segment, const SegmentRun& steps)
{
    const Digest run = run_of(task);
    ASSAY_TRY_ASSIGN(const Material* const known, material(task.id));
    ASSAY_TRY(store::save_checkpoint(m_own, run, segment + 1, known->program->program().states(), steps.state()));
    ASSAY_TRY_ASSIGN(const Digest list, store::list_of_checkpoint(m_own, run, segment + 1));
    ASSAY_TRY(announce_list(m_own, list));
    store::Batch names;
    names.put_name(root_name(run, segment), steps.root());
    names.put_name(after_name(run, segment), steps.state_digest());
    return m_own.write(names);
}

void Party::advance_when_due(const TaskState& task, std::vector<Act>& acts)
{
    std::uint64_t deadline = task.deadline.value;
    if (task.phase == market::Phase::bidding) deadline += task.terms.revealing.value;
    // After the submitter's time to draw comes the beacon's.
    if (task.phase == market::Phase::drawing && task.leg->source == market::DrawSource::submitter) deadline += task.terms.drawing.value;
    const std::vector<dispute::OpenRequest> demands = task.open_demands();
    for (const dispute::OpenRequest& open : demands)
        if (now() > open.deadline && task.leg->solver != name())
            acts.push_back({Urgency::duty, task.id, "says that a state of task " + short_hex(task.id) + " is withheld",
                            Body{ClaimWithheld{task.id, digest_of(open.request, hash::sha256_openssl)}}});
    const bool waits = task.phase == market::Phase::window || task.phase == market::Phase::defending; // for what is open
    if (now().value <= deadline || (waits && !(task.disputes.empty() && demands.empty()))) return;
    acts.push_back({Urgency::duty, task.id, "says that time is up for task " + short_hex(task.id), Body{Advance{task.id}}});
}

} // namespace assay::node
