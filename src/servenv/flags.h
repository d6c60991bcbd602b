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

// The values of a flag that may be given again and again, each as it is: a comma parts nothing.
struct RepeatedText {
    std::vector<std::string> values;
    bool operator==(const RepeatedText&) const = default;
};

// Where a flag's value goes; the type of the target is the type of the flag. The target outlives
// the FlagSet.
using FlagTarget =
    std::variant<bool*, std::int64_t*, std::uint64_t*, double*, std::string*, Duration*,
                 std::vector<std::string>*, RepeatedText*, log::Severity*>;

// A word that not every text is: what --help calls its type, and what gives a value (or each value
// of a list) its one spelling or says what is wrong with it.
struct WordType {
    std::string_view name;  // empty: the target's own
    Result<std::string> (*read)(std::string_view text);
};

struct Flag {
    std::string_view name;
    FlagTarget target;
    std::string_view help;
    const WordType* words = nullptr;   // of a text or a list; static
    std::string_view deprecated = {};  // what to do instead; such a flag is not in --help
    char letter = '\0';                // its short name, as in -c; none
};

// What stands around the flags in --help.
struct Program {
    std::string name;
    std::string summary;
    std::string example = {};
    // Between "Usage:" and the flags; empty: "  NAME [flags]" and the example.
    std::string usage = {};
    std::string footer = {};  // after the flags
    bool has_version = true;  // -v and --version
};

class FlagSet {
 public:
    struct Entry {
        std::string name;
        FlagTarget target;
        std::string help;
        std::string default_text;
        std::string type;   // as --help shows it; empty for switches
        std::string group;  // empty: v21's
        const WordType* words = nullptr;
        std::string deprecated = {};
        char letter = '\0';
        std::string inert = {};  // why it has no effect
        bool set = false;
        bool required = false;
    };

    explicit FlagSet(Program program);

    // Flags of one group stand together in --help, under its name; v21's own are in the first, "".
    void add(std::span<const Flag> flags, std::string_view group = {});
    // Takes back a flag that came with a family of flags and that this program does not have.
    void remove(std::string_view name);
    // All flags of one group stand under another.
    void regroup(std::string_view from, std::string_view to);
    // Parsing fails unless it was given.
    void require(std::string_view name);
    // The flag is accepted and changes nothing: --help says why, and inert_notices() if it is set.
    void inert(std::string_view name, std::string_view why);
    // The flag's short name from now on.
    void set_letter(std::string_view name, char letter);
    // Words that are not flags go to `into`; without it they are refused. They may stand among the
    // flags, or the first one ends the flags and takes all that follows with it.
    enum class Words : std::uint8_t { among_flags, end_flags };
    void take_words(std::vector<std::string>* into, Words words = Words::among_flags) {
        words_ = into;
        words_end_flags_ = words == Words::end_flags;
    }

    enum class Request : std::uint8_t { run, help, version };
    // arguments = *( "--" name [ "=" value ] / "--" name value / "-" 1*( "h" / "v" ) ) [ "--" ],
    // without the program's name. A failure is the user's: print usage_failure() and exit with 1.
    Result<Request> parse(std::span<const std::string> arguments);

    // Changes a flag's value from elsewhere (config.h); it does not count as set.
    Result<void> assign(std::string_view name, std::string_view value);

    const std::string& program() const { return program_.name; }
    bool is_set(std::string_view name) const;
    // nullptr: there is no such flag.
    const Entry* find_entry(std::string_view name) const;
    std::string help() const;
    // The part of help() from "Usage:" on.
    std::string usage() const;
    // What v21 prints to stderr: the error, the usage, and a fatal log line is the caller's.
    std::string usage_failure(const Error& error) const;
    // A line for each deprecated flag that was set, as pflag prints it to stderr.
    std::vector<std::string> deprecation_notices() const;
    // A line for each flag that was set and has no effect, for the log.
    std::vector<std::string> inert_notices() const;

    // In the order of names, as spelled in the table; for /debug/env and tests.
    std::vector<const Entry*> entries() const;

 private:
    Entry* find(std::string_view name);
    Result<void> assign(Entry& entry, std::string_view value);
    // The letters of arguments[*at]; moves *at over a value.
    Result<Request> parse_short(std::span<const std::string> arguments, std::size_t* at);
    // The flag that starts at arguments[*at]; moves *at over its value.
    Result<Request> parse_long(std::span<const std::string> arguments, std::size_t* at);
    Entry* find_letter(char letter);
    Result<void> check_required() const;

    Program program_;
    std::vector<std::string>* words_ = nullptr;
    bool words_end_flags_ = false;
    std::vector<std::string> groups_;
    std::map<std::string, Entry, std::less<>> entries_;  // by name with "-" for "_"
};

// A value as --help prints it.
std::string flag_text(const FlagTarget& target);

}  // namespace sluice::servenv
