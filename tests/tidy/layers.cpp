// The direction of includes between modules, as layers.txt has it, and which packages may be named where.
#include "tidy.hpp"

#include <map>
#include <regex>
#include <set>

namespace tidy {

namespace {

struct Layer {
    std::set<std::string> modules;
    std::set<std::string> packages;
};

using Layers = std::map<std::string, Layer>;

std::set<std::string> set_of(const std::string& text)
{
    const auto words = words_of(text);
    return {words.begin(), words.end()};
}

Layers read_layers(Report& report)
{
    const fs::path file = report.root() / "tests/tidy/layers.txt";
    static const std::regex row(R"(\s*([a-z0-9_./]+)\s*\|([^|]*)\|([^|]*))");
    Layers layers;
    std::size_t number = 0;
    for (const std::string& line : lines_of(file)) {
        ++number;
        if (line.empty() || line.starts_with('#')) continue;
        std::smatch match;
        if (std::regex_match(line, match, row)) layers[match[1]] = {set_of(match[2]), set_of(match[3])};
        else report.add(file, number, "not of the form \"module | modules | packages\"");
    }
    return layers;
}

// "hash/openssl.cpp" for include/assay/hash/openssl.cpp and lib/hash/openssl.cpp.
fs::path place_of(const fs::path& file, const fs::path& root, bool is_public)
{
    return file.lexically_relative(root / (is_public ? "include/assay" : "lib"));
}

bool is_standard(const std::string& header)
{
    return header.find_first_of("/.") == std::string::npos;
}

struct Include {
    std::string header;
    bool angled = false;
};

// Why `include` is not allowed in a file of `module`; empty when it is.
std::string objection(const Include& include, const std::string& module, const Layer& layer, const Layers& layers, bool is_public)
{
    const bool names_assay = include.header.starts_with("assay/");
    const std::string rest = names_assay ? include.header.substr(6) : include.header;
    const std::string first = rest.substr(0, rest.find('/'));
    if (names_assay || (first != rest && layers.contains(first))) {
        if (first == module || layer.modules.contains(first)) return {};
        return module + " may not include " + first + ": move the code, or give it what it needs as an argument (tests/tidy/layers.txt)";
    }
    if (!include.angled || is_standard(include.header)) return {};
    if (is_public) return "a public header may not include <" + include.header + ">: hide it behind a pointer in the .cpp file";
    const bool platform = include.header.ends_with(".h") && layer.packages.contains("system");
    if (layer.packages.contains(first) || platform) return {};
    return module + " may not include <" + include.header + "> (third column of tests/tidy/layers.txt)";
}

void check_file(Report& report, const Layers& layers, const fs::path& file, bool is_public)
{
    const fs::path place = place_of(file, report.root(), is_public);
    const std::string module = place.begin()->string();
    const auto own = layers.find(place.string());
    const auto layer = own != layers.end() ? own : layers.find(module);
    if (layer == layers.end()) return report.add(file, 0, "module " + module + " has no line in tests/tidy/layers.txt: add one");
    static const std::regex directive(R"(\s*#\s*include\s*([<"])([^>"]+)[>"].*)");
    std::size_t number = 0;
    for (const std::string& line : lines_of(file)) {
        ++number;
        std::smatch match;
        if (!std::regex_match(line, match, directive)) continue;
        const std::string why = objection({match[2], match[1] == "<"}, module, layer->second, layers, is_public);
        if (!why.empty()) report.add(file, number, why);
    }
}

} // namespace

void check_layers(Report& report)
{
    const Layers layers = read_layers(report);
    for (const fs::path& file : files_below(report.root(), {"include/assay"}, {".hpp", ".h", ".def"}))
        check_file(report, layers, file, true);
    for (const fs::path& file : files_below(report.root(), {"lib"}, {".hpp", ".h", ".cpp"})) check_file(report, layers, file, false);
}

} // namespace tidy
