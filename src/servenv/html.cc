// Beside a request: what people see of the web pages.
#include "servenv/html.h"

namespace sluice::servenv {
namespace {

// Light and dark as the reader's system is; no script, and nothing from other servers.
constexpr std::string_view style = R"(
:root { color-scheme: light dark; --line: #8884; --head: #8882; --good: #2a8a3e; --bad: #c6372c; }
body { font: 14px/1.45 system-ui, sans-serif; margin: 0 auto; max-width: 84rem; padding: 0 1.5rem 3rem; }
h1 { font-size: 1.5rem; margin: 1.4rem 0 .3rem; }
h2 { font-size: 1.1rem; margin: 2rem 0 .6rem; }
p.quiet, td.quiet { opacity: .7; }
nav a { display: inline-block; margin: 0 .9rem .3rem 0; }
.figures { display: flex; flex-wrap: wrap; gap: .8rem; margin: 1rem 0; }
.figure { border: 1px solid var(--line); border-radius: .5rem; padding: .6rem 1rem; min-width: 8rem; }
.figure b { display: block; font-size: 1.5rem; font-weight: 600; font-variant-numeric: tabular-nums; }
table { border-collapse: collapse; width: 100%; }
th, td { border-bottom: 1px solid var(--line); padding: .3rem .6rem; text-align: left; vertical-align: top; overflow-wrap: anywhere; }
td { font-variant-numeric: tabular-nums; }
th { background: var(--head); font-weight: 600; white-space: nowrap; }
tr.medium td:first-child { border-left: .25rem solid #d9a400; }
tr.high td:first-child { border-left: .25rem solid var(--bad); }
tr.error td:first-child { border-left: .25rem solid #0088aa; }
tr.low td:first-child { border-left: .25rem solid var(--good); }
)";

}  // namespace

std::string html_escape(std::string_view text) {
    std::string out;
    for (const char c : text) {
        switch (c) {
            case '&':
                out += "&amp;";
                break;
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            case '"':
                out += "&#34;";
                break;
            case '\'':
                out += "&#39;";
                break;
            default:
                out.push_back(c);
        }
    }
    return out;
}

HtmlTable::HtmlTable(std::span<const std::string_view> headings) {
    html_ = "<table>\n<thead><tr>";
    for (const std::string_view heading : headings) {
        html_ += "<th>";
        html_ += html_escape(heading);
        html_ += "</th>";
    }
    html_ += "</tr></thead>\n<tbody>\n";
}

void HtmlTable::row(std::span<const std::string> cells, std::string_view row_class) {
    ++rows_;
    html_ += row_class.empty() ? "<tr>" : "<tr class=\"" + html_escape(row_class) + "\">";
    for (const std::string& cell : cells) {
        html_ += "<td>";
        html_ += html_escape(cell);
        html_ += "</td>";
    }
    html_ += "</tr>\n";
}

std::string HtmlTable::text() const {
    return html_ + "</tbody>\n</table>\n";
}

std::string html_figure(std::string_view name, std::string_view value) {
    return "<div class=\"figure\"><b>" + html_escape(value) + "</b>" + html_escape(name) +
           "</div>\n";
}

std::string html_page(std::string_view title, std::string_view body) {
    std::string html = "<!DOCTYPE html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\">";
    html += "<meta name=\"viewport\" content=\"width=device-width\"><title>";
    html += html_escape(title);
    html += "</title>\n<style>";
    html += style;
    html += "</style></head>\n<body>\n";
    html += body;
    return html + "</body>\n</html>\n";
}

}  // namespace sluice::servenv
