// Stored keepings, requests for data and answers from anybody: refused without a trace, or such that the keeper can answer in time and that what is
// accepted as an answer is the data (AVAILABILITY-3 to AVAILABILITY-7). The first byte says which of them the rest is.
#include <assay/commit/tensors.hpp>
#include <assay/dispute/availability.hpp>

#include "tests/fuzz/fuzz.hpp"
#include "tests/unit/dispute/toy_task.hpp"

namespace {

using namespace assay;
using namespace assay::toy;

enum What : std::uint8_t { stored, request, answer, kinds };

const replay::Segment& kept()
{
    static const replay::Segment all = segment(1);
    return all;
}

Keeping keeping()
{
    Keeping all;
    all.program = kept().program->commitment();
    all.keeper.bytes[0] = 1;
    all.terms.lanes = 3;
    all.terms.levels = 1;
    all.terms.latency = Tick{2};
    all.terms.clock = Tick{5};
    all.terms.fee = 3;
    all.terms.bond = 1001;
    return all;
}

DataRequest request_for(std::uint32_t tensor, merkle::Range chunks, std::uint64_t number)
{
    DataRequest one;
    one.keeping = digest_of(keeping());
    one.number = number;
    one.requester.bytes[0] = static_cast<std::uint8_t>(10 + number);
    one.state = commit::state_digest(std::span{kept().before});
    one.tensor = tensor;
    one.chunks = chunks;
    one.output = kept().program->open_output(tensor);
    one.descriptor = kept().program->open_descriptor(one.output.node);
    return one;
}

// Nothing is asked for; the counters; and half of the noise as well.
const std::vector<Availability>& stages()
{
    static const std::vector<Availability> all = [] {
        std::vector<Availability> made{Availability::start(keeping(), Tick{100}).value()};
        for (const DataRequest& one : {request_for(0, {0, 1}, 0), request_for(2, {1, 2}, 1)}) {
            Availability next = made.back();
            fuzz::expect(next.ask(one, Tick{101 + one.number}).has_value(), "what is kept may be asked for");
            made.push_back(std::move(next));
        }
        return made;
    }();
    return all;
}

Bytes with_kind(std::uint8_t kind, const Bytes& rest)
{
    Bytes bytes(1 + rest.size(), kind);
    std::copy(rest.begin(), rest.end(), bytes.begin() + 1);
    return bytes;
}

std::uint64_t sum_of(const Settlement& settlement)
{
    std::uint64_t sum = settlement.burned;
    for (const Payout& payout : settlement.payouts) sum += payout.amount;
    return sum;
}

std::uint64_t fees_of(const Availability& availability)
{
    std::uint64_t sum = 0;
    for (const OpenRequest& open : availability.state().open) sum += open.request.chunks.size() * availability.state().keeping.terms.fee;
    return sum;
}

// Each open request is withheld one tick after its deadline and not before, and all money is paid out or burned.
void check_deadlines(const Availability& availability)
{
    const auto again = Availability::decode(availability.encode());
    fuzz::expect(again && *again == availability, "a stored keeping is the keeping");
    for (const OpenRequest& open : availability.state().open) {
        Availability copy = availability;
        const Digest id = digest_of(open.request);
        const bool is_lost = copy.is_lost();
        fuzz::expect(!copy.claim_withheld(id, open.deadline), "until the deadline nothing is withheld");
        const auto settlement = copy.claim_withheld(id, Tick{open.deadline.value + 1});
        fuzz::expect(settlement.has_value() == !is_lost, "after it, it is");
        if (settlement) fuzz::expect(sum_of(*settlement) == fees_of(availability) + availability.state().keeping.terms.bond, "all money is paid out or burned");
    }
}

// Requires: accepted.
void check_answerable(Availability availability, const DataRequest& asked, Tick now)
{
    if (asked.state != commit::state_digest(std::span{kept().before})) return;
    const DataAnswer shown = answer_of(asked, kept().before);
    fuzz::expect(encode(shown).size() <= answer_bytes_max(asked, availability.state().keeping.program), "an answer is as short as it was said to be");
    const Tick deadline{now.value + availability.granted_time(asked).value};
    fuzz::expect(availability.answer(shown, deadline).has_value(), "whoever keeps what is asked for can answer at the deadline");
}

void check_answer(Availability availability, const DataAnswer& shown)
{
    const Bytes before = availability.encode();
    const std::uint64_t fees = fees_of(availability);
    const auto& open = availability.state().open;
    const auto asked = std::find_if(open.begin(), open.end(), [&](const OpenRequest& one) { return digest_of(one.request) == shown.request; });
    const DataAnswer truth = asked == open.end() ? DataAnswer{} : answer_of(asked->request, kept().before);
    const auto settlement = availability.answer(shown, availability.state().latest);
    if (!settlement) return fuzz::expect(availability.encode() == before, "a refused answer changes nothing");
    fuzz::expect(shown == truth, "only what was committed to is an answer");
    fuzz::expect(sum_of(*settlement) + fees_of(availability) == fees, "the request's fee is paid out or burned");
}

} // namespace

std::vector<assay::Bytes> assay::fuzz::seeds()
{
    std::vector<Bytes> all;
    for (const Availability& stage : stages()) all.push_back(with_kind(stored, stage.encode()));
    for (const DataRequest& one : {request_for(0, {0, 1}, 0), request_for(1, {0, 1}, 2), request_for(2, {0, 2}, 2), request_for(2, {1, 2}, 1)}) {
        all.push_back(with_kind(request, encode(one)));
        all.push_back(with_kind(answer, encode(answer_of(one, kept().before))));
    }
    return all;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    fuzz::Input input{data, size};
    const std::uint64_t what = input.number(1) % kinds;
    if (what == stored) {
        const auto availability = Availability::decode(input.rest());
        if (!availability) return 0;
        const Bytes bytes = availability->encode();
        fuzz::expect(std::equal(bytes.begin(), bytes.end(), input.rest().begin(), input.rest().end()), "one keeping, one encoding");
        check_deadlines(*availability);
    } else if (what == request) {
        const auto asked = decode<DataRequest>(input.rest());
        if (!asked) return 0;
        for (Availability availability : stages()) {
            const Bytes before = availability.encode();
            const Tick now{availability.state().latest.value + 1};
            const auto applied = availability.ask(*asked, now);
            if (!applied || *applied == Applied::already_made) {
                fuzz::expect(availability.encode() == before, "what is refused or repeated changes nothing");
                continue;
            }
            check_deadlines(availability);
            check_answerable(availability, *asked, now);
        }
    } else if (const auto shown = decode<DataAnswer>(input.rest())) {
        for (const Availability& availability : stages()) check_answer(availability, *shown);
    }
    return 0;
}
