// Start of a process: the command line. After: apps/*/main.cc.
#include "servenv/flags.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>

#include "base/assert.h"
#include "base/overload.h"

namespace sluice::servenv {
namespace {

std::string canonical(std::string_view name) {
    std::string result(name);
    std::replace(result.begin(), result.end(), '_', '-');
    return result;
}

std::string quoted(std::string_view text) {
    return "\"" + std::string(text) + "\"";
}

// strconv's words.
std::unexpected<Error> bad_number(std::string_view function, std::string_view text,
                                  std::string_view why) {
    return fail(Code::invalid_argument, "strconv." + std::string(function) + ": parsing " +
                                            quoted(text) + ": " + std::string(why));
}

// integer = [ "+" / "-" ] ( 1*DIGIT / "0x" 1*HEXDIG / "0o" 1*OCTDIG / "0" 1*OCTDIG / "0b" 1*BINDIG
// )
template <class Integer>
Result<Integer> parse_integer(std::string_view text) {
    constexpr bool is_signed = std::is_signed_v<Integer>;
    constexpr std::string_view function = is_signed ? "ParseInt" : "ParseUint";
    std::string_view digits = text;
    const bool negative = is_signed && digits.starts_with('-');
    if (negative || (is_signed && digits.starts_with('+'))) digits.remove_prefix(1);
    int base = 10;
    const char mark = digits.size() > 1 && digits[0] == '0' ? digits[1] : '\0';
    if (mark == 'x' || mark == 'X') base = 16;
    if (mark == 'o' || mark == 'O') base = 8;
    if (mark == 'b' || mark == 'B') base = 2;
    if (base != 10) digits.remove_prefix(2);
    if (base == 10 && mark != '\0') {
        base = 8;
        digits.remove_prefix(1);
    }
    std::uint64_t size = 0;
    const char* end = digits.data() + digits.size();
    const auto [at, error] = std::from_chars(digits.data(), end, size, base);
    if (error == std::errc::invalid_argument || at != end) {
        return bad_number(function, text, "invalid syntax");
    }
    constexpr std::uint64_t largest = std::numeric_limits<Integer>::max();
    if (error != std::errc{} || size > largest + (negative ? 1 : 0)) {
        return bad_number(function, text, "value out of range");
    }
    return static_cast<Integer>(negative ? 0 - size : size);
}

// boolean = "1" / "t" / "T" / "true" / "TRUE" / "True" / "0" / "f" / "F" / "false" / "FALSE" /
// "False"
Result<bool> parse_boolean(std::string_view text) {
    for (const std::string_view word : {"1", "t", "T", "true", "TRUE", "True"}) {
        if (text == word) return true;
    }
    for (const std::string_view word : {"0", "f", "F", "false", "FALSE", "False"}) {
        if (text == word) return false;
    }
    return bad_number("ParseBool", text, "invalid syntax");
}

// float = what C's strtod takes, all of it
Result<double> parse_float(std::string_view text) {
    const std::string copy(text);
    char* end = nullptr;
    const double value = std::strtod(copy.c_str(), &end);
    if (copy.empty() || end != copy.c_str() + copy.size()) {
        return bad_number("ParseFloat", text, "invalid syntax");
    }
    return value;
}

// severity = "0" ... "3" / "INFO" / "WARNING" / "ERROR" / "FATAL", in any case
Result<log::Severity> parse_severity(std::string_view text) {
    std::string upper(text);
    for (char& c : upper) {
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    }
    constexpr std::string_view names[] = {"INFO", "WARNING", "ERROR", "FATAL"};
    for (std::uint8_t number = 0; number < 4; ++number) {
        if (upper == names[number] || upper == std::to_string(number)) {
            return static_cast<log::Severity>(number);
        }
    }
    return bad_number("Atoi", text, "invalid syntax");
}

void append_list(std::string_view text, std::vector<std::string>* list) {
    while (!text.empty()) {
        const std::size_t comma = std::min(text.find(','), text.size());
        list->emplace_back(text.substr(0, comma));
        text.remove_prefix(std::min(comma + 1, text.size()));
    }
}

bool is_boolean(const FlagTarget& target) {
    return std::holds_alternative<bool*>(target);
}

std::string_view type_name(const FlagTarget& target) {
    return std::visit(Overload{
                          [](bool*) { return ""; },
                          [](std::int64_t*) { return "int"; },
                          [](std::uint64_t*) { return "uint"; },
                          [](double*) { return "float"; },
                          [](std::string*) { return "string"; },
                          [](Duration*) { return "duration"; },
                          [](std::vector<std::string>*) { return "strings"; },
                          [](log::Severity*) { return "severityFlag"; },
                      },
                      target);
}

}  // namespace

std::string flag_text(const FlagTarget& target) {
    return std::visit(
        Overload{
            [](bool* value) { return std::string(*value ? "true" : "false"); },
            [](std::int64_t* value) { return std::to_string(*value); },
            [](std::uint64_t* value) { return std::to_string(*value); },
            [](double* value) {
                char digits[32];
                return std::string(digits,
                                   std::to_chars(digits, digits + sizeof digits, *value).ptr);
            },
            [](std::string* value) { return quoted(*value); },
            [](Duration* value) { return to_text(*value); },
            [](std::vector<std::string>* value) {
                std::string text;
                for (const std::string& one : *value) text += (text.empty() ? "" : ",") + one;
                return "[" + text + "]";
            },
            [](log::Severity* value) { return std::to_string(static_cast<int>(*value)); },
        },
        target);
}

FlagSet::FlagSet(std::string program, std::string summary)
    : program_(std::move(program)), summary_(std::move(summary)) {}

void FlagSet::add(std::span<const Flag> flags) {
    for (const Flag& flag : flags) {
        const bool added = entries_
                               .emplace(canonical(flag.name),
                                        Entry{std::string(flag.name), flag.target,
                                              std::string(flag.help), flag_text(flag.target)})
                               .second;
        VT_ASSERT(added);
    }
}

void FlagSet::require(std::string_view name) {
    Entry* entry = find(name);
    VT_ASSERT(entry != nullptr);
    entry->required = true;
}

FlagSet::Entry* FlagSet::find(std::string_view name) {
    const auto found = entries_.find(canonical(name));
    return found == entries_.end() ? nullptr : &found->second;
}

bool FlagSet::is_set(std::string_view name) const {
    const auto found = entries_.find(canonical(name));
    return found != entries_.end() && found->second.set;
}

std::vector<const FlagSet::Entry*> FlagSet::entries() const {
    std::vector<const Entry*> sorted;
    for (const auto& [name, entry] : entries_) sorted.push_back(&entry);
    std::sort(sorted.begin(), sorted.end(),
              [](const Entry* left, const Entry* right) { return left->name < right->name; });
    return sorted;
}

Result<void> FlagSet::assign(Entry& entry, std::string_view value) {
    const auto store = [&](auto* into, auto parsed) -> Result<void> {
        if (!parsed) {
            return fail(Code::invalid_argument, "invalid argument " + quoted(value) + " for \"--" +
                                                    entry.name + "\" flag: " + parsed.error().text);
        }
        *into = *parsed;
        return {};
    };
    const bool again = entry.set;
    entry.set = true;
    return std::visit(
        Overload{
            [&](bool* into) { return store(into, parse_boolean(value)); },
            [&](std::int64_t* into) { return store(into, parse_integer<std::int64_t>(value)); },
            [&](std::uint64_t* into) { return store(into, parse_integer<std::uint64_t>(value)); },
            [&](double* into) { return store(into, parse_float(value)); },
            [&](std::string* into) { return store(into, Result<std::string>(value)); },
            [&](Duration* into) { return store(into, parse_duration(value)); },
            [&](std::vector<std::string>* into) -> Result<void> {
                if (!again) into->clear();  // the default goes, repeated flags add
                append_list(value, into);
                return {};
            },
            [&](log::Severity* into) { return store(into, parse_severity(value)); },
        },
        entry.target);
}

// short = "-" ( "h" / "v" ) ; nothing else has a short name
Result<FlagSet::Request> FlagSet::parse_short(std::string_view argument) {
    if (argument == "-h") return Request::help;
    if (argument == "-v") return Request::version;
    return fail(Code::invalid_argument, "unknown shorthand flag: '" + std::string(1, argument[1]) +
                                            "' in " + std::string(argument));
}

Result<FlagSet::Request> FlagSet::parse(std::span<const std::string> arguments) {
    Request request = Request::run;
    std::string_view positional;
    bool only_positional = false;
    for (std::size_t at = 0; at < arguments.size(); ++at) {
        const std::string_view argument = arguments[at];
        if (only_positional || argument.size() < 2 || argument[0] != '-') {
            if (words_ != nullptr) words_->emplace_back(argument);
            if (words_ == nullptr && positional.empty()) positional = argument;
            continue;
        }
        if (argument == "--") {
            only_positional = true;
            continue;
        }
        if (argument[1] != '-') {
            const Request asked = TRY(parse_short(argument));
            if (request == Request::run) request = asked;
            continue;
        }
        const std::string_view body = argument.substr(2);
        const std::size_t equals = std::min(body.find('='), body.size());
        const std::string_view name = body.substr(0, equals);
        if (name.empty() || name[0] == '-') {
            return fail(Code::invalid_argument, "bad flag syntax: " + std::string(argument));
        }
        const bool has_value = equals < body.size();
        if (!has_value && (name == "help" || name == "version")) {
            if (request == Request::run)
                request = name == "help" ? Request::help : Request::version;
            continue;
        }
        Entry* entry = find(name);
        if (entry == nullptr) {
            return fail(Code::invalid_argument, "unknown flag: --" + std::string(name));
        }
        if (has_value) {
            TRY(assign(*entry, body.substr(equals + 1)));
        } else if (is_boolean(entry->target)) {
            TRY(assign(*entry, "true"));
        } else if (at + 1 < arguments.size()) {
            TRY(assign(*entry, arguments[++at]));
        } else {
            return fail(Code::invalid_argument, "flag needs an argument: --" + std::string(name));
        }
    }
    if (request != Request::run) return request;
    if (!positional.empty()) {
        return fail(Code::invalid_argument,
                    "unknown command " + quoted(positional) + " for " + quoted(program_));
    }
    TRY(check_required());
    return request;
}

Result<void> FlagSet::check_required() const {
    std::string missing;
    for (const Entry* entry : entries()) {
        if (!entry->required || entry->set) continue;
        missing += (missing.empty() ? "" : ", ") + quoted(entry->name);
    }
    if (missing.empty()) return {};
    return fail(Code::invalid_argument, "required flag(s) " + missing + " not set");
}

std::string FlagSet::help() const {
    struct Line {
        std::string left;
        std::string right;
    };
    std::vector<Line> lines;
    std::size_t width = 0;
    for (const Entry* entry : entries()) {
        std::string left = "      --" + entry->name;
        if (const auto type = type_name(entry->target); !type.empty()) {
            left += " " + std::string(type);
        }
        std::string right = entry->help;
        const std::string_view shown = entry->default_text;
        const bool is_zero =
            shown == "false" || shown == "0" || shown == "\"\"" || shown == "0s" || shown == "[]";
        if (!is_zero) right += " (default " + entry->default_text + ")";
        width = std::max(width, left.size());
        lines.push_back({std::move(left), std::move(right)});
    }
    lines.push_back({"  -h, --help", "help for " + program_});
    lines.push_back({"  -v, --version", "print the version and exit"});
    std::string text = summary_ + "\n\nUsage:\n  " + program_ + " [flags]\n\nFlags:\n";
    for (const Line& line : lines) {
        text += line.left + std::string(width - std::min(width, line.left.size()) + 3, ' ') +
                line.right + "\n";
    }
    return text;
}

std::string FlagSet::usage_failure(const Error& error) const {
    const std::string whole = help();
    return "Error: " + error.text + "\n" + whole.substr(whole.find("Usage:")) + "\n";
}

}  // namespace sluice::servenv
