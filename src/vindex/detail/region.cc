// Step 6 of a request: region_experimental and region_json, which put a region's number before a
// hash.
#include <unordered_map>

#include "vindex/detail/digest.h"
#include "vindex/detail/go_text.h"
#include "vindex/detail/makers.h"

namespace sluice::vindex {

namespace {

// The low bytes of the region's number, most significant first.
std::string region_prefix(std::uint64_t region, int bytes) {
    std::string prefix;
    if (bytes == 2) prefix += static_cast<char>(region >> 8 & 0xff);
    prefix += static_cast<char>(region & 0xff);
    return prefix;
}

class RegionVindex : public Vindex {
 public:
    RegionVindex(const Request& request, int bytes, bool partial)
        : Vindex(request.name, request.type, {.cost = 1, .multi_column = true, .partial = partial}),
          bytes_(bytes) {
        for (const auto& [key, value] : request.parameters) {
            const bool known = key == "region_bytes" || (key == "region_map" && !partial);
            if (!known) unknown_parameters_.push_back(key);
        }
    }

 protected:
    Destination located(std::uint64_t region, ValueView hashed) const {
        // Unlike `hash`, v21 takes no negative numbers here.
        const Result<std::uint64_t> number = parse_uint64(hashed.bytes);
        if (!number) return to::None{};
        const KeyspaceId id = KeyspaceId::big_endian(des_zero_key(*number));
        return to::Id{KeyspaceId(region_prefix(region, bytes_) + std::string(id.view()))};
    }

    int bytes_;
};

// Columns: region, value to hash.
class RegionExperimentalVindex final : public RegionVindex {
 public:
    using RegionVindex::RegionVindex;

    Result<Destination> map_row(std::span<const ValueView> row) const override {
        if (row.empty() || row.size() > 2) return to::None{};
        const Result<std::uint64_t> region = parse_uint64(row[0].bytes);
        if (!region) return to::None{};
        if (row.size() == 1) return to::Range{range_of_prefix(region_prefix(*region, bytes_))};
        return located(*region, row[1]);
    }
};

// Columns: value to hash, region's name.
class RegionJsonVindex final : public RegionVindex {
 public:
    RegionJsonVindex(const Request& request, int bytes,
                     std::unordered_map<std::string, std::uint64_t> regions)
        : RegionVindex(request, bytes, false), regions_(std::move(regions)) {}

    Result<Destination> map_row(std::span<const ValueView> row) const override {
        if (row.size() != 2) return to::None{};
        const auto region = regions_.find(std::string(row[1].bytes));
        if (region == regions_.end()) return to::None{};
        return located(region->second, row[0]);
    }

 private:
    std::unordered_map<std::string, std::uint64_t> regions_;
};

std::unexpected<Error> invalid(std::string text) {
    return fail(Code::invalid_argument, std::move(text));
}

}  // namespace

VindexPointer make_region_experimental(const Request& request) {
    if (!request.has("region_bytes"))
        return invalid("region_experimental missing region_bytes param");
    const std::string_view bytes = request.parameter("region_bytes");
    if (bytes != "1" && bytes != "2")
        return invalid("region_bytes must be 1 or 2: " + std::string(bytes));
    return std::make_shared<RegionExperimentalVindex>(request, bytes == "1" ? 1 : 2, true);
}

VindexPointer make_region_json(const Request& request) {
    const std::string json = TRY(read_file(request.creation, request.parameter("region_map")));
    std::unordered_map<std::string, std::uint64_t> regions;
    for (auto& [name, number] : TRY(parse_number_map(json))) regions[name] = number;
    const int bytes = TRY(parse_int(request.parameter("region_bytes")));
    if (bytes != 1 && bytes != 2)
        return invalid("region_bytes must be 1 or 2: " + std::to_string(bytes));
    return std::make_shared<RegionJsonVindex>(request, bytes, std::move(regions));
}

}  // namespace sluice::vindex
