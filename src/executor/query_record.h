#pragma once
// A finished statement as the query log tells it, in v21's two forms (vtgate-contract 11.1).
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "values/value.h"

namespace sluice::executor {

struct LoggedVariable {
    std::string name;
    Type type = Type::null_type;
    std::string value;
    std::size_t items = 0;  // of a tuple
};

struct QueryRecord {
    std::string_view method;  // "Execute"
    std::string peer;
    std::string user;
    std::string immediate_caller;
    std::string effective_caller;
    std::chrono::system_clock::time_point start;
    std::chrono::nanoseconds total{0};
    std::chrono::nanoseconds planning{0};
    std::chrono::nanoseconds execution{0};
    std::string statement_type;  // "SELECT"
    std::string sql;             // the normal form, if the statement was planned
    std::vector<LoggedVariable> variables;
    std::uint64_t shard_queries = 0;
    std::uint64_t rows_affected = 0;
    std::uint64_t rows_returned = 0;
    std::string error;
    std::string_view tablet_type;  // "PRIMARY"
    std::string session_uuid;
    bool cached_plan = false;
    std::vector<std::string> tables;
    std::string keyspace;

    std::chrono::system_clock::time_point end() const {
        return start + std::chrono::duration_cast<std::chrono::microseconds>(total);
    }
};

struct QueryLogFormat {
    bool json = false;
    bool redacted = false;  // no variables, and none of the text's literals
    bool full = false;      // texts among the variables, not only their lengths
};

// The statement's text, without its literals if it is redacted.
std::string shown_text(const QueryRecord& record, bool redacted);
// One line, its end included.
std::string format_record(const QueryRecord& record, const QueryLogFormat& format);

// Which records are told: those with the tag, or with so many rows (vtgate-contract 1.1).
struct QueryLogFilter {
    std::string tag;
    std::uint64_t row_threshold = 0;

    bool wants(const QueryRecord& record) const;
};

// As Go quotes a string; characters beyond ASCII stay.
std::string go_quoted(std::string_view text);
// "2006-01-02 15:04:05.000000", in local time.
std::string log_time(std::chrono::system_clock::time_point when);

}  // namespace sluice::executor
