// What all pages and pictures of the program share: one file each, no script, no outside asset, readable in light and dark and on a phone.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace assay::app {

// The text with the characters that HTML and SVG give a meaning written out.
std::string escaped(std::string_view text);

// A whole page; `body` is HTML.
std::string html_page(std::string_view title, std::string_view body);

// One curve of a chart, perhaps with a band around it.
struct Curve {
    std::string name; // in the legend; empty for none
    std::string colour; // "#b58900"
    bool dashed = false;
    bool dots = false; // marks instead of a line
    std::vector<double> x, y;
    std::vector<double> low, high; // as many as y, or none
};

struct Chart {
    std::string title; // for those who cannot see it
    std::string x_label;
    std::string y_label;
    bool logarithmic_x = false;
    bool logarithmic_y = false; // values must then be above zero
    std::vector<Curve> curves;
};

// The chart as an SVG picture of its own. Requires: at least one point.
std::string draw(const Chart& chart);

// "1,234,567"
std::string grouped(std::int64_t number);

} // namespace assay::app
