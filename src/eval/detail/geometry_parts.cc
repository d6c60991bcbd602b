// Geometries to Boost.Geometry and back.
#include "eval/detail/geometry_parts.h"

#include <boost/geometry/algorithms/correct.hpp>
#include <boost/geometry/strategies/cartesian.hpp>

#include "eval/detail/geometry_failure.h"

// Boost's assertions that fail, of numbers too large or too close to each other.
namespace boost {
void assertion_failed(const char*, const char*, const char*, long) {
    throw sluice::eval::Contradiction();
}
void assertion_failed_msg(const char*, const char*, const char*, const char*, long) {
    throw sluice::eval::Contradiction();
}
namespace geometry {
void assertion_failed(const char*, const char*, const char*, long) {
    throw sluice::eval::Contradiction();
}
void assertion_failed_msg(const char*, const char*, const char*, const char*, long) {
    throw sluice::eval::Contradiction();
}
}  // namespace geometry
}  // namespace boost

namespace sluice::eval {
namespace {

template <class Range>
void add_positions(Range& to, const Path& path) {
    for (const Position& position : path) to.emplace_back(position.x, position.y);
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
            boost::geometry::correct(polygon);
            return;
        }
        default:
            for (const Geometry& part : geometry.parts) add_parts(to, part);
    }
}

template <class Range>
Path path_of(const Range& range) {
    Path path;
    for (const Point& point : range) path.push_back(position_of(point));
    return path;
}

}  // namespace

Parts parts_of(const Geometry& geometry) {
    Parts parts;
    add_parts(parts, geometry);
    return parts;
}

Position position_of(const Point& point) {
    return {point.x(), point.y()};
}
Geometry geometry_of(const Point& point) {
    return point_of(position_of(point));
}
Geometry geometry_of(const Line& line) {
    return line_of(path_of(line));
}
Geometry geometry_of(const Polygon& polygon) {
    Geometry made{Geometry::Kind::polygon, {path_of(polygon.outer())}};
    for (const auto& ring : polygon.inners()) made.paths.push_back(path_of(ring));
    return made;
}

}  // namespace sluice::eval
