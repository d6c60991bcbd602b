// A constant as the column holds it with which it is compared.
#include <algorithm>
#include <cmath>

#include "eval/detail/compare.h"
#include "eval/detail/dates.h"
#include "eval/detail/operators.h"
#include "eval/detail/special.h"
#include "values/number.h"

namespace sluice::eval {
namespace {

// As which type a constant is stored in a column; empty: it is compared as it is.
std::string_view stored_as(const FieldType& column, const FieldType& constant, Storable which) {
    const bool is_number =
        which == Storable::bound || (class_of(constant) != Class::text && !constant.is_bits);
    switch (column.type) {
        case Type::int64:
            return "signed";
        case Type::uint64:
            return "unsigned";
        case Type::year:
            return "year";
        case Type::time:
            return "time";
        case Type::date:
            return is_number ? "date" : "";
        case Type::datetime:
        case Type::timestamp:
            return is_number ? "datetime" : "";
        default:
            return "";
    }
}

// What a column of YEAR holds of a constant: texts and decimals are rounded, doubles cut. nullopt:
// it takes it not.
std::optional<std::uint64_t> year_in_column(const FieldType& type, const Datum& constant,
                                            Environment& environment) {
    if (const auto* bytes = constant.as<std::string>()) {
        const std::string text = to_utf8(type, *bytes);
        const DoubleReading reading = read_double(text);
        if (reading.used == 0 || reading.value < 0) return std::nullopt;
        const auto year = to_int64(std::round(reading.value)).value;
        const bool has_four = text.size() == 4;
        return year == 0 ? year_of(has_four ? "0000" : "0") : year_of(year);
    }
    const Json* json = constant.as<Json>();
    const bool is_number = json == nullptr || json->get_if<std::int64_t>() != nullptr ||
                           json->get_if<std::uint64_t>() != nullptr ||
                           json->get_if<double>() != nullptr;
    if (!is_number) return std::nullopt;
    const Decimal* exact = constant.as<Decimal>();
    const double number = to_real(constant, environment);
    if (number < 0) return std::nullopt;
    return exact != nullptr ? year_of(exact->rounded(0).to_int64().value_or(-1))
                            : year_of(to_int64(std::trunc(number)).value);
}

// Of computing a constant, and of reading a number of it.
enum class Read : std::uint8_t { value, number };
std::vector<Warning> said_by(const Node& constant, const Environment& environment, Read read) {
    Environment copy = environment;
    copy.warnings.clear();
    Run run{{}, copy};
    Operand operand(constant, run);
    if (read == Read::number && !operand.is_null()) (void)operand.real();
    return copy.warnings.kept();
}

bool is_whole(const Node& constant) {
    return class_of(constant.type) == Class::integer && !constant.type.is_bits;
}

void note(Node& node, std::vector<Warning> warnings) {
    if (!warnings.empty())
        node.notes = std::make_shared<const std::vector<Warning>>(std::move(warnings));
}

// What MySQL says that such an integer may have; doubles hold integers exactly below that.
constexpr std::uint32_t stored_length = 22;
constexpr double exact_doubles = 9007199254740992;

struct Storing {
    std::optional<Node> node;  // nullopt: it is compared as it is
    bool is_cut = false;       // there was more of it
    std::vector<Warning> notes;
};

bool is_moment_with_time(std::string_view text) {
    return read_time(text, 6, false).kind == TemporalKind::datetime;
}

// Computed once, with its warnings elsewhere.
Node value_of(const Node& constant, const Environment& environment) {
    if (constant.compute == compute_literal) return constant;
    Environment copy = environment;
    Run run{{}, copy};
    Operand operand(constant, run);
    Node value = literal_node(constant.type, operand.valued(), printed(constant));
    return value;
}

// The value that a column of DATE or DATETIME holds of a constant: zero for 0, and days pass that
// their month does not have.
std::optional<DateTime> moment_in_column(const Node& column, const Node& constant, Run& run) {
    Operand given(constant, run);
    if (given.is_null()) return std::nullopt;
    if (is_number(constant.type.type)) {
        const double number = given.real();
        if (number >= 0 && number < 1) return DateTime{};
    }
    const int decimals = column.type.type == Type::date ? 0 : column.type.decimals;
    return to_datetime(constant.type, given.moment(), run.environment, DateUse::lax, decimals);
}

Storing stored_date(const Node& column, const Node& constant, const Environment& environment) {
    Environment copy = environment;
    copy.warnings.clear();
    Run run{{}, copy};
    const auto moment = moment_in_column(column, constant, run);
    const auto is_truncation = [](const Warning& warning) {
        return warning.number == er::truncated_wrong_value;
    };
    Storing made;
    if (!moment || std::ranges::any_of(copy.warnings.kept(), is_truncation)) return made;
    const bool as_date = column.type.type == Type::date;
    FieldType type = temporal_type(as_date ? Type::date : Type::datetime,
                                   as_date ? 0 : column.type.decimals, true);
    type.is_unsigned = !as_date;
    if (column.type.type == Type::timestamp) type.type = Type::timestamp;
    if (!as_date && type.decimals == 0) type.length = stored_length;
    // The time of day of a number counts, though a DATE does not keep it.
    made.is_cut = as_date && *moment != DateTime{.date = moment->date};
    made.node =
        literal_node(type, as_date ? Datum(moment->date) : Datum(*moment), printed(constant));
    return made;
}

Storing stored_time(const Node& column, const Node& constant, const Environment& environment) {
    Environment copy = environment;
    copy.warnings.clear();
    Run run{{}, copy};
    Storing made;
    sql::CastType target{.name = "time"};
    if (column.type.decimals > 0) target.length = column.type.decimals;
    const Node converted = cast(constant, target, environment);
    Operand held(converted, run);
    for (const Warning& warning : copy.warnings.kept()) {
        made.is_cut |= warning.number == er::truncated_wrong_value;
        if (warning.number == 4095 || warning.number == 4096 || warning.number == 3156)
            made.notes.push_back(warning);
    }
    const auto literal = [&](Datum datum) {
        made.node = literal_node(converted.type, std::move(datum), printed(constant));
    };
    Operand given(constant, run);
    // A document that is no time becomes the zero one.
    const bool is_document = constant.type.type == Type::json && !given.is_null();
    if (held.is_null() && is_document) literal(Time{});
    if (held.is_null()) return made;
    // What a TIME takes only in part is not stored in it, but for the date of a moment.
    const auto* large = given.datum().as<std::uint64_t>();
    const bool is_beyond = large != nullptr && *large > INT64_MAX;
    const auto* text = given.datum().as<std::string>();
    const bool is_moment = text != nullptr && is_moment_with_time(to_utf8(constant.type, *text));
    if (is_beyond || (made.is_cut && !is_moment)) return made;
    made.is_cut |= is_moment;
    literal(held.datum());
    return made;
}

// In a BIGINT: what is not equal to what it holds then is compared as it is.
Storing stored_integer(const Node& constant, std::string_view name,
                       const Environment& environment) {
    Environment copy = environment;
    Run run{{}, copy};
    Operand given(constant, run);
    Storing made;
    if (given.is_null()) return made;
    if (is_whole(constant)) {
        const bool is_negative = given.integer().is_negative();
        FieldType type = constant.type;
        Datum datum = given.datum();
        if (name == "unsigned" && !is_negative) {
            type = integer_type(type.nullable, 0, true);
            datum = given.integer().bits;
        } else if (name == "signed" && given.integer().as_signed() >= 0) {
            type = integer_type(type.nullable);
            datum = given.integer().as_signed();
        }
        type.length = is_negative ? integer_length : stored_length;
        made.node = literal_node(type, std::move(datum), printed(constant));
        return made;
    }
    made.notes = said_by(constant, environment, Read::number);
    // A document is read twice.
    if (constant.type.type == Type::json) {
        const std::vector<Warning> once = made.notes;
        made.notes.insert(made.notes.end(), once.begin(), once.end());
    }
    const Node converted = cast(constant, {.name = std::string(name)}, environment);
    Operand held(converted, run);
    if (held.is_null()) return made;
    const double number = given.real();
    std::optional<Datum> integer;
    if (held.real() == number) {
        integer = held.datum();
    } else if (is_plain_text(constant.type) && std::trunc(number) == number &&
               std::abs(number) < exact_doubles && (number >= 0 || name == "signed")) {
        // A text with an exponent.
        const auto whole = static_cast<std::int64_t>(number);
        integer = name == "signed" ? Datum(whole) : Datum(static_cast<std::uint64_t>(whole));
    }
    if (!integer) return made;
    FieldType type = converted.type;
    type.length = number < 0 ? integer_length : stored_length;
    made.node = literal_node(type, std::move(*integer), printed(constant));
    return made;
}

// `value` is the constant's, computed.
Storing stored(const Node& column, const Node& constant, const Node& value, std::string_view name,
               const Environment& environment) {
    const bool of_integers = name == "signed" || name == "unsigned";
    if (of_integers) return stored_integer(constant, name, environment);
    if (name == "date" || name == "datetime") return stored_date(column, value, environment);
    if (name == "time") return stored_time(column, value, environment);
    if (is_temporal(constant.type.type))
        return {.node = value_of(cast(constant, {.name = "year"}, environment), environment)};
    Environment copy = environment;
    Run run{{}, copy};
    Operand given(constant, run);
    if (given.is_null()) return {};
    const auto year = year_in_column(constant.type, given.datum(), copy);
    if (!year) return {};
    FieldType type = column.type;
    type.length = stored_length;
    return {.node = literal_node(type, *year, printed(constant))};
}

std::string kind_of(Type type) {
    return type == Type::date ? "date" : type == Type::time ? "time" : "datetime";
}

// What MySQL warns of when it stores a constant to compare it: it looks whether it is NULL, and
// computes it again to store it.
std::vector<Warning> notes_of(const Node& column, const Node& constant, const Storing& made,
                              const Environment& environment) {
    Environment copy = environment;
    Run run{{}, copy};
    Operand value(constant, run);
    std::vector<Warning> notes = said_by(constant, environment, Read::value);
    if (value.is_null()) return notes;
    if (!is_folded(constant)) {
        const std::vector<Warning> again = notes;
        notes.insert(notes.end(), again.begin(), again.end());
    }
    notes.insert(notes.end(), made.notes.begin(), made.notes.end());
    const Type type = column.type.type;
    const double number = is_number(constant.type.type) ? value.real()
                          : value.text().empty()        ? 0
                                                        : 1;
    const bool is_zero = number >= 0 && number < 1;
    const bool is_kept = made.node && !made.is_cut;
    if (is_temporal(type) && type != Type::year && !is_kept && !is_zero) {
        notes.push_back({false, er::truncated_wrong_value,
                         "Incorrect " + kind_of(type) + " value: '" + std::string(value.text()) +
                             "' for column '" + column.name.substr(1, column.name.size() - 2) +
                             "' at row 1"});
    }
    return notes;
}

// A constant as the number that is compared; nullopt for NULL.
std::optional<Node> number_of(const Node& item, Comparator::Mode mode, Run& run) {
    Operand operand(item, run);
    if (operand.is_null()) return std::nullopt;
    if (mode == Comparator::Mode::decimal)
        return literal_node(decimal_type(Decimal::max_digits, Decimal::max_scale, false),
                            operand.decimal(), printed(item));
    if (mode == Comparator::Mode::real)
        return literal_node(real_type(false), operand.real(), printed(item));
    const Integer number = operand.integer();
    return literal_node(integer_type(false, integer_length, number.is_unsigned),
                        number.is_unsigned ? Datum(number.bits) : Datum(number.as_signed()),
                        printed(item));
}

}  // namespace

bool is_folded(const Node& node) {
    return node.is_constant && node.type.is_boolean && node.name != "in" && node.name != "not in" &&
           node.name != "between";
}

bool store_constant(const Node& column, Node& constant, const Environment& environment,
                    Storable which) {
    const Type type = constant.type.type;
    const bool is_literal = constant.compute == compute_literal;
    const bool is_plain_kind = is_literal || (!is_whole(constant) && type != Type::time);
    const bool is_same = type == column.type.type && is_plain_kind;
    const bool fits =
        constant.is_constant && type != Type::null_type && type != Type::tuple && !is_same;
    if (column.compute != compute_column || !fits || is_known_late(constant)) return false;
    const std::string_view name = stored_as(column.type, constant.type, which);
    const bool of_integers = name == "signed" || name == "unsigned";
    const auto* number = constant.constant.as<std::int64_t>();
    const bool is_plain = is_literal && (number == nullptr || *number >= 0);
    if (name.empty() || (of_integers && is_whole(constant) && is_plain)) return false;
    // Its own error stands.
    const Node value = value_of(constant, environment);
    bool is_stored = false;
    auto made = caught([&] {
        Storing storing = stored(column, constant, value, name, environment);
        is_stored = storing.node.has_value();
        auto notes = notes_of(column, constant, storing, environment);
        if (!storing.node) storing.node = constant;
        note(*storing.node, std::move(notes));
        return std::move(*storing.node);
    });
    if (!made) return false;
    constant = std::move(*made);
    return is_stored;
}

namespace {

void read_date(const Node& date, Node& text, const Environment& environment) {
    const bool is_text = text.is_constant && is_plain_text(text.type) && !is_known_late(text);
    if (!is_text || !has_date(date.type.type)) return;
    Environment copy = environment;
    copy.warnings.clear();
    Run run{{}, copy};
    Operand operand(text, run);
    if (operand.is_null()) return;
    const auto moment = to_datetime(text.type, operand.datum(), copy, DateUse::written);
    if (!moment) return;
    text =
        literal_node(temporal_type(Type::datetime, 6, text.type.nullable), *moment, printed(text));
    note(text, copy.warnings.kept());
}

}  // namespace

void read_dates(Node& left, Node& right, const Environment& environment) {
    read_date(left, right, environment);
    read_date(right, left, environment);
}

void note_of_computing(Node& constant, const Environment& environment) {
    if (constant.compute == compute_literal) return;
    // A truth waits for the rows, but its pattern is compiled now.
    const bool waits = is_folded(constant);
    if (waits && constant.name != "regexp_like") return;
    auto warnings = said_by(constant, environment, Read::value);
    if (!waits) note(constant, std::move(warnings));
}

namespace {

void read_numbers(std::vector<Node>& list, std::vector<Comparator>& comparators,
                  const Environment& environment) {
    const Comparator::Mode mode = comparators[0].mode;
    if (mode > Comparator::Mode::real) return;
    for (std::size_t i = 0; i < list.size(); ++i) {
        if (list[i].type.type == Type::null_type || comparators[i].mode != mode) return;
    }
    Environment copy = environment;
    Run run{{}, copy};
    for (std::size_t i = 0; i < list.size(); ++i) {
        if (list[i].compute == compute_literal && is_number(list[i].type.type)) continue;
        copy.warnings.clear();
        auto number = number_of(list[i], mode, run);
        if (!number || copy.warnings.count() == 0) continue;
        list[i] = std::move(*number);
        note(list[i], copy.warnings.kept());
        comparators[i].right = list[i].type;
    }
}

// As a date, moment or time, with its warnings. false: it is NULL.
bool read_moment(const Node& item, Type as, Run& run) {
    Operand operand(item, run);
    if (operand.is_null()) return false;
    if (as == Type::time) {
        (void)operand.time();
    } else if (as == Type::date) {
        (void)operand.dated(DateUse::written);
    } else {
        (void)operand.datetime(DateUse::written);
    }
    return true;
}

// Among dates and times all are read as such, numbers only where there is nothing else.
void read_moments(Type as, std::vector<Node>& list, std::vector<Comparator>& comparators,
                  const Environment& environment) {
    Environment copy = environment;
    Run run{{}, copy};
    for (std::size_t i = 0; i < list.size(); ++i) {
        if (list[i].type.type == Type::null_type) continue;
        copy.warnings.clear();
        if (!read_moment(list[i], as, run)) continue;
        note(list[i], copy.warnings.kept());
        comparators[i].right_is_silent = true;
    }
}

// Texts are computed once. 3854 if one is none in the character set in which it is compared.
void compute_all(std::vector<Node>& list, const std::vector<Comparator>& comparators,
                 const Environment& environment) {
    for (std::size_t i = 0; i < list.size(); ++i) {
        Node& item = list[i];
        if (item.compute != compute_literal) {
            auto warnings = said_by(item, environment, Read::value);
            item = value_of(item, environment);
            note(item, std::move(warnings));
        }
        const collation::Charset* from = comparators[i].right_from;
        const auto text = from != nullptr ? constant_text(item, environment) : std::nullopt;
        if (text) (void)converted_text(*from, *comparators[i].collation->charset, *text);
    }
}

// As what constants are compared; nullopt if they are not compared as one kind.
std::optional<Comparator::Mode> mode_of_all(const std::vector<Node>& list,
                                            const std::vector<Comparator>& comparators) {
    std::optional<Comparator::Mode> mode;
    for (std::size_t i = 0; i < list.size(); ++i) {
        if (!list[i].is_constant || is_known_late(list[i])) return std::nullopt;
        if (list[i].type.type == Type::null_type) continue;
        if (mode && *mode != comparators[i].mode) return std::nullopt;
        mode = comparators[i].mode;
    }
    return mode;
}

}  // namespace

bool read_constants(const FieldType& needle, std::vector<Node>& list,
                    std::vector<Comparator>& comparators, const Environment& environment) {
    const auto mode = mode_of_all(list, comparators);
    if (!mode || list.size() < 2) return false;
    if (*mode == Comparator::Mode::date) {
        read_moments(Type::date, list, comparators, environment);
    } else if (*mode == Comparator::Mode::datetime) {
        read_moments(Type::datetime, list, comparators, environment);
    } else if (*mode == Comparator::Mode::time) {
        read_moments(Type::time, list, comparators, environment);
    } else if (*mode > Comparator::Mode::real) {
        compute_all(list, comparators, environment);
    } else if (is_temporal(needle.type) && needle.type != Type::year) {
        read_moments(needle.type, list, comparators, environment);
    } else {
        read_numbers(list, comparators, environment);
    }
    return true;
}

}  // namespace sluice::eval
