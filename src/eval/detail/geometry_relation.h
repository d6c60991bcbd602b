#pragma once
// What is computed of geometries in the plane, by Boost.Geometry, as MySQL does. All may throw what
// geometry_failure.h has.
#include <array>
#include <optional>
#include <vector>

#include "eval/detail/geometry.h"

namespace sluice::eval {

// The nine parts of DE-9IM: interior, boundary and exterior of the one with those of the other;
// each 'F' (they do not meet) or the dimension of what they share, '0', '1' or '2'. Of geometries
// that are not empty. Of a collection whose parts have different dimensions only what relations are
// told by is right: that boundaries meet something stands in the second part, that there is an
// exterior to meet in those of the interiors.
using Relation = std::array<char, 9>;
Relation relation_of(const Geometry& left, const Geometry& right);
struct DimensionRelation {
    int dimension = 0;
    Relation relation{};
};
// Of the points of both, of the lines, and of the polygons.
std::vector<DimensionRelation> relations_by_dimension(const Geometry& left, const Geometry& right);
// Points that its lines and polygons do not cover.
bool has_points(const Geometry& geometry);
bool has_several_dimensions(const Geometry& geometry);

double area_of(const Geometry& geometry);    // of polygons
double length_of(const Geometry& geometry);  // of lines
// Of the parts of the highest dimension; nullopt for what is empty.
std::optional<Position> centroid_of(const Geometry& geometry);
// Of what is not empty: a point or a line where it has no area.
Geometry convex_hull_of(const Geometry& geometry);
// Of geometries that are not empty.
double distance_of(const Geometry& left, const Geometry& right);
bool is_valid(const Geometry& geometry);
bool has_invalid_polygons(const Geometry& geometry);
bool is_simple(const Geometry& geometry);  // of what is no collection

// Without positions that are no farther than `most` from what stays; nullopt: nothing stays.
std::optional<Geometry> simplified(const Geometry& geometry, double most);
// Of a line: the position after so much of its length, and those after each such part.
Geometry point_along(const Geometry& line, double distance);
Geometry points_along(const Geometry& line, double distance);

}  // namespace sluice::eval
