// Start of a process: the command line. After: apps/*/main.cc.
#include "servenv/flags.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "base/overload.h"
#include "servenv/detail/flag_values.h"

namespace sluice::servenv {
namespace {

using detail::quoted;

std::string canonical(std::string_view name) {
    std::string result(name);
    std::replace(result.begin(), result.end(), '_', '-');
    return result;
}

bool is_switch(const FlagTarget& target) {
    return std::holds_alternative<bool*>(target);
}

// The first of what was asked for counts.
FlagSet::Request first_of(FlagSet::Request before, FlagSet::Request now) {
    return before == FlagSet::Request::run ? now : before;
}

}  // namespace

FlagSet::FlagSet(Program program) : program_(std::move(program)) {}

void FlagSet::add(std::span<const Flag> flags, std::string_view group) {
    if (std::ranges::find(groups_, group) == groups_.end()) groups_.emplace_back(group);
    for (const Flag& flag : flags) {
        std::string_view type = detail::type_name(flag.target);
        const bool own_type = flag.words != nullptr && !flag.words->name.empty();
        if (own_type) type = flag.words->name;
        std::string default_text = flag_text(flag.target);
        if (own_type && std::holds_alternative<std::string*>(flag.target))
            default_text = *std::get<std::string*>(flag.target);
        Entry entry{.name = std::string(flag.name),
                    .target = flag.target,
                    .help = std::string(flag.help),
                    .default_text = std::move(default_text),
                    .type = std::string(type),
                    .group = std::string(group),
                    .words = flag.words,
                    .deprecated = std::string(flag.deprecated),
                    .letter = flag.letter};
        VT_ASSERT(entries_.emplace(canonical(flag.name), std::move(entry)).second);
    }
}

void FlagSet::remove(std::string_view name) {
    VT_ASSERT(entries_.erase(canonical(name)) == 1);
}

void FlagSet::regroup(std::string_view from, std::string_view to) {
    for (auto& [name, entry] : entries_) {
        if (entry.group == from) entry.group = to;
    }
    std::erase(groups_, from);
    if (std::ranges::find(groups_, to) == groups_.end()) groups_.emplace_back(to);
}

void FlagSet::require(std::string_view name) {
    Entry* entry = find(name);
    VT_ASSERT(entry != nullptr);
    entry->required = true;
}

void FlagSet::inert(std::string_view name, std::string_view why) {
    Entry* entry = find(name);
    VT_ASSERT(entry != nullptr && !why.empty());
    entry->inert = why;
}

void FlagSet::set_letter(std::string_view name, char letter) {
    Entry* entry = find(name);
    VT_ASSERT(entry != nullptr);
    entry->letter = letter;
}

FlagSet::Entry* FlagSet::find(std::string_view name) {
    const auto found = entries_.find(canonical(name));
    return found == entries_.end() ? nullptr : &found->second;
}

const FlagSet::Entry* FlagSet::find_entry(std::string_view name) const {
    const auto found = entries_.find(canonical(name));
    return found == entries_.end() ? nullptr : &found->second;
}

bool FlagSet::is_set(std::string_view name) const {
    const Entry* entry = find_entry(name);
    return entry != nullptr && entry->set;
}

std::vector<const FlagSet::Entry*> FlagSet::entries() const {
    std::vector<const Entry*> sorted;
    for (const auto& [name, entry] : entries_) sorted.push_back(&entry);
    std::ranges::sort(sorted, {}, &Entry::name);
    return sorted;
}

std::vector<std::string> FlagSet::deprecation_notices() const {
    std::vector<std::string> lines;
    for (const Entry* entry : entries()) {
        if (!entry->set || entry->deprecated.empty()) continue;
        lines.push_back("Flag --" + entry->name + " has been deprecated, " + entry->deprecated);
    }
    return lines;
}

std::vector<std::string> FlagSet::inert_notices() const {
    std::vector<std::string> lines;
    for (const Entry* entry : entries()) {
        if (!entry->set || entry->inert.empty()) continue;
        lines.push_back("--" + entry->name + " has no effect: " + entry->inert);
    }
    return lines;
}

Result<void> FlagSet::assign(Entry& entry, std::string_view value) {
    const auto store = [&](auto* into, auto parsed) -> Result<void> {
        if (!parsed) {
            return fail(Code::invalid_argument, "invalid argument " + quoted(value) + " for \"--" +
                                                    entry.name + "\" flag: " + parsed.error().text);
        }
        *into = std::move(*parsed);
        return {};
    };
    const auto word = [&](std::string_view text) -> Result<std::string> {
        if (entry.words == nullptr) return std::string(text);
        return entry.words->read(text);
    };
    const auto list =
        [&](const std::vector<std::string>& kept) -> Result<std::vector<std::string>> {
        std::vector<std::string> all = kept;
        for (const std::string& one : TRY(detail::parse_list(value))) all.push_back(TRY(word(one)));
        return all;
    };
    return std::visit(
        Overload{
            [&](bool* into) { return store(into, detail::parse_boolean(value)); },
            [&](std::int64_t* into) { return store(into, detail::parse_signed(value)); },
            [&](std::uint64_t* into) { return store(into, detail::parse_unsigned(value)); },
            [&](double* into) { return store(into, detail::parse_float(value)); },
            [&](std::string* into) { return store(into, word(value)); },
            [&](Duration* into) { return store(into, parse_duration(value)); },
            [&](std::vector<std::string>* into) {
                // The default goes, repeated flags add.
                return store(into, list(entry.set ? *into : std::vector<std::string>()));
            },
            [&](RepeatedText* into) -> Result<void> {
                if (!entry.set) into->values.clear();
                into->values.emplace_back(value);
                return {};
            },
            [&](log::Severity* into) { return store(into, detail::parse_severity(value)); },
        },
        entry.target);
}

Result<void> FlagSet::assign(std::string_view name, std::string_view value) {
    Entry* entry = find(name);
    VT_ASSERT(entry != nullptr);
    // A list begins anew, whatever the command line has put into it.
    const bool was_set = std::exchange(entry->set, false);
    const Result<void> assigned = assign(*entry, value);
    entry->set = was_set;
    return assigned;
}

FlagSet::Entry* FlagSet::find_letter(char letter) {
    for (auto& [name, entry] : entries_) {
        if (entry.letter == letter) return &entry;
    }
    return nullptr;
}

// short = "-" *switch ( switch / letter ( [ "=" ] value / SP value ) ) ; a switch is "h", "v" or
// the letter of a flag without a value
Result<FlagSet::Request> FlagSet::parse_short(std::span<const std::string> arguments,
                                              std::size_t* at) {
    const std::string_view argument = arguments[*at];
    Request request = Request::run;
    for (std::size_t i = 1; i < argument.size(); ++i) {
        const char letter = argument[i];
        Entry* entry = find_letter(letter);
        if (entry == nullptr && letter != 'h' && (letter != 'v' || !program_.has_version)) {
            return fail(Code::invalid_argument, "unknown shorthand flag: '" +
                                                    std::string(1, letter) + "' in " +
                                                    std::string(argument));
        }
        if (entry == nullptr) {
            request = first_of(request, letter == 'h' ? Request::help : Request::version);
            continue;
        }
        std::string_view value = argument.substr(i + 1);
        const bool equals = value.starts_with('=');
        if (equals) value.remove_prefix(1);
        const bool is_flag = is_switch(entry->target);
        if (is_flag && !equals) {
            value = "true";
        } else if (!equals && value.empty()) {
            if (*at + 1 == arguments.size()) {
                return fail(Code::invalid_argument, "flag needs an argument: '" +
                                                        std::string(1, letter) + "' in " +
                                                        std::string(argument));
            }
            value = arguments[++*at];
        }
        TRY(assign(*entry, value));
        entry->set = true;
        if (!is_flag || equals) return request;
    }
    return request;
}

// long = "--" name [ "=" value ] / "--" name value
Result<FlagSet::Request> FlagSet::parse_long(std::span<const std::string> arguments,
                                             std::size_t* at) {
    const std::string_view argument = arguments[*at];
    const std::string_view body = argument.substr(2);
    const std::size_t equals = std::min(body.find('='), body.size());
    const std::string_view name = body.substr(0, equals);
    if (name.empty() || name[0] == '-') {
        return fail(Code::invalid_argument, "bad flag syntax: " + std::string(argument));
    }
    const bool has_value = equals < body.size();
    if (name == "help" || (name == "version" && program_.has_version)) {
        const bool asked = !has_value || TRY(detail::parse_boolean(body.substr(equals + 1)));
        if (!asked) return Request::run;
        return name == "help" ? Request::help : Request::version;
    }
    Entry* entry = find(name);
    if (entry == nullptr) {
        return fail(Code::invalid_argument, "unknown flag: --" + std::string(name));
    }
    std::string_view value = "true";
    if (has_value) {
        value = body.substr(equals + 1);
    } else if (!is_switch(entry->target)) {
        if (*at + 1 == arguments.size()) {
            return fail(Code::invalid_argument, "flag needs an argument: --" + std::string(name));
        }
        value = arguments[++*at];
    }
    TRY(assign(*entry, value));
    entry->set = true;
    return Request::run;
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
            only_positional = only_positional || words_end_flags_;
        } else if (argument == "--") {
            only_positional = true;
        } else if (argument[1] != '-') {
            request = first_of(request, TRY(parse_short(arguments, &at)));
        } else {
            request = first_of(request, TRY(parse_long(arguments, &at)));
        }
    }
    if (request != Request::run) return request;
    if (!positional.empty()) {
        return fail(Code::invalid_argument,
                    "unknown command " + quoted(positional) + " for " + quoted(program_.name));
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

}  // namespace sluice::servenv
