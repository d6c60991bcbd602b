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
std::string_view stored_as(const FieldType& column, const FieldType& constant) {
    const bool is_number = class_of(constant) != Class::text && !constant.is_bits;
    switch (column.type) {
        case Type::int64:
            return class_of(constant) == Class::integer && is_number ? "" : "signed";
        case Type::uint64:
            return class_of(constant) == Class::integer && is_number ? "" : "unsigned";
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
        return year == 0 ? year_of(text == "0000" ? text : "0") : year_of(year);
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

std::optional<Node> stored(const Node& column, const Node& constant, std::string_view name,
                           const Environment& environment) {
    Environment copy = environment;
    Run run{{}, copy};
    sql::CastType target{.name = std::string(name)};
    if (name == "year" && !is_temporal(constant.type.type)) {
        Operand given(constant, run);
        const auto year =
            given.is_null() ? std::nullopt : year_in_column(constant.type, given.datum(), copy);
        if (!year) return std::nullopt;
        return literal_node(column.type, *year, printed(constant));
    }
    if (is_temporal(column.type.type) && column.type.decimals > 0)
        target.length = column.type.decimals;
    // The time of day of a number counts, though a DATE does not keep it.
    if (name == "date") {
        const Node moment = cast(constant, {.name = "datetime"}, environment);
        if (Operand(moment, run).is_null()) return std::nullopt;
        copy.warnings = environment.warnings;
    }
    Node made = cast(constant, target, environment);
    Operand held(made, run);
    // A document that is no time becomes the zero one.
    if (held.is_null() && name == "time" && constant.type.type == Type::json)
        return literal_node(made.type, Time{}, printed(constant));
    if (held.is_null()) return std::nullopt;
    // What a TIME takes only in part is not stored in it, but for the date of a moment.
    const auto& warnings = copy.warnings.kept();
    const bool is_cut = std::ranges::any_of(warnings, [](const Warning& warning) {
        return warning.number == er::truncated_wrong_value;
    });
    Operand given(constant, run);
    const auto* large = given.datum().as<std::uint64_t>();
    const bool is_beyond = large != nullptr && *large > INT64_MAX;
    if (name == "time" && (is_beyond || (is_cut && !is_moment_text(given.text()))))
        return std::nullopt;
    const bool of_integers = name == "signed" || name == "unsigned";
    if (!of_integers) return literal_node(made.type, held.datum(), printed(constant));
    const double number = is_temporal(constant.type.type)
                              ? static_cast<double>(given.integer().as_signed())
                              : given.real();
    return held.real() == number ? std::optional(std::move(made)) : std::nullopt;
}

}  // namespace

void store_constant(const Node& column, Node& constant, const Environment& environment) {
    const Type type = constant.type.type;
    const bool fits = constant.is_constant && type != Type::null_type && type != Type::tuple &&
                      type != column.type.type;
    if (column.compute != compute_column || !fits) return;
    const std::string_view name = stored_as(column.type, constant.type);
    if (name.empty()) return;
    auto made = caught([&] { return stored(column, constant, name, environment); });
    if (made && *made) constant = std::move(**made);
}

}  // namespace sluice::eval
