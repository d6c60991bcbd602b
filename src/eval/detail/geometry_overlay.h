#pragma once
// What two geometries in the plane share, and what they are together: ST_INTERSECTION and its kin.
#include <cstdint>

#include "eval/detail/geometry.h"

namespace sluice::eval {

enum class Overlay : std::uint8_t { intersection, united, difference, symmetric };
// GEOMETRYCOLLECTION EMPTY if nothing is left. Throws what geometry_failure.h has.
Geometry overlay_of(Overlay overlay, const Geometry& left, const Geometry& right);

}  // namespace sluice::eval
