// What happens on a chain, in words.
#pragma once

#include <string>

#include <assay/market/block.hpp>

namespace assay::app {

// "task 7a73: solver 12ab recorded segment 3"
std::string to_text(const market::Event& event);

// The phase a task is in, in one word.
std::string_view name_of(market::Phase phase);

} // namespace assay::app
