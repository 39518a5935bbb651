// The other process of crash_test.cpp.
//
//     child write FOLDER   opens FOLDER/store and writes chunks 0, 1, 2, ... for ever; prints its process id, then each number once its
//                          chunk is acknowledged
//     child write-tables FOLDER   the same with large chunks, a table of them at a time; prints the number after the last one acknowledged
//     child fill FOLDER    writes to a disk that gets full: a small file system of its own where that may be mounted, else a limit on
//                          the size of files; checks STORE-7 and prints "good", or what was wrong
#include <csignal>
#include <fstream>
#include <iostream>

#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <unistd.h>

#include <assay/store/rocksdb_store.hpp>
#include <tests/unit/store/chunks.hpp>

using namespace assay;
using store::OpenMode;
using store::RocksDbChunkStore;

namespace {

int complain(const std::string& what)
{
    std::cout << what << std::endl;
    return 1;
}

int write_for_ever(const std::string& folder)
{
    const auto chunks = RocksDbChunkStore::open(folder + "/store", OpenMode::create_if_missing);
    if (!chunks) return complain(chunks.failure().message());
    std::cout << getpid() << std::endl;
    for (std::uint64_t number = 0;; ++number) {
        if (!(*chunks)->put(test::chunk_number(number))) return 1;
        std::cout << number << std::endl;
    }
}

int write_tables_for_ever(const std::string& folder)
{
    const auto chunks = RocksDbChunkStore::open(folder + "/store", OpenMode::create_if_missing);
    if (!chunks) return complain(chunks.failure().message());
    std::cout << getpid() << std::endl;
    for (std::uint64_t number = 0;;) {
        if (!test::put_large_chunks(**chunks, number)) return 1;
        number += test::large_chunks_of_table;
        std::cout << number << std::endl;
    }
}

// A disk that gets full, and that can be given more room: opening a store copies its log, at most once its size.
class SmallDisk {
public:
    explicit SmallDisk(const std::string& folder) : m_ballast(folder + "/ballast")
    {
        m_mounted = unshare(CLONE_NEWNS) == 0 && mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
                    mount("tmpfs", folder.c_str(), "tmpfs", 0, "size=5m") == 0;
        if (m_mounted) {
            std::ofstream(m_ballast) << std::string(3 << 20, 'b');
        } else {
            std::signal(SIGXFSZ, SIG_IGN);
            limit_files(1 << 20);
        }
    }
    [[nodiscard]] bool is_mounted() const { return m_mounted; }
    void give_room()
    {
        if (m_mounted) unlink(m_ballast.c_str());
        else limit_files(RLIM_INFINITY);
    }

private:
    static void limit_files(rlim_t bytes)
    {
        rlimit limit{};
        getrlimit(RLIMIT_FSIZE, &limit);
        limit.rlim_cur = bytes == RLIM_INFINITY ? limit.rlim_max : bytes;
        setrlimit(RLIMIT_FSIZE, &limit);
    }

    std::string m_ballast;
    bool m_mounted = false;
};

// Whether the chunks 0, ..., count - 1 are there and right.
bool all_there(const store::ChunkStore& chunks, std::uint64_t count)
{
    for (std::uint64_t number = 0; number < count; ++number) {
        const auto read = chunks.get(merkle::leaf_hash(test::chunk_number(number)));
        if (!read || *read != test::chunk_number(number)) return false;
    }
    return true;
}

int fill(const std::string& folder)
{
    SmallDisk disk(folder);
    std::uint64_t acknowledged = 0;
    {
        const auto chunks = RocksDbChunkStore::open(folder + "/store", OpenMode::create_if_missing);
        if (!chunks) return complain(chunks.failure().message());
        // A table for which there is no room takes none.
        if (test::put_large_chunks(**chunks, 0)) return complain("a table was written for which there is no room");
        Status status;
        while (acknowledged < 10'000) {
            status = (*chunks)->put_name("head", merkle::leaf_hash(view_of("x")));
            store::Batch batch;
            batch.put(test::chunk_number(acknowledged));
            if (status) status = (*chunks)->write(batch);
            if (!status) break;
            ++acknowledged;
        }
        if (status) return complain("the disk never got full");
        if (status.error() != Error::storage_failed) return complain(status.failure().message());
        if (status.failure().detail.find(folder) != 0) return complain("no path: " + status.failure().message());
        if (disk.is_mounted() && status.failure().detail.find("disk is full") == std::string::npos)
            return complain(status.failure().message());
        if (!all_there(**chunks, acknowledged)) return complain("chunks lost while the store was open");
    }
    disk.give_room();
    const auto chunks = RocksDbChunkStore::open(folder + "/store", OpenMode::existing_only);
    if (!chunks) return complain(chunks.failure().message());
    if (acknowledged < 100 || !all_there(**chunks, acknowledged)) return complain("chunks lost after opening again");
    if (!(*chunks)->put(test::chunk_number(acknowledged))) return complain("no write after the disk got room");
    std::cout << "good: " << acknowledged << " chunks on " << (disk.is_mounted() ? "a small disk" : "limited files") << std::endl;
    return 0;
}

} // namespace

int main(int argc, char** argv)
{
    if (argc != 3) return 2;
    const std::string verb = argv[1];
    if (verb == "write") return write_for_ever(argv[2]);
    if (verb == "write-tables") return write_tables_for_ever(argv[2]);
    if (verb == "fill") return fill(argv[2]);
    return 2;
}
