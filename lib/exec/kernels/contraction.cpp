// How a contraction is shared out: chunks of outputs, and where these are too few blocks of their sums, to threads; within a chunk the
// blocks in their order.
#include "exec/kernels/contraction.hpp"

#include <algorithm>
#include <limits>

#include "exec/kernels/contraction_tiles.hpp"
#include "exec/kernels/matrix_vector.hpp"

namespace assay::exec {

namespace {

using program::Limit;

std::size_t rounded_up(std::size_t value, std::size_t multiple)
{
    return (value + multiple - 1) / multiple * multiple;
}

constexpr std::size_t unpacked_words_max = 1 << 15;  // of an operand whose terms do not lie side by side
constexpr std::size_t unpacked_panels_max = 4;       // that a left operand stored by rows is read for
constexpr std::size_t same_lines_stride = 1024;      // elements: rows so far apart share the same few lines of a first-level cache
constexpr std::size_t right_words_max = 1 << 17;     // half a megabyte: of a second-level cache
constexpr std::size_t left_words_max = 1 << 17;      // where all rows of a block are packed at once
constexpr std::size_t products_of_job_min = 1 << 18; // fewer are done before a second thread has begun
constexpr std::size_t words_apart_max = 1 << 20;     // that wait in a thread's memory
constexpr std::size_t outputs_of_sum_job = 4096;
constexpr std::size_t long_product = 1 << 26; // half a millisecond on one thread
constexpr std::size_t products_of_word = 32;  // in the time to read and pack a word
constexpr std::size_t products_of_sum = 64;   // in the time to hold a sum apart, and to add it later

std::size_t pieces(std::size_t whole, std::size_t part)
{
    return (whole + part - 1) / part;
}

std::size_t blocks_of(const Contraction& c)
{
    return pieces(c.depth, c.block);
}

std::size_t outputs_of(const Contraction& c)
{
    return c.batches * c.rows * c.columns;
}

// Whether a thread's memory may hold so many blocks' sums. Their number need not fit into a word of a 32-bit processor.
bool may_wait(const Contraction& c, std::size_t blocks)
{
    return blocks <= words_apart_max / outputs_of(c);
}

// Block sums that wait until those before them are added. Pieces of blocks but the first have memory of a thread each, whoever fills it:
// for each block of theirs all outputs.
struct SumsApart {
    std::span<Word* const> memory;
    std::size_t offset = 0; // in each memory
    std::size_t outputs, blocks, blocks_of_piece;

    [[nodiscard]] std::size_t pieces() const { return exec::pieces(blocks, blocks_of_piece); }
    [[nodiscard]] std::size_t words() const { return pieces() == 1 ? 0 : blocks_of_piece * outputs; }
    [[nodiscard]] Range blocks_of(std::size_t piece) const
    {
        return {piece * blocks_of_piece, std::min((piece + 1) * blocks_of_piece, blocks)};
    }
    [[nodiscard]] float* of_block(std::size_t block) const
    {
        return reinterpret_cast<float*>(memory[block / blocks_of_piece]) + offset + block % blocks_of_piece * outputs;
    }

    void add_to(float* out, ThreadPool& threads) const
    {
        if (pieces() == 1) return;
        threads.parallel_for(outputs, outputs_of_sum_job, [&](std::size_t begin, std::size_t end, std::size_t) {
            for (std::size_t block = blocks_of_piece; block < blocks; ++block) {
                const float* sums = of_block(block);
                for (std::size_t i = begin; i < end; ++i) out[i] += sums[i];
            }
        });
    }
};

// How the outputs of each matrix and the blocks of their sums are divided into jobs, and what a job packs.
struct Division {
    std::size_t job_rows, job_columns, job_blocks;
    bool packs_left, packs_right, panel_by_panel;

    // Of all jobs on so many threads, in multiply-adds.
    [[nodiscard]] std::size_t time(const Contraction& c, std::size_t threads) const
    {
        const std::size_t rows = std::min(job_rows, c.rows), columns = std::min(job_columns, c.columns),
                          terms = std::min(job_blocks * c.block, c.depth),
                          jobs = c.batches * pieces(c.rows, rows) * pieces(c.columns, columns) * pieces(c.depth, terms),
                          apart = outputs_of(c) * (blocks_of(c) - job_blocks);
        return pieces(jobs, threads) * terms * (rows * columns + products_of_word * (rows + columns)) + products_of_sum * apart / threads;
    }
};

Division division_of(const Contraction& c, std::size_t threads)
{
    const TileShape tile = tile_shape();
    const std::size_t terms = std::min(c.block, c.depth), blocks = blocks_of(c);
    const std::size_t unpacked_panels = c.depth % same_lines_stride == 0 ? unpacked_panels_max - 1 : unpacked_panels_max;
    Division division{};
    division.packs_left =
        c.transpose_left ? c.columns > tile.columns && c.rows * terms > unpacked_words_max : c.columns > unpacked_panels * tile.columns;
    // Where a thread's part of the right operand is far, and the left one near.
    division.panel_by_panel = c.limit == Limit::none && division.packs_left && c.rows * terms <= left_words_max &&
                              c.columns * terms > threads * right_words_max && (c.transpose_right || c.columns <= copied_row_max);
    const std::size_t column_pieces_min =
        division.panel_by_panel ? 1 : pieces(c.columns, std::max(tile.columns, right_words_max / terms / tile.columns * tile.columns));
    // Every job packs what it reads, so that few of them pack less; but in a long product a thread that is held up must not hold up all.
    const std::size_t products = outputs_of(c) * c.depth;
    const std::size_t jobs_max = products > long_product ? 2 * threads : threads;
    const std::size_t wanted = threads == 1 ? 1 : pieces(std::min(jobs_max, products / products_of_job_min + 1), c.batches);
    const std::size_t sum_pieces_max = c.limit == Limit::none ? std::min({wanted, threads, blocks}) : 1;
    Division best{};
    std::size_t least = std::numeric_limits<std::size_t>::max();
    const auto try_pieces = [&](std::size_t row_pieces, std::size_t sum_pieces) {
        const std::size_t column_pieces = std::max(pieces(wanted, row_pieces * sum_pieces), column_pieces_min);
        division.job_rows = pieces(c.rows, row_pieces);
        division.job_columns = rounded_up(pieces(c.columns, column_pieces), tile.columns);
        division.job_blocks = pieces(blocks, sum_pieces);
        if (sum_pieces > 1 && !may_wait(c, division.job_blocks)) return;
        if (const std::size_t time = division.time(c, threads); time < least) least = time, best = division;
    };
    for (std::size_t sum_pieces = 1; sum_pieces <= sum_pieces_max; sum_pieces *= 2)
        for (std::size_t row_pieces = 1; row_pieces <= pieces(wanted, sum_pieces); ++row_pieces) try_pieces(row_pieces, sum_pieces);
    try_pieces(1, sum_pieces_max);
    // Rows that do not begin where vectors may are packed however near they are.
    const bool right_is_near = c.columns * terms <= unpacked_words_max && c.columns % tile.columns == 0;
    best.packs_right = c.transpose_right || (c.rows > 4 * tile.rows && !right_is_near);
    return best;
}

// Words that a job has packed at a time, of the right operand and of the left one.
std::size_t right_words(const Contraction& c, const Division& division)
{
    return std::min(c.block, c.depth) * (division.panel_by_panel ? 2 * tile_shape().columns : division.job_columns);
}
std::size_t left_words(const Contraction& c, const Division& division)
{
    const TileShape tile = tile_shape();
    return std::min(c.block, c.depth) * tile.packed_rows *
           (division.panel_by_panel ? pieces(division.job_rows, tile.rows) : tile.tiles_of_pack);
}

void clear_outputs_without_terms(const Chunk& chunk)
{
    const Contraction& c = *chunk.contraction;
    if (c.limit != Limit::output_lower && c.limit != Limit::sum_from_row) return;
    for (std::size_t row = chunk.rows.begin; row < chunk.rows.end; ++row) {
        const std::size_t with_terms = c.limit == Limit::output_lower ? row + 1 : row < c.depth ? chunk.columns.end : 0;
        std::fill(chunk.out + row * c.columns + std::clamp(with_terms, chunk.columns.begin, chunk.columns.end),
                  chunk.out + row * c.columns + chunk.columns.end, 0.0F);
    }
}

struct Jobs {
    const Contraction& contraction;
    Division division;
    const float *left, *right;
    float* out;
    SumsApart apart;

    [[nodiscard]] std::size_t row_jobs() const { return pieces(contraction.rows, division.job_rows); }
    [[nodiscard]] std::size_t column_jobs() const { return pieces(contraction.columns, division.job_columns); }
    [[nodiscard]] std::size_t of_piece() const { return contraction.batches * row_jobs() * column_jobs(); }
    [[nodiscard]] std::size_t count() const { return apart.pieces() * of_piece(); }

    void compute(std::size_t i, float* scratch) const
    {
        const Contraction& c = contraction;
        const std::size_t piece = i / of_piece(), batch = i % of_piece() / (row_jobs() * column_jobs()),
                          row = i / column_jobs() % row_jobs() * division.job_rows, column = i % column_jobs() * division.job_columns;
        Chunk chunk{};
        chunk.contraction = &c;
        chunk.left = left + batch * c.rows * c.depth;
        chunk.right = right + batch * c.depth * c.columns;
        chunk.out = out + batch * c.rows * c.columns;
        chunk.rows = {row, std::min(row + division.job_rows, c.rows)};
        chunk.columns = {column, std::min(column + division.job_columns, c.columns)};
        chunk.packs_right = division.packs_right;
        chunk.panel_by_panel = division.panel_by_panel;
        chunk.packed_right = scratch;
        if (division.packs_left) chunk.packed_left = scratch + right_words(c, division);
        clear_outputs_without_terms(chunk);
        const Range blocks = apart.blocks_of(piece);
        for (std::size_t block = blocks.begin; block < blocks.end; ++block) {
            chunk.terms = {block * c.block, std::min((block + 1) * c.block, c.depth)};
            chunk.begins_sums = block == 0 || piece != 0;
            if (piece != 0) chunk.out = apart.of_block(block) + batch * c.rows * c.columns;
            add_chunk(chunk);
        }
    }
};

bool is_by_vector(const Contraction& c)
{
    return c.limit == Limit::none && (c.rows == 1 || c.columns == 1);
}

Jobs jobs_of(const Contraction& c, const float* left, const float* right, float* out, std::span<Word* const> packed, std::size_t threads)
{
    const Division division = division_of(c, threads);
    return {c,    division,
            left, right,
            out,  {packed, right_words(c, division) + left_words(c, division), outputs_of(c), blocks_of(c), division.job_blocks}};
}

// A contraction without a limit whose outputs are a row or a column.
struct VectorJobs {
    static constexpr std::size_t job_outputs = 256;

    const Contraction& contraction;
    const float *left, *right;
    float* out;
    SumsApart apart;

    [[nodiscard]] std::size_t outputs() const { return contraction.rows * contraction.columns; } // of one product
    [[nodiscard]] std::size_t of_product() const { return pieces(outputs(), job_outputs); }
    [[nodiscard]] std::size_t of_piece() const { return contraction.batches * of_product(); }
    [[nodiscard]] std::size_t count() const { return apart.pieces() * of_piece(); }

    void compute(std::size_t begin, std::size_t end) const
    {
        while (begin < end) { // as many of the same product and piece as there are
            const std::size_t first = begin % of_product(), last = std::min(of_product(), first + end - begin);
            const Range outputs_of_jobs{first * job_outputs, std::min(outputs(), last * job_outputs)};
            compute(begin / of_piece(), begin / of_product() % contraction.batches, outputs_of_jobs);
            begin += last - first;
        }
    }

    void compute(std::size_t piece, std::size_t batch, Range of_product) const
    {
        const Contraction& c = contraction;
        const bool is_row = c.rows == 1;
        MatrixVector product{};
        product.matrix = (is_row ? right : left) + batch * outputs() * c.depth;
        product.vector = (is_row ? left : right) + batch * c.depth;
        product.terms_side_by_side = is_row ? c.transpose_right : !c.transpose_left;
        product.stride = product.terms_side_by_side ? c.depth : outputs();
        product.outputs = outputs();
        product.block = c.block;
        const Range blocks = apart.blocks_of(piece);
        if (piece == 0) {
            product.out = out + batch * outputs();
            product.terms = {0, std::min(blocks.end * c.block, c.depth)};
            return multiply_vector(product, of_product);
        }
        for (std::size_t block = blocks.begin; block < blocks.end; ++block) {
            product.out = apart.of_block(block) + batch * outputs();
            product.terms = {block * c.block, std::min((block + 1) * c.block, c.depth)};
            multiply_vector(product, of_product);
        }
    }
};

// A matrix stored term by term is divided into blocks, so that each thread reads memory that lies together; another one where it has fewer
// rows than keep all threads at work.
VectorJobs vector_jobs_of(const Contraction& c, const float* left, const float* right, float* out, std::span<Word* const> packed,
                          std::size_t threads)
{
    VectorJobs jobs{c, left, right, out, {packed, 0, outputs_of(c), blocks_of(c), blocks_of(c)}};
    const std::size_t wanted = std::min(threads, outputs_of(c) * c.depth / products_of_job_min + 1);
    const bool terms_side_by_side = c.rows == 1 ? c.transpose_right : !c.transpose_left;
    const std::size_t parts = terms_side_by_side ? jobs.of_piece() : c.batches;
    const std::size_t piece = pieces(blocks_of(c), std::min(blocks_of(c), pieces(wanted, parts)));
    if (may_wait(c, piece)) jobs.apart.blocks_of_piece = piece;
    return jobs;
}

// How many jobs a thread takes at a time, so that all are taken at so many times at most.
std::size_t grain_of(const Contraction& c, std::size_t jobs, std::size_t times_max, const ThreadPool& threads)
{
    const std::size_t times = std::min(times_max, outputs_of(c) * c.depth / products_of_job_min + 1);
    return threads.threads() == 1 ? jobs : pieces(jobs, times);
}

} // namespace

Contraction contraction_of(const program::Descriptor& node)
{
    const auto& attributes = std::get<program::ContractionAttributes>(node.attributes);
    const program::Shape& left = node.operands[0].type.shape;
    const program::Shape& out = node.output.shape;
    Contraction c;
    c.rows = out[out.rank() - 2];
    c.columns = out.last();
    c.depth = left[left.rank() - (attributes.transpose_left ? 2 : 1)];
    c.batches = out.elements() / (c.rows * c.columns);
    c.transpose_left = attributes.transpose_left;
    c.transpose_right = attributes.transpose_right;
    c.block = attributes.block == 0 ? c.depth : attributes.block;
    c.limit = attributes.limit;
    return c;
}

std::size_t packed_words(const Contraction& c, std::size_t threads)
{
    if (is_by_vector(c)) return vector_jobs_of(c, nullptr, nullptr, nullptr, {}, threads).apart.words();
    const Jobs jobs = jobs_of(c, nullptr, nullptr, nullptr, {}, threads);
    return jobs.apart.offset + jobs.apart.words();
}

void contract(const Contraction& c, const Word* left_words, const Word* right_words, Word* out_words, std::span<Word* const> packed_words,
              ThreadPool& threads)
{
    // Patterns and numbers are the same memory; only the functions of a target read it as numbers.
    const auto* left = reinterpret_cast<const float*>(left_words);
    const auto* right = reinterpret_cast<const float*>(right_words);
    auto* out = reinterpret_cast<float*>(out_words);
    if (is_by_vector(c)) {
        const VectorJobs jobs = vector_jobs_of(c, left, right, out, packed_words, threads.threads());
        threads.parallel_for(jobs.count(), grain_of(c, jobs.count(), 4 * threads.threads(), threads),
                             [&](std::size_t begin, std::size_t end, std::size_t) { jobs.compute(begin, end); });
        return jobs.apart.add_to(out, threads);
    }
    const Jobs jobs = jobs_of(c, left, right, out, packed_words, threads.threads());
    threads.parallel_for(jobs.count(), grain_of(c, jobs.count(), jobs.count(), threads),
                         [&](std::size_t begin, std::size_t end, std::size_t thread) {
                             for (std::size_t i = begin; i < end; ++i) jobs.compute(i, reinterpret_cast<float*>(packed_words[thread]));
                         });
    jobs.apart.add_to(out, threads);
}

void contract_alone(const Contraction& c, const Word* left, const Word* right, Word* out, Word* packed)
{
    const Jobs jobs =
        jobs_of(c, reinterpret_cast<const float*>(left), reinterpret_cast<const float*>(right), reinterpret_cast<float*>(out), {}, 1);
    for (std::size_t i = 0; i < jobs.count(); ++i) jobs.compute(i, reinterpret_cast<float*>(packed));
}

} // namespace assay::exec
