// Spec: PARTY-12, PARTY-13.
#include <assay/node/key_file.hpp>

#include <cerrno>
#include <cstring>
#include <sstream>

#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

namespace assay::node {

namespace {

constexpr std::string_view first_line = "assay key 1";
constexpr std::size_t file_bytes_max = 1024;
// What argon2id takes: passes and bytes of memory ("moderate" in libsodium's manual). A file that asks for more is refused.
constexpr unsigned long long passes = crypto_pwhash_OPSLIMIT_MODERATE;
constexpr std::size_t memory = crypto_pwhash_MEMLIMIT_MODERATE;
constexpr unsigned long long passes_max = 16;
constexpr std::size_t memory_max = std::size_t{1} << 30;

struct Sealed {
    unsigned long long passes = 0;
    std::size_t memory = 0;
    Bytes salt, nonce, box;
};

struct Content {
    crypto::PublicKey public_key;
    std::optional<crypto::Seed> seed;
    std::optional<Sealed> sealed;
};

Failure system_failure(Error error, const std::string& path)
{
    return failure(error, path + ": " + std::strerror(errno));
}

// An open file that closes itself.
class File {
public:
    explicit File(int descriptor) : m_descriptor(descriptor) {}
    ~File()
    {
        if (m_descriptor >= 0) close(m_descriptor);
    }
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    [[nodiscard]] int descriptor() const { return m_descriptor; }
    [[nodiscard]] bool is_open() const { return m_descriptor >= 0; }

private:
    int m_descriptor;
};

Status check_permissions(const File& file, const std::string& path)
{
    struct stat status {};
    if (fstat(file.descriptor(), &status) != 0) return system_failure(Error::file_unreadable, path);
    if (!S_ISREG(status.st_mode)) return failure(Error::file_unreadable, path + ": is not a file");
    if (status.st_uid != geteuid()) return failure(Error::file_unreadable, path + ": belongs to somebody else; a key has to be one's own");
    if ((status.st_mode & 077) != 0)
        return failure(Error::file_unreadable, path + ": others may read or change it; say chmod 600 " + path +
                                                   ", and make a new key if somebody may have seen it");
    return {};
}

template <std::size_t n>
bool fill(std::array<std::uint8_t, n>& target, const std::optional<Bytes>& bytes)
{
    if (!bytes || bytes->size() != n) return false;
    std::copy(bytes->begin(), bytes->end(), target.begin());
    return true;
}

bool parse_sealed(std::istringstream& line, Sealed& sealed)
{
    std::string salt, nonce, box;
    if (!(line >> sealed.passes >> sealed.memory >> salt >> nonce >> box)) return false;
    const auto salt_bytes = bytes_from_hex(salt), nonce_bytes = bytes_from_hex(nonce), box_bytes = bytes_from_hex(box);
    if (!salt_bytes || !nonce_bytes || !box_bytes) return false;
    sealed.salt = *salt_bytes, sealed.nonce = *nonce_bytes, sealed.box = *box_bytes;
    return sealed.passes >= 1 && sealed.passes <= passes_max && sealed.memory >= crypto_pwhash_MEMLIMIT_MIN &&
           sealed.memory <= memory_max && sealed.salt.size() == crypto_pwhash_SALTBYTES &&
           sealed.nonce.size() == crypto_secretbox_NONCEBYTES &&
           sealed.box.size() == crypto_secretbox_MACBYTES + sizeof(crypto::Seed::bytes);
}

std::optional<Content> parse(const std::string& text)
{
    std::istringstream lines{text};
    std::string line;
    if (!std::getline(lines, line) || line != first_line) return {};
    Content content;
    bool has_public = false;
    while (std::getline(lines, line)) {
        std::istringstream words{line};
        std::string kind, value;
        words >> kind;
        if (kind == "public") {
            words >> value;
            has_public = fill(content.public_key.bytes, bytes_from_hex(value));
        } else if (kind == "seed") {
            words >> value;
            if (!fill(content.seed.emplace().bytes, bytes_from_hex(value))) return {};
        } else if (kind == "sealed") {
            if (!parse_sealed(words, content.sealed.emplace())) return {};
        } else {
            return {};
        }
    }
    if (!has_public || content.seed.has_value() == content.sealed.has_value()) return {};
    return content;
}

Result<Content> read_content(const std::string& path)
{
    const File file{open(path.c_str(), O_RDONLY | O_CLOEXEC)};
    if (!file.is_open()) {
        Failure why = system_failure(Error::file_unreadable, path);
        if (errno == ENOENT) why.detail += "; assay key make " + path + " makes a key";
        return why;
    }
    ASSAY_TRY(check_permissions(file, path));
    std::string text(file_bytes_max, '\0');
    const ssize_t size = read(file.descriptor(), text.data(), text.size());
    if (size < 0) return system_failure(Error::file_unreadable, path);
    text.resize(static_cast<std::size_t>(size));
    const auto content = parse(text);
    if (!content) return failure(Error::invalid_input, path + ": is no key file of this program");
    return *content;
}

Result<Bytes> derive(std::string_view passphrase, const Sealed& sealed)
{
    Bytes key(crypto_secretbox_KEYBYTES);
    if (crypto_pwhash(key.data(), key.size(), passphrase.data(), passphrase.size(), sealed.salt.data(), sealed.passes, sealed.memory,
                      crypto_pwhash_ALG_ARGON2ID13) != 0)
        return failure(Error::out_of_memory, "the key's passphrase needs " + std::to_string(sealed.memory >> 20) + " MiB to be checked");
    return key;
}

Result<Sealed> seal(const crypto::Seed& seed, std::string_view passphrase)
{
    Sealed sealed{passes, memory, Bytes(crypto_pwhash_SALTBYTES), Bytes(crypto_secretbox_NONCEBYTES),
                  Bytes(crypto_secretbox_MACBYTES + seed.bytes.size())};
    randombytes_buf(sealed.salt.data(), sealed.salt.size());
    randombytes_buf(sealed.nonce.data(), sealed.nonce.size());
    ASSAY_TRY_ASSIGN(const Bytes key, derive(passphrase, sealed));
    crypto_secretbox_easy(sealed.box.data(), seed.bytes.data(), seed.bytes.size(), sealed.nonce.data(), key.data());
    return sealed;
}

Status write_all(const std::string& path, const std::string& text)
{
    const File file{open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)};
    if (!file.is_open()) {
        Failure why = system_failure(Error::file_unwritable, path);
        if (errno == EEXIST) why.detail += "; a key is never overwritten: choose another name, or move the old one away";
        return why;
    }
    const bool is_written =
        write(file.descriptor(), text.data(), text.size()) == static_cast<ssize_t>(text.size()) && fsync(file.descriptor()) == 0;
    if (!is_written) {
        const Failure why = system_failure(Error::file_unwritable, path);
        unlink(path.c_str());
        return why;
    }
    return {};
}

} // namespace

crypto::Seed new_seed()
{
    ASSAY_CHECK(sodium_init() >= 0);
    crypto::Seed seed;
    randombytes_buf(seed.bytes.data(), seed.bytes.size());
    return seed;
}

Status write_key(const std::string& path, const crypto::Seed& seed, std::string_view passphrase)
{
    ASSAY_CHECK(sodium_init() >= 0);
    std::ostringstream text;
    text << first_line << "\npublic " << to_hex(crypto::KeyPair{seed}.public_key().bytes) << '\n';
    if (passphrase.empty()) {
        text << "seed " << to_hex(seed.bytes) << '\n';
    } else {
        ASSAY_TRY_ASSIGN(const Sealed sealed, seal(seed, passphrase));
        text << "sealed " << sealed.passes << ' ' << sealed.memory << ' ' << to_hex(sealed.salt) << ' ' << to_hex(sealed.nonce) << ' '
             << to_hex(sealed.box) << '\n';
    }
    return write_all(path, text.str());
}

Result<KeyDescription> describe_key(const std::string& path)
{
    ASSAY_TRY_ASSIGN(const Content content, read_content(path));
    return KeyDescription{content.public_key, crypto::identity_of(content.public_key), content.sealed.has_value()};
}

Result<crypto::Seed> read_key(const std::string& path, const AskPassphrase& ask)
{
    ASSAY_CHECK(sodium_init() >= 0);
    ASSAY_TRY_ASSIGN(const Content content, read_content(path));
    crypto::Seed seed;
    if (content.seed) {
        seed = *content.seed;
    } else {
        ASSAY_TRY_ASSIGN(const std::string passphrase, ask());
        const Sealed& sealed = *content.sealed;
        ASSAY_TRY_ASSIGN(const Bytes key, derive(passphrase, sealed));
        if (crypto_secretbox_open_easy(seed.bytes.data(), sealed.box.data(), sealed.box.size(), sealed.nonce.data(), key.data()) != 0)
            return failure(Error::invalid_input, path + ": the passphrase does not open this key");
    }
    if (crypto::KeyPair{seed}.public_key() != content.public_key)
        return failure(Error::invalid_input, path + ": the secret does not belong to the public key beside it");
    return seed;
}

} // namespace assay::node
