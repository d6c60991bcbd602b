// JSON_SET and its kin, JSON_MERGE.
#include "eval/detail/json_arguments.h"
#include "values/json_edit.h"

namespace sluice::eval {
namespace {

// Pairs of path and value, one after the other.
template <class Work>
Datum edited(const Node& node, Run& run, Work work) {
    auto json = document_at(node, run, 0);
    if (!json) return {};
    for (std::size_t i = 1; i + 1 < node.arguments.size(); i += 2) {
        const auto path = single_path_at(node, run, i);
        if (!path) return {};
        work(*json, *path, scalar_at(node, run, i + 1));
        if (too_deep(*json)) raise(json_depth_error());
    }
    return std::move(*json);
}
template <JsonWrite how>
Datum write(const Node& node, Run& run) {
    return edited(node, run, [](Json& json, const JsonPath& path, Json value) {
        json_write(json, path, std::move(value), how);
    });
}
Datum array_append(const Node& node, Run& run) {
    return edited(node, run, [](Json& json, const JsonPath& path, Json value) {
        json_array_append(json, path, std::move(value));
    });
}
Datum array_insert(const Node& node, Run& run) {
    return edited(node, run, [](Json& json, const JsonPath& path, Json value) {
        or_raise(json_array_insert(json, path, std::move(value)));
    });
}
void give_edited(Node& node, const Environment& environment) {
    if (node.arguments.size() % 2 == 0)
        raise(1582, "Incorrect parameter count in the call to native function '" + node.name + "'");
    give_json(node, environment);
}

Datum remove(const Node& node, Run& run) {
    auto json = document_at(node, run, 0);
    if (!json) return {};
    for (std::size_t i = 1; i < node.arguments.size(); ++i) {
        const auto path = single_path_at(node, run, i);
        if (!path) return {};
        or_raise(json_remove(*json, *path));
    }
    return std::move(*json);
}

Datum merge_keeping(const Node& node, Run& run) {
    std::optional<Json> merged;
    for (std::size_t i = 0; i < node.arguments.size(); ++i) {
        auto next = document_at(node, run, i);
        if (!next) return {};
        merged = merged ? merge_preserve(std::move(*merged), std::move(*next)) : std::move(*next);
        if (too_deep(*merged)) raise(json_depth_error());
    }
    return std::move(*merged);
}
Datum merge_patching(const Node& node, Run& run) {
    // A NULL makes the answer NULL, unless a later argument is no object and so replaces all.
    std::optional<Json> merged;
    for (std::size_t i = 0; i < node.arguments.size(); ++i) {
        auto next = document_at(node, run, i);
        if (!next) {
            merged.reset();
        } else if (i == 0 || !next->is_object()) {
            merged = std::move(*next);
        } else if (merged) {
            merged = merge_patch(std::move(*merged), *next);
        }
    }
    if (!merged) return {};
    return std::move(*merged);
}

}  // namespace

std::span<const Function> json_edit_functions() {
    static constexpr Function functions[] = {
        {"json_array_append", 3, -1, give_edited, array_append},
        {"json_array_insert", 3, -1, give_edited, array_insert},
        {"json_insert", 3, -1, give_edited, write<JsonWrite::insert>},
        {"json_merge", 2, -1, give_json, merge_keeping},
        {"json_merge_patch", 2, -1, give_json, merge_patching},
        {"json_merge_preserve", 2, -1, give_json, merge_keeping},
        {"json_remove", 2, -1, give_json, remove},
        {"json_replace", 3, -1, give_edited, write<JsonWrite::replace>},
        {"json_set", 3, -1, give_edited, write<JsonWrite::set>},
    };
    return functions;
}

}  // namespace sluice::eval
