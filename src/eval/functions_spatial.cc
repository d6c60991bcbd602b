// Making geometries: POINT, LINESTRING and their kin; parts and properties of them.
#include <algorithm>
#include <cmath>

#include <boost/geometry/core/exception.hpp>

#include "eval/detail/geometry_failure.h"
#include "eval/detail/spatial.h"
#include "values/number.h"

namespace sluice::eval {

void raise_invalid_geometry(const Node& node) {
    raise(3037, "Invalid GIS data provided to function " + node.name + ".");
}

Datum guarded(Compute compute, const Node& node, Run& run) {
    try {
        return compute(node, run);
    } catch (const Crossing&) {
        raise_invalid_geometry(node);
    } catch (const boost::geometry::exception&) {
        raise_invalid_geometry(node);
    } catch (const Contradiction&) {
        refuse(node.name + " of such geometries");
    }
}

Datum bytes_of_made(const Node& node, Geometry made) {
    bool finite = true;
    for_each_position(made, [&](const Position& position) {
        finite = finite && std::isfinite(position.x) && std::isfinite(position.y);
    });
    if (!finite) raise_invalid_geometry(node);
    if (!is_well_formed(made)) refuse(node.name + " of such geometries");
    return bytes_of({0, std::move(made)});
}

void raise_unexpected_kind(const Node& node, std::string_view wanted, Geometry::Kind found) {
    raise(3516, std::string(wanted) + " value is a geometry of unexpected type " +
                    std::string(kind_name(found)) + " in " + node.name + ".");
}

void refuse_system(const Node& node, std::uint32_t srid) {
    refuse(node.name + " in the spatial reference system " + std::to_string(srid));
}

Spatial spatial_of(const Node& node, std::string_view bytes) {
    auto spatial = read_spatial(bytes);
    if (!spatial) raise_invalid_geometry(node);
    if (spatial->srid != 0 && spatial->srid != geographic_srid) refuse_system(node, spatial->srid);
    return std::move(*spatial);
}

std::optional<Spatial> spatial_at(const Node& node, std::size_t argument, Run& run) {
    Operand operand(node.arguments[argument], run);
    if (operand.is_null()) return std::nullopt;
    return spatial_of(node, operand.text());
}

std::optional<Spatial> cartesian_at(const Node& node, std::size_t argument, Run& run) {
    auto spatial = spatial_at(node, argument, run);
    if (spatial && spatial->srid != 0) refuse_system(node, spatial->srid);
    return spatial;
}

std::optional<Pair> pair_of(const Node& node, Run& run) {
    Operand first(node.arguments[0], run);
    if (first.is_null()) return std::nullopt;
    Operand second(node.arguments[1], run);
    if (second.is_null()) return std::nullopt;
    Spatial left = spatial_of(node, first.text());
    Spatial right = spatial_of(node, second.text());
    if (left.srid != right.srid) {
        raise(3033, "Binary geometry function " + node.name +
                        " given two geometries of different srids: " + std::to_string(left.srid) +
                        " and " + std::to_string(right.srid) +
                        ", which should have been identical.");
    }
    return Pair{std::move(left), std::move(right)};
}

std::optional<Pair> cartesian_pair_of(const Node& node, Run& run) {
    auto pair = pair_of(node, run);
    if (pair && pair->left.srid != 0) refuse_system(node, pair->left.srid);
    return pair;
}

void refuse_unit(const Node& node, std::size_t argument, Run& run) {
    if (node.arguments.size() <= argument) return;
    Operand unit(node.arguments[argument], run);
    raise(3882, "The geometry passed to function " + node.name +
                    " is in SRID 0, which doesn't specify a length unit. Can't convert to '" +
                    std::string(unit.text()) + "'.");
}
bool is_null_unit(const Node& node, std::size_t argument, Run& run) {
    return node.arguments.size() > argument && Operand(node.arguments[argument], run).is_null();
}

void require_longitude(const Node& node, double longitude) {
    if (longitude > -180 && longitude <= 180) return;
    raise(3616, "Longitude " + fixed_text(longitude, 6) + " is out of range in function " +
                    node.name + ". It must be within (-180.000000, 180.000000].");
}
void require_latitude(const Node& node, double latitude) {
    if (latitude >= -90 && latitude <= 90) return;
    raise(3617, "Latitude " + fixed_text(latitude, 6) + " is out of range in function " +
                    node.name + ". It must be within [-90.000000, 90.000000].");
}
void require_in_range(const Node& node, const Geometry& geometry) {
    const std::string said = "A parameter of function " + node.name + " contains a geometry with ";
    for_each_position(geometry, [&](const Position& position) {
        if (!(position.x > -180 && position.x <= 180)) {
            raise(3731, said + "longitude " + fixed_text(position.x, 6) +
                            ", which is out of range. It must be within (-180.000000, "
                            "180.000000].");
        }
        if (!(position.y >= -90 && position.y <= 90)) {
            raise(3732, said + "latitude " + fixed_text(position.y, 6) +
                            ", which is out of range. It must be within [-90.000000, "
                            "90.000000].");
        }
    });
}

void require_given_in_range(const Node& node, const Geometry& geometry) {
    for_each_position(geometry, [&](const Position& position) {
        require_longitude(node, position.x);
        require_latitude(node, position.y);
    });
}

std::optional<std::uint32_t> srid_at(const Node& node, std::size_t argument, Run& run) {
    Operand operand(node.arguments[argument], run);
    if (operand.is_null()) return std::nullopt;
    const Integer number = operand.integer();
    if (number.is_negative() || number.clipped() > UINT32_MAX)
        raise(er::data_out_of_range, "SRID value is out of range in '" + node.name + "'");
    const auto srid = static_cast<std::uint32_t>(number.clipped());
    if (srid != 0 && srid != geographic_srid) refuse_system(node, srid);
    return srid;
}

void give_geometry(Node& node, const Environment&) {
    node.type = {.type = Type::geometry,
                 .collation = binary_collation(),
                 .coercibility = Coercibility::coercible,
                 .repertoire = Repertoire::unicode,
                 .nullable = true,
                 .length = UINT32_MAX};
}
void give_flag(Node& node, const Environment&) {
    node.type = integer_type(true, 1);
}
void give_measure(Node& node, const Environment&) {
    node.type = real_type(true);
}

namespace {

// ---- making

Datum point(const Node& node, Run& run) {
    Operand x(node.arguments[0], run);
    Operand y(node.arguments[1], run);
    if (x.is_null() || y.is_null()) return {};
    return bytes_of({0, point_of({x.real(), y.real()})});
}

void give_made(Node& node, const Environment& environment) {
    for (const Node& argument : node.arguments) {
        if (argument.type.type == Type::geometry) continue;
        raise(1367, "Illegal non geometric '" + printed(argument) + "' value found during parsing");
    }
    give_geometry(node, environment);
}

// LINESTRING is made of points, POLYGON of lines, the others of parts.
template <Geometry::Kind kind>
Datum made_of_parts(const Node& node, Run& run) {
    constexpr auto wanted = kind == Geometry::Kind::line      ? Geometry::Kind::point
                            : kind == Geometry::Kind::polygon ? Geometry::Kind::line
                                                              : kind;
    Geometry made{kind};
    if constexpr (kind == Geometry::Kind::line) made.paths.emplace_back();
    for (std::size_t i = 0; i < node.arguments.size(); ++i) {
        auto part = spatial_at(node, i, run);
        if (!part) return {};
        const Geometry::Kind found = part->geometry.kind;
        if (made.is_single() ? found != wanted : !may_contain(kind, found))
            raise(er::wrong_arguments, "Incorrect arguments to " + node.name);
        if constexpr (kind == Geometry::Kind::line) {
            made.paths[0].push_back(part->geometry.paths[0][0]);
        } else if constexpr (kind == Geometry::Kind::polygon) {
            made.paths.push_back(std::move(part->geometry.paths[0]));
            if (!is_well_formed(made)) raise_invalid_geometry(node);
        } else {
            made.parts.push_back(std::move(part->geometry));
        }
    }
    if (!is_well_formed(made)) raise_invalid_geometry(node);
    return bytes_of({0, std::move(made)});
}

// ---- parts

std::optional<std::int64_t> number_at(const Node& node, std::size_t argument, Run& run) {
    Operand operand(node.arguments[argument], run);
    if (operand.is_null()) return std::nullopt;
    return operand.integer().clipped();
}

// From 1; nullptr: there is none of that number.
template <class Each>
const Each* item(const std::vector<Each>& list, std::int64_t number) {
    if (number < 1 || static_cast<std::uint64_t>(number) > list.size()) return nullptr;
    return &list[static_cast<std::size_t>(number - 1)];
}

Datum with_srid(const Spatial& of, Geometry part) {
    return bytes_of({of.srid, std::move(part)});
}

Datum point_n(const Node& node, Run& run) {
    const auto spatial = spatial_at(node, 0, run);
    const auto number = number_at(node, 1, run);
    if (!spatial || !number || spatial->geometry.kind != Geometry::Kind::line) return {};
    const Position* found = item(spatial->geometry.paths[0], *number);
    return found == nullptr ? Datum() : with_srid(*spatial, point_of(*found));
}
template <bool last>
Datum end_point(const Node& node, Run& run) {
    const auto spatial = spatial_at(node, 0, run);
    if (!spatial || spatial->geometry.kind != Geometry::Kind::line) return {};
    const Path& path = spatial->geometry.paths[0];
    return with_srid(*spatial, point_of(last ? path.back() : path.front()));
}
Datum exterior_ring(const Node& node, Run& run) {
    const auto spatial = spatial_at(node, 0, run);
    if (!spatial || spatial->geometry.kind != Geometry::Kind::polygon) return {};
    return with_srid(*spatial, line_of(spatial->geometry.paths[0]));
}
Datum interior_ring_n(const Node& node, Run& run) {
    const auto spatial = spatial_at(node, 0, run);
    const auto number = number_at(node, 1, run);
    if (!spatial || !number || spatial->geometry.kind != Geometry::Kind::polygon) return {};
    if (*number < 1 || *number == INT64_MAX) return {};
    const Path* found = item(spatial->geometry.paths, *number + 1);
    return found == nullptr ? Datum() : with_srid(*spatial, line_of(*found));
}
Datum geometry_n(const Node& node, Run& run) {
    const auto spatial = spatial_at(node, 0, run);
    const auto number = number_at(node, 1, run);
    if (!spatial || !number) return {};
    const Geometry* found = item(spatial->geometry.parts, *number);
    return found == nullptr ? Datum() : with_srid(*spatial, *found);
}
Datum swap_xy(const Node& node, Run& run) {
    auto spatial = spatial_at(node, 0, run);
    if (!spatial) return {};
    swap_axes(spatial->geometry);
    return bytes_of(*spatial);
}

// ---- counts

template <std::int64_t (*count)(const Geometry&), Geometry::Kind... kinds>
Datum counted(const Node& node, Run& run) {
    const auto spatial = spatial_at(node, 0, run);
    if (!spatial || !((spatial->geometry.kind == kinds) || ...)) return {};
    return count(spatial->geometry);
}
std::int64_t positions(const Geometry& geometry) {
    return static_cast<std::int64_t>(geometry.paths[0].size());
}
std::int64_t holes(const Geometry& geometry) {
    return static_cast<std::int64_t>(geometry.paths.size()) - 1;
}
std::int64_t parts(const Geometry& geometry) {
    return static_cast<std::int64_t>(geometry.parts.size());
}
std::int64_t closed(const Geometry& geometry) {
    const auto ends_at_start = [](const Geometry& line) {
        return line.paths[0].front() == line.paths[0].back();
    };
    if (geometry.kind == Geometry::Kind::line) return ends_at_start(geometry) ? 1 : 0;
    return std::ranges::all_of(geometry.parts, ends_at_start) ? 1 : 0;
}
bool has_empty_part(const Geometry& geometry) {
    if (geometry.kind != Geometry::Kind::collection) return false;
    return geometry.parts.empty() || std::ranges::any_of(geometry.parts, has_empty_part);
}
Datum dimension_of(const Node& node, Run& run) {
    const auto spatial = spatial_at(node, 0, run);
    if (!spatial) return {};
    if (has_empty_part(spatial->geometry)) return {};
    const auto found = dimension(spatial->geometry);
    return found ? Datum(std::int64_t{*found}) : Datum();
}
Datum empty(const Node& node, Run& run) {
    const auto spatial = spatial_at(node, 0, run);
    if (!spatial) return {};
    return std::int64_t{is_empty(spatial->geometry) ? 1 : 0};
}
Datum type_name_of(const Node& node, Run& run) {
    const auto spatial = spatial_at(node, 0, run);
    if (!spatial) return {};
    return std::string(kind_name(spatial->geometry.kind));
}

void give_count(Node& node, const Environment&) {
    node.type = integer_type(true, 10);
}
void give_type_name(Node& node, const Environment& environment) {
    constexpr std::uint64_t longest = 15;
    node.type = ascii_type(environment, longest, true);
}

// ---- coordinates and SRID

struct Coordinate {
    bool is_y = false;
    bool is_geographic = false;  // ST_Latitude, ST_Longitude
};

// ST_X and ST_Y name the axes of the system: of 4326 the first one is the latitude.
template <Coordinate which>
Datum coordinate(const Node& node, Run& run) {
    auto spatial = spatial_at(node, 0, run);
    if (!spatial) return {};
    const bool geographic = spatial->srid == geographic_srid;
    if (spatial->geometry.kind != Geometry::Kind::point)
        raise_unexpected_kind(node, "POINT", spatial->geometry.kind);
    if (which.is_geographic && !geographic) {
        raise(3726, "Function " + node.name +
                        " is only defined for geographic spatial reference systems, but one of its "
                        "arguments is in SRID 0, which is not geographic.");
    }
    const bool wants_y = which.is_y != (geographic && !which.is_geographic);
    Position& position = spatial->geometry.paths[0][0];
    double& number = wants_y ? position.y : position.x;
    if (geographic) require_in_range(node, spatial->geometry);
    if (node.arguments.size() == 1) return number;
    Operand changed(node.arguments[1], run);
    if (changed.is_null()) return {};
    number = changed.real();
    if (geographic) {
        if (wants_y) require_latitude(node, number);
        if (!wants_y) require_longitude(node, number);
    }
    return bytes_of(*spatial);
}
void give_coordinate(Node& node, const Environment& environment) {
    if (node.arguments.size() > 1) return give_geometry(node, environment);
    node.type = real_type(true);
}

Datum srid(const Node& node, Run& run) {
    auto spatial = spatial_at(node, 0, run);
    if (!spatial) return {};
    if (node.arguments.size() == 1) return std::int64_t{spatial->srid};
    const auto given = srid_at(node, 1, run);
    if (!given) return {};
    spatial->srid = *given;
    if (spatial->srid == geographic_srid) require_in_range(node, spatial->geometry);
    return bytes_of(*spatial);
}
void give_srid(Node& node, const Environment& environment) {
    if (node.arguments.size() > 1) return give_geometry(node, environment);
    give_count(node, environment);
}

}  // namespace

std::span<const Function> spatial_making_functions() {
    using Kind = Geometry::Kind;
    static constexpr Function functions[] = {
        {"geomcollection", 0, -1, give_made, made_of_parts<Kind::collection>},
        {"geometrycollection", 0, -1, give_made, made_of_parts<Kind::collection>},
        {"linestring", 1, -1, give_made, made_of_parts<Kind::line>},
        {"multilinestring", 1, -1, give_made, made_of_parts<Kind::lines>},
        {"multipoint", 1, -1, give_made, made_of_parts<Kind::points>},
        {"multipolygon", 1, -1, give_made, made_of_parts<Kind::polygons>},
        {"point", 2, 2, give_geometry, point},
        {"polygon", 1, -1, give_made, made_of_parts<Kind::polygon>},
    };
    return functions;
}

std::span<const Function> spatial_part_functions() {
    using Kind = Geometry::Kind;
    static constexpr Function functions[] = {
        {"st_dimension", 1, 1, give_count, dimension_of},
        {"st_endpoint", 1, 1, give_geometry, end_point<true>},
        {"st_exteriorring", 1, 1, give_geometry, exterior_ring},
        {"st_geometryn", 2, 2, give_geometry, geometry_n},
        {"st_geometrytype", 1, 1, give_type_name, type_name_of},
        {"st_interiorringn", 2, 2, give_geometry, interior_ring_n},
        {"st_isclosed", 1, 1, give_flag, counted<closed, Kind::line, Kind::lines>},
        {"st_isempty", 1, 1, give_flag, empty},
        {"st_latitude", 1, 2, give_coordinate, coordinate<Coordinate{true, true}>},
        {"st_longitude", 1, 2, give_coordinate, coordinate<Coordinate{false, true}>},
        {"st_numgeometries", 1, 1, give_count,
         counted<parts, Kind::points, Kind::lines, Kind::polygons, Kind::collection>},
        {"st_numinteriorring", 1, 1, give_count, counted<holes, Kind::polygon>},
        {"st_numinteriorrings", 1, 1, give_count, counted<holes, Kind::polygon>},
        {"st_numpoints", 1, 1, give_count, counted<positions, Kind::line>},
        {"st_pointn", 2, 2, give_geometry, point_n},
        {"st_srid", 1, 2, give_srid, srid},
        {"st_startpoint", 1, 1, give_geometry, end_point<false>},
        {"st_swapxy", 1, 1, give_geometry, swap_xy},
        {"st_x", 1, 2, give_coordinate, coordinate<Coordinate{false, false}>},
        {"st_y", 1, 2, give_coordinate, coordinate<Coordinate{true, false}>},
    };
    return functions;
}

}  // namespace sluice::eval
