// The node's figures, on loopback: bench_node [PART...], with parts transactions, unsynchronised, transfer, storing, idle, start, sync.
// A plain program, for what it measures are processes and percentiles; its output is lines of a name and a number. It leaves nothing
// behind.
#include <algorithm>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <thread>

#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <assay/commit/tensors.hpp>
#include <assay/crypto/vrf.hpp>
#include <assay/node/chain_view.hpp>
#include <assay/node/lists.hpp>
#include <assay/node/node.hpp>
#include <assay/node/remote_network.hpp>
#include <assay/store/checkpoints.hpp>
#include <assay/store/memory_store.hpp>

#include "node/tls.hpp"
#include "openssl_peer.hpp"
#include "sieve.hpp"

namespace {

using namespace assay;
using Clock = std::chrono::steady_clock;

constexpr std::size_t clients = 64;

// One line of the output: what was measured, and the number.
void figure(const char* what, double value)
{
    std::printf("%s: %.4g\n", what, value);
}

double seconds_since(Clock::time_point begin)
{
    return std::chrono::duration<double>(Clock::now() - begin).count();
}

// On a disk, not in memory: /tmp may be either.
struct Folder {
    Folder() : path(std::filesystem::current_path() / ("bench-node-" + std::to_string(getpid()) + "-" + std::to_string(count++)))
    {
        std::filesystem::remove_all(path);
        std::filesystem::create_directories(path);
    }
    ~Folder() { std::filesystem::remove_all(path); }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    static inline int count = 0;
    std::filesystem::path path;
};

crypto::KeyPair keys_of(std::size_t client)
{
    crypto::Seed seed;
    seed.bytes[0] = static_cast<std::uint8_t>(client);
    seed.bytes[1] = 1;
    return crypto::KeyPair{seed};
}

node::Genesis genesis()
{
    node::Genesis genesis;
    genesis.rules.network = Digest{{77}};
    genesis.rules.account_minimum = {1};
    genesis.rules.beacon = crypto::VrfKey{crypto::Seed{{6}}}.public_key();
    for (std::size_t i = 0; i < clients; ++i) genesis.allocations.push_back({keys_of(i).identity(), {1'000'000'000}});
    genesis.start = Tick{1};
    return genesis;
}

market::SignedTransaction transfer(const crypto::KeyPair& from, std::uint64_t number)
{
    return market::sign(from, Digest{{77}}, {from.identity(), number, market::Transfer{keys_of((number + 1) % clients).identity(), {1}}});
}

std::unique_ptr<node::Node> start(const Folder& folder, store::Durability durability = store::Durability::synchronised)
{
    node::NodeOptions options;
    options.folder = folder.path / "node";
    options.genesis = genesis();
    options.identity = crypto::Seed{{9}};
    options.durability = durability;
    options.limits.connections_per_peer = 20'000;
    auto started = node::Node::start(std::move(options));
    if (!started) std::fprintf(stderr, "%s\n", started.failure().message().c_str()), std::exit(1);
    return std::move(*started);
}

std::unique_ptr<node::RemoteNetwork> connect(std::uint16_t port, std::size_t client)
{
    node::RemoteOptions options;
    options.port = port;
    options.identity.bytes[0] = static_cast<std::uint8_t>(client);
    options.identity.bytes[1] = 1;
    return node::RemoteNetwork::make(std::move(options)).value();
}

struct Load {
    double per_second = 0;
    double p50 = 0, p99 = 0, worst = 0; // milliseconds, of a call
};

// All clients at once, each with `batch` transactions on the way at a time. They are signed before.
Load run_load(std::uint16_t port, std::size_t per_client, std::size_t batch)
{
    std::vector<std::vector<market::SignedTransaction>> made(clients);
    for (std::size_t c = 0; c < clients; ++c) {
        const crypto::KeyPair keys = keys_of(c);
        for (std::size_t i = 0; i < per_client; ++i) made[c].push_back(transfer(keys, i));
    }
    std::vector<std::vector<double>> times(clients);
    std::vector<std::thread> threads;
    std::atomic<std::size_t> ready{0};
    std::atomic<bool> go{false};
    for (std::size_t c = 0; c < clients; ++c)
        threads.emplace_back([&, c] {
            const auto network = connect(port, c);
            if (!network->head()) std::exit(1);
            ++ready;
            while (!go) std::this_thread::sleep_for(std::chrono::milliseconds{1});
            for (std::size_t i = 0; i < per_client; i += batch) {
                const auto begin = Clock::now();
                const auto heights = network->submit_all(std::span{made[c]}.subspan(i, std::min(batch, per_client - i)));
                times[c].push_back(1000 * seconds_since(begin));
                if (!heights || std::any_of(heights->begin(), heights->end(), [](const auto& height) { return !height; }))
                    std::fprintf(stderr, "a transaction was not applied\n"), std::exit(1);
            }
        });
    while (ready < clients) std::this_thread::sleep_for(std::chrono::milliseconds{1});
    const auto begin = Clock::now();
    go = true;
    for (std::thread& thread : threads) thread.join();
    const double took = seconds_since(begin);
    std::vector<double> all;
    for (const auto& one : times) all.insert(all.end(), one.begin(), one.end());
    std::sort(all.begin(), all.end());
    return {static_cast<double>(clients * per_client) / took, all[all.size() / 2], all[all.size() * 99 / 100], all.back()};
}

void transactions()
{
    const Folder folder;
    const auto server = start(folder);
    const Load load = run_load(server->port(), 400, 1);
    figure("transactions a second, synchronised, 64 clients with one at a time", load.per_second);
    figure("their p50, ms", load.p50);
    figure("their p99, ms", load.p99);
    figure("the slowest, ms", load.worst);
    figure("transactions in a block", 25'600.0 / static_cast<double>(server->metrics().blocks));
}

void unsynchronised()
{
    constexpr std::size_t per_client = 400;
    market::Chain alone = node::begin_chain(genesis()).value();
    std::vector<market::SignedTransaction> made;
    const std::vector<crypto::KeyPair> keys = [] {
        std::vector<crypto::KeyPair> all;
        for (std::size_t c = 0; c < clients; ++c) all.push_back(keys_of(c));
        return all;
    }();
    for (std::size_t i = 0; i < 20'000; ++i) made.push_back(transfer(keys[i % clients], i / clients));
    const auto begin = Clock::now();
    for (const auto& transaction : made)
        if (!alone.ledger().apply(transaction)) std::exit(1);
    const double ledger = static_cast<double>(made.size()) / seconds_since(begin);
    const Folder folder;
    const auto server = start(folder, store::Durability::buffered);
    const Load load = run_load(server->port(), per_client, 20);
    figure("transactions a second, not synchronised, 64 clients with 20 at a time", load.per_second);
    figure("the ledger alone, one thread, signatures checked", ledger);
    figure("not synchronised, to the ledger alone", load.per_second / ledger);
}

double processor_seconds(clockid_t clock)
{
    timespec time{};
    clock_gettime(clock, &time);
    return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

struct Rate {
    double bytes_per_second = 0;
    double seconds_per_byte = 0; // of processor time, in all threads
    double sender = 0;           // of that, where it was measured
};

// What `work` takes for so many bytes.
template <class Work>
Rate rate_of(std::uint64_t bytes, Work work)
{
    const double before = processor_seconds(CLOCK_PROCESS_CPUTIME_ID);
    const auto begin = Clock::now();
    work();
    const double took = seconds_since(begin), busy = processor_seconds(CLOCK_PROCESS_CPUTIME_ID) - before;
    return {static_cast<double>(bytes) / took, busy / static_cast<double>(bytes), 0};
}

Rate best_of(const std::vector<Rate>& rates)
{
    return *std::max_element(rates.begin(), rates.end(), [](const Rate& a, const Rate& b) { return a.bytes_per_second < b.bytes_per_second; });
}

// The same bytes over a bare TLS connection with the same settings.
Rate plain_tls(std::uint64_t bytes)
{
    const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (::bind(listener, reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(listener, 1) != 0 ||
        ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) != 0)
        std::exit(1);
    const auto server_context = node::TlsContext::make(node::TlsRole::server, crypto::Seed{{1}}).value();
    const auto client_context = node::TlsContext::make(node::TlsRole::client, crypto::Seed{{2}}).value();
    double sender_seconds = 0;
    std::thread sender([&] {
        const int socket = ::accept(listener, nullptr, nullptr);
        auto stream = node::TlsStream::make(server_context, socket).value();
        if (stream.handshake() != node::Progress::done) std::exit(1);
        const Bytes data(std::size_t{1} << 20, 7);
        const double before = processor_seconds(CLOCK_THREAD_CPUTIME_ID);
        for (std::size_t sent = 0; sent < bytes;) sent += stream.write(ByteView{data}.first(std::min(data.size(), bytes - sent))).bytes;
        sender_seconds = processor_seconds(CLOCK_THREAD_CPUTIME_ID) - before;
        ::shutdown(socket, SHUT_WR);
        ::close(socket);
    });
    const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
    if (::connect(socket, reinterpret_cast<sockaddr*>(&address), size) != 0) std::exit(1);
    auto stream = node::TlsStream::make(client_context, socket).value();
    if (stream.handshake() != node::Progress::done) std::exit(1);
    Bytes space(std::size_t{1} << 16);
    Rate rate = rate_of(bytes, [&] {
        for (std::size_t got = 0; got < bytes;) got += stream.read(space).bytes;
    });
    sender.join();
    rate.sender = sender_seconds / static_cast<double>(bytes);
    ::close(socket), ::close(listener);
    return rate;
}

// A state of random bytes, and where its chunks lie.
struct Checkpoint {
    static constexpr std::uint64_t bytes = std::uint64_t{48} << 20;
    Checkpoint() : declarations{{"w", {program::DataType::unsigned8, program::Shape{bytes}}}}
    {
        Bytes content(bytes);
        std::uint64_t random = 1;
        for (std::size_t i = 0; i < bytes; i += 8)
            random = random * 6364136223846793005U + 1442695040888963407U, std::memcpy(&content[i], &random, 8);
        const std::vector<program::Tensor> state{program::Tensor::from_bytes(declarations.front().type, std::move(content)).value()};
        list = store::save_list(own, declarations, state).value();
    }
    Rate upload(std::uint16_t port)
    {
        return rate_of(bytes, [&] { digest = node::upload(*connect(port, 0), own, list).value(); });
    }
    // As a party fetches it.
    Rate fetch(std::uint16_t port, store::ChunkStore& home) const
    {
        const auto network = connect(port, 0);
        if (!network->head()) std::exit(1);
        return rate_of(bytes, [&] {
            if (const auto found = node::fetch(*network, home, digest, declarations); !found)
                std::fprintf(stderr, "%s\n", found.failure().message().c_str()), std::exit(1);
        });
    }

    std::vector<program::Declaration> declarations;
    store::MemoryChunkStore own;
    Digest list, digest;
};

// SHA-256 of chunks of 1 KiB on one thread, as fast as there is.
Rate hashing()
{
    const Bytes content(std::size_t{1} << 20, 7);
    std::vector<ByteView> chunks;
    for (std::size_t at = 0; at < content.size(); at += commit::chunk_bytes_max)
        chunks.push_back(ByteView{content}.subspan(at, commit::chunk_bytes_max));
    constexpr std::size_t times = 48;
    return rate_of(times * content.size(), [&] {
        for (std::size_t i = 0; i < times; ++i)
            if (node::addresses_of(chunks).front() == Digest{}) std::exit(1);
    });
}

// A checkpoint comes from the node's memory and is verified. What bounds it: the processor time of plain TLS's two sides and of hashing, on
// two processors.
void transfer()
{
    const Folder folder;
    const auto server = start(folder, store::Durability::buffered);
    Checkpoint checkpoint;
    checkpoint.upload(server->port());
    std::vector<Rate> plain, verified, hashed;
    const OpensslPeer openssl;
    double peer = 0;
    for (int round = 0; round < 25; ++round) {
        if (openssl.is_there && round % 5 == 0) peer = std::max(peer, openssl.bytes_per_second());
        Sieve sieve;
        verified.push_back(checkpoint.fetch(server->port(), sieve));
        plain.push_back(plain_tls(Checkpoint::bytes));
        hashed.push_back(hashing());
    }
    const Rate bare = best_of(plain), ours = best_of(verified), hash = best_of(hashed);
    const double least = bare.seconds_per_byte + hash.seconds_per_byte;
    figure("plain TLS, MB/s", bare.bytes_per_second / 1e6);
    figure("its sender, ns a byte", 1e9 * bare.sender);
    figure("its receiver, ns a byte", 1e9 * (bare.seconds_per_byte - bare.sender));
    figure("SHA-256 of 1 KiB chunks, ns a byte", 1e9 * hash.seconds_per_byte);
    figure("two processors that do only these, to plain TLS", 2 / least / bare.bytes_per_second);
    figure("checkpoint in chunks of 1 KiB, verified, MB/s", ours.bytes_per_second / 1e6);
    figure("its node and party, ns a byte", 1e9 * ours.seconds_per_byte);
    figure("to plain TLS", ours.bytes_per_second / bare.bytes_per_second);
    if (!openssl.is_there) return static_cast<void>(std::fprintf(stderr, "no program openssl: s_client and s_server were not measured\n"));
    figure("openssl s_client from s_server, MB/s", peer / 1e6);
    figure("to openssl s_client from s_server", ours.bytes_per_second / peer);
}

// A checkpoint goes up, and comes down into a store; and from the disk of a node that has just been started, verified only.
void storing()
{
    const Folder folder;
    auto server = start(folder, store::Durability::buffered);
    Checkpoint checkpoint;
    const Rate up = checkpoint.upload(server->port());
    std::vector<Rate> plain, stored, cold;
    for (int round = 0; round < 3; ++round) {
        const Folder home;
        const auto disk = store::RocksDbChunkStore::open(home.path / "store", store::OpenMode::create_if_missing).value();
        stored.push_back(checkpoint.fetch(server->port(), *disk));
        server.reset();
        server = start(folder, store::Durability::buffered);
        Sieve sieve;
        cold.push_back(checkpoint.fetch(server->port(), sieve));
        plain.push_back(plain_tls(Checkpoint::bytes));
    }
    const Rate bare = best_of(plain), down = best_of(stored), from_disk = best_of(cold);
    figure("from the disk of a node just started, verified, MB/s", from_disk.bytes_per_second / 1e6);
    figure("its node and party from the disk, ns a byte", 1e9 * from_disk.seconds_per_byte);
    figure("from the disk, to plain TLS", from_disk.bytes_per_second / bare.bytes_per_second);
    figure("verified and stored, MB/s", down.bytes_per_second / 1e6);
    figure("its node, party and store, ns a byte", 1e9 * down.seconds_per_byte);
    figure("uploaded and stored, MB/s", up.bytes_per_second / 1e6);
    figure("its node, party and stores, ns a byte", 1e9 * up.seconds_per_byte);
}

std::size_t resident_kib(pid_t process)
{
    std::ifstream status("/proc/" + std::to_string(process) + "/status");
    for (std::string line; std::getline(status, line);)
        if (line.starts_with("VmRSS:")) return std::stoul(line.substr(6));
    return 0;
}

// The node is a process of its own, so that what is counted is its memory alone.
void idle(const char* self)
{
    const Folder folder;
    int out[2];
    if (pipe(out) != 0) std::exit(1);
    const pid_t child = fork();
    if (child == 0) {
        dup2(out[1], 1);
        execl(self, self, "--serve", folder.path.c_str(), nullptr);
        _exit(1);
    }
    char text[100] = "";
    (void)!read(out[0], text, sizeof text - 1);
    const auto port = static_cast<std::uint16_t>(std::stoul(text));
    const std::size_t before = resident_kib(child);
    rlimit files{};
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    const std::size_t count = std::min<std::size_t>(10'000, files.rlim_cur - 100);
    std::vector<std::unique_ptr<node::RemoteNetwork>> held;
    for (std::size_t i = 0; i < count; ++i) {
        held.push_back(connect(port, i % clients));
        if (const auto head = held.back()->head(); !head) std::fprintf(stderr, "%s\n", head.failure().message().c_str()), std::exit(1);
    }
    const std::size_t after = resident_kib(child);
    figure("idle connections", static_cast<double>(count));
    figure("memory of a node with them, MiB", static_cast<double>(after) / 1024);
    figure("memory before, MiB", static_cast<double>(before) / 1024);
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
}

int serve(const char* path)
{
    rlimit files{};
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    node::NodeOptions options;
    options.folder = path;
    options.genesis = genesis();
    options.identity = crypto::Seed{{9}};
    options.limits.connections_per_peer = 20'000;
    const auto server = node::Node::start(std::move(options)).value();
    std::printf("%u\n", server->port());
    std::fflush(stdout);
    for (;;) pause();
}

// A chain of blocks with one transfer each.
void write_chain(const Folder& folder, std::size_t blocks, bool is_signed)
{
    const std::string path = folder.path / "node";
    std::filesystem::create_directories(path);
    const auto ledgers = store::LedgerStore::open(path + "/ledger", store::OpenMode::create_if_missing).value();
    market::Chain chain = node::begin_chain(genesis()).value();
    if (!ledgers->begin(encode(genesis()), chain)) std::exit(1);
    std::vector<crypto::KeyPair> keys;
    for (std::size_t c = 0; c < clients; ++c) keys.push_back(keys_of(c));
    market::SignedTransaction made = transfer(keys[0], 0);
    for (std::size_t i = 0; i < blocks; ++i) {
        if (is_signed) made = transfer(keys[i % clients], i / clients);
        made.transaction.author = keys[i % clients].identity();
        made.transaction.number = i / clients;
        auto sealed = chain.seal_checked(Tick{2 + i / 100}, {made}).value();
        const store::BlockEvents block{std::move(*sealed.block), std::move(sealed.events)};
        if (!ledgers->append({&block, 1}, chain, store::Durability::buffered)) std::exit(1);
    }
}

void start_with(std::size_t blocks)
{
    const Folder folder;
    write_chain(folder, blocks, false); // how long it takes to open does not depend on signatures
    const auto begin = Clock::now();
    const auto server = start(folder);
    const double took = seconds_since(begin);
    figure("blocks in a chain", static_cast<double>(server->head().height));
    figure("start of a node with them, s", took);
}

// What a party does before it can do anything else.
void first_sync(std::size_t blocks)
{
    const Folder folder;
    write_chain(folder, blocks, true);
    const auto server = start(folder);
    const auto network = connect(server->port(), 0);
    const auto begin = Clock::now();
    node::ChainView view = node::ChainView::start(*network).value();
    if (!view.follow(*network)) std::exit(1);
    const double took = seconds_since(begin);
    figure("blocks of one transaction", static_cast<double>(view.height()));
    figure("a party's first following of them, signatures and states checked, s", took);

    const auto again = Clock::now();
    const Bytes kept = view.encode();
    const double encoded = seconds_since(again);
    node::ChainView resumed = node::ChainView::decode(kept).value();
    if (!resumed.follow(*network) || resumed.height() != view.height()) std::exit(1);
    figure("bytes of what it keeps of them", static_cast<double>(kept.size()));
    figure("writing that down, s", encoded);
    figure("going on from it, s", seconds_since(again) - encoded);
}

} // namespace

int main(int argc, char** argv)
{
    std::setvbuf(stdout, nullptr, _IOLBF, 0);
    if (argc == 3 && std::strcmp(argv[1], "--serve") == 0) return serve(argv[2]);
    const auto wanted = [&](const char* part) {
        return argc == 1 || std::any_of(argv + 1, argv + argc, [&](const char* argument) { return std::strcmp(argument, part) == 0; });
    };
    if (wanted("transactions")) transactions();
    if (wanted("unsynchronised")) unsynchronised();
    if (wanted("transfer")) transfer();
    if (wanted("storing")) storing();
    if (wanted("idle")) idle(argv[0]);
    if (wanted("start")) start_with(1'000'000);
    if (wanted("sync")) first_sync(100'000);
    return 0;
}
