// What Boost.Geometry computes; the only file that knows it, for its templates are slow to compile.
#include "eval/detail/geometry_relation.h"

#include <algorithm>
#include <limits>

#include <boost/geometry.hpp>
#include <boost/geometry/geometries/geometries.hpp>

namespace sluice::eval {
namespace {

namespace bg = boost::geometry;
using Point = bg::model::d2::point_xy<double>;
using Line = bg::model::linestring<Point>;
constexpr bool clockwise = false;
using Polygon = bg::model::polygon<Point, clockwise>;
using Points = bg::model::multi_point<Point>;
using Lines = bg::model::multi_linestring<Line>;
using Polygons = bg::model::multi_polygon<Polygon>;

// A geometry sorted by dimension. Boost answers for one part as for a set of one part.
struct Parts {
    Points points;
    Lines lines;
    Polygons polygons;
};

template <class Range>
void add_positions(Range& to, const Path& path) {
    for (const Position& position : path) bg::append(to, Point(position.x, position.y));
}

void add_parts(Parts& to, const Geometry& geometry) {
    switch (geometry.kind) {
        case Geometry::Kind::point:
            add_positions(to.points, geometry.paths[0]);
            return;
        case Geometry::Kind::line:
            add_positions(to.lines.emplace_back(), geometry.paths[0]);
            return;
        case Geometry::Kind::polygon: {
            Polygon& polygon = to.polygons.emplace_back();
            add_positions(polygon.outer(), geometry.paths[0]);
            for (std::size_t i = 1; i < geometry.paths.size(); ++i)
                add_positions(polygon.inners().emplace_back(), geometry.paths[i]);
            bg::correct(polygon);
            return;
        }
        default:
            for (const Geometry& part : geometry.parts) add_parts(to, part);
    }
}

Parts parts_of(const Geometry& geometry) {
    Parts parts;
    add_parts(parts, geometry);
    return parts;
}

// Calls `use` with those of the dimension.
template <class Use>
auto with_dimension(const Parts& parts, int dimension, Use&& use) {
    if (dimension == 0) return use(parts.points);
    if (dimension == 1) return use(parts.lines);
    return use(parts.polygons);
}

template <class Use>
void for_each_kind(const Parts& parts, Use&& use) {
    if (!parts.points.empty()) use(parts.points);
    if (!parts.lines.empty()) use(parts.lines);
    if (!parts.polygons.empty()) use(parts.polygons);
}

Position position_of(const Point& point) {
    return {point.x(), point.y()};
}

}  // namespace

std::optional<int> only_dimension(const Geometry& geometry) {
    const Parts parts = parts_of(geometry);
    const int kinds = (parts.points.empty() ? 0 : 1) + (parts.lines.empty() ? 0 : 1) +
                      (parts.polygons.empty() ? 0 : 1);
    return kinds == 1 ? dimension(geometry) : std::nullopt;
}

Relation relation_of(const Geometry& left, const Geometry& right) {
    const Parts first = parts_of(left), second = parts_of(right);
    const auto matrix = with_dimension(first, *dimension(left), [&](const auto& one) {
        return with_dimension(second, *dimension(right),
                              [&](const auto& other) { return bg::relation(one, other); });
    });
    Relation relation{};
    std::ranges::copy(matrix.str(), relation.begin());
    return relation;
}

double area_of(const Geometry& geometry) {
    return bg::area(parts_of(geometry).polygons);
}

double length_of(const Geometry& geometry) {
    return static_cast<double>(bg::length(parts_of(geometry).lines));
}

std::optional<Position> centroid_of(const Geometry& geometry) {
    const auto highest = dimension(geometry);
    if (!highest) return std::nullopt;
    return with_dimension(parts_of(geometry), *highest, [](const auto& parts) {
        return position_of(bg::return_centroid<Point>(parts));
    });
}

Geometry convex_hull_of(const Geometry& geometry) {
    Points points;
    for_each_position(
        geometry, [&](const Position& position) { points.emplace_back(position.x, position.y); });
    Polygon hull;
    bg::convex_hull(points, hull);
    Path ring;
    for (const Point& point : hull.outer()) {
        const Position position = position_of(point);
        if (ring.empty() || ring.back() != position) ring.push_back(position);
    }
    if (ring.size() == 1) return point_of(ring[0]);
    if (ring.size() <= 3) return line_of({ring[0], ring[1]});
    return {Geometry::Kind::polygon, {std::move(ring)}};
}

double distance_of(const Geometry& left, const Geometry& right) {
    const Parts first = parts_of(left), second = parts_of(right);
    double least = std::numeric_limits<double>::infinity();
    for_each_kind(first, [&](const auto& one) {
        for_each_kind(
            second, [&](const auto& other) { least = std::min(least, bg::distance(one, other)); });
    });
    return least;
}

bool is_valid(const Geometry& geometry) {
    bool valid = true;
    for_each_kind(parts_of(geometry),
                  [&](const auto& parts) { valid = valid && bg::is_valid(parts); });
    return valid;
}

bool is_simple(const Geometry& geometry) {
    if (geometry.kind == Geometry::Kind::collection)
        return std::ranges::all_of(geometry.parts, is_simple);
    bool simple = true;
    for_each_kind(parts_of(geometry),
                  [&](const auto& parts) { simple = simple && bg::is_simple(parts); });
    return simple;
}

}  // namespace sluice::eval
