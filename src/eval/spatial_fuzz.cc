// Geometries made of the input's bytes: whatever the spatial functions make of two of them ends, is
// well-formed, and is the same again.
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <limits>
#include <string>
#include <string_view>

#include "base/hex.h"
#include "eval/bind.h"
#include "eval/detail/geometry.h"
#include "eval/evaluate.h"
#include "sql/ast.h"
#include "sql/parse.h"

namespace {

using namespace sluice;
using eval::Geometry;

constexpr std::string_view shapes[] = {"st_union(@, @)",
                                       "st_intersection(@, @)",
                                       "st_difference(@, @)",
                                       "st_symdifference(@, @)",
                                       "st_contains(@, @)",
                                       "st_crosses(@, @)",
                                       "st_equals(@, @)",
                                       "st_overlaps(@, @)",
                                       "st_touches(@, @)",
                                       "st_distance(@, @)",
                                       "mbrtouches(@, @)",
                                       "st_distance_sphere(@, @)",
                                       "st_frechetdistance(@, @)",
                                       "st_hausdorffdistance(@, @)",
                                       "st_validate(@)",
                                       "st_isvalid(@)",
                                       "st_issimple(@)",
                                       "st_convexhull(@)",
                                       "st_centroid(@)",
                                       "st_area(@)",
                                       "st_length(@)",
                                       "st_envelope(@)",
                                       "st_asgeojson(@)",
                                       "st_geomfromgeojson(st_asgeojson(@))",
                                       "st_geomfromtext(st_astext(@))",
                                       "st_simplify(@, #)",
                                       "st_lineinterpolatepoint(@, #)",
                                       "st_lineinterpolatepoints(@, #)",
                                       "st_pointatdistance(@, #)",
                                       "st_buffer(@, #)",
                                       "st_buffer(@, #, st_buffer_strategy('join_miter', #))",
                                       "st_buffer(@, #, st_buffer_strategy('end_flat'))",
                                       "st_buffer(@, #, st_buffer_strategy('point_circle', #))"};

struct Source {
    const unsigned char* at;
    const unsigned char* end;
    unsigned take() { return at == end ? 0 : *at++; }
};

// Mostly on a grid, so that lines meet and cover each other.
double number(Source& source) {
    constexpr double special[] = {
        0.1,  1.0 / 3, 1e-300, 1e300, -1e308, std::numeric_limits<double>::max(),
        1e15, 1e-9,    90,     180,   -180.5, 4.9e-324};
    const unsigned choice = source.take();
    if (choice < 200) return static_cast<double>(choice % 20) / 2 - 1;
    if (choice < 250) return special[choice % std::size(special)];
    std::uint64_t bits = 0;
    for (int i = 0; i < 8; ++i) bits = bits << 8 | source.take();
    double any = 0;
    std::memcpy(&any, &bits, sizeof any);
    return any;
}

eval::Path path(Source& source, std::size_t least, bool is_ring) {
    eval::Path path;
    const std::size_t count = least + source.take() % 5;
    for (std::size_t i = 0; i < count; ++i) {
        const double x = number(source);
        path.push_back({x, number(source)});
    }
    if (is_ring) path.push_back(path.front());
    return path;
}

Geometry geometry(Source& source, Geometry::Kind kind, int depth) {
    using Kind = Geometry::Kind;
    Geometry made{kind};
    if (kind == Kind::point) made.paths = {path(source, 1, false)};
    if (kind == Kind::point) made.paths[0].resize(1);
    if (kind == Kind::line) made.paths = {path(source, 2, false)};
    if (kind == Kind::polygon) {
        for (unsigned rings = 1 + source.take() % 3; rings > 0; --rings)
            made.paths.push_back(path(source, 3, true));
    }
    if (made.is_single()) return made;
    for (unsigned parts = 1 + source.take() % 3; parts > 0; --parts) {
        const Kind part = kind != Kind::collection
                              ? static_cast<Kind>(static_cast<int>(kind) - 3)
                              : static_cast<Kind>(1 + source.take() % (depth > 0 ? 7 : 6));
        made.parts.push_back(geometry(source, part, depth - 1));
    }
    return made;
}

std::string expression(Source& source) {
    std::string text;
    for (const char c : shapes[source.take() % std::size(shapes)]) {
        if (c == '@') {
            const auto kind = static_cast<Geometry::Kind>(1 + source.take() % 7);
            const std::uint32_t srid = source.take() == 255 ? eval::geographic_srid : 0;
            text += "x'" + upper_hex(eval::bytes_of({srid, geometry(source, kind, 2)})) + "'";
        } else if (c == '#') {
            text += std::to_string(number(source));
        } else {
            text += c;
        }
    }
    return text;
}

[[noreturn]] void fail(std::string_view text) {
    std::cerr << text << "\n";
    std::abort();
}

std::string outcome(const sql::Expr& tree, std::string_view text) {
    eval::Environment environment;
    const auto bound = eval::bind(tree, {}, environment);
    if (!bound) return bound.error().text;
    const auto value = eval::evaluate(*bound, {}, environment);
    if (!value) return value.error().text;
    const auto* bytes = value->as<std::string>();
    const bool is_geometry = bound->type().type == Type::geometry;
    // ST_BUFFER by nothing gives back what it was given.
    if (is_geometry && bytes != nullptr && !eval::read_spatial(*bytes) &&
        !text.contains(upper_hex(*bytes)))
        fail(text);
    return eval::value_text(bound->type(), *value);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* bytes, std::size_t size) {
    Source source{bytes, bytes + size};
    const std::string text = expression(source);
    const auto tree = sql::parse_expression(text);
    if (!tree) return 0;
    if (outcome(*tree, text) != outcome(*tree, text)) fail(text);
    return 0;
}
