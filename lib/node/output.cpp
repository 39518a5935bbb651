#include "node/output.hpp"

#include <utility>

namespace assay::node {

void Output::add(Frame frame)
{
    for (Piece& piece : frame) {
        if (piece.bytes.empty()) continue;
        m_bytes += piece.bytes.size();
        m_pieces.push_back(std::move(piece));
    }
}

ByteView Output::next(std::size_t most)
{
    if (!m_joined.empty()) return m_joined;
    const ByteView front = m_pieces[m_index].bytes.subspan(m_at);
    if (front.size() >= most || front.size() == m_bytes) return front.first(std::min(most, front.size()));
    std::size_t at = m_at;
    for (std::size_t i = m_index; i < m_pieces.size() && m_joined.size() < most; ++i) {
        const ByteView rest = m_pieces[i].bytes.subspan(std::exchange(at, 0));
        const ByteView taken = rest.first(std::min(rest.size(), most - m_joined.size()));
        m_joined.insert(m_joined.end(), taken.begin(), taken.end());
    }
    return m_joined;
}

std::size_t Output::written(std::size_t count)
{
    ASSAY_CHECK(count <= m_bytes);
    m_joined.clear();
    m_bytes -= count;
    m_at += count;
    std::size_t let_go = 0;
    for (; m_index < m_pieces.size() && m_at >= m_pieces[m_index].bytes.size(); ++m_index) {
        m_at -= m_pieces[m_index].bytes.size();
        let_go += m_pieces[m_index].bytes.size();
        m_pieces[m_index] = {};
    }
    if (is_empty()) clear();
    return let_go;
}

void Output::clear()
{
    *this = {};
}

} // namespace assay::node
