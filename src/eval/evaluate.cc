// The room's door at run time; values between rows' texts and datums.
#include "eval/evaluate.h"

#include "eval/detail/convert.h"
#include "eval/detail/operand.h"
#include "values/number.h"

namespace sluice::eval {

Result<Datum> evaluate(const Bound& bound, Row row, Environment& environment) {
    return caught([&] {
        Run run{row, environment};
        if (bound.root.whole != nullptr) {
            const Whole found = bound.root.whole(bound.root, run);
            return found.is_null ? Datum() : Datum(found.value);
        }
        Operand root(bound.root, run);
        return root.take();
    });
}

Result<bool> evaluate_condition(const Bound& bound, Row row, Environment& environment) {
    return caught([&] {
        Run run{row, environment};
        if (bound.root.whole != nullptr) {
            const Whole found = bound.root.whole(bound.root, run);
            return !found.is_null && found.value != 0;
        }
        Operand root(bound.root, run);
        return !root.is_null() && root.truth();
    });
}

namespace {

std::unexpected<Error> unreadable(const FieldType& type, std::string_view text) {
    return fail(Code::internal, er::unknown_error,
                "cannot read '" + std::string(text.substr(0, 64)) + "' as " +
                    std::string(type_name(type.type)));
}

Result<Datum> read_temporal(const FieldType& type, std::string_view text) {
    const DateRules any{.invalid_dates = true};
    if (type.type == Type::date) {
        const auto reading = read_date(text, any);
        return reading.value ? Result<Datum>(*reading.value) : unreadable(type, text);
    }
    if (type.type == Type::time) {
        const auto reading = read_time(text, 6, true);
        return reading.value ? Result<Datum>(*reading.value) : unreadable(type, text);
    }
    const auto reading = read_datetime(text, 6, any);
    return reading.value ? Result<Datum>(*reading.value) : unreadable(type, text);
}

Datum read_member(const FieldType& type, std::string_view text,
                  std::span<const std::string> members) {
    Member member{.text = std::string(text)};
    if (type.type == Type::enum_) {
        for (std::size_t i = 0; i < members.size(); ++i) {
            if (members[i] == text) member.number = i + 1;
        }
        return member;
    }
    while (!text.empty()) {
        const std::size_t comma = std::min(text.find(','), text.size());
        for (std::size_t i = 0; i < members.size() && i < 64; ++i) {
            if (members[i] == text.substr(0, comma)) member.number |= std::uint64_t{1} << i;
        }
        text.remove_prefix(std::min(comma + 1, text.size()));
    }
    return member;
}

}  // namespace

Result<Datum> read_value(const FieldType& type, ValueView value,
                         std::span<const std::string> members) {
    if (value.is_null()) return Datum();
    const std::string_view text = value.bytes;
    switch (type.type) {
        case Type::null_type:
            return Datum();
        case Type::enum_:
        case Type::set:
            return read_member(type, text, members);
        case Type::bit:
            return Datum(Bits{std::string(text), true});
        case Type::date:
        case Type::time:
        case Type::datetime:
        case Type::timestamp:
            return read_temporal(type, text);
        case Type::json: {
            auto json = parse_json(text);
            if (!json) return unreadable(type, text);
            return Datum(std::move(*json));
        }
        default:
            break;
    }
    if (type.type == Type::decimal) {
        const auto number = Decimal::parse(text);
        if (!number) return unreadable(type, text);
        return Datum(*number);
    }
    if (is_float(type.type)) {
        const DoubleReading reading = read_double(text);
        if (reading.used == 0) return unreadable(type, text);
        return Datum(type.type == Type::float32
                         ? static_cast<double>(static_cast<float>(reading.value))
                         : reading.value);
    }
    if (is_integral(type.type)) {
        const IntegerReading reading = read_integer(text);
        if (reading.cut || reading.out_of_range) return unreadable(type, text);
        if (is_unsigned(type.type)) return Datum(reading.to_uint64());
        return Datum(reading.to_int64());
    }
    return Datum(std::string(text));
}

std::string value_text(const FieldType& type, const Datum& datum) {
    return result_text(type, datum);
}

Value to_value(const FieldType& type, const Datum& datum) {
    if (datum.is_null()) return {};
    return {type.type, result_text(type, datum)};
}

}  // namespace sluice::eval
