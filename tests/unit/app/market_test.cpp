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
    CHECK(text.find("nobody is assumed to gain") != std::string::npos);
    options.poison_gain = 5'000'000;
    CHECK(explain_terms(options).value().find("one wrong step is found") != std::string::npos);
    options.stake_max = 1;
    CHECK(explain_terms(options).error() == Error::invalid_input);
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
    CHECK(count_of(plain, "<polyline") == 1);
    CHECK(plain.find("recommended") != std::string::npos);
    options.poison_gain = 5'000'000;
    CHECK(count_of(frontier_picture(options).value(), "<polyline") == 2);
    CHECK(count_of(plain, "nan") + count_of(plain, "inf") == 0);
}

TEST_CASE("ECON-3 a small simulation agrees with the formulas, and its page shows every point")
{
    SimulationOptions options;
    options.terms.segments = 100;
    options.terms.poison_gain = 500'000;
    options.tasks = 400;
    const SimulationResult result = simulate(options).value();
    CHECK(result.points == 2 * 9 + 3 * 12);
    CHECK(result.outside * 20 <= result.points);
    CHECK(result.choices.back().honest > result.choices.front().honest);
    const std::string page = simulation_page(options, result);
    CHECK(count_of(page, "<tr><td>") == result.points);
    CHECK(count_of(page, "<svg") == 3);
    CHECK(count_of(page, "http") == count_of(page, "http://www.w3.org/2000/svg"));
    CHECK(simulation_page(options, simulate(options).value()) == page);
    options.tasks = 99;
    CHECK(simulate(options).error() == Error::invalid_input);
}

TEST_CASE("numbers are grouped by thousands")
{
    CHECK(grouped(0) == "0");
    CHECK(grouped(999) == "999");
    CHECK(grouped(1000) == "1,000");
    CHECK(grouped(-1234567) == "-1,234,567");
}
