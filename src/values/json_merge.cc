// Step 6 of a request with JSON_CONTAINS, JSON_OVERLAPS, MEMBER OF or a merge of JSON documents.
#include <algorithm>

#include "values/json.h"

namespace sluice {

namespace {

JsonArray as_array(Json json) {
    if (auto* array = json.get_if<JsonArray>()) return std::move(*array);
    JsonArray made;
    made.push_back(std::move(json));
    return made;
}

bool contains_equal(const JsonArray& array, const Json& wanted) {
    return std::ranges::any_of(array,
                               [&](const Json& element) { return compare(element, wanted) == 0; });
}

}  // namespace

bool json_contains(const Json& target, const Json& candidate) {
    if (const auto* object = target.get_if<JsonObject>()) {
        const auto* wanted = candidate.get_if<JsonObject>();
        return wanted != nullptr && std::ranges::all_of(*wanted, [&](const JsonMember& member) {
                   const Json* found = object->find(member.key);
                   return found != nullptr && json_contains(*found, member.value);
               });
    }
    if (const auto* array = target.get_if<JsonArray>()) {
        const auto somewhere = [&](const Json& wanted) {
            return std::ranges::any_of(
                *array, [&](const Json& element) { return json_contains(element, wanted); });
        };
        const auto* wanted = candidate.get_if<JsonArray>();
        return wanted == nullptr ? somewhere(candidate) : std::ranges::all_of(*wanted, somewhere);
    }
    return compare(target, candidate) == 0;
}

bool json_overlaps(const Json& left, const Json& right) {
    const auto* one = left.get_if<JsonArray>();
    const auto* other = right.get_if<JsonArray>();
    if (one != nullptr && other != nullptr) {
        return std::ranges::any_of(
            *one, [&](const Json& element) { return contains_equal(*other, element); });
    }
    if (one != nullptr) return contains_equal(*one, right);
    if (other != nullptr) return contains_equal(*other, left);
    const auto* members = left.get_if<JsonObject>();
    const auto* others = right.get_if<JsonObject>();
    if (members != nullptr && others != nullptr) {
        return std::ranges::any_of(*members, [&](const JsonMember& member) {
            const Json* found = others->find(member.key);
            return found != nullptr && compare(*found, member.value) == 0;
        });
    }
    return compare(left, right) == 0;
}

bool json_member_of(const Json& element, const Json& array) {
    const auto* elements = array.get_if<JsonArray>();
    return elements != nullptr ? contains_equal(*elements, element) : compare(element, array) == 0;
}

Json merge_patch(Json target, const Json& patch) {
    const auto* changes = patch.get_if<JsonObject>();
    if (changes == nullptr) return patch;
    if (!target.is_object()) target.node = JsonObject();
    auto& object = std::get<JsonObject>(target.node);
    for (const JsonMember& change : *changes) {
        if (change.value.is_null()) {
            object.erase(change.key);
        } else {
            Json* const found = object.find(change.key);
            object.set(change.key,
                       merge_patch(found != nullptr ? std::move(*found) : Json(), change.value));
        }
    }
    return target;
}

Json merge_preserve(Json left, Json right) {
    auto* object = left.get_if<JsonObject>();
    auto* members = right.get_if<JsonObject>();
    if (object != nullptr && members != nullptr) {
        for (JsonMember& member : *members) {
            Json* const found = object->find(member.key);
            object->set(member.key, found != nullptr
                                        ? merge_preserve(std::move(*found), std::move(member.value))
                                        : std::move(member.value));
        }
        return left;
    }
    JsonArray joined = as_array(std::move(left));
    for (Json& element : as_array(std::move(right))) joined.push_back(std::move(element));
    return Json{std::move(joined)};
}

}  // namespace sluice
