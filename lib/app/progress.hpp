// A progress bar with the time left, on a terminal; on anything else a line without a bar at every tenth. Work of less than two seconds shows nothing.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace assay::app {

class Progress {
public:
    Progress(std::string title, std::uint64_t total);
    // Shows that `done` of the total are done, and `note` beside it.
    void update(std::uint64_t done, const std::string& note);
    // Takes the bar away, so that something else can be printed; the next update draws it again.
    void clear();
    // Ends the bar's line, with the time that the work took. Returns the seconds.
    double finish();

private:
    std::string m_title;
    std::uint64_t m_total;
    bool m_terminal;
    bool m_is_drawn = false;
    std::uint64_t m_shown_tenth = 0;
    std::uint64_t m_done = 0;
    std::string m_note;
    std::chrono::steady_clock::time_point m_started;
    std::chrono::steady_clock::time_point m_drawn_at;
};

} // namespace assay::app
