// Training, auditing and disputing, in the order in which a person watches it.
#include "app/demonstration.hpp"

#include <algorithm>
#include <filesystem>
#include <numeric>

#include <fmt/format.h>

#include <assay/arith/philox.hpp>
#include <assay/commit/tensors.hpp>
#include <assay/dispute/match.hpp>
#include <assay/hash/openssl.hpp>
#include <assay/store/checkpoints.hpp>
#include <assay/store/rocksdb_store.hpp>

#include "app/cheats.hpp"
#include "app/files.hpp"
#include "app/progress.hpp"

namespace assay::app {

using program::Tensor;

namespace {

// Segments to audit, drawn without replacement from the digest of the finished log: nobody knows them before the log is committed.
std::vector<std::uint64_t> draw(const Digest& log_root, std::uint64_t segments, std::uint64_t count)
{
    std::vector<std::uint64_t> left(segments);
    std::iota(left.begin(), left.end(), 0);
    std::vector<std::uint64_t> drawn;
    for (std::uint32_t i = 0; i < std::min(count, segments); ++i) {
        const auto word = [&](std::uint64_t index) { return program::element_of(log_root.bytes, program::DataType::unsigned32, index); };
        const auto words = arith::philox4x32_10({i, 0, 0, 0}, {word(0), word(1)});
        const auto place = static_cast<std::ptrdiff_t>(std::uint64_t{words[0]} * left.size() >> 32);
        drawn.push_back(left[static_cast<std::size_t>(place)]);
        left.erase(left.begin() + place);
    }
    return drawn;
}

// The verifier's part: replays the drawn segments, and compares where each ends with what the solver committed.
Status audit(const Setting& setting, const store::ChunkStore& checkpoints, const Run& run, std::span<const std::uint64_t> segments)
{
    Progress progress{"audit", segments.size()};
    for (std::size_t i = 0; i < segments.size(); ++i) {
        ASSAY_TRY_ASSIGN(std::vector<Tensor> start, store::load_checkpoint(checkpoints, digest_of(setting.task), segments[i]));
        replay::RunTrace trace = setting.trace(segments[i], std::move(start));
        ASSAY_TRY_ASSIGN(const Digest own, trace.after());
        if (own != run.log[segments[i] + 1])
            return failure(Error::state_mismatch,
                           fmt::format("segment {} of an honest run did not replay to the committed bits on this machine", segments[i]));
        progress.update(i + 1, fmt::format("segment {} replays to the committed bits", segments[i]));
    }
    progress.finish();
    return {};
}

// The disputes about one segment, with every party's traces kept from one to the next.
class Arena {
public:
    Arena(const DemonstrationOptions& options, const Setting& setting, std::string subject, std::uint64_t segment,
          std::vector<Tensor> checkpoint)
        : m_options(options), m_setting(setting), m_subject(std::move(subject)), m_segment(segment), m_checkpoint(std::move(checkpoint)),
          m_honest(setting.trace(segment, m_checkpoint))
    {
    }

    // The cheat acted out by the solver, and then by a challenger against an honest solver.
    Status settle(const Cheat& cheat, std::vector<SettledDispute>& disputes)
    {
        ASSAY_TRY_ASSIGN(replay::Deviation deviation,
                         cheat.make(m_setting.program->program(), commit::segment_steps(m_setting.task, m_segment) / 2));
        replay::RunTrace cheating = m_setting.trace(m_segment, m_checkpoint, std::move(deviation));
        for (const bool solver_cheats : {true, false}) {
            const auto started = std::chrono::steady_clock::now();
            SettledDispute settled{cheat.name, cheat.description, m_subject, solver_cheats, m_segment, {}, 0, {}};
            ASSAY_TRY(play_out(settled, solver_cheats ? cheating : m_honest, solver_cheats ? m_honest : cheating));
            settled.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
            disputes.push_back(std::move(settled));
        }
        return {};
    }

private:
    Status play_out(SettledDispute& settled, replay::RunTrace& solver, replay::RunTrace& challenger)
    {
        using Outcome = SettledDispute::Outcome;
        ASSAY_TRY_ASSIGN(const Digest claimed, solver.after());
        ASSAY_TRY_ASSIGN(const Digest replayed, challenger.after());
        settled.outcome = Outcome::nothing_to_dispute;
        if (claimed == replayed) return {};
        ASSAY_TRY_ASSIGN(const dispute::Statement statement, solver.statement(digest_of(m_setting.task), m_segment));
        dispute::Parties parties;
        parties.challenger.bytes[0] = 1;
        dispute::Terms terms{static_cast<std::uint8_t>(m_options.reveal_levels), Tick{100}, Tick{100}};
        terms.limits = m_options.limits;
        ASSAY_TRY_ASSIGN(const dispute::Transcript transcript, dispute::play_out(statement, terms, parties, Tick{0}, solver, challenger));
        const std::string who = settled.solver_cheats ? "cheating-solver" : "lying-challenger";
        ASSAY_TRY(write_file(fmt::format("{}/{}-{}-{}.transcript", m_options.folder, m_subject, who, settled.cheat), encode(transcript)));
        ASSAY_TRY_ASSIGN(settled.walk, walk_of(transcript));
        ASSAY_TRY_ASSIGN(const dispute::Game game, dispute::replay(transcript));
        settled.outcome = game.verdict() == (settled.solver_cheats ? dispute::Verdict::convicted : dispute::Verdict::upheld)
                              ? Outcome::right
                              : Outcome::wrong;
        return {};
    }

    const DemonstrationOptions& m_options;
    const Setting& m_setting;
    std::string m_subject;
    std::uint64_t m_segment;
    std::vector<Tensor> m_checkpoint;
    replay::RunTrace m_honest;
};

Result<std::vector<const Cheat*>> chosen_cheats(const DemonstrationOptions& options)
{
    std::vector<const Cheat*> chosen;
    for (const std::string& name : options.cheats) {
        ASSAY_TRY_ASSIGN(const Cheat* cheat, find_cheat(name));
        chosen.push_back(cheat);
    }
    if (chosen.empty())
        for (const Cheat& cheat : cheats()) chosen.push_back(&cheat);
    return chosen;
}

Status check(const DemonstrationOptions& options)
{
    const std::uint32_t steps = options.problem.steps;
    if (steps < 2) return failure(Error::invalid_input, "--steps must be at least 2");
    if (options.interval < 2 || options.interval > steps)
        return failure(Error::invalid_input, fmt::format("--interval must be from 2 to the number of steps, {}", steps));
    if (options.audited < 1)
        return failure(Error::invalid_input, "--audited must be at least 1: the disputes are about the first segment that is audited");
    if (options.threads < 1 || options.threads > 256) return failure(Error::invalid_input, "--threads must be from 1 to 256");
    if (options.reveal_levels < 1 || options.reveal_levels > 8) return failure(Error::invalid_input, "--reveal-levels must be from 1 to 8");
    return {};
}

void print_dispute(const SettledDispute& dispute, bool in_full)
{
    if (in_full) fmt::print("\n{}, segment {}:\n", dispute.title(), dispute.segment);
    else fmt::print("{}: ", dispute.title());
    switch (dispute.outcome) {
    case SettledDispute::Outcome::nothing_to_dispute: fmt::print("  NOTHING TO DISPUTE: the lie did not reach what is claimed\n"); return;
    case SettledDispute::Outcome::wrong: fmt::print("  THE WRONG PARTY WON\n"); break;
    case SettledDispute::Outcome::right: break;
    }
    if (in_full) fmt::print("{}  it took {:.2f} s\n", to_text(dispute.walk), dispute.seconds);
    else fmt::print("{} ({} moves, {:.2f} s)\n", dispute.walk.verdict, dispute.walk.moves, dispute.seconds);
}

// Walks are told in full where the solver cheats in training, or where a cheat was asked for.
Status dispute_all(Arena& arena, const DemonstrationOptions& options, std::span<const Cheat* const> chosen, bool in_full,
                   std::vector<SettledDispute>& disputes)
{
    Progress progress{"disputes", chosen.size() * 2};
    for (std::size_t i = 0; i < chosen.size(); ++i) {
        progress.update(2 * i, chosen[i]->name);
        const std::size_t first = disputes.size();
        ASSAY_TRY(arena.settle(*chosen[i], disputes));
        progress.clear();
        for (std::size_t d = first; d < disputes.size(); ++d)
            print_dispute(disputes[d], !options.cheats.empty() || (in_full && disputes[d].solver_cheats));
    }
    return {};
}

} // namespace

std::string SettledDispute::title() const
{
    return fmt::format("{}: {} {}", subject, solver_cheats ? "a solver that" : "an honest solver against a challenger that", description);
}

Result<DemonstrationResult> demonstrate(const DemonstrationOptions& options)
{
    ASSAY_TRY(check(options));
    ASSAY_TRY_ASSIGN(const std::vector<const Cheat*> chosen, chosen_cheats(options));
    ASSAY_TRY_ASSIGN(const Problem problem, make_problem(options.problem));
    const auto no_data = std::make_shared<const std::vector<Tensor>>();
    ASSAY_TRY_ASSIGN(std::vector<Tensor> initial, run_once(problem.programs.initial, no_data, {}, options.seed, options.threads));
    const Setting setting = make_setting(problem.programs.training, problem.data, std::move(initial), options.seed, options.problem.steps,
                                         options.interval, options.threads);
    // Spec: DISPUTE-28.
    ASSAY_TRY(dispute::validate_limits(problem.programs.training, options.interval, options.limits));
    ASSAY_TRY(dispute::validate_limits(problem.programs.inference, 1, options.limits));
    std::error_code error;
    std::filesystem::create_directories(options.folder, error);
    if (error) return failure(Error::file_unwritable, options.folder + ": " + error.message());
    ASSAY_TRY_ASSIGN(const auto checkpoints,
                     store::RocksDbChunkStore::open(options.folder + "/checkpoints", store::OpenMode::create_if_missing));

    DemonstrationResult result{problem.description, setting.task, {}, {}, {}, {}};
    fmt::print("task {}: {}; {} nodes a step, {} tensors of state\n", short_hex(digest_of(setting.task)), result.model,
               setting.program->commitment().node_count, setting.program->commitment().state_count);
    ASSAY_TRY_ASSIGN(result.run, train(setting, *checkpoints));
    merkle::CompactRange log;
    for (const Digest& state : result.run.log) commit::append_checkpoint(log, state);
    fmt::print("committed: {} checkpoints, log root {}\n", result.run.log.size(), short_hex(log.root()));
    ASSAY_TRY_ASSIGN(result.evaluation, evaluate(problem, result.run.result, options.threads));
    fmt::print("held out: loss {:.4f}, {:.2f} % of predictions right\n", result.evaluation.loss, 100 * result.evaluation.accuracy);
    result.audited = draw(log.root(), commit::segment_count(setting.task), options.audited);
    ASSAY_TRY(audit(setting, *checkpoints, result.run, result.audited));

    ASSAY_TRY_ASSIGN(std::vector<Tensor> checkpoint, store::load_checkpoint(*checkpoints, digest_of(setting.task), result.audited.front()));
    Arena training{options, setting, "training", result.audited.front(), std::move(checkpoint)};
    ASSAY_TRY(dispute_all(training, options, chosen, true, result.disputes));

    const Setting pass = make_setting(problem.programs.inference, problem.prompt, result.run.result, options.seed, 1, 1, options.threads);
    std::vector<const Cheat*> in_inference;
    std::copy_if(chosen.begin(), chosen.end(), std::back_inserter(in_inference),
                 [](const Cheat* cheat) { return !cheat->needs_next_state; });
    fmt::print("\nan inference pass with the trained model: task {}\n", short_hex(digest_of(pass.task)));
    Arena inference{options, pass, "inference", 0, pass.initial};
    ASSAY_TRY(dispute_all(inference, options, in_inference, false, result.disputes));
    return result;
}

} // namespace assay::app
