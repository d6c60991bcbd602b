// Geometries of texts and of WKB, and back.
#include <algorithm>

#include "eval/detail/spatial.h"
#include "sql/ast.h"

namespace sluice::eval {
namespace {

enum class AxisOrder : std::uint8_t { of_system, long_lat, lat_long };

std::string_view without_blanks(std::string_view text) {
    constexpr std::string_view blanks = " \t\r\n";
    text.remove_prefix(std::min(text.find_first_not_of(blanks), text.size()));
    return text.substr(0, text.find_last_not_of(blanks) + 1);
}

AxisOrder axis_order(const Node& node, std::string_view value) {
    const std::string order = sql::lower_case(value);
    if (order == "long-lat") return AxisOrder::long_lat;
    if (order == "lat-long") return AxisOrder::lat_long;
    if (order == "srid-defined") return AxisOrder::of_system;
    raise(3559, "Invalid value '" + std::string(value) + "' for option 'axis-order' in function '" +
                    node.name + "'.");
}

// options: [key = value {, key = value}]; the only key is axis-order
AxisOrder read_options(const Node& node, std::string_view text) {
    AxisOrder order = AxisOrder::of_system;
    if (text.empty()) return order;
    if (text.ends_with(',')) {
        raise(3562, "The options argument in function " + node.name +
                        " ends with the invalid character ','.");
    }
    bool is_known = false;
    for (std::size_t start = 0; start <= text.size();) {
        const std::size_t comma = std::min(text.find(',', start), text.size());
        const std::string_view pair = text.substr(start, comma - start);
        const std::size_t sign = pair.find('=');
        if (sign == std::string_view::npos || pair.find('=', sign + 1) != std::string_view::npos) {
            raise(3560, "The string '" + std::string(pair) +
                            "' is not a valid key = value pair in function " + node.name + ".");
        }
        const std::string_view key = without_blanks(pair.substr(0, sign));
        if (!sql::same_name(key, "axis-order")) {
            raise(3558,
                  "Invalid option key '" + std::string(key) + "' in function " + node.name + ".");
        }
        if (is_known) {
            raise(3564, "Duplicate option key 'axis-order' in funtion '" + node.name + "'.");
        }
        is_known = true;
        order = axis_order(node, without_blanks(pair.substr(sign + 1)));
        start = comma + 1;
    }
    return order;
}

// In texts and WKB the axes of 4326 are latitude and longitude, unless options say otherwise.
bool is_swapped(std::uint32_t srid, AxisOrder order) {
    return srid == geographic_srid && order != AxisOrder::long_lat;
}

// ---- reading: (text [, SRID [, options]])

struct System {
    std::uint32_t srid = 0;
    AxisOrder order = AxisOrder::of_system;
};
// nullopt: an argument is NULL.
std::optional<System> system_at(const Node& node, Run& run) {
    System system;
    if (node.arguments.size() > 1) {
        const auto srid = srid_at(node, 1, run);
        if (!srid) return std::nullopt;
        system.srid = *srid;
    }
    if (node.arguments.size() > 2) {
        Operand options(node.arguments[2], run);
        if (options.is_null()) return std::nullopt;
        system.order = read_options(node, options.text());
    }
    return system;
}

// `wanted`: 0 for any kind, that of a collection for whatever has several parts.
template <int wanted, std::optional<Geometry> (*read)(std::string_view)>
Datum from(const Node& node, Run& run) {
    Operand source(node.arguments[0], run);
    const auto system = source.is_null() ? std::nullopt : system_at(node, run);
    if (!system) return {};
    auto geometry = read(source.text());
    if (!geometry) raise_invalid_geometry(node);
    constexpr int of_collections = static_cast<int>(Geometry::Kind::collection);
    const bool fits = wanted == of_collections ? !geometry->is_single()
                                               : static_cast<int>(geometry->kind) == wanted;
    if (wanted != 0 && !fits)
        raise_unexpected_kind(node, read == read_wkt ? "WKT" : "WKB", geometry->kind);
    if (is_swapped(system->srid, system->order)) swap_axes(*geometry);
    if (system->srid == geographic_srid) require_given_in_range(node, *geometry);
    return bytes_of({system->srid, std::move(*geometry)});
}

// ---- writing: (geometry [, options])

template <std::string (*write)(const Geometry&)>
Datum as(const Node& node, Run& run) {
    auto spatial = spatial_at(node, 0, run);
    if (!spatial) return {};
    AxisOrder order = AxisOrder::of_system;
    if (node.arguments.size() > 1) {
        Operand options(node.arguments[1], run);
        if (options.is_null()) return {};
        order = read_options(node, options.text());
    }
    if (is_swapped(spatial->srid, order)) swap_axes(spatial->geometry);
    std::string out = write(spatial->geometry);
    if (too_long(node, run, out.size())) return {};
    return out;
}
void give_text(Node& node, const Environment& environment) {
    node.type = ascii_type(environment, blob_length, true);
    node.type.length = blob_length;
}
void give_wkb(Node& node, const Environment&) {
    node.type = binary_type(true, UINT32_MAX);
    node.type.type = Type::blob;
}

}  // namespace

std::span<const Function> spatial_text_functions() {
    static constexpr Function functions[] = {
        {"st_asbinary", 1, 2, give_wkb, as<wkb_of>},
        {"st_astext", 1, 2, give_text, as<wkt_of>},
        {"st_aswkb", 1, 2, give_wkb, as<wkb_of>, "st_asbinary"},
        {"st_aswkt", 1, 2, give_text, as<wkt_of>, "st_astext"},
        {"st_geomcollfromtext", 1, 3, give_geometry, from<7, read_wkt>},
        {"st_geomcollfromtxt", 1, 3, give_geometry, from<7, read_wkt>},
        {"st_geomcollfromwkb", 1, 3, give_geometry, from<7, read_wkb>},
        {"st_geometrycollectionfromtext", 1, 3, give_geometry, from<7, read_wkt>},
        {"st_geometrycollectionfromwkb", 1, 3, give_geometry, from<7, read_wkb>},
        {"st_geometryfromtext", 1, 3, give_geometry, from<0, read_wkt>},
        {"st_geometryfromwkb", 1, 3, give_geometry, from<0, read_wkb>},
        {"st_geomfromtext", 1, 3, give_geometry, from<0, read_wkt>},
        {"st_geomfromwkb", 1, 3, give_geometry, from<0, read_wkb>},
        {"st_linefromtext", 1, 3, give_geometry, from<2, read_wkt>},
        {"st_linefromwkb", 1, 3, give_geometry, from<2, read_wkb>},
        {"st_linestringfromtext", 1, 3, give_geometry, from<2, read_wkt>},
        {"st_linestringfromwkb", 1, 3, give_geometry, from<2, read_wkb>},
        {"st_mlinefromtext", 1, 3, give_geometry, from<5, read_wkt>},
        {"st_mlinefromwkb", 1, 3, give_geometry, from<5, read_wkb>},
        {"st_mpointfromtext", 1, 3, give_geometry, from<4, read_wkt>},
        {"st_mpointfromwkb", 1, 3, give_geometry, from<4, read_wkb>},
        {"st_mpolyfromtext", 1, 3, give_geometry, from<6, read_wkt>},
        {"st_mpolyfromwkb", 1, 3, give_geometry, from<6, read_wkb>},
        {"st_multilinestringfromtext", 1, 3, give_geometry, from<5, read_wkt>},
        {"st_multilinestringfromwkb", 1, 3, give_geometry, from<5, read_wkb>},
        {"st_multipointfromtext", 1, 3, give_geometry, from<4, read_wkt>},
        {"st_multipointfromwkb", 1, 3, give_geometry, from<4, read_wkb>},
        {"st_multipolygonfromtext", 1, 3, give_geometry, from<6, read_wkt>},
        {"st_multipolygonfromwkb", 1, 3, give_geometry, from<6, read_wkb>},
        {"st_pointfromtext", 1, 3, give_geometry, from<1, read_wkt>},
        {"st_pointfromwkb", 1, 3, give_geometry, from<1, read_wkb>},
        {"st_polyfromtext", 1, 3, give_geometry, from<3, read_wkt>},
        {"st_polyfromwkb", 1, 3, give_geometry, from<3, read_wkb>},
        {"st_polygonfromtext", 1, 3, give_geometry, from<3, read_wkt>},
        {"st_polygonfromwkb", 1, 3, give_geometry, from<3, read_wkb>},
    };
    return functions;
}

}  // namespace sluice::eval
