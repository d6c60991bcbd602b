// Step 6 of a request with JSON_SET and its kind.
#include "values/json_edit.h"

#include <algorithm>

#include "values/detail/json_step.h"

namespace sluice {

namespace {

using Legs = std::span<const JsonPathLeg>;

// Where legs that name one value at most lead; nullptr: nowhere.
Json* follow(Json* json, Legs legs) {
    for (const JsonPathLeg& leg : legs) {
        if (leg.kind == JsonPathLeg::Kind::member) {
            auto* object = json->get_if<JsonObject>();
            json = object != nullptr ? object->find(leg.name) : nullptr;
        } else {
            auto* array = json->get_if<JsonArray>();
            const detail::Cells cells = detail::cells_of(leg, array != nullptr ? array->size() : 1);
            if (cells.begin == cells.end) return nullptr;
            if (array != nullptr) json = &(*array)[cells.begin];
        }
        if (json == nullptr) return nullptr;
    }
    return json;
}

// Where a new cell of an array of that size goes: behind its end, or before its beginning.
std::size_t place_of(const JsonIndex& index, std::size_t size) {
    if (!index.from_last) return std::min<std::size_t>(index.number, size);
    return index.number < size ? size - 1 - index.number : 0;
}

JsonArray& become_array(Json& json) {
    if (!json.is_array()) {
        JsonArray made;
        made.push_back(std::move(json));
        json.node = std::move(made);
    }
    return std::get<JsonArray>(json.node);
}

void insert_at(JsonArray& array, std::size_t place, Json value) {
    array.insert(array.begin() + static_cast<std::ptrdiff_t>(place), std::move(value));
}

}  // namespace

void json_write(Json& json, const JsonPath& path, Json value, JsonWrite how) {
    if (Json* found = follow(&json, path.legs)) {
        if (how != JsonWrite::insert) *found = std::move(value);
        return;
    }
    if (how == JsonWrite::replace) return;
    const Legs legs = path.legs;
    Json* parent = follow(&json, legs.first(legs.size() - 1));
    if (parent == nullptr) return;
    const JsonPathLeg& last = legs.back();
    if (last.kind == JsonPathLeg::Kind::member) {
        if (auto* object = parent->get_if<JsonObject>()) object->set(last.name, std::move(value));
        return;
    }
    JsonArray& array = become_array(*parent);
    insert_at(array, place_of(last.from, array.size()), std::move(value));
}

void json_array_append(Json& json, const JsonPath& path, Json value) {
    Json* found = follow(&json, path.legs);
    if (found != nullptr) become_array(*found).push_back(std::move(value));
}

Result<void> json_array_insert(Json& json, const JsonPath& path, Json value) {
    const Legs legs = path.legs;
    if (legs.empty() || legs.back().kind != JsonPathLeg::Kind::cell) {
        return fail(make_error(Code::invalid_argument, 3165, "42000",
                               "A path expression is not a path to a cell in an array."));
    }
    Json* parent = follow(&json, legs.first(legs.size() - 1));
    auto* array = parent != nullptr ? parent->get_if<JsonArray>() : nullptr;
    if (array == nullptr) return {};
    insert_at(*array, place_of(legs.back().from, array->size()), std::move(value));
    return {};
}

Result<void> json_remove(Json& json, const JsonPath& path) {
    const Legs legs = path.legs;
    if (legs.empty()) {
        return fail(make_error(Code::invalid_argument, 3153, "42000",
                               "The path expression '$' is not allowed in this context."));
    }
    // What is no array is its own cell 0, and goes with it.
    for (Legs inner = legs; !inner.empty(); inner = inner.first(inner.size() - 1)) {
        Json* parent = follow(&json, inner.first(inner.size() - 1));
        if (parent == nullptr) return {};
        const JsonPathLeg& last = inner.back();
        if (last.kind == JsonPathLeg::Kind::member) {
            if (auto* object = parent->get_if<JsonObject>()) object->erase(last.name);
            return {};
        }
        auto* array = parent->get_if<JsonArray>();
        const detail::Cells cells = detail::cells_of(last, array != nullptr ? array->size() : 1);
        if (cells.begin == cells.end) return {};
        if (array == nullptr) continue;
        array->erase(array->begin() + static_cast<std::ptrdiff_t>(cells.begin));
        return {};
    }
    return {};
}

}  // namespace sluice
