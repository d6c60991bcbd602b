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

const FieldType& Operand::json_type() const {
    static const FieldType of_bytes = binary_type(true, 0);
    return node_.is_bytes_in_json ? of_bytes : node_.type;
}

namespace {

// Bits that are the bytes of a text's characters: a number where one is wanted.
bool is_converted_bits(const Node& node) {
    const Node& inner = inside_conversion(node);
    return &inner != &node && inner.type.is_bits;
}

}  // namespace

Shown show_chosen(const Node& node, const Node& converted, Run& run) {
    const bool of_bits = is_converted_bits(converted);
    const Node& chosen = of_bits ? converted : before_conversion(converted);
    Operand operand(chosen, run);
    Shown shown{.of = &operand.valued_of(), .is_number = operand.shows_number()};
    const bool is_other = operand.valued().as<std::string>() == nullptr;
    if (is_other) shown.value = operand.valued();
    if (of_bits) {
        shown.of = &inside_conversion(converted);
        shown.value = Operand(*shown.of, run).datum();
    }
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
        return each.shown != nullptr || is_silent(each) || is_converted_bits(value) ||
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

std::optional<Integer> bare_integer(const Datum& datum) {
    constexpr std::int64_t day = 1'000'000;
    const auto digits = [](int hours, int minutes, int seconds, std::uint32_t micros) {
        return std::int64_t{hours} * 10'000 + minutes * 100 + seconds + (micros >= 500'000 ? 1 : 0);
    };
    std::int64_t number = 0;
    if (const auto* moment = datum.as<DateTime>()) {
        const Date& date = moment->date;
        number = (std::int64_t{date.year} * 10'000 + date.month * 100 + date.day) * day +
                 digits(moment->hours, moment->minutes, moment->seconds, moment->micros);
    } else if (const auto* time = datum.as<Time>()) {
        number = digits(time->hours, time->minutes, time->seconds, time->micros);
        if (time->negative) number = -number;
    } else {
        return std::nullopt;
    }
    return Integer{.bits = static_cast<std::uint64_t>(number), .is_unsigned = false};
}

Shown show_moment(const Node& node, Run& run) {
    Shown shown{.datum = node.compute(node, run), .of = &node};
    if (const auto* text = shown.datum.as<std::string>()) shown.value = moment_of(*text);
    return shown;
}

}  // namespace sluice::eval
