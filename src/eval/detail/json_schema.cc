// Reading a schema. Before: functions_json_schema.cc. After: json_schema_check.cc.
#include "eval/detail/json_schema.h"

#include <deque>
#include <unordered_map>

#include "eval/detail/failure.h"
#include "eval/detail/json_schema_node.h"

namespace sluice::eval {
namespace {

bool is_unreserved(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

int hexadecimal(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    const char small = static_cast<char>(c | 0x20);
    return small >= 'a' && small <= 'f' ? small - 'a' + 10 : -1;
}

// token: { character | %HH | ~0 | ~1 }
std::optional<std::string> token_of(std::string_view text) {
    std::string bytes;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            bytes += text[i];
            continue;
        }
        if (i + 2 >= text.size()) return std::nullopt;
        const int high = hexadecimal(text[i + 1]), low = hexadecimal(text[i + 2]);
        if (high < 0 || low < 0) return std::nullopt;
        bytes += static_cast<char>(high * 16 + low);
        i += 2;
    }
    std::string token;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        if (bytes[i] != '~') {
            token += bytes[i];
            continue;
        }
        if (++i == bytes.size() || (bytes[i] != '0' && bytes[i] != '1')) return std::nullopt;
        token += bytes[i] == '0' ? '~' : '/';
    }
    return token;
}

const Json* child_of(const Json& value, std::string_view token) {
    if (const auto* object = value.get_if<JsonObject>()) return object->find(token);
    const auto* array = value.get_if<JsonArray>();
    if (array == nullptr || token.empty() || token.size() > 9) return nullptr;
    std::size_t index = 0;
    for (const char c : token) {
        if (c < '0' || c > '9') return nullptr;
        index = index * 10 + static_cast<std::size_t>(c - '0');
    }
    return index < array->size() ? &(*array)[index] : nullptr;
}

// The text of "$ref"; nullptr: the value is no reference.
const std::string* reference_in(const Json& value) {
    const auto* object = value.get_if<JsonObject>();
    const Json* reference = object == nullptr ? nullptr : object->find("$ref");
    const auto* text = reference == nullptr ? nullptr : reference->get_if<std::string>();
    return text == nullptr || text->empty() ? nullptr : text;
}

struct Target {
    const Json* value = nullptr;
    std::string place = "#";
};
// What "#/..." names within the root; its value is nullptr if that is nothing.
Target target_of(const Json& root, std::string_view reference) {
    const auto tokens = pointer_tokens(reference);
    if (!tokens) return {};
    Target target{.value = &root};
    for (const std::string& token : *tokens) {
        target.value = child_of(*target.value, token);
        if (target.value == nullptr) return {};
        append_token(target.place, token);
    }
    return target;
}

// How deep a schema is, with what its references name in their places.
class Depth {
 public:
    explicit Depth(const Json& root) : root_(root) {}

    int of(const Json& value, int above) {
        if (value.is_scalar()) return 1;
        const auto [known, is_new] = depths_.emplace(&value, being_measured);
        if (!is_new) {
            const int depth = known->second;
            if (depth == being_measured || above + depth > max_json_depth)
                raise(json_depth_error());
            return depth;
        }
        if (above >= max_json_depth) raise(json_depth_error());
        int below = 0;
        const auto measure = [&](const Json& inner) {
            below = std::max(below, of(inner, above + 1));
        };
        if (const auto* array = value.get_if<JsonArray>()) {
            for (const Json& element : *array) measure(element);
        }
        if (const auto* object = value.get_if<JsonObject>()) {
            for (const JsonMember& member : *object) measure(member.value);
        }
        if (const std::string* reference = reference_in(value)) {
            if (reference->front() != '#') {
                raise(er::not_supported_yet,
                      "This version of MySQL doesn't yet support 'references in JSON Schema'");
            }
            const Target target = target_of(root_, *reference);
            if (target.value != nullptr) measure(*target.value);
        }
        return depths_[&value] = below + 1;
    }

 private:
    static constexpr int being_measured = 0;

    const Json& root_;
    std::unordered_map<const Json*, int> depths_;
};

class Reader {
 public:
    Reader(const Json& root, std::deque<SchemaNode>& nodes) : root_(root), nodes_(nodes) {}

    const SchemaNode* node(const Json& value, const std::string& place) {
        if (const std::string* reference = reference_in(value)) {
            const Target target = target_of(root_, *reference);
            static const Json anything{JsonObject()};
            return node(target.value == nullptr ? anything : *target.value, target.place);
        }
        const auto [known, is_new] = known_.emplace(&value, nullptr);
        if (!is_new) return known->second;
        SchemaNode& made = nodes_.emplace_back();
        made.place = place;
        known->second = &made;
        if (const auto* object = value.get_if<JsonObject>()) {
            read_general(made, *object);
            read_scalars(made, *object);
            read_arrays(made, *object);
            read_objects(made, *object);
        }
        return &made;
    }

 private:
    static std::string below(const SchemaNode& node, std::string_view keyword) {
        std::string place = node.place;
        append_token(place, keyword);
        return place;
    }
    static std::string below(const SchemaNode& node, std::string_view keyword,
                             std::string_view token) {
        std::string place = below(node, keyword);
        append_token(place, token);
        return place;
    }
    template <class T>
    static const T* find(const JsonObject& object, std::string_view keyword) {
        const Json* found = object.find(keyword);
        return found == nullptr ? nullptr : found->get_if<T>();
    }
    static SchemaNode::Bound count(const JsonObject& object, std::string_view keyword) {
        if (const auto* number = find<std::int64_t>(object, keyword); number && *number >= 0)
            return static_cast<std::uint64_t>(*number);
        if (const auto* number = find<std::uint64_t>(object, keyword)) return *number;
        return std::nullopt;
    }
    static std::optional<Json> number(const JsonObject& object, std::string_view keyword) {
        const Json* found = object.find(keyword);
        if (found == nullptr || !(found->get_if<std::int64_t>() || found->get_if<std::uint64_t>() ||
                                  found->get_if<double>()))
            return std::nullopt;
        return *found;
    }
    static bool is_true(const JsonObject& object, std::string_view keyword) {
        const auto* found = find<bool>(object, keyword);
        return found != nullptr && *found;
    }

    static unsigned type_named(const Json& name) {
        static constexpr std::pair<std::string_view, unsigned> types[] = {
            {"null", schema_type::null},
            {"boolean", schema_type::boolean},
            {"object", schema_type::object},
            {"array", schema_type::array},
            {"string", schema_type::string},
            {"number", schema_type::number | schema_type::integer},
            {"integer", schema_type::integer},
        };
        const auto* text = name.get_if<std::string>();
        for (const auto& [known, bits] : types) {
            if (text != nullptr && *text == known) return bits;
        }
        return 0;
    }

    void read_alternatives(std::vector<const SchemaNode*>& out, const SchemaNode& made,
                           const JsonObject& object, std::string_view keyword) {
        const auto* array = find<JsonArray>(object, keyword);
        if (array == nullptr) return;
        for (std::size_t i = 0; i < array->size(); ++i)
            out.push_back(node((*array)[i], below(made, keyword, std::to_string(i))));
    }

    void read_general(SchemaNode& made, const JsonObject& object) {
        if (const Json* type = object.find("type")) {
            made.types = 0;
            if (const auto* several = type->get_if<JsonArray>()) {
                for (const Json& each : *several) *made.types |= type_named(each);
            } else {
                made.types = type_named(*type);
            }
        }
        if (const auto* values = find<JsonArray>(object, "enum")) made.values = *values;
        read_alternatives(made.all_of, made, object, "allOf");
        read_alternatives(made.any_of, made, object, "anyOf");
        read_alternatives(made.one_of, made, object, "oneOf");
        if (const Json* negated = object.find("not"))
            made.negated = node(*negated, below(made, "not"));
    }

    static void read_scalars(SchemaNode& made, const JsonObject& object) {
        made.minimum = number(object, "minimum");
        made.maximum = number(object, "maximum");
        made.exclusive_minimum = is_true(object, "exclusiveMinimum");
        made.exclusive_maximum = is_true(object, "exclusiveMaximum");
        made.multiple_of = number(object, "multipleOf");
        if (made.multiple_of && compare(*made.multiple_of, Json(std::int64_t{0})) <= 0)
            made.multiple_of.reset();
        made.min_length = count(object, "minLength");
        made.max_length = count(object, "maxLength");
        if (const auto* pattern = find<std::string>(object, "pattern"))
            made.pattern = BytePattern::of(*pattern);
    }

    void read_arrays(SchemaNode& made, const JsonObject& object) {
        if (const auto* items = find<JsonArray>(object, "items")) {
            made.items.emplace();
            for (std::size_t i = 0; i < items->size(); ++i)
                made.items->push_back(node((*items)[i], below(made, "items", std::to_string(i))));
        } else if (const Json* each = object.find("items"); each != nullptr && each->is_object()) {
            made.each_item = node(*each, below(made, "items"));
        }
        if (const Json* further = object.find("additionalItems")) {
            if (further->is_object())
                made.further_items = node(*further, below(made, "additionalItems"));
            if (const auto* allowed = further->get_if<bool>()) made.allows_further_items = *allowed;
        }
        made.min_items = count(object, "minItems");
        made.max_items = count(object, "maxItems");
        made.unique_items = is_true(object, "uniqueItems");
    }

    void read_objects(SchemaNode& made, const JsonObject& object) {
        if (const auto* properties = find<JsonObject>(object, "properties")) {
            for (const JsonMember& each : *properties)
                made.properties.emplace(each.key,
                                        node(each.value, below(made, "properties", each.key)));
        }
        if (const auto* patterns = find<JsonObject>(object, "patternProperties")) {
            for (const JsonMember& each : *patterns) {
                if (auto pattern = BytePattern::of(each.key))
                    made.patterns.emplace_back(
                        std::move(*pattern),
                        node(each.value, below(made, "patternProperties", each.key)));
            }
        }
        if (const Json* further = object.find("additionalProperties")) {
            if (further->is_object())
                made.further_properties = node(*further, below(made, "additionalProperties"));
            if (const auto* allowed = further->get_if<bool>())
                made.allows_further_properties = *allowed;
        }
        read_required(made, object);
        made.min_properties = count(object, "minProperties");
        made.max_properties = count(object, "maxProperties");
        read_dependencies(made, object);
    }

    // A property that has a text as its default need not be there, in MySQL.
    static void read_required(SchemaNode& made, const JsonObject& object) {
        const auto* required = find<JsonArray>(object, "required");
        if (required == nullptr) return;
        const auto* properties = find<JsonObject>(object, "properties");
        for (const Json& each : *required) {
            const auto* name = each.get_if<std::string>();
            if (name == nullptr) continue;
            const auto* schema =
                properties == nullptr ? nullptr : find<JsonObject>(*properties, *name);
            const auto* usual = schema == nullptr ? nullptr : find<std::string>(*schema, "default");
            if (usual == nullptr || usual->empty()) made.required.push_back(*name);
        }
    }

    void read_dependencies(SchemaNode& made, const JsonObject& object) {
        const auto* dependencies = find<JsonObject>(object, "dependencies");
        if (dependencies == nullptr) return;
        for (const JsonMember& each : *dependencies) {
            if (const auto* names = each.value.get_if<JsonArray>()) {
                auto& [property, needed] =
                    made.needs.emplace_back(each.key, std::vector<std::string>());
                for (const Json& name : *names) {
                    if (const auto* text = name.get_if<std::string>()) needed.push_back(*text);
                }
            } else if (each.value.is_object()) {
                made.needs_schema.emplace_back(
                    each.key, node(each.value, below(made, "dependencies", each.key)));
            }
        }
    }

    const Json& root_;
    std::deque<SchemaNode>& nodes_;
    std::unordered_map<const Json*, const SchemaNode*> known_;
};

}  // namespace

std::optional<std::vector<std::string>> pointer_tokens(std::string_view fragment) {
    if (!fragment.starts_with('#')) return std::nullopt;
    fragment.remove_prefix(1);
    std::vector<std::string> tokens;
    while (!fragment.empty()) {
        if (fragment.front() != '/') return std::nullopt;
        fragment.remove_prefix(1);
        const std::size_t end = std::min(fragment.find('/'), fragment.size());
        auto token = token_of(fragment.substr(0, end));
        if (!token) return std::nullopt;
        tokens.push_back(std::move(*token));
        fragment.remove_prefix(end);
    }
    return tokens;
}

void append_token(std::string& fragment, std::string_view token) {
    static constexpr std::string_view digits = "0123456789ABCDEF";
    fragment += '/';
    for (const char c : token) {
        if (c == '~') {
            fragment += "~0";
        } else if (c == '/') {
            fragment += "~1";
        } else if (is_unreserved(c)) {
            fragment += c;
        } else {
            const auto byte = static_cast<unsigned char>(c);
            ((fragment += '%') += digits[byte >> 4]) += digits[byte & 15];
        }
    }
}

JsonSchema::JsonSchema(const Json& schema) {
    const Json plain = as_plain_json(schema);
    Depth(plain).of(plain, 0);
    auto nodes = std::make_unique<Nodes>();
    nodes->root = Reader(plain, nodes->all).node(plain, "#");
    nodes_ = std::move(nodes);
}
JsonSchema::JsonSchema(JsonSchema&&) noexcept = default;
JsonSchema& JsonSchema::operator=(JsonSchema&&) noexcept = default;
JsonSchema::~JsonSchema() = default;

}  // namespace sluice::eval
