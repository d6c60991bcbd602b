// The type of what is one of several values, and bringing each value to it.
#include <algorithm>

#include "eval/detail/convert.h"
#include "eval/detail/types.h"

namespace sluice::eval {
namespace {

enum class Family : std::uint8_t {
    null,
    integer,
    decimal,
    real,
    text,
    date,
    time,
    datetime,
    json,
    year,
    bits,
    bit_column
};

Family family_of(const FieldType& type) {
    if (type.type == Type::bit) return Family::bit_column;
    if (type.is_bits) return Family::bits;
    switch (type.type) {
        case Type::null_type:
            return Family::null;
        case Type::date:
            return Family::date;
        case Type::time:
            return Family::time;
        case Type::datetime:
        case Type::timestamp:
            return Family::datetime;
        case Type::json:
            return Family::json;
        case Type::year:
            return Family::year;
        default:
            break;
    }
    switch (class_of(type)) {
        case Class::integer:
            return Family::integer;
        case Class::decimal:
            return Family::decimal;
        case Class::real:
            return Family::real;
        default:
            return Family::text;
    }
}

bool is_numeric(Family family) {
    return family == Family::integer || family == Family::decimal || family == Family::real ||
           family == Family::year || family == Family::bit_column;
}
bool is_moment(Family family) {
    return family == Family::date || family == Family::time || family == Family::datetime;
}

Family united(Family left, Family right) {
    if (left == right || right == Family::null) return left;
    if (left == Family::null) return right;
    if (is_numeric(left) && is_numeric(right)) {
        if (left == Family::real || right == Family::real) return Family::real;
        if (left == Family::decimal || right == Family::decimal) return Family::decimal;
        return Family::integer;
    }
    if (is_moment(left) && is_moment(right)) return Family::datetime;
    return Family::text;
}

struct Extent {
    int whole = 0;
    int part = 0;
    std::uint32_t whole_length = 0;  // with signs
    bool any_signed = false;
    bool any_unsigned = false;
};

std::uint64_t text_length_of_number(const FieldType& type) {
    return class_of(type) == Class::integer ? text_length(type) : type.length;
}

Extent extent_of(std::span<const Node> nodes) {
    Extent extent;
    for (const Node& node : nodes) {
        if (node.type.type == Type::null_type) continue;
        const int part = node.type.decimals >= not_fixed ? 0 : node.type.decimals;
        extent.whole = std::max(extent.whole, precision_of(node.type) - part);
        extent.part = std::max(extent.part, part);
        extent.whole_length = std::max<std::uint32_t>(
            extent.whole_length,
            static_cast<std::uint32_t>(text_length_of_number(node.type)) -
                std::min<std::uint32_t>(static_cast<std::uint32_t>(part), node.type.length));
        (node.type.is_unsigned ? extent.any_unsigned : extent.any_signed) = true;
    }
    return extent;
}

constexpr Type signed_types[] = {Type::int8, Type::int16, Type::int24, Type::int32, Type::int64};
constexpr Type unsigned_types[] = {Type::uint8, Type::uint16, Type::uint24, Type::uint32,
                                   Type::uint64};

// From the smallest integer type (0) to BIGINT (4), as which BIT counts.
std::size_t size_rank(Type type) {
    if (type == Type::year) return 1;
    for (std::size_t rank = 0; rank < std::size(signed_types); ++rank) {
        if (signed_types[rank] == type || unsigned_types[rank] == type) return rank;
    }
    return std::size(signed_types) - 1;
}

// The widest of all; one wider where signs are mixed and an unsigned one is as wide, or a BIT. That
// is a decimal beyond BIGINT.
FieldType united_integer(std::span<const Node> nodes, const Extent& extent, bool nullable) {
    std::size_t rank = 0;
    for (const Node& node : nodes) {
        if (node.type.type != Type::null_type) rank = std::max(rank, size_rank(node.type.type));
    }
    const bool mixed = extent.any_signed && extent.any_unsigned;
    const bool grows = mixed && std::ranges::any_of(nodes, [&](const Node& node) {
                           const Type type = node.type.type;
                           return type == Type::bit || type == unsigned_types[rank];
                       });
    if (grows && ++rank >= std::size(signed_types)) return decimal_type(extent.whole, 0, nullable);
    const bool is_unsigned = extent.any_unsigned && !mixed;
    FieldType type = integer_type(nullable, extent.whole_length, is_unsigned);
    type.type = is_unsigned ? unsigned_types[rank] : signed_types[rank];
    return type;
}

// FLOAT of FLOAT and integers of 24 bits at most; BIGINT changes nothing behind a FLOAT, but makes
// DOUBLE of one that follows.
Type united_real(std::span<const Node> nodes) {
    const auto is_small = [](Type type) {
        return type == Type::year ||
               (is_integral(type) && size_rank(type) < size_rank(Type::int32));
    };
    const auto is_large = [](Type type) { return type == Type::int64 || type == Type::uint64; };
    Type so_far = Type::null_type;
    for (const Node& node : nodes) {
        const Type next = node.type.type;
        if (next == Type::null_type) continue;
        if (so_far == Type::null_type) {
            so_far = next;
        } else if (so_far == Type::float32) {
            const bool stays = next == Type::float32 || is_small(next) || is_large(next);
            if (!stays) so_far = Type::float64;
        } else if (next == Type::float32) {
            so_far = is_small(so_far) ? Type::float32 : Type::float64;
        } else if (is_small(so_far) || !is_small(next)) {
            so_far = next;
        }
    }
    return so_far == Type::float32 ? Type::float32 : Type::float64;
}

// CHAR stays so beside numbers, times and members; what is neither of one family nor CHAR, and a
// VARCHAR, make VARCHAR.
bool united_is_fixed(std::span<const Node> nodes) {
    enum class Kind : std::uint8_t { none, number, moment, member, fixed, varying };
    const auto kind_of = [](const FieldType& type) {
        if (type.type == Type::char_ || type.type == Type::binary) return Kind::fixed;
        if (type.type == Type::enum_ || type.type == Type::set) return Kind::member;
        const Family family = family_of(type);
        return is_numeric(family) ? Kind::number : is_moment(family) ? Kind::moment : Kind::varying;
    };
    Kind so_far = Kind::none;
    for (const Node& node : nodes) {
        if (node.type.type == Type::null_type) continue;
        const Kind next = kind_of(node.type);
        if (so_far == Kind::varying || next == Kind::varying) return false;
        if (so_far == Kind::none || next == Kind::fixed) {
            so_far = next;
        } else if (so_far != Kind::fixed && (so_far != next || next == Kind::member)) {
            so_far = Kind::varying;
        }
    }
    return so_far == Kind::fixed;
}

// Texts of columns keep their kind: CHAR, TEXT if one is.
Type united_text(std::span<const Node> nodes, const FieldType& united) {
    const bool binary = united.collation->id == collation::binary;
    bool is_long = united.type == Type::text || united.type == Type::blob;
    for (const Node& node : nodes) {
        const Type type = node.type.type;
        is_long |= type == Type::text || type == Type::blob || type == Type::json;
    }
    if (is_long) return binary ? Type::blob : Type::text;
    if (united_is_fixed(nodes)) return binary ? Type::binary : Type::char_;
    return united.type;
}

// The only one that is not NULL, if there is but one.
const Node* only_node(std::span<const Node> nodes) {
    const Node* only = nullptr;
    for (const Node& node : nodes) {
        if (node.type.type == Type::null_type) continue;
        if (only != nullptr) return nullptr;
        only = &node;
    }
    return only;
}

FieldType text_of_all(std::span<Node> nodes, const Environment& environment,
                      std::string_view operation) {
    const collation::Operand collation = unite_texts(nodes, environment, operation);
    std::uint64_t length = 0;
    const bool bytes = collation.collation->id == collation::binary;
    for (const Node& node : nodes) {
        // Among bytes a double counts as long as it is written.
        const bool is_double = bytes && node.type.type == Type::float64;
        length = std::max<std::uint64_t>(
            length, is_double ? node.type.length : text_length(node.type, *collation.collation));
        if (bytes && node.type.type == Type::json) length = UINT32_MAX;
    }
    FieldType type = text_type(collation, length, any_nullable(nodes));
    type.type = united_text(nodes, type);
    const Node* only = only_node(nodes);
    if (only != nullptr && (only->type.type == Type::enum_ || only->type.type == Type::set))
        type.type = only->type.type;
    return type;
}

}  // namespace

FieldType united_type(std::span<Node> nodes, const Environment& environment,
                      std::string_view operation) {
    Family family = Family::null;
    for (const Node& node : nodes) family = united(family, family_of(node.type));
    const bool nullable = any_nullable(nodes);
    const Extent extent = extent_of(nodes);
    switch (family) {
        case Family::null:
            return {.type = Type::null_type, .collation = binary_collation()};
        case Family::year: {
            FieldType type = nodes.front().type;
            for (const Node& node : nodes) {
                if (node.type.type == Type::year) type = node.type;
            }
            type.nullable = nullable;
            return type;
        }
        case Family::bit_column: {
            FieldType type = nodes.front().type;
            for (const Node& node : nodes) {
                if (node.type.type == Type::bit && node.type.length >= type.length)
                    type = node.type;
            }
            type.nullable = nullable;
            return type;
        }
        case Family::integer:
            return united_integer(nodes, extent, nullable);
        case Family::decimal:
            return decimal_type(extent.whole + extent.part, extent.part, nullable,
                                !extent.any_signed);
        case Family::real: {
            FieldType type = real_type(nullable);
            type.type = united_real(nodes);
            const bool fixed = std::ranges::all_of(
                nodes, [](const Node& node) { return node.type.decimals < not_fixed; });
            if (fixed) {
                type.decimals = static_cast<std::uint8_t>(extent.part);
                type.length = extent.whole_length + static_cast<std::uint32_t>(extent.part);
            }
            return type;
        }
        case Family::date:
            return temporal_type(Type::date, 0, nullable);
        case Family::time:
            return temporal_type(Type::time, extent.part, nullable);
        case Family::datetime: {
            const bool stamps = std::ranges::all_of(nodes, [](const Node& node) {
                return node.type.type == Type::timestamp || node.type.type == Type::null_type;
            });
            return temporal_type(stamps ? Type::timestamp : Type::datetime, extent.part, nullable);
        }
        case Family::json:
            return json_type(nullable);
        case Family::bits:
        case Family::text:
            break;
    }
    return text_of_all(nodes, environment, operation);
}

Datum as_type(const FieldType& type, const FieldType& from, Datum datum, Environment& environment,
              Scale scale) {
    if (datum.is_null() || type.type == from.type) {
        if (type.type == Type::decimal && !datum.is_null() && scale == Scale::of_type) {
            return datum.as<Decimal>()->with_scale(type.decimals);
        }
        if (const auto* bits = datum.as<Bits>(); bits != nullptr && !type.is_bits)
            return bits->bytes;
        return datum;
    }
    switch (class_of(type)) {
        case Class::integer: {
            const Integer integer = to_integer(from, datum, environment);
            if (type.is_unsigned) return integer.bits;
            return integer.as_signed();
        }
        case Class::decimal: {
            const Decimal number = to_decimal(from, datum, environment);
            return scale == Scale::own ? number : number.with_scale(type.decimals);
        }
        case Class::real:
            return to_real(from, datum, environment);
        default:
            break;
    }
    if (type.type == Type::datetime) {
        const auto moment = to_datetime(from, datum, environment);
        return moment ? Datum(*moment) : Datum();
    }
    if (type.type == Type::date) {
        const auto date = to_date(from, datum, environment);
        return date ? Datum(*date) : Datum();
    }
    if (type.type == Type::time) {
        const auto time = to_time(from, datum, environment);
        return time ? Datum(*time) : Datum();
    }
    if (type.type == Type::json) return to_json_scalar(from, datum, environment);
    if (datum.as<std::string>() != nullptr) return datum;
    return to_text(from, datum);
}

}  // namespace sluice::eval
