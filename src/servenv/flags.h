#pragma once
// Command-line flags as v21 parses them (vtgate-contract 1.0): a table of names, targets and help
// texts. A flag's default is what its target holds when the flag is added. "_" and "-" in names are
// one.
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/error.h"
#include "base/log.h"
#include "servenv/duration.h"

namespace sluice::servenv {

// Where a flag's value goes; the type of the target is the type of the flag. The target outlives
// the FlagSet.
using FlagTarget = std::variant<bool*, std::int64_t*, std::uint64_t*, double*, std::string*,
                                Duration*, std::vector<std::string>*, log::Severity*>;

struct Flag {
    std::string_view name;
    FlagTarget target;
    std::string_view help;
};

class FlagSet {
 public:
    // `program` and `summary` are for error and help texts.
    FlagSet(std::string program, std::string summary);

    void add(std::span<const Flag> flags);
    // Parsing fails unless it was given.
    void require(std::string_view name);
    // Words that are not flags go to `into`; without it they are refused.
    void take_words(std::vector<std::string>* into) { words_ = into; }

    enum class Request : std::uint8_t { run, help, version };
    // arguments = *( "--" name [ "=" value ] / "--" name value / "-h" / "-v" ) [ "--" ], without
    // the program's name. A failure is the user's: print usage_failure() and exit with 1.
    Result<Request> parse(std::span<const std::string> arguments);

    bool is_set(std::string_view name) const;
    std::string help() const;
    // What v21 prints to stderr: the error, the usage, and a fatal log line is the caller's.
    std::string usage_failure(const Error& error) const;

    struct Entry {
        std::string name;
        FlagTarget target;
        std::string help;
        std::string default_text;
        bool set = false;
        bool required = false;
    };
    // In the order of names, as spelled in the table; for /debug/env and tests.
    std::vector<const Entry*> entries() const;

 private:
    Entry* find(std::string_view name);
    Result<void> assign(Entry& entry, std::string_view value);
    Result<Request> parse_short(std::string_view argument);
    Result<void> check_required() const;

    std::string program_;
    std::string summary_;
    std::vector<std::string>* words_ = nullptr;
    std::map<std::string, Entry, std::less<>> entries_;  // by name with "-" for "_"
};

// A value as --help prints it.
std::string flag_text(const FlagTarget& target);

}  // namespace sluice::servenv
