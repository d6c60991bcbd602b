#pragma once
// Geometries as MySQL holds them: four bytes of SRID, then WKB with the lowest byte first. In a
// geographic system x is the longitude, whatever the order of the axes in texts is.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::eval {

struct Position {
    double x = 0, y = 0;
    bool operator==(const Position&) const = default;
};
using Path = std::vector<Position>;

struct Geometry {
    // The numbers are WKB's.
    enum class Kind : std::uint8_t {
        point = 1,
        line = 2,
        polygon = 3,
        points = 4,
        lines = 5,
        polygons = 6,
        collection = 7,
    };
    Kind kind = Kind::point;
    std::vector<Path> paths = {};      // a point's only position, a line, a polygon's rings
    std::vector<Geometry> parts = {};  // of several
    bool operator==(const Geometry&) const = default;

    bool is_single() const { return kind <= Kind::polygon; }
};

inline constexpr std::uint32_t geographic_srid = 4326;  // WGS 84, the only one that is known here

struct Spatial {
    std::uint32_t srid = 0;
    Geometry geometry = {};
};

Geometry point_of(Position position);
Geometry line_of(Path path);

// As ST_GeometryType says it.
std::string_view kind_name(Geometry::Kind kind);
// May a geometry of this kind be part of one of that kind?
bool may_contain(Geometry::Kind whole, Geometry::Kind part);
// nullopt for an empty collection.
std::optional<int> dimension(const Geometry& geometry);
bool is_empty(const Geometry& geometry);
// Lines of two positions at least, closed rings of four, no empty parts but collections, numbers
// that are finite.
bool is_well_formed(const Geometry& geometry);
void swap_axes(Geometry& geometry);

// Calls `see(position)` for every position.
template <class See>
void for_each_position(const Geometry& geometry, See&& see) {
    for (const Path& path : geometry.paths) {
        for (const Position& position : path) see(position);
    }
    for (const Geometry& part : geometry.parts) for_each_position(part, see);
}

struct Bounds {
    Position low, high;
    bool operator==(const Bounds&) const = default;
};
// nullopt for what is empty.
std::optional<Bounds> bounds_of(const Geometry& geometry);
// A point, a line or a polygon, as the bounds are degenerate or not.
Geometry geometry_of(const Bounds& bounds);

// ---- bytes and texts. nullopt: they are no geometry.

std::optional<Geometry> read_wkb(std::string_view bytes);
std::string wkb_of(const Geometry& geometry);
std::optional<Spatial> read_spatial(std::string_view bytes);
std::string bytes_of(const Spatial& spatial);

std::optional<Geometry> read_wkt(std::string_view text);
std::string wkt_of(const Geometry& geometry);

}  // namespace sluice::eval
