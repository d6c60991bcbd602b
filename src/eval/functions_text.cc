// Parts of texts, and texts made of others.
#include <algorithm>

#include "collation/case.h"
#include "collation/charset.h"
#include "eval/detail/operators.h"
#include "eval/detail/registry.h"

namespace sluice::eval {
namespace {

const collation::Charset& charset_of(const Node& node) {
    return *node.type.collation->charset;
}

// ---- CONCAT

Datum concat(const Node& node, Run& run) {
    std::string out;
    for (const Node& argument : node.arguments) {
        Operand operand(argument, run);
        if (operand.is_null()) return {};
        const std::string_view text = operand.text();
        if (too_long(node, run, out.size() + text.size())) return {};
        out += text;
    }
    return out;
}
void give_concat(Node& node, const Environment& environment) {
    const collation::Operand collation = unite_texts(node.arguments, environment, "concat");
    std::uint64_t length = 0;
    for (const Node& argument : node.arguments)
        length += text_length(argument.type, *collation.collation);
    node.type = grown_type(collation, length, true);
}

Datum concat_with_separator(const Node& node, Run& run) {
    Operand separator(node.arguments[0], run);
    if (separator.is_null()) return {};
    std::string out;
    bool first = true;
    for (std::size_t i = 1; i < node.arguments.size(); ++i) {
        Operand operand(node.arguments[i], run);
        if (operand.is_null()) continue;
        const std::string_view text = operand.text();
        if (too_long(node, run, out.size() + text.size() + separator.text().size())) return {};
        if (!first) out += separator.text();
        first = false;
        out += text;
    }
    return out;
}
void give_concat_with_separator(Node& node, const Environment& environment) {
    const collation::Operand collation = unite_texts(node.arguments, environment, "concat_ws");
    const collation::Collation& in = *collation.collation;
    std::uint64_t length = text_length(node.arguments[0].type, in) * (node.arguments.size() - 2);
    for (std::size_t i = 1; i < node.arguments.size(); ++i)
        length += text_length(node.arguments[i].type, in);
    node.type = grown_type(collation, length, true);
}

// ---- parts

// Of a double that stands in the statement.
void note_bytes_in_json(Node& node) {
    const Node& whole = node.arguments[0];
    const bool is_double = whole.compute == compute_literal && is_float(whole.type.type);
    node.is_bytes_in_json = is_double || whole.is_bytes_in_json;
}

void give_part(Node& node, const Environment& environment, std::uint64_t length) {
    node.type =
        text_type(unite_with_whole(std::span(node.arguments).first(1), environment), length, true);
    note_bytes_in_json(node);
}

Datum left(const Node& node, Run& run) {
    Operand text(node.arguments[0], run);
    Operand count(node.arguments[1], run);
    if (text.is_null() || count.is_null()) return {};
    const std::int64_t characters = count.integer().clipped();
    if (characters <= 0) return std::string();
    const std::string_view whole = text.text();
    return std::string(whole.substr(
        0, collation::bytes_of(charset_of(node), whole, static_cast<std::uint64_t>(characters))));
}
Datum right(const Node& node, Run& run) {
    Operand text(node.arguments[0], run);
    Operand count(node.arguments[1], run);
    if (text.is_null() || count.is_null()) return {};
    const std::int64_t wanted = count.integer().clipped();
    if (wanted <= 0) return std::string();
    const std::string_view whole = text.text();
    const std::uint64_t characters = collation::characters(charset_of(node), whole);
    if (static_cast<std::uint64_t>(wanted) >= characters) return std::string(whole);
    return std::string(whole.substr(collation::bytes_of(
        charset_of(node), whole, characters - static_cast<std::uint64_t>(wanted))));
}
void give_side(Node& node, const Environment& environment) {
    std::uint64_t length = text_length(node.arguments[0].type);
    if (const auto count = constant_integer(node.arguments[1], environment)) {
        length =
            std::min<std::uint64_t>(length, *count > 0 ? static_cast<std::uint64_t>(*count) : 0);
    }
    give_part(node, environment, length);
}

Datum substring(const Node& node, Run& run) {
    Operand text(node.arguments[0], run);
    if (text.is_null()) return {};
    Operand start(node.arguments[1], run);
    if (start.is_null()) return {};
    std::int64_t count = INT64_MAX;
    if (node.arguments.size() > 2) {
        Operand length(node.arguments[2], run);
        if (length.is_null()) return {};
        count = length.integer().clipped();
    }
    const std::string_view whole = text.text();
    std::int64_t from = start.integer().clipped();
    if (count <= 0 || from == 0) return std::string();
    const auto& charset = charset_of(node);
    if (from < 0) {
        from += static_cast<std::int64_t>(collation::characters(charset, whole));
        if (from < 0) return std::string();
    } else {
        --from;
    }
    const std::string_view rest =
        whole.substr(collation::bytes_of(charset, whole, static_cast<std::uint64_t>(from)));
    return std::string(
        rest.substr(0, collation::bytes_of(charset, rest, static_cast<std::uint64_t>(count))));
}
void give_substring(Node& node, const Environment& environment) {
    std::uint64_t length = text_length(node.arguments[0].type);
    const auto start = constant_integer(node.arguments[1], environment);
    if (!start && node.arguments[1].is_constant) return give_part(node, environment, length);
    if (start) {
        const std::uint64_t skipped = *start > 0 ? static_cast<std::uint64_t>(*start) - 1 : 0;
        if (*start == 0) length = 0;
        if (*start < 0) length = std::min(length, static_cast<std::uint64_t>(-(*start + 1)) + 1);
        length -= std::min(length, skipped);
    }
    if (node.arguments.size() > 2) {
        if (const auto count = constant_integer(node.arguments[2], environment)) {
            length = std::min<std::uint64_t>(length,
                                             *count > 0 ? static_cast<std::uint64_t>(*count) : 0);
        }
    }
    give_part(node, environment, length);
}

// Where the delimiter stands `count` times from the left, or from the right if it is negative.
std::string_view part_by(std::string_view text, std::string_view delimiter, std::int64_t count) {
    std::size_t at = count > 0 ? 0 : text.size();
    if (count > 0) {
        for (;;) {
            at = text.find(delimiter, at);
            if (at == std::string_view::npos) return text;
            if (--count == 0) return text.substr(0, at);
            at += delimiter.size();
        }
    }
    for (;;) {
        if (at < delimiter.size()) return text;
        at = text.rfind(delimiter, at - delimiter.size());
        if (at == std::string_view::npos) return text;
        if (++count == 0) return text.substr(at + delimiter.size());
    }
}
Datum substring_index(const Node& node, Run& run) {
    Operand text(node.arguments[0], run);
    if (text.is_null()) return {};
    Operand count(node.arguments[2], run);
    if (count.is_null()) return {};
    Operand delimiter(node.arguments[1], run);
    if (delimiter.is_null()) return {};
    const std::int64_t wanted = count.integer().clipped();
    if (wanted == 0 || text.text().empty() || delimiter.text().empty()) return std::string();
    return std::string(part_by(text.text(), delimiter.text(), wanted));
}
void give_substring_index(Node& node, const Environment& environment) {
    const auto texts = std::span(node.arguments).first(2);
    node.type = text_type(unite_with_first(texts, environment, Literals::unchecked),
                          text_length(node.arguments[0].type), true);
}

// ---- padding and repeating

// The type of `unit` characters taken as often as a count says: of blob_length characters if it is
// not known, or NULL; one that is negative counts as huge.
FieldType repeated_type(const collation::Operand& collation, std::uint64_t unit, const Node& count,
                        const Environment& environment) {
    const auto times = constant_integer(count, environment);
    if (!times) return text_type(collation, blob_length, true);
    const bool huge = *times < 0 || *times > INT32_MAX;
    const std::uint64_t factor = huge ? INT32_MAX : static_cast<std::uint64_t>(*times);
    return grown_type(collation, unit * factor, true);
}

Datum pad(const Node& node, Run& run, bool on_left) {
    Operand text(node.arguments[0], run);
    Operand count(node.arguments[1], run);
    Operand padding(node.arguments[2], run);
    if (text.is_null() || count.is_null() || padding.is_null()) return {};
    const std::int64_t wanted = count.integer().clipped();
    if (wanted < 0) return {};
    const auto& charset = charset_of(node);
    const std::string_view whole = text.text();
    const auto target = static_cast<std::uint64_t>(wanted);
    const std::uint64_t characters = collation::characters(charset, whole);
    if (target <= characters)
        return std::string(whole.substr(0, collation::bytes_of(charset, whole, target)));
    const std::string_view unit = padding.text();
    const std::uint64_t unit_characters = collation::characters(charset, unit);
    const std::uint64_t limit = run.environment.max_allowed_packet;
    if (target > limit || too_long(node, run, target * charset.max_bytes)) {
        if (target > limit) (void)too_long(node, run, UINT64_MAX);
        return {};
    }
    if (unit_characters == 0) return std::string(whole);
    std::uint64_t missing = target - characters;
    std::string fill;
    while (missing >= unit_characters) {
        fill += unit;
        missing -= unit_characters;
    }
    fill += unit.substr(0, collation::bytes_of(charset, unit, missing));
    return on_left ? fill + std::string(whole) : std::string(whole) + fill;
}
Datum pad_left(const Node& node, Run& run) {
    return pad(node, run, true);
}
Datum pad_right(const Node& node, Run& run) {
    return pad(node, run, false);
}
void give_pad(Node& node, const Environment& environment) {
    Node texts[] = {std::move(node.arguments[0]), std::move(node.arguments[2])};
    const collation::Operand collation = unite_with_first(texts, environment);
    node.arguments[0] = std::move(texts[0]);
    node.arguments[2] = std::move(texts[1]);
    node.type = repeated_type(collation, 1, node.arguments[1], environment);
}

Datum repeat(const Node& node, Run& run) {
    Operand text(node.arguments[0], run);
    Operand count(node.arguments[1], run);
    if (text.is_null() || count.is_null()) return {};
    const std::int64_t times = count.integer().clipped();
    const std::string_view unit = text.text();
    if (times <= 0 || unit.empty()) return std::string();
    const std::uint64_t limit = run.environment.max_allowed_packet;
    const auto wanted = static_cast<std::uint64_t>(times);
    if (too_long(node, run, wanted > limit ? UINT64_MAX : wanted * unit.size())) return {};
    std::string out;
    out.reserve(wanted * unit.size());
    for (std::uint64_t i = 0; i < wanted; ++i) out += unit;
    return out;
}
void give_repeat(Node& node, const Environment& environment) {
    const collation::Operand collation =
        unite_with_whole(std::span(node.arguments).first(1), environment);
    node.type = repeated_type(collation, text_length(node.arguments[0].type), node.arguments[1],
                              environment);
    note_bytes_in_json(node);
}

Datum space(const Node& node, Run& run) {
    Operand count(node.arguments[0], run);
    if (count.is_null()) return {};
    const std::int64_t wanted = count.integer().clipped();
    if (wanted <= 0) return std::string();
    if (too_long(node, run, static_cast<std::uint64_t>(wanted))) return {};
    return std::string(static_cast<std::size_t>(wanted), ' ');
}
void give_space(Node& node, const Environment& environment) {
    const collation::Operand collation{connection_collation(environment), Coercibility::coercible,
                                       Repertoire::ascii};
    const auto count = constant_integer(node.arguments[0], environment);
    if (!count && !node.arguments[0].is_constant) {
        node.type = text_type(collation, blob_length, true);
        return;
    }
    const std::int64_t length = std::clamp<std::int64_t>(count.value_or(0), 0, INT32_MAX);
    node.type = grown_type(collation, static_cast<std::uint64_t>(length), true);
}

// ---- REPLACE, INSERT, REVERSE, case

Datum replace(const Node& node, Run& run) {
    Operand text(node.arguments[0], run);
    if (text.is_null()) return {};
    Operand from(node.arguments[1], run);
    if (from.is_null()) return {};
    Operand to(node.arguments[2], run);
    if (to.is_null()) return {};
    const std::string_view whole = text.text();
    const std::string_view sought = from.text();
    if (sought.empty()) return std::string(whole);
    const auto& charset = charset_of(node);
    std::string out;
    for (std::size_t at = 0; at < whole.size();) {
        if (whole.substr(at).starts_with(sought)) {
            out += to.text();
            at += sought.size();
        } else {
            const std::size_t width = collation::bytes_of(charset, whole.substr(at), 1);
            out += whole.substr(at, width);
            at += width;
        }
        if (too_long(node, run, out.size())) return {};
    }
    return out;
}
void give_replace(Node& node, const Environment& environment) {
    const collation::Operand collation = unite_with_whole(node.arguments, environment);
    std::uint64_t length = text_length(node.arguments[0].type);
    // As if each character were replaced, and one too few.
    std::uint64_t to = text_length(node.arguments[2].type, *collation.collation);
    const auto constant = constant_text(node.arguments[2], environment);
    if (constant && collation.collation->id != collation::binary)
        to = collation::characters(*collation.collation->charset, *constant);
    if (to > 1) length *= to - 1;
    node.type = grown_type(collation, length, true);
}

Datum insert(const Node& node, Run& run) {
    Operand text(node.arguments[0], run);
    Operand start(node.arguments[1], run);
    Operand count(node.arguments[2], run);
    Operand added(node.arguments[3], run);
    if (text.is_null() || start.is_null() || count.is_null() || added.is_null()) return {};
    const std::string_view whole = text.text();
    const auto& charset = charset_of(node);
    const std::int64_t from = start.integer().clipped();
    const auto characters = static_cast<std::int64_t>(collation::characters(charset, whole));
    if (from < 1 || from > characters) return std::string(whole);
    std::int64_t length = count.integer().clipped();
    if (length < 0 || length > characters - (from - 1)) length = characters - (from - 1);
    const std::size_t head =
        collation::bytes_of(charset, whole, static_cast<std::uint64_t>(from - 1));
    const std::size_t gone =
        collation::bytes_of(charset, whole.substr(head), static_cast<std::uint64_t>(length));
    if (too_long(node, run, whole.size() - gone + added.text().size())) return {};
    std::string out(whole.substr(0, head));
    out += added.text();
    out += whole.substr(head + gone);
    return out;
}
void give_insert(Node& node, const Environment& environment) {
    Node texts[] = {std::move(node.arguments[0]), std::move(node.arguments[3])};
    const collation::Operand collation = unite_with_first(texts, environment);
    node.arguments[0] = std::move(texts[0]);
    node.arguments[3] = std::move(texts[1]);
    const Node& added = node.arguments[3];
    const collation::Collation& in = *collation.collation;
    std::uint64_t length = text_length(added.type, in);
    if (is_number(added.type.type) && in.id != collation::binary) {
        if (const auto digits = constant_text(added, environment)) length = digits->size();
    }
    node.type = grown_type(collation, text_length(node.arguments[0].type) + length, true);
}

Datum reverse(const Node& node, Run& run) {
    Operand text(node.arguments[0], run);
    if (text.is_null()) return {};
    const std::string_view whole = text.text();
    std::string out(whole.size(), '\0');
    std::size_t end = whole.size();
    for (std::size_t at = 0; at < whole.size();) {
        const std::size_t width = collation::bytes_of(charset_of(node), whole.substr(at), 1);
        end -= width;
        std::ranges::copy(whole.substr(at, width), out.begin() + static_cast<std::ptrdiff_t>(end));
        at += width;
    }
    return out;
}
void give_same_length(Node& node, const Environment& environment) {
    give_part(node, environment, text_length(node.arguments[0].type));
}
// The same, which refuses weights.
void give_same_text(Node& node, const Environment& environment) {
    const auto united = unite_with_first(std::span(node.arguments).first(1), environment);
    node.type = text_type(united, text_length(node.arguments[0].type), true);
}

// Weights are no characters: up to the first bytes that are none.
std::string_view readable(const Node& node, Operand& text) {
    const std::string_view whole = text.text();
    if (!are_weights(node.arguments[0])) return whole;
    return whole.substr(0, collation::valid_prefix(*node.type.collation->charset, whole));
}
Datum upper(const Node& node, Run& run) {
    Operand text(node.arguments[0], run);
    if (text.is_null()) return {};
    return collation::upper(*node.type.collation, readable(node, text));
}
Datum lower(const Node& node, Run& run) {
    Operand text(node.arguments[0], run);
    if (text.is_null()) return {};
    return collation::lower(*node.type.collation, readable(node, text));
}

// ---- TRIM. number: the side.

std::string_view trimmed(std::string_view text, std::string_view remove, sql::TrimSide side) {
    if (remove.empty()) return text;
    if (side != sql::TrimSide::trailing) {
        while (text.starts_with(remove)) text.remove_prefix(remove.size());
    }
    if (side != sql::TrimSide::leading) {
        while (text.ends_with(remove)) text.remove_suffix(remove.size());
    }
    return text;
}
Datum trim(const Node& node, Run& run) {
    Operand text(node.arguments[0], run);
    if (text.is_null()) return {};
    const auto side = static_cast<sql::TrimSide>(node.number);
    if (node.arguments.size() > 1) {
        Operand remove(node.arguments[1], run);
        if (remove.is_null()) return {};
        return std::string(trimmed(text.text(), remove.text(), side));
    }
    std::string blank;
    collation::append_char(blank, charset_of(node), U' ');
    return std::string(trimmed(text.text(), blank, side));
}
void give_trim_left(Node& node, const Environment& environment) {
    give_same_text(node, environment);
    node.number = static_cast<std::uint32_t>(sql::TrimSide::leading);
}
void give_trim_right(Node& node, const Environment& environment) {
    give_same_text(node, environment);
    node.number = static_cast<std::uint32_t>(sql::TrimSide::trailing);
}

}  // namespace

Node trim_node(sql::TrimSide side, std::vector<Node> characters, Node text,
               const Environment& environment) {
    refuse_tuple(text);
    std::vector<Node> arguments;
    arguments.push_back(std::move(text));
    for (Node& each : characters) {
        refuse_tuple(each);
        arguments.push_back(std::move(each));
    }
    Node node = node_of("trim", Print::call, trim, {}, std::move(arguments));
    const auto collation = unite_with_first(node.arguments, environment, Literals::unchecked);
    node.type = text_type(collation, text_length(node.arguments[0].type), true);
    node.number = static_cast<std::uint32_t>(side);
    return node;
}

std::span<const Function> text_functions() {
    static constexpr Function functions[] = {
        {"concat", 1, -1, give_concat, concat},
        {"concat_ws", 2, -1, give_concat_with_separator, concat_with_separator},
        {"insert", 4, 4, give_insert, insert},
        {"lcase", 1, 1, give_same_length, lower, "lower"},
        {"left", 2, 2, give_side, left},
        {"lower", 1, 1, give_same_length, lower},
        {"lpad", 3, 3, give_pad, pad_left},
        {"ltrim", 1, 1, give_trim_left, trim},
        {"mid", 3, 3, give_substring, substring, "substr"},
        {"repeat", 2, 2, give_repeat, repeat},
        {"replace", 3, 3, give_replace, replace},
        {"reverse", 1, 1, give_same_text, reverse},
        {"right", 2, 2, give_side, right},
        {"rpad", 3, 3, give_pad, pad_right},
        {"rtrim", 1, 1, give_trim_right, trim},
        {"space", 1, 1, give_space, space},
        {"substr", 2, 3, give_substring, substring},
        {"substring", 2, 3, give_substring, substring, "substr"},
        {"substring_index", 3, 3, give_substring_index, substring_index},
        {"ucase", 1, 1, give_same_length, upper, "upper"},
        {"upper", 1, 1, give_same_length, upper},
    };
    return functions;
}

}  // namespace sluice::eval
