#include "app/events.hpp"

#include <fmt/format.h>

namespace assay::app {

namespace {

// What stands between the task and the end of the sentence. {0}: the party, {1}: the number.
std::string_view sentence_of(market::EventKind kind)
{
    using Kind = market::EventKind;
    switch (kind) {
    case Kind::paid: return "{0} is paid {1}";
    case Kind::burned: return "{1} burned";
    case Kind::joined: return "{0} joins the verifiers with a stake of {1}";
    case Kind::left: return "{0} leaves the verifiers with {1}";
    case Kind::posted: return "posted by {0}, {1} in escrow";
    case Kind::bid_committed: return "{0} seals a bid";
    case Kind::bid_revealed: return "{0} asks for {1}";
    case Kind::assigned: return "assigned to {0} for {1}";
    case Kind::accepted: return "{0} stakes {1} and begins";
    case Kind::progressed: return "{0} records checkpoint {1}";
    case Kind::silent: return "{0} fell silent after checkpoint {1}";
    case Kind::drawn: return "{0} is drawn to verify";
    case Kind::not_drawn: return "nobody was drawn";
    case Kind::receipt_posted: return "{0} posts a receipt";
    case Kind::segments_opened: return "{0} opens its roots of the drawn segments";
    case Kind::attested: return "{0} saw the same";
    case Kind::disagreed: return "{0} saw something else";
    case Kind::unanswered: return "{0} did not answer";
    case Kind::challenged: return "{0} challenges segment {1}";
    case Kind::moved: return "{0} makes move {1}";
    case Kind::upheld: return "the challenge by {0} of segment {1} fails";
    case Kind::convicted: return "SOLVER {0} IS CONVICTED";
    case Kind::slashed: return "{0} loses {1}";
    case Kind::planted: return "the fault in segment {1} was planted";
    case Kind::reopened: return "open for bids again after checkpoint {1}";
    case Kind::closed: return "closed";
    case Kind::excused: return "{0} is drawn, but its stake is bound";
    case Kind::seeded: return "the seed is drawn";
    case Kind::taken: return "{0} puts in {1}";
    case Kind::segment_drawn: return "segment {1} is drawn to be replayed";
    case Kind::forfeited: return "{0} did not open its roots in time, forfeits {1} and has that time once more";
    case Kind::demanded: return "{0} demands a part of checkpoint {1}";
    case Kind::answered: return "{0} shows what was demanded";
    case Kind::withheld: return "what {0} demanded is withheld";
    case Kind::receipt_opened: return "{0} opens its receipt";
    case Kind::defended: return "{0} defends its root of segment {1}";
    case Kind::contested: return "{0} contests the defence of verifier {1}";
    case Kind::defence_fell: return "the defence of {0} falls";
    }
    return "";
}

} // namespace

std::string to_text(const market::Event& event)
{
    using Kind = market::EventKind;
    const bool is_about_account = event.kind == Kind::joined || event.kind == Kind::left || event.subject == event.party;
    const std::string what = fmt::format(fmt::runtime(sentence_of(event.kind)), short_hex(event.party), event.number);
    return is_about_account ? what : fmt::format("task {}: {}", short_hex(event.subject), what);
}

std::string_view name_of(market::Phase phase)
{
    constexpr std::array<std::string_view, 12> names{"bidding", "revealing", "accepting", "running",   "drawing", "replaying",
                                                     "opening", "attesting", "window",    "convicted", "defending", "closed"};
    return names[static_cast<std::size_t>(phase)];
}

} // namespace assay::app
