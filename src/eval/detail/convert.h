#pragma once
// One value as another type, with the warnings that MySQL gives for what is lost. None is called
// with NULL; optional answers are NULL in SQL.
#include <optional>
#include <string>
#include <string_view>

#include "collation/collation.h"
#include "eval/environment.h"
#include "eval/expression.h"

namespace sluice::eval {

// 64 bits and how they are meant.
struct Integer {
    std::uint64_t bits = 0;
    bool is_unsigned = false;

    std::int64_t as_signed() const { return static_cast<std::int64_t>(bits); }
    bool is_negative() const { return !is_unsigned && as_signed() < 0; }
    // As a count or place: negative ones as they are, too large ones as the largest.
    std::int64_t clipped() const {
        return is_unsigned && as_signed() < 0 ? INT64_MAX : as_signed();
    }
};

// Where warnings go that nobody wants.
Environment& nowhere();

Integer to_integer(const Datum& datum, Environment& environment);
double to_real(const Datum& datum, Environment& environment);
// A computed text is only warned of if there is no digit in it, by 1366; so is a column's, which is
// warned of as a literal, too.
enum class TextOf : std::uint8_t { literal, column, computed };
Decimal to_decimal(const Datum& datum, Environment& environment, TextOf text = TextOf::literal);
// Numbers and times as their text (the type has the digits behind the point), text as it is. A
// double has at most 22 characters as an operand of a text; as a result it has all.
std::string to_text(const FieldType& type, const Datum& datum);
void append_text(std::string& out, const FieldType& type, const Datum& datum);
std::string result_text(const FieldType& type, const Datum& datum);
bool to_truth(const Datum& datum, Environment& environment);
// As the condition of IF and CASE: JSON counts as the number that it is.
bool to_condition(const Datum& datum, Environment& environment);

// UTF-16, UTF-32 and their like, whose units are no bytes.
inline bool is_wide(const collation::Charset& charset) {
    using enum collation::Encoding;
    return charset.encoding >= utf16 && charset.encoding <= ucs2;
}
// Shown with so many decimals: DOUBLE(8,3).
inline bool is_fixed_real(const FieldType& type) {
    return is_float(type.type) && type.decimals < not_fixed;
}

// The same of a value of this type: digits are read of the characters of a text, so of UTF-16 and
// its like as UTF-8.
inline bool has_wide_units(const FieldType& type, const Datum& datum) {
    return datum.as<std::string>() != nullptr && type.collation != nullptr &&
           is_wide(*type.collation->charset);
}
Datum narrow(const FieldType& type, const Datum& datum);
template <class Read>
auto read_narrow(const FieldType& type, const Datum& datum, Read&& read) {
    return has_wide_units(type, datum) ? read(narrow(type, datum)) : read(datum);
}
inline Integer to_integer(const FieldType& type, const Datum& datum, Environment& environment) {
    return read_narrow(type, datum,
                       [&](const Datum& read) { return to_integer(read, environment); });
}
inline double to_real(const FieldType& type, const Datum& datum, Environment& environment) {
    return read_narrow(type, datum, [&](const Datum& read) { return to_real(read, environment); });
}
inline Decimal to_decimal(const FieldType& type, const Datum& datum, Environment& environment,
                          TextOf text = TextOf::literal) {
    return read_narrow(type, datum,
                       [&](const Datum& read) { return to_decimal(read, environment, text); });
}
inline bool to_truth(const FieldType& type, const Datum& datum, Environment& environment) {
    return read_narrow(type, datum, [&](const Datum& read) { return to_truth(read, environment); });
}
inline bool to_condition(const FieldType& type, const Datum& datum, Environment& environment) {
    return read_narrow(type, datum,
                       [&](const Datum& read) { return to_condition(read, environment); });
}

// How dates are read in most functions: zero dates pass, unless sql_mode forbids them.
enum class DateUse : std::uint8_t {
    fuzzy,    // zeros in dates pass
    written,  // the same, but in texts by sql_mode's rules; an offset from UTC is not looked at
    whole,    // they do not
    lax,      // nor do they, but days pass that their month does not have
    strict,   // sql_mode's rules
};
DateRules date_rules(const Environment& environment, DateUse use);

std::optional<DateTime> to_datetime(const FieldType& type, const Datum& datum,
                                    Environment& environment, DateUse use = DateUse::fuzzy,
                                    int precision = 6, bool as_date = false);
std::optional<Date> to_date(const FieldType& type, const Datum& datum, Environment& environment,
                            DateUse use = DateUse::fuzzy);
std::optional<Time> to_time(const FieldType& type, const Datum& datum, Environment& environment,
                            int precision = 6);

// The DATE, DATETIME or TIME that a text is which was made of one.
Datum moment_of(std::string_view text);

// SQL's value as JSON's, as JSON_ARRAY takes it: text is a string, not parsed.
Json to_json_scalar(const FieldType& type, const Datum& datum, Environment& environment);
// As a document, as JSON_EXTRACT takes it: text is parsed; 3141 for what is none, 3146 for what
// cannot be one. `argument` counts from 1.
Json to_document(const FieldType& type, const Datum& datum, int argument,
                 std::string_view function);

// UTF-8 of a text of this type, for JSON and messages.
std::string to_utf8(const FieldType& type, std::string_view text);

// 4095 and 4096: a delimiter in a date or time that is not the usual one, or one too many.
void warn_deprecated(Environment& environment, const std::optional<DelimiterComplaint>& complaint,
                     std::string_view text);
// "Truncated incorrect INTEGER value: 'abc'", 1292.
void warn_truncated(Environment& environment, std::string_view kind, std::string_view text);
// The moment when the statement began, in the session's zone.
DateTime statement_time(const Environment& environment);

}  // namespace sluice::eval
