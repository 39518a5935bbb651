#include <bit>

#include <assay/node/options.hpp>

namespace assay::node {

void Histogram::add(std::uint64_t value)
{
    const auto bucket = std::min<std::size_t>(static_cast<std::size_t>(std::bit_width(value)), buckets - 1);
    m_counts[bucket].fetch_add(1, std::memory_order_relaxed);
    m_sum.fetch_add(value, std::memory_order_relaxed);
}

namespace {

void put(std::string& out, std::string_view name, std::string_view type, std::string_view help, std::uint64_t value)
{
    const std::string full = "assay_" + std::string{name};
    out += "# HELP " + full + " " + std::string{help} + "\n# TYPE " + full + " " + std::string{type} + "\n" + full + " " +
           std::to_string(value) + "\n";
}

void put(std::string& out, std::string_view name, std::string_view help, const Histogram& histogram)
{
    const std::string full = "assay_" + std::string{name};
    out += "# HELP " + full + " " + std::string{help} + "\n# TYPE " + full + " histogram\n";
    std::uint64_t below = 0;
    for (std::size_t i = 0; i < Histogram::buckets; ++i) {
        below += histogram.count(i);
        const std::string bound = i + 1 == Histogram::buckets ? "+Inf" : std::to_string((std::uint64_t{1} << i) - 1);
        out += full + "_bucket{le=\"" + bound + "\"} " + std::to_string(below) + "\n";
    }
    out += full + "_sum " + std::to_string(histogram.sum()) + "\n" + full + "_count " + std::to_string(below) + "\n";
}

} // namespace

std::string Metrics::to_text() const
{
    std::string out;
    put(out, "connections_accepted_total", "counter", "Connections that were accepted.", connections_accepted);
    put(out, "connections_open", "gauge", "Connections that are open.", connections_open);
    put(out, "connections_refused_total", "counter", "Connections closed because their peer had too many.", connections_refused);
    put(out, "handshakes_failed_total", "counter", "TLS handshakes that failed.", handshakes_failed);
    put(out, "requests_total", "counter", "Requests read.", requests);
    put(out, "frames_refused_total", "counter", "Frames that were too long or held no request.", frames_refused);
    put(out, "deadlines_missed_total", "counter", "Connections closed because a peer was too slow.", deadlines_missed);
    put(out, "reading_paused_total", "counter", "Times that a peer was not read from because it was over a limit.", reading_paused);
    put(out, "held_bytes", "gauge", "Bytes of unfinished frames, of requests that wait, and of answers that were not read.", held_bytes);
    put(out, "connections_shed_total", "counter", "Connections closed because they held most when all together held too much.",
        connections_shed);
    put(out, "received_bytes_total", "counter", "Bytes received inside of TLS.", bytes_received);
    put(out, "sent_bytes_total", "counter", "Bytes sent inside of TLS.", bytes_sent);
    put(out, "transactions_applied_total", "counter", "Transactions applied and acknowledged.", transactions_applied);
    put(out, "transactions_refused_total", "counter", "Transactions that the ledger refused.", transactions_refused);
    put(out, "signatures_refused_total", "counter", "Transactions whose signature was wrong.", signatures_refused);
    put(out, "blocks_total", "counter", "Blocks written.", blocks);
    put(out, "height", "gauge", "Blocks in the chain.", height);
    put(out, "writes_failed_total", "counter", "Writes that the disk refused.", writes_failed);
    put(out, "chunks_stored_total", "counter", "Chunks stored.", chunks_stored);
    put(out, "chunk_bytes_stored_total", "counter", "Bytes of chunks stored.", chunk_bytes_stored);
    put(out, "chunks_sent_total", "counter", "Chunks sent.", chunks_sent);
    put(out, "block_transactions", "Transactions in a block.", block_transactions);
    put(out, "acknowledge_microseconds", "From a transaction's arrival to its acknowledgement.", acknowledge_microseconds);
    return out;
}

} // namespace assay::node
