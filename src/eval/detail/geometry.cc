// Geometries: their kinds, bounds and bytes. Before: functions_spatial*.cc.
#include "eval/detail/geometry.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <utility>

#include "base/limits.h"

namespace sluice::eval {

Geometry point_of(Position position) {
    return {Geometry::Kind::point, {{position}}};
}
Geometry line_of(Path path) {
    return {Geometry::Kind::line, {std::move(path)}};
}

std::string_view kind_name(Geometry::Kind kind) {
    switch (kind) {
        case Geometry::Kind::point:
            return "POINT";
        case Geometry::Kind::line:
            return "LINESTRING";
        case Geometry::Kind::polygon:
            return "POLYGON";
        case Geometry::Kind::points:
            return "MULTIPOINT";
        case Geometry::Kind::lines:
            return "MULTILINESTRING";
        case Geometry::Kind::polygons:
            return "MULTIPOLYGON";
        case Geometry::Kind::collection:
            break;
    }
    return "GEOMCOLLECTION";
}

bool may_contain(Geometry::Kind whole, Geometry::Kind part) {
    switch (whole) {
        case Geometry::Kind::points:
            return part == Geometry::Kind::point;
        case Geometry::Kind::lines:
            return part == Geometry::Kind::line;
        case Geometry::Kind::polygons:
            return part == Geometry::Kind::polygon;
        case Geometry::Kind::collection:
            return true;
        default:
            return false;
    }
}

std::optional<int> dimension(const Geometry& geometry) {
    switch (geometry.kind) {
        case Geometry::Kind::point:
        case Geometry::Kind::points:
            return 0;
        case Geometry::Kind::line:
        case Geometry::Kind::lines:
            return 1;
        case Geometry::Kind::polygon:
        case Geometry::Kind::polygons:
            return 2;
        case Geometry::Kind::collection:
            break;
    }
    std::optional<int> largest;
    for (const Geometry& part : geometry.parts) largest = std::max(largest, dimension(part));
    return largest;
}

bool is_empty(const Geometry& geometry) {
    if (geometry.is_single()) return geometry.paths.empty();
    return std::ranges::all_of(geometry.parts, is_empty);
}

namespace {

bool is_ring(const Path& path) {
    return path.size() >= 4 && path.front() == path.back();
}

}  // namespace

bool is_well_formed(const Geometry& geometry) {
    for (const Path& path : geometry.paths) {
        const bool finite = std::ranges::all_of(path, [](const Position& position) {
            return std::isfinite(position.x) && std::isfinite(position.y);
        });
        if (!finite) return false;
    }
    switch (geometry.kind) {
        case Geometry::Kind::point:
            return true;
        case Geometry::Kind::line:
            return geometry.paths[0].size() >= 2;
        case Geometry::Kind::polygon:
            return !geometry.paths.empty() && std::ranges::all_of(geometry.paths, is_ring);
        default:
            break;
    }
    if (geometry.parts.empty() && geometry.kind != Geometry::Kind::collection) return false;
    return std::ranges::all_of(geometry.parts, [&](const Geometry& part) {
        return may_contain(geometry.kind, part.kind) && is_well_formed(part);
    });
}

void swap_axes(Geometry& geometry) {
    for (Path& path : geometry.paths) {
        for (Position& position : path) std::swap(position.x, position.y);
    }
    for (Geometry& part : geometry.parts) swap_axes(part);
}

std::optional<Bounds> bounds_of(const Geometry& geometry) {
    std::optional<Bounds> bounds;
    for_each_position(geometry, [&](const Position& position) {
        if (!bounds) bounds = Bounds{position, position};
        bounds->low = {std::min(bounds->low.x, position.x), std::min(bounds->low.y, position.y)};
        bounds->high = {std::max(bounds->high.x, position.x), std::max(bounds->high.y, position.y)};
    });
    return bounds;
}

Geometry geometry_of(const Bounds& bounds) {
    const auto& [low, high] = bounds;
    if (low == high) return point_of(low);
    if (low.x == high.x || low.y == high.y) return line_of({low, high});
    return {Geometry::Kind::polygon, {{low, {high.x, low.y}, high, {low.x, high.y}, low}}};
}

// ---- WKB

namespace {

class WkbReader {
 public:
    explicit WkbReader(std::string_view bytes) : bytes_(bytes) {}

    std::optional<Geometry> read() {
        Geometry geometry;
        if (!read_geometry(geometry, 0) || !bytes_.empty()) return std::nullopt;
        return is_well_formed(geometry) ? std::optional(std::move(geometry)) : std::nullopt;
    }

 private:
    static constexpr std::size_t least_part = 9;  // bytes: order, kind and a count

    template <class Number>
    bool take(Number& number) {
        if (bytes_.size() < sizeof number) return false;
        char raw[sizeof number];
        std::copy_n(bytes_.data(), sizeof number, raw);
        if (swapped_) std::ranges::reverse(raw);
        std::memcpy(&number, raw, sizeof number);
        bytes_.remove_prefix(sizeof number);
        return true;
    }
    // Of things that have so many bytes at least.
    bool take_count(std::uint32_t& count, std::size_t least) {
        return take(count) && count <= bytes_.size() / least;
    }
    bool read_path(Path& path, std::uint32_t count) {
        for (std::uint32_t i = 0; i < count; ++i) {
            Position position;
            if (!take(position.x) || !take(position.y)) return false;
            path.push_back(position);
        }
        return true;
    }
    bool read_counted_path(Geometry& geometry) {
        std::uint32_t count = 0;
        return take_count(count, sizeof(Position)) &&
               read_path(geometry.paths.emplace_back(), count);
    }
    // geometry: order kind (x y | count {x y} | count {count {x y}} | count {geometry})
    bool read_geometry(Geometry& geometry, int depth) {
        if (bytes_.empty() || depth > limits::max_parse_depth) return false;
        const auto order = static_cast<unsigned char>(bytes_[0]);
        if (order > 1) return false;
        bytes_.remove_prefix(1);
        swapped_ = (order == 1) != (std::endian::native == std::endian::little);
        std::uint32_t kind = 0, count = 0;
        if (!take(kind) || kind < 1 || kind > 7) return false;
        geometry.kind = static_cast<Geometry::Kind>(kind);
        if (geometry.kind == Geometry::Kind::point)
            return read_path(geometry.paths.emplace_back(), 1);
        if (geometry.kind == Geometry::Kind::line) return read_counted_path(geometry);
        if (geometry.kind == Geometry::Kind::polygon) {
            if (!take_count(count, sizeof(std::uint32_t))) return false;
            for (std::uint32_t i = 0; i < count; ++i) {
                if (!read_counted_path(geometry)) return false;
            }
            return true;
        }
        if (!take_count(count, least_part)) return false;
        for (std::uint32_t i = 0; i < count; ++i) {
            if (!read_geometry(geometry.parts.emplace_back(), depth + 1)) return false;
        }
        return true;
    }

    std::string_view bytes_;
    bool swapped_ = false;
};

template <class Number>
void append_number(std::string& out, Number number) {
    char raw[sizeof number];
    std::memcpy(raw, &number, sizeof number);
    if constexpr (std::endian::native == std::endian::big) std::ranges::reverse(raw);
    out.append(raw, sizeof number);
}

void append_wkb(std::string& out, const Geometry& geometry) {
    const auto append_path = [&](const Path& path) {
        for (const Position& position : path) {
            append_number(out, position.x);
            append_number(out, position.y);
        }
    };
    out += '\1';
    append_number(out, static_cast<std::uint32_t>(geometry.kind));
    if (geometry.kind == Geometry::Kind::point) return append_path(geometry.paths[0]);
    if (geometry.kind == Geometry::Kind::polygon)
        append_number(out, static_cast<std::uint32_t>(geometry.paths.size()));
    for (const Path& path : geometry.paths) {
        append_number(out, static_cast<std::uint32_t>(path.size()));
        append_path(path);
    }
    if (geometry.is_single()) return;
    append_number(out, static_cast<std::uint32_t>(geometry.parts.size()));
    for (const Geometry& part : geometry.parts) append_wkb(out, part);
}

}  // namespace

std::optional<Geometry> read_wkb(std::string_view bytes) {
    return WkbReader(bytes).read();
}

std::string wkb_of(const Geometry& geometry) {
    std::string out;
    append_wkb(out, geometry);
    return out;
}

std::optional<Spatial> read_spatial(std::string_view bytes) {
    Spatial spatial;
    if (bytes.size() < sizeof spatial.srid) return std::nullopt;
    for (std::size_t i = 0; i < sizeof spatial.srid; ++i)
        spatial.srid |= static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[i])) << (8 * i);
    auto geometry = read_wkb(bytes.substr(sizeof spatial.srid));
    if (!geometry) return std::nullopt;
    spatial.geometry = std::move(*geometry);
    return spatial;
}

std::string bytes_of(const Spatial& spatial) {
    std::string out;
    append_number(out, spatial.srid);
    append_wkb(out, spatial.geometry);
    return out;
}

}  // namespace sluice::eval
