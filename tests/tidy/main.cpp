// tidy CHECK ROOT, or tidy symbols ROOT judge|referee|replay FILE, where FILE holds the output of `nm -u -A`, or tidy instructions ROOT FILE, where it
// holds that of `objdump -d`.
#include "tidy.hpp"

#include <algorithm>
#include <fstream>
#include <iostream>
#include <map>
#include <sstream>

namespace tidy {

void Report::add(const fs::path& file, std::size_t line, const std::string& what)
{
    ++m_findings;
    const fs::path shown = file.is_absolute() ? file.lexically_relative(m_root) : file;
    std::cout << shown.string();
    if (line != 0) std::cout << ':' << line;
    std::cout << ": " << what << '\n';
}

std::vector<fs::path> files_below(const fs::path& root, const std::vector<std::string>& folders, const std::vector<std::string>& extensions)
{
    std::vector<fs::path> files;
    for (const std::string& folder : folders) {
        if (!fs::exists(root / folder)) continue;
        for (const auto& entry : fs::recursive_directory_iterator(root / folder)) {
            const bool own = entry.path().parent_path() == root / "tests" / "tidy";
            const bool wanted = std::find(extensions.begin(), extensions.end(), entry.path().extension()) != extensions.end();
            if (entry.is_regular_file() && wanted && !own) files.push_back(entry.path());
        }
    }
    std::sort(files.begin(), files.end());
    return files;
}

std::vector<std::string> lines_of(const fs::path& file)
{
    std::ifstream stream(file);
    if (!stream) throw std::runtime_error("cannot read " + file.string());
    std::vector<std::string> lines;
    for (std::string line; std::getline(stream, line);) lines.push_back(line);
    return lines;
}

std::vector<std::string> words_of(const std::string& text)
{
    std::istringstream stream(text);
    std::vector<std::string> words;
    for (std::string word; stream >> word;) words.push_back(word);
    return words;
}

} // namespace tidy

int main(int argc, char** argv)
{
    const std::vector<std::string> arguments(argv + 1, argv + argc);
    const std::map<std::string, void (*)(tidy::Report&)> checks{{"layers", tidy::check_layers},
                                                                {"words", tidy::check_words},
                                                                {"rules", tidy::check_rules},
                                                                {"sizes", tidy::check_sizes},
                                                                {"tables", tidy::check_tables},
                                                                {"judge", tidy::check_judge},
                                                                {"threats", tidy::check_threats}};
    if (arguments.size() < 2) return 2;
    tidy::Report report(arguments[1]);
    if (const auto check = checks.find(arguments[0]); check != checks.end()) check->second(report);
    else if (arguments[0] == "symbols" && arguments.size() == 4) tidy::check_symbols(report, arguments[2], tidy::lines_of(arguments[3]));
    else if (arguments[0] == "instructions" && arguments.size() == 3) tidy::check_instructions(report, tidy::lines_of(arguments[2]));
    else return 2;
    std::cout << report.findings() << " findings\n";
    return report.findings() == 0 ? 0 : 1;
}
