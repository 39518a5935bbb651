// Broken preconditions as something that a test can see.
#pragma once

#include <string>

#include <assay/base/check.hpp>

namespace assay::toy {

// While one is alive, a broken precondition throws.
class ChecksThrow {
public:
    ChecksThrow() : m_before(set_check_handler([](const char* condition, const char*, int) { throw std::string{condition}; })) {}
    ~ChecksThrow() { set_check_handler(m_before); }
    ChecksThrow(const ChecksThrow&) = delete;
    ChecksThrow& operator=(const ChecksThrow&) = delete;

private:
    CheckHandler m_before;
};

} // namespace assay::toy
