// ST_INTERSECTION, ST_UNION, ST_DIFFERENCE and ST_SYMDIFFERENCE, of parts sorted by dimension.
// Which kind of geometry is made of the parts that are left, and in which order, differs by
// function.
#include "eval/detail/geometry_overlay.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <set>
#include <utility>
#include <vector>

#include <boost/geometry/algorithms/area.hpp>
#include <boost/geometry/algorithms/covered_by.hpp>
#include <boost/geometry/algorithms/difference.hpp>
#include <boost/geometry/algorithms/intersection.hpp>
#include <boost/geometry/algorithms/sym_difference.hpp>
#include <boost/geometry/algorithms/union.hpp>
#include <boost/geometry/strategies/cartesian.hpp>
#include <boost/tuple/tuple.hpp>

#include "eval/detail/geometry_failure.h"
#include "eval/detail/geometry_parts.h"

namespace sluice::eval {
namespace {

namespace bg = boost::geometry;

using Places = std::set<std::pair<double, double>>;

std::pair<double, double> place_of(const Point& point) {
    return {point.x(), point.y()};
}

// Each once; those that are on `parts`, or those that are not.
Points points_if(const Points& points, const Parts& parts, bool wanted) {
    Places others, seen;
    for (const Point& point : parts.points) others.insert(place_of(point));
    Points kept;
    for (const Point& point : points) {
        const auto place = place_of(point);
        const bool is_on = others.contains(place) || bg::covered_by(point, parts.lines) ||
                           bg::covered_by(point, parts.polygons);
        if (is_on == wanted && seen.insert(place).second) kept.push_back(point);
    }
    return kept;
}
Points each_once(const Points& points) {
    return points_if(points, {}, false);
}

Lines minus(const Lines& lines, const Lines& others) {
    Lines left;
    bg::difference(lines, others, left);
    return left;
}
Lines minus(const Lines& lines, const Polygons& others) {
    Lines left;
    bg::difference(lines, others, left);
    return left;
}

// ---- polygons. Boost 1.81 loses parts where corners of holes touch, and where rings cross
// themselves: areas tell.

Parts shared_by(const Polygons& polygons, const Polygons& others) {
    boost::tuple<Points, Lines, Polygons> shared;
    bg::intersection(polygons, others, shared);
    Parts made{.lines = shared.get<1>(), .polygons = shared.get<2>()};
    made.points = points_if(shared.get<0>(), made, false);
    return made;
}
Polygons rest_of(const Polygons& polygons, const Polygons& others) {
    Polygons left;
    bg::difference(polygons, others, left);
    return left;
}

// Throws Contradiction unless what one of the two has alone and what both share are the whole.
struct Areas {
    double left = 0, right = 0, shared = 0;
};
void require_area(const Polygons& made, double area, const Areas& areas) {
    constexpr double tolerance = 1e-9;
    if (std::abs(bg::area(made) - area) > tolerance * (areas.left + areas.right))
        throw Contradiction();
}
Areas areas_of(const Polygons& left, const Polygons& right) {
    return {.left = bg::area(left),
            .right = bg::area(right),
            .shared = bg::area(shared_by(left, right).polygons)};
}

Polygons minus(const Polygons& polygons, const Polygons& others) {
    Polygons left = rest_of(polygons, others);
    const Areas areas = areas_of(polygons, others);
    require_area(left, areas.left - areas.shared, areas);
    return left;
}

enum class IfNothing : std::uint8_t { is_crossing, is_contradiction };
Polygons together(const Polygons& polygons, const Polygons& others, IfNothing nothing) {
    Polygons both;
    bg::union_(polygons, others, both);
    if (both.empty() && nothing == IfNothing::is_crossing) throw Crossing();
    const Areas areas = areas_of(polygons, others);
    require_area(both, areas.left + areas.right - areas.shared, areas);
    return both;
}
Polygons in_one_of(const Polygons& polygons, const Polygons& others) {
    Polygons made;
    bg::sym_difference(polygons, others, made);
    const Areas areas = areas_of(polygons, others);
    require_area(made, areas.left + areas.right - 2 * areas.shared, areas);
    return made;
}

void append(Parts& to, const Parts& parts) {
    std::ranges::copy(parts.points, std::back_inserter(to.points));
    std::ranges::copy(parts.lines, std::back_inserter(to.lines));
    std::ranges::copy(parts.polygons, std::back_inserter(to.polygons));
}

}  // namespace

Parts minus(const Parts& parts, const Parts& others) {
    Parts left{.points = points_if(parts.points, others, false),
               .lines = parts.lines,
               .polygons = parts.polygons};
    if (!left.lines.empty() && !others.lines.empty()) left.lines = minus(left.lines, others.lines);
    if (!left.lines.empty() && !others.polygons.empty())
        left.lines = minus(left.lines, others.polygons);
    if (!left.polygons.empty() && !others.polygons.empty())
        left.polygons = minus(left.polygons, others.polygons);
    return left;
}

Parts disjoint_parts(const Parts& parts) {
    Parts made;
    for (const Polygon& polygon : parts.polygons) {
        const Polygons one{polygon};
        made.polygons =
            made.polygons.empty() ? one : together(one, made.polygons, IfNothing::is_contradiction);
    }
    made.lines = made.polygons.empty() ? parts.lines : minus(parts.lines, made.polygons);
    made.points = points_if(parts.points, made, false);
    return made;
}

namespace {

// ---- what is made of parts

std::vector<Geometry> singles_of(const Parts& parts) {
    std::vector<Geometry> singles;
    const auto add = [&](const auto& several) {
        for (const auto& each : several) singles.push_back(geometry_of(each));
    };
    add(parts.polygons);
    add(parts.lines);
    add(parts.points);
    return singles;
}

// The only one, or a collection.
Geometry gathered(std::vector<Geometry> geometries) {
    if (geometries.size() == 1) return std::move(geometries[0]);
    return {Geometry::Kind::collection, {}, std::move(geometries)};
}

// Of parts of one dimension; a collection of single parts if they have several.
Geometry made_of(const Parts& parts) {
    if (parts.kinds() != 1) return gathered(singles_of(parts));
    const int dimension = !parts.polygons.empty() ? 2 : !parts.lines.empty() ? 1 : 0;
    return with_dimension(parts, dimension,
                          [](const auto& several) { return narrowest_of(several); });
}

// ---- of one dimension each

struct Side {
    explicit Side(const Geometry& geometry)
        : parts(parts_of(geometry)), dimension(*eval::dimension(geometry)), kind(geometry.kind) {}
    Side(Parts of, int its_dimension)
        : parts(std::move(of)), dimension(its_dimension), kind(Geometry::Kind::collection) {}

    // As it was given, but for the turn of rings.
    Geometry whole() const {
        return with_dimension(parts, dimension, [&](const auto& several) {
            return kind <= Geometry::Kind::polygon ? geometry_of(several.front())
                                                   : geometry_of(several);
        });
    }

    Parts parts;
    int dimension;
    Geometry::Kind kind;
};

// What lines share: points are those that are on no shared line.
Parts shared_by(const Lines& lines, const Lines& others) {
    boost::tuple<Points, Lines> shared;
    bg::intersection(lines, others, shared);
    return {.points = each_once(shared.get<0>()), .lines = shared.get<1>()};
}

Lines rings_of(const Polygons& polygons) {
    Lines rings;
    const auto add = [&](const auto& ring) { rings.emplace_back(ring.begin(), ring.end()); };
    for (const Polygon& polygon : polygons) {
        add(polygon.outer());
        std::ranges::for_each(polygon.inners(), add);
    }
    return rings;
}
// Boost 1.81 forgets lines that end where they meet a polygon: their points are those of its rings.
Parts shared_by(const Lines& lines, const Polygons& polygons) {
    Parts shared;
    bg::intersection(lines, polygons, shared.lines);
    shared.points =
        points_if(shared_by(lines, rings_of(polygons)).points, {.lines = shared.lines}, false);
    return shared;
}
Parts shared_with_check(const Polygons& polygons, const Polygons& others) {
    Parts shared = shared_by(polygons, others);
    const Areas areas{.left = bg::area(polygons), .right = bg::area(others)};
    require_area(shared.polygons, areas.left - bg::area(rest_of(polygons, others)), areas);
    return shared;
}
Points shared_by(const Points& points, const Points& others) {
    if (points.size() > others.size()) return points_if(others, {.points = points}, true);
    return points_if(points, {.points = others}, true);
}

Geometry intersection(const Side& lower, const Side& higher) {
    if (higher.dimension == 0)
        return made_of({.points = shared_by(lower.parts.points, higher.parts.points)});
    if (lower.dimension == 0)
        return made_of({.points = points_if(lower.parts.points, higher.parts, true)});
    if (lower.dimension < higher.dimension)
        return gathered(singles_of(shared_by(lower.parts.lines, higher.parts.polygons)));
    const bool is_areal = lower.dimension == 2;
    const Parts made = is_areal ? shared_with_check(lower.parts.polygons, higher.parts.polygons)
                                : shared_by(lower.parts.lines, higher.parts.lines);
    if (made.kinds() < 2) return made_of(made);
    Geometry both{Geometry::Kind::collection};
    if (!made.points.empty())
        both.parts.push_back(is_areal ? geometry_of(made.points) : narrowest_of(made.points));
    if (!made.lines.empty()) both.parts.push_back(narrowest_of(made.lines));
    if (!made.polygons.empty()) both.parts.push_back(narrowest_of(made.polygons));
    return both;
}

Geometry united(const Side& lower, const Side& higher) {
    if (lower.dimension == 2)
        return made_of({.polygons = together(lower.parts.polygons, higher.parts.polygons,
                                             IfNothing::is_crossing)});
    // Of one dimension, what the second has more follows the first.
    const bool same = lower.dimension == higher.dimension;
    Parts made = same ? lower.parts : higher.parts;
    append(made, minus(same ? higher.parts : lower.parts, made));
    made.points = each_once(made.points);
    return made_of(made);
}

Geometry symmetric(const Side& lower, const Side& higher) {
    if (lower.dimension == 2)
        return made_of({.polygons = in_one_of(lower.parts.polygons, higher.parts.polygons)});
    Parts made = minus(lower.parts, higher.parts);
    if (lower.dimension == higher.dimension) {
        append(made, minus(higher.parts, lower.parts));
        return made_of(made);
    }
    if (made.kinds() == 0) return made_of(higher.parts);
    std::vector<Geometry> both = singles_of(made);
    both.insert(both.begin(), higher.whole());
    return gathered(std::move(both));
}

// ---- with a collection

// The parts of one dimension each, those of the highest first.
std::vector<Side> sides_of(const Parts& parts) {
    std::vector<Side> sides;
    if (!parts.polygons.empty()) sides.emplace_back(Parts{.polygons = parts.polygons}, 2);
    if (!parts.lines.empty()) sides.emplace_back(Parts{.lines = parts.lines}, 1);
    if (!parts.points.empty()) sides.emplace_back(Parts{.points = parts.points}, 0);
    return sides;
}

// The parts of what has some.
void add_parts(std::vector<Geometry>& to, Geometry geometry) {
    if (geometry.is_single()) return to.push_back(std::move(geometry));
    std::ranges::move(geometry.parts, std::back_inserter(to));
}

// What each kind of the one shares with each of the other, as it is found: points may be on what is
// shared, too.
Geometry intersection_of_collections(const Parts& left, const Parts& right, bool swapped) {
    const std::vector<Side> first = sides_of(left), second = sides_of(right);
    std::vector<Geometry> all;
    for (const Side& one : first) {
        for (const Side& other : second) {
            const bool in_order =
                one.dimension == other.dimension ? !swapped : one.dimension < other.dimension;
            Geometry shared = in_order ? intersection(one, other) : intersection(other, one);
            if (first.size() == 1 && second.size() == 1) return shared;
            add_parts(all, std::move(shared));
        }
    }
    return gathered(std::move(all));
}

// What is in one of a geometry and a collection: parts by dimension, each as several, but those of
// the geometry's own dimension.
Geometry symmetric_with_collection(const Parts& parts, int dimension, const Parts& collection) {
    const Parts first = minus(parts, collection), second = minus(collection, parts);
    Parts made{.points = first.points, .lines = second.lines};
    append(made, {.points = second.points, .lines = first.lines});
    made.polygons = parts.polygons.empty()        ? collection.polygons
                    : collection.polygons.empty() ? parts.polygons
                                                  : in_one_of(parts.polygons, collection.polygons);
    if (made.kinds() < 2) return made_of(made);
    Geometry geometry{Geometry::Kind::collection};
    const auto add = [&](const auto& several, int its_dimension) {
        if (several.empty()) return;
        const bool narrow = its_dimension > 0 && its_dimension == dimension;
        geometry.parts.push_back(narrow ? narrowest_of(several) : geometry_of(several));
    };
    add(made.points, 0);
    add(made.lines, 1);
    add(made.polygons, 2);
    if (dimension > 0) std::ranges::reverse(geometry.parts);
    return geometry;
}

// Of two collections only what has lines alone is known as MySQL makes it.
Geometry symmetric_of_collections(const Parts& left, const Parts& right) {
    Parts made = minus(right, left);
    append(made, minus(left, right));
    if (made.kinds() == 0) return made_of(made);
    if (made.kinds() > 1 || made.lines.empty()) throw Contradiction();
    return made_of(made);
}

Geometry overlay_of_collections(Overlay overlay, const Geometry& left, const Geometry& right) {
    const Parts first = disjoint_parts(parts_of(left)), second = disjoint_parts(parts_of(right));
    switch (overlay) {
        case Overlay::intersection:
            return intersection_of_collections(first, second,
                                               left.kind == Geometry::Kind::collection);
        case Overlay::difference:
            if (first.kinds() > 1) return gathered(singles_of(minus(first, second)));
            return made_of(minus(first, second));
        case Overlay::united: {
            const bool swapped = left.kind != Geometry::Kind::collection;
            Parts both = parts_of(swapped ? right : left);
            append(both, parts_of(swapped ? left : right));
            return made_of(disjoint_parts(both));
        }
        case Overlay::symmetric:
            break;
    }
    if (left.kind == right.kind) return symmetric_of_collections(first, second);
    if (left.kind == Geometry::Kind::collection)
        return symmetric_with_collection(second, *dimension(right), first);
    return symmetric_with_collection(first, *dimension(left), second);
}

Geometry overlay_of_sides(Overlay overlay, const Side& left, const Side& right) {
    if (overlay == Overlay::difference) return made_of(minus(left.parts, right.parts));
    const auto order = [](const Side& side) { return std::pair(side.dimension, side.kind); };
    const bool swapped = order(right) < order(left);
    const Side& lower = swapped ? right : left;
    const Side& higher = swapped ? left : right;
    if (overlay == Overlay::intersection) return intersection(lower, higher);
    return overlay == Overlay::united ? united(lower, higher) : symmetric(lower, higher);
}

}  // namespace

Geometry overlay_of(Overlay overlay, const Geometry& left, const Geometry& right) {
    const bool has_collection =
        left.kind == Geometry::Kind::collection || right.kind == Geometry::Kind::collection;
    return has_collection ? overlay_of_collections(overlay, left, right)
                          : overlay_of_sides(overlay, Side(left), Side(right));
}

}  // namespace sluice::eval
