// MBRCONTAINS and its kin: relations of the bounds of geometries; ST_ENVELOPE, ST_MAKEENVELOPE.
#include <algorithm>

#include "eval/detail/spatial.h"

namespace sluice::eval {
namespace {

// Bounds may be a point or a line; then that is all of their interior, without a line's ends.
bool interval_interiors_meet(double low, double high, double other_low, double other_high) {
    if (low == high && other_low == other_high) return low == other_low;
    if (low == high) return other_low < low && low < other_high;
    if (other_low == other_high) return low < other_low && other_low < high;
    return std::max(low, other_low) < std::min(high, other_high);
}
bool interiors_meet(const Bounds& a, const Bounds& b) {
    return interval_interiors_meet(a.low.x, a.high.x, b.low.x, b.high.x) &&
           interval_interiors_meet(a.low.y, a.high.y, b.low.y, b.high.y);
}
bool meets(const Bounds& a, const Bounds& b) {
    return a.low.x <= b.high.x && b.low.x <= a.high.x && a.low.y <= b.high.y && b.low.y <= a.high.y;
}
bool covers(const Bounds& a, const Bounds& b) {
    return a.low.x <= b.low.x && b.high.x <= a.high.x && a.low.y <= b.low.y && b.high.y <= a.high.y;
}
bool contains(const Bounds& a, const Bounds& b) {
    return covers(a, b) && interiors_meet(a, b);
}
bool equals(const Bounds& a, const Bounds& b) {
    return a == b;
}
bool disjoint(const Bounds& a, const Bounds& b) {
    return !meets(a, b);
}
bool touches(const Bounds& a, const Bounds& b) {
    return meets(a, b) && !interiors_meet(a, b);
}
bool overlaps(const Bounds& a, const Bounds& b) {
    return interiors_meet(a, b) && !covers(a, b) && !covers(b, a);
}
bool within(const Bounds& a, const Bounds& b) {
    return contains(b, a);
}
bool covered_by(const Bounds& a, const Bounds& b) {
    return covers(b, a);
}

template <bool (*relates)(const Bounds&, const Bounds&)>
Datum relation(const Node& node, Run& run) {
    const auto pair = pair_of(node, run);
    if (!pair) return {};
    if (pair->left.srid == geographic_srid) {
        require_in_range(node, pair->left.geometry);
        require_in_range(node, pair->right.geometry);
        refuse_system(node, geographic_srid);
    }
    const auto left = bounds_of(pair->left.geometry);
    const auto right = bounds_of(pair->right.geometry);
    if (!left || !right) {
        // Of what is empty only equality can be told.
        if (relates != equals) return {};
        return std::int64_t{!left && !right ? 1 : 0};
    }
    return std::int64_t{relates(*left, *right) ? 1 : 0};
}

Datum envelope(const Node& node, Run& run) {
    const auto spatial = spatial_at(node, 0, run);
    if (!spatial) return {};
    if (spatial->srid != 0) {
        raise(3618, node.name + "(" + std::string(kind_name(spatial->geometry.kind)) +
                        ") has not been implemented for geographic spatial reference systems.");
    }
    const auto bounds = bounds_of(spatial->geometry);
    if (!bounds) return bytes_of({0, {Geometry::Kind::collection}});
    return bytes_of({0, geometry_of(*bounds)});
}

Datum make_envelope(const Node& node, Run& run) {
    const auto pair = pair_of(node, run);
    if (!pair) return {};
    const bool are_points = pair->left.geometry.kind == Geometry::Kind::point &&
                            pair->right.geometry.kind == Geometry::Kind::point;
    if (!are_points) raise(er::wrong_arguments, "Incorrect arguments to " + node.name);
    if (pair->left.srid != 0) refuse_system(node, pair->left.srid);
    const Position a = pair->left.geometry.paths[0][0], b = pair->right.geometry.paths[0][0];
    return bytes_of({0, geometry_of({{std::min(a.x, b.x), std::min(a.y, b.y)},
                                     {std::max(a.x, b.x), std::max(a.y, b.y)}})});
}

}  // namespace

std::span<const Function> spatial_bounds_functions() {
    static constexpr Function functions[] = {
        {"mbrcontains", 2, 2, give_flag, relation<contains>},
        {"mbrcoveredby", 2, 2, give_flag, relation<covered_by>},
        {"mbrcovers", 2, 2, give_flag, relation<covers>},
        {"mbrdisjoint", 2, 2, give_flag, relation<disjoint>},
        {"mbrequals", 2, 2, give_flag, relation<equals>},
        {"mbrintersects", 2, 2, give_flag, relation<meets>},
        {"mbroverlaps", 2, 2, give_flag, relation<overlaps>},
        {"mbrtouches", 2, 2, give_flag, relation<touches>},
        {"mbrwithin", 2, 2, give_flag, relation<within>},
        {"st_envelope", 1, 1, give_geometry, envelope},
        {"st_makeenvelope", 2, 2, give_geometry, make_envelope},
    };
    return functions;
}

}  // namespace sluice::eval
