// The referee stays small enough to be carried into a contract, and is made of integer instructions. Spec: DISPUTE-32.
#include "tidy.hpp"

#include <algorithm>
#include <numeric>
#include <regex>

namespace tidy {

namespace {

bool is_code(const std::string& line)
{
    const std::size_t first = line.find_first_not_of(' ');
    return first != std::string::npos && line.compare(first, 2, "//") != 0;
}

std::size_t code_lines(const fs::path& file)
{
    const auto lines = lines_of(file);
    return static_cast<std::size_t>(std::count_if(lines.begin(), lines.end(), is_code));
}

} // namespace

void check_judge(Report& report)
{
    const fs::path list = report.root() / "tests/tidy/referee.txt";
    static const std::regex row(R"(([a-z]+)\s*\|\s*([0-9]+)\s*\|(.*))");
    std::size_t number = 0;
    for (const std::string& line : lines_of(list)) {
        ++number;
        std::smatch match;
        if (line.empty() || line.starts_with('#')) continue;
        if (!std::regex_match(line, match, row)) {
            report.add(list, number, "not of the form \"group | lines | files\"");
            continue;
        }
        const auto files = words_of(match[3]);
        const std::size_t lines = std::accumulate(files.begin(), files.end(), std::size_t{0}, [&](std::size_t sum, const std::string& file) {
            return sum + code_lines(report.root() / file);
        });
        if (lines > std::stoul(match[2]))
            report.add(list, number, match[1].str() + " has " + std::to_string(lines) + " lines of code, and may have " + match[2].str());
    }
}

void check_instructions(Report& report, const std::vector<std::string>& listing)
{
    // "   0:	f3 0f 58 c1          	addss  %xmm1,%xmm0"
    static const std::regex instruction(R"(\s*[0-9a-f]+:\t[0-9a-f ]+\t(.*))"), other_register(R"(%(xmm|ymm|zmm|mm|st)\b.*|%(xmm|ymm|zmm|mm)[0-9].*)");
    std::size_t read = 0, number = 0;
    for (const std::string& line : listing) {
        ++number;
        std::smatch match;
        if (!std::regex_match(line, match, instruction)) continue;
        ++read;
        const std::string text = match[1];
        const bool x87 = text.starts_with('f');
        if (x87 || std::regex_search(text, other_register))
            report.add("objdump", number, text + " is no integer instruction on general registers: a contract has no other");
    }
    if (read == 0) report.add("objdump", 0, "printed no instruction at all: the check read nothing");
}

} // namespace tidy
