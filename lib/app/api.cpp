// Spec: API-1 to API-3, API-6.
#include "app/api.hpp"

#include <charconv>
#include <cmath>
#include <map>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/api_games.hpp"
#include "app/events.hpp"
#include "app/losses.hpp"

namespace assay::app {

using market::TaskState;
using nlohmann::json;

namespace {

constexpr std::size_t count_default = 50, count_max = 500;

constexpr std::array event_names{"paid",         "burned",         "joined",          "left",       "posted",    "bid_committed",
                                 "bid_revealed", "assigned",       "accepted",        "progressed", "silent",    "drawn",
                                 "not_drawn",    "receipt_posted", "segments_opened", "attested",   "disagreed", "unanswered",
                                 "challenged",   "moved",          "upheld",          "convicted",  "slashed",   "planted",
                                 "reopened",     "closed",         "excused",         "seeded",     "taken",     "segment_drawn",
                                 "forfeited",    "demanded",       "answered",        "withheld",   "receipt_opened",
                                 "defended",     "contested",      "defence_fell"};
constexpr std::array transaction_names{"transfer",   "join",          "leave",         "post",          "withdraw",
                                       "commit_bid", "reveal_bid",    "accept",        "post_progress", "prove_fraud",
                                       "draw",       "post_receipt",  "open_segments", "open_receipt",  "challenge",
                                       "play_move",  "claim_timeout", "reveal_plant",  "advance",       "demand",
                                       "answer_demand", "claim_withheld", "defend",       "contest"};
static_assert(event_names.size() >= enumerator_limit(market::EventKind{}));
static_assert(transaction_names.size() == std::variant_size_v<market::Body>);

// Numbers of money go beyond what JavaScript's numbers hold.
json money(market::Amount amount)
{
    return std::to_string(amount.units);
}

json optional_digest(const std::optional<Digest>& digest)
{
    return digest ? json(to_hex(*digest)) : json(nullptr);
}

struct Query {
    std::string path;
    std::map<std::string, std::string> values;

    [[nodiscard]] std::uint64_t number(const std::string& name, std::uint64_t otherwise) const
    {
        const auto found = values.find(name);
        if (found == values.end()) return otherwise;
        std::uint64_t value = 0;
        const std::string& text = found->second;
        const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
        return read.ec == std::errc{} && read.ptr == text.data() + text.size() ? value : otherwise;
    }
    [[nodiscard]] std::size_t count() const
    {
        return static_cast<std::size_t>(std::min<std::uint64_t>(number("count", count_default), count_max));
    }
};

Query parse(const std::string& target)
{
    Query query;
    const std::size_t mark = target.find('?');
    query.path = target.substr(0, mark);
    std::string rest = mark == std::string::npos ? "" : target.substr(mark + 1);
    while (!rest.empty()) {
        const std::size_t end = rest.find('&');
        const std::string pair = rest.substr(0, end);
        const std::size_t equals = pair.find('=');
        if (equals != std::string::npos) query.values[pair.substr(0, equals)] = pair.substr(equals + 1);
        rest = end == std::string::npos ? "" : rest.substr(end + 1);
    }
    return query;
}

node::HttpAnswer not_found(const std::string& what)
{
    return {404, "application/json", json{{"error", what}}.dump()};
}

node::HttpAnswer found(const json& value)
{
    return {200, "application/json", value.dump()};
}

json network_of(const market::Chain& chain, const node::Genesis& genesis, Tick clock)
{
    const market::Ledger& ledger = chain.ledger();
    const market::Rules& rules = ledger.rules();
    return {{"network", to_hex(rules.network)},
            {"tick_milliseconds", genesis.tick_milliseconds},
            {"height", chain.height()},
            {"head", to_hex(chain.head())},
            {"now", ledger.now().value},
            {"clock", clock.value},
            {"fee", money(rules.fee)},
            {"kibibyte_fee", money(rules.kibibyte_fee)},
            {"account_minimum", money(rules.account_minimum)},
            {"verifier_minimum", money(rules.verifier_minimum)},
            {"supply", money(ledger.supply())},
            {"burned", money(ledger.burned())},
            {"accounts", ledger.accounts().size()},
            {"tasks", ledger.tasks().size()},
            {"verifiers", ledger.verifiers().size()}};
}

json summary_of(const TaskState& task)
{
    json summary{{"id", to_hex(task.id)},
                 {"submitter", to_hex(task.submitter)},
                 {"phase", std::string{name_of(task.phase)}},
                 {"deadline", task.deadline.value},
                 {"price_max", money(task.terms.price_max)},
                 {"escrow", money(task.escrow)},
                 {"steps", task.task.steps},
                 {"interval", task.task.interval},
                 {"segments", commit::segment_count(task.task)},
                 {"checkpoints", task.log.size() - 1}, // also of a closed task
                 {"bids", task.bids.size()},
                 {"open_disputes", task.disputes.size()},
                 {"disputes_opened", task.disputes_opened},
                 {"is_benchmark", task.is_benchmark},
                 {"solver", nullptr},
                 {"convicted", task.conviction.has_value()}};
    if (task.leg) summary["solver"] = to_hex(task.leg->solver);
    return summary;
}

json terms_of(const market::Terms& terms)
{
    return {{"stake", money(terms.stake)},
            {"silence_penalty", money(terms.silence_penalty)},
            {"challenge_bond", money(terms.challenge_bond)},
            {"bid_bond", money(terms.bid_bond)},
            {"audit_fee", money(terms.audit_fee)},
            {"verifier_stake", money(terms.verifier_stake)},
            {"jackpot", money(terms.jackpot)},
            {"verifiers", terms.verifiers},
            {"segments_drawn", terms.segments},
            {"legs_max", terms.legs_max},
            {"ticks",
             {{"bidding", terms.bidding.value},
              {"revealing", terms.revealing.value},
              {"accepting", terms.accepting.value},
              {"recording", terms.recording.value},
              {"drawing", terms.drawing.value},
              {"replaying", terms.replaying.value},
              {"opening", terms.opening.value},
              {"window", terms.window.value}}}};
}

json audit_of(const TaskState& task)
{
    json auditors = json::array();
    for (const market::Auditor& auditor : task.auditors) {
        json agrees = json::array();
        for (std::size_t i = 0; i < task.drawn.size(); ++i) agrees.push_back(task.agrees(auditor, i));
        auditors.push_back({{"verifier", to_hex(auditor.verifier)},
                            {"stake", money(auditor.stake)},
                            {"has_receipt", auditor.receipt.has_value()},
                            {"opened", auditor.is_open()},
                            {"agrees", auditor.is_open() ? agrees : json(nullptr)}});
    }
    return {{"drawn_segments", task.drawn}, {"auditors", auditors}};
}

json details_of(const TaskState& task)
{
    json details = summary_of(task);
    details["program"] = to_hex(task.task.program);
    details["program_nodes"] = task.program.node_count;
    details["state_tensors"] = task.program.state_count;
    details["data"] = to_hex(task.task.data);
    details["seed"] = std::to_string(task.task.seed);
    details["initial"] = to_hex(task.task.initial);
    details["terms"] = terms_of(task.terms);
    json bids = json::array();
    for (const market::SealedBid& bid : task.bids)
        bids.push_back(
            {{"bidder", to_hex(bid.bidder)}, {"bond", money(bid.bond)}, {"price", bid.price ? money(*bid.price) : json(nullptr)}});
    details["bids"] = bids;
    details["leg"] = nullptr;
    if (const auto& leg = task.leg)
        details["leg"] = {{"solver", to_hex(leg->solver)}, {"payment", money(leg->payment)}, {"stake", money(leg->stake)},
                          {"first_segment", leg->first},   {"begun", leg->begun.value},      {"recorded", leg->recorded.value},
                          {"is_silent", leg->is_silent}};
    json checkpoints = json::array();
    for (const market::Checkpoint& checkpoint : task.checkpoints) checkpoints.push_back(to_hex(checkpoint.state));
    details["checkpoint_states"] = checkpoints;
    details["audit"] = audit_of(task);
    details["conviction"] = nullptr;
    if (const auto& conviction = task.conviction)
        details["conviction"] = {{"finder", optional_digest(conviction->finder)},
                                 {"segment", conviction->segment ? json(*conviction->segment) : json(nullptr)}};
    return details;
}

node::HttpAnswer unreadable(const Failure& failure)
{
    return {503, "application/json", json{{"error", failure.message()}}.dump()};
}

node::HttpAnswer answer_events(const Digest& task, const Query& query, const store::LedgerStore& store)
{
    const auto events = store.events(task, query.number("from", 0), query.count());
    if (!events) return unreadable(events.failure());
    json list = json::array();
    for (const store::TaskEvent& one : *events)
        list.push_back({{"height", one.height},
                        {"at", one.at.value},
                        {"kind", event_names[static_cast<std::size_t>(one.event.kind)]},
                        {"party", to_hex(one.event.party)},
                        {"number", std::to_string(one.event.number)}});
    return found({{"events", list}});
}

// Which games are open is known for the moment at which they are read; telling them takes longer.
ApiAnswer answer_disputes(const TaskState& task, const Query& query, const store::LedgerStore& store)
{
    auto games = store.games(task.id);
    if (!games) return unreadable(games.failure());
    return Work{[games = std::move(*games), open = task.disputes, query](const store::LedgerStore&, const store::ChunkStore&) {
        json list = json::array();
        for (std::uint64_t i = query.number("from", 0); i < games.size() && list.size() < query.count(); ++i)
            list.push_back(json_of_game(games[static_cast<std::size_t>(i)], open));
        return found({{"count", games.size()}, {"disputes", list}});
    }};
}

// A number as far as JSON has it.
json json_of(const std::optional<float>& number)
{
    if (!number) return nullptr;
    if (std::isnan(*number)) return "nan";
    if (std::isinf(*number)) return *number > 0 ? "inf" : "-inf";
    return *number;
}

node::HttpAnswer answer_losses(const LossQuery& query, const store::LedgerStore& ledger, const store::ChunkStore& chunks)
{
    constexpr std::array standings{"claimed", "replayed", "contested", "refuted"};
    const auto losses = losses_of(query, ledger, chunks);
    if (!losses) return unreadable(losses.failure());
    json list = json::array();
    for (const RecordedLoss& one : losses->found)
        list.push_back({{"segment", one.segment},
                        {"step", one.step},
                        {"at", one.at.value},
                        {"solver", to_hex(one.solver)},
                        {"state", to_hex(one.state)},
                        {"loss", json_of(one.loss)},
                        {"standing", standings[static_cast<std::size_t>(one.standing)]}});
    return found({{"count", losses->records}, {"has_loss", losses->has_loss}, {"losses", list}});
}

ApiAnswer answer_task(const std::string& rest, const Query& query, const market::Chain& chain, const store::LedgerStore& store)
{
    const std::size_t slash = rest.find('/');
    const auto id = digest_from_hex(rest.substr(0, slash));
    const TaskState* const task = id ? chain.ledger().task(*id) : nullptr;
    if (task == nullptr) return not_found("no such task");
    const std::string part = slash == std::string::npos ? "" : rest.substr(slash + 1);
    if (part.empty()) return found(details_of(*task));
    if (part == "events")
        return Work{
            [id = *id, query](const store::LedgerStore& ledger, const store::ChunkStore&) { return answer_events(id, query, ledger); }};
    if (part == "disputes") return answer_disputes(*task, query, store);
    if (part != "losses") return not_found("no such part of a task: there are events, disputes and losses");
    const LossQuery losses{
        chain.ledger().rules().network, task->id,     task->task, task->conviction ? task->conviction->segment : std::nullopt,
        query.number("from", 0),        query.count()};
    return Work{
        [losses](const store::LedgerStore& ledger, const store::ChunkStore& chunks) { return answer_losses(losses, ledger, chunks); }};
}

json account_json(const market::Account& account, const market::Ledger& ledger)
{
    json value{{"id", to_hex(account.id)},
               {"balance", money(account.balance)},
               {"transactions", account.transactions},
               {"operations_per_tick", account.standing.operations_per_tick},
               {"verifier", nullptr}};
    if (account.verifier) {
        const market::Verifier& verifier = ledger.verifiers().at(*account.verifier);
        value["verifier"] = {{"stake", money(verifier.stake)},
                             {"locked", money(verifier.locked)},
                             {"weight", std::to_string(verifier.weight)},
                             {"left", verifier.left ? json(verifier.left->value) : json(nullptr)}};
    }
    return value;
}

node::HttpAnswer answer_blocks(const Query& query, std::uint64_t last, const store::LedgerStore& store)
{
    const std::size_t count = query.count();
    const std::uint64_t from = query.number("from", last > count ? last - count : 0);
    const auto blocks = store.blocks(from, count, std::size_t{4} << 20);
    if (!blocks) return unreadable(blocks.failure());
    json list = json::array();
    for (const Bytes& bytes : *blocks) {
        const auto block = decode<market::Block>(bytes);
        if (!block) return unreadable(block.failure());
        json transactions = json::array();
        for (const market::SignedTransaction& made : block->transactions)
            transactions.push_back({{"author", to_hex(made.transaction.author)},
                                    {"number", made.transaction.number},
                                    {"kind", transaction_names[made.transaction.body.index()]}});
        list.push_back({{"height", block->header.height},
                        {"digest", to_hex(digest_of(block->header))},
                        {"now", block->header.now.value},
                        {"state", to_hex(block->header.state)},
                        {"transactions", transactions}});
    }
    return found({{"blocks", list}});
}

// Entries of a table, the newest first; `from` counts from the newest.
template <class Entry, class ToJson>
json newest_of(const market::Table<Entry>& table, const Query& query, ToJson to_json)
{
    json list = json::array();
    const std::uint64_t from = query.number("from", 0);
    for (std::uint64_t i = from; i < table.size() && list.size() < query.count(); ++i)
        list.push_back(to_json(table.at(table.size() - 1 - static_cast<std::size_t>(i))));
    return list;
}

} // namespace

ApiAnswer answer_api(const std::string& target, const market::Chain& chain, const store::LedgerStore& store, const node::Genesis& genesis,
                     Tick clock)
{
    const Query query = parse(target);
    const market::Ledger& ledger = chain.ledger();
    const auto below = [&](std::string_view prefix) -> std::optional<std::string> {
        if (!query.path.starts_with(prefix)) return {};
        return query.path.substr(prefix.size());
    };
    if (query.path == "/api/network") return found(network_of(chain, genesis, clock));
    if (query.path == "/api/tasks")
        return found({{"count", ledger.tasks().size()}, {"tasks", newest_of(ledger.tasks(), query, summary_of)}});
    if (query.path == "/api/accounts")
        return found({{"count", ledger.accounts().size()}, {"accounts", newest_of(ledger.accounts(), query, [&](const market::Account& a) {
                                                                return account_json(a, ledger);
                                                            })}});
    if (query.path == "/api/blocks")
        return Work{[query, last = chain.height()](const store::LedgerStore& stored, const store::ChunkStore&) {
            return answer_blocks(query, last, stored);
        }};
    if (const auto rest = below("/api/tasks/")) return answer_task(*rest, query, chain, store);
    if (const auto rest = below("/api/accounts/")) {
        const auto id = digest_from_hex(*rest);
        const market::Account* const account = id ? ledger.account(*id) : nullptr;
        return account == nullptr ? not_found("no such account") : found(account_json(*account, ledger));
    }
    return not_found("there is /api/network, /api/tasks, /api/accounts and /api/blocks");
}

} // namespace assay::app
