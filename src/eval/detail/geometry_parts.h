#pragma once
// Geometries as Boost.Geometry holds them. Only the files that compute with it include this, for
// its templates are slow to compile.
#include <boost/geometry/geometries/linestring.hpp>
#include <boost/geometry/geometries/multi_linestring.hpp>
#include <boost/geometry/geometries/multi_point.hpp>
#include <boost/geometry/geometries/multi_polygon.hpp>
#include <boost/geometry/geometries/point_xy.hpp>
#include <boost/geometry/geometries/polygon.hpp>

#include "eval/detail/geometry.h"

namespace sluice::eval {

using Point = boost::geometry::model::d2::point_xy<double>;
using Line = boost::geometry::model::linestring<Point>;
inline constexpr bool clockwise = false;
using Polygon = boost::geometry::model::polygon<Point, clockwise>;
using Points = boost::geometry::model::multi_point<Point>;
using Lines = boost::geometry::model::multi_linestring<Line>;
using Polygons = boost::geometry::model::multi_polygon<Polygon>;

// A geometry sorted by dimension. Boost answers for one part as for a set of one part.
struct Parts {
    Points points = {};
    Lines lines = {};
    Polygons polygons = {};

    int kinds() const {
        return (points.empty() ? 0 : 1) + (lines.empty() ? 0 : 1) + (polygons.empty() ? 0 : 1);
    }
};

// The rings of polygons are made to turn as Boost wants them.
Parts parts_of(const Geometry& geometry);

Position position_of(const Point& point);
Geometry geometry_of(const Point& point);
Geometry geometry_of(const Line& line);
Geometry geometry_of(const Polygon& polygon);

// Of several, the geometry that has them as parts.
template <class Several>
Geometry several_of(Geometry::Kind kind, const Several& several) {
    Geometry made{kind};
    for (const auto& each : several) made.parts.push_back(geometry_of(each));
    return made;
}
inline Geometry geometry_of(const Points& points) {
    return several_of(Geometry::Kind::points, points);
}
inline Geometry geometry_of(const Lines& lines) {
    return several_of(Geometry::Kind::lines, lines);
}
inline Geometry geometry_of(const Polygons& polygons) {
    return several_of(Geometry::Kind::polygons, polygons);
}

// The only part of what has one.
template <class Several>
Geometry narrowest_of(const Several& several) {
    return several.size() == 1 ? geometry_of(several.front()) : geometry_of(several);
}

// ---- in geometry_overlay.cc; they throw what geometry_failure.h has

Parts minus(const Parts& parts, const Parts& others);
// Polygons united, lines without what polygons cover, points without both and each once.
Parts disjoint_parts(const Parts& parts);

// ---- visits

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

}  // namespace sluice::eval
