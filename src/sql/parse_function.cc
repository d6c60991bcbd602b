// Step 4 of a request: calls. Functions with a syntax of their own have a node or are brought into
// the plain form.
#include <algorithm>
#include <optional>

#include "sql/detail/parser.h"

namespace sluice::sql::detail {
namespace {

// Functions that v21 knows by name and prints in lower case; sorted. Others keep the case they came
// in.
constexpr std::string_view known_functions[] = {
    "adddate",
    "any_value",
    "avg",
    "bit_and",
    "bit_or",
    "cast",
    "char",
    "cume_dist",
    "curdate",
    "curtime",
    "database",
    "date_add",
    "date_sub",
    "dense_rank",
    "extract",
    "extractvalue",
    "first_value",
    "format_bytes",
    "format_pico_time",
    "get_lock",
    "group_concat",
    "gtid_subset",
    "gtid_subtract",
    "if",
    "is_free_lock",
    "is_used_lock",
    "json_array",
    "json_array_append",
    "json_array_insert",
    "json_arrayagg",
    "json_contains",
    "json_contains_path",
    "json_depth",
    "json_extract",
    "json_insert",
    "json_keys",
    "json_length",
    "json_merge",
    "json_merge_patch",
    "json_merge_preserve",
    "json_object",
    "json_objectagg",
    "json_overlaps",
    "json_pretty",
    "json_quote",
    "json_remove",
    "json_replace",
    "json_schema_valid",
    "json_schema_validation_report",
    "json_search",
    "json_set",
    "json_storage_free",
    "json_storage_size",
    "json_type",
    "json_unquote",
    "json_valid",
    "lag",
    "last_value",
    "lead",
    "linestring",
    "locate",
    "ltrim",
    "multilinestring",
    "multipoint",
    "multipolygon",
    "now",
    "nth_value",
    "ntile",
    "percent_rank",
    "point",
    "polygon",
    "ps_current_thread_id",
    "ps_thread_id",
    "rank",
    "regexp_instr",
    "regexp_like",
    "regexp_replace",
    "regexp_substr",
    "release_all_locks",
    "release_lock",
    "row_number",
    "rtrim",
    "st_area",
    "st_asbinary",
    "st_asgeojson",
    "st_astext",
    "st_centroid",
    "st_dimension",
    "st_endpoint",
    "st_envelope",
    "st_exteriorring",
    "st_geohash",
    "st_geometrycollectionfromtext",
    "st_geometrycollectionfromwkb",
    "st_geometryfromtext",
    "st_geometryfromwkb",
    "st_geometryn",
    "st_geometrytype",
    "st_geomfromgeojson",
    "st_interiorringn",
    "st_isclosed",
    "st_isempty",
    "st_issimple",
    "st_latfromgeohash",
    "st_latitude",
    "st_length",
    "st_linestringfromtext",
    "st_linestringfromwkb",
    "st_longfromgeohash",
    "st_longitude",
    "st_multilinestringfromtext",
    "st_multilinestringfromwkb",
    "st_multipointfromtext",
    "st_multipointfromwkb",
    "st_multipolygonfromtext",
    "st_multipolygonfromwkb",
    "st_numgeometries",
    "st_numinteriorrings",
    "st_numpoints",
    "st_pointfromgeohash",
    "st_pointfromtext",
    "st_pointfromwkb",
    "st_pointn",
    "st_polygonfromtext",
    "st_polygonfromwkb",
    "st_startpoint",
    "st_x",
    "st_y",
    "subdate",
    "sysdate",
    "updatexml",
    "wait_for_executed_gtid_set",
    "wait_until_sql_thread_after_gtids",
};

struct Renamed {
    std::string_view from;
    std::string_view to;
};
// Second names of one function, printed as v21 prints them.
constexpr Renamed renamed_functions[] = {
    {"substring", "substr"},
    {"st_geomfromtext", "st_geometryfromtext"},
    {"st_geomfromwkb", "st_geometryfromwkb"},
    {"st_geomcollfromtext", "st_geometrycollectionfromtext"},
    {"st_geomcollfromwkb", "st_geometrycollectionfromwkb"},
    {"st_aswkb", "st_asbinary"},
    {"st_aswkt", "st_astext"},
    {"st_mpointfromwkb", "st_multipointfromwkb"},
    {"st_mpointfromtext", "st_multipointfromtext"},
    {"st_mlinefromtext", "st_multilinestringfromtext"},
    {"st_mlinefromwkb", "st_multilinestringfromwkb"},
    {"st_mpolyfromtext", "st_multipolygonfromtext"},
    {"st_mpolyfromwkb", "st_multipolygonfromwkb"},
    {"st_polyfromtext", "st_polygonfromtext"},
    {"st_polyfromwkb", "st_polygonfromwkb"},
    {"st_linefromtext", "st_linestringfromtext"},
    {"st_linefromwkb", "st_linestringfromwkb"},
    {"st_numinteriorring", "st_numinteriorrings"},
    {"st_interiorringn", "st_interiorringN"},
    // names that MySQL 8 has no more
    {"endpoint", "st_endpoint"},
    {"glength", "st_length"},
    {"isclosed", "st_isclosed"},
    {"numpoints", "st_numpoints"},
    {"pointn", "st_pointn"},
    {"startpoint", "st_startpoint"},
};

std::string printed_name(std::string_view written) {
    std::string lower = lower_case(written);
    for (const Renamed& renamed : renamed_functions) {
        if (lower == renamed.from) return std::string(renamed.to);
    }
    return std::ranges::binary_search(known_functions, std::string_view(lower))
               ? lower
               : std::string(written);
}

std::optional<AggregateKind> aggregate_kind(std::string_view name) {
    if (name.size() < 3 || name.size() > 14) return std::nullopt;
    for (int i = 0; i <= static_cast<int>(AggregateKind::json_objectagg); ++i) {
        const auto kind = static_cast<AggregateKind>(i);
        if (kind != AggregateKind::count_star && same_name(name, aggregate_name(kind))) return kind;
    }
    return std::nullopt;
}

}  // namespace

// call: name ( arguments ) [window clauses] | a function with a syntax of its own
Expr Parser::parse_call(std::string keyspace, const Token& name) {
    const bool known = keyspace.empty() && name.kind == TokenKind::word;
    if (known) {
        if (const auto kind = aggregate_kind(text(name))) return parse_aggregate(*kind);
    }
    Expr result;
    if (known && parse_special_call(result, name)) return result;
    auto& call = result.node.emplace<FunctionCall>();
    call.keyspace = std::move(keyspace);
    call.name = name.kind == TokenKind::word ? printed_name(text(name)) : take_name(name);
    call.arguments = parse_arguments();
    finish_call(call);
    return result;
}

// special_call: (CAST | TRIM | SUBSTRING | EXTRACT | ...) ( their own syntax )
bool Parser::parse_special_call(Expr& result, const Token& name) {
    const std::string_view word = text(name);
    const auto is_name = [&](std::string_view other) { return same_name(word, other); };
    switch (word.size()) {
        case 3:
            if (is_name("mid")) return result = parse_substring(), true;
            return false;
        case 4:
            if (is_name("cast")) return result = parse_cast(), true;
            if (is_name("trim")) return result = parse_trim(), true;
            if (is_name("char")) return result = parse_char(), true;
            return false;
        case 6:
            if (is_name("substr")) return result = parse_substring(), true;
            return false;
        case 7:
            if (is_name("extract")) return result = parse_extract(), true;
            return false;
        case 8:
            if (is_name("position")) return result = parse_position(), true;
            return false;
        case 9:
            if (is_name("substring")) return result = parse_substring(), true;
            return false;
        case 10:
            if (is_name("json_value")) return result = parse_json_value(), true;
            if (is_name("st_collect")) {
                result = parse_aggregate(AggregateKind::loaded);
                result.as<Aggregate>()->name = printed_name(word);
                return true;
            }
            return false;
        case 12:
            if (is_name("group_concat")) return result = parse_group_concat(), true;
            if (is_name("timestampadd"))
                return result = parse_timestamp_function("timestampadd"), true;
            return false;
        case 13:
            if (is_name("timestampdiff"))
                return result = parse_timestamp_function("timestampdiff"), true;
            if (is_name("weight_string")) return result = parse_weight_string(), true;
            return false;
        case 19:
            if (is_name("json_duality_object")) return result = parse_json_duality_object(), true;
            return false;
        default:
            return false;
    }
}

// Behind the parenthesis of a window function: [FROM FIRST|LAST] [RESPECT|IGNORE NULLS] [OVER ...]
void Parser::finish_call(FunctionCall& call) {
    if (at(Keyword::from_) && (is(peek(1), Keyword::first_) || is(peek(1), Keyword::last_)) &&
        same_name(call.name, "nth_value")) {
        take();
        (accept(Keyword::first_) ? call.from_first : call.from_last) = true;
        if (call.from_last) take();
    }
    if (accept({Keyword::respect_, Keyword::nulls_}))
        call.respect_nulls = true;
    else if (accept({Keyword::ignore_, Keyword::nulls_}))
        call.ignore_nulls = true;
    parse_over(call.over);
}

// over: OVER (identifier | ( window_spec ))
void Parser::parse_over(std::optional<Box<Over>>& over) {
    if (!accept(Keyword::over_)) return;
    Over result;
    if (accept(TokenKind::left_parenthesis)) {
        result.spec = parse_window_spec();
        expect(TokenKind::right_parenthesis);
    } else {
        result.window = parse_identifier();
    }
    over = std::move(result);
}

// aggregate: name ( [DISTINCT | ALL] (* | expressions) ) [OVER ...]
Expr Parser::parse_aggregate(AggregateKind kind) {
    Expr expression;
    auto& result = expression.node.emplace<Aggregate>();
    result.kind = kind;
    expect(TokenKind::left_parenthesis);
    if (kind == AggregateKind::count && accept(TokenKind::star)) {
        result.kind = AggregateKind::count_star;
    } else {
        result.distinct = accept(Keyword::distinct_);
        if (!result.distinct) accept(Keyword::all_);
        result.arguments.push_back(parse_expression());
        const bool pair = kind == AggregateKind::json_objectagg;
        if (pair) expect(TokenKind::comma);
        if (pair || (kind == AggregateKind::count && accept(TokenKind::comma))) {
            do {
                result.arguments.push_back(parse_expression());
            } while (!pair && accept(TokenKind::comma));
        }
    }
    expect(TokenKind::right_parenthesis);
    parse_over(result.over);
    return expression;
}

// group_concat: ( [DISTINCT] expressions [ORDER BY ...] [SEPARATOR 'x'] [LIMIT ...] )
Expr Parser::parse_group_concat() {
    GroupConcat result;
    expect(TokenKind::left_parenthesis);
    result.distinct = accept(Keyword::distinct_);
    result.arguments = parse_expressions();
    if (accept({Keyword::order_, Keyword::by_})) result.order_by = parse_order_items();
    if (accept(Keyword::separator_)) result.separator = parse_string();
    if (accept(Keyword::limit_)) result.limit = parse_limit();
    expect(TokenKind::right_parenthesis);
    return result;
}

// word_or_string: word | `quoted` | 'text', which is not empty
std::string Parser::parse_word_or_string(const char* reason, std::uint16_t number) {
    const Token token = peek();
    std::string name = at(TokenKind::string) ? parse_string() : parse_any_word();
    if (name.empty()) fail_because(token, reason, number);
    require_text(token, name);
    return name;
}

// charset_name: word_or_string
std::string Parser::parse_charset_name() {
    return parse_word_or_string("Unknown character set: ''", er::unknown_character_set);
}

// collation_name: word_or_string
std::string Parser::parse_collation_name() {
    return parse_word_or_string("Unknown collation: ''", er::unknown_collation);
}

// cast_type: name [( length [, scale] )] [CHARACTER SET name | CHARSET name | ASCII | UNICODE |
// BYTE] [ARRAY]
CastType Parser::parse_cast_type() {
    CastType type;
    type.name = parse_any_word();
    if (same_name(type.name, "signed") || same_name(type.name, "unsigned")) {
        accept(Keyword::integer_) || accept(Keyword::int_);
    } else if (same_name(type.name, "double")) {
        accept(Keyword::precision_);
    } else if (same_name(type.name, "character") || same_name(type.name, "national")) {
        type.name = same_name(type.name, "national") ? "nchar" : "char";
        accept(Keyword::char_) || accept(Keyword::character_);
    }
    if (accept(TokenKind::left_parenthesis)) {
        type.length =
            static_cast<std::uint32_t>(std::min<std::uint64_t>(parse_unsigned(), 0xffffffff));
        if (accept(TokenKind::comma)) {
            type.scale =
                static_cast<std::uint32_t>(std::min<std::uint64_t>(parse_unsigned(), 0xffffffff));
        }
        expect(TokenKind::right_parenthesis);
    }
    if (accept({Keyword::character_, Keyword::set_}) || accept({Keyword::char_, Keyword::set_}) ||
        accept(Keyword::charset_)) {
        type.charset = parse_charset_name();
    } else if (accept(Keyword::ascii_)) {
        type.charset = "latin1";
    } else if (accept(Keyword::unicode_)) {
        type.charset = "ucs2";
    } else if (accept(Keyword::byte_)) {
        type.charset = "binary";
    }
    type.binary = accept(Keyword::binary_);
    if (type.binary && type.charset.empty()) {
        if (accept(Keyword::ascii_)) type.charset = "latin1";
        if (accept(Keyword::unicode_)) type.charset = "ucs2";
    }
    type.array = accept(Keyword::array_);
    return type;
}

// cast: ( expression [AT TIME ZONE [INTERVAL] string] AS cast_type )
Expr Parser::parse_cast() {
    expect(TokenKind::left_parenthesis);
    Cast cast{.operand = parse_boxed(), .type = {}};
    if (accept(Keyword::at_)) {
        expect(Keyword::time_);
        expect(Keyword::zone_);
        accept(Keyword::interval_);
        cast.time_zone = parse_string();
    }
    expect(Keyword::as_);
    cast.type = parse_cast_type();
    expect(TokenKind::right_parenthesis);
    return cast;
}

// convert: CONVERT ( expression , cast_type ) | CONVERT ( expression USING charset )
Expr Parser::parse_convert() {
    take();
    expect(TokenKind::left_parenthesis);
    Expr operand = parse_expression();
    if (accept(Keyword::using_)) {
        std::string charset = parse_charset_name();
        expect(TokenKind::right_parenthesis);
        return ConvertUsing{std::move(operand), std::move(charset)};
    }
    expect(TokenKind::comma);
    CastType type = parse_cast_type();
    expect(TokenKind::right_parenthesis);
    return Cast{std::move(operand), std::move(type), true};
}

// trim: ( [BOTH | LEADING | TRAILING] [expression] FROM expression ) | ( expression )
Expr Parser::parse_trim() {
    expect(TokenKind::left_parenthesis);
    Trim result;
    if (accept(Keyword::both_))
        result.side = TrimSide::both;
    else if (accept(Keyword::leading_))
        result.side = TrimSide::leading;
    else if (accept(Keyword::trailing_))
        result.side = TrimSide::trailing;
    if (!at(Keyword::from_)) {
        result.operand = parse_expression();
        if (at(Keyword::from_)) result.characters = std::move(result.operand);
    }
    if (accept(Keyword::from_))
        result.operand = parse_expression();
    else if (result.side != TrimSide::none)
        fail();
    expect(TokenKind::right_parenthesis);
    return result;
}

// substring: ( expression , start [, length] ) | ( expression FROM start [FOR length] )
Expr Parser::parse_substring() {
    expect(TokenKind::left_parenthesis);
    FunctionCall result;
    result.name = "substr";
    result.arguments.push_back(parse_expression());
    const bool from = accept(Keyword::from_);
    if (!from) expect(TokenKind::comma);
    result.arguments.push_back(parse_expression());
    if (from ? accept(Keyword::for_) : accept(TokenKind::comma))
        result.arguments.push_back(parse_expression());
    expect(TokenKind::right_parenthesis);
    return result;
}

// extract: ( unit FROM expression )
Expr Parser::parse_extract() {
    expect(TokenKind::left_parenthesis);
    std::string unit = lower_case(parse_any_word());
    expect(Keyword::from_);
    Box<Expr> operand = parse_boxed();
    expect(TokenKind::right_parenthesis);
    return Extract{std::move(unit), std::move(operand)};
}

// position: ( expression IN expression )
Expr Parser::parse_position() {
    expect(TokenKind::left_parenthesis);
    FunctionCall result;
    result.name = "locate";
    result.arguments.push_back(parse_expression(Power::bit_or));
    expect(Keyword::in_);
    result.arguments.push_back(parse_expression());
    expect(TokenKind::right_parenthesis);
    return result;
}

// char: ( expressions [USING charset] )
Expr Parser::parse_char() {
    expect(TokenKind::left_parenthesis);
    CharFunction result;
    result.arguments = parse_expressions();
    if (accept(Keyword::using_)) result.charset = parse_charset_name();
    expect(TokenKind::right_parenthesis);
    return result;
}

// weight_string: ( expression [AS cast_type] )
Expr Parser::parse_weight_string() {
    expect(TokenKind::left_parenthesis);
    WeightString result;
    result.operand = parse_expression();
    if (accept(Keyword::as_)) result.as = parse_cast_type();
    expect(TokenKind::right_parenthesis);
    return result;
}

// timestamp_function: ( unit , expression , expression )
Expr Parser::parse_timestamp_function(std::string name) {
    expect(TokenKind::left_parenthesis);
    TimestampFunction result;
    result.name = std::move(name);
    result.unit = lower_case(parse_any_word());
    if (result.unit.starts_with("sql_tsi_")) result.unit.erase(0, 8);
    expect(TokenKind::comma);
    result.first = parse_expression();
    expect(TokenKind::comma);
    result.second = parse_expression();
    expect(TokenKind::right_parenthesis);
    return result;
}

// values_of: VALUES ( column )
Expr Parser::parse_values_of() {
    take();
    expect(TokenKind::left_parenthesis);
    ValuesOf result{parse_column()};
    expect(TokenKind::right_parenthesis);
    return result;
}

// match: MATCH [(] columns [)] AGAINST ( expression [IN NATURAL LANGUAGE MODE | IN BOOLEAN MODE]
// [WITH QUERY EXPANSION] )
Expr Parser::parse_match() {
    take();
    Match result;
    const bool parentheses = accept(TokenKind::left_parenthesis);
    do {
        result.columns.push_back(parse_column());
    } while (accept(TokenKind::comma));
    if (parentheses) expect(TokenKind::right_parenthesis);
    expect(Keyword::against_);
    expect(TokenKind::left_parenthesis);
    result.against = parse_expression(Power::bit_or);
    if (accept({Keyword::in_, Keyword::boolean_, Keyword::mode_})) {
        result.mode = MatchMode::boolean;
    } else if (accept({Keyword::in_, Keyword::natural_, Keyword::language_, Keyword::mode_})) {
        result.mode = MatchMode::natural;
    }
    if (result.mode != MatchMode::boolean &&
        accept({Keyword::with_, Keyword::query_, Keyword::expansion_})) {
        result.mode = result.mode == MatchMode::natural ? MatchMode::natural_with_expansion
                                                        : MatchMode::expansion;
    }
    expect(TokenKind::right_parenthesis);
    return result;
}

}  // namespace sluice::sql::detail
