// Whole files. A failure names the path and what the system said.
#pragma once

#include <string>

#include <assay/base/bytes.hpp>
#include <assay/base/result.hpp>

namespace assay::app {

// Errors: file_unreadable.
Result<Bytes> read_file(const std::string& path);

// The same for a file that may be compressed with gzip. Errors: also invalid_input where the compressed data is damaged or cut off,
// and limit_exceeded where it is longer than `size_max`.
Result<Bytes> read_compressed_file(const std::string& path, std::size_t size_max);

// Replaces the file as a whole: a failure leaves what was there before. Errors: file_unwritable.
Status write_file(const std::string& path, ByteView content);

} // namespace assay::app
