// No native floating point in what the referee offers: not even the words occur in its public headers.
#include "tidy.hpp"

#include <regex>

namespace tidy {

void check_words(Report& report)
{
    static const std::regex word(R"(\b(float|double)\b)");
    std::vector<std::string> folders;
    for (const std::string& module : referee_modules) folders.push_back("include/assay/" + module);
    for (const fs::path& file : files_below(report.root(), folders, {".hpp", ".h", ".def"})) {
        std::size_t number = 0;
        for (const std::string& line : lines_of(file)) {
            ++number;
            std::smatch match;
            if (std::regex_search(line, match, word))
                report.add(file, number, "the word " + match[1].str() + " in a header of the referee: say binary32, and carry its bits");
        }
    }
}

} // namespace tidy
