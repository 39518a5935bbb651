// Spec: API-7.
#include "app/window.hpp"

#include <algorithm>

#include "app/api.hpp"

namespace assay::app {

namespace {

std::string type_of(std::string_view name)
{
    if (name.ends_with(".html")) return "text/html; charset=utf-8";
    if (name.ends_with(".svg")) return "image/svg+xml";
    return name.ends_with(".css") ? "text/css; charset=utf-8" : "text/javascript; charset=utf-8";
}

using Done = std::function<void(node::HttpAnswer)>;

void answer_later(node::Node& node, Work work, Done done)
{
    node.post([&node, work = std::move(work), done = std::move(done)] {
        node::HttpAnswer answer{503, "application/json", R"({"error": "the node is opening its store again"})"};
        // Where it fails, the answer says so already.
        (void)node.look([&](const store::LedgerStore& ledger, const store::ChunkStore& chunks) { answer = work(ledger, chunks); });
        done(std::move(answer));
    });
}

} // namespace

std::optional<node::HttpAnswer> answer_page(const std::string& target)
{
    const std::string path = target.substr(0, target.find('?'));
    constexpr std::string_view folder = "/window/";
    if (path != "/" && !path.starts_with(folder)) return std::nullopt;
    const std::string name = path == "/" ? "index.html" : path.substr(folder.size());
    const auto& files = window_files();
    const auto file = std::find_if(files.begin(), files.end(), [&](const WindowFile& one) { return one.name == name; });
    if (file == files.end()) return std::nullopt;
    return node::HttpAnswer{200, type_of(name), std::string{file->content}};
}

void serve_window(node::Node& node)
{
    node.serve_http([&node](const std::string& target, Done done) {
        if (auto page = answer_page(target)) return done(std::move(*page));
        node.read([&node, target, done = std::move(done)](const market::Chain& chain, const store::LedgerStore& store) {
            ApiAnswer answer = answer_api(target, chain, store, node.genesis(), node.head().now);
            if (auto* const work = std::get_if<Work>(&answer)) return answer_later(node, std::move(*work), done);
            done(std::get<node::HttpAnswer>(std::move(answer)));
        });
    });
}

} // namespace assay::app
