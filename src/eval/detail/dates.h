#pragma once
// What functions of dates share.
#include "eval/detail/registry.h"

namespace sluice::eval {

// Digits behind the seconds that a value of this expression may have as a DATETIME or TIME; of a
// constant text those that are written.
int datetime_precision(const Node& node, const Environment& environment);
int time_precision(const Node& node, const Environment& environment);
// Whether a text is read as a date or moment where a time would do as well.
inline bool is_moment_text(std::string_view text) {
    return text.find('-', 1) != std::string_view::npos ||
           read_time(text, 6, false).kind == TemporalKind::datetime;
}
// Whether NULL of it is 00:00:00 where a time is wanted: MySQL does not ask CAST AS DOUBLE for it.
inline bool hides_null(const Node& node) {
    return node.print == Print::cast && is_float(node.type.type);
}
// Text of at most 29 characters, which holds a date or time.
FieldType moment_text_type(const Environment& environment);
// As such a text: with six digits behind the seconds if they are not zero.
std::string moment_text(const DateTime& moment, bool date_only);

}  // namespace sluice::eval
