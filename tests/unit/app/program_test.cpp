// The assay program from the outside: what it prints, how it exits, and what is left behind when something is wrong.
#include <doctest/doctest.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include <sys/wait.h>

#include <assay/base/bytes.hpp>
#include <assay/golden/golden.hpp>

#include "tests/unit/store/folder.hpp"

namespace fs = std::filesystem;
using assay::test::Folder;

namespace {

struct Outcome {
    int exit_code = -1;
    std::string output;
};

// Runs a shell command in which $assay is the program.
Outcome shell(const std::string& command)
{
    Outcome outcome;
    const std::string line = "assay='" ASSAY_PROGRAM "'; { " + command + "; } 2>&1";
    FILE* pipe = popen(line.c_str(), "r");
    REQUIRE(pipe != nullptr);
    std::array<char, 4096> part{};
    while (std::fgets(part.data(), part.size(), pipe) != nullptr) outcome.output += part.data();
    const int status = pclose(pipe);
    outcome.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    return outcome;
}

constexpr const char* small_model = " --layers 1 --heads 1 --width 8 --context 8 --batch 2 --steps 6 --interval 3 --audited 1 --threads 1 ";

std::string write_text(const Folder& folder, const std::string& content)
{
    const fs::path path = folder.path() / "text.txt";
    std::ofstream(path, std::ios::binary) << content;
    return path.string();
}

std::string some_text()
{
    std::string text;
    for (int i = 0; i < 400; ++i) text += "umpire assay " + std::to_string(i * i % 97) + "\n";
    return text;
}

std::string demonstrate(const Folder& folder, const std::string& input, const std::string& more = "")
{
    return "$assay demonstrate '" + input + "' --folder '" + (folder.path() / "out").string() + "'" + small_model + more;
}

// Exits with a code that is not 0, and says `reason`.
void check_refused(const std::string& command, const std::string& reason)
{
    const Outcome outcome = shell(command);
    CAPTURE(command);
    CAPTURE(outcome.output);
    CHECK(outcome.exit_code > 0);
    CHECK(outcome.exit_code < 126);
    CHECK(outcome.output.find(reason) != std::string::npos);
}

void flip_byte(const fs::path& path, std::size_t at)
{
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(static_cast<std::streamoff>(at));
    const int byte = file.get();
    file.seekp(static_cast<std::streamoff>(at));
    file.put(static_cast<char>(byte ^ 4));
}

} // namespace

TEST_CASE("a demonstration of every cheat ends with right verdicts, and its transcripts are judged the same again")
{
    const Folder folder;
    const Outcome outcome = shell(demonstrate(folder, write_text(folder, some_text())));
    CAPTURE(outcome.output);
    REQUIRE(outcome.exit_code == 0);
    CHECK(outcome.output.find("28 disputes: 28 with the right verdict, 0 with the wrong one, 0 about nothing.") != std::string::npos);
    int transcripts = 0;
    for (const auto& entry : fs::directory_iterator(folder.path() / "out")) {
        if (entry.path().extension() != ".transcript") continue;
        ++transcripts;
        const Outcome judged = shell("$assay judge '" + entry.path().string() + "'");
        CAPTURE(judged.output);
        CHECK(judged.exit_code == 0);
        const bool solver_cheats = entry.path().filename().string().find("cheating-solver") != std::string::npos;
        CHECK(judged.output.find(solver_cheats ? "the solver is convicted" : "the solver's claim is upheld") != std::string::npos);
    }
    CHECK(transcripts == 28);
    std::ifstream page(folder.path() / "out" / "report.html");
    const std::string html{std::istreambuf_iterator<char>{page}, {}};
    CHECK(html.find("<polyline") != std::string::npos);
    CHECK(html.find("src=") == std::string::npos); // nothing from outside
    CHECK(html.find("href=") == std::string::npos);
    CHECK(fs::file_size(folder.path() / "out" / "loss.svg") > 300);
    const Outcome checked = shell("$assay checkpoints '" + (folder.path() / "out").string() + "'");
    CHECK(checked.exit_code == 0);
    CHECK(checked.output.find("3 checkpoints, 3 readable") != std::string::npos);
}

TEST_CASE("the real digits and the real text are committed, audited and disputed by the same command, where they are present")
{
    const fs::path data = ASSAY_SHARED_DATA;
    for (const auto& [input, more] : {std::pair{"mnist", " --hidden 16 --batch 16 --steps 20 --interval 5"}, {"tinyshakespeare.txt", ""}}) {
        if (!fs::exists(data / input)) {
            MESSAGE("skipped: " << (data / input).string() << " is absent");
            continue;
        }
        const Folder folder;
        const Outcome outcome = shell(demonstrate(folder, (data / input).string(), more));
        CAPTURE(outcome.output);
        CHECK(outcome.exit_code == 0);
        CHECK(outcome.output.find("28 disputes: 28 with the right verdict") != std::string::npos);
    }
}

TEST_CASE("two demonstrations with other thread counts print the same digests, and another seed prints others")
{
    const auto digests = [](const std::string& more) {
        const Folder folder;
        const Outcome outcome = shell(demonstrate(folder, write_text(folder, some_text()), more + " --cheat nudged-weight"));
        REQUIRE(outcome.exit_code == 0);
        const std::size_t root = outcome.output.find("log root ");
        REQUIRE(root != std::string::npos);
        return outcome.output.substr(root, 17);
    };
    CHECK(digests("--threads 1") == digests("--threads 7"));
    CHECK(digests("--seed 2") != digests("--seed 3"));
}

TEST_CASE("texts that cannot be used are refused by path and reason")
{
    const Folder folder;
    check_refused(demonstrate(folder, "/no/such/file"), "/no/such/file: No such file or directory");
    check_refused(demonstrate(folder, write_text(folder, "")), "text.txt: 0 bytes of text");
    check_refused(demonstrate(folder, write_text(folder, "x")), "text.txt: 1 bytes of text");
    check_refused(demonstrate(folder, write_text(folder, some_text() + "\xff")), "is not UTF-8");
    check_refused(demonstrate(folder, folder.path().string()), "t10k-images-idx3-ubyte.gz: No such file");
    CHECK(!fs::exists(folder.path() / "out"));
}

TEST_CASE("sizes that are impossible are refused by option and reason")
{
    const Folder folder;
    const std::string text = write_text(folder, some_text());
    check_refused(demonstrate(folder, text, "--heads 3"), "the heads do not divide the width");
    check_refused(demonstrate(folder, text, "--layers 0"), "the number of layers");
    check_refused(demonstrate(folder, text, "--layers 5000"), "the number of layers");
    check_refused(demonstrate(folder, text, "--width 0"), "the width");
    check_refused(demonstrate(folder, text, "--width 4000000000"), "the width");
    check_refused(demonstrate(folder, text, "--width -1"), "--width");
    check_refused(demonstrate(folder, text, "--context 60000"), "at least 1200020 are needed");
    check_refused(demonstrate(folder, text, "--steps 1"), "--steps must be at least 2");
    check_refused(demonstrate(folder, text, "--interval 7"), "--interval must be from 2 to the number of steps, 6");
    check_refused(demonstrate(folder, text, "--threads 0"), "--threads must be from 1 to 256");
    check_refused(demonstrate(folder, text, "--rate -1"), "learning rate");
    check_refused(demonstrate(folder, text, "--rate nan"), "learning rate");
    check_refused(demonstrate(folder, text, "--dropout 1"), "dropout");
    check_refused(demonstrate(folder, text, "--cheat bribe"), "no cheat is called \"bribe\"; there are: skipped-step");
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    MESSAGE("skipped: sanitizers want more address space than a limit leaves them");
#else
    check_refused("ulimit -v 4000000; " + demonstrate(folder, text, "--width 60000 --layers 100"), "memory");
#endif
    check_refused(demonstrate(folder, text, "--evidence-bytes 1500"), "bytes, and the limit is 1500");
    check_refused(demonstrate(folder, text, "--hash-blocks 40"), "blocks of hashing, and the limit is 40");
    check_refused("$assay", "subcommand");
    CHECK(!fs::exists(folder.path() / "out"));
}

TEST_CASE("transcripts that are cut off, changed anywhere or no transcripts at all are refused, never judged otherwise")
{
    const Folder folder;
    REQUIRE(shell(demonstrate(folder, write_text(folder, some_text()), "--cheat nudged-weight")).exit_code == 0);
    const fs::path transcript = folder.path() / "out" / "training-cheating-solver-nudged-weight.transcript";
    const fs::path copy = folder.path() / "copy.transcript";
    const std::size_t size = fs::file_size(transcript);
    for (std::size_t i = 0; i < 12; ++i) {
        fs::copy_file(transcript, copy, fs::copy_options::overwrite_existing);
        fs::resize_file(copy, size * i / 12);
        check_refused("$assay judge '" + copy.string() + "'", "copy.transcript: not a transcript: ");
    }
    int refused = 0;
    constexpr std::size_t flips = 40;
    for (std::size_t i = 0; i < flips; ++i) {
        fs::copy_file(transcript, copy, fs::copy_options::overwrite_existing);
        flip_byte(copy, size * i / flips);
        const Outcome judged = shell("$assay judge '" + copy.string() + "'");
        CAPTURE(judged.output);
        CHECK((judged.exit_code == 0 || judged.exit_code == 1));
        refused += judged.exit_code;
        // What a flipped bit may leave is a game that is valid but was another one: of another task, say. It never turns the verdict.
        CHECK(judged.output.find("upheld") == std::string::npos);
    }
    CHECK(refused > 30);
    check_refused("$assay judge /no/such/transcript", "No such file");
    check_refused("$assay judge '" + folder.path().string() + "'", "is a folder");
    check_refused("$assay judge '" + write_text(folder, some_text()) + "'", "not a transcript: ");
}

TEST_CASE("a folder that cannot be written, and a disk that gets full, are reported with the path; what was stored before stays readable")
{
    const Folder folder;
    const std::string text = write_text(folder, some_text());
    check_refused("$assay demonstrate '" + text + "' --folder /proc/assay" + small_model, "/proc/assay");
    REQUIRE(shell(demonstrate(folder, text, "--cheat nudged-weight")).exit_code == 0);
    const std::string check = "$assay checkpoints '" + (folder.path() / "out").string() + "'";
    REQUIRE(shell(check).exit_code == 0);
    // A limit on the size of files stands for a full disk: the store's log cannot grow.
    check_refused("trap '' XFSZ; ulimit -f 64; " + demonstrate(folder, text, "--seed 9 --width 64 --cheat nudged-weight"),
                  (folder.path() / "out").string());
    const Outcome after = shell(check);
    CAPTURE(after.output);
    CHECK(after.output.find("3 checkpoints, 3 readable") != std::string::npos);
}

TEST_CASE("a flipped bit in stored checkpoints is named, with an exit code that is not 0, or makes no difference")
{
    const Folder folder;
    REQUIRE(shell(demonstrate(folder, write_text(folder, some_text()), "--cheat nudged-weight")).exit_code == 0);
    const fs::path stored = folder.path() / "out" / "checkpoints";
    int noticed = 0, flips = 0;
    for (const auto& entry : fs::directory_iterator(stored)) {
        const std::string name = entry.path().filename().string();
        // What nobody reads is left out.
        if (name == "LOCK" || name.starts_with("LOG") || name.starts_with("OPTIONS") || entry.file_size() == 0) continue;
        for (std::size_t i = 0; i < 5; ++i) {
            const Folder copy;
            fs::create_directories(copy.path() / "out");
            fs::copy(stored, copy.path() / "out" / "checkpoints", fs::copy_options::recursive);
            flip_byte(copy.path() / "out" / "checkpoints" / name, entry.file_size() * i / 5);
            const Outcome checked = shell("$assay checkpoints '" + (copy.path() / "out").string() + "'");
            CAPTURE(name);
            CAPTURE(checked.output);
            ++flips;
            CHECK((checked.exit_code == 0 || checked.exit_code == 1));
            if (checked.exit_code == 0) CHECK(checked.output.find("3 checkpoints, 3 readable") != std::string::npos);
            else ++noticed;
        }
    }
    MESSAGE(noticed << " of " << flips << " flipped bits were noticed; the others made no difference");
    CHECK(noticed > flips / 2);
}

TEST_CASE("NUMERICS-24 the doctor trusts this machine, and says what it computes with")
{
    const Outcome outcome = shell("$assay doctor");
    CAPTURE(outcome.output);
    CHECK(outcome.exit_code == 0);
    for (const char* part : {"processor", "vectors", "compiler", "host's thread", "can be trusted to replay"})
        CHECK(outcome.output.find(part) != std::string::npos);
    check_refused("$assay doctor --threads 0", "--threads");
}

TEST_CASE("NUMERICS-24 the doctor of a program whose results are not the golden ones says so last, and exits with 2")
{
    // A copy of the program in which one digit of what it expects is another: as far as it can know, its machine computes otherwise.
    const Folder folder;
    const fs::path copy = folder.path() / "assay";
    fs::copy_file(ASSAY_PROGRAM, copy);
    const assay::golden::Task task = assay::golden::tasks().front();
    std::ifstream file(copy, std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(file), {}};
    const std::size_t at = bytes.find(to_hex(task.expected));
    REQUIRE(at != std::string::npos);
    flip_byte(copy, at); // 0 to 7 become 4 to 7 and 0 to 3
    const Outcome outcome = shell("'" + copy.string() + "' doctor");
    CAPTURE(outcome.output);
    CHECK(outcome.exit_code == 2);
    const std::string verdict = outcome.output.substr(outcome.output.rfind('\n', outcome.output.size() - 2) + 1);
    CHECK(verdict.starts_with("DO NOT REPLAY"));
    CHECK(verdict.find(std::string{task.name}) != std::string::npos);
    CHECK(outcome.output.find("can be trusted") == std::string::npos);
}

TEST_CASE("PARTY-12 PARTY-13 keys are made, shown and refused; commands of parties say what to change")
{
    const Folder folder;
    const std::string key = (folder.path() / "key").string(), sealed = (folder.path() / "sealed").string(), words = (folder.path() / "words").string();
    std::ofstream(words) << "words that nobody knows\n";
    const Outcome made = shell("$assay key make '" + key + "'");
    CHECK(made.exit_code == 0);
    CHECK(shell("$assay key show '" + key + "'").output == made.output);
    check_refused("$assay key make '" + key + "'", "never overwritten");
    check_refused("$assay key show '" + key + ".none'", "assay key make");
    CHECK(shell("$assay key make '" + sealed + "' --passphrase-file '" + words + "'").output.find("encrypted   yes") != std::string::npos);
    check_refused("unset ASSAY_PASSPHRASE; $assay solve --key '" + sealed + "' < /dev/null", "--passphrase-file");
    check_refused("ASSAY_PASSPHRASE=other $assay solve --key '" + sealed + "' < /dev/null", "does not open this key");
    fs::permissions(key, fs::perms::group_read, fs::perm_options::add);
    check_refused("$assay verify --key '" + key + "'", "chmod 600");
    fs::permissions(key, fs::perms::group_read, fs::perm_options::remove);
    check_refused("$assay verify --key '" + key + "' --node nowhere", "HOST:PORT");
    check_refused("$assay watch --node-identity 12", "64 hexadecimal");
    const std::string task = (folder.path() / "task").string();
    std::ofstream(task) << "# what and where\nkey=" << key << "\nsteps 30\n";
    check_refused("$assay submit --task '" + task + "'", "line 3");
    std::ofstream(task) << "key=" << key << "\nsteps=30\ninput=" << task << ".none\nfolder=" << (folder.path() / "out").string() << '\n';
    check_refused("$assay submit --task '" + task + "'", task + ".none");
    check_refused("$assay solve --key '" + key + "' --cheat often --folder '" + (folder.path() / "solver").string() + "'", "nudged-weight");
}
