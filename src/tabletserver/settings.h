#pragma once
// SET statements that a gate sends along become one setting of a pooled connection
// (vttablet-contract 1.5).
#include <memory>
#include <span>
#include <string>
#include <unordered_map>

#include "base/error.h"
#include "tablet/tablet.h"

namespace sluice::tabletserver {

// How a connection reads backslashes in strings.
enum class Backslash : std::uint8_t {
    escapes,  // the default sql_mode
    plain,    // NO_BACKSLASH_ESCAPES
    unknown,  // sql_mode was set in a way that we do not follow: such strings go as hex
};

struct KnownSettings {
    tablet::Settings settings;
    Backslash backslash = Backslash::escapes;
};

// Errors (INTERNAL): what is no SET of session variables.
Result<KnownSettings> build_settings(std::span<const std::string> statements, bool found_rows);

// Settings of one loop's sessions, and how its held connections read strings.
class SettingsCache {
 public:
    Result<std::shared_ptr<const KnownSettings>> find(std::span<const std::string> statements,
                                                      bool found_rows);
    Backslash backslash_of(tablet::HeldId held) const;
    void set_backslash(tablet::HeldId held, Backslash backslash);
    void forget(tablet::HeldId held) { held_.erase(held); }

 private:
    std::unordered_map<std::string, std::shared_ptr<const KnownSettings>> known_;
    std::unordered_map<tablet::HeldId, Backslash> held_;  // those that are not the default
};

// What a SET statement does to the way strings are read.
Backslash backslash_after(std::string_view set_statement, Backslash before);

}  // namespace sluice::tabletserver
