// The one place where encoded bytes are put behind each other.
#include <assay/base/encoding.hpp>

namespace assay {

// Not inline: g++ 12 warns falsely of overflows where it inlines an insertion into a vector that it has just seen grow.
void append_bytes(Bytes& out, ByteView bytes)
{
    out.insert(out.end(), bytes.begin(), bytes.end());
}

} // namespace assay
