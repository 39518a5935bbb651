// The assay program: reads the command line and says what went wrong, if something did.
#include <algorithm>
#include <cstdio>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "app/cheats.hpp"
#include "app/demonstration.hpp"
#include "app/doctor.hpp"
#include "app/files.hpp"
#include "app/judging.hpp"
#include "app/market_commands.hpp"
#include "app/node_command.hpp"
#include "app/party_commands.hpp"
#include "app/stored_runs.hpp"

namespace {

using namespace assay;
using namespace assay::app;

constexpr int exit_refused = 1;       // bad input, or the environment refused
constexpr int exit_untrusted = 2;     // this machine computes something else
constexpr int exit_wrong_verdict = 2; // the library failed: the wrong party won

int refused(const Failure& failure)
{
    fmt::print(stderr, "assay: {}\n", failure.message());
    return exit_refused;
}

int run_demonstration(const DemonstrationOptions& options)
{
    using Outcome = SettledDispute::Outcome;
    const auto result = demonstrate(options);
    if (!result) return refused(result.failure());
    const std::string page = options.folder + "/report.html";
    if (const Status status = write_file(page, view_of(report_page(options, *result))); !status) return refused(status.failure());
    if (const Status status = write_file(options.folder + "/loss.svg", view_of(loss_curve(result->run.losses))); !status)
        return refused(status.failure());
    const auto count = [&](Outcome outcome) {
        return std::count_if(result->disputes.begin(), result->disputes.end(),
                             [&](const SettledDispute& dispute) { return dispute.outcome == outcome; });
    };
    fmt::print("\n{} disputes: {} with the right verdict, {} with the wrong one, {} about nothing.\nreport: {}\ntranscripts: "
               "{}/*.transcript, to judge again with: assay judge FILE\n",
               result->disputes.size(), count(Outcome::right), count(Outcome::wrong), count(Outcome::nothing_to_dispute), page,
               options.folder);
    if (count(Outcome::wrong) > 0) return exit_wrong_verdict;
    return count(Outcome::nothing_to_dispute) > 0 ? exit_refused : 0;
}

int judge_transcript(const std::string& path)
{
    const auto content = read_file(path);
    if (!content) return refused(content.failure());
    const auto judged = judge_record(*content);
    if (!judged) {
        const Failure& why = judged.failure();
        return refused(failure(why.error, path + ": " + (why.detail.empty() ? std::string{meaning_of(why.error)} : why.detail)));
    }
    fmt::print("{}", to_text(*judged));
    return 0;
}

// Reads everything that a folder's store has, so that damage is found before it is needed.
int check_checkpoints(const std::string& folder)
{
    const auto checked = check_stored_runs(folder);
    if (!checked) return refused(checked.failure());
    for (const StoredRun& run : *checked) {
        fmt::print("task {}: {} checkpoints, {} readable\n", to_hex(run.task), run.checkpoints, run.checkpoints - run.damaged.size());
        for (const Failure& damage : run.damaged) fmt::print("  {}\n", damage.message());
    }
    const bool good = std::all_of(checked->begin(), checked->end(), [](const StoredRun& run) { return run.damaged.empty(); });
    return good ? 0 : exit_refused;
}

int report_diagnosis(unsigned threads)
{
    const Diagnosis diagnosis = diagnose(threads);
    fmt::print("{}", to_text(diagnosis));
    return diagnosis.self_test ? 0 : exit_untrusted;
}

std::string cheat_help()
{
    std::string text = "A cheat to act out; may be given several times. All of them when none is named:";
    for (const Cheat& cheat : cheats()) text += fmt::format("\n  {:<20} {}", cheat.name, cheat.description);
    return text;
}

void add_demonstration(CLI::App& app, DemonstrationOptions& options)
{
    ProblemOptions& problem = options.problem;
    app.option_defaults()->take_last();
    app.add_option("input", problem.input, "A UTF-8 text file, or a folder with the t10k files of MNIST")->required();
    app.add_option("--folder", options.folder, "Where checkpoints, transcripts and the report go")->capture_default_str();
    app.add_option("--layers", problem.gpt.layers, "Text: layers of the transformer")->capture_default_str();
    app.add_option("--heads", problem.gpt.heads, "Text: attention heads of a layer; must divide the width")->capture_default_str();
    app.add_option("--width", problem.gpt.width, "Text: width of the transformer")->capture_default_str();
    app.add_option("--context", problem.gpt.context, "Text: symbols that the model reads at once")->capture_default_str();
    app.add_option("--hidden", problem.perceptron.hidden, "Digits: widths of the hidden layers")->take_all()->capture_default_str();
    app.add_option("--batch", problem.batch, "Examples in a step; 0 for 12 windows of text, or 64 digits")->capture_default_str();
    app.add_option("--dropout", problem.dropout, "Share of activations that training leaves out")->capture_default_str();
    app.add_option("--steps", problem.steps, "Training steps")->capture_default_str();
    app.add_option("--rate", problem.rate, "Learning rate after the warm-up")->capture_default_str();
    app.add_option("--rate-min", problem.rate_min, "Learning rate at the end of the cosine")->capture_default_str();
    app.add_option("--warm-up", problem.warm_up_steps, "Steps in which the learning rate rises")->capture_default_str();
    app.add_option("--interval", options.interval, "Steps from one checkpoint to the next")->capture_default_str();
    app.add_option("--seed", options.seed, "Seed of weights, data order and dropout")->capture_default_str();
    app.add_option("--audited", options.audited, "Segments that the verifier replays; the first of them is disputed")
        ->capture_default_str();
    app.add_option("--reveal-levels", options.reveal_levels, "Tree levels that a move of the dispute reveals, 1 to 8")
        ->capture_default_str();
    app.add_option("--evidence-bytes", options.limits.evidence_bytes,
                   "The longest move that the referee has to judge; a model with a longer one is refused")
        ->capture_default_str();
    app.add_option("--hash-blocks", options.limits.hash_blocks, "The most blocks of 64 bytes that it has to hash for one")
        ->capture_default_str();
    app.add_option("--threads", options.threads, "Threads; they change the time, never the bits")->capture_default_str();
    app.add_option("--cheat", options.cheats, cheat_help())->take_all();
}

} // namespace

int main(int argc, char** argv)
{
    CLI::App app{"Assay: checks machine-learning work done by strangers."};
    app.require_subcommand(1);
    DemonstrationOptions options;
    options.folder = "assay-demonstration";
    CLI::App* demonstration = app.add_subcommand(
        "demonstrate",
        "Trains a small model, commits to the run, audits it, and settles disputes with solvers that cheat and challengers that lie");
    add_demonstration(*demonstration, options);
    std::string transcript;
    CLI::App* judge =
        app.add_subcommand("judge", "Finds the verdict of a dispute again from its transcript, signed or not, without the model and the data");
    judge->add_option("transcript", transcript, "A .transcript file, or a signed one")->required();
    std::string folder;
    CLI::App* checkpoints =
        app.add_subcommand("checkpoints", "Reads every checkpoint that a demonstration stored, and says what of them is damaged");
    checkpoints->add_option("folder", folder, "The demonstration's folder")->required();
    CLI::App* doctor = app.add_subcommand("doctor", "Says whether this machine can be trusted to replay, and what it computes with");
    unsigned doctor_threads = 2;
    doctor->add_option("--threads", doctor_threads, "Threads to test with, beside one")->check(CLI::Range(1, 256))->capture_default_str();
    const MarketCommands market_commands(app);
    const NodeCommand node_command(app);
    PartyCommands party_commands(app);
    auto words = with_task_file({argv + 1, argv + argc});
    if (!words) return refused(words.failure());
    std::reverse(words->begin(), words->end()); // as CLI11 wants them
    try {
        app.parse(*words);
    } catch (const CLI::ParseError& error) {
        return app.exit(error);
    }
    try {
        if (judge->parsed()) return judge_transcript(transcript);
        if (doctor->parsed()) return report_diagnosis(doctor_threads);
        if (checkpoints->parsed()) return check_checkpoints(folder);
        if (node_command.parsed()) {
            const Status status = node_command.run();
            return status ? 0 : refused(status.failure());
        }
        if (market_commands.parsed()) {
            const auto agrees = market_commands.run();
            if (!agrees) return refused(agrees.failure());
            return *agrees ? 0 : exit_wrong_verdict;
        }
        if (party_commands.parsed()) {
            const auto status = party_commands.run();
            return status ? *status : refused(status.failure());
        }
        return run_demonstration(options);
    } catch (const std::bad_alloc&) {
        return refused(failure(Error::out_of_memory, "this model does not fit into the memory that is there"));
    }
}
