#include "exec/plan/arena.hpp"

#include <limits>
#include <new>

namespace assay::exec {

std::size_t Arena::allocate(std::size_t bytes)
{
    for (auto piece = m_free.begin(); piece != m_free.end(); ++piece) {
        if (piece->second < bytes) continue;
        const auto [begin, size] = *piece;
        m_free.erase(piece);
        if (size > bytes) m_free[begin + bytes] = size - bytes;
        return begin;
    }
    const std::size_t begin = m_bytes;
    if (bytes > std::numeric_limits<std::size_t>::max() / 2 - begin) throw std::bad_alloc();
    m_bytes += bytes;
    return begin;
}

void Arena::release(std::size_t begin, std::size_t bytes)
{
    auto piece = m_free.emplace(begin, bytes).first;
    const auto next = std::next(piece);
    if (next != m_free.end() && begin + bytes == next->first) {
        piece->second += next->second;
        m_free.erase(next);
    }
    if (piece == m_free.begin()) return;
    const auto before = std::prev(piece);
    if (before->first + before->second != begin) return;
    before->second += piece->second;
    m_free.erase(piece);
}

} // namespace assay::exec
