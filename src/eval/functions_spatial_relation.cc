// ST_CONTAINS and its kin, ST_DISTANCE, ST_AREA: what geometries in the plane are to each other.
#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "eval/detail/geometry_relation.h"
#include "eval/detail/spatial.h"

namespace sluice::eval {

double finite_length_of(const Geometry& lines) {
    const double length = length_of(lines);
    if (!std::isfinite(length))
        raise(er::data_out_of_range, "Length value is out of range in 'st_length'");
    return length;
}

void refuse_invalid_parts(const Node& node, const Geometry& geometry) {
    if (geometry.kind == Geometry::Kind::collection && has_invalid_polygons(geometry))
        refuse(node.name + " of collections with polygons that are not valid");
}

namespace {

// ---- relations, by the parts of DE-9IM

struct Dimensions {
    int left = 0, right = 0;
    bool has_points_twice = false;  // both are points, or one is and the other has some
};
using Relates = std::optional<bool> (*)(const Relation& relation, Dimensions dimensions);

enum Part : std::uint8_t {
    interiors,
    interior_boundary,
    interior_exterior,
    boundary_interior,
    boundaries,
    boundary_exterior,
    exterior_interior,
    exterior_boundary,
};

bool meets(const Relation& relation, Part part) {
    return relation[part] != 'F';
}
bool intersects(const Relation& relation) {
    return meets(relation, interiors) || meets(relation, interior_boundary) ||
           meets(relation, boundary_interior) || meets(relation, boundaries);
}
std::optional<bool> are_intersecting(const Relation& relation, Dimensions) {
    return intersects(relation);
}
std::optional<bool> are_disjoint(const Relation& relation, Dimensions) {
    return !intersects(relation);
}
std::optional<bool> is_within(const Relation& relation, Dimensions) {
    return meets(relation, interiors) && !meets(relation, interior_exterior) &&
           !meets(relation, boundary_exterior);
}
std::optional<bool> does_contain(const Relation& relation, Dimensions) {
    return meets(relation, interiors) && !meets(relation, exterior_interior) &&
           !meets(relation, exterior_boundary);
}
std::optional<bool> are_equal(const Relation& relation, Dimensions dimensions) {
    return *is_within(relation, dimensions) && *does_contain(relation, dimensions);
}
std::optional<bool> are_touching(const Relation& relation, Dimensions dimensions) {
    if (dimensions.has_points_twice) return std::nullopt;
    return !meets(relation, interiors) && intersects(relation);
}
std::optional<bool> are_crossing(const Relation& relation, Dimensions dimensions) {
    if (dimensions.left == 2 || dimensions.right == 0) return std::nullopt;
    if (dimensions.left == 1 && dimensions.right == 1) return relation[interiors] == '0';
    return meets(relation, interiors) && meets(relation, interior_exterior);
}
std::optional<bool> are_overlapping(const Relation& relation, Dimensions dimensions) {
    if (dimensions.left != dimensions.right) return std::nullopt;
    const bool share =
        dimensions.left == 1 ? relation[interiors] == '1' : meets(relation, interiors);
    return share && meets(relation, interior_exterior) && meets(relation, exterior_interior);
}

bool are_points(const Geometry& geometry) {
    return geometry.kind == Geometry::Kind::point || geometry.kind == Geometry::Kind::points;
}

// Do the points of both overlap, or their lines, or their polygons?
std::optional<bool> overlapping_parts(const Geometry& left, const Geometry& right) {
    if (dimension(left) != dimension(right)) return std::nullopt;
    const auto relations = relations_by_dimension(left, right);
    return std::ranges::any_of(relations, [](const DimensionRelation& each) {
        return *are_overlapping(each.relation, {each.dimension, each.dimension});
    });
}

template <Relates relates>
Datum relation(const Node& node, Run& run) {
    const auto pair = cartesian_pair_of(node, run);
    if (!pair) return {};
    const Geometry& left = pair->left.geometry;
    const Geometry& right = pair->right.geometry;
    if (is_empty(left) || is_empty(right)) {
        // Of what is empty only equality can be told.
        if (relates != are_equal) return {};
        return std::int64_t{is_empty(left) && is_empty(right) ? 1 : 0};
    }
    refuse_invalid_parts(node, left);
    refuse_invalid_parts(node, right);
    Dimensions dimensions{*dimension(left), *dimension(right)};
    dimensions.has_points_twice = (dimensions.left == 0 && dimensions.right == 0) ||
                                  (are_points(left) && has_points(right)) ||
                                  (are_points(right) && has_points(left));
    const bool mixed = has_several_dimensions(left) || has_several_dimensions(right);
    const auto answer = relates == are_overlapping && mixed
                            ? overlapping_parts(left, right)
                            : relates(relation_of(left, right), dimensions);
    return answer ? Datum(std::int64_t{*answer ? 1 : 0}) : Datum();
}

Datum valid(const Node& node, Run& run) {
    const auto spatial = cartesian_at(node, 0, run);
    return spatial ? Datum(std::int64_t{is_valid(spatial->geometry) ? 1 : 0}) : Datum();
}

void add_parts(std::vector<const Geometry*>& to, const Geometry& geometry) {
    if (geometry.kind != Geometry::Kind::collection) return to.push_back(&geometry);
    for (const Geometry& part : geometry.parts) add_parts(to, part);
}
// Of a collection: each part is, and no two meet but where one of them ends.
Datum simple(const Node& node, Run& run) {
    constexpr std::size_t most_parts = 4096;  // a gate must answer others
    const auto spatial = cartesian_at(node, 0, run);
    if (!spatial) return {};
    std::vector<const Geometry*> parts;
    add_parts(parts, spatial->geometry);
    if (parts.size() > most_parts) refuse(node.name + " of so many parts");
    for (std::size_t i = 0; i < parts.size(); ++i) {
        if (!is_simple(*parts[i])) return std::int64_t{0};
        for (std::size_t j = 0; j < i; ++j) {
            const Relation relation = relation_of(*parts[i], *parts[j]);
            if (meets(relation, interiors)) return std::int64_t{0};
        }
    }
    return std::int64_t{1};
}

// ---- measures

Datum area(const Node& node, Run& run) {
    const auto spatial = cartesian_at(node, 0, run);
    if (!spatial) return {};
    const Geometry::Kind kind = spatial->geometry.kind;
    if (kind != Geometry::Kind::polygon && kind != Geometry::Kind::polygons)
        raise_unexpected_kind(node, "POLYGON/MULTIPOLYGON", kind);
    const double area = area_of(spatial->geometry);
    if (!std::isfinite(area))
        raise(er::data_out_of_range, "Result value is out of range in 'st_area'");
    return area;
}

Datum length(const Node& node, Run& run) {
    const auto spatial = cartesian_at(node, 0, run);
    if (!spatial || is_null_unit(node, 1, run)) return {};
    const Geometry::Kind kind = spatial->geometry.kind;
    if (kind != Geometry::Kind::line && kind != Geometry::Kind::lines) return {};
    refuse_unit(node, 1, run);
    return finite_length_of(spatial->geometry);
}

Datum distance(const Node& node, Run& run) {
    const auto pair = cartesian_pair_of(node, run);
    if (!pair || is_null_unit(node, 2, run)) return {};
    refuse_unit(node, 2, run);
    if (is_empty(pair->left.geometry) || is_empty(pair->right.geometry)) return {};
    const double distance = distance_of(pair->left.geometry, pair->right.geometry);
    if (!std::isfinite(distance)) raise_invalid_geometry(node);
    return distance;
}

// The haversine of two positions, in radians of the sphere.
double arc_between(const Position& a, const Position& b) {
    const auto radians = [](double degrees) { return degrees * std::numbers::pi / 180; };
    const double half_latitude = std::sin((radians(b.y) - radians(a.y)) / 2);
    const double half_longitude = std::sin((radians(b.x) - radians(a.x)) / 2);
    const double haversine = half_latitude * half_latitude + std::cos(radians(a.y)) *
                                                                 std::cos(radians(b.y)) *
                                                                 (half_longitude * half_longitude);
    return 2 * std::asin(std::sqrt(haversine));
}

Datum distance_sphere(const Node& node, Run& run) {
    const auto pair = pair_of(node, run);
    if (!pair) return {};
    const auto is_points = [](const Geometry& geometry) { return dimension(geometry) == 0; };
    const bool are_points = is_points(pair->left.geometry) && is_points(pair->right.geometry) &&
                            pair->left.geometry.kind != Geometry::Kind::collection &&
                            pair->right.geometry.kind != Geometry::Kind::collection;
    if (!are_points) {
        const bool geographic = pair->left.srid == geographic_srid;
        raise(geographic ? 3705 : 3704,
              node.name + "(" + std::string(kind_name(pair->left.geometry.kind)) + ", " +
                  std::string(kind_name(pair->right.geometry.kind)) +
                  ") has not been implemented for " + (geographic ? "geographic" : "Cartesian") +
                  " spatial reference systems.");
    }
    // MySQL's: of a sphere for plain coordinates, of the ellipsoid's mean for WGS 84.
    double radius =
        pair->left.srid == geographic_srid ? (2 * 6378137.0 + 6356752.314245179) / 3 : 6370986.0;
    if (node.arguments.size() > 2) {
        Operand given(node.arguments[2], run);
        if (given.is_null()) return {};
        radius = given.real();
        if (radius <= 0)
            raise(3706, "Invalid radius provided to function " + node.name +
                            ": Radius must be greater than zero.");
    }
    require_given_in_range(node, pair->left.geometry);
    require_given_in_range(node, pair->right.geometry);
    double least = std::numeric_limits<double>::infinity();
    for_each_position(pair->left.geometry, [&](const Position& a) {
        for_each_position(pair->right.geometry,
                          [&](const Position& b) { least = std::min(least, arc_between(a, b)); });
    });
    return least * radius;
}

// ---- geometries

Datum centroid(const Node& node, Run& run) {
    const auto spatial = cartesian_at(node, 0, run);
    if (!spatial) return {};
    const auto position = centroid_of(spatial->geometry);
    if (!position || std::isnan(position->x) || std::isnan(position->y)) return {};
    return bytes_of_made(node, point_of(*position));
}

Datum convex_hull(const Node& node, Run& run) {
    const auto spatial = cartesian_at(node, 0, run);
    if (!spatial || is_empty(spatial->geometry)) return {};
    return bytes_of_made(node, convex_hull_of(spatial->geometry));
}

}  // namespace

std::span<const Function> spatial_relation_functions() {
    static constexpr Function functions[] = {
        {"st_area", 1, 1, give_measure, guarded<area>},
        {"st_centroid", 1, 1, give_geometry, guarded<centroid>},
        {"st_contains", 2, 2, give_flag, guarded<relation<does_contain>>},
        {"st_convexhull", 1, 1, give_geometry, guarded<convex_hull>},
        {"st_crosses", 2, 2, give_flag, guarded<relation<are_crossing>>},
        {"st_disjoint", 2, 2, give_flag, guarded<relation<are_disjoint>>},
        {"st_distance", 2, 3, give_measure, guarded<distance>},
        {"st_distance_sphere", 2, 3, give_measure, distance_sphere},
        {"st_equals", 2, 2, give_flag, guarded<relation<are_equal>>},
        {"st_intersects", 2, 2, give_flag, guarded<relation<are_intersecting>>},
        {"st_issimple", 1, 1, give_flag, guarded<simple>},
        {"st_isvalid", 1, 1, give_flag, guarded<valid>},
        {"st_length", 1, 2, give_measure, guarded<length>},
        {"st_overlaps", 2, 2, give_flag, guarded<relation<are_overlapping>>},
        {"st_touches", 2, 2, give_flag, guarded<relation<are_touching>>},
        {"st_within", 2, 2, give_flag, guarded<relation<is_within>>},
    };
    return functions;
}

}  // namespace sluice::eval
