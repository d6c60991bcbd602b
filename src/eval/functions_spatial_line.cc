// How far apart the positions of lines are, positions along a line, and ST_TRANSFORM.
#include <algorithm>
#include <cmath>
#include <limits>

#include "eval/detail/geometry_relation.h"
#include "eval/detail/spatial.h"

namespace sluice::eval {
namespace {

double distance_between(const Position& a, const Position& b) {
    const double x = a.x - b.x, y = a.y - b.y;
    return std::sqrt(x * x + y * y);
}

// The shortest lead with which one walks along each line, position by position and never back.
double frechet_distance(const Geometry& left, const Geometry& right) {
    const Path& first = left.paths[0];
    const Path& second = right.paths[0];
    std::vector<double> row(second.size());  // leads up to each position of `second`
    for (std::size_t i = 0; i < first.size(); ++i) {
        double diagonal = 0;
        for (std::size_t j = 0; j < second.size(); ++j) {
            const double above = row[j];
            double before = 0;
            if (i > 0 && j > 0) before = std::min({above, row[j - 1], diagonal});
            if (i > 0 && j == 0) before = above;
            if (i == 0 && j > 0) before = row[j - 1];
            row[j] = std::max(before, distance_between(first[i], second[j]));
            diagonal = above;
        }
    }
    return row.back();
}

// How far the position of `from` is that is farthest from all of `to`.
double farthest(const Path& from, const Path& to) {
    double most = 0;
    for (const Position& position : from) {
        double least = std::numeric_limits<double>::infinity();
        for (const Position& other : to) least = std::min(least, distance_between(position, other));
        most = std::max(most, least);
    }
    return most;
}

// Points are one path, lines each its own.
std::vector<Path> paths_of(const Geometry& geometry) {
    if (geometry.is_single()) return geometry.paths;
    if (geometry.kind == Geometry::Kind::points) {
        Path path;
        for_each_position(geometry, [&](const Position& position) { path.push_back(position); });
        return {std::move(path)};
    }
    std::vector<Path> paths;
    for (const Geometry& part : geometry.parts) paths.push_back(part.paths[0]);
    return paths;
}

double hausdorff_distance(const Geometry& left, const Geometry& right) {
    const bool swapped = right.kind < left.kind;
    double most = 0;
    for (const Path& from : paths_of(swapped ? right : left)) {
        for (const Path& to : paths_of(swapped ? left : right))
            most = std::max(most, farthest(from, to));
    }
    return most;
}

bool are_lines(Geometry::Kind left, Geometry::Kind right) {
    return left == Geometry::Kind::line && right == Geometry::Kind::line;
}
// Of points at least one is several.
bool are_of_one_dimension(Geometry::Kind left, Geometry::Kind right) {
    const auto is_linear = [](Geometry::Kind kind) {
        return kind == Geometry::Kind::line || kind == Geometry::Kind::lines;
    };
    const auto is_point = [](Geometry::Kind kind) {
        return kind == Geometry::Kind::point || kind == Geometry::Kind::points;
    };
    if (is_linear(left)) return is_linear(right);
    return is_point(left) && is_point(right) &&
           (left == Geometry::Kind::points || right == Geometry::Kind::points);
}

struct FarMeasure {
    bool (*allows)(Geometry::Kind left, Geometry::Kind right);
    double (*compute)(const Geometry& left, const Geometry& right);
    std::string_view name;  // in messages
};
constexpr FarMeasure frechet{are_lines, frechet_distance, "FrechetDistance"};
constexpr FarMeasure hausdorff{are_of_one_dimension, hausdorff_distance, "Hausdorff_distance"};

constexpr std::size_t most_pairs = 1'000'000'000;  // a gate must answer others

std::size_t positions_of(const Geometry& geometry) {
    std::size_t count = 0;
    for_each_position(geometry, [&](const Position&) { ++count; });
    return count;
}

template <const FarMeasure& measure>
Datum far_distance(const Node& node, Run& run) {
    const auto pair = cartesian_pair_of(node, run);
    if (!pair || is_empty(pair->left.geometry) || is_empty(pair->right.geometry)) return {};
    const Geometry::Kind left = pair->left.geometry.kind, right = pair->right.geometry.kind;
    if (!measure.allows(left, right)) {
        raise(3704, node.name + "(" + std::string(kind_name(left)) + ", " +
                        std::string(kind_name(right)) +
                        ") has not been implemented for Cartesian spatial reference systems.");
    }
    if (positions_of(pair->left.geometry) * positions_of(pair->right.geometry) > most_pairs)
        refuse(node.name + " of so many positions");
    const double found = measure.compute(pair->left.geometry, pair->right.geometry);
    if (!std::isfinite(found)) {
        raise(er::data_out_of_range,
              std::string(measure.name) + " value is out of range in '" + node.name + "'");
    }
    if (is_null_unit(node, 2, run)) return {};
    refuse_unit(node, 2, run);
    return found;
}

// ---- along a line

enum class Along : std::uint8_t { part, parts, distance };

template <Along along>
Datum interpolated(const Node& node, Run& run) {
    Operand given(node.arguments[0], run);
    if (given.is_null()) return {};
    Operand number(node.arguments[1], run);
    if (number.is_null()) return {};
    const Spatial spatial = spatial_of(node, given.text());
    if (spatial.geometry.kind != Geometry::Kind::line)
        raise_unexpected_kind(node, "LINESTRING", spatial.geometry.kind);
    if (spatial.srid != 0) refuse_system(node, spatial.srid);
    const double length = finite_length_of(spatial.geometry);
    const double wanted = number.real();
    // Of a line without length any part is its only position.
    const bool in_range = wanted >= 0 && wanted <= (along == Along::distance ? length : 1);
    if (!in_range && (along == Along::distance || length > 0))
        raise(er::data_out_of_range, "Distance value is out of range in '" + node.name + "'");
    if constexpr (along == Along::parts) {
        constexpr double least_part = 1e-5;  // a gate must answer others
        if (wanted > 0 && wanted < least_part) refuse(node.name + " into so many parts");
        return bytes_of_made(node, points_along(spatial.geometry, wanted * length));
    }
    const double distance = along == Along::distance ? wanted : wanted * length;
    return bytes_of_made(node, point_along(spatial.geometry, distance));
}

// ---- systems

// Between equal systems nothing changes.
Datum transform(const Node& node, Run& run) {
    Operand given(node.arguments[0], run);
    if (given.is_null()) return {};
    Operand target(node.arguments[1], run);
    if (target.is_null()) return {};
    const Spatial spatial = spatial_of(node, given.text());
    const auto srid = static_cast<std::uint32_t>(target.integer().bits);
    if (srid == spatial.srid) return bytes_of(spatial);
    if (spatial.srid == 0) raise(3741, "Transformation from SRID 0 is not supported.");
    if (srid == 0) raise(3742, "Transformation to SRID 0 is not supported.");
    refuse_system(node, srid);
}

}  // namespace

std::span<const Function> spatial_line_functions() {
    static constexpr Function functions[] = {
        {"st_frechetdistance", 2, 3, give_measure, guarded<far_distance<frechet>>},
        {"st_hausdorffdistance", 2, 3, give_measure, guarded<far_distance<hausdorff>>},
        {"st_lineinterpolatepoint", 2, 2, give_geometry, guarded<interpolated<Along::part>>},
        {"st_lineinterpolatepoints", 2, 2, give_geometry, guarded<interpolated<Along::parts>>},
        {"st_pointatdistance", 2, 2, give_geometry, guarded<interpolated<Along::distance>>},
        {"st_transform", 2, 2, give_geometry, transform},
    };
    return functions;
}

}  // namespace sluice::eval
