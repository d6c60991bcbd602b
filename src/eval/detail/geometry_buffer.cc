// ST_BUFFER. Which shapes are wanted is known when it runs, so that Boost's templates are compiled
// for one strategy that asks.
#include "eval/detail/geometry_buffer.h"

#include <boost/geometry/algorithms/buffer.hpp>
#include <boost/geometry/algorithms/union.hpp>
#include <boost/geometry/strategies/agnostic/buffer_distance_symmetric.hpp>
#include <boost/geometry/strategies/buffer.hpp>
#include <boost/geometry/strategies/cartesian.hpp>
#include <boost/geometry/strategies/cartesian/buffer_end_flat.hpp>
#include <boost/geometry/strategies/cartesian/buffer_end_round.hpp>
#include <boost/geometry/strategies/cartesian/buffer_join_miter.hpp>
#include <boost/geometry/strategies/cartesian/buffer_join_round.hpp>
#include <boost/geometry/strategies/cartesian/buffer_point_circle.hpp>
#include <boost/geometry/strategies/cartesian/buffer_point_square.hpp>
#include <boost/geometry/strategies/cartesian/buffer_side_straight.hpp>

#include "eval/detail/geometry_failure.h"
#include "eval/detail/geometry_parts.h"

namespace sluice::eval {
namespace {

namespace bg = boost::geometry;
namespace strategy = bg::strategy::buffer;

struct PointShape {
    const BufferShape& shape;

    template <class Distance, class Range>
    void apply(const Point& point, const Distance& distance, Range& out) const {
        if (shape.point_circle)
            strategy::point_circle(*shape.point_circle).apply(point, distance, out);
        if (!shape.point_circle) strategy::point_square().apply(point, distance, out);
    }
};

struct EndShape {
    const BufferShape& shape;

    template <class Distance, class Range>
    void apply(const Point& before, const Point& left, const Point& end, const Point& right,
               strategy::buffer_side_selector side, const Distance& distance, Range& out) const {
        if (shape.end_circle)
            strategy::end_round(*shape.end_circle)
                .apply(before, left, end, right, side, distance, out);
        if (!shape.end_circle)
            strategy::end_flat().apply(before, left, end, right, side, distance, out);
    }
    template <class Number>
    Number max_distance(const Number& distance) const {
        return distance;
    }
    strategy::piece_type get_piece_type() const {
        return shape.end_circle ? strategy::buffered_round_end : strategy::buffered_flat_end;
    }
};

struct JoinShape {
    const BufferShape& shape;

    template <class Distance, class Range>
    bool apply(const Point& meeting, const Point& bend, const Point& first, const Point& second,
               const Distance& distance, Range& out) const {
        if (shape.miter_limit)
            return strategy::join_miter(*shape.miter_limit)
                .apply(meeting, bend, first, second, distance, out);
        return strategy::join_round(shape.join_circle)
            .apply(meeting, bend, first, second, distance, out);
    }
    template <class Number>
    Number max_distance(const Number& distance) const {
        return shape.miter_limit ? strategy::join_miter(*shape.miter_limit).max_distance(distance)
                                 : distance;
    }
};

template <class Several>
Polygons buffer(const Several& several, double distance, const BufferShape& shape) {
    Polygons around;
    bg::buffer(several, around, strategy::distance_symmetric<double>(distance),
               strategy::side_straight(), JoinShape{shape}, EndShape{shape}, PointShape{shape});
    return around;
}

}  // namespace

std::optional<Geometry> buffer_of(const Geometry& geometry, double distance,
                                  const BufferShape& shape) {
    std::optional<Polygons> all;
    const auto add = [&](Polygons around) {
        if (all) {
            Polygons both;
            bg::union_(*all, around, both);
            around = std::move(both);
        }
        all = std::move(around);
    };
    try {
        Parts parts = parts_of(geometry);
        if (geometry.kind == Geometry::Kind::collection) parts = disjoint_parts(parts);
        for_each_kind(parts, [&](const auto& several) { add(buffer(several, distance, shape)); });
    } catch (const Crossing&) {
        return std::nullopt;
    } catch (const boost::geometry::exception&) {
        return std::nullopt;
    }
    if (distance > 0 && all && all->empty()) return std::nullopt;
    if (!all || all->empty()) return Geometry{Geometry::Kind::collection};
    return narrowest_of(*all);
}

}  // namespace sluice::eval
