// Start of a process, after the command line: environment and configuration file. After:
// apps/*/main.cc.
#include "servenv/config.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "async/cross.h"
#include "async/deadline.h"
#include "base/assert.h"
#include "base/log.h"

namespace sluice::servenv {
namespace {

constexpr std::size_t largest_file = 1 << 20;
// What files may be called; formats that are not read are refused by name instead of overlooked.
constexpr std::string_view extensions[] = {"json",       "toml",   "yaml", "yml",
                                           "properties", "props",  "prop", "hcl",
                                           "tfvars",     "dotenv", "env",  "ini"};

std::string without_quotes(std::string text) {
    const bool quoted = text.size() > 1 && text.front() == '"';
    const bool listed = text.size() > 1 && text.front() == '[';
    if (quoted || listed) text = text.substr(1, text.size() - 2);
    for (std::size_t at = 0; quoted && (at = text.find('\\', at)) != text.npos; ++at)
        text.erase(at, 1);
    return text;
}

bool is_number(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

// $PATH's way to name several folders.
std::vector<std::string> folders_of(const std::vector<std::string>& paths) {
    std::vector<std::string> folders;
    for (const std::string& path : paths) {
        for (std::size_t at = 0; !path.empty() && at <= path.size();) {
            const std::size_t colon = std::min(path.find(':', at), path.size());
            folders.push_back(path.substr(at, colon - at));
            at = colon + 1;
        }
    }
    return folders;
}

// In place of the file, so that no reader sees half of it; a symlink stays one.
Result<void> replace_file(const std::string& path, std::string_view text) {
    std::error_code error;
    const std::filesystem::path target = std::filesystem::canonical(path, error);
    const std::filesystem::path fresh = target.string() + ".new";
    if (!error) {
        std::ofstream out(fresh, std::ios::binary | std::ios::trunc);
        out << text;
        out.close();
        if (out) {
            std::filesystem::rename(fresh, target, error);
            if (!error) return {};
        } else {
            error = std::make_error_code(std::errc::permission_denied);
        }
    }
    std::error_code unused;
    std::filesystem::remove(fresh, unused);
    return fail(Code::unavailable, "cannot write " + path + ": " + error.message());
}

}  // namespace

std::vector<ConfigKey> vtgate_config_keys() {
    std::vector<ConfigKey> keys{
        {"discovery.low_replication_lag", "discovery_low_replication_lag", true},
        {"discovery.high_replication_lag", "discovery_high_replication_lag_minimum_serving", true},
        {"discovery.min_number_serving_vttablets", "min_number_serving_vttablets", true},
        {"discovery.legacy_replication_lag_algorithm", "legacy_replication_lag_algorithm"},
    };
    for (const ConfigKey& key : common_config_keys()) keys.push_back(key);
    return keys;
}

std::vector<ConfigKey> common_config_keys() {
    std::vector<ConfigKey> keys{
        {"trace.service", "tracer"},
        {"trace.enable-logging", "tracing-enable-logging"},
        {"trace.jaeger.agent-host", "jaeger-agent-host"},
        {"trace.jaeger.sampling_type", "tracing-sampling-type", false, "JAEGER_SAMPLER_TYPE"},
        {"trace.jaeger.sampling_rate", "tracing-sampling-rate", false, "JAEGER_SAMPLER_PARAM"},
        {"trace.datadog.agent.host", "datadog-agent-host"},
        {"trace.datadog.agent.port", "datadog-agent-port"},
    };
    for (const ConfigKey& key : own_config_keys()) keys.push_back(key);
    return keys;
}

std::vector<ConfigKey> own_config_keys() {
    return {
        {"config.file", "config-file", false, "VT_CONFIG_FILE"},
        {"config.name", "config-name", false, "VT_CONFIG_NAME"},
        {"config.type", "config-type", false, "VT_CONFIG_TYPE"},
        {"config.paths", "config-path", false, "VT_CONFIG_PATH"},
        {"config.persistence.min_interval", "config-persistence-min-interval", false,
         "VT_CONFIG_PERSISTENCE_MIN_INTERVAL"},
        {"config.notfound.handling", "config-file-not-found-handling"},
    };
}

Config::Environment Config::default_environment() {
    return [](const char* name) -> const char* { return std::getenv(name); };
}

Config::Config(FlagSet* flags, const ConfigFlags* settings, std::vector<ConfigKey> keys,
               Environment environment)
    : flags_(flags), settings_(settings), environment_(std::move(environment)) {
    for (const ConfigKey& key : keys) {
        State state{.key = key, .standard = {}};
        state.standard = without_quotes(entry(state).default_text);
        if (entry(state).set) state.source = Source::flag;
        states_.push_back(std::move(state));
    }
}

const FlagSet::Entry& Config::entry(const State& state) const {
    const FlagSet::Entry* found = flags_->find_entry(state.key.flag);
    VT_ASSERT(found != nullptr);
    return *found;
}

std::string Config::value(std::string_view flag) const {
    const FlagSet::Entry* found = flags_->find_entry(flag);
    VT_ASSERT(found != nullptr);
    return without_quotes(flag_text(found->target));
}

Result<void> Config::assign(State& state, std::string_view text, Source source) {
    // A bare number is a duration in nanoseconds.
    std::string value(text);
    if (std::holds_alternative<Duration*>(entry(state).target) && is_number(value)) value += "ns";
    TRY(flags_->assign(state.key.flag, value));
    state.source = source;
    return {};
}

std::optional<Invalid> Config::not_found() {
    std::string folders;
    for (const std::string& folder : folders_of(settings_->paths)) {
        folders += (folders.empty() ? "" : " ") + folder;
    }
    const std::string text = "Failed to read in config: Config File \"" + settings_->name +
                             "\" Not Found in \"[" + folders + "]\"";
    if (settings_->not_found_handling == "error") return Invalid{1, text};
    if (settings_->not_found_handling == "exit") return Invalid{2, text};
    if (settings_->not_found_handling == "warn") log::warning(text + "; none is needed");
    return std::nullopt;
}

// The first of NAME.EXTENSION in the folders, or NAME itself if its type is given.
std::optional<Invalid> Config::find_file() {
    file_ = settings_->file;
    if (file_.empty() && settings_->name.empty()) return std::nullopt;
    std::error_code error;
    for (const std::string& folder : folders_of(settings_->paths)) {
        const std::string base = folder + "/" + settings_->name;
        for (const std::string_view extension : extensions) {
            const std::string path = base + "." + std::string(extension);
            if (file_.empty() && std::filesystem::is_regular_file(path, error)) file_ = path;
        }
        const bool typed =
            !settings_->type.empty() && std::filesystem::is_regular_file(base, error);
        if (file_.empty() && typed) file_ = base;
    }
    if (file_.empty()) return not_found();
    std::string type = settings_->type;
    if (type.empty() || !settings_->file.empty()) {
        type = std::filesystem::path(file_).extension().string();
        type.erase(0, 1);
        if (type.empty()) type = settings_->type;
    }
    const auto format = detail::config_format(type);
    if (!format) return Invalid{1, file_ + ": " + format.error().text};
    format_ = *format;
    return std::nullopt;
}

std::optional<Invalid> Config::load() {
    for (State& state : states_) {
        if (state.source == Source::flag || state.key.environment.empty()) continue;
        const char* text = environment_(std::string(state.key.environment).c_str());
        if (text == nullptr || *text == '\0') continue;
        if (const auto assigned = assign(state, text, Source::environment); !assigned) {
            return Invalid{1, std::string(state.key.environment) + ": " + assigned.error().text};
        }
    }
    if (auto invalid = find_file()) return invalid;
    if (file_.empty()) return std::nullopt;
    version_ = async::file_version(file_);
    if (const auto taken = take(async::read_file(file_, largest_file), true); !taken) {
        return Invalid{1, taken.error().text};
    }
    log::info("configuration is read from " + file_);
    return std::nullopt;
}

Result<void> Config::take(Result<std::string> contents, bool at_start) {
    const std::string text = TRY(std::move(contents));
    auto values = detail::parse_config(format_, text);
    if (!values) return fail(Code::invalid_argument, file_ + ": " + values.error().text);
    from_file_ = std::move(*values);
    return apply(at_start);
}

// What the file says, where nothing stronger speaks. A key that is gone has its default again.
Result<void> Config::apply(bool at_start) {
    for (State& state : states_) {
        if (state.source > Source::file || (!at_start && !state.key.dynamic)) continue;
        const auto found = from_file_.find(state.key.key);
        if (found == from_file_.end() && state.source == Source::standard) continue;
        const bool named = found != from_file_.end();
        const auto assigned = assign(state, named ? found->second : state.standard,
                                     named ? Source::file : Source::standard);
        if (!assigned) {
            return fail(Code::invalid_argument,
                        file_ + ": " + std::string(state.key.key) + ": " + assigned.error().text);
        }
    }
    return {};
}

Result<void> Config::change(std::string_view flag, std::string_view value) {
    const auto found =
        std::ranges::find(states_, flag, [](const State& state) { return state.key.flag; });
    if (found == states_.end() || !found->key.dynamic) {
        return fail(Code::invalid_argument, std::string(flag) + " cannot be changed");
    }
    TRY(assign(*found, value, Source::run_time));
    unwritten_[std::string(found->key.key)] = this->value(flag);
    for (const auto& changed : changed_) changed();
    return {};
}

async::Task<void> Config::write_back() {
    const Result<void> written = co_await async::blocking(
        [path = file_, format = format_, values = std::exchange(unwritten_, {})]() -> Result<void> {
            const std::string text = TRY(async::read_file(path, largest_file));
            return replace_file(path, TRY(detail::replace_values(format, text, values)));
        });
    if (!written) log::warning("changed values are not kept: " + written.error().text);
}

async::Task<void> Config::follow(std::chrono::nanoseconds look_interval, async::Stop* stop) {
    if (file_.empty()) co_return;
    auto written = async::Clock::now() - settings_->persistence_min_interval;
    while (co_await async::pause(look_interval, stop)) {
        const bool may_write = async::Clock::now() - written >= settings_->persistence_min_interval;
        if (!unwritten_.empty() && may_write) {
            co_await write_back();
            written = async::Clock::now();
        }
        const async::FileVersion now =
            co_await async::blocking([path = file_] { return async::file_version(path); });
        if (now == version_ || now == async::FileVersion{}) continue;
        version_ = now;
        auto contents = co_await async::blocking(
            [path = file_] { return async::read_file(path, largest_file); });
        if (const Result<void> taken = take(std::move(contents), false); !taken) {
            log::error("the old configuration stays: " + taken.error().text);
            continue;
        }
        log::info("configuration is read again from " + file_);
        for (const auto& changed : changed_) changed();
    }
    if (!unwritten_.empty()) co_await write_back();
}

std::string Config::dump() const {
    constexpr std::string_view sources[] = {"default", "file", "environment", "flag", "run time"};
    std::string text = "file: " + (file_.empty() ? std::string("none") : file_) + "\n";
    for (const State& state : states_) {
        text += std::string(state.key.key) + " = " + value(state.key.flag) + "  # --" +
                std::string(state.key.flag) + ", from " +
                std::string(sources[static_cast<std::size_t>(state.source)]) +
                (state.key.dynamic ? ", dynamic" : "") + "\n";
    }
    return text;
}

}  // namespace sluice::servenv
