// A party's key as a file that nobody else can read, encrypted with a passphrase if wanted. Spec: spec/node.md, PARTY-12, PARTY-13.
#pragma once

#include <functional>
#include <string>

#include <assay/crypto/keys.hpp>

namespace assay::node {

// 32 bytes from the system's entropy.
crypto::Seed new_seed();

// Writes a new key file, with mode 0600; never over another. An empty passphrase leaves it unencrypted.
// Errors: file_unwritable, with the path and the reason. Cost with a passphrase: about a second and 256 MiB, so that guessing costs as
// much.
Status write_key(const std::string& path, const crypto::Seed& seed, std::string_view passphrase);

// What anybody who may read the file sees without the passphrase.
struct KeyDescription {
    crypto::PublicKey public_key;
    Digest identity;
    bool is_encrypted = false;
};
// Errors: as read_key.
Result<KeyDescription> describe_key(const std::string& path);

// Asked for only where the file is encrypted.
using AskPassphrase = std::function<Result<std::string>()>;

// Errors: file_unreadable where it cannot be opened, belongs to somebody else, or others may read it; invalid_input where it is no key
// file, or the passphrase is another; those of `ask`.
Result<crypto::Seed> read_key(const std::string& path, const AskPassphrase& ask);

} // namespace assay::node
