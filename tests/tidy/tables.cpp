// The tables of spec/ are data for other implementations. Each is compared with the code by some test, which names its file.
#include "tidy.hpp"

#include <algorithm>

namespace tidy {

void check_tables(Report& report)
{
    std::string tests;
    for (const fs::path& file : files_below(report.root(), {"tests"}, {".cpp", ".hpp"}))
        for (const std::string& line : lines_of(file)) tests += line + '\n';
    for (const fs::path& file : files_below(report.root(), {"spec/tables"}, {".txt", ".csv", ".json"})) {
        if (tests.find("spec/tables/" + file.filename().string()) == std::string::npos)
            report.add(file, 0, "no test reads this table: add one that compares it with the code");
        std::size_t number = 0;
        for (const std::string& line : lines_of(file)) {
            ++number;
            if (line.ends_with(' ') || line.ends_with('\t') || line.ends_with('\r'))
                report.add(file, number, "white space ends the line: remove it");
        }
    }
}

} // namespace tidy
