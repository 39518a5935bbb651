// A network beyond a connection: the node at an address, reached over TLS with a party's own key. Spec: spec/wire.md.
//
// A connection that is lost is made again, and what was asked is asked again (WIRE-5), until `patience` is over. Large transfers are cut
// into requests that travel behind one another, so that the connection is never idle in between.
#pragma once

#include <memory>

#include <assay/crypto/keys.hpp>
#include <assay/node/messages.hpp>

namespace assay::node {

struct RemoteOptions {
    std::string host = "127.0.0.1"; // a name or an IP address
    std::uint16_t port = 0;
    crypto::Seed identity;      // the party's
    std::optional<Digest> node; // who must answer; anyone, where none is named
    std::chrono::milliseconds patience{10'000};
    std::chrono::milliseconds connect_timeout{5'000};
    std::chrono::milliseconds answer_timeout{30'000}; // for the next bytes of an answer
};

class RemoteNetwork final : public Network {
public:
    // Does not connect yet. Errors: out_of_memory.
    static Result<std::unique_ptr<RemoteNetwork>> make(RemoteOptions options);
    ~RemoteNetwork() override;

    Result<Genesis> genesis() override;
    Result<Head> head() override;
    Result<std::uint64_t> submit(const market::SignedTransaction& transaction) override;
    Result<std::vector<market::Block>> blocks(std::uint64_t from, std::size_t limit) override;
    Status put_chunks(std::span<const Bytes> chunks) override;
    Result<std::vector<Bytes>> chunks(std::span<const Digest> addresses) override;
    Status stream(const NextChunks& next, const ChunkTaker& take) override;
    Result<Digest> announce(const Digest& list) override;
    Result<Digest> list_of(const Digest& state) override;
    Result<Head> wait(std::uint64_t height, std::chrono::milliseconds at_most) override;

    // Lists that were announced, in the order of their states, after this one; at most 1024 of them.
    Result<std::vector<AnnouncedList>> lists(const Digest& after);

    // Sends all of these, and then reads the answers to all. Returns: for each the block's height, or why it was refused.
    // Errors: disconnected.
    Result<std::vector<Result<std::uint64_t>>> submit_all(std::span<const market::SignedTransaction> transactions);

private:
    struct Link;
    class Stream;
    explicit RemoteNetwork(std::unique_ptr<Link> link);

    std::unique_ptr<Link> m_link;
};

} // namespace assay::node
