// Files and functions stay small enough to be read at once, unless the file's first comment says why not.
//
// A function's body begins with a line that holds nothing but its brace (.clang-format sees to that) and ends with the first brace
// below it at the same indentation.
#include "tidy.hpp"

namespace tidy {

namespace {

constexpr std::size_t file_lines_max = 500;
constexpr std::size_t function_lines_max = 80;
constexpr std::string_view reason = "Long because";

bool gives_reason(const std::vector<std::string>& lines)
{
    for (const std::string& line : lines) {
        if (!line.starts_with("//")) return false;
        if (line.find(reason) != std::string::npos) return true;
    }
    return false;
}

std::string advice()
{
    return ": split it, or say in the file's first comment \"" + std::string{reason} + " ...\"";
}

void check_functions(Report& report, const fs::path& file, const std::vector<std::string>& lines)
{
    for (std::size_t begin = 0; begin < lines.size(); ++begin) {
        const std::size_t indent = lines[begin].find_first_not_of(' ');
        if (indent == std::string::npos || lines[begin].substr(indent) != "{") continue;
        const std::string closing = std::string(indent, ' ') + "}";
        std::size_t end = begin + 1;
        while (end < lines.size() && !lines[end].starts_with(closing)) ++end;
        const std::size_t length = end - begin + 1;
        if (length > function_lines_max) report.add(file, begin + 1, "a body of " + std::to_string(length) + " lines" + advice());
    }
}

} // namespace

void check_sizes(Report& report)
{
    for (const fs::path& file : files_below(report.root(), {"include", "lib", "tests", "examples", "bench"}, {".hpp", ".h", ".cpp"})) {
        const auto lines = lines_of(file);
        if (gives_reason(lines)) continue;
        if (lines.size() > file_lines_max) report.add(file, 1, std::to_string(lines.size()) + " lines" + advice());
        check_functions(report, file, lines);
    }
}

} // namespace tidy
