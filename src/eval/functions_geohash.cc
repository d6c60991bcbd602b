// ST_GEOHASH and back: letters of five bits each, which halve the ranges of longitude and latitude
// in turn.
#include <algorithm>
#include <cmath>

#include "eval/detail/spatial.h"
#include "sql/ast.h"
#include "values/number.h"

namespace sluice::eval {
namespace {

constexpr std::string_view letters = "0123456789bcdefghjkmnpqrstuvwxyz";
constexpr int letter_bits = 5;
constexpr std::int64_t longest_hash = 100;

struct Range {
    double low, high;
    double middle() const { return (low + high) / 2; }
};
struct Cell {
    Range longitude{-180, 180};
    Range latitude{-90, 90};
    bool next_is_longitude = true;

    Range& next() {
        next_is_longitude = !next_is_longitude;
        return next_is_longitude ? latitude : longitude;
    }
};

// Ends early where the middle of the cell is the position.
std::string hash_of(const Position& position, std::int64_t length) {
    std::string out;
    Cell cell;
    while (static_cast<std::int64_t>(out.size()) < length) {
        std::size_t letter = 0;
        for (int bit = 0; bit < letter_bits; ++bit) {
            const double value = cell.next_is_longitude ? position.x : position.y;
            Range& range = cell.next();
            const double middle = range.middle();
            const bool upper = value >= middle;
            (upper ? range.low : range.high) = middle;
            letter = letter * 2 + (upper ? 1 : 0);
        }
        out += letters[letter];
        if (cell.longitude.middle() == position.x && cell.latitude.middle() == position.y) break;
    }
    return out;
}

[[noreturn]] void raise_range(const Node& node, std::string_view what) {
    raise(er::data_out_of_range,
          std::string(what) + " value is out of range in '" + node.name + "'");
}

// (point, length) or (longitude, latitude, length)
Datum geo_hash(const Node& node, Run& run) {
    const bool is_point = node.arguments.size() == 2;
    Operand length(node.arguments.back(), run);
    Position position;
    if (is_point) {
        if (length.is_null()) return {};
        const auto spatial = spatial_at(node, 0, run);
        if (!spatial) return {};
        if (spatial->geometry.kind != Geometry::Kind::point)
            raise(3064, "Incorrect type for argument point in function " + node.name + ".");
        position = spatial->geometry.paths[0][0];
    } else {
        Operand longitude(node.arguments[0], run);
        Operand latitude(node.arguments[1], run);
        if (longitude.is_null()) return {};
        position.x = longitude.real();
        if (latitude.is_null()) return {};
        position.y = latitude.real();
        if (length.is_null()) return {};
    }
    if (!(position.x >= -180 && position.x <= 180)) raise_range(node, "longitude");
    if (!(position.y >= -90 && position.y <= 90)) raise_range(node, "latitude");
    const std::int64_t letters_wanted = length.integer().clipped();
    if (letters_wanted < 1 || letters_wanted > longest_hash)
        raise_range(node, "max geohash length");
    return hash_of(position, letters_wanted);
}
void give_hash(Node& node, const Environment& environment) {
    node.type = ascii_type(environment, longest_hash,
                           node.arguments.size() == 2 || any_nullable(node.arguments));
}

Cell cell_of(const Node& node, std::string_view hash) {
    const std::string lower = sql::lower_case(hash);
    Cell cell;
    for (const char c : lower) {
        const std::size_t letter = letters.find(c);
        if (letter == std::string_view::npos) {
            raise(1411,
                  "Incorrect geohash value: '" + std::string(hash) + "' for function " + node.name);
        }
        for (int bit = letter_bits - 1; bit >= 0; --bit) {
            Range& range = cell.next();
            ((letter >> bit & 1) != 0 ? range.low : range.high) = range.middle();
        }
    }
    if (lower.empty()) raise(1411, "Incorrect geohash value: '' for function " + node.name);
    return cell;
}

// The middle with as few digits as the range asks for.
double shortened(const Range& range) {
    constexpr int most_digits = 15;
    const double middle = range.middle();
    double error = range.high - range.low;
    if (error == 0) return middle;
    int digits = 0;
    while (error <= 0.1 && digits <= most_digits) {
        ++digits;
        error *= 10;
    }
    double found = middle;
    do {
        found = rounded(middle, digits, false);
        ++digits;
    } while ((found < range.low || found > range.high) && digits <= most_digits);
    return found + 0.0;  // no -0
}

template <Range Cell::* which>
Datum from_hash(const Node& node, Run& run) {
    Operand hash(node.arguments[0], run);
    if (hash.is_null()) return {};
    return shortened(cell_of(node, hash.text()).*which);
}
void require_hash(const Node& node) {
    const FieldType& type = node.arguments[0].type;
    if (!is_text(type.type) && !is_binary(type.type) && type.type != Type::null_type)
        raise(3064, "Incorrect type for argument geohash in function " + node.name + ".");
}
void give_from_hash(Node& node, const Environment&) {
    require_hash(node);
    node.type = real_type(any_nullable(node.arguments));
}

Datum point_from_hash(const Node& node, Run& run) {
    Operand hash(node.arguments[0], run);
    if (hash.is_null()) return {};
    const auto srid = srid_at(node, 1, run);
    if (!srid) return {};
    const Cell cell = cell_of(node, hash.text());
    return bytes_of({*srid, point_of({shortened(cell.longitude), shortened(cell.latitude)})});
}
void give_point(Node& node, const Environment& environment) {
    require_hash(node);
    give_geometry(node, environment);
}

}  // namespace

std::span<const Function> geohash_functions() {
    static constexpr Function functions[] = {
        {"st_geohash", 2, 3, give_hash, geo_hash},
        {"st_latfromgeohash", 1, 1, give_from_hash, from_hash<&Cell::latitude>,
         "ST_LATFROMGEOHASH"},
        {"st_longfromgeohash", 1, 1, give_from_hash, from_hash<&Cell::longitude>,
         "ST_LONGFROMGEOHASH"},
        {"st_pointfromgeohash", 2, 2, give_point, point_from_hash},
    };
    return functions;
}

}  // namespace sluice::eval
