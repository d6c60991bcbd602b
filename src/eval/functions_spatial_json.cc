// ST_ASGEOJSON and ST_GEOMFROMGEOJSON. Positions are longitude and latitude, as they are held.
#include <algorithm>

#include "eval/detail/json_arguments.h"
#include "eval/detail/spatial.h"
#include "values/number.h"

namespace sluice::eval {
namespace {

struct Word {
    std::string_view name;
    Geometry::Kind kind;
};
constexpr Word words[] = {
    {"Point", Geometry::Kind::point},
    {"LineString", Geometry::Kind::line},
    {"Polygon", Geometry::Kind::polygon},
    {"MultiPoint", Geometry::Kind::points},
    {"MultiLineString", Geometry::Kind::lines},
    {"MultiPolygon", Geometry::Kind::polygons},
    {"GeometryCollection", Geometry::Kind::collection},
};

// nullopt: it is NULL. 1411 if it is not within `most`, 3064 if it is no integer.
std::optional<std::int64_t> choice_at(const Node& node, std::size_t argument, std::int64_t least,
                                      std::int64_t most, std::string_view what, Run& run) {
    Operand operand(node.arguments[argument], run);
    if (operand.is_null()) return std::nullopt;
    const Integer number = operand.integer();
    if (number.is_negative() || number.clipped() < least || number.clipped() > most) {
        raise(1411, "Incorrect " + std::string(what) + " value: '" + std::string(operand.text()) +
                        "' for function " + node.name);
    }
    return number.clipped();
}

[[noreturn]] void raise_incorrect_type(const Node& node, std::string_view argument) {
    raise(3064, "Incorrect type for argument " + std::string(argument) + " in function " +
                    node.name + ".");
}

// ---- writing

constexpr std::int64_t with_bounds = 1, with_system = 2, with_long_system = 4;

struct Writer {
    int digits;
    bool bounds;

    Json number(double value) const { return Json(rounded(value, digits, false)); }
    Json position(const Position& at) const { return Json(JsonArray{number(at.x), number(at.y)}); }
    Json path(const Path& positions) const {
        JsonArray array;
        for (const Position& each : positions) array.push_back(position(each));
        return Json(std::move(array));
    }
    Json coordinates(const Geometry& geometry) const {
        if (geometry.kind == Geometry::Kind::point) return position(geometry.paths[0][0]);
        if (geometry.kind == Geometry::Kind::line) return path(geometry.paths[0]);
        JsonArray array;
        for (const Path& each : geometry.paths) array.push_back(path(each));
        for (const Geometry& part : geometry.parts) array.push_back(coordinates(part));
        return Json(std::move(array));
    }
    JsonObject object(const Geometry& geometry) const {
        JsonObject made;
        const auto* word = std::ranges::find(words, geometry.kind, &Word::kind);
        made.set("type", Json(std::string(word->name)));
        if (const auto found = bounds ? bounds_of(geometry) : std::nullopt) {
            made.set("bbox", Json(JsonArray{number(found->low.x), number(found->low.y),
                                            number(found->high.x), number(found->high.y)}));
        }
        if (geometry.kind != Geometry::Kind::collection) {
            made.set("coordinates", coordinates(geometry));
            return made;
        }
        JsonArray parts;
        for (const Geometry& part : geometry.parts) parts.push_back(Json(object(part)));
        made.set("geometries", Json(std::move(parts)));
        return made;
    }
};

std::string system_name(std::uint32_t srid, bool is_long) {
    const std::string authority = srid == 0 ? "MySQL" : "EPSG";
    return (is_long ? "urn:ogc:def:crs:" + authority + "::" : authority + ":") +
           std::to_string(srid);
}

Datum as_json(const Node& node, Run& run) {
    constexpr std::int64_t all_digits = INT32_MAX;
    std::int64_t digits = all_digits, options = 0;
    if (node.arguments.size() > 1) {
        const auto given = choice_at(node, 1, 0, all_digits, "max decimal digits", run);
        if (!given) return {};
        digits = *given;
    }
    if (node.arguments.size() > 2) {
        const auto given = choice_at(node, 2, 0, 7, "options", run);
        if (!given) return {};
        options = *given;
    }
    const auto spatial = spatial_at(node, 0, run);
    if (!spatial) return {};
    const Writer writer{static_cast<int>(std::min<std::int64_t>(digits, 400)),
                        (options & with_bounds) != 0};
    JsonObject made = writer.object(spatial->geometry);
    if ((options & (with_system | with_long_system)) != 0) {
        JsonObject properties, system;
        properties.set("name", Json(system_name(spatial->srid, (options & with_long_system) != 0)));
        system.set("type", Json(std::string("name")));
        system.set("properties", Json(std::move(properties)));
        made.set("crs", Json(std::move(system)));
    }
    return Json(std::move(made));
}

bool is_textual(const FieldType& type) {
    return is_text(type.type) || is_binary(type.type) || type.type == Type::json ||
           type.type == Type::null_type || type.is_bits;
}
void give_as_json(Node& node, const Environment& environment) {
    const FieldType& from = node.arguments[0].type;
    const bool may_be_geometry = from.type == Type::geometry || from.type == Type::null_type ||
                                 is_binary(from.type) || from.is_bits;
    if (!may_be_geometry) raise_incorrect_type(node, "geometry");
    constexpr std::string_view names[] = {"", "max decimal digits", "options"};
    for (std::size_t i = 1; i < node.arguments.size(); ++i) {
        const FieldType& number = node.arguments[i].type;
        if (class_of(number) != Class::integer && number.type != Type::null_type)
            raise_incorrect_type(node, names[i]);
    }
    give_json(node, environment);
}

// ---- reading

class Reader {
 public:
    Reader(const Node& node, std::int64_t options) : node_(node), options_(options) {}

    // nullopt: a Feature without a geometry.
    std::optional<Geometry> read(const Json& json) {
        const auto* object = json.get_if<JsonObject>();
        if (object == nullptr) raise_invalid();
        const std::string& type = *required<std::string>(*object, "type", "string");
        read_system(*object);
        if (type == "Feature") {
            const Json& geometry = member(*object, "geometry");
            member(*object, "properties");
            if (geometry.is_null()) return std::nullopt;
            if (!geometry.is_object()) raise_type("geometry", "object");
            return read(geometry);
        }
        if (type == "FeatureCollection") return read_collection(*object, "features");
        const auto* word = std::ranges::find(words, std::string_view(type), &Word::name);
        if (word == std::end(words)) raise_invalid();
        if (word->kind == Geometry::Kind::collection) return read_collection(*object, "geometries");
        Geometry geometry{word->kind};
        read_coordinates(*required<JsonArray>(*object, "coordinates", "array"), geometry);
        if (!is_well_formed(geometry)) raise_invalid();
        return geometry;
    }
    const std::optional<std::uint32_t>& srid() const { return srid_; }

 private:
    static constexpr std::string_view said = "Invalid GeoJSON data provided to function ";

    [[noreturn]] void raise_invalid() const { raise(3072, std::string(said) + node_.name); }
    [[noreturn]] void raise_type(std::string_view name, std::string_view type) const {
        raise(3071, std::string(said) + node_.name + ": Member '" + std::string(name) +
                        "' must be of type '" + std::string(type) + "'");
    }
    const Json& member(const JsonObject& object, std::string_view name) const {
        const Json* found = object.find(name);
        if (found == nullptr) {
            raise(3070, std::string(said) + node_.name + ": Missing required member '" +
                            std::string(name) + "'");
        }
        return *found;
    }
    template <class Wanted>
    const Wanted* required(const JsonObject& object, std::string_view name,
                           std::string_view type) const {
        const auto* value = member(object, name).get_if<Wanted>();
        if (value == nullptr) raise_type(name, type);
        return value;
    }

    Geometry read_collection(const JsonObject& object, std::string_view name) {
        Geometry made{Geometry::Kind::collection};
        for (const Json& each : *required<JsonArray>(object, name, "array")) {
            if (!each.is_object()) raise_type(name, "object array");
            if (auto part = read(each)) made.parts.push_back(std::move(*part));
        }
        return made;
    }

    double read_number(const Json& json) const {
        if (const auto* real = json.get_if<double>()) return *real;
        if (const auto* integer = json.get_if<std::int64_t>()) return static_cast<double>(*integer);
        if (const auto* natural = json.get_if<std::uint64_t>())
            return static_cast<double>(*natural);
        if (const auto* decimal = json.get_if<Box<Decimal>>()) return (*decimal)->to_double();
        raise_type("array coordinate", "number");
    }
    Position read_position(const JsonArray& array) const {
        if (array.size() < 2) raise_invalid();
        if (array.size() > 2 && options_ == 1) {
            raise(3073, "Unsupported number of coordinate dimensions in function " + node_.name +
                            ": Found " + std::to_string(array.size()) + ", expected 2");
        }
        const Position position{read_number(array[0]), read_number(array[1])};
        return position;
    }
    const JsonArray& inner(const Json& json) const {
        const auto* array = json.get_if<JsonArray>();
        if (array == nullptr) raise_invalid();
        return *array;
    }
    Path read_path(const JsonArray& array) const {
        Path path;
        for (const Json& each : array) path.push_back(read_position(inner(each)));
        return path;
    }
    void read_coordinates(const JsonArray& array, Geometry& geometry) const {
        switch (geometry.kind) {
            case Geometry::Kind::point:
                geometry.paths.push_back({read_position(array)});
                return;
            case Geometry::Kind::line:
                geometry.paths.push_back(read_path(array));
                return;
            case Geometry::Kind::polygon:
                for (const Json& each : array) geometry.paths.push_back(read_path(inner(each)));
                return;
            default:
                break;
        }
        constexpr int to_single = 3;  // from MULTIPOINT to POINT ...
        const auto part = static_cast<Geometry::Kind>(static_cast<int>(geometry.kind) - to_single);
        for (const Json& each : array)
            read_coordinates(inner(each), geometry.parts.emplace_back(Geometry{part}));
    }

    // crs: null | {"type": "name", "properties": {"name": "EPSG:4326"}}
    void read_system(const JsonObject& object) {
        const Json* system = object.find("crs");
        if (system == nullptr || system->is_null()) return;
        const auto* members = system->get_if<JsonObject>();
        if (members == nullptr) raise_type("crs", "object");
        required<std::string>(*members, "type", "string");
        const auto& properties = *required<JsonObject>(*members, "properties", "object");
        const std::string& name = *required<std::string>(properties, "name", "string");
        constexpr std::string_view known[] = {"EPSG:4326", "urn:ogc:def:crs:EPSG::4326",
                                              "urn:ogc:def:crs:OGC:1.3:CRS84"};
        if (std::ranges::find(known, name) == std::end(known)) {
            if (name.starts_with("EPSG:") || name.starts_with("urn:ogc:def:crs:EPSG::"))
                refuse(node_.name + " in the spatial reference system " + name);
            raise_invalid();
        }
        srid_ = geographic_srid;
    }

    const Node& node_;
    std::int64_t options_;
    std::optional<std::uint32_t> srid_;
};

Datum from_json(const Node& node, Run& run) {
    std::int64_t options = 1;
    if (node.arguments.size() > 1) {
        const auto given = choice_at(node, 1, 1, 4, "option", run);
        if (!given) return {};
        options = *given;
    }
    std::optional<std::uint32_t> srid;
    if (node.arguments.size() > 2) {
        srid = srid_at(node, 2, run);
        if (!srid) return {};
    }
    const auto document = document_at(node, run, 0);
    if (!document || document->is_null()) return {};
    Reader reader(node, options);
    auto geometry = reader.read(*document);
    if (!geometry) return {};
    const std::uint32_t system = srid ? *srid : reader.srid().value_or(geographic_srid);
    if (system == geographic_srid) require_given_in_range(node, *geometry);
    return bytes_of({system, std::move(*geometry)});
}
void give_from_json(Node& node, const Environment& environment) {
    if (!is_textual(node.arguments[0].type)) raise_incorrect_type(node, "geojson");
    give_geometry(node, environment);
}

}  // namespace

std::span<const Function> spatial_json_functions() {
    static constexpr Function functions[] = {
        {"st_asgeojson", 1, 3, give_as_json, as_json},
        {"st_geomfromgeojson", 1, 3, give_from_json, from_json},
    };
    return functions;
}

}  // namespace sluice::eval
