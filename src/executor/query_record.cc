// Beside a request: how the query log tells a statement.
#include "executor/query_record.h"

#include <algorithm>
#include <cstdio>
#include <ctime>

#include "sql/normalize.h"

namespace sluice::executor {
namespace {

// v21's 26 columns, in its order: parted by tabs, or members of a JSON object.
class Line {
 public:
    explicit Line(bool json) : json_(json) {
        if (json_) text_ += '{';
    }
    void plain(std::string_view key, std::string_view value) {
        begin(key);
        text_ += json_ ? go_quoted(value) : std::string(value);
    }
    void single_quoted(std::string_view key, std::string_view value) {
        begin(key);
        text_ += json_ ? go_quoted(value) : "'" + std::string(value) + "'";
    }
    void quoted(std::string_view key, std::string_view value) { raw(key, go_quoted(value)); }
    void time(std::string_view key, std::chrono::system_clock::time_point when) {
        raw(key, json_ ? "\"" + log_time(when) + "\"" : log_time(when));
    }
    void seconds(std::string_view key, std::chrono::nanoseconds taken) {
        char digits[64];
        std::snprintf(digits, sizeof digits, "%.6f", static_cast<double>(taken.count()) / 1e9);
        raw(key, digits);
    }
    void number(std::string_view key, std::uint64_t value) { raw(key, std::to_string(value)); }
    void raw(std::string_view key, std::string_view value) {
        begin(key);
        text_ += value;
    }
    std::string end() {
        if (json_) text_ += '}';
        return std::move(text_) + "\n";
    }

 private:
    void begin(std::string_view key) {
        if (json_) {
            text_ += (first_ ? "\"" : ", \"") + std::string(key) + "\": ";
        } else if (!first_) {
            text_ += '\t';
        }
        first_ = false;
    }

    bool json_;
    bool first_ = true;
    std::string text_;
};

std::string variables_json(const QueryRecord& record, bool full) {
    std::vector<const LoggedVariable*> sorted;
    for (const LoggedVariable& each : record.variables) sorted.push_back(&each);
    std::ranges::sort(sorted, {}, &LoggedVariable::name);
    std::string json = "{";
    for (const LoggedVariable* const each : sorted) {
        json += json.size() == 1 ? "" : ", ";
        json += go_quoted(each->name) + ": {\"type\": " + go_quoted(type_name(each->type)) +
                ", \"value\": ";
        if (is_integral(each->type) || is_float(each->type)) {
            json += each->value;
        } else if (each->type == Type::tuple) {
            json += "\"" + std::to_string(each->items) + " items\"";
        } else {
            // Without values v21 says "0 bytes", whatever their length.
            json += full ? go_quoted(each->value) : "\"0 bytes\"";
        }
        json += '}';
    }
    return json + "}";
}

}  // namespace

std::string go_quoted(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        switch (c) {
            case '"':
            case '\\':
                out += '\\';
                out += c;
                break;
            case '\n':
                out += "\\n";
                break;
            case '\r':
                out += "\\r";
                break;
            case '\t':
                out += "\\t";
                break;
            default:
                if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
                    char escape[8];
                    std::snprintf(escape, sizeof escape, "\\u%04x", static_cast<unsigned char>(c));
                    out += escape;
                } else {
                    out += c;
                }
        }
    }
    return out + '"';
}

std::string log_time(std::chrono::system_clock::time_point when) {
    const std::time_t seconds = std::chrono::system_clock::to_time_t(when);
    const auto rest = when - std::chrono::system_clock::from_time_t(seconds);
    const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(rest).count();
    std::tm parts{};
    ::localtime_r(&seconds, &parts);
    char date[32], whole[48];
    std::strftime(date, sizeof date, "%Y-%m-%d %H:%M:%S", &parts);
    std::snprintf(whole, sizeof whole, "%s.%06d", date, static_cast<int>(micros));
    return whole;
}

std::string shown_text(const QueryRecord& record, bool redacted) {
    return redacted ? sql::redact(record.sql) : record.sql;
}

std::string format_record(const QueryRecord& record, const QueryLogFormat& format) {
    Line line(format.json);
    line.plain("Method", record.method);
    line.plain("RemoteAddr", record.peer);
    line.plain("Username", record.user);
    line.single_quoted("ImmediateCaller", record.immediate_caller);
    line.single_quoted("Effective Caller", record.effective_caller);
    line.time("Start", record.start);
    line.time("End",
              record.start + std::chrono::duration_cast<std::chrono::microseconds>(record.total));
    line.seconds("TotalTime", record.total);
    line.seconds("PlanTime", record.planning);
    line.seconds("ExecuteTime", record.execution);
    line.seconds("CommitTime", {});
    line.plain("StmtType", record.statement_type);
    line.quoted("SQL", shown_text(record, format.redacted));
    line.raw("BindVars", format.redacted ? "\"[REDACTED]\"" : variables_json(record, format.full));
    line.number("ShardQueries", record.shard_queries);
    line.number("RowsAffected", record.rows_affected);
    line.quoted("Error", record.error);
    line.quoted("TabletType", record.tablet_type);
    line.quoted("SessionUUID", record.session_uuid);
    line.raw("Cached Plan", record.cached_plan ? "true" : "false");
    std::string tables;
    for (const std::string& table : record.tables)
        tables += (tables.empty() ? "" : ",") + go_quoted(table);
    line.raw("TablesUsed", "[" + tables + "]");
    line.quoted("ActiveKeyspace", record.keyspace);
    line.seconds("MirrorSourceExecuteTime", {});
    line.seconds("MirrorTargetExecuteTime", {});
    line.quoted("MirrorTargetError", "");
    return line.end();
}

bool QueryLogFilter::wants(const QueryRecord& record) const {
    if (!tag.empty()) return record.sql.find(tag) != std::string::npos;
    return row_threshold <= std::max(record.rows_affected, record.rows_returned);
}

}  // namespace sluice::executor
