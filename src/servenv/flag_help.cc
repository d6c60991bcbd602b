// Start of a process: --help and the answer to a wrong command line, laid out as cobra does
// (vtgate-contract 1.0).
#include <algorithm>

#include "servenv/flags.h"

namespace sluice::servenv {
namespace {

struct Line {
    std::string name;
    std::string left;
    std::string right;
};

// pflag leaves out a default that is its type's zero value.
bool is_zero(std::string_view shown) {
    return shown == "false" || shown == "0" || shown == "\"\"" || shown == "0s" || shown == "[]" ||
           shown.empty();
}

Line line_of(const FlagSet::Entry& entry) {
    const std::string letter =
        entry.letter == '\0' ? "      --" : std::string("  -") + entry.letter + ", --";
    Line line{.name = entry.name, .left = letter + entry.name, .right = entry.help};
    if (!entry.type.empty()) line.left += " " + entry.type;
    if (!entry.inert.empty()) line.right += " [no effect: " + entry.inert + "]";
    if (!is_zero(entry.default_text)) line.right += " (default " + entry.default_text + ")";
    return line;
}

std::string text_of(std::vector<Line> lines) {
    std::ranges::sort(lines, {}, &Line::name);
    std::size_t width = 0;
    for (const Line& line : lines) width = std::max(width, line.left.size());
    std::string text;
    for (const Line& line : lines) {
        text += line.left + std::string(width - line.left.size() + 3, ' ') + line.right + "\n";
    }
    return text;
}

}  // namespace

std::string FlagSet::usage() const {
    std::string text = "Usage:\n";
    text += program_.usage.empty() ? "  " + program_.name + " [flags]\n" : program_.usage;
    if (!program_.example.empty()) text += "\nExamples:\n" + program_.example + "\n";
    std::vector<std::string> groups{""};
    for (const std::string& group : groups_) {
        if (!group.empty()) groups.push_back(group);
    }
    for (const std::string& group : groups) {
        std::vector<Line> lines;
        for (const auto& [name, entry] : entries_) {
            if (entry.group == group && entry.deprecated.empty()) lines.push_back(line_of(entry));
        }
        if (group.empty()) {
            lines.push_back({"help", "  -h, --help", "help for " + program_.name});
            if (program_.has_version)
                lines.push_back({"version", "  -v, --version", "print the version and exit"});
        }
        if (lines.empty()) continue;
        text += "\n" + (group.empty() ? "Flags" : group) + ":\n" + text_of(std::move(lines));
    }
    return text + program_.footer;
}

std::string FlagSet::help() const {
    return program_.summary + "\n\n" + usage();
}

std::string FlagSet::usage_failure(const Error& error) const {
    return "Error: " + error.text + "\n" + usage() + "\n";
}

}  // namespace sluice::servenv
