// Step 6 of a request: multicol, whose keyspace id is put together from the hashes of several
// columns.
#include <algorithm>
#include <numeric>

#include "vindex/detail/go_text.h"
#include "vindex/detail/makers.h"

namespace sluice::vindex {

namespace {

constexpr int max_columns = 8;
constexpr int max_bytes = 8;

struct HashedColumn {
    std::shared_ptr<const Vindex> vindex;
    int bytes = 0;  // of the column's hash that go into the keyspace id
};

class MulticolVindex final : public Vindex {
 public:
    MulticolVindex(const Request& request, int cost, std::vector<HashedColumn> columns)
        : Vindex(request.name, request.type, {.cost = cost, .multi_column = true, .partial = true}),
          columns_(std::move(columns)) {
        for (const auto& [key, value] : request.parameters) {
            const bool own =
                key == "column_count" || key == "column_bytes" || key == "column_vindex";
            const bool of_column = std::ranges::any_of(columns_, [&](const HashedColumn& column) {
                return std::ranges::find(column.vindex->unknown_parameters(), key) ==
                       column.vindex->unknown_parameters().end();
            });
            if (!own && !of_column) unknown_parameters_.push_back(key);
        }
    }

    Result<Destination> map_row(std::span<const ValueView> row) const override {
        const Result<std::string> key = make_key(row);
        if (!key) return to::None{};
        if (row.size() == columns_.size()) return to::Id{KeyspaceId(*key)};
        return to::Range{range_of_prefix(*key)};
    }

    Result<bool> verify(std::span<const ValueView> row,
                        std::string_view keyspace_id) const override {
        return TRY(make_key(row)) == keyspace_id;
    }

 private:
    Result<std::string> make_key(std::span<const ValueView> row) const {
        if (row.size() > columns_.size()) {
            return fail(Code::internal,
                        "[BUG] wrong number of column values were passed: maximum allowed " +
                            std::to_string(columns_.size()) + ", got " +
                            std::to_string(row.size()));
        }
        std::string key;
        std::size_t wanted = 0;
        for (std::size_t i = 0; i < row.size(); ++i) {
            const KeyspaceId hash = TRY(columns_[i].vindex->hash(row[i]));
            key.resize(wanted, '\0');  // a short hash is filled up before the next column
            const auto bytes = static_cast<std::size_t>(columns_[i].bytes);
            key += hash.view().substr(0, bytes);
            wanted += bytes;
        }
        return key;
    }

    std::vector<HashedColumn> columns_;
};

std::unexpected<Error> invalid(std::string text) {
    return fail(Code::invalid_argument, std::move(text));
}

std::vector<std::string_view> split_at_commas(std::string_view text) {
    std::vector<std::string_view> parts;
    for (;;) {
        const std::size_t comma = text.find(',');
        parts.push_back(text.substr(0, comma));
        if (comma == std::string_view::npos) return parts;
        text.remove_prefix(comma + 1);
    }
}

std::string_view trimmed(std::string_view text) {
    while (text.starts_with(' ')) text.remove_prefix(1);
    while (text.ends_with(' ')) text.remove_suffix(1);
    return text;
}

// column_count = "1".."8"
Result<int> parse_column_count(const Request& request) {
    if (!request.has("column_count")) {
        return invalid("number of columns not provided in the parameter 'column_count'");
    }
    const int count = TRY(parse_int(request.parameter("column_count")));
    if (count < 1 || count > max_columns) {
        return invalid(
            "number of columns should be between 1 and 8 in the parameter 'column_count'");
    }
    return count;
}

// column_bytes = [ number ] *( "," [ number ] ) ; those left out share what remains of eight, the
// first ones get more
Result<std::vector<int>> parse_column_bytes(const Request& request, int count) {
    const auto exceeded = [] {
        return invalid(
            "column bytes count exceeds the keyspace id length (total bytes count cannot exceed 8 "
            "bytes) in the "
            "parameter 'column_bytes'");
    };
    std::vector<int> bytes(static_cast<std::size_t>(count), 0);
    if (request.has("column_bytes")) {
        const auto parts = split_at_commas(request.parameter("column_bytes"));
        if (parts.size() > bytes.size()) {
            return invalid(
                "number of column bytes provided are more than column count in the parameter "
                "'column_bytes'");
        }
        for (std::size_t i = 0; i < parts.size(); ++i) {
            if (parts[i].empty()) continue;
            bytes[i] = TRY(parse_int(parts[i]));
            if (bytes[i] <= 0 || bytes[i] > max_bytes) return exceeded();
        }
    }
    int remaining = max_bytes - std::accumulate(bytes.begin(), bytes.end(), 0);
    auto pending = static_cast<int>(std::ranges::count(bytes, 0));
    if (remaining < pending) return exceeded();
    for (int& width : bytes) {
        if (width != 0) continue;
        width = (remaining + pending - 1) / pending;
        remaining -= width;
        --pending;
    }
    return bytes;
}

}  // namespace

VindexPointer make_multicol(const Request& request) {
    const int count = TRY(parse_column_count(request));
    const std::vector<int> bytes = TRY(parse_column_bytes(request, count));
    std::vector<std::string_view> types;
    if (request.has("column_vindex")) types = split_at_commas(request.parameter("column_vindex"));
    if (types.size() > bytes.size()) {
        return invalid(
            "number of vindex function provided are more than column count in the parameter "
            "'column_vindex'");
    }
    types.resize(bytes.size());
    Parameters inner = request.parameters;
    for (const char* own : {"column_count", "column_bytes", "column_vindex"}) inner.erase(own);

    std::vector<HashedColumn> columns;
    int cost = 0;
    for (std::size_t i = 0; i < types.size(); ++i) {
        const std::string_view type = trimmed(types[i]).empty() ? "hash" : trimmed(types[i]);
        auto vindex = TRY(create(type, std::to_string(i), inner, request.creation));
        const Properties& properties = vindex->properties();
        if (!properties.hashing || !properties.unique || properties.needs_queries) {
            return invalid(
                "multicol vindex supports vindexes that exports hashing function, are unique and "
                "are non-lookup "
                "vindex, passed vindex '" +
                std::string(type) + "' is invalid");
        }
        cost += properties.cost;
        columns.push_back({std::move(vindex), bytes[i]});
    }
    return std::make_shared<MulticolVindex>(request, cost, std::move(columns));
}

}  // namespace sluice::vindex
