// Comparing two values by the rules of their types.
#include "eval/detail/compare.h"

#include <algorithm>
#include <cmath>

#include "collation/charset.h"
#include "collation/compare.h"
#include "eval/detail/dates.h"
#include "eval/detail/failure.h"
#include "eval/detail/operators.h"
#include "eval/detail/special.h"

namespace sluice::eval {
namespace {

template <class T>
Order order_of(const T& left, const T& right) {
    return left < right ? Order::less : right < left ? Order::greater : Order::equal;
}
Order order_of(std::weak_ordering order) {
    return order < 0 ? Order::less : order > 0 ? Order::greater : Order::equal;
}

Order compare_integers(const Integer& left, const Integer& right) {
    if (left.is_negative() != right.is_negative()) {
        return left.is_negative() ? Order::less : Order::greater;
    }
    return left.is_negative() ? order_of(left.as_signed(), right.as_signed())
                              : order_of(left.bits, right.bits);
}

std::size_t columns_of(const Node& node) {
    return node.type.type == Type::tuple ? node.arguments.size() : 1;
}

[[noreturn]] void raise_columns(std::size_t count) {
    raise(er::operand_columns, "Operand should contain " + std::to_string(count) + " column(s)");
}

void choose_text(Comparator& how, const Node& left, const Node& right,
                 const Environment& environment, std::string_view operation) {
    Node pair[2];
    pair[0].type = left.type;
    pair[1].type = right.type;
    compare_texts_in(how, merged_collation(pair, environment, operation), left, right, environment);
}

Comparator row_comparator(const Node& left, const Node& right, const Environment& environment,
                          std::string_view operation) {
    if (columns_of(left) != columns_of(right) || left.type.type != right.type.type) {
        raise_columns(columns_of(left));
    }
    Comparator how{.mode = Comparator::Mode::row, .left = left.type, .right = right.type};
    for (std::size_t i = 0; i < left.arguments.size(); ++i) {
        how.parts.push_back(
            comparator(left.arguments[i], right.arguments[i], environment, operation, true, true));
    }
    return how;
}

// A YEAR beside a date is before all days of the year.
DateTime start_of_year(const Datum& year) {
    const Integer number = to_integer(year, nowhere());
    return {.date = {.year = static_cast<std::uint16_t>(number.bits)}};
}

// Documents among dates and times are read as texts, and so are dates among times.
bool is_read_as_text(Comparator::Mode mode, const FieldType& type) {
    if (mode == Comparator::Mode::lax_time && has_date(type.type)) return true;
    return mode >= Comparator::Mode::datetime && mode <= Comparator::Mode::lax_time &&
           type.type == Type::json;
}

Side side_of(Comparator::Mode mode, const FieldType& type, const Datum& datum,
             Environment& environment) {
    static const FieldType as_text{.type = Type::varchar, .collation = number_collation()};
    if (is_read_as_text(mode, type))
        return side_of(mode, as_text, to_text(type, datum), environment);
    Side side{.datum = &datum};
    switch (mode) {
        case Comparator::Mode::integer:
        case Comparator::Mode::integer_bits: {
            const Integer integer = to_integer(type, datum, environment);
            side.bits = integer.as_signed();
            side.is_unsigned = integer.is_unsigned;
            break;
        }
        case Comparator::Mode::decimal:
            side.decimal = to_decimal(type, datum, environment);
            break;
        case Comparator::Mode::real:
            side.real = to_real(type, datum, environment);
            break;
        case Comparator::Mode::date:
            side.moment = to_datetime(type, datum, environment, DateUse::written, 6, true);
            break;
        case Comparator::Mode::datetime:
            side.moment = type.type == Type::year
                              ? start_of_year(datum)
                              : to_datetime(type, datum, environment, DateUse::written);
            // A text that is no date is lower than all.
            if (!side.moment && !is_temporal(type.type)) {
                side.moment = DateTime{};
                side.is_no_date = true;
            }
            break;
        case Comparator::Mode::time:
        case Comparator::Mode::lax_time:
            side.time = to_time(type, datum, environment);
            break;
        default:
            break;
    }
    return side;
}

Order order_of_sides(Comparator::Mode mode, const Side& left, const Side& right) {
    switch (mode) {
        case Comparator::Mode::integer:
            return compare_integers({static_cast<std::uint64_t>(left.bits), left.is_unsigned},
                                    {static_cast<std::uint64_t>(right.bits), right.is_unsigned});
        case Comparator::Mode::integer_bits:
            return order_of(left.bits, right.bits);
        case Comparator::Mode::decimal:
            return order_of(std::weak_ordering(left.decimal <=> right.decimal));
        case Comparator::Mode::real:
            return order_of(left.real, right.real);
        case Comparator::Mode::datetime:
            if (!left.moment || !right.moment) return Order::null;
            return order_of(*left.moment, *right.moment);
        case Comparator::Mode::date:
            if (!left.moment || !right.moment) return Order::less;
            return order_of(DateTime{.date = left.moment->date}, *right.moment);
        case Comparator::Mode::lax_time:
            if (left.time && right.time) return order_of(*left.time, *right.time);
            return left.time || right.time ? Order::less : Order::equal;
        default:
            if (!left.time) return Order::less;
            return order_of(*left.time, right.time.value_or(Time{}));
    }
}

// The same of two that are compared directly.
Order order_of_both(const Comparator& how, const Side& left, const Side& right) {
    const bool is_null =
        (left.is_no_date && how.left_is_chosen) || (right.is_no_date && how.right_is_chosen);
    return is_null ? Order::null : order_of_sides(how.mode, left, right);
}

bool converts(Comparator::Mode mode) {
    return mode <= Comparator::Mode::lax_time;
}

std::string_view text_in(const FieldType& type, const Datum& datum, std::string& storage) {
    if (const auto* text = datum.as<std::string>()) return *text;
    if (const auto* member = datum.as<Member>()) return member->text;
    if (const auto* bits = datum.as<Bits>()) return bits->bytes;
    storage = to_text(type, datum);
    return storage;
}

// The text of one side in the character set in which both are compared. 3854 if that lacks it.
std::string_view text_to_compare(const Comparator& how, const FieldType& type,
                                 const collation::Charset* from, const Datum& datum,
                                 std::string& storage) {
    const std::string_view text = text_in(type, datum, storage);
    if (from == nullptr) return text;
    storage = converted_text(*from, *how.collation->charset, text);
    return storage;
}

Order compare_texts(const Comparator& how, const Datum& left, const Datum& right) {
    std::string left_storage;
    std::string right_storage;
    if (how.mode == Comparator::Mode::bytes) {
        return order_of(text_in(how.left, left, left_storage) <=>
                        text_in(how.right, right, right_storage));
    }
    const std::string_view a = text_to_compare(how, how.left, how.left_from, left, left_storage);
    const std::string_view b =
        text_to_compare(how, how.right, how.right_from, right, right_storage);
    return order_of(collation::compare(*how.collation, a, b));
}

Order compare_rows(const Comparator& how, const Datum& left, const Datum& right,
                   Environment& environment) {
    const Tuple& a = *left.as<Tuple>();
    const Tuple& b = *right.as<Tuple>();
    for (std::size_t i = 0; i < how.parts.size(); ++i) {
        if (a[i].is_null() || b[i].is_null()) {
            convert_alone(how.parts[i], a[i], environment);
            return Order::null;
        }
        const Order order = compare(how.parts[i], a[i], b[i], environment);
        if (order != Order::equal) return order;
    }
    return Order::equal;
}

}  // namespace

bool is_known_late(const Node& node) {
    static constexpr std::string_view names[] = {
        "now",      "curdate",       "curtime",        "sysdate",    "utc_date",
        "utc_time", "utc_timestamp", "last_insert_id", "found_rows", "row_count"};
    return std::ranges::find(names, node.name) != std::end(names) ||
           std::ranges::any_of(node.arguments, is_known_late);
}

void insist_on_date(const Node& node, const FieldType& other, const Environment& environment) {
    const bool is_text =
        node.is_constant && !is_temporal(node.type.type) && node.type.type != Type::null_type;
    if (!is_text || is_known_late(node)) return;
    const auto constant = constant_text(node, environment);
    if (!constant) return;
    const std::string text = to_utf8(node.type, *constant);
    if (read_datetime(text, 6, date_rules(environment, DateUse::strict)).value) return;
    raise(1525, std::string("Incorrect ") + (other.type == Type::date ? "DATE" : "DATETIME") +
                    " value: '" + text + "'");
}

void compare_texts_in(Comparator& how, const collation::Operand& merged, const Node& left,
                      const Node& right, const Environment& environment) {
    how.mode = Comparator::Mode::text;
    how.collation = merged.collation;
    require_order(*how.collation);
    const collation::Operand operands[] = {text_operand(left, environment),
                                           text_operand(right, environment)};
    const bool any_weights = are_weights(left) || are_weights(right);
    const bool only_numbers = merged.coercibility == Coercibility::numeric;
    // Texts of numbers are ASCII, whatever their collation.
    if (only_numbers && !any_weights) {
        how.collation = number_collation();
        return;
    }
    if (how.collation->id == collation::binary || (any_weights && only_numbers)) {
        how.mode = Comparator::Mode::bytes;
        return;
    }
    const auto foreign = [&](const Node& node, const collation::Operand& operand) {
        const auto* own = are_weights(node) ? binary_collation() : operand.collation;
        return operand.coercibility != Coercibility::ignorable &&
                       own->charset != merged.collation->charset
                   ? own->charset
                   : nullptr;
    };
    how.left_from = foreign(left, operands[0]);
    how.right_from = foreign(right, operands[1]);
    if (how.left_from != nullptr) require_convertible(left, *how.left_from, *merged.collation);
    if (how.right_from != nullptr) require_convertible(right, *how.right_from, *merged.collation);
}

bool is_text_class(const FieldType& type) {
    return class_of(type) == Class::text || (type.is_bits && type.type != Type::bit);
}

Class comparison_class(const FieldType& left, const FieldType& right) {
    const bool left_text = is_text_class(left);
    const bool right_text = is_text_class(right);
    if (left_text && right_text) return Class::text;
    if (left_text || right_text) return Class::real;
    const Class a = class_of(left);
    const Class b = class_of(right);
    if (a == Class::real || b == Class::real) return Class::real;
    if (a == Class::decimal || b == Class::decimal) return Class::decimal;
    return Class::integer;
}

Comparator comparator_in(Class chosen, const Node& left, const Node& right,
                         const Environment& environment, std::string_view operation) {
    Comparator how{.left = left.type,
                   .right = right.type,
                   .left_is_silent = is_silent(left),
                   .right_is_silent = is_silent(right)};
    switch (chosen) {
        case Class::integer:
            how.mode = Comparator::Mode::integer;
            return how;
        case Class::decimal:
            how.mode = Comparator::Mode::decimal;
            return how;
        case Class::real:
            how.mode = Comparator::Mode::real;
            return how;
        default:
            break;
    }
    choose_text(how, left, right, environment, operation);
    return how;
}

namespace {

// A decimal that differs from row to row, beside a text that does not, makes a decimal of that.
bool is_exact_beside_text(const Node& number, const Node& text) {
    return class_of(number.type) == Class::decimal && !number.is_constant && text.is_constant &&
           is_plain_text(text.type);
}

bool is_chosen_text(const Node& node) {
    return (node.name == "if" || node.name == "case") && is_plain_text(node.type) &&
           !node.is_constant && node.type.nullable;
}

}  // namespace

Comparator comparator(const Node& left, const Node& right, const Environment& environment,
                      std::string_view operation, bool direct, bool in_row) {
    if (left.type.type == Type::tuple || right.type.type == Type::tuple) {
        return row_comparator(left, right, environment, operation);
    }
    Comparator how{.left = left.type, .right = right.type};
    if (left.type.type == Type::null_type || right.type.type == Type::null_type) {
        how.mode = Comparator::Mode::bytes;
        return how;
    }
    if (left.type.type == Type::json || right.type.type == Type::json) {
        how.mode = Comparator::Mode::json;
        return how;
    }
    const bool is_exact =
        direct && (is_exact_beside_text(left, right) || is_exact_beside_text(right, left));
    const bool is_year_beside_date =
        direct && ((left.type.type == Type::year && has_date(right.type.type)) ||
                   (right.type.type == Type::year && has_date(left.type.type)));
    if (is_year_beside_date) {
        how.mode = Comparator::Mode::datetime;
        return how;
    }
    const Class chosen = is_exact ? Class::decimal : comparison_class(left.type, right.type);
    // UTF-16 and its like make texts of dates and times, but not in rows.
    const auto is_wide_text = [&](const Node& each) {
        return !in_row && is_plain_text(each.type) && is_wide(*each.type.collation->charset);
    };
    if (chosen == Class::text && !is_wide_text(left) && !is_wide_text(right)) {
        if (has_date(left.type.type) || has_date(right.type.type)) {
            how.mode = Comparator::Mode::datetime;
            const bool may_be_null = direct && (!in_row || operation != "in");
            how.left_is_chosen = may_be_null && is_chosen_text(left) && !right.is_constant;
            how.right_is_chosen = may_be_null && is_chosen_text(right) && !left.is_constant;
            if (direct) insist_on_date(left, right.type, environment);
            if (direct) insist_on_date(right, left.type, environment);
            return how;
        }
        if (left.type.type == Type::time && right.type.type == Type::time) {
            how.mode = Comparator::Mode::time;
            return how;
        }
    }
    return comparator_in(chosen, left, right, environment, operation);
}

Order compare(const Comparator& how, const Datum& left, const Datum& right,
              Environment& environment) {
    switch (how.mode) {
        case Comparator::Mode::integer:
            return compare_integers(to_integer(how.left, left, environment),
                                    to_integer(how.right, right, environment));
        case Comparator::Mode::integer_bits:
            return order_of(to_integer(how.left, left, environment).bits,
                            to_integer(how.right, right, environment).bits);
        case Comparator::Mode::decimal: {
            const auto order = to_decimal(how.left, left, environment) <=>
                               to_decimal(how.right, right, environment);
            return order_of(std::weak_ordering(order));
        }
        case Comparator::Mode::real:
            return order_of(
                to_real(how.left, left, how.left_is_silent ? nowhere() : environment),
                to_real(how.right, right, how.right_is_silent ? nowhere() : environment));
        case Comparator::Mode::text:
        case Comparator::Mode::bytes:
            return compare_texts(how, left, right);
        case Comparator::Mode::datetime:
        case Comparator::Mode::date:
        case Comparator::Mode::time:
        case Comparator::Mode::lax_time: {
            const Side a = side_of(how.mode, how.left, left, environment);
            return order_of_both(how, a, side_of(how.mode, how.right, right, environment));
        }
        case Comparator::Mode::json: {
            const auto order = sluice::compare(to_json_scalar(how.left, left, environment),
                                               to_json_scalar(how.right, right, environment));
            return order_of(std::weak_ordering(order));
        }
        case Comparator::Mode::row:
            return compare_rows(how, left, right, environment);
    }
    return Order::null;
}

namespace {

Side told_side(Comparator::Mode mode, const FieldType& type, const Datum& datum, bool is_silent,
               Environment& environment) {
    const std::size_t before = environment.warnings.count();
    Side side = side_of(mode, type, datum, environment);
    if (is_silent) environment.warnings.cut(before);
    return side;
}

}  // namespace

const Side& Needle::side(const Comparator& how) {
    auto& kept = sides_[static_cast<std::size_t>(how.mode)];
    if (!kept)
        kept = told_side(how.mode, how.left, compared(how, operand_), how.left_is_silent,
                         environment_);
    return *kept;
}

void Needle::prepare(const Comparator& how) {
    const bool is_whole = how.mode <= Comparator::Mode::integer_bits &&
                          operand_.datum().as<std::int64_t>() != nullptr;
    if (converts(how.mode) && !is_whole) (void)side(how);
}

Order Needle::compare(const Comparator& how, const Datum& right) {
    if (!converts(how.mode)) return eval::compare(how, operand_.datum(), right, environment_);
    const auto* a = operand_.datum().as<std::int64_t>();
    const auto* b = right.as<std::int64_t>();
    if (a != nullptr && b != nullptr && how.mode <= Comparator::Mode::integer_bits)
        return order_of(*a, *b);
    const Side& left = side(how);
    return order_of_both(how, left,
                         told_side(how.mode, how.right, right, how.right_is_silent, environment_));
}

Order Needle::compare_equal(const Comparator& how, const Datum& right) {
    if (right.is_null()) {
        if (how.mode <= Comparator::Mode::real) prepare(how);
        if (how.mode == Comparator::Mode::text) convert_alone(how, operand_.datum(), environment_);
        return Order::null;
    }
    if (!converts(how.mode)) return eval::compare_equal(how, operand_.datum(), right, environment_);
    const Order order = compare(how, right);
    return order == Order::greater ? Order::less : order;
}

Order compare_in_turn(const Comparator& how, const Node& left, const Node& right, Run& run) {
    Operand one(left, run);
    if (one.is_null()) return Order::null;
    const bool at_once = is_stored(right) || !converts(how.mode);
    Side side;
    if (!at_once)
        side =
            told_side(how.mode, how.left, compared(how, one), how.left_is_silent, run.environment);
    Operand other(right, run);
    if (other.is_null()) {
        if (at_once) convert_alone(how, compared(how, one), run.environment);
        return Order::null;
    }
    if (at_once) return compare(how, compared(how, one), compared(how, other), run.environment);
    const Side second =
        told_side(how.mode, how.right, compared(how, other), how.right_is_silent, run.environment);
    return order_of_both(how, side, second);
}

void convert_item(const Comparator& how, const Datum& item, Environment& environment) {
    (void)told_side(how.mode, how.right, item, how.right_is_silent, environment);
}

void convert_alone(const Comparator& how, const Datum& datum, Environment& environment) {
    if (datum.is_null()) return;
    const bool is_number = how.mode <= Comparator::Mode::real;
    if (is_number && !how.left_is_silent) (void)side_of(how.mode, how.left, datum, environment);
    std::string storage;
    if (how.mode == Comparator::Mode::text)
        (void)text_to_compare(how, how.left, how.left_from, datum, storage);
}

Order compare_equal(const Comparator& how, const Datum& left, const Datum& right,
                    Environment& environment) {
    if (left.is_null() || right.is_null()) return Order::null;
    if (how.mode != Comparator::Mode::row) {
        const Order order = compare(how, left, right, environment);
        return order == Order::greater ? Order::less : order;
    }
    const Tuple& a = *left.as<Tuple>();
    const Tuple& b = *right.as<Tuple>();
    bool unknown = false;
    for (std::size_t i = 0; i < how.parts.size(); ++i) {
        const Order part = compare_equal(how.parts[i], a[i], b[i], environment);
        if (part == Order::less) return Order::less;
        unknown |= part == Order::null;
    }
    return unknown ? Order::null : Order::equal;
}

bool null_safe_equal(const Comparator& how, const Datum& left, const Datum& right,
                     Environment& environment) {
    if (left.is_null() || right.is_null()) {
        convert_alone(how, left, environment);
        return left.is_null() && right.is_null();
    }
    if (how.mode != Comparator::Mode::row) {
        return compare(how, left, right, environment) == Order::equal;
    }
    const Tuple& a = *left.as<Tuple>();
    const Tuple& b = *right.as<Tuple>();
    for (std::size_t i = 0; i < how.parts.size(); ++i) {
        if (!null_safe_equal(how.parts[i], a[i], b[i], environment)) return false;
    }
    return true;
}

}  // namespace sluice::eval
