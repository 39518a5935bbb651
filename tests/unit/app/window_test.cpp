// The page's files: all of them are there, they ask for nothing but each other, and no text of theirs is ever parsed as markup.
#include <doctest/doctest.h>

#include <regex>

#include "app/window.hpp"

using namespace assay;

namespace {

bool is_served(const std::string& target)
{
    return app::answer_page(target).has_value();
}

std::vector<std::string> found_in(std::string_view text, const char* pattern)
{
    const std::regex expression{pattern};
    std::vector<std::string> found;
    for (std::cregex_iterator match(text.data(), text.data() + text.size(), expression), end; match != end; ++match)
        found.push_back((*match)[1].str());
    return found;
}

} // namespace

TEST_CASE("API-7 the page and what it names are served, and nothing else is named")
{
    const auto page = app::answer_page("/?x=1");
    REQUIRE(page);
    CHECK(page->content_type == "text/html; charset=utf-8");
    CHECK(page->body == app::window_files().front().content);
    std::size_t named = 0;
    for (const std::string& name : found_in(page->body, R"re((?:src|href)="(window/[^"]*)")re")) {
        CHECK_MESSAGE(is_served("/" + name), name);
        ++named;
    }
    CHECK(named >= 3);
    for (const app::WindowFile& file : app::window_files()) {
        CAPTURE(file.name);
        CHECK(is_served("/window/" + std::string{file.name}));
        for (const std::string& module : found_in(file.content, R"re(from "\./([^"]*)")re"))
            CHECK_MESSAGE(is_served("/window/" + module), module);
        // The one address that is no place: the name of a vocabulary.
        for (const std::string& address : found_in(file.content, R"re(((?:https?:)?//[a-z][^\s"'`]*\.[^\s"'`]*))re"))
            CHECK(address == "http://www.w3.org/2000/svg");
    }
    for (const char* other : {"/window/", "/window/other", "/window/../main.js", "/index.html", "/api/network"}) CHECK(!is_served(other));
}

TEST_CASE("API-7 no text becomes markup or program, and the page has neither styles nor scripts inside")
{
    for (const app::WindowFile& file : app::window_files()) {
        CAPTURE(file.name);
        const std::string text{file.content};
        for (const char* way : {"innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "DOMParser", "createContextualFragment",
                                "eval(", "Function(", "srcdoc", "javascript:", " style=", "<style", "onclick=\""})
            CHECK_MESSAGE(text.find(way) == std::string::npos, way);
    }
}
