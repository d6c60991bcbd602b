// REGEXP_* on ICU, which works on UTF-16; its time and stack are limited.
#include <algorithm>

#include <unicode/regex.h>
#include <unicode/unistr.h>

#include "collation/charset.h"
#include "eval/detail/registry.h"
#include "eval/detail/special.h"

namespace sluice::eval {
namespace {

struct Failure {
    UErrorCode code;
    std::uint16_t number;
    std::string_view text;
};
constexpr Failure failures[] = {
    {U_ILLEGAL_ARGUMENT_ERROR, 3685, "Illegal argument to a regular expression."},
    {U_INDEX_OUTOFBOUNDS_ERROR, 3686, "Index out of bounds in regular expression search."},
    {U_REGEX_INTERNAL_ERROR, 3687, "Internal error in the regular expression library."},
    {U_REGEX_BAD_ESCAPE_SEQUENCE, 3689, "Unrecognized escape sequence in regular expression."},
    {U_REGEX_UNIMPLEMENTED, 3690,
     "The regular expression contains a feature that is not implemented in this library version."},
    {U_REGEX_MISMATCHED_PAREN, 3691, "Mismatched parenthesis in regular expression."},
    {U_REGEX_BAD_INTERVAL, 3692, "Incorrect description of a {min,max} interval."},
    {U_REGEX_MAX_LT_MIN, 3693, "The maximum is less than the minumum in a {min,max} interval."},
    {U_REGEX_INVALID_BACK_REF, 3694, "Invalid back-reference in regular expression."},
    {U_REGEX_LOOK_BEHIND_LIMIT, 3695,
     "The look-behind assertion exceeds the limit in regular expression."},
    {U_REGEX_MISSING_CLOSE_BRACKET, 3696,
     "The regular expression contains an unclosed bracket expression."},
    {U_REGEX_INVALID_RANGE, 3697,
     "The regular expression contains an [x-y] character range where x comes after y."},
    {U_REGEX_STACK_OVERFLOW, 3698, "Overflow in the regular expression backtrack stack."},
    {U_REGEX_TIME_OUT, 3699, "Timeout exceeded in regular expression match."},
    {U_REGEX_PATTERN_TOO_BIG, 3700,
     "The regular expression pattern exceeds limits on size or complexity."},
    {U_REGEX_INVALID_CAPTURE_GROUP_NAME, 3887, "A capture group has an invalid name."},
    {U_REGEX_INVALID_FLAG, 3900, "Invalid match mode flag in regular expression."},
};

void check(UErrorCode status, const UParseError* place = nullptr) {
    if (U_SUCCESS(status)) return;
    if (status == U_REGEX_RULE_SYNTAX && place != nullptr) {
        raise(3688, "Syntax error in regular expression on line " + std::to_string(place->line) +
                        ", character " + std::to_string(place->offset) + ".");
    }
    for (const Failure& failure : failures) {
        if (failure.code == status) raise(failure.number, std::string(failure.text));
    }
    raise(3687, "Internal error in the regular expression library.");
}

struct PreparedRegexp : Prepared {
    const collation::Collation* collation = nullptr;
    Coercibility coercibility = Coercibility::coercible;
    bool insensitive = false;
    // Of a constant pattern under constant flags.
    std::unique_ptr<icu::RegexPattern> pattern;
};
const PreparedRegexp& prepared_of(const Node& node) {
    return static_cast<const PreparedRegexp&>(*node.prepared);
}

// Each text comes in its own character set; bytes are taken as latin1's characters.
icu::UnicodeString utf16_of(Operand& operand) {
    const FieldType& type = operand.type();
    std::string_view text = operand.text();
    std::string storage;
    const bool is_ascii = type.collation == nullptr || is_number(type.type) ||
                          is_temporal(type.type) || type.type == Type::json;
    const std::string_view charset = type.type == Type::bit ? "binary"
                                     : is_ascii             ? "utf8mb4"
                                                            : type.collation->charset->name;
    if (charset != "utf8mb4" && charset != "utf8mb3" && charset != "ascii") {
        const collation::Charset& from =
            *collation::find_charset(charset == "binary" ? std::string_view("latin1") : charset);
        storage = collation::convert(from, *collation::find_charset("utf8mb4"), text).text;
        text = storage;
    }
    if (text.size() > INT32_MAX / 2)
        raise(3700, "The regular expression pattern exceeds limits on size or complexity.");
    return icu::UnicodeString::fromUTF8({text.data(), static_cast<std::int32_t>(text.size())});
}
std::string text_of(const icu::UnicodeString& utf16, const collation::Collation& collation) {
    std::string utf8;
    utf16.toUTF8String(utf8);
    const std::string_view charset = collation.charset->name;
    if (charset == "utf8mb4" || charset == "utf8mb3" || charset == "ascii") return utf8;
    const collation::Charset& to =
        charset == "binary" ? *collation::find_charset("latin1") : *collation.charset;
    return collation::convert(*collation::find_charset("utf8mb4"), to, utf8).text;
}

std::uint32_t flags_of_letters(std::string_view letters, std::uint32_t flags, const Node& node) {
    for (const char letter : letters) {
        switch (letter) {
            case 'c':
                flags &= ~static_cast<std::uint32_t>(UREGEX_CASE_INSENSITIVE);
                break;
            case 'i':
                flags |= UREGEX_CASE_INSENSITIVE;
                break;
            case 'm':
                flags |= UREGEX_MULTILINE;
                break;
            case 'n':
                flags |= UREGEX_DOTALL;
                break;
            case 'u':
                flags |= UREGEX_UNIX_LINES;
                break;
            default:
                raise(er::wrong_arguments, "Incorrect arguments to " + node.name);
        }
    }
    return flags;
}

std::unique_ptr<icu::RegexPattern> compiled(const icu::UnicodeString& pattern,
                                            std::uint32_t flags) {
    UErrorCode status = U_ZERO_ERROR;
    UParseError place{};
    if (pattern.isEmpty()) check(U_ILLEGAL_ARGUMENT_ERROR);
    std::unique_ptr<icu::RegexPattern> result(
        icu::RegexPattern::compile(pattern, flags, place, status));
    check(status, &place);
    return result;
}

// One search: the text, the engine over it, and what owns both.
struct Search {
    icu::UnicodeString text;
    std::unique_ptr<icu::RegexPattern> own_pattern;
    std::unique_ptr<icu::RegexMatcher> matcher;
};

// `flags_at` is the argument with the letters. nullptr: NULL.
std::unique_ptr<Search> search_of(const Node& node, Run& run, std::size_t flags_at) {
    const PreparedRegexp& how = prepared_of(node);
    std::uint32_t flags = how.insensitive ? UREGEX_CASE_INSENSITIVE : 0;
    if (node.arguments.size() > flags_at) {
        Operand letters(node.arguments[flags_at], run);
        if (letters.is_null()) return nullptr;
        flags = flags_of_letters(letters.text(), flags, node);
    }
    Operand pattern(node.arguments[1], run);
    if (pattern.is_null()) return nullptr;
    // The pattern is looked at even if there is no text.
    auto search = std::make_unique<Search>();
    const icu::RegexPattern* chosen = how.pattern.get();
    if (chosen == nullptr) {
        search->own_pattern = compiled(utf16_of(pattern), flags);
        chosen = search->own_pattern.get();
    }
    Operand text(node.arguments[0], run);
    if (text.is_null()) return nullptr;
    search->text = utf16_of(text);
    UErrorCode status = U_ZERO_ERROR;
    search->matcher.reset(chosen->matcher(search->text, status));
    check(status);
    search->matcher->setTimeLimit(static_cast<std::int32_t>(run.environment.regexp_time_limit),
                                  status);
    search->matcher->setStackLimit(static_cast<std::int32_t>(run.environment.regexp_stack_limit),
                                   status);
    check(status);
    return search;
}

// But for long ones that are computed, which may stand beside bytes.
bool is_text_value(const Node& node) {
    const bool is_long = node.type.type == Type::text && node.compute != compute_column;
    const bool is_member = node.type.type == Type::enum_ || node.type.type == Type::set;
    return ((is_plain_text(node.type) && !is_long) || is_member) && !are_weights(node);
}

// 3995 for bytes beside a text.
void refuse_bytes_beside(const collation::Operand& left, const collation::Operand& right,
                         const Node& text, const Node& node) {
    if (!is_text_value(text)) return;
    raise(3995, "Character set '" + std::string(left.collation->name) +
                    "' cannot be used in conjunction with '" + std::string(right.collation->name) +
                    "' in call to " + node.name + ".");
}

// VARBINARY may not stand beside a text; BINARY, BLOB and BIT may, and the text is taken as bytes.
bool is_bytes_value(const Node& node) {
    return node.type.type == Type::varbinary;
}

void give_search(Node& node, const Environment& environment, std::size_t flags_at) {
    auto how = std::make_shared<PreparedRegexp>();
    const std::span<Node> pair = std::span(node.arguments).first(2);
    for (const std::size_t bytes : {0U, 1U}) {
        const bool beside_text =
            is_bytes_value(pair[bytes]) && !is_binary(pair[1 - bytes].type.type);
        if (beside_text)
            refuse_bytes_beside(text_operand(pair[0], environment),
                                text_operand(pair[1], environment), pair[1 - bytes], node);
    }
    const collation::Operand merged = merged_collation(pair, environment, node.name, Mix::refused);
    how->collation =
        merged.coercibility == Coercibility::numeric ? number_collation() : merged.collation;
    how->coercibility = merged.coercibility;
    for (const Node& each : pair) {
        const collation::Charset& own = *text_operand(each, environment).collation->charset;
        if (merged.collation->id != collation::binary && own.name != "binary")
            require_convertible(each, own, *merged.collation);
    }
    // Beside bytes a literal is the bytes of its own character set.
    for (Node& each : pair) {
        const bool as_bytes = merged.collation->id == collation::binary &&
                              each.compute == compute_literal && is_plain_text(each.type);
        if (as_bytes) each.type = binary_type(each.type.nullable, byte_length(each.type));
    }
    how->insensitive = how->collation->name.ends_with("_ci");
    const auto* pattern = pair[1].constant.as<std::string>();
    if (pattern != nullptr && pair[1].compute == compute_literal &&
        node.arguments.size() <= flags_at && !pattern->empty()) {
        UErrorCode status = U_ZERO_ERROR;
        UParseError place{};
        Environment copy = environment;
        Run run{{}, copy};
        Operand operand(pair[1], run);
        how->pattern.reset(icu::RegexPattern::compile(
            utf16_of(operand), how->insensitive ? UREGEX_CASE_INSENSITIVE : 0, place, status));
        if (U_FAILURE(status)) how->pattern.reset();  // the error belongs to the evaluation
    }
    node.prepared = std::move(how);
}

// A number of texts has their collation where it is made a text again.
void note_texts(Node& node) {
    node.type.coercibility = prepared_of(node).coercibility;
    node.type.as_text = prepared_of(node).collation;
}

// Code units of the first `characters` characters; they are counted as code points.
std::int32_t unit_of(const icu::UnicodeString& text, std::int64_t characters) {
    if (characters > text.length()) check(U_INDEX_OUTOFBOUNDS_ERROR);
    if (text.countChar32() < characters) check(U_INDEX_OUTOFBOUNDS_ERROR);
    return text.moveIndex32(0, static_cast<std::int32_t>(characters));
}

// Finds the n-th match from a place that counts from 1.
bool find(Search& search, std::int64_t position, std::int64_t occurrence) {
    const std::int32_t start = unit_of(search.text, position - 1);
    UErrorCode status = U_ZERO_ERROR;
    bool found = search.matcher->find(start, status) != 0;
    check(status);
    for (std::int64_t i = 1; found && i < occurrence; ++i) {
        found = search.matcher->find(status) != 0;
        check(status);
    }
    return found;
}

// An optional number among the arguments; nullopt: NULL.
std::optional<std::int64_t> number_at(const Node& node, Run& run, std::size_t at,
                                      std::int64_t otherwise) {
    if (node.arguments.size() <= at) return otherwise;
    Operand number(node.arguments[at], run);
    if (number.is_null()) return std::nullopt;
    return number.integer().clipped();
}
[[noreturn]] void raise_parameters(const Node& node) {
    raise(er::wrong_parameters_to_native_fct,
          "Incorrect parameters in the call to native function '" + node.name + "'");
}

Datum like(const Node& node, Run& run) {
    const auto search = search_of(node, run, 2);
    if (!search) return {};
    return std::int64_t{find(*search, 1, 1) != (node.number != 0) ? 1 : 0};
}
void give_like(Node& node, const Environment& environment) {
    give_search(node, environment, 2);
    node.type = boolean_type(any_nullable(node.arguments));
    note_texts(node);
}

Datum instr(const Node& node, Run& run) {
    const auto position = number_at(node, run, 2, 1);
    const auto occurrence = number_at(node, run, 3, 1);
    const auto option = number_at(node, run, 4, 0);
    if (option && *option != 0 && *option != 1) {
        raise(er::wrong_arguments,
              "Incorrect arguments to regexp_instr: return_option must be 1 or 0.");
    }
    const auto search = search_of(node, run, 5);
    if (!search || !position || !occurrence || !option) return {};
    if (search->text.isEmpty()) return std::int64_t{0};
    if (*position < 1 || *position > search->text.countChar32()) check(U_INDEX_OUTOFBOUNDS_ERROR);
    if (!find(*search, *position, *occurrence)) return std::int64_t{0};
    UErrorCode status = U_ZERO_ERROR;
    const std::int32_t unit =
        *option == 0 ? search->matcher->start(status) : search->matcher->end(status);
    check(status);
    return std::int64_t{search->text.countChar32(0, unit)} + 1;
}
void give_instr(Node& node, const Environment& environment) {
    give_search(node, environment, 5);
    node.type = integer_type(any_nullable(node.arguments));
    note_texts(node);
}

Datum substr(const Node& node, Run& run) {
    const auto position = number_at(node, run, 2, 1);
    const auto occurrence = number_at(node, run, 3, 1);
    const auto search = search_of(node, run, 4);
    if (position && occurrence && *position < 1) raise_parameters(node);
    if (!search || !position || !occurrence) return {};
    if (!find(*search, *position, *occurrence)) return {};
    UErrorCode status = U_ZERO_ERROR;
    const icu::UnicodeString found = search->matcher->group(status);
    check(status);
    return text_of(found, *prepared_of(node).collation);
}
void give_substr(Node& node, const Environment& environment) {
    give_search(node, environment, 4);
    const PreparedRegexp& how = prepared_of(node);
    node.type = text_type({how.collation, how.coercibility, Repertoire::unicode},
                          text_length(node.arguments[0].type), true);
    node.type.coercibility = how.coercibility;
    node.is_silent = true;
}

Datum replace(const Node& node, Run& run) {
    const auto position = number_at(node, run, 3, 1);
    const auto occurrence = number_at(node, run, 4, 0);
    Operand replacement(node.arguments[2], run);
    const auto search = search_of(node, run, 5);
    if (position && occurrence && *position < 1) raise_parameters(node);
    if (!search || replacement.is_null() || !position || !occurrence) return {};
    const collation::Collation& collation = *prepared_of(node).collation;
    const icu::UnicodeString with = utf16_of(replacement);
    const std::int32_t start = unit_of(search->text, *position - 1);
    const std::int64_t wanted = *occurrence < 0 ? 1 : *occurrence;
    UErrorCode status = U_ZERO_ERROR;
    icu::UnicodeString out;
    bool found = search->matcher->find(start, status) != 0;
    check(status);
    std::int64_t count = 1;
    for (; found; ++count) {
        if (wanted == 0 || wanted == count) {
            search->matcher->appendReplacement(out, with, status);
            check(status);
            if (too_long(node, run, static_cast<std::uint64_t>(out.length()))) return {};
            if (wanted == count) break;
        }
        found = search->matcher->find(status) != 0;
        check(status);
    }
    search->matcher->appendTail(out);
    return text_of(out, collation);
}
void give_replace(Node& node, const Environment& environment) {
    give_search(node, environment, 5);
    const auto* collation = prepared_of(node).collation;
    const collation::Operand own{collation, prepared_of(node).coercibility, Repertoire::unicode};
    const Node& added = node.arguments[2];
    // A literal beside a column of bytes has become bytes, with which no text may be replaced.
    const auto is_fixed = [](const Node& each) {
        return is_bytes_value(each) ||
               (each.compute == compute_literal && is_plain_text(each.type));
    };
    const bool bytes = collation->id == collation::binary;
    const bool fixed_bytes = bytes && (is_fixed(node.arguments[0]) || is_fixed(node.arguments[1]));
    if (fixed_bytes && !is_binary(added.type.type))
        refuse_bytes_beside(own, text_operand(added, environment), added, node);
    // Nor do bytes replace anything in a text, or what a text matches.
    for (const Node& each : std::span(node.arguments).first(2)) {
        if (is_bytes_value(added) && !is_binary(each.type.type))
            refuse_bytes_beside(own, text_operand(added, environment), each, node);
    }
    node.type = grown_type(own, blob_length, any_nullable(node.arguments));
    node.type.coercibility = own.coercibility;
    node.is_silent = true;
}

}  // namespace

Node regexp_node(Node text, Node pattern, bool negated, const Environment& environment) {
    refuse_tuple(text);
    refuse_tuple(pattern);
    std::vector<Node> arguments;
    arguments.push_back(std::move(text));
    arguments.push_back(std::move(pattern));
    Node node = node_of("regexp_like", Print::call, like, {}, std::move(arguments));
    give_like(node, environment);
    node.number = negated ? 1 : 0;
    return node;
}

std::span<const Function> regexp_functions() {
    static constexpr Function functions[] = {
        {"regexp_instr", 2, 6, give_instr, instr},
        {"regexp_like", 2, 3, give_like, like},
        {"regexp_replace", 3, 6, give_replace, replace},
        {"regexp_substr", 2, 5, give_substr, substr},
    };
    return functions;
}

}  // namespace sluice::eval
