// Questions about JSON.
#include "answers.h"
#include "values/json_edit.h"
#include "values/json_path.h"

namespace sluice {
namespace {

// Our pure rooms have no exceptions to spare; this is a test's shortcut to an error answer.
struct Refused {
    Error error;
};

Json json_in(const Arguments& arguments, std::size_t i, std::string_view function) {
    auto parsed = parse_json(arguments[i]);
    if (!parsed) {
        throw Refused{json_text_error(parsed.error(), static_cast<int>(i) + 1, function)};
    }
    return std::move(*parsed);
}

JsonPath path_in(const std::string& text, bool one) {
    auto parsed = parse_json_path(text);
    if (!parsed) throw Refused{json_path_error(parsed.error())};
    if (one && parsed->names_many()) throw Refused{json_path_names_many_error()};
    return std::move(*parsed);
}

Answer flag(bool value) {
    return {.value = value ? "1" : "0"};
}

Answer number(std::size_t value) {
    return {.value = std::to_string(value)};
}

Answer printed(const std::optional<Json>& json) {
    return json ? Answer{.value = json_text(*json)} : Answer{};
}

template <class Work>
Answer guarded(Work work) {
    try {
        return work();
    } catch (Refused& refused) {
        return {.error = std::move(refused.error)};
    }
}

Answer cast(const Arguments& a) {
    return guarded([&] { return printed(json_in(a, 0, "cast_as_json")); });
}
Answer pretty(const Arguments& a) {
    return guarded([&] { return Answer{.value = json_pretty(json_in(a, 0, "json_pretty"))}; });
}
Answer type(const Arguments& a) {
    return guarded(
        [&] { return Answer{.value = std::string(json_type_name(json_in(a, 0, "json_type")))}; });
}
Answer depth(const Arguments& a) {
    return guarded(
        [&] { return number(static_cast<std::size_t>(json_depth(json_in(a, 0, "json_depth")))); });
}
Answer length(const Arguments& a) {
    return guarded([&] { return number(json_length(json_in(a, 0, "json_length"))); });
}
Answer storage_size(const Arguments& a) {
    return guarded([&] { return number(json_storage_size(json_in(a, 0, "json_storage_size"))); });
}
Answer keys(const Arguments& a) {
    return guarded([&] { return printed(json_keys(json_in(a, 0, "json_keys"))); });
}
Answer quoted(const Arguments& a) {
    return {.value = json_quoted(a[0])};
}
Answer unquoted(const Arguments& a) {
    const auto made = json_unquoted(a[0]);
    if (!made) return {.error = json_text_error(made.error(), 1, "json_unquote")};
    return {.value = *made};
}

Answer extracted(const Arguments& a) {
    return guarded([&] {
        const Json json = json_in(a, 0, "json_extract");
        std::vector<JsonPath> paths;
        for (std::size_t i = 1; i < a.size(); ++i) paths.push_back(path_in(a[i], false));
        return printed(json_extract(json, paths));
    });
}

Answer searched(const Arguments& a) {
    return guarded([&] {
        const Json json = json_in(a, 0, "json_search");
        std::vector<JsonPath> paths;
        for (std::size_t i = 3; i < a.size(); ++i) paths.push_back(path_in(a[i], false));
        const auto matches = [&](std::string_view text) { return text == a[2]; };
        return printed(json_search(json, a[1] == "one", matches, paths));
    });
}

Answer written(const Arguments& a, JsonWrite how, std::string_view function) {
    return guarded([&] {
        Json json = json_in(a, 0, function);
        json_write(json, path_in(a[1], true), json_in(a, 2, function), how);
        return printed(json);
    });
}
Answer set(const Arguments& a) {
    return written(a, JsonWrite::set, "json_set");
}
Answer insert(const Arguments& a) {
    return written(a, JsonWrite::insert, "json_insert");
}
Answer replace(const Arguments& a) {
    return written(a, JsonWrite::replace, "json_replace");
}

Answer changed(Json json, const Result<void>& done) {
    if (!done) return {.error = done.error()};
    return printed(json);
}
Answer array_append(const Arguments& a) {
    return guarded([&] {
        Json json = json_in(a, 0, "json_array_append");
        json_array_append(json, path_in(a[1], true), json_in(a, 2, "json_array_append"));
        return printed(json);
    });
}
Answer array_insert(const Arguments& a) {
    return guarded([&] {
        Json json = json_in(a, 0, "json_array_insert");
        const auto done =
            json_array_insert(json, path_in(a[1], true), json_in(a, 2, "json_array_insert"));
        return changed(std::move(json), done);
    });
}
Answer removed(const Arguments& a) {
    return guarded([&] {
        Json json = json_in(a, 0, "json_remove");
        const auto done = json_remove(json, path_in(a[1], true));
        return changed(std::move(json), done);
    });
}

template <class Work>
Answer of_two(const Arguments& a, std::string_view function, Work work) {
    return guarded([&] { return work(json_in(a, 0, function), json_in(a, 1, function)); });
}
Answer contains(const Arguments& a) {
    return of_two(a, "json_contains",
                  [](const Json& l, const Json& r) { return flag(json_contains(l, r)); });
}
Answer overlaps(const Arguments& a) {
    return of_two(a, "json_overlaps",
                  [](const Json& l, const Json& r) { return flag(json_overlaps(l, r)); });
}
Answer member_of(const Arguments& a) {
    return of_two(a, "member of",
                  [](const Json& l, const Json& r) { return flag(json_member_of(l, r)); });
}
Answer patched(const Arguments& a) {
    return of_two(a, "json_merge_patch",
                  [](Json l, const Json& r) { return printed(merge_patch(std::move(l), r)); });
}
Answer merged(const Arguments& a) {
    return of_two(a, "json_merge_preserve", [](Json l, Json r) {
        return printed(merge_preserve(std::move(l), std::move(r)));
    });
}
Answer compared(const Arguments& a) {
    return of_two(a, "cast_as_json", [](const Json& l, const Json& r) {
        const auto ordering = compare(l, r);
        // Equal values have equal hashes.
        const bool broken = ordering == 0 && hash(l, 1) != hash(r, 1);
        return Answer{.value = broken ? "hash" : ordering < 0 ? "-1" : ordering > 0 ? "1" : "0"};
    });
}

}  // namespace

void add_json_answerers(Answerers& known) {
    known.insert({{"json", cast},
                  {"json_pretty", pretty},
                  {"json_type", type},
                  {"json_depth", depth},
                  {"json_length", length},
                  {"json_storage_size", storage_size},
                  {"json_keys", keys},
                  {"json_quote", quoted},
                  {"json_unquote", unquoted},
                  {"json_extract", extracted},
                  {"json_search", searched},
                  {"json_set", set},
                  {"json_insert", insert},
                  {"json_replace", replace},
                  {"json_array_append", array_append},
                  {"json_array_insert", array_insert},
                  {"json_remove", removed},
                  {"json_contains", contains},
                  {"json_overlaps", overlaps},
                  {"member_of", member_of},
                  {"json_merge_patch", patched},
                  {"json_merge_preserve", merged},
                  {"json_compare", compared}});
}

}  // namespace sluice
