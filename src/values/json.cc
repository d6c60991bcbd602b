// Step 6 of a request that computes with JSON: what a value is, and how values are ordered.
// Before: values/json_parse.cc. After: values/json_text.cc.
#include "values/json.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <numeric>

#include "base/overload.h"

namespace sluice {

namespace {

bool key_less(std::string_view left, std::string_view right) {
    if (left.size() != right.size()) return left.size() < right.size();
    return left < right;
}

}  // namespace

Json* JsonObject::find(std::string_view key) {
    const auto at = std::ranges::lower_bound(members_, key, key_less, &JsonMember::key);
    return at != members_.end() && at->key == key ? &at->value : nullptr;
}

const Json* JsonObject::find(std::string_view key) const {
    return const_cast<JsonObject*>(this)->find(key);
}

void JsonObject::set(std::string_view key, Json value) {
    const auto at = std::ranges::lower_bound(members_, key, key_less, &JsonMember::key);
    if (at != members_.end() && at->key == key) {
        at->value = std::move(value);
    } else {
        members_.insert(at, {std::string(key), std::move(value)});
    }
}

void JsonObject::add(std::string_view key, Json value) {
    const auto at = std::ranges::lower_bound(members_, key, key_less, &JsonMember::key);
    if (at != members_.end() && at->key == key) return;
    members_.insert(at, {std::string(key), std::move(value)});
}

bool JsonObject::erase(std::string_view key) {
    const auto at = std::ranges::lower_bound(members_, key, key_less, &JsonMember::key);
    if (at == members_.end() || at->key != key) return false;
    members_.erase(at);
    return true;
}

void JsonObject::append(std::string key, Json value) {
    members_.push_back({std::move(key), std::move(value)});
}

void JsonObject::put_in_order() {
    std::vector<std::size_t> places(members_.size());
    std::iota(places.begin(), places.end(), std::size_t{0});
    std::ranges::sort(places, [&](std::size_t left, std::size_t right) {
        const std::string& one = members_[left].key;
        const std::string& other = members_[right].key;
        return one == other ? left < right : key_less(one, other);
    });
    std::vector<JsonMember> ordered;
    for (const std::size_t place : places) {
        JsonMember& member = members_[place];
        if (!ordered.empty() && ordered.back().key == member.key) {
            ordered.back() = std::move(member);
        } else {
            ordered.push_back(std::move(member));
        }
    }
    members_ = std::move(ordered);
}

std::string_view json_type_name(const Json& json) {
    return std::visit(Overload{[](std::nullptr_t) -> std::string_view { return "NULL"; },
                               [](bool) -> std::string_view { return "BOOLEAN"; },
                               [](std::int64_t) -> std::string_view { return "INTEGER"; },
                               [](std::uint64_t) -> std::string_view { return "UNSIGNED INTEGER"; },
                               [](double) -> std::string_view { return "DOUBLE"; },
                               [](const Box<Decimal>&) -> std::string_view { return "DECIMAL"; },
                               [](const std::string&) -> std::string_view { return "STRING"; },
                               [](const JsonArray&) -> std::string_view { return "ARRAY"; },
                               [](const JsonObject&) -> std::string_view { return "OBJECT"; },
                               [](const Date&) -> std::string_view { return "DATE"; },
                               [](const Time&) -> std::string_view { return "TIME"; },
                               [](const DateTime&) -> std::string_view { return "DATETIME"; },
                               [](const JsonOpaque& opaque) -> std::string_view {
                                   switch (opaque.type) {
                                       case 16:
                                           return "BIT";
                                       case 255:
                                           return "GEOMETRY";
                                       case 15:
                                       case 249:
                                       case 250:
                                       case 251:
                                       case 252:
                                       case 253:
                                       case 254:
                                           return "BLOB";
                                       default:
                                           return "OPAQUE";
                                   }
                               }},
                      json.node);
}

int json_depth(const Json& json) {
    int deepest = 0;
    if (const auto* array = json.get_if<JsonArray>()) {
        for (const Json& element : *array) deepest = std::max(deepest, json_depth(element));
    } else if (const auto* object = json.get_if<JsonObject>()) {
        for (const JsonMember& member : *object) {
            deepest = std::max(deepest, json_depth(member.value));
        }
    }
    return deepest + 1;
}

bool too_deep(const Json& json) {
    return json_depth(json) > max_json_depth;
}

std::size_t json_length(const Json& json) {
    if (const auto* array = json.get_if<JsonArray>()) return array->size();
    if (const auto* object = json.get_if<JsonObject>()) return object->size();
    return 1;
}

std::optional<Json> json_keys(const Json& json) {
    const auto* object = json.get_if<JsonObject>();
    if (object == nullptr) return std::nullopt;
    JsonArray keys;
    for (const JsonMember& member : *object) keys.push_back(Json{member.key});
    return Json{std::move(keys)};
}

// ---- order

namespace {

// By kind; numbers are of one.
int precedence(const Json& json) {
    return std::visit(
        Overload{[](std::nullptr_t) { return 0; }, [](std::int64_t) { return 1; },
                 [](std::uint64_t) { return 1; }, [](double) { return 1; },
                 [](const Box<Decimal>&) { return 1; }, [](const std::string&) { return 2; },
                 [](const JsonObject&) { return 3; }, [](const JsonArray&) { return 4; },
                 [](bool) { return 5; }, [](const Date&) { return 6; },
                 [](const Time&) { return 7; }, [](const DateTime&) { return 8; },
                 [](const JsonOpaque&) { return 9; }},
        json.node);
}

std::strong_ordering order(double left, double right) {
    return left < right   ? std::strong_ordering::less
           : left > right ? std::strong_ordering::greater
                          : std::strong_ordering::equal;
}
std::strong_ordering order(std::int64_t left, std::uint64_t right) {
    return left < 0 ? std::strong_ordering::less : static_cast<std::uint64_t>(left) <=> right;
}
std::strong_ordering order(double left, const Decimal& right) {
    const std::optional<Decimal> exact = Decimal::of(left);
    if (!exact) return left < 0 ? std::strong_ordering::less : std::strong_ordering::greater;
    return *exact <=> right;
}
// An integer and a double, without loss.
template <class Integer>
std::strong_ordering order_exactly(Integer left, double right) {
    constexpr double above = std::numeric_limits<Integer>::max() == INT64_MAX
                                 ? 9'223'372'036'854'775'808.0
                                 : 18'446'744'073'709'551'616.0;
    constexpr double lowest =
        std::numeric_limits<Integer>::min() == 0 ? 0.0 : -9'223'372'036'854'775'808.0;
    if (right >= above) return std::strong_ordering::less;
    if (right < lowest) return std::strong_ordering::greater;
    const double whole = std::floor(right);
    const auto number = static_cast<Integer>(whole);
    if (left != number) return left <=> number;
    return whole < right ? std::strong_ordering::less : std::strong_ordering::equal;
}

std::strong_ordering reversed(std::strong_ordering ordering) {
    return 0 <=> ordering;
}

std::strong_ordering compare_numbers(const Json& left, const Json& right) {
    return std::visit(
        Overload{[](std::int64_t l, std::int64_t r) { return l <=> r; },
                 [](std::uint64_t l, std::uint64_t r) { return l <=> r; },
                 [](std::int64_t l, std::uint64_t r) { return order(l, r); },
                 [](std::uint64_t l, std::int64_t r) { return reversed(order(r, l)); },
                 [](double l, double r) { return order(l, r); },
                 [](std::int64_t l, double r) { return order_exactly(l, r); },
                 [](std::uint64_t l, double r) { return order_exactly(l, r); },
                 [](double l, std::int64_t r) { return reversed(order_exactly(r, l)); },
                 [](double l, std::uint64_t r) { return reversed(order_exactly(r, l)); },
                 [](const Box<Decimal>& l, const Box<Decimal>& r) { return *l <=> *r; },
                 [](const Box<Decimal>& l, double r) { return reversed(order(r, *l)); },
                 [](double l, const Box<Decimal>& r) { return order(l, *r); },
                 [](const Box<Decimal>& l, std::int64_t r) { return *l <=> Decimal(r); },
                 [](const Box<Decimal>& l, std::uint64_t r) { return *l <=> Decimal(r); },
                 [](std::int64_t l, const Box<Decimal>& r) { return Decimal(l) <=> *r; },
                 [](std::uint64_t l, const Box<Decimal>& r) { return Decimal(l) <=> *r; },
                 [](const auto&, const auto&) { return std::strong_ordering::equal; }},
        left.node, right.node);
}

std::strong_ordering compare_arrays(const JsonArray& left, const JsonArray& right) {
    for (std::size_t i = 0; i < std::min(left.size(), right.size()); ++i) {
        const std::strong_ordering ordering = compare(left[i], right[i]);
        if (ordering != 0) return ordering;
    }
    return left.size() <=> right.size();
}

std::strong_ordering compare_objects(const JsonObject& left, const JsonObject& right) {
    if (left.size() != right.size()) return left.size() <=> right.size();
    const JsonMember* other = right.begin();
    for (const JsonMember& member : left) {
        if (const auto keys = member.key <=> other->key; keys != 0) return keys;
        const std::strong_ordering ordering = compare(member.value, other->value);
        if (ordering != 0) return ordering;
        ++other;
    }
    return std::strong_ordering::equal;
}

std::uint64_t mixed(std::uint64_t seed, std::uint64_t value) {
    constexpr std::uint64_t odd = 0x9e37'79b9'7f4a'7c15;
    std::uint64_t made = (seed ^ value) * odd;
    made ^= made >> 32;
    return made * odd;
}

std::uint64_t hash_bytes(std::string_view bytes, std::uint64_t seed) {
    std::uint64_t made = mixed(seed, bytes.size());
    for (const char byte : bytes) made = mixed(made, static_cast<std::uint8_t>(byte));
    return made;
}

// Numbers that are equal are the same double.
std::uint64_t hash_number(double number, std::uint64_t seed) {
    return mixed(seed, std::bit_cast<std::uint64_t>(number == 0 ? 0.0 : number));
}

}  // namespace

std::strong_ordering compare(const Json& left, const Json& right) {
    const int kind = precedence(left);
    if (const auto kinds = kind <=> precedence(right); kinds != 0) return kinds;
    if (kind == 1) return compare_numbers(left, right);
    return std::visit(
        Overload{
            [](bool l, bool r) -> std::strong_ordering { return l <=> r; },
            [](const std::string& l, const std::string& r) -> std::strong_ordering {
                return l <=> r;
            },
            [](const JsonArray& l, const JsonArray& r) { return compare_arrays(l, r); },
            [](const JsonObject& l, const JsonObject& r) { return compare_objects(l, r); },
            [](const Date& l, const Date& r) -> std::strong_ordering { return l <=> r; },
            [](const Time& l, const Time& r) -> std::strong_ordering { return l <=> r; },
            [](const DateTime& l, const DateTime& r) -> std::strong_ordering { return l <=> r; },
            [](const JsonOpaque& l, const JsonOpaque& r) -> std::strong_ordering {
                if (l.type != r.type) return l.type <=> r.type;
                return l.bytes <=> r.bytes;
            },
            [](const auto&, const auto&) { return std::strong_ordering::equal; }},
        left.node, right.node);
}

std::weak_ordering sort_order(const Json& left, const Json& right) {
    const bool both_arrays = left.is_array() && right.is_array();
    const bool both_objects = left.is_object() && right.is_object();
    if (both_arrays || both_objects) return json_length(left) <=> json_length(right);
    return compare(left, right);
}

std::uint64_t hash(const Json& json, std::uint64_t seed) {
    const std::uint64_t start = mixed(seed, static_cast<std::uint64_t>(precedence(json)));
    return std::visit(
        Overload{
            [&](std::nullptr_t) { return start; },
            [&](bool value) { return mixed(start, value ? 1 : 0); },
            [&](std::int64_t value) { return hash_number(static_cast<double>(value), start); },
            [&](std::uint64_t value) { return hash_number(static_cast<double>(value), start); },
            [&](double value) { return hash_number(value, start); },
            [&](const Box<Decimal>& value) { return hash_number(value->to_double(), start); },
            [&](const std::string& value) { return hash_bytes(value, start); },
            [&](const JsonArray& value) {
                std::uint64_t made = mixed(start, value.size());
                for (const Json& element : value) made = hash(element, made);
                return made;
            },
            [&](const JsonObject& value) {
                std::uint64_t made = mixed(start, value.size());
                for (const JsonMember& member : value) {
                    made = hash(member.value, hash_bytes(member.key, made));
                }
                return made;
            },
            [&](const Date& value) {
                return mixed(start, static_cast<std::uint64_t>(packed(value)));
            },
            [&](const Time& value) {
                return mixed(start, static_cast<std::uint64_t>(packed(value)));
            },
            [&](const DateTime& value) {
                return mixed(start, static_cast<std::uint64_t>(packed(value)));
            },
            [&](const JsonOpaque& value) {
                return hash_bytes(value.bytes, mixed(start, value.type));
            }},
        json.node);
}

}  // namespace sluice
