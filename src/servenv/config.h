#pragma once
// Values of flags from the environment and from a configuration file (vtgate-contract 1.0.2). Only
// flags that have a key take part. What counts, from the strongest: a change at run time
// (/debug/env), the command line, the environment, the file, the default. The file is watched:
// dynamic keys follow it, and changes at run time are written back to it.
#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "async/file_version.h"
#include "async/task.h"
#include "async/wait_queue.h"
#include "servenv/detail/config_document.h"
#include "servenv/program_flags.h"

namespace sluice::servenv {

struct ConfigKey {
    std::string_view key;               // in the file: "discovery.low_replication_lag"
    std::string_view flag;              // without dashes in front
    bool dynamic = false;               // may change while the process runs
    std::string_view environment = {};  // the variable's name; empty: none
};
// Those of a gateway, those of any program that could trace, and those of any program: of the
// configuration itself.
std::vector<ConfigKey> vtgate_config_keys();
std::vector<ConfigKey> common_config_keys();
std::vector<ConfigKey> own_config_keys();

class Config {
 public:
    using Environment = std::function<const char*(const char*)>;  // as std::getenv

    // `flags` (parsed) and `settings` (among their targets) outlive the Config.
    Config(FlagSet* flags, const ConfigFlags* settings, std::vector<ConfigKey> keys,
           Environment environment = default_environment());

    // Environment, then the file; at start. What ends the process, or nothing.
    std::optional<Invalid> load();

    // On one loop, from here on.
    //
    // Until `stop`: looks at the file every `look_interval`, and writes changes back to it.
    async::Task<void> follow(std::chrono::nanoseconds look_interval, async::Stop* stop);
    // Called after a value has changed at run time, on the loop of follow().
    void on_change(std::function<void()> changed) { changed_.push_back(std::move(changed)); }
    // A change at run time, of a dynamic key's flag.
    Result<void> change(std::string_view flag, std::string_view value);
    // The flag's value as text, without quotes.
    std::string value(std::string_view flag) const;
    // Path of the file in use; empty: none.
    const std::string& file() const { return file_; }
    // Every key with its value and where it comes from, one a line; /debug/config.
    std::string dump() const;

    static Environment default_environment();

 private:
    enum class Source : std::uint8_t { standard, file, environment, flag, run_time };
    struct State {
        ConfigKey key;
        std::string standard;  // the default
        Source source = Source::standard;
    };

    const FlagSet::Entry& entry(const State& state) const;
    std::optional<Invalid> find_file();
    std::optional<Invalid> not_found();
    Result<void> take(Result<std::string> contents, bool at_start);
    Result<void> apply(bool at_start);
    Result<void> assign(State& state, std::string_view text, Source source);
    async::Task<void> write_back();

    FlagSet* flags_;
    const ConfigFlags* settings_;
    Environment environment_;
    std::vector<State> states_;
    std::string file_;
    detail::ConfigFormat format_ = detail::ConfigFormat::yaml;
    async::FileVersion version_;
    detail::ConfigValues from_file_;
    detail::ConfigValues unwritten_;  // changed at run time, by key
    std::vector<std::function<void()>> changed_;
};

}  // namespace sluice::servenv
