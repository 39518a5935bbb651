#include "app/page.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace assay::app {

namespace {

constexpr std::string_view style = R"(:root{color-scheme:light dark;--line:#b58900;--soft:color-mix(in srgb,currentColor 12%,transparent)}
body{font:16px/1.5 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem}
svg{display:block;width:100%;max-width:40rem;height:auto}
section{border-top:1px solid var(--soft);padding:.5rem 0}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}td,th{text-align:right;padding:.2rem .5rem;border-bottom:1px solid var(--soft)}
td:first-child,th:first-child{text-align:left}
.layer,.operation{background:var(--soft);border-radius:6px;padding:.3rem .7rem;margin-bottom:4px;overflow-wrap:anywhere}
.walk>.layer,.walk>.operation{margin-bottom:4px!important}.operation{border:2px solid var(--line);margin:0 24%}
.verdict{font-weight:600}.wrong{font-weight:600;color:#c0392b}.figures{opacity:.7;font-size:.9em}.scroll{overflow-x:auto}
@media(max-width:480px){.layer,.operation{margin-left:0!important;margin-right:0!important}td,th{padding:.2rem .25rem;font-size:.85em}})";

constexpr double width = 500;
constexpr double left = 70;
constexpr double right = width - 14;
constexpr double top = 14;
constexpr double bottom = 256;
constexpr double character = 7.6; // of a legend's text, about

// An axis: values to places.
struct Axis {
    double low = 0, high = 1;
    double from = 0, to = 1;
    bool logarithmic = false;

    [[nodiscard]] double scaled(double value) const { return logarithmic ? std::log10(value) : value; }
    [[nodiscard]] double place(double value) const
    {
        return from + (to - from) * (scaled(value) - scaled(low)) / (scaled(high) - scaled(low));
    }
};

std::string short_number(double value)
{
    if (value == 0) return "0";
    const double size = std::fabs(value);
    if (size >= 1e9) return fmt::format("{:g}G", value / 1e9);
    if (size >= 1e6) return fmt::format("{:g}M", value / 1e6);
    if (size >= 1e3) return fmt::format("{:g}k", value / 1e3);
    return fmt::format("{:g}", value);
}

// Powers of ten, or about five round numbers.
std::vector<double> ticks_of(const Axis& axis)
{
    std::vector<double> ticks;
    if (axis.logarithmic) {
        for (double decade = std::ceil(std::log10(axis.low) - 1e-9); decade <= std::log10(axis.high) + 1e-9; ++decade)
            ticks.push_back(std::pow(10, decade));
        return ticks;
    }
    const double raw = (axis.high - axis.low) / 5;
    const double power = std::pow(10, std::floor(std::log10(raw)));
    const double step = raw / power < 1.5 ? power : raw / power < 3.5 ? 2 * power : raw / power < 7.5 ? 5 * power : 10 * power;
    for (double i = std::ceil(axis.low / step); i * step <= axis.high * (1 + 1e-9) + 1e-12; ++i) ticks.push_back(i * step);
    return ticks;
}

void widen(double value, double& low, double& high)
{
    low = std::min(low, value);
    high = std::max(high, value);
}

Axis axis_of(double low, double high, bool logarithmic, double from, double to)
{
    if (high <= low) high = logarithmic ? low * 10 : low + 1;
    if (logarithmic) return {low / 1.05, high * 1.05, from, to, true};
    const double margin = (high - low) * 0.04;
    return {low - margin, high + margin, from, to, false};
}

std::string axes_svg(const Chart& chart, const Axis& x, const Axis& y)
{
    std::string svg = fmt::format("<path d='M{},{}V{}H{}' fill='none' stroke='#777'/>", left, top, bottom, right);
    for (const double tick : ticks_of(x))
        svg += fmt::format(
            "<path d='M{0:.1f},{1}V{2}' stroke='#777' stroke-width='.3'/><text x='{0:.1f}' y='{3}' text-anchor='middle'>{4}</text>",
            x.place(tick), top, bottom, bottom + 17, short_number(tick));
    for (const double tick : ticks_of(y))
        svg += fmt::format(
            "<path d='M{0},{1:.1f}H{2}' stroke='#777' stroke-width='.3'/><text x='{3}' y='{4:.1f}' text-anchor='end'>{5}</text>", left,
            y.place(tick), right, left - 6, y.place(tick) + 4, short_number(tick));
    svg += fmt::format("<text x='{}' y='{}' text-anchor='middle'>{}</text>", (left + right) / 2, bottom + 36, escaped(chart.x_label));
    svg += fmt::format("<text x='15' y='{0}' text-anchor='middle' transform='rotate(-90 15 {0})'>{1}</text>", (top + bottom) / 2,
                       escaped(chart.y_label));
    return svg;
}

std::string curve_svg(const Curve& curve, const Axis& x, const Axis& y)
{
    std::string svg, band, line;
    for (std::size_t i = 0; i < curve.x.size(); ++i) line += fmt::format("{:.1f},{:.1f} ", x.place(curve.x[i]), y.place(curve.y[i]));
    if (!curve.low.empty()) {
        for (std::size_t i = 0; i < curve.x.size(); ++i) band += fmt::format("{:.1f},{:.1f} ", x.place(curve.x[i]), y.place(curve.high[i]));
        for (std::size_t i = curve.x.size(); i-- > 0;) band += fmt::format("{:.1f},{:.1f} ", x.place(curve.x[i]), y.place(curve.low[i]));
        svg += fmt::format("<polygon points='{}' fill='{}' fill-opacity='.25'/>", band, curve.colour);
    }
    if (!curve.dots)
        return svg + fmt::format("<polyline points='{}' fill='none' stroke='{}' stroke-width='1.8'{}/>", line, curve.colour,
                                 curve.dashed ? " stroke-dasharray='6 4'" : "");
    for (std::size_t i = 0; i < curve.x.size(); ++i) {
        svg += fmt::format("<circle cx='{:.1f}' cy='{:.1f}' r='3' fill='{}'/>", x.place(curve.x[i]), y.place(curve.y[i]), curve.colour);
        if (!curve.low.empty())
            svg += fmt::format("<path d='M{0:.1f},{1:.1f}V{2:.1f}' stroke='{3}' stroke-width='1.5'/>", x.place(curve.x[i]),
                               y.place(curve.low[i]), y.place(curve.high[i]), curve.colour);
    }
    return svg;
}

// Names with a stroke of their colour, in as many rows as they need. `y` is where the first stands, and then the last.
std::string legend_svg(const Chart& chart, double& y)
{
    std::string svg;
    double x = left;
    for (const Curve& curve : chart.curves) {
        if (curve.name.empty()) continue;
        const double space = 30 + character * static_cast<double>(curve.name.size());
        if (x > left && x + space > right) {
            x = left;
            y += 18;
        }
        svg += curve.dots ? fmt::format("<circle cx='{}' cy='{}' r='3' fill='{}'/>", x + 9, y - 4, curve.colour)
                          : fmt::format("<path d='M{},{}h18' stroke='{}' stroke-width='3'{}/>", x, y - 4, curve.colour,
                                        curve.dashed ? " stroke-dasharray='6 4'" : "");
        svg += fmt::format("<text x='{}' y='{}'>{}</text>", x + 23, y, escaped(curve.name));
        x += space;
    }
    return svg;
}

} // namespace

std::string escaped(std::string_view text)
{
    std::string result;
    for (const char c : text) {
        if (c == '<') result += "&lt;";
        else if (c == '>') result += "&gt;";
        else if (c == '&') result += "&amp;";
        else result += c;
    }
    return result;
}

std::string html_page(std::string_view title, std::string_view body)
{
    return fmt::format(
        "<!doctype html><html lang='en'><meta charset='utf-8'><meta name='viewport' content='width=device-width,initial-scale=1'>"
        "<title>Assay: {0}</title><style>{1}</style><h1>{0}</h1>{2}</html>\n",
        escaped(title), style, body);
}

std::string draw(const Chart& chart)
{
    double x_low = INFINITY, x_high = -INFINITY, y_low = INFINITY, y_high = -INFINITY;
    for (const Curve& curve : chart.curves) {
        for (const double x : curve.x) widen(x, x_low, x_high);
        for (const std::vector<double>* values : {&curve.y, &curve.low, &curve.high})
            for (const double y : *values) widen(y, y_low, y_high);
    }
    const Axis x = axis_of(x_low, x_high, chart.logarithmic_x, left, right);
    const Axis y = axis_of(y_low, y_high, chart.logarithmic_y, bottom, top);
    double last_row = bottom + 58;
    const std::string legend = legend_svg(chart, last_row);
    std::string svg = fmt::format("<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {} {}' role='img' aria-label='{}' fill='#777' "
                                  "font-family='sans-serif' font-size='13'>",
                                  width, last_row + 14, escaped(chart.title));
    svg += axes_svg(chart, x, y);
    for (const Curve& curve : chart.curves) svg += curve_svg(curve, x, y);
    return svg + legend + "</svg>";
}

std::string grouped(std::int64_t number)
{
    std::string digits = fmt::format("{}", number);
    const std::size_t first = digits[0] == '-' ? 1 : 0;
    for (std::size_t i = digits.size(); i > first + 3;) digits.insert(i -= 3, ",");
    return digits;
}

} // namespace assay::app
