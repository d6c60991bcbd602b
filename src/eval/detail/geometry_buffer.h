#pragma once
// ST_BUFFER: what is within a distance of a geometry in the plane, or deeper in it than that.
#include <cstddef>
#include <optional>

#include "eval/detail/geometry.h"

namespace sluice::eval {

struct BufferShape {
    static constexpr std::size_t default_points = 32;  // of a whole circle

    // Of the circles around points, at the ends of lines, and where they bend; nullopt: a square, a
    // flat end.
    std::optional<std::size_t> point_circle = default_points;
    std::optional<std::size_t> end_circle = default_points;
    std::size_t join_circle = default_points;
    std::optional<double> miter_limit =
        {};  // bends are sharp, but no longer than so many distances
};

// Polygons; GEOMETRYCOLLECTION EMPTY if nothing is left. nullopt: a geometry crosses itself.
std::optional<Geometry> buffer_of(const Geometry& geometry, double distance,
                                  const BufferShape& shape);

}  // namespace sluice::eval
