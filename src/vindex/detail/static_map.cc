// Step 6 of a request: numeric_static_map, numbers looked up in a table that the VSchema brings.
#include <algorithm>
#include <unordered_map>

#include "vindex/detail/go_text.h"
#include "vindex/detail/makers.h"

namespace sluice::vindex {

namespace {

using Numbers = std::unordered_map<std::uint64_t, std::uint64_t>;

class StaticMapVindex final : public Vindex {
 public:
    StaticMapVindex(const Request& request, Numbers numbers, std::shared_ptr<const Vindex> fallback)
        : Vindex(request.name, request.type, {.cost = 1, .hashing = true}),
          numbers_(std::move(numbers)),
          fallback_(std::move(fallback)) {
        for (const auto& [key, value] : request.parameters) {
            if (key != "json" && key != "json_path" && key != "fallback_type")
                unknown_parameters_.push_back(key);
        }
    }

    Result<KeyspaceId> hash(ValueView value) const override {
        const std::uint64_t number = TRY(parse_uint64(value.bytes));
        if (const auto found = numbers_.find(number); found != numbers_.end()) {
            return KeyspaceId::big_endian(found->second);
        }
        return fallback_ ? fallback_->hash(value) : KeyspaceId::big_endian(number);
    }

    Result<std::optional<KeyspaceId>> map(ValueView value) const override {
        Result<KeyspaceId> id = hash(value);
        if (!id) return std::nullopt;
        return *std::move(id);
    }

    Result<bool> verify(std::span<const ValueView> row,
                        std::string_view keyspace_id) const override {
        if (row.size() != 1) return Vindex::verify(row, keyspace_id);
        return TRY(hash(row[0])).view() == keyspace_id;
    }

 private:
    Numbers numbers_;
    std::shared_ptr<const Vindex> fallback_;
};

std::unexpected<Error> invalid(std::string text) {
    return fail(Code::invalid_argument, std::move(text));
}

// key = 1*DIGIT ; errors in the words of strconv.ParseUint
Result<std::uint64_t> parse_key(const std::string& key) {
    const bool digits =
        !key.empty() && std::ranges::all_of(key, [](char c) { return c >= '0' && c <= '9'; });
    if (!digits) return invalid("strconv.ParseUint: parsing " + quoted(key) + ": invalid syntax");
    const Result<std::uint64_t> number = parse_uint64(key);
    if (!number)
        return invalid("strconv.ParseUint: parsing " + quoted(key) + ": value out of range");
    return number;
}

}  // namespace

VindexPointer make_static_map(const Request& request) {
    const bool has_json = request.has("json"), has_path = request.has("json_path");
    if (has_json && has_path) {
        return invalid("NumericStaticMap: Found both `json` and `json_path` params in vschema");
    }
    if (!has_json && !has_path) {
        return invalid(
            "NumericStaticMap: Could not find either `json_path` or `json` params in vschema");
    }
    const std::string json = has_json
                                 ? std::string(request.parameter("json"))
                                 : TRY(read_file(request.creation, request.parameter("json_path")));
    Numbers numbers;
    for (const auto& [key, number] : TRY(parse_number_map(json)))
        numbers[TRY(parse_key(key))] = number;

    std::shared_ptr<const Vindex> fallback;
    if (request.has("fallback_type")) {
        // The fallback gets no parameters: it could otherwise name itself as its own fallback.
        fallback = TRY(create(request.parameter("fallback_type"), request.name + "_fallback", {},
                              request.creation));
        if (!fallback->properties().hashing) {
            return invalid("NumericStaticMap: fallback type " +
                           std::string(request.parameter("fallback_type")) +
                           " does not implement Hashing");
        }
    }
    return std::make_shared<StaticMapVindex>(request, std::move(numbers), std::move(fallback));
}

}  // namespace sluice::vindex
