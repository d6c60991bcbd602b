#pragma once
// What spatial functions share: arguments that are geometries, and MySQL's errors about them.
#include <utility>

#include "eval/detail/geometry.h"
#include "eval/detail/registry.h"

namespace sluice::eval {

[[noreturn]] void raise_invalid_geometry(const Node& node);  // 3037
// 3516: "POINT value is a geometry of unexpected type LINESTRING in st_x."
[[noreturn]] void raise_unexpected_kind(const Node& node, std::string_view wanted,
                                        Geometry::Kind found);
// VT12001 with the function's name.
[[noreturn]] void refuse_system(const Node& node, std::uint32_t srid);

// A geometry of an argument; nullopt for NULL. 3037 for bytes that are none, VT12001 for a spatial
// reference system other than 0 and 4326.
std::optional<Spatial> spatial_at(const Node& node, std::size_t argument, Run& run);
// The same of bytes.
Spatial spatial_of(const Node& node, std::string_view bytes);
// The same; VT12001 for what is not in SRID 0.
std::optional<Spatial> cartesian_at(const Node& node, std::size_t argument, Run& run);
// Two that have one SRID, else 3033.
struct Pair {
    Spatial left, right;
};
std::optional<Pair> pair_of(const Node& node, Run& run);
std::optional<Pair> cartesian_pair_of(const Node& node, Run& run);

// VT12001 for a collection of which Boost's versions make different things.
void refuse_invalid_parts(const Node& node, const Geometry& geometry);
// 3882 if there is such an argument, which is a unit of length and not NULL: the plane has none.
void refuse_unit(const Node& node, std::size_t argument, Run& run);
// In SRID 0. 3037 for positions that are infinite, VT12001 for what is otherwise no geometry.
Datum bytes_of_made(const Node& node, Geometry made);
// 1690 if it is infinite.
double finite_length_of(const Geometry& lines);
bool is_null_unit(const Node& node, std::size_t argument, Run& run);

// 3616 and 3617, as they are said of what a function was given; 3731 and 3732 of a geometry.
void require_longitude(const Node& node, double longitude);
void require_latitude(const Node& node, double latitude);
void require_in_range(const Node& node, const Geometry& geometry);
void require_given_in_range(const Node& node, const Geometry& geometry);

// An argument that is an SRID: 1690 for what cannot be one. nullopt for NULL.
std::optional<std::uint32_t> srid_at(const Node& node, std::size_t argument, Run& run);

// Calls what computes by Boost.Geometry: 3037 for geometries that cross themselves, VT12001 for
// what it cannot do.
Datum guarded(Compute compute, const Node& node, Run& run);
template <Compute compute>
Datum guarded(const Node& node, Run& run) {
    return guarded(compute, node, run);
}

void give_geometry(Node& node, const Environment& environment);
void give_flag(Node& node, const Environment& environment);  // 0, 1 or NULL
void give_measure(Node& node, const Environment& environment);

std::span<const Function> spatial_making_functions();
std::span<const Function> spatial_text_functions();
std::span<const Function> spatial_part_functions();
std::span<const Function> spatial_bounds_functions();
std::span<const Function> spatial_relation_functions();
std::span<const Function> spatial_overlay_functions();
std::span<const Function> spatial_line_functions();
std::span<const Function> spatial_json_functions();
std::span<const Function> geohash_functions();

}  // namespace sluice::eval
