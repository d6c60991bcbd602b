// A document that is read prints as one that reads back equal; paths lead somewhere or nowhere.
// Input: a document, and behind a NUL a path.
#include "base/assert.h"
#include "values/json_edit.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    using namespace sluice;
    const std::string_view input(reinterpret_cast<const char*>(bytes), size);
    const std::size_t end = std::min(input.find('\0'), size);
    auto parsed = parse_json(input.substr(0, end));
    if (!parsed) {
        VT_ASSERT(parsed.error().position <= end);
        return 0;
    }
    Json& json = *parsed;
    const std::string printed = json_text(json);
    const auto again = parse_json(printed);
    VT_ASSERT(again && compare(*again, json) == 0 && json_text(*again) == printed);
    VT_ASSERT(hash(*again, 1) == hash(json, 1));
    VT_ASSERT(json_contains(json, *again));
    const auto pretty = parse_json(json_pretty(json));
    VT_ASSERT(pretty && compare(*pretty, json) == 0);
    (void)json_storage_size(json);
    (void)merge_preserve(json, merge_patch(json, *again));

    const auto path = parse_json_path(input.substr(std::min(end + 1, size)));
    if (!path) return 0;
    const auto same = parse_json_path(json_path_text(*path));
    VT_ASSERT(same && *same == *path);
    const auto all = find_all(json, *path);
    VT_ASSERT(all.empty() == (find_first(json, *path) == nullptr));
    if (path->names_many()) return 0;
    json_write(json, *path, *again, JsonWrite::set);
    json_array_append(json, *path, *again);
    (void)json_array_insert(json, *path, *again);
    (void)json_remove(json, *path);
    (void)json_text(json);
    return 0;
}
