// Every rule of the specification is held by code and by a test, and every rule that is cited exists.
#include "tidy.hpp"

#include <map>
#include <regex>
#include <set>

namespace tidy {

namespace {

struct Place {
    fs::path file;
    std::size_t line = 0;
};

// The rules of all pages: the ids in bold.
std::map<std::string, Place> read_rules(Report& report)
{
    static const std::regex definition(R"(\*\*([A-Z]+-[0-9]+)\*\*)");
    std::map<std::string, Place> rules;
    for (const fs::path& file : files_below(report.root(), {"spec"}, {".md"})) {
        std::size_t number = 0;
        for (const std::string& line : lines_of(file)) {
            ++number;
            for (std::sregex_iterator match(line.begin(), line.end(), definition), end; match != end; ++match) {
                const auto [place, is_new] = rules.insert({(*match)[1], {file, number}});
                if (!is_new)
                    report.add(file, number,
                               (*match)[1].str() + " is defined twice, first in " + place->second.file.filename().string() +
                                   ": give the newer rule the next free number");
            }
        }
    }
    return rules;
}

// The rules that the files below `folders` cite. Ids whose prefix no page has are no rules ("SHA-256").
std::set<std::string> cited_in(Report& report, const std::map<std::string, Place>& rules, const std::vector<std::string>& folders,
                               const std::vector<std::string>& extensions)
{
    std::set<std::string> prefixes;
    for (const auto& [id, place] : rules) prefixes.insert(id.substr(0, id.find('-')));
    std::set<std::string> cited;
    for (const fs::path& file : files_below(report.root(), folders, extensions)) {
        std::size_t number = 0;
        for (const std::string& line : lines_of(file)) {
            ++number;
            for (const std::string& id : rules_in(line)) {
                if (!prefixes.contains(id.substr(0, id.find('-')))) continue;
                cited.insert(id);
                if (!rules.contains(id)) report.add(file, number, id + " is in no page of spec: cite the rule that is meant, or write it");
            }
        }
    }
    return cited;
}

} // namespace

std::vector<std::string> rules_in(const std::string& line)
{
    static const std::regex citation(R"(\b([A-Z]+)-([0-9]+)( to \1-([0-9]+))?)");
    std::vector<std::string> ids;
    for (std::sregex_iterator match(line.begin(), line.end(), citation), end; match != end; ++match) {
        if ((*match)[2].length() > 4) continue;
        const int first = std::stoi((*match)[2]);
        const int last = (*match)[4].matched ? std::stoi((*match)[4]) : first;
        for (int number = first; number <= last && number < first + 1000; ++number)
            ids.push_back((*match)[1].str() + "-" + std::to_string(number));
    }
    return ids;
}

void check_rules(Report& report)
{
    const auto rules = read_rules(report);
    cited_in(report, rules, {"spec", "examples", "bench"}, {".md", ".cpp", ".hpp"});
    const auto by_code = cited_in(report, rules, {"include", "lib"}, {".hpp", ".h", ".cpp", ".def"});
    const auto by_tests = cited_in(report, rules, {"tests"}, {".hpp", ".cpp", ".sh", ".txt"});
    for (const auto& [id, place] : rules) {
        if (!by_code.contains(id))
            report.add(place.file, place.line, id + " is cited by no code: add \"Spec: " + id + "\" where it is held");
        if (!by_tests.contains(id))
            report.add(place.file, place.line, id + " is cited by no test: begin the name of the test that holds it with it");
    }
}

} // namespace tidy
