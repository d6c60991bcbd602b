// The end of a request to a tablet that fails: what the gate is told (vttablet-contract 1.7).
// Before: execute.cc.
#include <optional>
#include <utility>

#include "base/log.h"
#include "tabletserver/detail/query.h"

namespace sluice::tabletserver {
namespace {

// What a gate can do about it depends on the code, and a few numbers have another one here than
// for a gate that asks MySQL itself.
Code tablet_code(const Error& error) {
    switch (error.number) {
        case er::db_create_exists:
        case er::no_such_thread:
        case er::bad_db:
        case er::bad_null:
            return error.number == er::no_such_thread ? Code::not_found : Code::invalid_argument;
        default:
            return error.code;
    }
}

// Without the values, which may be secret.
std::string redacted(std::string_view sql, const Variables& variables) {
    return "Sql: \"" + std::string(sql) + "\", BindVars: {" +
           (variables.empty() ? "" : "[REDACTED]") + "}";
}

// v21's: what is cut ends in "[TRUNCATED]".
void truncate(std::string* text, std::size_t limit) {
    constexpr std::string_view mark = "[TRUNCATED]";
    if (limit == 0 || text->size() <= limit) return;
    if (limit <= mark.size() + 1) {
        *text = mark;
        return;
    }
    text->resize(limit - mark.size() - 1);
    text->append(" ").append(mark);
}

// How loud an error is, by v21: what gates act on, and what users do wrong, is no alarm.
std::optional<log::Severity> severity(Code code) {
    switch (code) {
        case Code::failed_precondition:
        case Code::already_exists:
            return std::nullopt;
        case Code::aborted:
            return log::Severity::warning;
        case Code::invalid_argument:
        case Code::deadline_exceeded:
            return log::Severity::info;
        default:
            return log::Severity::error;
    }
}

// `what`: the error without the statement.
void log_error(Core* core, const Query& query, Code code, std::string what) {
    const auto loudness = severity(code);
    if (!loudness || !core->error_log.allows(async::Clock::now())) return;
    const std::uint64_t left_out = std::exchange(core->error_log.left_out, 0);
    what += ": " + logged_text(*core, query);
    if (left_out != 0) what += " (" + std::to_string(left_out) + " such lines were left out)";
    log::write(*loudness, what, std::source_location::current());
}

}  // namespace

std::string logged_text(const Core& core, const Query& query) {
    std::string sql(query.sql);
    truncate(&sql, core.options->log_text_limit);
    return core.options->sanitize_logs ? redacted(sql, *query.variables)
                                       : query_as_text(sql, *query.variables);
}

Error client_error(Core* core, const Query& query, Error error, bool from_server) {
    const Options& options = *core->options;
    std::string suffix;
    if (query.caller != nullptr) suffix = " (CallerID: " + std::string(query.user()) + ")";
    std::string text;
    Code code = error.code;
    if (from_server) {
        code = tablet_code(error);
        const std::string numbered = "(errno " + std::to_string(error.number) + ") (sqlstate " +
                                     std::string(error.sqlstate()) + ")" + suffix;
        const bool terse = options.terse_errors && code != Code::failed_precondition;
        const std::string what = terse ? numbered : error.text + " " + numbered;
        log_error(core, query, code, what);
        text = what + ": " +
               (terse ? redacted(query.sql, *query.variables)
                      : query_as_text(query.sql, *query.variables));
    } else {
        text = error.text + suffix;
        log_error(core, query, code, text);
    }
    truncate(&text, options.truncate_errors);
    constexpr std::size_t longest = 8 * 1024 - 512;  // what a gRPC status has room for
    truncate(&text, longest);
    return make_error(code, error.number, error.sqlstate(), std::move(text));
}

}  // namespace sluice::tabletserver
