// Under which names a party stores what it must not forget. Spec: spec/node.md, PARTY-2.
#pragma once

#include <string>

#include <assay/base/bytes.hpp>

namespace assay::node {

inline std::string numbered_name(std::string_view kind, const Digest& subject, std::uint64_t number)
{
    return std::string{kind} + "/" + to_hex(subject) + "/" + std::to_string(number);
}
inline std::string root_name(const Digest& run, std::uint64_t segment)
{
    return numbered_name("root", run, segment);
}
inline std::string after_name(const Digest& run, std::uint64_t segment)
{
    return numbered_name("after", run, segment);
}
inline std::string uploaded_name(const Digest& run, std::uint64_t segment)
{
    return numbered_name("uploaded", run, segment);
}
inline std::string demanded_name(const Digest& run, std::uint64_t checkpoint)
{
    return numbered_name("demanded", run, checkpoint);
}
inline std::string bid_name(const Digest& task, std::uint64_t leg)
{
    return numbered_name("bid", task, leg);
}

} // namespace assay::node
