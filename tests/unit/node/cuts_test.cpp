// Parties that are cut off after every write and around every transaction, and go on from what they had stored.
#include "tests/unit/node/village.hpp"

using namespace assay;
using namespace assay::test;

namespace {

struct Course {
    bool is_complete = false, is_convicted = false;
    // Every transaction but those that say what is due, which anybody may make first: author, kind, how often.
    std::map<std::pair<Digest, std::size_t>, int> made;
    std::vector<std::uint64_t> moments; // of each member, in which it could have been cut off
    int restarts = 0;
    friend bool operator==(const Course& a, const Course& b)
    {
        return a.is_complete == b.is_complete && a.is_convicted == b.is_convicted && a.made == b.made;
    }
};

Course play(bool is_forged, std::optional<std::size_t> cut_member = {}, std::uint64_t cut_at = 0)
{
    Village village;
    village.add("submitter", makes_submitter());
    village.add("solver", makes_solver(seed_of_solver, 300, is_forged ? node::Cheating{forges} : node::Cheating{}));
    village.add("verifier", makes_verifier(seed_of_verifier));
    if (cut_member) village.members()[*cut_member]->scissors.cut_at = cut_at;
    REQUIRE(village.run([&] { return village.history() != nullptr && village.history()->is_closed; }));
    Course course;
    REQUIRE(village.chain().tasks().size() == 1); // nobody posted twice
    course.is_complete = village.history()->is_complete();
    course.is_convicted = village.history()->is_convicted;
    for (std::uint64_t from = 0;;) {
        const auto blocks = village.network().blocks(from, 1024);
        if (blocks->empty()) break;
        from += blocks->size();
        for (const Block& block : *blocks)
            for (const SignedTransaction& signed_transaction : block.transactions) {
                const Transaction& transaction = signed_transaction.transaction;
                if (!std::holds_alternative<Advance>(transaction.body)) ++course.made[{transaction.author, transaction.body.index()}];
            }
    }
    for (const auto& member : village.members()) {
        course.moments.push_back(member->scissors.moments);
        course.restarts += member->restarts;
    }
    return course;
}

} // namespace

TEST_CASE("PARTY-2 PARTY-7 a party that is cut off at any moment goes on and makes the same transactions, each once")
{
    for (const bool is_forged : {false, true}) {
        const Course whole = play(is_forged);
        CHECK(whole.is_complete == !is_forged);
        CHECK(whole.is_convicted == is_forged);
        std::uint64_t cuts = 0;
        for (std::size_t member = 0; member < whole.moments.size(); ++member)
            for (std::uint64_t at = 0; at < whole.moments[member]; ++at) {
                CAPTURE(is_forged);
                CAPTURE(member);
                CAPTURE(at);
                const Course cut = play(is_forged, member, at);
                CHECK(cut == whole);
                cuts += static_cast<std::uint64_t>(cut.restarts);
            }
        MESSAGE(cuts, " cuts");
        CHECK(cuts > 60);
    }
}
