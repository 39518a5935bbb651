// The window: what a node serves over HTTP to people, a page and the JSON that it shows. Spec: spec/api.md.
#pragma once

#include <string_view>
#include <vector>

#include <assay/node/node.hpp>

namespace assay::app {

// A file of the page, from lib/app/window. They are part of the program.
struct WindowFile {
    std::string_view name;
    std::string_view content;
};
const std::vector<WindowFile>& window_files();

// The page at `/` and its files below `/window/`. Returns: nothing where `target` is none of them. Spec: API-7.
std::optional<node::HttpAnswer> answer_page(const std::string& target);

// Has the node answer requests for the page and for the API. Spec: API-1, API-7, API-8.
void serve_window(node::Node& node);

} // namespace assay::app
