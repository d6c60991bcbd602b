#pragma once
// What two geometries in the plane share, and what they are together: ST_INTERSECTION and its kin.
#include <cstdint>
#include <expected>

#include "eval/detail/geometry.h"

namespace sluice::eval {

enum class Overlay : std::uint8_t { intersection, united, difference, symmetric };
enum class OverlayFailure : std::uint8_t {
    invalid,  // a geometry crosses itself
    unknown,  // what Boost makes of it cannot be, or is not what MySQL does
};
// GEOMETRYCOLLECTION EMPTY if nothing is left.
std::expected<Geometry, OverlayFailure> overlay_of(Overlay overlay, const Geometry& left,
                                                   const Geometry& right);

}  // namespace sluice::eval
