// How IN compares what is sought with each item of a list, and CASE its operand with each WHEN.
#include <algorithm>

#include "eval/detail/compare.h"

namespace sluice::eval {
namespace {

bool is_null_word(const Node& node) {
    return node.type.type == Type::null_type;
}
bool is_integer(const Node& node) {
    return class_of(node.type) == Class::integer && !node.type.is_bits;
}

// The classes in which what is sought is compared with the items that are no NULL.
struct Classes {
    bool text = false;
    int count = 0;
};
Classes classes_of(const Node& needle, std::span<const Node> list) {
    bool seen[6] = {};
    for (const Node& item : list) {
        if (!is_null_word(item))
            seen[static_cast<std::size_t>(comparison_class(needle.type, item.type))] = true;
    }
    return {.text = seen[static_cast<std::size_t>(Class::text)],
            .count = static_cast<int>(std::ranges::count(seen, true))};
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

// One document among the items makes documents of all.
std::vector<Comparator> document_comparators(const Node& needle, std::span<const Node> list) {
    std::vector<Comparator> made;
    for (const Node& item : list) {
        made.push_back(
            {.mode = is_null_word(item) ? Comparator::Mode::bytes : Comparator::Mode::json,
             .left = needle.type,
             .right = item.type});
    }
    return made;
}

// An integer that is no column, among constants that are doubles, texts and dates.
bool compared_as_integers(const Node& needle, std::span<const Node> list) {
    const auto is_other = [](const Node& item) {
        return !item.is_constant || is_integer(item) || class_of(item.type) == Class::decimal ||
               item.type.type == Type::json;
    };
    return is_integer(needle) && needle.compute != compute_column &&
           std::ranges::none_of(list, is_other);
}

// What is sought among constants of one kind has been sorted in, by its sign, too; else each item
// is compared by itself.
void compare_by_bits(std::span<const Node> list, std::vector<Comparator>& made, int classes) {
    const bool all_constant =
        std::ranges::all_of(list, [](const Node& item) { return item.is_constant; });
    if (all_constant && classes == 1) return;
    for (Comparator& each : made) {
        if (each.mode == Comparator::Mode::integer) each.mode = Comparator::Mode::integer_bits;
    }
}

// Of a list in which dates, times and texts stand, and which differs from row to row: all are read
// as times if a TIME follows a DATE, until a DATE or TIMESTAMP comes behind it; what follows a
// second date that is a DATETIME does not count.
bool read_as_times(const Node& needle, std::span<const Node> list) {
    bool as_times = false;
    bool any_date = false;
    bool only_dates = true;
    const auto stops_at = [&](Type type) {
        if (type == Type::time) {
            as_times |= any_date && only_dates;
            return false;
        }
        if (!has_date(type)) return false;
        if (any_date && type == Type::datetime) return true;
        any_date = true;
        only_dates &= type == Type::date;
        as_times = false;
        return false;
    };
    if (!stops_at(needle.type.type)) {
        for (const Node& item : list) {
            if (stops_at(item.type.type)) break;
        }
    }
    return as_times || !any_date;
}

// As what texts, dates and times are compared if all of a list is of that kind and one of them is a
// date or time; nullopt if none is.
std::optional<Comparator::Mode> moment_mode(const Node& needle, std::span<const Node> list) {
    bool all_constant = true;
    bool any_date = needle.type.type == Type::date;
    bool any_moment = has_date(needle.type.type) && !any_date;
    bool any_time = needle.type.type == Type::time;
    bool any_json = false;
    for (const Node& item : list) {
        const Type type = item.type.type;
        any_json |= type == Type::json;
        all_constant &= item.is_constant;
        any_date |= type == Type::date;
        any_moment |= has_date(type) && type != Type::date;
        any_time |= type == Type::time;
    }
    if (!any_date && !any_moment && !any_time) return std::nullopt;
    if (!all_constant)
        return read_as_times(needle, list) ? Comparator::Mode::lax_time
                                           : Comparator::Mode::datetime;
    if (any_date && !any_moment && !any_time && !any_json) return Comparator::Mode::date;
    return any_date || any_moment ? Comparator::Mode::datetime : Comparator::Mode::time;
}

// As what constant numbers are compared with a date or time; nullopt: as numbers.
std::optional<Comparator::Mode> mode_of_numbers(const Node& needle, std::span<const Node> list) {
    const bool only_numbers = std::ranges::all_of(list, [](const Node& item) {
        return item.is_constant && (is_null_word(item) || class_of(item.type) != Class::text) &&
               !item.type.is_bits;
    });
    if (!only_numbers) return std::nullopt;
    if (needle.type.type == Type::date) return Comparator::Mode::date;
    if (has_date(needle.type.type)) return Comparator::Mode::datetime;
    if (needle.type.type == Type::time) return Comparator::Mode::time;
    return std::nullopt;
}

// A YEAR column is its four digits beside constants that are texts and doubles.
bool compared_as_digits(const Node& needle, std::span<const Node> list) {
    return needle.type.type == Type::year && needle.compute == compute_column &&
           std::ranges::all_of(list, [&](const Node& item) {
               return item.is_constant && comparison_class(needle.type, item.type) == Class::real;
           });
}

// As what texts are compared with what is sought: as its kind, if it is a date or time.
std::optional<Comparator::Mode> moment_mode(const Node& sought) {
    if (has_date(sought.type.type)) return Comparator::Mode::datetime;
    if (sought.type.type == Type::time) return Comparator::Mode::lax_time;
    return std::nullopt;
}

collation::Operand merged_with(const Node& sought, std::span<const Node> items,
                               const Environment& environment, std::string_view operation) {
    std::vector<Node> all(items.size() + 1);
    all[0].type = sought.type;
    for (std::size_t i = 0; i < items.size(); ++i) all[i + 1].type = items[i].type;
    return merged_collation(all, environment, operation);
}

// Whether it is made a text of the character set of all: what is one, and a number of texts of
// another set.
bool becomes_text(const Node& node, const collation::Operand& merged) {
    const FieldType& type = node.type;
    return merged.collation != nullptr && merged.collation->id != collation::binary &&
           class_of(type) != Class::text && type.coercibility != Coercibility::numeric &&
           type.as_text != nullptr && type.as_text->charset != merged.collation->charset;
}

// How each item is compared with what is sought, in the class of both; dates, times and texts as
// `moments` says.
std::vector<Comparator> comparators_by_class(const Node& sought, std::span<const Node> items,
                                             std::optional<Comparator::Mode> moments,
                                             const Environment& environment,
                                             std::string_view operation) {
    collation::Operand merged;
    const bool has_texts = classes_of(sought, items).text;
    if (has_texts) merged = merged_with(sought, items, environment, operation);
    // UTF-16 and its like make texts of numbers, dates and times, too.
    const bool all_texts =
        has_texts && (is_wide(*merged.collation->charset) || becomes_text(sought, merged));
    std::vector<Comparator> made;
    for (const Node& item : items) {
        Comparator how{.mode = Comparator::Mode::bytes, .left = sought.type, .right = item.type};
        const Class chosen = comparison_class(sought.type, item.type);
        const bool as_text = chosen == Class::text || all_texts || becomes_text(item, merged);
        if (is_null_word(item)) {
            made.push_back(how);
        } else if (!as_text) {
            made.push_back(comparator_in(chosen, sought, item, environment, operation));
        } else if (moments && !all_texts) {
            if (sought.type.type != Type::null_type && is_plain_text(item.type) &&
                merged.collation->id != collation::binary)
                require_convertible(item, *item.type.collation->charset, *merged.collation);
            how.mode = *moments;
            made.push_back(how);
        } else {
            compare_texts_in(how, merged, sought, item, environment);
            made.push_back(how);
        }
    }
    return made;
}

}  // namespace

std::vector<Comparator> list_comparators(const Node& needle, std::span<const Node> list,
                                         const Environment& environment) {
    std::vector<Comparator> made;
    if (list.size() == 1 || needle.type.type == Type::tuple) {
        for (const Node& item : list)
            made.push_back(comparator(needle, item, environment, "in", list.size() == 1));
        return made;
    }
    for (const Node& item : list) {
        if (item.type.type == Type::tuple) return {comparator(needle, item, environment, "in")};
    }
    if (finds_json(needle, list)) return document_comparators(needle, list);
    const Classes classes = classes_of(needle, list);
    const auto moments = classes.count == 1 ? moment_mode(needle, list) : moment_mode(needle);
    made = comparators_by_class(needle, list, moments, environment, " IN ");
    if (const auto mode = mode_of_numbers(needle, list)) {
        for (std::size_t i = 0; i < list.size(); ++i) {
            if (!is_null_word(list[i])) made[i].mode = *mode;
        }
    }
    if (compared_as_digits(needle, list)) {
        for (Comparator& each : made) each.mode = Comparator::Mode::bytes;
    }
    compare_by_bits(list, made, classes.count);
    if (compared_as_integers(needle, list)) {
        for (Comparator& each : made) {
            if (each.mode == Comparator::Mode::real) each.mode = Comparator::Mode::integer;
        }
    }
    return made;
}

std::vector<Comparator> case_comparators(const Node& operand, std::span<const Node> whens,
                                         const Environment& environment) {
    for (const Node& when : whens) {
        if (when.type.type == Type::tuple || operand.type.type == Type::tuple)
            return {comparator(operand, when, environment, "case")};
    }
    auto made = comparators_by_class(operand, whens, moment_mode(operand), environment, "case");
    for (Comparator& each : made) {
        if (each.mode == Comparator::Mode::integer) each.mode = Comparator::Mode::integer_bits;
    }
    return made;
}

}  // namespace sluice::eval
