// A folder of its own for each test, removed afterwards.
#pragma once

#include <atomic>
#include <filesystem>
#include <fstream>
#include <string>

#include <unistd.h>

namespace assay::test {

class Folder {
public:
    Folder()
    {
        static std::atomic<int> count{0};
        m_path = std::filesystem::temp_directory_path() / ("assay-store-" + std::to_string(getpid()) + "-" + std::to_string(count++));
        std::filesystem::create_directories(m_path);
    }
    ~Folder()
    {
        std::error_code ignored;
        std::filesystem::remove_all(m_path, ignored);
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;

    [[nodiscard]] const std::filesystem::path& path() const { return m_path; }
    [[nodiscard]] std::string store() const { return (m_path / "store").string(); }

private:
    std::filesystem::path m_path;
};

inline void flip_bit_in_file(const std::filesystem::path& file, std::uintmax_t position, unsigned bit = 4)
{
    std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
    stream.seekg(static_cast<std::streamoff>(position));
    const int byte = stream.get();
    stream.seekp(static_cast<std::streamoff>(position));
    stream.put(static_cast<char>(byte ^ (1 << bit)));
}

} // namespace assay::test
