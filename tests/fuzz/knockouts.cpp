// Stored knock-outs, records of knock-outs and single acts from anybody: refused without a trace, or played on to an end that conserves all bonds
// (KNOCKOUT-7, KNOCKOUT-9, KNOCKOUT-10, KNOCKOUT-12). The first byte says which of them the rest is.
#include <assay/commit/tensors.hpp>
#include <assay/sim/knockout.hpp>

#include "tests/fuzz/fuzz.hpp"
#include "tests/unit/dispute/toy_task.hpp"

namespace {

using namespace assay;
using namespace assay::toy;

enum What : std::uint8_t { stored, record, act, kinds };

Digest named(std::uint8_t name)
{
    Digest digest;
    digest.bytes[0] = name;
    return digest;
}

replay::Deviation lie_about(std::uint32_t node)
{
    replay::Deviation deviation;
    deviation.node = [node](std::uint64_t step, NodeIndex here, Tensor& output) {
        if (step != 1 || here.value != node) return false;
        output.set_element(0, output.element(0) ^ 0x00400001U);
        return true;
    };
    return deviation;
}

// Two segments; whoever lies does so in the first.
Contest contest()
{
    const replay::Segment first = segment(2);
    Contest all;
    all.program = first.program->commitment();
    all.task = {commit::digest_of(all.program), commit::state_digest(std::span{*first.data}), first.seed, 3, 2, commit::state_digest(std::span{first.before})};
    all.terms.demotions_max = 2;
    all.terms.joining = all.terms.calling = Tick{5};
    all.terms.bond = 101;
    all.terms.game = terms(2);
    return all;
}

// An honest party, two that lie about the same node, and one that lies about another and never answers.
const KnockoutRecord& played()
{
    static const KnockoutRecord all = [] {
        static std::vector<replay::RunTrace> traces;
        for (const std::uint32_t node : {1000U, 3U, 3U, 8U}) traces.push_back(trace(2, lie_about(node)));
        const Contest about = contest();
        std::vector<sim::KnockoutPlayer> players;
        for (std::uint8_t i = 0; i < traces.size(); ++i) {
            sim::KnockoutPlayer player;
            player.party = named(static_cast<std::uint8_t>(i + 1));
            player.claim = {{about.task.initial, traces[i].statement(Digest{}, 0)->after, named(9)}};
            player.trace = [i](std::uint64_t) -> Trace& { return traces[i]; };
            players.push_back(std::move(player));
        }
        for (const sim::Adversary& one : sim::adversaries())
            if (one.name == std::string_view{"silent"}) players.back().as_solver = &one;
        const sim::KnockoutOutcome outcome = sim::play_knockout(about, players, 1);
        fuzz::expect(outcome.broken.empty() && outcome.knockout.is_settled(), "a knock-out ends");
        return outcome.record;
    }();
    return all;
}

// The knock-out before each of its acts, and after the last.
const std::vector<Knockout>& stages()
{
    static const std::vector<Knockout> all = [] {
        std::vector<Knockout> made{Knockout::start(played().contest, played().started).value()};
        for (const TimedAct& timed : played().acts) {
            Knockout next = made.back();
            fuzz::expect(apply(next, timed.act, timed.at).has_value(), "an act that was accepted is accepted again");
            made.push_back(std::move(next));
        }
        return made;
    }();
    return all;
}

Bytes with_kind(std::uint8_t kind, std::initializer_list<std::uint8_t> place, const Bytes& rest)
{
    Bytes bytes(1 + place.size() + rest.size(), kind);
    std::copy(rest.begin(), rest.end(), std::copy(place.begin(), place.end(), bytes.begin() + 1));
    return bytes;
}

// Nobody says anything any more: time alone ends it, whatever it was, unless it is later than any knock-out.
void end_by_time(Knockout knockout)
{
    const std::uint64_t long_enough = 2 * (clock_max + latency_max) + (std::uint64_t{1} << 40);
    for (unsigned i = 0; i < 200 && !knockout.is_settled(); ++i) {
        const Tick now{knockout.state().latest.value + long_enough};
        if (now.value > 2 * time_max) return;
        fuzz::expect(knockout.advance(now).has_value(), "something is due after every clock has run out");
    }
    fuzz::expect(knockout.is_settled(), "silence ends a knock-out");
    const Settlement settlement = knockout.settlement();
    std::uint64_t sum = settlement.burned;
    for (const Payout& payout : settlement.payouts) sum += payout.amount;
    fuzz::expect(sum == knockout.state().entrants.size() * knockout.state().contest.terms.bond, "all bonds are paid out or burned");
}

void check_stored(const Knockout& knockout)
{
    const auto again = Knockout::decode(knockout.encode());
    fuzz::expect(again && *again == knockout, "a stored knock-out is the knock-out");
    end_by_time(knockout);
}

} // namespace

std::vector<assay::Bytes> assay::fuzz::seeds()
{
    std::vector<Bytes> all{with_kind(record, {}, encode(played()))};
    for (std::size_t i = 0; i < stages().size(); ++i) {
        all.push_back(with_kind(stored, {}, stages()[i].encode()));
        if (i < played().acts.size()) all.push_back(with_kind(act, {static_cast<std::uint8_t>(i), 1}, encode(played().acts[i].act)));
    }
    return all;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    fuzz::Input input{data, size};
    const std::uint64_t what = input.number(1) % kinds;
    if (what == stored) {
        const auto knockout = Knockout::decode(input.rest());
        if (!knockout) return 0;
        const Bytes bytes = knockout->encode();
        fuzz::expect(std::equal(bytes.begin(), bytes.end(), input.rest().begin(), input.rest().end()), "one knock-out, one encoding");
        check_stored(*knockout);
    } else if (what == record) {
        const auto read = decode<KnockoutRecord>(input.rest());
        if (!read) return 0;
        if (const auto knockout = dispute::replay(*read)) check_stored(*knockout);
    } else {
        Knockout knockout = stages()[input.number(1) % stages().size()];
        const Bytes before = knockout.encode();
        const Tick now{knockout.state().latest.value + input.number(1)};
        const auto read = decode<KnockoutAct>(input.rest());
        if (!read) return 0;
        const auto applied = apply(knockout, *read, now);
        if (!applied || *applied == Applied::already_made) fuzz::expect(knockout.encode() == before, "what is refused or repeated changes nothing");
        else check_stored(knockout);
    }
    return 0;
}
