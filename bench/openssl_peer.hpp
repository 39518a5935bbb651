// The program openssl as a peer: what its own client and server move over TLS.
#pragma once

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include <arpa/inet.h>
#include <csignal>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

// A process that reads `input`, and whose output nobody reads.
inline pid_t spawn(const std::vector<std::string>& words, const std::string& input = "/dev/null", const char* folder = ".")
{
    const pid_t child = fork();
    if (child != 0) return child;
    std::vector<char*> arguments;
    for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    if (chdir(folder) != 0 || std::freopen(input.c_str(), "r", stdin) == nullptr || std::freopen("/dev/null", "w", stdout) == nullptr ||
        std::freopen("/dev/null", "w", stderr) == nullptr)
        _exit(127);
    execvp(arguments.front(), arguments.data());
    _exit(127);
}

inline int status_of(pid_t child)
{
    int status = 0;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

// A port that nobody listens on.
inline std::uint16_t free_port()
{
    const int probe = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (::bind(probe, reinterpret_cast<sockaddr*>(&address), size) != 0 || ::getsockname(probe, reinterpret_cast<sockaddr*>(&address), &size) != 0) std::exit(1);
    ::close(probe);
    return ntohs(address.sin_port);
}

// openssl s_client fetches a file in memory from openssl s_server -WWW, with the same cipher and kind of key, and drops it.
class OpensslPeer {
public:
    static constexpr std::size_t file_bytes = std::size_t{512} << 20;
    OpensslPeer()
    {
        std::filesystem::create_directories(folder);
        const std::string key = folder / "key", certificate = folder / "certificate";
        if (status_of(spawn({"openssl", "req", "-x509", "-newkey", "ed25519", "-nodes", "-keyout", key, "-out", certificate, "-subj", "/CN=bench"})) != 0) return;
        for (const auto& [name, bytes] : {std::pair{"nothing", std::size_t{0}}, std::pair{"all", file_bytes}}) {
            std::ofstream{folder / name};
            std::filesystem::resize_file(folder / name, bytes);
            std::ofstream{folder / (std::string{"get-"} + name)} << "GET /" << name << " HTTP/1.0\r\n\r\n";
        }
        port = std::to_string(free_port());
        server = spawn({"openssl", "s_server", "-accept", port, "-key", key, "-cert", certificate, "-tls1_3", "-ciphersuites", cipher, "-WWW", "-quiet"},
                       "/dev/null", folder.c_str());
        for (int i = 0; i < 100 && !fetches("nothing"); ++i) std::this_thread::sleep_for(std::chrono::milliseconds{20});
        is_there = fetches("nothing");
    }
    ~OpensslPeer()
    {
        if (server > 0) kill(server, SIGKILL), waitpid(server, nullptr, 0);
        std::filesystem::remove_all(folder);
    }
    OpensslPeer(const OpensslPeer&) = delete;
    OpensslPeer& operator=(const OpensslPeer&) = delete;

    // Bytes a second, without what starting and the handshake take.
    [[nodiscard]] double bytes_per_second() const { return static_cast<double>(file_bytes) / (seconds_of("all") - seconds_of("nothing")); }
    bool is_there = false;

private:
    static constexpr const char* cipher = "TLS_AES_128_GCM_SHA256";
    [[nodiscard]] bool fetches(const char* name) const
    {
        return status_of(spawn({"openssl", "s_client", "-connect", "127.0.0.1:" + port, "-tls1_3", "-ciphersuites", cipher, "-quiet", "-ign_eof"},
                               folder / (std::string{"get-"} + name))) == 0;
    }
    [[nodiscard]] double seconds_of(const char* name) const
    {
        const auto begin = std::chrono::steady_clock::now();
        if (!fetches(name)) std::exit(1);
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    }
    std::filesystem::path folder = "/dev/shm/bench-node-" + std::to_string(getpid());
    std::string port;
    pid_t server = 0;
};
