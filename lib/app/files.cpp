#include "app/files.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>

#include <zlib.h>

namespace assay::app {

namespace {

Failure system_failure(Error error, const std::string& path)
{
    return failure(error, path + ": " + (errno == 0 ? "failed" : std::strerror(errno)));
}

} // namespace

Result<Bytes> read_file(const std::string& path)
{
    errno = 0;
    std::error_code ignored;
    if (std::filesystem::is_directory(path, ignored)) return failure(Error::file_unreadable, path + ": is a folder, not a file");
    std::ifstream file(path, std::ios::binary);
    if (!file) return system_failure(Error::file_unreadable, path);
    Bytes content{std::istreambuf_iterator<char>{file}, {}};
    if (file.bad()) return system_failure(Error::file_unreadable, path);
    return content;
}

Result<Bytes> read_compressed_file(const std::string& path, std::size_t size_max)
{
    errno = 0;
    const std::unique_ptr<gzFile_s, decltype(&gzclose)> file{gzopen(path.c_str(), "rb"), gzclose};
    if (!file) return system_failure(Error::file_unreadable, path);
    Bytes content;
    std::array<std::uint8_t, 65536> part{};
    for (;;) {
        const int read = gzread(file.get(), part.data(), part.size());
        if (read < 0) {
            int code = 0;
            const char* message = gzerror(file.get(), &code);
            if (code == Z_ERRNO) return system_failure(Error::file_unreadable, path);
            return failure(Error::invalid_input, path + ": " + message);
        }
        if (read == 0) break;
        content.insert(content.end(), part.begin(), part.begin() + read);
        if (content.size() > size_max) return failure(Error::limit_exceeded, path + ": more than " + std::to_string(size_max) + " bytes");
    }
    int code = 0;
    gzerror(file.get(), &code);
    if (code == Z_BUF_ERROR) return failure(Error::invalid_input, path + ": the compressed data is cut off");
    return content;
}

Status write_file(const std::string& path, ByteView content)
{
    errno = 0;
    const std::string unfinished = path + ".unfinished";
    std::ofstream file(unfinished, std::ios::binary);
    file.write(reinterpret_cast<const char*>(content.data()), static_cast<std::streamsize>(content.size()));
    file.close();
    if (!file) {
        const Failure why = system_failure(Error::file_unwritable, path);
        std::error_code ignored;
        std::filesystem::remove(unfinished, ignored);
        return why;
    }
    std::error_code error;
    std::filesystem::rename(unfinished, path, error);
    if (error) return failure(Error::file_unwritable, path + ": " + error.message());
    return {};
}

} // namespace assay::app
