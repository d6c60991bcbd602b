// What stands for a value of another type, where a number is wanted.
#include <algorithm>

#include "eval/detail/operand.h"
#include "eval/detail/types.h"

namespace sluice::eval {

void Operand::show() {
    Shown shown = node_.shown(node_, run_);
    own_ = std::move(shown.datum);
    at_ = &own_;
    if (!shown.value.is_null()) shown_ = std::make_unique<Shown>(std::move(shown));
}

Shown show_chosen(const Node& node, const Node& converted, Run& run) {
    const Node& chosen = before_conversion(converted);
    Operand operand(chosen, run);
    Shown shown{.of = &operand.valued_of(), .is_number = operand.shows_number()};
    const bool is_other = operand.valued().as<std::string>() == nullptr;
    if (is_other) shown.value = operand.valued();
    shown.datum =
        as_type(node.type, chosen.type, operand.take_for(node.type), run.environment, Scale::own);
    if (shown.value.is_null() && is_silent(*shown.of)) shown.value = shown.datum;
    return shown;
}

bool shows_chosen(const FieldType& type, std::span<const Node> values) {
    if (class_of(type) != Class::text) return false;
    return std::ranges::any_of(values, [&](const Node& value) {
        const Node& each = before_conversion(value);
        const bool same = each.type.type == type.type && each.type.is_bits == type.is_bits;
        const bool is_other = !same && !is_plain_text(each.type);
        return each.shown != nullptr || is_silent(each) ||
               (is_other && each.type.type != Type::null_type);
    });
}

Datum whole_part(const Datum& datum) {
    const auto* exact = datum.as<Decimal>();
    return exact == nullptr ? datum : Datum(exact->rounded(0, Decimal::Rounding::truncate));
}

std::string text_of_time(const Datum& datum) {
    const Time& time = *datum.as<Time>();
    return text(time, time.micros != 0 ? 6 : 0);
}

Shown show_moment(const Node& node, Run& run) {
    Shown shown{.datum = node.compute(node, run), .of = &node};
    if (const auto* text = shown.datum.as<std::string>()) shown.value = moment_of(*text);
    return shown;
}

}  // namespace sluice::eval
