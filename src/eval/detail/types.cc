// Types of results and how they merge.
#include "eval/detail/types.h"

#include <algorithm>

#include "collation/charset.h"
#include "collation/compare.h"
#include "eval/detail/convert.h"
#include "eval/detail/failure.h"
#include "eval/detail/operand.h"

namespace sluice::eval {
namespace {

Datum compute_converted(const Node& node, Run& run) {
    Operand text(node.arguments[0], run);
    if (text.is_null()) return {};
    const auto* from = text.type().collation;
    const bool is_text_datum =
        text.datum().as<std::string>() != nullptr || text.datum().as<Bits>() != nullptr;
    const collation::Charset* source =
        from == nullptr || !is_text_datum ? collation::find_charset("ascii") : from->charset;
    return converted_text(*source, *node.type.collation->charset, text.text());
}

// As messages show bytes: six of them, those that are not printable as \\xHH.
std::string shown_bytes(std::string_view bytes) {
    static constexpr char digits[] = "0123456789ABCDEF";
    std::string out;
    for (const char byte : bytes.substr(0, 6)) {
        if (byte >= 0x20 && byte < 0x7f) {
            out += byte;
        } else {
            out += "\\x";
            out += digits[static_cast<std::uint8_t>(byte) >> 4];
            out += digits[byte & 15];
        }
    }
    return bytes.size() > 6 ? out + "..." : out;
}

bool is_text_like(const FieldType& type) {
    return is_text(type.type) || is_binary(type.type) || type.type == Type::enum_ ||
           type.type == Type::set || type.is_bits || type.type == Type::geometry ||
           type.type == Type::vector;
}

}  // namespace

Class class_of(const FieldType& type) {
    if (type.type == Type::tuple) return Class::row;
    if (is_integral(type.type) || type.type == Type::bit) return Class::integer;
    if (type.type == Type::decimal) return Class::decimal;
    if (is_float(type.type)) return Class::real;
    return Class::text;
}

int precision_of(const FieldType& type) {
    if (class_of(type) == Class::decimal) {
        return std::max<int>(1, static_cast<int>(type.length) - (type.decimals > 0 ? 1 : 0) -
                                    (type.is_unsigned || type.length == 0 ? 0 : 1));
    }
    if (type.is_bits && type.type != Type::bit)
        return std::min<int>(20, static_cast<int>(type.length * 25 / 10) + 1);
    if (class_of(type) == Class::integer) {
        const auto length = static_cast<int>(text_length(type));
        return std::min<int>(65, std::max<int>(1, length - (type.is_unsigned ? 0 : 1)));
    }
    switch (type.type) {
        case Type::date:
            return 8;
        case Type::time:
            return 7 + type.decimals;
        case Type::datetime:
        case Type::timestamp:
            return 14 + type.decimals;
        default:
            return std::min<int>(Decimal::max_digits, static_cast<int>(type.length));
    }
}

std::uint32_t byte_length(const FieldType& type) {
    if (type.type == Type::json) return UINT32_MAX;
    if (!is_text_like(type) || type.collation == nullptr) return type.length;
    // Beyond 32 bits it wraps, as MySQL's does.
    return type.length * std::max<std::uint32_t>(1, type.collation->charset->max_bytes);
}

std::uint16_t flags_of(const FieldType& type) {
    unsigned flags = type.nullable ? 0 : 1;
    if (type.is_unsigned) flags |= 32;
    const bool binary_order = type.collation == nullptr ||
                              type.collation->id == collation::binary ||
                              type.collation->name.ends_with("_bin");
    if (binary_order) flags |= 128;
    return static_cast<std::uint16_t>(flags);
}

const collation::Collation* connection_collation(const Environment& environment) {
    static const collation::Collation* usual =
        collation::find_collation(collation::utf8mb4_0900_ai_ci);
    return environment.connection != nullptr ? environment.connection : usual;
}

const collation::Collation* binary_collation() {
    static const collation::Collation* found = collation::find_collation(collation::binary);
    return found;
}

std::string converted_text(const collation::Charset& from, const collation::Charset& to,
                           std::string_view text) {
    if (&from == &to) return std::string(text);
    collation::Converted made = collation::convert(from, to, text);
    const bool broken = from.name == "binary" && !text.empty() && made.text.empty();
    if (broken || made.replaced > 0) {
        raise(3854, "Cannot convert string '" + shown_bytes(text) + "' from " +
                        std::string(from.name) + " to " + std::string(to.name));
    }
    return std::move(made.text);
}

FieldType integer_type(bool nullable, std::uint32_t length, bool is_unsigned) {
    return {.type = is_unsigned ? Type::uint64 : Type::int64,
            .collation = binary_collation(),
            .coercibility = Coercibility::numeric,
            .nullable = nullable,
            .is_unsigned = is_unsigned,
            .length = length};
}

FieldType boolean_type(bool nullable) {
    FieldType type = integer_type(nullable, 1);
    type.is_boolean = true;
    return type;
}

FieldType real_type(bool nullable) {
    return {.type = Type::float64,
            .collation = binary_collation(),
            .coercibility = Coercibility::numeric,
            .nullable = nullable,
            .length = real_length,
            .decimals = not_fixed};
}

FieldType fixed_real_type(int decimals, bool nullable) {
    constexpr int digits = 17;
    FieldType type = real_type(nullable);
    type.decimals = static_cast<std::uint8_t>(decimals);
    type.length = static_cast<std::uint32_t>(digits + decimals);
    return type;
}

FieldType decimal_type(int precision, int scale, bool nullable, bool is_unsigned) {
    scale = std::clamp(scale, 0, Decimal::max_scale);
    precision = std::clamp(precision, std::max(scale, 1), Decimal::max_digits);
    const int length = precision + (scale > 0 ? 1 : 0) + (is_unsigned ? 0 : 1);
    return {.type = Type::decimal,
            .collation = binary_collation(),
            .coercibility = Coercibility::numeric,
            .nullable = nullable,
            .is_unsigned = is_unsigned,
            .length = static_cast<std::uint32_t>(length),
            .decimals = static_cast<std::uint8_t>(scale)};
}

FieldType binary_type(bool nullable, std::uint32_t bytes) {
    return text_type({binary_collation(), Coercibility::coercible, Repertoire::unicode}, bytes,
                     nullable);
}

FieldType temporal_type(Type type, int decimals, bool nullable) {
    const int fraction = decimals > 0 ? decimals + 1 : 0;
    const int length = type == Type::date ? 10 : (type == Type::time ? 10 : 19) + fraction;
    return {.type = type,
            .collation = binary_collation(),
            .coercibility = Coercibility::numeric,
            .nullable = nullable,
            .length = static_cast<std::uint32_t>(length),
            .decimals = static_cast<std::uint8_t>(decimals)};
}

FieldType json_type(bool nullable) {
    static const collation::Collation* utf8mb4_bin = collation::find_collation("utf8mb4_bin");
    return {.type = Type::json,
            .collation = utf8mb4_bin,
            .coercibility = Coercibility::implicit,
            .repertoire = Repertoire::unicode,
            .nullable = nullable,
            .length = longest_text,
            .decimals = not_fixed};
}

FieldType text_type(const collation::Operand& collation, std::uint64_t characters, bool nullable) {
    const bool binary = collation.collation->id == collation::binary;
    const std::uint64_t width = std::max<std::uint64_t>(1, collation.collation->charset->max_bytes);
    // A text that is made of numbers is like a literal.
    const Coercibility coercibility = collation.coercibility == Coercibility::numeric
                                          ? Coercibility::coercible
                                          : collation.coercibility;
    const bool is_long = characters * width > 65535;
    FieldType type{.type = binary ? Type::varbinary : Type::varchar,
                   .collation = collation.collation,
                   .coercibility = coercibility,
                   .repertoire = collation.repertoire,
                   .nullable = nullable,
                   .length = static_cast<std::uint32_t>(characters),
                   .decimals = not_fixed};
    if (is_long) type.type = binary ? Type::blob : Type::text;
    return type;
}

FieldType grown_type(const collation::Operand& collation, std::uint64_t characters, bool nullable) {
    const std::uint64_t width = std::max<std::uint64_t>(1, collation.collation->charset->max_bytes);
    if (characters <= blob_length / width) return text_type(collation, characters, nullable);
    return text_type(collation, blob_length / width, nullable || characters * width > blob_length);
}

FieldType name_type(std::uint64_t characters, bool nullable) {
    const auto* utf8mb3 = collation::default_collation("utf8mb3");
    return text_type({utf8mb3, Coercibility::coercible, Repertoire::ascii}, characters, nullable);
}
FieldType ascii_type(const Environment& environment, std::uint64_t characters, bool nullable) {
    return text_type(
        {connection_collation(environment), Coercibility::coercible, Repertoire::ascii}, characters,
        nullable);
}

bool any_nullable(std::span<const Node> nodes) {
    return std::ranges::any_of(nodes, [](const Node& node) { return node.type.nullable; });
}

std::uint64_t text_length(const FieldType& type) {
    // A literal 5.5e5 is shorter than its text.
    constexpr std::uint64_t longest_double = 22;
    if (type.type == Type::float64) return longest_double;
    // The digits with which a column is shown are not those that it may have.
    if (type.is_zerofill && is_integral(type.type) && type.type != Type::year) {
        switch (type.type) {
            case Type::uint8:
                return 3;
            case Type::uint16:
                return 5;
            case Type::uint24:
                return 8;
            case Type::uint32:
                return 10;
            default:
                return std::max<std::uint64_t>(type.length, 20);
        }
    }
    return type.length;
}

std::uint64_t text_length(const FieldType& type, const collation::Collation& in) {
    const bool counts_bytes = in.id == collation::binary && is_text_like(type);
    return counts_bytes ? byte_length(type) : text_length(type);
}

std::optional<std::string> constant_text(const Node& node, const Environment& environment) {
    if (!node.is_constant) return std::nullopt;
    const auto text = caught([&]() -> std::optional<std::string> {
        Environment copy = environment;
        Run run{{}, copy};
        Operand operand(node, run);
        if (operand.is_null()) return std::nullopt;
        return std::string(operand.text());
    });
    return text ? *text : std::nullopt;
}

const collation::Collation* number_collation() {
    static const collation::Collation* latin1 = collation::default_collation("latin1");
    return latin1;
}

bool are_weights(const Node& node) {
    return is_plain_text(node.type) && node.type.coercibility == Coercibility::numeric &&
           node.type.collation->id == collation::binary;
}

collation::Operand text_operand(const Node& node, const Environment& environment) {
    const FieldType& type = node.type;
    if (type.type == Type::null_type) {
        return {binary_collation(), Coercibility::ignorable, Repertoire::ascii};
    }
    if (is_plain_text(type) && type.coercibility == Coercibility::numeric)
        return {connection_collation(environment), type.coercibility, type.repertoire};
    if (is_text_like(type) || type.type == Type::json) {
        return {type.collation, type.coercibility, type.repertoire};
    }
    if (type.coercibility != Coercibility::numeric && type.as_text != nullptr)
        return {type.as_text, type.coercibility, Repertoire::ascii};
    return {connection_collation(environment), Coercibility::numeric, Repertoire::ascii};
}

namespace {

[[noreturn]] void raise_mix(std::span<const Node> nodes, const Environment& environment,
                            std::string_view operation) {
    std::vector<collation::Operand> operands;
    for (const Node& node : nodes) operands.push_back(text_operand(node, environment));
    raise(collation::illegal_mix(operands, operation));
}

}  // namespace

collation::Operand merged_collation(std::span<const Node> nodes, const Environment& environment,
                                    std::string_view operation, Mix mix) {
    collation::Operand merged{binary_collation(), Coercibility::ignorable, Repertoire::ascii};
    bool first = true;
    bool disagree = false;  // two of these columns
    for (const Node& node : nodes) {
        const collation::Operand operand = text_operand(node, environment);
        if (first) {
            merged = operand;
            first = false;
            continue;
        }
        if (operand.coercibility == Coercibility::none) continue;
        if (merged.coercibility == Coercibility::none) {
            // A literal does not settle what columns disagree about, where they are compared only
            // COLLATE does.
            const auto settles =
                mix == Mix::refused ? Coercibility::explicit_collate : Coercibility::implicit;
            if (disagree && operand.coercibility > settles) continue;
            merged = operand;
            disagree = false;
            continue;
        }
        const auto both = collation::merge(merged, operand, operation, {.unicode_first = true});
        if (!both) raise_mix(nodes, environment, operation);
        merged = both->result;
        disagree = merged.coercibility == Coercibility::none;
    }
    if (merged.coercibility == Coercibility::none && mix == Mix::refused)
        raise_mix(nodes, environment, operation);
    if (merged.coercibility == Coercibility::ignorable) merged.collation = binary_collation();
    return merged;
}

void require_order(const collation::Collation& collation) {
    if (collation.id != collation::binary && !collation::implemented(collation)) {
        refuse("the order of the collation " + std::string(collation.name));
    }
}

Node converted(Node node, const collation::Collation& to) {
    Node conversion;
    conversion.type = node.type;
    if (class_of(node.type) != Class::text || is_temporal(node.type.type)) {
        conversion.type = text_type({&to, Coercibility::coercible, Repertoire::ascii},
                                    text_length(node.type), node.type.nullable);
    }
    conversion.type.collation = &to;
    conversion.type.is_bits = false;
    conversion.compute = compute_converted;
    conversion.is_constant = node.is_constant;
    conversion.print = node.print;
    conversion.name = node.name;
    conversion.arguments.push_back(std::move(node));
    return conversion;
}

const Node& inside_conversion(const Node& node) {
    return node.compute == compute_converted ? node.arguments[0] : node;
}

const Node& before_conversion(const Node& node) {
    const Node& inner = inside_conversion(node);
    if (&inner == &node) return node;
    const bool same = !is_wide(*node.type.collation->charset);
    return same && !is_text_like(inner.type) && inner.type.type != Type::json ? inner : node;
}

void require_convertible(const Node& node, const collation::Charset& from,
                         const collation::Collation& to) {
    const auto* literal = node.constant.as<std::string>();
    if (literal != nullptr && node.compute == compute_literal)
        (void)converted_text(from, *to.charset, *literal);
}

void convert_texts(std::span<Node> nodes, const collation::Operand& to,
                   const Environment& environment, Literals literals) {
    for (Node& node : nodes) {
        const collation::Operand operand = text_operand(node, environment);
        if (operand.coercibility == Coercibility::ignorable) continue;
        const collation::Charset* from =
            is_plain_text(node.type) ? node.type.collation->charset : operand.collation->charset;
        if (from == to.collation->charset) continue;
        if (to.collation->id == collation::binary) continue;
        if (literals == Literals::checked) require_convertible(node, *from, *to.collation);
        node = converted(std::move(node), *to.collation);
    }
}

collation::Operand unite_with_first(std::span<Node> nodes, const Environment& environment,
                                    Literals literals) {
    const collation::Operand first = text_operand(nodes[0], environment);
    convert_texts(nodes, first, environment, literals);
    return first;
}

collation::Operand unite_with_whole(std::span<Node> nodes, const Environment& environment) {
    const collation::Operand whole = text_operand(nodes[0], environment);
    convert_texts(are_weights(nodes[0]) ? nodes.subspan(1) : nodes, whole, environment);
    return whole;
}

collation::Operand unite_texts(std::span<Node> nodes, const Environment& environment,
                               std::string_view operation, Mix mix) {
    const collation::Operand merged = merged_collation(nodes, environment, operation, mix);
    convert_texts(nodes, merged, environment);
    return merged;
}

}  // namespace sluice::eval
