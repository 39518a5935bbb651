// SHA-256 through OpenSSL, for hashing in bulk. Library: assay::replay. Spec: spec/encoding.md, ENCODING-7.
#pragma once

#include <assay/hash/sha256.hpp>

namespace assay::hash {

// The same digests as `sha256`, at the speed of the processor's SHA instructions. Thread-safe.
Digest sha256_openssl(std::span<const ByteView> parts);

} // namespace assay::hash
