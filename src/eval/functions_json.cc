// JSON_*: reading documents. Those that change documents are in functions_json_edit.cc.
#include <algorithm>

#include "collation/like.h"
#include "eval/detail/json_arguments.h"
#include "eval/detail/special.h"

namespace sluice::eval {

std::optional<Json> document_at(const Node& node, Run& run, std::size_t at) {
    Operand operand(node.arguments[at], run);
    if (operand.is_null()) return std::nullopt;
    return to_document(operand.json_type(), operand.datum(), static_cast<int>(at) + 1, node.name);
}

std::optional<JsonPath> path_at(const Node& node, Run& run, std::size_t at) {
    Operand operand(node.arguments[at], run);
    if (operand.is_null()) return std::nullopt;
    auto path = parse_json_path(to_utf8(operand.type(), operand.text()));
    if (!path) raise(json_path_error(path.error()));
    return std::move(*path);
}

std::optional<JsonPath> single_path_at(const Node& node, Run& run, std::size_t at) {
    auto path = path_at(node, run, at);
    if (path && path->names_many()) raise(json_path_names_many_error());
    return path;
}

Json scalar_at(const Node& node, Run& run, std::size_t at) {
    Operand operand(node.arguments[at], run);
    if (operand.is_null()) return {};
    return to_json_scalar(operand.json_type(), operand.datum(), run.environment);
}

void give_json(Node& node, const Environment&) {
    node.type = json_type(true);
}

namespace {

Datum of(std::optional<Json> json) {
    return json ? Datum(std::move(*json)) : Datum();
}

// ---- made of values

Datum json_array(const Node& node, Run& run) {
    JsonArray array;
    for (std::size_t i = 0; i < node.arguments.size(); ++i)
        array.push_back(scalar_at(node, run, i));
    return Json(std::move(array));
}
// Bytes among them, and columns of BIT.
bool is_textual_type(const FieldType& type) {
    return is_text(type.type) || is_binary(type.type) || type.is_bits;
}
void refuse_bytes(const FieldType& type) {
    if (type.collation != nullptr && type.collation->id == collation::binary) {
        raise(3144, "Cannot create a JSON value from a string with CHARACTER SET 'binary'.");
    }
}
Datum json_object(const Node& node, Run& run) {
    JsonObject object;
    for (std::size_t i = 0; i + 1 < node.arguments.size(); i += 2) {
        Operand key(node.arguments[i], run);
        if (key.is_null()) raise(3158, "JSON documents may not contain NULL member names.");
        if (is_textual_type(key.type())) refuse_bytes(key.json_type());
        object.append(to_utf8(key.type(), key.text()), scalar_at(node, run, i + 1));
    }
    object.put_in_order();
    return Json(std::move(object));
}
void give_json_object(Node& node, const Environment& environment) {
    if (node.arguments.size() % 2 != 0)
        raise(1582, "Incorrect parameter count in the call to native function 'json_object'");
    give_json(node, environment);
}

// 3064 for what is no text, 3144 for bytes.
void refuse_no_text(const Operand& operand, std::string_view function) {
    const Datum& datum = operand.datum();
    const bool is_literal_of_bits = datum.as<Bits>() != nullptr && operand.type().type != Type::bit;
    if (datum.as<std::string>() == nullptr && datum.as<Member>() == nullptr && !is_literal_of_bits)
        raise(3064, "Incorrect type for argument 1 in function " + std::string(function) + ".");
    refuse_bytes(operand.json_type());
}
Datum quote(const Node& node, Run& run) {
    Operand text(node.arguments[0], run);
    if (text.is_null()) return {};
    refuse_no_text(text, "json_quote");
    return json_quoted(to_utf8(text.type(), text.text()));
}
FieldType json_text_type(std::uint64_t length) {
    const FieldType json = json_type(true);
    return text_type({json.collation, Coercibility::coercible, Repertoire::unicode}, length, true);
}
void give_quote(Node& node, const Environment&) {
    node.type = json_text_type(text_length(node.arguments[0].type) * 6 + 2);
}
Datum unquote(const Node& node, Run& run) {
    Operand text(node.arguments[0], run);
    if (text.is_null()) return {};
    if (const auto* json = text.datum().as<Json>()) return json_unquoted(*json);
    refuse_no_text(text, "json_unquote");
    auto out = json_unquoted(to_utf8(text.type(), text.text()));
    if (!out) raise(json_text_error(out.error(), 1, "json_unquote"));
    return std::move(*out);
}
void give_unquote(Node& node, const Environment&) {
    const FieldType& type = node.arguments[0].type;
    node.type = json_text_type(type.type == Type::json ? longest_text : text_length(type));
}

// ---- looked up

Datum json_extract_of(const Node& node, Run& run) {
    const auto json = document_at(node, run, 0);
    std::vector<JsonPath> paths;
    bool has_null = !json;
    for (std::size_t i = 1; i < node.arguments.size(); ++i) {
        auto path = path_at(node, run, i);
        has_null |= !path;
        if (path) paths.push_back(std::move(*path));
    }
    if (has_null) return {};
    return of(sluice::json_extract(*json, paths));
}

Datum contains(const Node& node, Run& run) {
    const auto target = document_at(node, run, 0);
    if (!target) return {};
    const auto candidate = document_at(node, run, 1);
    if (!candidate) return {};
    const Json* place = &*target;
    if (node.arguments.size() > 2) {
        const auto path = single_path_at(node, run, 2);
        if (!path) return {};
        place = find_first(*target, *path);
        if (place == nullptr) return {};
    }
    return std::int64_t{json_contains(*place, *candidate) ? 1 : 0};
}

// "one" or "all"; 3154 otherwise.
std::optional<bool> only_one(const Node& node, Run& run, std::size_t at) {
    Operand word(node.arguments[at], run);
    if (word.is_null()) return std::nullopt;
    if (sql::same_name(word.text(), "one")) return true;
    if (sql::same_name(word.text(), "all")) return false;
    raise(3154,
          "The oneOrAll argument to " + node.name + " may take these values: 'one' or 'all'.");
}
Datum contains_path(const Node& node, Run& run) {
    const auto json = document_at(node, run, 0);
    if (!json) return {};
    const auto one = only_one(node, run, 1);
    if (!one) return {};
    bool answer = !*one;
    for (std::size_t i = 2; i < node.arguments.size(); ++i) {
        const auto path = path_at(node, run, i);
        if (!path) return {};
        const bool found = find_first(*json, *path) != nullptr;
        if (found == *one) {
            answer = *one;
            break;
        }
    }
    return std::int64_t{answer ? 1 : 0};
}

Datum search(const Node& node, Run& run) {
    const auto json = document_at(node, run, 0);
    if (!json) return {};
    const auto one = only_one(node, run, 1);
    if (!one) return {};
    Operand pattern(node.arguments[2], run);
    if (pattern.is_null()) return {};
    char32_t escape = U'\\';
    if (node.arguments.size() > 3) {
        Operand sign(node.arguments[3], run);
        if (!sign.is_null() && sign.text().size() > 1)
            raise(er::wrong_arguments, "Incorrect arguments to ESCAPE");
        if (!sign.is_null() && !sign.text().empty())
            escape = static_cast<std::uint8_t>(sign.text()[0]);
    }
    std::vector<JsonPath> paths;
    for (std::size_t i = 4; i < node.arguments.size(); ++i) {
        auto path = path_at(node, run, i);
        if (!path) return {};
        paths.push_back(std::move(*path));
    }
    const auto* collation = json_type(true).collation;
    const std::string wanted = to_utf8(pattern.type(), pattern.text());
    const auto matches = [&](std::string_view text) {
        return collation::like(*collation, text, wanted, escape);
    };
    return of(json_search(*json, *one, matches, paths));
}

// Of the document, or of its part at the path, if there is one.
template <class Work>
Datum of_place(const Node& node, Run& run, Work work) {
    const auto json = document_at(node, run, 0);
    if (!json) return {};
    const Json* place = &*json;
    if (node.arguments.size() > 1) {
        const auto path = single_path_at(node, run, 1);
        if (!path) return {};
        place = find_first(*json, *path);
    }
    return place == nullptr ? Datum() : work(*place);
}

Datum keys(const Node& node, Run& run) {
    return of_place(node, run, [](const Json& place) { return of(json_keys(place)); });
}
Datum length(const Node& node, Run& run) {
    return of_place(node, run, [](const Json& place) {
        return Datum(static_cast<std::int64_t>(json_length(place)));
    });
}

// ---- what a document is

Datum depth(const Node& node, Run& run) {
    const auto json = document_at(node, run, 0);
    return json ? Datum(std::int64_t{json_depth(*json)}) : Datum();
}
Datum type(const Node& node, Run& run) {
    const auto json = document_at(node, run, 0);
    return json ? Datum(std::string(json_type_name(*json))) : Datum();
}
void give_type(Node& node, const Environment&) {
    node.type = json_text_type(17);
}
Datum pretty(const Node& node, Run& run) {
    const auto json = document_at(node, run, 0);
    return json ? Datum(json_pretty(*json)) : Datum();
}
void give_long_text(Node& node, const Environment&) {
    node.type = json_text_type(blob_length);
}
Datum storage_size(const Node& node, Run& run) {
    const auto json = document_at(node, run, 0);
    return json ? Datum(static_cast<std::int64_t>(json_storage_size(*json))) : Datum();
}
// Of what is no column nothing is free.
Datum storage_free(const Node& node, Run& run) {
    if (node.arguments[0].compute == compute_column) refuse("JSON_STORAGE_FREE of a column");
    const auto json = document_at(node, run, 0);
    return json ? Datum(std::int64_t{0}) : Datum();
}
Datum valid(const Node& node, Run& run) {
    const FieldType& type = node.arguments[0].type;
    const bool may_be = class_of(type) == Class::text && !is_temporal(type.type) &&
                        type.type != Type::enum_ && type.type != Type::set;
    if (!may_be) return std::int64_t{0};
    Operand operand(node.arguments[0], run);
    if (operand.is_null()) return {};
    if (operand.datum().as<Json>() != nullptr) return std::int64_t{1};
    const auto* text = operand.datum().as<std::string>();
    const bool binary = text != nullptr && operand.json_type().collation->id == collation::binary;
    return std::int64_t{
        text != nullptr && !binary && parse_json(to_utf8(operand.type(), *text)).has_value() ? 1
                                                                                             : 0};
}
Datum overlaps(const Node& node, Run& run) {
    const auto left = document_at(node, run, 0);
    const auto right = document_at(node, run, 1);
    if (!left || !right) return {};
    return std::int64_t{json_overlaps(*left, *right) ? 1 : 0};
}

Datum member_of(const Node& node, Run& run) {
    Operand value(node.arguments[0], run);
    if (value.is_null()) return {};
    const auto array = document_at(node, run, 1);
    if (!array) return {};
    return std::int64_t{
        json_member_of(to_json_scalar(value.type(), value.datum(), run.environment), *array) ? 1
                                                                                             : 0};
}

// ---- JSON_VALUE

struct PreparedValue : Prepared {
    Node convert;  // of a JSON value in column 0
    bool is_text = false;
    sql::JsonOnKind on_empty = sql::JsonOnKind::none;
    sql::JsonOnKind on_error = sql::JsonOnKind::none;
};

Datum json_value(const Node& node, Run& run) {
    const auto& how = static_cast<const PreparedValue&>(*node.prepared);
    const bool has_empty = how.on_empty == sql::JsonOnKind::default_;
    const auto otherwise = [&](sql::JsonOnKind kind, std::size_t at, std::uint16_t number,
                               std::string text) -> Datum {
        if (kind == sql::JsonOnKind::default_) return Operand(node.arguments[at], run).take();
        if (kind == sql::JsonOnKind::error) raise(number, std::move(text));
        return {};
    };
    const std::size_t error_at = has_empty ? 3 : 2;
    const auto json = document_at(node, run, 0);
    const auto path = path_at(node, run, 1);
    if (!json || !path) return {};
    const auto found = find_all(*json, *path);
    if (found.empty())
        return otherwise(how.on_empty, 2, 3966,
                         "No value was found by 'json_value' on the specified path.");
    const bool many = found.size() > 1;
    if (many || (!found[0]->is_scalar() && !how.is_text)) {
        return otherwise(how.on_error, error_at, 3967,
                         "More than one value was found by 'json_value' on the specified path.");
    }
    if (found[0]->is_null()) return {};
    const Datum value[] = {how.is_text ? Datum(json_unquoted(*found[0])) : Datum(*found[0])};
    Environment quiet = run.environment;
    quiet.warnings.clear();
    Run inner{value, quiet};
    Datum converted = how.convert.compute(how.convert, inner);
    if (quiet.warnings.count() > 0) {
        return otherwise(how.on_error, error_at, er::data_out_of_range,
                         node.name + " value is out of range in 'json_value'");
    }
    return converted;
}

// A truth in documents, which has the length of an integer.
void give_long_truth(Node& node, const Environment&) {
    node.type = integer_type(true);
    node.type.is_boolean = true;
}

}  // namespace

Node member_of_node(Node value, Node array, const Environment&) {
    refuse_tuple(value);
    std::vector<Node> arguments;
    arguments.push_back(std::move(value));
    arguments.push_back(std::move(array));
    const bool nullable = any_nullable(arguments);
    return node_of("member of", Print::infix, member_of, boolean_type(nullable),
                   std::move(arguments));
}

Node json_value_node(JsonValueParts parts, const Environment& environment) {
    auto how = std::make_shared<PreparedValue>();
    sql::CastType target = parts.returning;
    if (!parts.has_returning) target = {.name = "char", .length = 512, .charset = "utf8mb4"};
    how->is_text = sql::same_name(target.name, "char") || sql::same_name(target.name, "binary");
    Node column;
    column.compute = compute_column;
    column.type = how->is_text ? json_text_type(longest_text) : json_type(true);
    how->convert = cast(column, target, environment);
    how->on_empty = parts.on_empty;
    how->on_error = parts.on_error;
    FieldType type = how->convert.type;
    type.nullable = true;
    if (!parts.has_returning) {
        type.collation = collation::find_collation("utf8mb4_0900_bin");
        type.coercibility = Coercibility::coercible;
    }
    std::vector<Node> arguments;
    arguments.push_back(std::move(parts.document));
    arguments.push_back(std::move(parts.path));
    for (auto* defaults : {&parts.empty_value, &parts.error_value}) {
        for (Node& each : *defaults)
            arguments.push_back(cast(std::move(each), target, environment));
    }
    Node node = node_of("json_value", Print::call, json_value, type, std::move(arguments));
    node.prepared = std::move(how);
    return node;
}

std::span<const Function> json_functions() {
    static constexpr Function functions[] = {
        {"json_array", 0, -1, give_json, json_array},
        {"json_contains", 2, 3, give_long_truth, contains},
        {"json_contains_path", 3, -1, give_long_truth, contains_path},
        {"json_depth", 1, 1, give_nullable_integer, depth},
        {"json_extract", 2, -1, give_json, json_extract_of},
        {"json_keys", 1, 2, give_json, keys},
        {"json_length", 1, 2, give_nullable_integer, length},
        {"json_object", 0, -1, give_json_object, json_object},
        {"json_overlaps", 2, 2, give_boolean, overlaps},
        {"json_pretty", 1, 1, give_long_text, pretty},
        {"json_quote", 1, 1, give_quote, quote},
        {"json_search", 3, -1, give_json, search},
        {"json_storage_free", 1, 1, give_integer, storage_free},
        {"json_storage_size", 1, 1, give_nullable_integer, storage_size},
        {"json_type", 1, 1, give_type, type},
        {"json_unquote", 1, 1, give_unquote, unquote},
        {"json_valid", 1, 1, give_long_truth, valid},
    };
    return functions;
}

}  // namespace sluice::eval
