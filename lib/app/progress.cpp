#include "app/progress.hpp"

#include <cmath>
#include <cstdio>

#include <fmt/format.h>
#include <unistd.h>

namespace assay::app {

namespace {

using Seconds = std::chrono::duration<double>;

constexpr std::uint64_t bar_width = 30;
constexpr Seconds worth_showing{2};
constexpr Seconds redraw_after{0.1};

std::string to_text(Seconds time)
{
    return time < Seconds{100} ? fmt::format("{:.0f} s", time.count())
                               : fmt::format("{:.0f} min {:.0f} s", std::floor(time.count() / 60), std::fmod(time.count(), 60));
}

} // namespace

Progress::Progress(std::string title, std::uint64_t total)
    : m_title(std::move(title)), m_total(total), m_terminal(isatty(STDOUT_FILENO) == 1), m_started(std::chrono::steady_clock::now())
{
}

void Progress::update(std::uint64_t done, const std::string& note)
{
    const auto now = std::chrono::steady_clock::now();
    m_done = done;
    m_note = note;
    const Seconds elapsed = now - m_started;
    const std::uint64_t tenth = done * 10 / m_total;
    if (elapsed < worth_showing || (m_terminal ? Seconds{now - m_drawn_at} < redraw_after : tenth == m_shown_tenth)) return;
    m_drawn_at = now;
    m_shown_tenth = tenth;
    m_is_drawn = true;
    const Seconds left = done == 0 ? Seconds{0} : elapsed / static_cast<double>(done) * static_cast<double>(m_total - done);
    const std::uint64_t filled = done * bar_width / m_total;
    const std::string bar = m_terminal ? " [" + std::string(filled, '#') + std::string(bar_width - filled, '.') + "]" : ":";
    const std::string separator = note.empty() ? "" : ", ";
    fmt::print("{}{}{} {} of {}{}{}, {} left{}", m_terminal ? "\r" : "", m_title, bar, done, m_total, separator, note, to_text(left),
               m_terminal ? "\033[K" : "\n");
    std::fflush(stdout);
}

void Progress::clear()
{
    if (m_terminal && m_is_drawn) fmt::print("\r\033[K");
    m_is_drawn = false;
    m_drawn_at = {};
}

double Progress::finish()
{
    const Seconds elapsed = std::chrono::steady_clock::now() - m_started;
    clear();
    fmt::print("{}: {} of {}{}{}, in {:.1f} s\n", m_title, m_done, m_total, m_note.empty() ? "" : ", ", m_note, elapsed.count());
    return elapsed.count();
}

} // namespace assay::app
