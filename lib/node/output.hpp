// What a connection has to write: pieces of memory in their order, cut into records. Pure: no socket.
#pragma once

#include <assay/node/messages.hpp>

namespace assay::node {

class Output {
public:
    void add(Frame frame);
    [[nodiscard]] bool is_empty() const { return m_index == m_pieces.size(); }
    // The next bytes, at most `most` of them: of a long piece as they lie there, of short ones together. Valid until written(). Requires: it is not empty.
    ByteView next(std::size_t most);
    // Whether anything follows `count` of the next bytes.
    [[nodiscard]] bool has_more(std::size_t count) const { return m_bytes > count; }
    // Takes away as many of them. Returns: how many bytes the pieces have that are let go of.
    std::size_t written(std::size_t count);
    // Lets go of everything.
    void clear();

private:
    std::vector<Piece> m_pieces;
    std::size_t m_index = 0, m_at = 0; // where in a piece the next bytes are
    std::size_t m_bytes = 0;           // from there on
    Bytes m_joined;                    // copied from short pieces, not written yet
};

} // namespace assay::node
