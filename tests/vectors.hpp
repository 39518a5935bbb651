// Reads the text files under tests/vectors: records of "key: value" lines, apart by empty lines; lines that begin with # are prose.
// A key may be repeated; its values then keep their order.
#pragma once

#include <fstream>
#include <map>
#include <stdexcept>

#include <assay/base/bytes.hpp>

namespace assay::test {

class Record {
public:
    void add(const std::string& key, std::string value) { m_values[key].push_back(std::move(value)); }
    [[nodiscard]] bool empty() const { return m_values.empty(); }

    // All values of `key`, in order; none where it does not occur.
    [[nodiscard]] std::vector<std::string> all(const std::string& key) const
    {
        const auto found = m_values.find(key);
        return found == m_values.end() ? std::vector<std::string>{} : found->second;
    }
    // The only value of `key`. The others read it as what they are named after. A vector without it is a broken file, and throws.
    [[nodiscard]] std::string text(const std::string& key) const
    {
        const auto values = all(key);
        if (values.size() != 1) throw std::runtime_error("a vector must have one '" + key + "'");
        return values.front();
    }
    [[nodiscard]] std::uint64_t number(const std::string& key) const { return std::stoull(text(key)); }
    [[nodiscard]] Bytes bytes(const std::string& key) const { return bytes_from_hex(text(key)).value(); }
    [[nodiscard]] Digest digest(const std::string& key) const { return digest_from_hex(text(key)).value(); }

private:
    std::map<std::string, std::vector<std::string>> m_values;
};

// The records of tests/vectors/<name>. Throws when the file is not there or a line is not of this form.
inline std::vector<Record> read_vectors(const std::string& name)
{
    std::ifstream file(ASSAY_SOURCE_DIR "/tests/vectors/" + name);
    if (!file) throw std::runtime_error("no file tests/vectors/" + name);
    std::vector<Record> records(1);
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with('#')) continue;
        if (line.empty()) {
            if (!records.back().empty()) records.emplace_back();
            continue;
        }
        const auto colon = line.find(':');
        if (colon == std::string::npos) throw std::runtime_error("tests/vectors/" + name + ": no colon in: " + line);
        const auto value = line.find_first_not_of(' ', colon + 1);
        records.back().add(line.substr(0, colon), value == std::string::npos ? std::string{} : line.substr(value));
    }
    if (records.back().empty()) records.pop_back();
    return records;
}

} // namespace assay::test
