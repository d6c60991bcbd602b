// The end of a request to a tablet that fails: what the gate is told (vttablet-contract 1.7).
// Before: execute.cc.
#include <algorithm>

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

}  // namespace

Error client_error(const Core& core, const Query& query, Error error, bool from_server) {
    const Options& options = *core.options;
    std::string suffix;
    if (query.caller != nullptr) suffix = " (CallerID: " + std::string(query.user()) + ")";
    std::string text;
    Code code = error.code;
    if (from_server) {
        code = tablet_code(error);
        const std::string numbered = "(errno " + std::to_string(error.number) + ") (sqlstate " +
                                     std::string(error.sqlstate()) + ")" + suffix + ": ";
        const bool terse = options.terse_errors && code != Code::failed_precondition;
        if (terse) {
            text = numbered + "Sql: \"" + std::string(query.sql) + "\", BindVars: {" +
                   (query.variables->empty() ? "" : "[REDACTED]") + "}";
        } else {
            text = error.text + " " + numbered + query_as_text(query.sql, *query.variables);
        }
    } else {
        text = error.text + suffix;
    }
    constexpr std::size_t longest = 8 * 1024 - 512;
    constexpr std::string_view mark = " [TRUNCATED]";
    std::size_t limit = longest;
    if (options.truncate_errors != 0) limit = std::min(limit, options.truncate_errors);
    if (text.size() > limit)
        text = text.substr(0, limit - std::min(limit, mark.size())) + std::string(mark);
    return make_error(code, error.number, error.sqlstate(), std::move(text));
}

}  // namespace sluice::tabletserver
