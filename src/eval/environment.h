#pragma once
// What an expression is computed in: everything that MySQL would ask its session, its server or the
// clock comes in as a value here, so that the same arguments give the same answer.
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "eval/datum.h"
#include "eval/expression.h"
#include "eval/random_sequence.h"
#include "eval/time_zone.h"

namespace sluice::eval {

// The modes of sql_mode that change what an expression means. The defaults are MySQL's.
struct SqlMode {
    bool strict = true;
    bool no_zero_date = true;
    bool no_zero_in_date = true;
    bool allow_invalid_dates = false;
    bool division_by_zero = true;  // ERROR_FOR_DIVISION_BY_ZERO: a warning tells of it
    bool no_unsigned_subtraction = false;
    bool truncate_fractions = false;  // TIME_TRUNCATE_FRACTIONAL
    bool operator==(const SqlMode&) const = default;
};

// Counts all, keeps the first 1024, as max_error_count does unless it is set.
class Warnings {
 public:
    void add(std::uint16_t number, std::string text, bool is_error = false) {
        ++count_;
        if (kept_.size() < kept_limit) kept_.push_back({is_error, number, std::move(text)});
    }
    std::size_t count() const { return count_; }
    const std::vector<Warning>& kept() const { return kept_; }
    // Forgets what was added after there were `count`.
    void cut(std::size_t count) {
        count_ = count;
        if (kept_.size() > count) kept_.resize(count);
    }
    void clear() {
        count_ = 0;
        kept_.clear();
    }

 private:
    static constexpr std::size_t kept_limit = 1024;
    std::size_t count_ = 0;
    std::vector<Warning> kept_;
};

struct UserVariable {
    FieldType type;
    Datum value;
};

struct Environment {
    SqlMode sql_mode;
    const collation::Collation* connection = nullptr;  // collation_connection; nullptr: utf8mb4's
    std::int64_t now_seconds = 0;                      // of the statement, since 1970 in UTC
    std::uint32_t now_micros = 0;
    TimeZone time_zone;  // of the session; UTC unless set
    // Named zones for CONVERT_TZ; empty or nullptr as answer: unknown, which gives NULL.
    std::function<const TimeZone*(std::string_view name)> find_zone;

    int div_precision_increment = 4;
    std::uint64_t group_concat_max_len = 1024;            // bytes
    std::uint64_t max_allowed_packet = 64 * 1024 * 1024;  // bytes; longer texts are NULL, 1301
    int default_week_format = 0;
    std::uint32_t regexp_time_limit = 32;          // as MySQL counts: steps of ICU's engine
    std::uint32_t regexp_stack_limit = 8'000'000;  // bytes

    std::optional<std::string> database;
    std::string user;          // "name@host"
    std::string current_user;  // "name@host", of the account
    std::string version;
    std::string block_encryption_mode = "aes-128-ecb";
    std::uint64_t connection_id = 0;
    std::uint64_t last_insert_id = 0;
    std::uint64_t found_rows = 0;
    std::int64_t row_count = -1;

    // Chance: fills the bytes that it is given. Empty: UUID, RAND and RANDOM_BYTES are refused.
    std::function<void(char* bytes, std::size_t count)> random;
    // Of each RAND(n) with a constant n; a statement begins with none.
    std::map<const Prepared*, RandomSequence> sequences;
    std::map<std::string, UserVariable, std::less<>> user_variables;  // names in lower case
    Warnings warnings;
};

}  // namespace sluice::eval
