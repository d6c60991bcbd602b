// WKT: POINT(1 2).
#include <algorithm>

#include "base/limits.h"
#include "eval/detail/geometry.h"
#include "sql/ast.h"
#include "values/number.h"

namespace sluice::eval {
namespace {

constexpr std::pair<std::string_view, Geometry::Kind> words[] = {
    {"POINT", Geometry::Kind::point},
    {"LINESTRING", Geometry::Kind::line},
    {"POLYGON", Geometry::Kind::polygon},
    {"MULTIPOINT", Geometry::Kind::points},
    {"MULTILINESTRING", Geometry::Kind::lines},
    {"MULTIPOLYGON", Geometry::Kind::polygons},
    {"GEOMETRYCOLLECTION", Geometry::Kind::collection},
};

std::string_view word_of(Geometry::Kind kind) {
    return std::ranges::find(words, kind, &std::pair<std::string_view, Geometry::Kind>::second)
        ->first;
}

class WktReader {
 public:
    explicit WktReader(std::string_view text) : text_(text) {}

    std::optional<Geometry> read() {
        Geometry geometry;
        if (!read_geometry(geometry, 0)) return std::nullopt;
        skip_spaces();
        if (!text_.empty() || !is_well_formed(geometry)) return std::nullopt;
        return geometry;
    }

 private:
    void skip_spaces() {
        text_.remove_prefix(std::min(text_.find_first_not_of(" \t\r\n\f\v"), text_.size()));
    }
    bool accept(char sign) {
        skip_spaces();
        if (!text_.starts_with(sign)) return false;
        text_.remove_prefix(1);
        return true;
    }
    std::string read_word() {
        skip_spaces();
        const auto is_letter = [](char c) {
            return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        };
        const auto* end = std::ranges::find_if_not(text_, is_letter);
        const auto size = static_cast<std::size_t>(end - text_.begin());
        const std::string word = sql::lower_case(text_.substr(0, size));
        text_.remove_prefix(size);
        return word;
    }
    bool read_number(double& number) {
        skip_spaces();
        const DoubleReading reading = read_double(text_);
        if (reading.used == 0 || reading.out_of_range) return false;
        number = reading.value;
        text_.remove_prefix(reading.used);
        return true;
    }
    bool read_position(Path& path) {
        Position& position = path.emplace_back();
        return read_number(position.x) && read_number(position.y);
    }
    // ( item {, item} )
    template <class ReadItem>
    bool read_list(ReadItem&& read_item) {
        if (!accept('(')) return false;
        do {
            if (!read_item()) return false;
        } while (accept(','));
        return accept(')');
    }
    bool read_path(Path& path) {
        return read_list([&] { return read_position(path); });
    }
    bool read_content(Geometry& geometry) {
        switch (geometry.kind) {
            case Geometry::Kind::point: {
                Path& path = geometry.paths.emplace_back();
                return accept('(') && read_position(path) && accept(')');
            }
            case Geometry::Kind::line:
                return read_path(geometry.paths.emplace_back());
            default:
                return read_list([&] { return read_path(geometry.paths.emplace_back()); });
        }
    }
    // points: ( position {, position} ) | ( ( position ) {, ( position )} )
    bool read_points(Geometry& geometry) {
        std::optional<bool> bare;
        return read_list([&] {
            skip_spaces();
            const bool is_bare = !text_.starts_with('(');
            if (bare.value_or(is_bare) != is_bare) return false;
            bare = is_bare;
            Geometry& point = geometry.parts.emplace_back(Geometry{Geometry::Kind::point, {{}}});
            if (is_bare) return read_position(point.paths[0]);
            return accept('(') && read_position(point.paths[0]) && accept(')');
        });
    }
    bool read_collection(Geometry& geometry, int depth) {
        if (depth > limits::max_parse_depth) return false;
        const std::string_view before = text_;
        if (read_word() == "empty") return true;
        text_ = before;
        if (accept('(') && accept(')')) return true;
        text_ = before;
        return read_list([&] { return read_geometry(geometry.parts.emplace_back(), depth + 1); });
    }
    // geometry: word ( content ) | GEOMETRYCOLLECTION (EMPTY | ( [geometry {, geometry}] ))
    bool read_geometry(Geometry& geometry, int depth) {
        const std::string word = read_word();
        const auto* found = std::ranges::find_if(
            words, [&](const auto& each) { return sql::same_name(each.first, word); });
        if (found == std::end(words)) return false;
        geometry.kind = found->second;
        if (geometry.is_single()) return read_content(geometry);
        if (geometry.kind == Geometry::Kind::points) return read_points(geometry);
        if (geometry.kind == Geometry::Kind::collection) return read_collection(geometry, depth);
        const auto part =
            geometry.kind == Geometry::Kind::lines ? Geometry::Kind::line : Geometry::Kind::polygon;
        return read_list([&] { return read_content(geometry.parts.emplace_back(Geometry{part})); });
    }

    std::string_view text_;
};

// What is wider than MySQL's field, which are small numbers of many digits, has an exponent.
void append_number(std::string& out, double number) {
    constexpr std::size_t widest = 25;
    const std::string text = double_text(number + 0.0);  // no -0
    const std::size_t first = text.find_first_of("123456789");
    if (text.size() <= widest || text.find('e') != std::string::npos) {
        out += text;
        return;
    }
    if (number < 0) out += '-';
    out += text[first];
    out += '.';
    out.append(text, first + 1);
    out += "e-" + std::to_string(first - text.find('.'));
}

void append_path(std::string& out, const Path& path) {
    for (std::size_t i = 0; i < path.size(); ++i) {
        if (i > 0) out += ',';
        append_number(out, path[i].x);
        out += ' ';
        append_number(out, path[i].y);
    }
}

// What stands between the outermost parentheses.
void append_content(std::string& out, const Geometry& geometry) {
    const bool nests =
        geometry.kind != Geometry::Kind::point && geometry.kind != Geometry::Kind::line;
    for (std::size_t i = 0; i < geometry.paths.size(); ++i) {
        if (i > 0) out += ',';
        if (nests) out += '(';
        append_path(out, geometry.paths[i]);
        if (nests) out += ')';
    }
}

void append_wkt(std::string& out, const Geometry& geometry) {
    out += word_of(geometry.kind);
    if (!geometry.is_single() && geometry.parts.empty()) {
        out += " EMPTY";
        return;
    }
    out += '(';
    append_content(out, geometry);
    for (std::size_t i = 0; i < geometry.parts.size(); ++i) {
        if (i > 0) out += ',';
        if (geometry.kind == Geometry::Kind::collection) {
            append_wkt(out, geometry.parts[i]);
            continue;
        }
        out += '(';
        append_content(out, geometry.parts[i]);
        out += ')';
    }
    out += ')';
}

}  // namespace

std::optional<Geometry> read_wkt(std::string_view text) {
    return WktReader(text).read();
}

std::string wkt_of(const Geometry& geometry) {
    std::string out;
    append_wkt(out, geometry);
    return out;
}

}  // namespace sluice::eval
