// Checks of the source tree that no compiler makes. Each check is one function and one CTest entry; what it finds is printed as
// "file:line: what is wrong: what to do", and makes the entry fail.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace tidy {

namespace fs = std::filesystem;

// What a check found wrong. Paths are printed relative to the root of the tree.
class Report {
public:
    explicit Report(fs::path root) : m_root(std::move(root)) {}

    [[nodiscard]] const fs::path& root() const { return m_root; }
    void add(const fs::path& file, std::size_t line, const std::string& what);
    [[nodiscard]] std::size_t findings() const { return m_findings; }

private:
    fs::path m_root;
    std::size_t m_findings = 0;
};

// The regular files below root/folder, for each folder that exists, whose extension is one of `extensions`; sorted; files of this
// folder's own tests left out.
std::vector<fs::path> files_below(const fs::path& root, const std::vector<std::string>& folders,
                                  const std::vector<std::string>& extensions);

std::vector<std::string> lines_of(const fs::path& file);

// The words of `text` that spaces separate.
std::vector<std::string> words_of(const std::string& text);

// The ids of every rule that `line` cites; "MERKLE-2 to MERKLE-6" counts for all five.
std::vector<std::string> rules_in(const std::string& line);

// The modules of the library that has no package, no thread and no native floating point.
inline const std::vector<std::string> referee_modules{"base", "hash", "merkle", "arith", "program", "commit", "dispute"};

void check_layers(Report& report);
void check_words(Report& report);
void check_rules(Report& report);
void check_sizes(Report& report);
void check_tables(Report& report);
void check_judge(Report& report);
void check_threats(Report& report);

// `kind` is "judge", "referee" or "replay"; `symbols` are the lines that `nm -u -A` printed for that library.
void check_symbols(Report& report, const std::string& kind, const std::vector<std::string>& symbols);

// `listing` is what `objdump -d` printed.
void check_instructions(Report& report, const std::vector<std::string>& listing);

} // namespace tidy
