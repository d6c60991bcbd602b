// Lengths of texts, places in them, and what texts are.
#include <algorithm>
#include <bit>

#include "collation/charset.h"
#include "collation/compare.h"
#include "eval/detail/registry.h"
#include "eval/detail/special.h"
#include "values/number.h"

namespace sluice::eval {
namespace {

constexpr std::uint32_t length_width = 11;

const collation::Charset& charset_of(const FieldType& type) {
    if (class_of(type) != Class::text || is_temporal(type.type) || type.collation == nullptr)
        return *collation::find_charset("ascii");
    return *type.collation->charset;
}

Datum length(const Node& node, Run& run) {
    Operand text(node.arguments[0], run);
    if (text.is_null()) return {};
    return static_cast<std::int64_t>(text.text().size());
}
Datum bit_length(const Node& node, Run& run) {
    Operand text(node.arguments[0], run);
    if (text.is_null()) return {};
    return static_cast<std::int64_t>(text.text().size() * 8);
}
Datum char_length(const Node& node, Run& run) {
    Operand text(node.arguments[0], run);
    if (text.is_null()) return {};
    const FieldType& type = text.type();
    return static_cast<std::int64_t>(collation::characters(
        type.type == Type::json ? *collation::find_charset("utf8mb4") : charset_of(type),
        text.text()));
}
void give_length(Node& node, const Environment&) {
    node.type = integer_type(any_nullable(node.arguments), length_width);
}

Datum ascii(const Node& node, Run& run) {
    Operand text(node.arguments[0], run);
    if (text.is_null()) return {};
    const std::string_view bytes = text.text();
    return std::int64_t{bytes.empty() ? 0 : static_cast<std::uint8_t>(bytes[0])};
}
void give_ascii(Node& node, const Environment&) {
    node.type = integer_type(any_nullable(node.arguments), 4);
}
Datum ord(const Node& node, Run& run) {
    Operand text(node.arguments[0], run);
    if (text.is_null()) return {};
    const std::string_view bytes = text.text();
    if (bytes.empty()) return std::int64_t{0};
    const auto first = collation::next_char(charset_of(text.type()), bytes);
    const std::size_t width = first.valid ? first.bytes : 1;
    std::int64_t number = 0;
    for (const char byte : bytes.substr(0, width))
        number = number * 256 + static_cast<std::uint8_t>(byte);
    return number;
}

// ---- LOCATE, INSTR, FIND_IN_SET

// From 1; 0: not there. `from` counts characters from 1.
std::int64_t place_of(const collation::Collation& collation, std::string_view text,
                      std::string_view sought, std::int64_t from) {
    if (from < 1) return 0;
    const auto& charset = *collation.charset;
    const std::uint64_t characters = collation::characters(charset, text);
    const auto skipped = static_cast<std::uint64_t>(from - 1);
    if (skipped > characters) return 0;
    const std::size_t start = collation::bytes_of(charset, text, skipped);
    if (sought.empty()) return from;
    const std::size_t found = collation::find(collation, text, sought, start);
    if (found == std::string_view::npos) return 0;
    return static_cast<std::int64_t>(collation::characters(charset, text.substr(0, found))) + 1;
}

struct PreparedCollation : Prepared {
    const collation::Collation* collation = nullptr;
};
const collation::Collation& collation_of(const Node& node) {
    return *static_cast<const PreparedCollation&>(*node.prepared).collation;
}
void give_place(Node& node, const collation::Operand& collation) {
    auto how = std::make_shared<PreparedCollation>();
    how->collation = collation.collation;
    require_order(*how->collation);
    node.prepared = std::move(how);
    node.type = integer_type(any_nullable(node.arguments), length_width);
    node.type.coercibility = collation.coercibility;
    node.type.as_text = collation.collation;
}
void give_instr(Node& node, const Environment& environment) {
    give_place(node, unite_with_first(std::span(node.arguments).first(2), environment));
}
// The text is the second argument.
void give_locate(Node& node, const Environment& environment) {
    std::swap(node.arguments[0], node.arguments[1]);
    const auto collation = unite_with_first(std::span(node.arguments).first(2), environment);
    std::swap(node.arguments[0], node.arguments[1]);
    give_place(node, collation);
}
void give_find_in_set(Node& node, const Environment& environment) {
    give_place(node, unite_texts(node.arguments, environment, node.name, Mix::refused));
    node.type.coercibility = Coercibility::numeric;
}
Datum locate(const Node& node, Run& run) {
    Operand sought(node.arguments[0], run);
    Operand text(node.arguments[1], run);
    if (sought.is_null() || text.is_null()) return {};
    std::int64_t from = 1;
    if (node.arguments.size() > 2) {
        Operand start(node.arguments[2], run);
        if (start.is_null()) return {};
        from = start.integer().clipped();
    }
    return place_of(collation_of(node), text.text(), sought.text(), from);
}
Datum instr(const Node& node, Run& run) {
    Operand text(node.arguments[0], run);
    Operand sought(node.arguments[1], run);
    if (sought.is_null() || text.is_null()) return {};
    return place_of(collation_of(node), text.text(), sought.text(), 1);
}
Datum find_in_set(const Node& node, Run& run) {
    Operand sought(node.arguments[0], run);
    Operand list(node.arguments[1], run);
    if (sought.is_null() || list.is_null()) return {};
    std::string_view rest = list.text();
    if (rest.empty()) return std::int64_t{0};
    // The place in a SET is that among all its members.
    const bool is_set = list.type().type == Type::set;
    const Member* members = is_set ? list.datum().as<Member>() : nullptr;
    std::uint64_t bits = members != nullptr ? members->number : 0;
    for (std::int64_t place = 1;; ++place) {
        const std::size_t comma = rest.find(',');
        if (collation::equal(collation_of(node), rest.substr(0, comma), sought.text()))
            return members != nullptr ? std::int64_t{std::countr_zero(bits)} + 1 : place;
        bits &= bits - 1;
        if (comma == std::string_view::npos) return std::int64_t{0};
        rest.remove_prefix(comma + 1);
    }
}

// ---- MAKE_SET, EXPORT_SET, SOUNDEX, QUOTE

Datum make_set(const Node& node, Run& run) {
    Operand mask(node.arguments[0], run);
    if (mask.is_null()) return {};
    const std::uint64_t bits = mask.integer().bits;
    std::string out;
    bool first = true;
    for (std::size_t i = 1; i < node.arguments.size() && i <= 64; ++i) {
        if ((bits >> (i - 1) & 1) == 0) continue;
        Operand text(node.arguments[i], run);
        if (text.is_null()) continue;
        if (too_long(node, run, out.size() + text.text().size() + 1)) return {};
        if (!first) out += ',';
        first = false;
        out += text.text();
    }
    return out;
}
void give_make_set(Node& node, const Environment& environment) {
    const auto rest = std::span(node.arguments).subspan(1);
    const collation::Operand collation = unite_texts(rest, environment, "make_set");
    std::uint64_t length = rest.size() - 1;
    // Among bytes a constant is as long as its bytes.
    const bool is_bytes = collation.collation->id == collation::binary;
    for (const Node& each : rest)
        length += is_bytes && !each.is_constant ? text_length(each.type)
                                                : text_length(each.type, *collation.collation);
    node.type = grown_type(collation, length, any_nullable(node.arguments));
}

Datum export_set(const Node& node, Run& run) {
    for (const Node& argument : node.arguments) {
        Operand operand(argument, run);
        if (operand.is_null()) return {};
    }
    Operand mask(node.arguments[0], run);
    Operand on(node.arguments[1], run);
    Operand off(node.arguments[2], run);
    std::string separator = ",";
    std::int64_t count = 64;
    if (node.arguments.size() > 3) separator = Operand(node.arguments[3], run).text();
    if (node.arguments.size() > 4) {
        const std::int64_t wanted = Operand(node.arguments[4], run).integer().clipped();
        count = wanted < 0 || wanted > 64 ? 64 : wanted;
    }
    const std::uint64_t bits = mask.integer().bits;
    const std::uint64_t unit = std::max(on.text().size(), off.text().size()) + separator.size();
    if (too_long(node, run, unit * static_cast<std::uint64_t>(count))) return {};
    std::string out;
    for (std::int64_t i = 0; i < count; ++i) {
        if (i > 0) out += separator;
        out += (bits >> i & 1) != 0 ? on.text() : off.text();
    }
    return out;
}
void give_export_set(Node& node, const Environment& environment) {
    const auto rest =
        std::span(node.arguments).subspan(1, std::min<std::size_t>(3, node.arguments.size() - 1));
    const collation::Operand collation = unite_texts(rest, environment, "export_set");
    const collation::Collation& in = *collation.collation;
    const std::uint64_t unit =
        std::max(text_length(rest[0].type, in), text_length(rest[1].type, in));
    const std::uint64_t separator = rest.size() > 2 ? text_length(rest[2].type, in) : 1;
    node.type = grown_type(collation, unit * 64 + separator * 63, true);
}

char soundex_code(char32_t letter) {
    static constexpr std::string_view codes = "01230120022455012623010202";
    if (letter >= U'a' && letter <= U'z') letter -= 32;
    return letter >= U'A' && letter <= U'Z' ? codes[letter - U'A'] : '0';
}
// Of bytes only ASCII's are letters.
bool is_letter(char32_t letter, const collation::Charset& charset) {
    return (letter >= U'a' && letter <= U'z') || (letter >= U'A' && letter <= U'Z') ||
           (letter >= 0xc0 && charset.name != "binary");
}
Datum soundex(const Node& node, Run& run) {
    Operand text(node.arguments[0], run);
    if (text.is_null()) return {};
    const auto& charset = *node.type.collation->charset;
    std::string out;
    char last = 0;
    std::size_t written = 0;
    const std::string_view whole = text.text();
    for (std::size_t at = 0; at < whole.size();) {
        const auto next = collation::next_char(charset, whole.substr(at));
        if (!next.valid || next.bytes == 0) break;
        at += next.bytes;
        if (!is_letter(next.code, charset)) continue;
        const char code = soundex_code(next.code);
        if (written == 0) {
            const char32_t upper =
                next.code >= U'a' && next.code <= U'z' ? next.code - 32 : next.code;
            collation::append_char(out, charset, upper);
            ++written;
        } else if (code != '0' && code != last) {
            collation::append_char(out, charset, static_cast<char32_t>(code));
            ++written;
        } else if (code == '0') {
            continue;
        }
        last = code;
    }
    for (; written > 0 && written < 4; ++written) collation::append_char(out, charset, U'0');
    return out;
}
void give_soundex(Node& node, const Environment& environment) {
    node.type = text_type(unite_texts(node.arguments, environment, "soundex"),
                          std::max<std::uint64_t>(4, text_length(node.arguments[0].type)), true);
}

Datum quote(const Node& node, Run& run) {
    Operand text(node.arguments[0], run);
    if (text.is_null()) return std::string("NULL");
    const std::string_view whole = text.text();
    if (too_long(node, run, whole.size() * 2 + 2)) return {};
    std::string out = "'";
    for (std::size_t at = 0; at < whole.size();) {
        const std::size_t width =
            collation::bytes_of(*node.type.collation->charset, whole.substr(at), 1);
        const char c = whole[at];
        if (width == 1 && (c == '\'' || c == '\\')) out += '\\';
        if (width == 1 && c == '\0') {
            out += "\\0";
        } else if (width == 1 && c == '\x1a') {
            out += "\\Z";
        } else {
            out += whole.substr(at, width);
        }
        at += width;
    }
    out += '\'';
    return out;
}
void give_quote(Node& node, const Environment& environment) {
    const FieldType type = node.arguments[0].type;
    collation::Operand collation = text_operand(node.arguments[0], environment);
    const bool is_number = collation.coercibility == Coercibility::numeric;
    if (is_number) collation.collation = number_collation();
    if (collation.collation->id == collation::binary) {
        collation = {connection_collation(environment), Coercibility::coercible,
                     Repertoire::unicode};
        if (node.arguments[0].type.type != Type::null_type)
            convert_texts(node.arguments, collation, environment);
    }
    const std::uint64_t length =
        type.type == Type::null_type ? 4 : std::max<std::uint64_t>(4, text_length(type) * 2 + 2);
    node.type = grown_type(collation, length, true);
    if (is_number) node.type.coercibility = Coercibility::numeric;
}

// ---- CHARSET, COLLATION, COERCIBILITY

void give_name(Node& node, const Environment& environment) {
    const collation::Operand operand = text_operand(node.arguments[0], environment);
    const Node& asked = node.arguments[0];
    // A column of JSON is held as bytes; JSON that is made is text.
    const bool held = asked.type.type == Type::json && asked.compute == compute_column;
    const bool numeric = is_number(asked.type.type) || is_temporal(asked.type.type);
    const collation::Collation& own =
        is_plain_text(asked.type) ? *asked.type.collation : *operand.collation;
    const collation::Collation& collation = numeric || held ? *binary_collation() : own;
    node.type = name_type(64, true);
    const std::string text(node.name == "charset" ? collation.charset->name : collation.name);
    const bool is_constant = asked.is_constant;
    node = literal_node(node.type, text, node.name);
    node.print = Print::other;
    node.is_constant = is_constant;
}
void give_coercibility(Node& node, const Environment& environment) {
    const collation::Operand operand = text_operand(node.arguments[0], environment);
    // A number that was made of texts keeps what they had together.
    const Coercibility found = operand.coercibility == Coercibility::numeric
                                   ? node.arguments[0].type.coercibility
                                   : operand.coercibility;
    // What has none is the weakest.
    constexpr std::int64_t none = 7;
    node = literal_node(integer_type(false, 10),
                        found == Coercibility::none ? none : static_cast<std::int64_t>(found),
                        node.name);
}

// ---- WEIGHT_STRING

Datum weight_string(const Node& node, Run& run) {
    Operand text(node.arguments[0], run);
    if (text.is_null() || text.type().type == Type::null_type) return {};
    const collation::Collation& collation = *text.type().collation;
    std::string_view whole = text.text();
    std::size_t characters = node.number;
    if (characters > 0) {
        whole = whole.substr(0, collation::bytes_of(*collation.charset, whole, characters));
    }
    if (collation.id == collation::binary) characters = 0;
    std::string out;
    collation::append_weights(out, collation, whole, {.characters = characters});
    if (too_long(node, run, out.size())) return {};
    return out;
}

// Weights that a byte of text is said to need at most, in bytes, and what stands between levels.
struct WeightSize {
    std::uint64_t each = 1;
    std::uint64_t more = 0;
};
WeightSize weight_size_of_0900(std::string_view name) {
    constexpr std::string_view reordered[] = {"bg",      "bs", "hr",      "ja",
                                              "mn_cyrl", "ru", "sr_latn", "zh"};
    if (name.ends_with("_bin")) return {4};
    if (name.ends_with("_as_cs_ks")) return {80, 6};
    if (name.ends_with("_as_ci")) return {32, 2};
    if (!name.ends_with("_as_cs")) return {16};
    const bool has_more = std::ranges::any_of(reordered, [&](std::string_view language) {
        return name.starts_with("utf8mb4_" + std::string(language) + "_0900");
    });
    return {has_more ? 64U : 48U, 4};
}
WeightSize weight_size(const collation::Collation& collation) {
    using enum collation::Encoding;
    const collation::Charset& charset = *collation.charset;
    const collation::Encoding encoding = charset.encoding;
    const std::string_view name = collation.name;
    if (name.contains("_0900_")) return weight_size_of_0900(name);
    if (charset.max_bytes == 1) return {};
    const bool is_unicode = encoding >= utf8 && encoding <= ucs2;
    if (name.ends_with("_unicode_520_ci")) return {8U * charset.max_bytes};
    if (!is_unicode) return {name == "gb18030_chinese_ci" ? 8U : charset.max_bytes};
    if (collation.is_binary) return {charset.max_bytes == 4 ? 3U : 2U};
    if (!name.contains("_general_") && !name.ends_with("_tolower_ci"))
        return {8U * charset.max_bytes};
    return {encoding == utf16 || encoding == utf16le ? 4U : 2U};
}

std::uint64_t weights_length(const collation::Collation& collation, const FieldType& type,
                             std::uint32_t characters) {
    const WeightSize size = weight_size(collation);
    const std::uint32_t bytes = type.type == Type::json ? type.length : byte_length(type);
    return std::max(bytes, characters) * size.each + size.more;
}

// Of numbers and times: eight bytes whose order is theirs. Decimals and doubles have none.
Datum weight_of_number(const Node& node, Run& run) {
    Operand operand(node.arguments[0], run);
    std::uint64_t bits = 0;
    constexpr std::uint64_t sign = std::uint64_t{1} << 63;
    if (const auto* number = operand.datum().as<std::int64_t>()) {
        bits = static_cast<std::uint64_t>(*number) ^ sign;
    } else if (const auto* large = operand.datum().as<std::uint64_t>()) {
        bits = *large;
    } else if (operand.datum().as<Bits>() != nullptr) {
        bits = operand.integer().bits;
    } else if (const auto* member = operand.datum().as<Member>()) {
        bits = member->number | sign;
    } else if (const auto* date = operand.datum().as<Date>()) {
        bits = sign | static_cast<std::uint64_t>(date->year * 512 + date->month * 32 + date->day);
    } else if (const auto* moment = operand.datum().as<DateTime>()) {
        bits = static_cast<std::uint64_t>(packed(*moment)) ^ sign;
    } else if (const auto* time = operand.datum().as<Time>()) {
        // Shifted, and a negative one is one less.
        const std::int64_t shifted = packed(*time) + (std::int64_t{1} << 47);
        bits = static_cast<std::uint64_t>(shifted - (time->negative ? 1 : 0)) ^ sign;
    } else {
        return {};
    }
    std::string out;
    for (int shift = 56; shift >= 0; shift -= 8) out += static_cast<char>(bits >> shift & 255);
    return out;
}

// Of decimals and doubles, which are not computed for it.
Datum no_weight(const Node&, Run&) {
    return {};
}
Compute weight_of(const FieldType& type) {
    const Class kind = class_of(type);
    if (kind == Class::decimal || kind == Class::real) return no_weight;
    const bool is_member = type.type == Type::enum_ || type.type == Type::set;
    const bool is_text = kind == Class::text && !is_temporal(type.type) && !is_member;
    return is_text ? weight_string : weight_of_number;
}

}  // namespace

std::span<const Function> text_search_functions() {
    static constexpr Function functions[] = {
        {"ascii", 1, 1, give_ascii, ascii},
        {"bit_length", 1, 1, give_length, bit_length},
        {"char_length", 1, 1, give_length, char_length},
        {"character_length", 1, 1, give_length, char_length, "char_length"},
        {"charset", 1, 1, give_name, nullptr},
        {"coercibility", 1, 1, give_coercibility, nullptr},
        {"collation", 1, 1, give_name, nullptr},
        {"export_set", 3, 5, give_export_set, export_set},
        {"find_in_set", 2, 2, give_find_in_set, find_in_set},
        {"instr", 2, 2, give_instr, instr},
        {"length", 1, 1, give_length, length},
        {"locate", 2, 3, give_locate, locate},
        {"make_set", 2, -1, give_make_set, make_set},
        {"octet_length", 1, 1, give_length, length, "length"},
        {"ord", 1, 1, give_integer, ord},
        {"position", 2, 2, give_locate, locate, "locate"},
        {"quote", 1, 1, give_quote, quote},
        {"soundex", 1, 1, give_soundex, soundex},
    };
    return functions;
}

Node weight_string_node(Node operand, const std::optional<sql::CastType>& as,
                        const Environment& environment) {
    refuse_tuple(operand);
    const bool as_binary = as && sql::same_name(as->name, "binary");
    if (as_binary) operand = cast(std::move(operand), *as, environment);
    const FieldType type = operand.type;
    const std::uint32_t characters = as && !as_binary ? as->length.value_or(0) : 0;
    const bool is_json = type.type == Type::json;
    const bool is_text_operand =
        class_of(type) == Class::text && !is_temporal(type.type) && !is_json;
    if (is_text_operand) require_order(*type.collation);
    const bool is_time_column = is_temporal(type.type) && operand.compute == compute_column;
    std::uint64_t length = is_time_column ? 0 : text_length(type);
    if (is_text_operand || is_json) length = weights_length(*type.collation, type, characters);
    length = std::max<std::uint64_t>({8, length, characters});
    std::vector<Node> arguments;
    arguments.push_back(std::move(operand));
    Node node =
        node_of("weight_string", Print::call, weight_of(type),
                binary_type(true, static_cast<std::uint32_t>(length)), std::move(arguments));
    node.number = characters;
    node.type.coercibility = type.coercibility;
    return node;
}

}  // namespace sluice::eval
