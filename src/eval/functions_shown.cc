// How quantities and dates are to be shown: FORMAT_BYTES, FORMAT_PICO_TIME, GET_FORMAT; NAME_CONST.
#include <array>
#include <cmath>
#include <cstdio>

#include "eval/detail/registry.h"
#include "eval/detail/special.h"
#include "sql/ast.h"
#include "values/temporal_format.h"

namespace sluice::eval {
namespace {

struct Unit {
    double size;
    std::string_view name;
};

// In the largest unit that is not larger than the quantity; with an exponent from 100,000 on.
std::string in_units(double quantity, std::span<const Unit> units, int least_width) {
    const Unit* unit = units.data();
    for (const Unit& each : units) {
        if (std::abs(quantity) >= each.size) unit = &each;
    }
    const double number = quantity / unit->size;
    std::array<char, 64> text{};
    const char* form = std::abs(number) >= 100'000 ? "%4.2e" : "%4.2f";
    const int size = unit == units.data() ? std::snprintf(text.data(), text.size(), "%*d",
                                                          least_width, static_cast<int>(quantity))
                                          : std::snprintf(text.data(), text.size(), form, number);
    return std::string(text.data(), static_cast<std::size_t>(size)) + " " + std::string(unit->name);
}

Datum format_bytes(const Node& node, Run& run) {
    static constexpr double kibi = 1024;
    static constexpr Unit units[] = {
        {0, "bytes"},
        {kibi, "KiB"},
        {kibi * kibi, "MiB"},
        {kibi * kibi * kibi, "GiB"},
        {kibi * kibi * kibi * kibi, "TiB"},
        {kibi * kibi * kibi * kibi * kibi, "PiB"},
        {kibi * kibi * kibi * kibi * kibi * kibi, "EiB"},
    };
    Operand count(node.arguments[0], run);
    if (count.is_null()) return {};
    return in_units(count.real(), units, 4);
}
Datum format_pico_time(const Node& node, Run& run) {
    static constexpr Unit units[] = {
        {0, "ps"},   {1e3, "ns"},        {1e6, "us"},        {1e9, "ms"},
        {1e12, "s"}, {60 * 1e12, "min"}, {3600 * 1e12, "h"}, {86400 * 1e12, "d"},
    };
    Operand time(node.arguments[0], run);
    if (time.is_null()) return {};
    return in_units(time.real(), units, 3);
}
void give_shown(Node& node, const Environment&) {
    node.type = name_type(11, true);
}

// ---- GET_FORMAT

template <TemporalKind kind>
Datum get_format(const Node& node, Run& run) {
    Operand standard(node.arguments[0], run);
    if (standard.is_null()) return {};
    const std::string_view pattern = standard_pattern(kind, standard.text());
    return pattern.empty() ? Datum{} : Datum{std::string(pattern)};
}

// ---- NAME_CONST

Datum constant_value(const Node& node, Run& run) {
    return Operand(node.arguments[1], run).take();
}
void give_constant(Node& node, const Environment&) {
    const Node& name = node.arguments[0];
    const Node& value = node.arguments[1];
    const bool negative = value.print == Print::prefix && value.name == "-";
    const Node& literal = negative ? value.arguments[0] : value;
    if (name.compute != compute_literal || literal.compute != compute_literal)
        raise(er::wrong_arguments, "Incorrect arguments to NAME_CONST");
    node.type = value.type;
    node.type.nullable = true;
}

}  // namespace

Node get_format_node(std::string_view kind, Node standard, const Environment& environment) {
    Compute compute = nullptr;
    if (sql::same_name(kind, "date")) compute = get_format<TemporalKind::date>;
    if (sql::same_name(kind, "time")) compute = get_format<TemporalKind::time>;
    if (sql::same_name(kind, "datetime") || sql::same_name(kind, "timestamp"))
        compute = get_format<TemporalKind::datetime>;
    if (compute == nullptr) raise(er::parse, "GET_FORMAT of what is no DATE, TIME or DATETIME");
    refuse_tuple(standard);
    std::vector<Node> arguments;
    arguments.push_back(std::move(standard));
    return node_of("get_format", Print::call, compute, ascii_type(environment, 17, true),
                   std::move(arguments));
}

std::span<const Function> shown_functions() {
    static constexpr Function functions[] = {
        {"format_bytes", 1, 1, give_shown, format_bytes},
        {"format_pico_time", 1, 1, give_shown, format_pico_time},
        {"name_const", 2, 2, give_constant, constant_value},
    };
    return functions;
}

}  // namespace sluice::eval
