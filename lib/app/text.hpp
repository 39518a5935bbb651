// Text as a data set: the symbols of a character-level model.
#pragma once

#include <string>

#include <assay/program/types.hpp>

namespace assay::app {

struct Text {
    std::vector<std::uint8_t> alphabet; // the distinct bytes of the text, ascending; a symbol is an index into it
    program::Tensor symbols;            // unsigned8 [length]
};

// Reads UTF-8 text. Errors: file_unreadable with the path; invalid_input where the text is shorter than `length_min` bytes or is not
// UTF-8, with the offset of the first byte that is not.
Result<Text> read_text(const std::string& path, std::size_t length_min);

// The same for text that is there already; `origin` names it in errors.
Result<Text> text_from(std::string_view content, const std::string& origin, std::size_t length_min);

} // namespace assay::app
