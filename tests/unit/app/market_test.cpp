// Terms in words, the frontier as a picture, and a small simulation with its page.
#include <doctest/doctest.h>

#include "app/page.hpp"
#include "app/simulation.hpp"

using namespace assay;
using namespace assay::app;

namespace {

std::size_t count_of(const std::string& text, std::string_view part)
{
    std::size_t count = 0;
    for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
    return count;
}

} // namespace

TEST_CASE("ECON-10 terms are explained, with the recommended figures in the text")
{
    TermsOptions options;
    const auto terms = market::recommend(job_of(options).value()).value();
    const std::string text = explain_terms(options).value();
    CHECK(text.find(grouped(static_cast<std::int64_t>(terms.stake))) != std::string::npos);
    CHECK(text.find(grouped(static_cast<std::int64_t>(terms.challenger_bond))) != std::string::npos);
    CHECK(text.find(grouped(static_cast<std::int64_t>(terms.audit_fee))) != std::string::npos);
    CHECK(text.find("Nobody is assumed to gain") != std::string::npos);
    for (std::size_t begin = 0; begin < text.size(); begin = text.find('\n', begin) + 1) CHECK(text.find('\n', begin) - begin <= 124);
    options.segments = 50;
    options.poison_gain = 2'000'000;
    CHECK(explain_terms(options).value().find("Sampling deters skipped work") != std::string::npos);
    options.planted = 20;
    CHECK(explain_terms(options).value().find("whatever solvers do (ECON-16)") != std::string::npos);
    CHECK(market::recommend(job_of(options).value()).value().verifier_stake > 5'000'000); // a job's cost over the rate, and the fee's part
}

TEST_CASE("ECON-10 where nothing is enough, the reason and what to change are said")
{
    const auto reason = [](const TermsOptions& options) {
        const auto text = explain_terms(options);
        CHECK(text.error() == Error::invalid_input);
        return text.failure().detail;
    };
    TermsOptions options;
    options.stake_max = 1;
    CHECK(reason(options).find("--stake-max") != std::string::npos);
    options = {};
    options.poison_gain = 500'000'000;
    CHECK(reason(options).find("at most 64 segments") != std::string::npos);
    options = {};
    options.colluding = 99;
    options.stake_max = 1'000'000'000'000;
    options.detection = 50;
    CHECK(reason(options).find("--detect") != std::string::npos);
    options = {};
    options.planted = 0.001;
    CHECK(reason(options).find("--planted") != std::string::npos);
}

TEST_CASE("ECON-9 options outside of their range are refused by name")
{
    TermsOptions options;
    options.colluding = 100;
    CHECK(job_of(options).failure().detail.find("--colluding") != std::string::npos);
    options.colluding = 0;
    options.cost = options.reward + 1;
    CHECK(job_of(options).failure().detail.find("--reward") != std::string::npos);
    options.cost = 0;
    CHECK(job_of(options).failure().detail.find("--cost") != std::string::npos);
}

TEST_CASE("ECON-9 the frontier is drawn with the recommended point, and the curve against poison where there is something to gain")
{
    TermsOptions options;
    const std::string plain = frontier_picture(options).value();
    CHECK(count_of(plain, "<polyline") == 3);
    CHECK(plain.find("recommended") != std::string::npos);
    options.poison_gain = 5'000'000;
    CHECK(count_of(frontier_picture(options).value(), "<polyline") == 4);
    CHECK(count_of(plain, "nan") + count_of(plain, "inf") == 0);
}

TEST_CASE("ECON-3 a small simulation agrees with the formulas, and its page shows every point, whatever the number of threads")
{
    SimulationOptions options;
    options.terms.segments = 20;
    options.tasks = 20;
    options.agents = 6;
    options.generations = 3;
    options.repeats = 2;
    const SimulationResult result = simulate(options).value();
    CHECK(result.points == 2 * 9 + 4 * 6 + 3 * 7);
    CHECK_MESSAGE(result.agrees(), result.broken << result.outside << " outside, " << result.unexplained << " unexplained");
    CHECK(result.unexplained == 0);
    CHECK(result.harassed.size() == 6);
    CHECK(result.learned.size() == 4);
    for (const Learned& learned : result.learned) CHECK(learned.solvers.size() == 3);
    const std::string page = simulation_page(options, result);
    CHECK(count_of(page, "<tr><td>") == result.points + 6);
    CHECK(count_of(page, "<svg") == 5);
    CHECK(count_of(page, "<polygon") == 8 + 8);
    CHECK(count_of(page, "nan") == 0);
    CHECK(count_of(page, "http") == count_of(page, "http://www.w3.org/2000/svg"));
    options.threads = 1;
    CHECK(simulation_page(options, simulate(options).value()) == page);
    options.tasks = 9;
    CHECK(simulate(options).failure().detail.find("--tasks") != std::string::npos);
    options.tasks = 20;
    options.terms.segments = 5000;
    CHECK(simulate(options).failure().detail.find("--segments") != std::string::npos);
}

TEST_CASE("numbers are grouped by thousands")
{
    CHECK(grouped(0) == "0");
    CHECK(grouped(999) == "999");
    CHECK(grouped(1000) == "1,000");
    CHECK(grouped(-1234567) == "-1,234,567");
}
