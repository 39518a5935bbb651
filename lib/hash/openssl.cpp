// Looking the algorithm up and making a context cost more than hashing a small input: both are done once per process and thread.
#include <assay/hash/openssl.hpp>

#include <memory>

#include <openssl/evp.h>

namespace assay::hash {

namespace {

const EVP_MD* sha256_algorithm()
{
    static const std::unique_ptr<EVP_MD, decltype(&EVP_MD_free)> algorithm{EVP_MD_fetch(nullptr, "SHA256", nullptr), EVP_MD_free};
    ASSAY_CHECK(algorithm);
    return algorithm.get();
}

EVP_MD_CTX* thread_context()
{
    thread_local const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context{EVP_MD_CTX_new(), EVP_MD_CTX_free};
    ASSAY_CHECK(context);
    return context.get();
}

} // namespace

Digest sha256_openssl(std::span<const ByteView> parts)
{
    EVP_MD_CTX* const context = thread_context();
    Digest digest;
    bool good = EVP_DigestInit_ex2(context, sha256_algorithm(), nullptr) == 1;
    for (const ByteView part : parts) good = good && EVP_DigestUpdate(context, part.data(), part.size()) == 1;
    good = good && EVP_DigestFinal_ex(context, digest.bytes.data(), nullptr) == 1;
    ASSAY_CHECK(good);
    return digest;
}

} // namespace assay::hash
