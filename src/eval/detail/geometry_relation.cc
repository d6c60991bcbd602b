// Relations and measures, which Boost.Geometry computes.
#include "eval/detail/geometry_relation.h"

#include <algorithm>
#include <limits>

#include <boost/geometry.hpp>

#include "eval/detail/geometry_parts.h"

namespace sluice::eval {

namespace bg = boost::geometry;

namespace {

template <class One, class Other>
Relation relation_of_parts(const One& one, const Other& other) {
    Relation relation{};
    std::ranges::copy(bg::relation(one, other).str(), relation.begin());
    return relation;
}

// The relation of all parts, as geometry_relation.h says.
Relation relation_of_mixed(const Parts& left, const Parts& right) {
    const Parts first = disjoint_parts(left), second = disjoint_parts(right);
    Relation relation;
    relation.fill('F');
    for_each_kind(first, [&](const auto& one) {
        for_each_kind(second, [&](const auto& other) {
            const Relation matrix = relation_of_parts(one, other);
            if (matrix[0] != 'F')
                relation[0] = relation[0] == 'F' ? matrix[0] : std::max(relation[0], matrix[0]);
            for (const std::size_t part : {1UZ, 3UZ, 4UZ}) {
                if (matrix[part] != 'F') relation[1] = '0';
            }
        });
    });
    if (minus(first, second).kinds() > 0) relation[2] = '0';
    if (minus(second, first).kinds() > 0) relation[6] = '0';
    return relation;
}

}  // namespace

Relation relation_of(const Geometry& left, const Geometry& right) {
    const Parts first = parts_of(left), second = parts_of(right);
    if (first.kinds() > 1 || second.kinds() > 1) return relation_of_mixed(first, second);
    return with_dimension(first, *dimension(left), [&](const auto& one) {
        return with_dimension(second, *dimension(right),
                              [&](const auto& other) { return relation_of_parts(one, other); });
    });
}

std::vector<DimensionRelation> relations_by_dimension(const Geometry& left, const Geometry& right) {
    const Parts first = disjoint_parts(parts_of(left)), second = disjoint_parts(parts_of(right));
    std::vector<DimensionRelation> relations;
    if (!first.points.empty() && !second.points.empty())
        relations.push_back({0, relation_of_parts(first.points, second.points)});
    if (!first.lines.empty() && !second.lines.empty())
        relations.push_back({1, relation_of_parts(first.lines, second.lines)});
    if (!first.polygons.empty() && !second.polygons.empty())
        relations.push_back({2, relation_of_parts(first.polygons, second.polygons)});
    return relations;
}

bool has_points(const Geometry& geometry) {
    const Parts parts = parts_of(geometry);
    if (parts.points.empty() || parts.kinds() == 1) return !parts.points.empty();
    return !disjoint_parts(parts).points.empty();
}
bool has_several_dimensions(const Geometry& geometry) {
    return parts_of(geometry).kinds() > 1;
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
    const Parts parts = parts_of(geometry);
    Points points = parts.points;
    const auto add = [&](const auto& range) {
        points.insert(points.end(), range.begin(), range.end());
    };
    std::ranges::for_each(parts.lines, add);
    for (const Polygon& polygon : parts.polygons) add(polygon.outer());
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
    if (geometry.kind == Geometry::Kind::collection)
        return std::ranges::all_of(geometry.parts, is_valid);
    bool valid = true;
    for_each_kind(parts_of(geometry),
                  [&](const auto& parts) { valid = valid && bg::is_valid(parts); });
    return valid;
}
bool has_invalid_polygons(const Geometry& geometry) {
    if (geometry.kind == Geometry::Kind::collection)
        return std::ranges::any_of(geometry.parts, has_invalid_polygons);
    return dimension(geometry) == 2 && !is_valid(geometry);
}

bool is_simple(const Geometry& geometry) {
    bool simple = true;
    for_each_kind(parts_of(geometry),
                  [&](const auto& parts) { simple = simple && bg::is_simple(parts); });
    return simple;
}

namespace {

Geometry simplified_polygon(const Geometry& geometry, double most) {
    Polygon polygon;
    bg::simplify(parts_of(geometry).polygons.front(), polygon, most);
    std::erase_if(polygon.inners(), [](const auto& ring) { return ring.size() < 4; });
    return geometry_of(polygon);
}

}  // namespace

std::optional<Geometry> simplified(const Geometry& geometry, double most) {
    switch (geometry.kind) {
        case Geometry::Kind::point:
        case Geometry::Kind::points:
            return geometry;
        case Geometry::Kind::line: {
            Line line;
            bg::simplify(parts_of(geometry).lines.front(), line, most);
            Geometry made = geometry_of(line);
            const Path& path = made.paths[0];
            if (path.size() < 2 || (path.size() == 2 && path[0] == path[1])) return std::nullopt;
            return made;
        }
        case Geometry::Kind::polygon: {
            Geometry made = simplified_polygon(geometry, most);
            if (made.paths[0].size() < 4) return std::nullopt;
            return made;
        }
        default:
            break;
    }
    Geometry made{geometry.kind};
    for (const Geometry& part : geometry.parts) {
        if (auto left = simplified(part, most)) made.parts.push_back(std::move(*left));
    }
    if (made.parts.empty()) return std::nullopt;
    return made;
}

namespace {

template <class Made>
Geometry interpolated(const Geometry& line, double distance) {
    Made made;
    bg::line_interpolate(parts_of(line).lines.front(), distance, made);
    return geometry_of(made);
}

}  // namespace

Geometry point_along(const Geometry& line, double distance) {
    return interpolated<Point>(line, distance);
}
Geometry points_along(const Geometry& line, double distance) {
    return interpolated<Points>(line, distance);
}

}  // namespace sluice::eval
