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

bool is_text_class(const FieldType& type) {
    return class_of(type) == Class::text || (type.is_bits && type.type != Type::bit);
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
            comparator(left.arguments[i], right.arguments[i], environment, operation, true));
    }
    return how;
}

Side side_of(Comparator::Mode mode, const FieldType& type, const Datum& datum,
             Environment& environment) {
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
            side.moment = to_datetime(type, datum, environment, DateUse::written);
            // A text that is no date is lower than all.
            if (!side.moment && !is_temporal(type.type)) side.moment = DateTime{};
            break;
        case Comparator::Mode::time:
            side.time = to_time(type, datum, environment);
            break;
        case Comparator::Mode::lax_time:
            side.time = to_time(type, datum, environment).value_or(Time{});
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
        default:
            if (!left.time) return Order::less;
            return order_of(*left.time, right.time.value_or(Time{}));
    }
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

Order compare_texts(const Comparator& how, const Datum& left, const Datum& right) {
    std::string left_storage;
    std::string right_storage;
    std::string_view a = text_in(how.left, left, left_storage);
    std::string_view b = text_in(how.right, right, right_storage);
    if (how.mode == Comparator::Mode::bytes) return order_of(a <=> b);
    if (how.left_from != nullptr) {
        left_storage = converted_text(*how.left_from, *how.collation->charset, a);
        a = left_storage;
    }
    if (how.right_from != nullptr) {
        right_storage = converted_text(*how.right_from, *how.collation->charset, b);
        b = right_storage;
    }
    return order_of(collation::compare(*how.collation, a, b));
}

Order compare_rows(const Comparator& how, const Datum& left, const Datum& right,
                   Environment& environment) {
    const Tuple& a = *left.as<Tuple>();
    const Tuple& b = *right.as<Tuple>();
    for (std::size_t i = 0; i < how.parts.size(); ++i) {
        if (a[i].is_null() || b[i].is_null()) return Order::null;
        const Order order = compare(how.parts[i], a[i], b[i], environment);
        if (order != Order::equal) return order;
    }
    return Order::equal;
}

}  // namespace

void insist_on_date(const Node& node, const FieldType& other, const Environment& environment) {
    const bool is_text =
        node.is_constant && !is_temporal(node.type.type) && node.type.type != Type::null_type;
    if (!is_text) return;
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
    if (how.collation->id == collation::binary) {
        how.mode = Comparator::Mode::bytes;
        return;
    }
    const auto foreign = [&](const collation::Operand& operand) {
        return operand.coercibility != Coercibility::ignorable &&
                       operand.collation->charset != merged.collation->charset
                   ? operand.collation->charset
                   : nullptr;
    };
    how.left_from = foreign(operands[0]);
    how.right_from = foreign(operands[1]);
    if (how.left_from != nullptr) require_convertible(left, *how.left_from, *merged.collation);
    if (how.right_from != nullptr) require_convertible(right, *how.right_from, *merged.collation);
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
    Comparator how{.left = left.type, .right = right.type};
    switch (chosen) {
        case Class::integer:
            how.mode = Comparator::Mode::integer;
            return how;
        case Class::decimal:
            how.mode = Comparator::Mode::decimal;
            return how;
        case Class::real:
            how.mode = Comparator::Mode::real;
            how.left_is_silent = is_silent(left);
            how.right_is_silent = is_silent(right);
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

}  // namespace

Comparator comparator(const Node& left, const Node& right, const Environment& environment,
                      std::string_view operation, bool direct) {
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
    const Class chosen = is_exact ? Class::decimal : comparison_class(left.type, right.type);
    if (chosen == Class::text) {
        if (has_date(left.type.type) || has_date(right.type.type)) {
            how.mode = Comparator::Mode::datetime;
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
            return order_of_sides(how.mode, a, side_of(how.mode, how.right, right, environment));
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

Comparator case_comparator(const Node& operand, const Node& when, const Environment& environment) {
    const bool plain_operand = is_text(operand.type.type) || is_binary(operand.type.type);
    const bool plain_when = is_text(when.type.type) || is_binary(when.type.type);
    const bool as_text = is_temporal(when.type.type) || when.type.type == Type::json;
    if (plain_operand && !operand.type.is_bits && as_text)
        return comparator_in(Class::text, operand, when, environment, "case");
    const auto is_number = [](const Node& each) {
        const Class own = class_of(each.type);
        return own == Class::integer || own == Class::decimal || own == Class::real;
    };
    const bool json_and_number = (operand.type.type == Type::json && is_number(when)) ||
                                 (when.type.type == Type::json && is_number(operand));
    if (json_and_number) return comparator_in(Class::real, operand, when, environment, "case");
    Comparator how = comparator(operand, when, environment, "case");
    if (operand.type.type == Type::time && plain_when && !when.type.is_bits)
        how.mode = Comparator::Mode::time;
    if (how.mode == Comparator::Mode::integer) how.mode = Comparator::Mode::integer_bits;
    return how;
}

namespace {

// An integer among constants that are doubles, texts and dates, of which one is no double.
bool compared_as_integers(const Node& needle, std::span<const Node> list) {
    const auto is_integer = [](const Node& each) {
        return class_of(each.type) == Class::integer && !each.type.is_bits;
    };
    bool any_text = false;
    for (const Node& item : list) {
        const bool is_other = class_of(item.type) == Class::decimal || item.type.type == Type::json;
        if (!item.is_constant || is_integer(item) || is_other) return false;
        any_text |= is_text_class(item.type) && item.type.type != Type::null_type;
    }
    return list.size() > 1 && any_text && needle.is_constant && is_integer(needle);
}

// What is sought among constants of one kind has been sorted in, by its sign, too; else each item
// is compared by itself.
void compare_by_bits(std::span<const Node> list, std::vector<Comparator>& made) {
    const Comparator* first = nullptr;
    bool one_kind = true;
    for (std::size_t i = 0; i < list.size(); ++i) {
        one_kind &= list[i].is_constant;
        if (list[i].type.type == Type::null_type) continue;
        if (first == nullptr) first = &made[i];
        one_kind &= made[i].mode == first->mode;
    }
    if (one_kind || list.size() < 2) return;
    for (Comparator& each : made) {
        if (each.mode == Comparator::Mode::integer) each.mode = Comparator::Mode::integer_bits;
    }
}

// A text that is sought among numbers and dates is warned of as a number only.
void silence_texts_beside_dates(const Node& needle, std::span<const Node> list,
                                std::vector<Comparator>& made) {
    const bool any_number = std::ranges::any_of(
        list, [](const Node& item) { return class_of(item.type) != Class::text; });
    if (!any_number || !is_plain_text(needle.type)) return;
    for (Comparator& each : made) {
        if (each.mode == Comparator::Mode::datetime) each.left_is_silent = true;
    }
}

// Whether there is a document among what is compared: behind the first item that differs from row
// to row none is looked for.
bool finds_json(const Node& needle, std::span<const Node> list) {
    if (needle.type.type == Type::json) return true;
    for (const Node& item : list) {
        if (item.type.type == Type::json) return true;
        if (!item.is_constant) return false;
    }
    return false;
}

// One JSON among the items makes documents of all, but for numbers (no truths) beside columns.
void compare_as_json(const Node& needle, std::span<const Node> list,
                     std::vector<Comparator>& made) {
    bool only_numbers = class_of(needle.type) != Class::text;
    bool all_constant = true;
    for (const Node& item : list) {
        only_numbers &= item.type.type == Type::json || class_of(item.type) != Class::text;
        all_constant &= item.is_constant;
    }
    if (only_numbers && !all_constant && !needle.type.is_boolean) return;
    for (std::size_t i = 0; i < list.size(); ++i) {
        if (list[i].type.type != Type::null_type) made[i].mode = Comparator::Mode::json;
    }
}

}  // namespace

std::vector<Comparator> list_comparators(const Node& needle, std::span<const Node> list,
                                         const Environment& environment) {
    std::vector<Comparator> made;
    const bool as_json = list.size() > 1 && finds_json(needle, list);
    for (const Node& item : list) {
        // A document that is not found counts as a text.
        const bool as_text = item.type.type == Type::json && !as_json && list.size() > 1 &&
                             needle.type.type != Type::null_type;
        const bool is_document = as_json && needle.type.type != Type::tuple &&
                                 item.type.type != Type::null_type &&
                                 comparison_class(needle.type, item.type) == Class::text;
        if (is_document) {
            made.push_back(
                {.mode = Comparator::Mode::json, .left = needle.type, .right = item.type});
            continue;
        }
        made.push_back(as_text ? comparator_in(comparison_class(needle.type, item.type), needle,
                                               item, environment, "in")
                               : comparator(needle, item, environment, "in", list.size() == 1));
    }
    bool all_text = is_text_class(needle.type) && needle.type.type != Type::json;
    bool all_constant = true;
    bool any_date = needle.type.type == Type::date;
    bool any_moment = has_date(needle.type.type) && !any_date;
    bool any_time = needle.type.type == Type::time;
    bool any_json = false;
    for (const Node& item : list) {
        const Type type = item.type.type;
        all_text &= is_text_class(item.type);
        any_json |= type == Type::json;
        all_constant &= item.is_constant;
        any_date |= type == Type::date;
        any_moment |= has_date(type) && type != Type::date;
        any_time |= type == Type::time;
    }
    compare_by_bits(list, made);
    silence_texts_beside_dates(needle, list, made);
    if (compared_as_integers(needle, list)) {
        for (Comparator& each : made) each.mode = Comparator::Mode::integer;
    }
    const bool any_moments = any_date || any_moment || any_time;
    if (as_json) compare_as_json(needle, list, made);
    const bool dated = any_json ? any_date || any_moment : any_moments;
    const bool as_moments = all_text && dated && !as_json;
    if (!as_moments || list.size() < 2) return made;
    const bool only_dates = any_date && !any_moment && !any_time && all_constant && !any_json;
    const Comparator::Mode mode = only_dates               ? Comparator::Mode::date
                                  : any_date || any_moment ? Comparator::Mode::datetime
                                  : all_constant           ? Comparator::Mode::time
                                                           : Comparator::Mode::lax_time;
    for (std::size_t i = 0; i < list.size(); ++i) {
        if (list[i].type.type != Type::null_type) made[i].mode = mode;
    }
    return made;
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

Order Needle::compare(const Comparator& how, const Datum& right) {
    if (!converts(how.mode)) return eval::compare(how, operand_.datum(), right, environment_);
    const auto* a = operand_.datum().as<std::int64_t>();
    const auto* b = right.as<std::int64_t>();
    if (a != nullptr && b != nullptr && how.mode <= Comparator::Mode::integer_bits)
        return order_of(*a, *b);
    const Side& left = side(how);
    return order_of_sides(how.mode, left,
                          told_side(how.mode, how.right, right, how.right_is_silent, environment_));
}

Order Needle::compare_equal(const Comparator& how, const Datum& right) {
    if (!converts(how.mode)) return eval::compare_equal(how, operand_.datum(), right, environment_);
    if (right.is_null()) {
        convert_alone(how, compared(how, operand_), environment_);
        return Order::null;
    }
    const Order order = compare(how, right);
    return order == Order::greater ? Order::less : order;
}

void convert_alone(const Comparator& how, const Datum& datum, Environment& environment) {
    const bool is_number = how.mode <= Comparator::Mode::real;
    if (is_number && !how.left_is_silent && !datum.is_null())
        (void)side_of(how.mode, how.left, datum, environment);
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
