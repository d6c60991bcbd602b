// Is a document as its schema asks? Keywords are asked in the order in which MySQL does, since the
// report names the first that fails: of the value itself, then of its parts, then of all in it.
#include <algorithm>
#include <cmath>
#include <limits>
#include <unordered_map>

#include "base/overload.h"
#include "eval/detail/failure.h"
#include "eval/detail/json_schema_node.h"

namespace sluice::eval {
namespace {

// Where in the document: a list from the value up to the root.
struct Place {
    const Place* above = nullptr;
    std::string_view key = {};
    std::size_t index = 0;
    bool is_cell = false;
};

void append_place(std::string& out, const Place& place) {
    if (place.above == nullptr) return;
    append_place(out, *place.above);
    append_token(out, place.is_cell ? std::to_string(place.index) : std::string(place.key));
}

unsigned type_of(const Json& value) {
    return std::visit(Overload{
                          [](std::nullptr_t) { return schema_type::null; },
                          [](bool) { return schema_type::boolean; },
                          [](std::int64_t) { return schema_type::integer; },
                          [](std::uint64_t) { return schema_type::integer; },
                          [](const JsonArray&) { return schema_type::array; },
                          [](const JsonObject&) { return schema_type::object; },
                          [](double) { return schema_type::number; },
                          [](const Box<Decimal>&) { return schema_type::number; },
                          [](const auto&) { return schema_type::string; },
                      },
                      value.node);
}

double as_double(const Json& number) {
    if (const auto* value = number.get_if<std::int64_t>()) return static_cast<double>(*value);
    if (const auto* value = number.get_if<std::uint64_t>()) return static_cast<double>(*value);
    return *number.get_if<double>();
}

std::optional<std::uint64_t> magnitude(const Json& number) {
    if (const auto* value = number.get_if<std::uint64_t>()) return *value;
    const auto* value = number.get_if<std::int64_t>();
    if (value == nullptr) return std::nullopt;
    const auto bits = static_cast<std::uint64_t>(*value);
    return *value < 0 ? 0 - bits : bits;
}

// Of doubles within their exactness.
bool is_multiple(const Json& number, const Json& of) {
    const auto whole = magnitude(number), step = magnitude(of);
    if (whole && step) return *whole % *step == 0;
    const double times = std::abs(as_double(number)) / as_double(of);
    const double nearest = std::floor(times + 0.5);
    const double apart = std::abs(nearest - times);
    return apart <= (times + nearest) * std::numeric_limits<double>::epsilon() ||
           apart < std::numeric_limits<double>::min();
}

std::size_t characters_of(std::string_view utf8) {
    std::size_t count = 0;
    for (const char c : utf8) count += (static_cast<unsigned char>(c) & 0xC0) != 0x80 ? 1 : 0;
    return count;
}

bool below(SchemaNode::Bound bound, std::size_t size) {
    return bound && size < *bound;
}
bool above(SchemaNode::Bound bound, std::size_t size) {
    return bound && size > *bound;
}

class Check {
 public:
    explicit Check(const Environment& environment) : environment_(environment) {}

    bool holds(const SchemaNode& schema, const Json& value, const Place& place) {
        if (++steps_ > most_steps) refuse("a JSON schema that takes so many steps");
        const unsigned type = type_of(value);
        if (schema.types && (*schema.types & type) == 0) return fail(schema, place, "type");
        switch (type) {
            case schema_type::integer:
            case schema_type::number:
                if (!number_holds(schema, value, place)) return false;
                break;
            case schema_type::string:
                if (!text_holds(schema, *value.get_if<std::string>(), place)) return false;
                break;
            case schema_type::array:
                if (!array_holds(schema, *value.get_if<JsonArray>(), place)) return false;
                break;
            case schema_type::object:
                if (!object_holds(schema, value, place)) return false;
                break;
            default:
                break;
        }
        return whole_holds(schema, value, place);
    }
    std::optional<SchemaFailure> take_failure() { return std::move(failure_); }

 private:
    // A million values under a schema of a few dozen keywords; more is a schema that multiplies
    // itself by references.
    static constexpr std::size_t most_steps = 10'000'000;

    bool fail(const SchemaNode& schema, const Place& place, std::string_view keyword) {
        return fail(std::string_view(schema.place), place, keyword);
    }
    bool fail(std::string_view schema, const Place& place, std::string_view keyword) {
        if (quiet_ > 0) return false;
        failure_ =
            SchemaFailure{.document = "#", .schema = std::string(schema), .keyword = keyword};
        append_place(failure_->document, place);
        return false;
    }
    // Without a report of what fails in it.
    bool holds_inside(const SchemaNode& schema, const Json& value, const Place& place) {
        ++quiet_;
        const bool answer = holds(schema, value, place);
        --quiet_;
        return answer;
    }

    bool number_holds(const SchemaNode& schema, const Json& value, const Place& place) {
        if (schema.minimum) {
            const auto order = compare(value, *schema.minimum);
            if (order < 0 || (order == 0 && schema.exclusive_minimum))
                return fail(schema, place, "minimum");
        }
        if (schema.maximum) {
            const auto order = compare(value, *schema.maximum);
            if (order > 0 || (order == 0 && schema.exclusive_maximum))
                return fail(schema, place, "maximum");
        }
        if (schema.multiple_of && !is_multiple(value, *schema.multiple_of))
            return fail(schema, place, "multipleOf");
        return true;
    }

    bool text_holds(const SchemaNode& schema, std::string_view text, const Place& place) {
        if (schema.min_length || schema.max_length) {
            const std::size_t size = characters_of(text);
            if (below(schema.min_length, size)) return fail(schema, place, "minLength");
            if (above(schema.max_length, size)) return fail(schema, place, "maxLength");
        }
        if (schema.pattern && !schema.pattern->found_in(text, environment_))
            return fail(schema, place, "pattern");
        return true;
    }

    // The schema of an element; nullptr: any will do. false: there may be none.
    static bool item_schema(const SchemaNode& schema, std::size_t at, const SchemaNode*& found) {
        found = schema.each_item;
        if (!schema.items) return true;
        if (at < schema.items->size()) {
            found = (*schema.items)[at];
            return true;
        }
        found = schema.further_items;
        return found != nullptr || schema.allows_further_items;
    }

    bool array_holds(const SchemaNode& schema, const JsonArray& array, const Place& place) {
        std::unordered_multimap<std::uint64_t, const Json*> seen;
        for (std::size_t i = 0; i < array.size(); ++i) {
            const Place cell{.above = &place, .index = i, .is_cell = true};
            const SchemaNode* item = nullptr;
            if (!item_schema(schema, i, item)) return fail(schema, cell, "additionalItems");
            if (item != nullptr && !holds(*item, array[i], cell)) return false;
            if (!schema.unique_items) continue;
            const std::uint64_t hashed = hash(array[i], 0);
            const auto [first, last] = seen.equal_range(hashed);
            for (auto each = first; each != last; ++each) {
                if (compare(*each->second, array[i]) == 0) return fail(schema, cell, "uniqueItems");
            }
            seen.emplace(hashed, &array[i]);
        }
        if (below(schema.min_items, array.size())) return fail(schema, place, "minItems");
        if (above(schema.max_items, array.size())) return fail(schema, place, "maxItems");
        return true;
    }

    bool member_holds(const SchemaNode& schema, const JsonMember& member, const Place& place) {
        std::vector<const SchemaNode*> matching;
        for (const auto& [pattern, inner] : schema.patterns) {
            if (pattern.found_in(member.key, environment_)) matching.push_back(inner);
        }
        const auto named = schema.properties.find(member.key);
        const bool is_named = named != schema.properties.end();
        const SchemaNode* other = is_named ? named->second : schema.further_properties;
        if (matching.empty()) {
            if (other != nullptr) return holds(*other, member.value, place);
            return schema.allows_further_properties || fail(schema, place, "additionalProperties");
        }
        bool all_match = true;
        for (const SchemaNode* each : matching)
            all_match = all_match && holds_inside(*each, member.value, place);
        const bool other_holds = other == nullptr || holds_inside(*other, member.value, place);
        // What further properties must be counts only where the pattern's schema fails.
        const bool fine =
            other != nullptr && !is_named ? all_match || other_holds : all_match && other_holds;
        return fine || fail("#", place, "patternProperties");
    }

    bool object_holds(const SchemaNode& schema, const Json& value, const Place& place) {
        const JsonObject& object = *value.get_if<JsonObject>();
        for (const JsonMember& member : object) {
            const Place below_it{.above = &place, .key = member.key};
            if (!member_holds(schema, member, below_it)) return false;
        }
        const auto has = [&object](const std::string& name) {
            return object.find(name) != nullptr;
        };
        if (!std::ranges::all_of(schema.required, has)) return fail(schema, place, "required");
        if (below(schema.min_properties, object.size()))
            return fail(schema, place, "minProperties");
        if (above(schema.max_properties, object.size()))
            return fail(schema, place, "maxProperties");
        for (const auto& [property, names] : schema.needs) {
            if (has(property) && !std::ranges::all_of(names, has))
                return fail(schema, place, "dependencies");
        }
        for (const auto& [property, inner] : schema.needs_schema) {
            if (has(property) && !holds_inside(*inner, value, place))
                return fail(schema, place, "dependencies");
        }
        return true;
    }

    bool whole_holds(const SchemaNode& schema, const Json& value, const Place& place) {
        const auto is_this = [&value](const Json& each) { return compare(each, value) == 0; };
        if (!schema.values.empty() && std::ranges::none_of(schema.values, is_this))
            return fail(schema, place, "enum");
        const auto inside = [&](const SchemaNode* each) {
            return holds_inside(*each, value, place);
        };
        if (!std::ranges::all_of(schema.all_of, inside)) return fail(schema, place, "allOf");
        if (!schema.any_of.empty() && std::ranges::none_of(schema.any_of, inside))
            return fail(schema, place, "anyOf");
        if (!schema.one_of.empty() && std::ranges::count_if(schema.one_of, inside) != 1)
            return fail(schema, place, "oneOf");
        if (schema.negated != nullptr && inside(schema.negated)) return fail(schema, place, "not");
        return true;
    }

    const Environment& environment_;
    std::optional<SchemaFailure> failure_;
    int quiet_ = 0;
    std::size_t steps_ = 0;
};

}  // namespace

Json as_plain_json(const Json& value) {
    return std::visit(Overload{
                          [&value](std::nullptr_t) { return value; },
                          [&value](bool) { return value; },
                          [&value](std::int64_t) { return value; },
                          [&value](std::uint64_t) { return value; },
                          [&value](double) { return value; },
                          [&value](const std::string&) { return value; },
                          [](const Box<Decimal>& number) { return Json(number->to_double()); },
                          [](const JsonArray& array) {
                              JsonArray plain;
                              plain.reserve(array.size());
                              for (const Json& each : array) plain.push_back(as_plain_json(each));
                              return Json(std::move(plain));
                          },
                          [](const JsonObject& object) {
                              JsonObject plain;
                              for (const JsonMember& each : object)
                                  plain.append(each.key, as_plain_json(each.value));
                              return Json(std::move(plain));
                          },
                          [&value](const auto&) { return Json(json_unquoted(value)); },
                      },
                      value.node);
}

std::optional<SchemaFailure> JsonSchema::failure(const Json& document,
                                                 const Environment& environment) const {
    const Json plain = as_plain_json(document);
    Check check(environment);
    check.holds(*nodes_->root, plain, Place());
    return check.take_failure();
}

}  // namespace sluice::eval
