// IF, IFNULL, NULLIF, COALESCE, GREATEST, LEAST, INTERVAL, FIELD, ELT, ISNULL, MOD, ANY_VALUE.
#include <algorithm>

#include "collation/compare.h"
#include "eval/detail/compare.h"
#include "eval/detail/dates.h"
#include "eval/detail/operators.h"
#include "eval/detail/registry.h"

namespace sluice::eval {
namespace {

// The argument as the node's type holds it.
Datum chosen(const Node& node, std::size_t which, Run& run) {
    Operand operand(node.arguments[which], run);
    return as_type(node.type, node.arguments[which].type, operand.take_for(node.type),
                   run.environment);
}

Datum coalesce(const Node& node, Run& run) {
    for (std::size_t i = 0; i < node.arguments.size(); ++i) {
        Datum value = chosen(node, i, run);
        if (!value.is_null()) return value;
    }
    return {};
}
void give_coalesce(Node& node, const Environment& environment) {
    node.type = united_type(node.arguments, environment, node.name);
    node.is_silent = is_plain_text(node.type);
    node.type.nullable =
        std::ranges::all_of(node.arguments, [](const Node& each) { return each.type.nullable; });
}

const Node& branch_of_if(const Node& node, Run& run) {
    Operand condition(node.arguments[0], run);
    const bool holds = !condition.is_null() && condition.condition();
    return node.arguments[holds ? 1 : 2];
}
Datum if_function(const Node& node, Run& run) {
    const Node& branch = branch_of_if(node, run);
    Operand operand(branch, run);
    return as_type(node.type, branch.type, operand.take_for(node.type), run.environment,
                   Scale::own);
}
Shown show_if(const Node& node, Run& run) {
    return show_chosen(node, branch_of_if(node, run), run);
}
void give_if(Node& node, const Environment& environment) {
    const auto branches = std::span(node.arguments).subspan(1);
    node.type = united_type(branches, environment, "if");
    if (shows_chosen(node.type, branches)) node.shown = show_if;
}

Shown show_nullif(const Node& node, Run& run) {
    const std::size_t before = run.environment.warnings.count();
    Operand left(node.arguments[0], run);
    const bool warns = run.environment.warnings.count() != before;
    if (left.is_null()) {
        if (warns && node.number != 0) Operand again(node.arguments[0], run);
        return {};
    }
    const Comparator& how = comparator_of(node);
    Needle sought(left, run.environment);
    sought.prepare(how);
    Operand right(node.arguments[1], run);
    const bool is_equal = sought.compare_equal(how, compared(how, right)) == Order::equal;
    if (is_equal) return {};
    // The answer is computed once more, which shows in its warnings.
    if (warns && node.number != 0) Operand again(node.arguments[0], run);
    Shown shown{.value = left.valued(), .of = &left.valued_of(), .is_number = left.shows_number()};
    shown.datum = as_type(node.type, left.type(), left.take(), run.environment);
    return shown;
}
Datum nullif(const Node& node, Run& run) {
    return show_nullif(node, run).datum;
}
// Of a number that a column of DATETIME has stored: MySQL reads the moment's digits as its own form
// of them, which is no date but for zero.
Datum nullif_of_moment(const Node& node, Run& run) {
    const Datum chosen = show_nullif(node, run).datum;
    const DateTime* moment = chosen.as<DateTime>();
    if (moment == nullptr || *moment == DateTime{}) return chosen;
    run.environment.warnings.add(er::truncated_wrong_value,
                                 "Incorrect datetime value: '" + text(*moment, 0) + "'");
    return {};
}
bool has_time_of_day(Type type) {
    return type == Type::datetime || type == Type::timestamp;
}
void give_nullif(Node& node, const Environment& environment) {
    store_constant(node.arguments[0], node.arguments[1], environment);
    const bool is_number = class_of(node.arguments[0].type) != Class::text;
    const bool is_stored = store_constant(node.arguments[1], node.arguments[0], environment);
    if (is_number && is_stored && has_time_of_day(node.arguments[0].type.type))
        node.compute = nullif_of_moment;
    const Node& first = node.arguments[0];
    node.type = first.type;
    const FieldType& other = node.arguments[1].type;
    const bool against_text = is_plain_text(other) || other.type == Type::json ||
                              other.type == Type::enum_ || other.type == Type::set ||
                              (other.is_bits && other.type != Type::bit);
    // A constant text is converted for the comparison, and stays so; to bytes only a literal is.
    if (is_plain_text(node.type) && !is_binary(node.type.type) && against_text &&
        first.is_constant) {
        const collation::Operand merged =
            merged_collation(node.arguments, environment, "nullif", Mix::refused);
        const bool bytes = merged.collation->id == collation::binary;
        const bool is_same = first.print != Print::literal &&
                             merged.collation->charset == node.type.collation->charset;
        const Coercibility own = node.type.coercibility;
        if (!is_same && (!bytes || first.print == Print::literal)) {
            convert_texts(node.arguments, merged, environment);
            node.type = text_type(merged, text_length(node.type, *merged.collation), true);
            node.type.coercibility = own;
        }
    }
    // The zeros in front of a column's number are not the value's.
    const bool is_filled =
        node.type.is_zerofill && is_integral(node.type.type) && node.type.type != Type::year;
    if (is_filled) node.type.length = static_cast<std::uint32_t>(text_length(node.type));
    if (is_filled) node.type.is_zerofill = false;
    // A member is its text.
    if (node.type.type == Type::enum_ || node.type.type == Type::set) node.type.type = Type::char_;
    node.prepared =
        prepared(comparator(node.arguments[0], node.arguments[1], environment, "nullif", true));
    node.type.nullable = true;
    node.type.is_boolean = false;
    node.type.is_bits = false;
    if (shows_chosen(node.type, std::span(node.arguments).first(1))) node.shown = show_nullif;
    node.number = is_folded(node.arguments[0]) ? 0 : 1;
}

Datum is_null(const Node& node, Run& run) {
    // What cannot be NULL is not computed.
    if (!node.arguments[0].type.nullable) return std::int64_t{0};
    Operand operand(node.arguments[0], run);
    return std::int64_t{operand.is_null() ? 1 : 0};
}
void give_is_null(Node& node, const Environment&) {
    node.type = boolean_type(false);
}

// ---- GREATEST and LEAST

struct PreparedExtreme : Prepared {
    bool as_text = false;
    // Of texts and dates: all are compared as this; null_type: there is none.
    Type dates = Type::null_type;
    int decimals = 0;
};

// What is no date is later than all dates where dates are compared, and printed as MySQL prints it.
constexpr DateTime beyond_dates{.date = {.year = 16383, .month = 15, .day = 31}};

Datum best_text(const Node& node, Run& run, bool greatest, std::vector<Datum> texts) {
    const Comparator same{.mode = node.type.collation->id == collation::binary
                                      ? Comparator::Mode::bytes
                                      : Comparator::Mode::text,
                          .collation = node.type.collation,
                          .left = node.type,
                          .right = node.type};
    // Of equal ones GREATEST takes the last, LEAST the first.
    std::size_t best = 0;
    for (std::size_t i = 1; i < texts.size(); ++i) {
        const Order order = compare(same, texts[i], texts[best], run.environment);
        if (greatest ? order != Order::less : order == Order::less) best = i;
    }
    return std::move(texts[best]);
}
std::vector<Datum> texts_of(const Node& node, Run& run) {
    std::vector<Datum> texts;
    for (const Node& argument : node.arguments) {
        Operand operand(argument, run);
        texts.emplace_back(std::string(operand.text()));
    }
    return texts;
}

// Of times, texts and numbers, which are compared as texts: where a number is wanted, as numbers.
Shown extreme_number(const Node& node, Run& run, bool greatest) {
    Shown shown{.of = &node};
    std::vector<Datum> texts;
    double best = 0;
    for (const Node& argument : node.arguments) {
        Operand operand(argument, run);
        if (operand.is_null()) return {};
        const double number = to_real(argument.type, operand.valued(), nowhere());
        const bool is_better = greatest ? number > best : number < best;
        if (texts.empty() || is_better) {
            best = number;
            shown.value = operand.valued();
            shown.of = &argument;
        }
        texts.emplace_back(std::string(operand.text()));
    }
    shown.datum = best_text(node, run, greatest, std::move(texts));
    return shown;
}
Shown show_greatest_number(const Node& node, Run& run) {
    return extreme_number(node, run, true);
}
Shown show_least_number(const Node& node, Run& run) {
    return extreme_number(node, run, false);
}

// A decimal beyond all BIGINTs.
bool warns_of_size(const Operand& operand, Run& run) {
    const auto* exact = operand.valued().as<Decimal>();
    if (exact == nullptr || exact->rounded(0).to_int64()) return false;
    warn_truncated(run.environment, "DECIMAL", exact->text());
    return true;
}

// Of texts, numbers and dates. If the best is no date (0), the answer is the best of the texts.
Shown extreme_date(const Node& node, Run& run, bool greatest) {
    const auto& how = static_cast<const PreparedExtreme&>(*node.prepared);
    const bool as_date = how.dates == Type::date;
    std::optional<DateTime> best;
    for (const Node& argument : node.arguments) {
        Operand operand(inside_conversion(argument), run);
        if (operand.is_null()) return {};
        auto moment = as_date ? operand.dated(DateUse::fuzzy) : operand.datetime();
        const bool is_document =
            argument.type.type == Type::json && argument.compute == compute_column;
        const bool is_none = as_date && !is_document && !warns_of_size(operand, run);
        if (!moment) moment = is_none ? beyond_dates : DateTime{};
        if (!best || (greatest ? *moment > *best : *moment < *best)) best = moment;
    }
    Shown shown{
        .value = as_date ? Datum(best->date) : Datum(*best), .of = &node, .is_number = true};
    if (as_date || *best > DateTime{}) {
        shown.datum = as_date ? text(best->date) : text(*best, how.decimals);
        return shown;
    }
    shown.datum = best_text(node, run, greatest, texts_of(node, run));
    return shown;
}

Datum extreme(const Node& node, Run& run, bool greatest) {
    const auto& how = static_cast<const PreparedExtreme&>(*node.prepared);
    if (how.dates != Type::null_type) return extreme_date(node, run, greatest).datum;
    std::vector<Datum> values;
    for (std::size_t i = 0; i < node.arguments.size(); ++i) {
        values.push_back(chosen(node, i, run));
        if (values.back().is_null()) return {};
    }
    Comparator same{.left = node.type, .right = node.type};
    if (how.as_text) {
        same.mode = node.type.collation->id == collation::binary ? Comparator::Mode::bytes
                                                                 : Comparator::Mode::text;
        same.collation = node.type.collation;
    } else {
        switch (class_of(node.type)) {
            case Class::integer:
                same.mode = Comparator::Mode::integer;
                break;
            case Class::decimal:
                same.mode = Comparator::Mode::decimal;
                break;
            case Class::real:
                same.mode = Comparator::Mode::real;
                break;
            default:
                same.mode = node.type.type == Type::time ? Comparator::Mode::time
                                                         : Comparator::Mode::datetime;
        }
    }
    std::size_t best = 0;
    for (std::size_t i = 1; i < values.size(); ++i) {
        const Order order = compare(same, values[i], values[best], run.environment);
        if (greatest ? order != Order::less : order == Order::less) best = i;
    }
    return std::move(values[best]);
}
Datum greatest(const Node& node, Run& run) {
    return extreme(node, run, true);
}
Datum least(const Node& node, Run& run) {
    return extreme(node, run, false);
}
Shown show_greatest(const Node& node, Run& run) {
    return extreme_date(node, run, true);
}
Shown show_least(const Node& node, Run& run) {
    return extreme_date(node, run, false);
}

// The digits behind the seconds that all arguments of a text's type have, if one is a time.
int seconds_decimals(std::span<const Node> nodes, const Environment& environment) {
    int decimals = 0;
    const bool has_day =
        std::ranges::any_of(nodes, [](const Node& node) { return has_date(node.type.type); });
    for (const Node& node : nodes) {
        decimals = std::max(decimals, has_day ? datetime_precision(node, environment)
                                              : time_precision(node, environment));
    }
    return std::min(decimals, 6);
}

void give_extreme(Node& node, const Environment& environment) {
    auto how = std::make_shared<PreparedExtreme>();
    const auto arguments = std::span(node.arguments);
    const int decimals = seconds_decimals(arguments, environment);
    Type dates = Type::null_type;
    std::uint32_t moment_length = 0;
    bool has_json = false;
    for (const Node& argument : arguments) {
        const Type type = argument.type.type;
        has_json |= type == Type::json;
        if (has_date(type) && dates != Type::datetime)
            dates = type == Type::date ? Type::date : Type::datetime;
        if (type == Type::time || (has_date(type) && type != Type::date)) {
            const Type kind = type == Type::time ? Type::time : Type::datetime;
            moment_length = std::max(moment_length, temporal_type(kind, decimals, false).length);
        }
    }
    node.type = united_type(arguments, environment, node.name);
    node.type.nullable = any_nullable(arguments);
    const bool has_time = std::ranges::any_of(
        arguments, [](const Node& each) { return each.type.type == Type::time; });
    // Beside times and moments of less than six digits CHAR is VARCHAR, unless there are dates.
    const bool is_timed = (has_time && dates == Type::null_type) || dates == Type::datetime;
    const bool has_six_digits = std::ranges::any_of(arguments, [](const Node& each) {
        return (is_temporal(each.type.type) && each.type.decimals == 6) ||
               each.shown == show_moment;
    });
    if (is_timed && !has_six_digits) {
        if (node.type.type == Type::char_) node.type.type = Type::varchar;
        if (node.type.type == Type::binary) node.type.type = Type::varbinary;
    }
    if (has_json && node.type.type == Type::json) node.type.type = Type::varchar;
    if (has_json) node.json_use = JsonUse::extreme;
    how->as_text = is_text(node.type.type) || is_binary(node.type.type);
    const bool are_texts = has_json && dates == Type::datetime;
    node.is_silent = how->as_text && (dates == Type::null_type || are_texts);
    // Among moments documents are their texts.
    for (Node& argument : node.arguments) {
        if (how->as_text && are_texts && argument.type.type == Type::json)
            argument = cast(std::move(argument), {.name = "char"}, environment);
    }
    if (how->as_text) {
        const bool is_least = node.name == "least";
        const bool is_short = node.type.type == Type::varchar || node.type.type == Type::varbinary;
        require_order(*node.type.collation);
        if (dates != Type::date) node.type.length = std::max(node.type.length, moment_length);
        how->dates = dates;
        how->decimals = decimals;
        if (dates != Type::null_type && !are_texts && !has_json && is_short)
            node.shown = is_least ? show_least : show_greatest;
        else if (has_time && dates == Type::null_type && is_short)
            node.shown = is_least ? show_least_number : show_greatest_number;
        node.is_silent |= node.shown == nullptr;
    }
    node.prepared = std::move(how);
}

// ---- INTERVAL, FIELD, ELT, STRCMP

Datum interval_index(const Node& node, Run& run) {
    Operand first(node.arguments[0], run);
    if (first.is_null()) return std::int64_t{-1};
    const bool decimals = node.number != 0;
    const double number = decimals ? 0 : first.real();
    const Decimal exact = decimals ? first.decimal() : Decimal();
    std::int64_t place = 0;
    bool found = false;
    // All are computed, for their errors.
    for (std::size_t i = 1; i < node.arguments.size(); ++i) {
        Operand bound(node.arguments[i], run);
        found |= !found && !bound.is_null() &&
                 (decimals ? bound.decimal() > exact : bound.real() > number);
        if (!found) place = static_cast<std::int64_t>(i);
    }
    return place;
}
void give_interval_index(Node& node, const Environment&) {
    node.type = integer_type(false, 2);
    const Class first = class_of(node.arguments[0].type);
    const bool exact = (first == Class::integer || first == Class::decimal) &&
                       std::ranges::all_of(node.arguments, [](const Node& each) {
                           const Class own = class_of(each.type);
                           return own == Class::integer || own == Class::decimal;
                       });
    node.number = exact ? 1 : 0;
}

struct PreparedField : Prepared {
    std::vector<Comparator> comparators;
};

Datum field(const Node& node, Run& run) {
    Operand needle(node.arguments[0], run);
    if (needle.is_null()) return std::int64_t{0};
    Needle sought(needle, run.environment);
    const auto& comparators = static_cast<const PreparedField&>(*node.prepared).comparators;
    for (std::size_t i = 1; i < node.arguments.size(); ++i) {
        const Comparator& how = comparators[i - 1];
        sought.prepare(how);
        Operand item(node.arguments[i], run);
        if (item.is_null()) continue;
        if (sought.compare(how, compared(how, item)) == Order::equal)
            return static_cast<std::int64_t>(i);
    }
    return std::int64_t{0};
}
void give_field(Node& node, const Environment& environment) {
    auto how = std::make_shared<PreparedField>();
    bool text = true;
    bool integers = true;
    bool exact = true;
    for (const Node& argument : node.arguments) {
        const Class own = class_of(argument.type);
        text &= own == Class::text;
        integers &= own == Class::integer;
        exact &= own == Class::integer || own == Class::decimal;
    }
    Comparator same;
    same.mode = text       ? Comparator::Mode::text
                : integers ? Comparator::Mode::integer_bits
                : exact    ? Comparator::Mode::decimal
                           : Comparator::Mode::real;
    node.type = integer_type(false, 11);
    if (text) {
        const collation::Operand united = unite_with_first(node.arguments, environment);
        same.collation = node.type.as_text = united.collation;
        node.type.coercibility = united.coercibility;
        require_order(*same.collation);
        if (same.collation->id == collation::binary) same.mode = Comparator::Mode::bytes;
    }
    same.left = node.arguments[0].type;
    same.left_is_silent = is_silent(node.arguments[0]);
    for (const Node& item : std::span(node.arguments).subspan(1)) {
        same.right = item.type;
        same.right_is_silent = is_silent(item);
        how->comparators.push_back(same);
    }
    node.prepared = std::move(how);
}

const Node* element_at(const Node& node, Run& run) {
    Operand place(node.arguments[0], run);
    if (place.is_null()) return nullptr;
    const std::int64_t index = place.integer().clipped();
    if (index < 1 || index >= static_cast<std::int64_t>(node.arguments.size())) return nullptr;
    return &node.arguments[static_cast<std::size_t>(index)];
}
Datum element(const Node& node, Run& run) {
    const Node* chosen = element_at(node, run);
    if (chosen == nullptr) return {};
    Operand text(*chosen, run);
    if (text.is_null()) return {};
    return std::string(text.text());
}
Shown show_element(const Node& node, Run& run) {
    const Node* chosen = element_at(node, run);
    if (chosen == nullptr) return {};
    Shown shown = show_chosen(node, *chosen, run);
    shown.is_text = true;
    return shown;
}
void give_element(Node& node, const Environment& environment) {
    const auto rest = std::span(node.arguments).subspan(1);
    const collation::Operand collation = unite_texts(rest, environment, "elt");
    std::uint64_t length = 0;
    // All but literals count by their characters, also among bytes.
    for (const Node& each : rest) {
        const bool is_literal = each.compute == compute_literal;
        length = std::max(length, is_literal ? text_length(each.type, *collation.collation)
                                             : text_length(each.type));
    }
    node.type = text_type(collation, length, true);
    if (shows_chosen(node.type, rest)) node.shown = show_element;
}

Datum string_order(const Node& node, Run& run) {
    Operand left(node.arguments[0], run);
    if (left.is_null()) return {};
    Operand right(node.arguments[1], run);
    if (right.is_null()) return {};
    const Order order = compare(comparator_of(node), left.datum(), right.datum(), run.environment);
    return std::int64_t{order == Order::less ? -1 : order == Order::greater ? 1 : 0};
}
void give_string_order(Node& node, const Environment& environment) {
    node.type = integer_type(any_nullable(node.arguments), 2);
    node.type.is_boolean = true;  // in JSON
    store_constants(node.arguments[0], node.arguments[1], environment);
    const Node& left = node.arguments[0];
    const Node& right = node.arguments[1];
    const bool dates = (has_date(left.type.type) && is_plain_text(right.type)) ||
                       (has_date(right.type.type) && is_plain_text(left.type));
    Comparator how = dates ? comparator(left, right, environment, "strcmp", true)
                           : comparator_in(Class::text, left, right, environment, "strcmp");
    // Beside a number a text is compared as if it were latin1.
    if (is_number(left.type.type) != is_number(right.type.type) &&
        how.mode == Comparator::Mode::text) {
        how.collation = number_collation();
        how.left_from = how.right_from = nullptr;
    }
    node.prepared = prepared(std::move(how));
}

void give_remainder(Node& node, const Environment& environment) {
    Node quotient = arithmetic(sql::BinaryOp::modulo, std::move(node.arguments[0]),
                               std::move(node.arguments[1]), environment);
    node = std::move(quotient);
}

Datum same(const Node& node, Run& run) {
    Operand operand(node.arguments[0], run);
    return operand.take();
}
void give_same(Node& node, const Environment&) {
    node.type = node.arguments[0].type;
}

}  // namespace

std::span<const Function> control_functions() {
    static constexpr Function functions[] = {
        {"any_value", 1, 1, give_same, same},
        {"coalesce", 1, -1, give_coalesce, coalesce},
        {"elt", 2, -1, give_element, element},
        {"field", 2, -1, give_field, field},
        {"greatest", 2, -1, give_extreme, greatest},
        {"if", 3, 3, give_if, if_function},
        {"ifnull", 2, 2, give_coalesce, coalesce},
        {"interval", 2, -1, give_interval_index, interval_index},
        {"isnull", 1, 1, give_is_null, is_null},
        {"least", 2, -1, give_extreme, least},
        {"mod", 2, 2, give_remainder, nullptr},
        {"nullif", 2, 2, give_nullif, nullif},
        {"strcmp", 2, 2, give_string_order, string_order},
    };
    return functions;
}

}  // namespace sluice::eval
