#pragma once
// What is computed of geometries in the plane, by Boost.Geometry, as MySQL does.
#include <array>
#include <optional>

#include "eval/detail/geometry.h"

namespace sluice::eval {

// The nine parts of DE-9IM: interior, boundary and exterior of the one with those of the other;
// each 'F' (they do not meet) or the dimension of what they share, '0', '1' or '2'. Of geometries
// that are not empty; a collection must hold parts of one dimension.
using Relation = std::array<char, 9>;
Relation relation_of(const Geometry& left, const Geometry& right);
// The dimension of a collection's parts, if they have one.
std::optional<int> only_dimension(const Geometry& geometry);

double area_of(const Geometry& geometry);    // of polygons
double length_of(const Geometry& geometry);  // of lines
// Of the parts of the highest dimension; nullopt for what is empty.
std::optional<Position> centroid_of(const Geometry& geometry);
// Of what is not empty: a point or a line where it has no area.
Geometry convex_hull_of(const Geometry& geometry);
// Of geometries that are not empty.
double distance_of(const Geometry& left, const Geometry& right);
bool is_valid(const Geometry& geometry);
bool is_simple(const Geometry& geometry);

}  // namespace sluice::eval
