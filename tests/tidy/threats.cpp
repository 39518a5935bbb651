// The tables of spec/threats.md say which tests show that an attack fails. Each file that a row names is there, and, where the row names rules, holds
// one of them: a test that was renamed or emptied leaves no threat that looks answered.
#include "tidy.hpp"

#include <algorithm>
#include <optional>
#include <regex>

namespace tidy {

namespace {

// Paths that a row has between backticks: words with a slash. Names of cheats, targets and commands have none.
std::vector<std::string> paths_in(const std::string& row)
{
    static const std::regex quoted(R"(`([a-z0-9_.]+(/[A-Za-z0-9_.-]+)+))");
    std::vector<std::string> paths;
    for (std::sregex_iterator match(row.begin(), row.end(), quoted), end; match != end; ++match) paths.push_back((*match)[1]);
    return paths;
}

std::optional<fs::path> find(const fs::path& root, const std::string& path)
{
    for (const fs::path& file : {root / "tests" / path, root / path})
        if (fs::exists(file)) return file;
    return std::nullopt;
}

bool cites_one(const fs::path& file, const std::vector<std::string>& rules)
{
    for (const std::string& line : lines_of(file))
        for (const std::string& id : rules_in(line))
            if (std::find(rules.begin(), rules.end(), id) != rules.end()) return true;
    return false;
}

} // namespace

void check_threats(Report& report)
{
    const fs::path page = report.root() / "spec" / "threats.md";
    std::size_t number = 0;
    for (const std::string& row : lines_of(page)) {
        ++number;
        if (!row.starts_with('|')) continue;
        const std::vector<std::string> rules = rules_in(row);
        for (const std::string& path : paths_in(row)) {
            const auto file = find(report.root(), path);
            if (!file) report.add(page, number, path + " is not there: name the test that shows this");
            else if (file->extension() == ".cpp" && !rules.empty() && !cites_one(*file, rules))
                report.add(page, number, path + " cites none of the row's rules: name the test that does, or the rule that it holds");
        }
    }
}

} // namespace tidy
