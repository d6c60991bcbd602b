// ST_UNION and its kin, ST_BUFFER, ST_SIMPLIFY: geometries in the plane made of others.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

#include "eval/detail/geometry_buffer.h"
#include "eval/detail/geometry_overlay.h"
#include "eval/detail/geometry_relation.h"
#include "eval/detail/spatial.h"
#include "sql/ast.h"

namespace sluice::eval {
namespace {

template <Overlay overlay>
Datum overlaid(const Node& node, Run& run) {
    const auto pair = cartesian_pair_of(node, run);
    if (!pair) return {};
    Geometry made = overlay_of(overlay, pair->left.geometry, pair->right.geometry);
    if (has_invalid_polygons(pair->left.geometry) || has_invalid_polygons(pair->right.geometry))
        refuse(node.name + " of polygons that are not valid");
    return bytes_of_made(node, std::move(made));
}

Datum validate(const Node& node, Run& run) {
    const auto spatial = cartesian_at(node, 0, run);
    return spatial && is_valid(spatial->geometry) ? Datum(bytes_of(*spatial)) : Datum();
}

Datum simplify(const Node& node, Run& run) {
    Operand given(node.arguments[0], run);
    if (given.is_null()) return {};
    Operand distance(node.arguments[1], run);
    if (distance.is_null()) return {};
    const Spatial spatial = spatial_of(node, given.text());
    const double most = distance.real();
    if (!(most > 0)) raise(er::wrong_arguments, "Incorrect arguments to " + node.name);
    if (spatial.srid != 0) refuse_system(node, spatial.srid);
    auto made = simplified(spatial.geometry, most);
    return made ? bytes_of_made(node, std::move(*made)) : Datum();
}

// ---- ST_BUFFER: its strategies are a number and an argument, as bytes

enum class Strategy : std::uint8_t {
    end_round = 1,
    end_flat,
    join_round,
    join_miter,
    point_circle,
    point_square,
};
struct StrategyName {
    std::string_view name;
    Strategy strategy;
    bool takes_number;
};
constexpr StrategyName strategy_names[] = {
    {"end_round", Strategy::end_round, true},       {"end_flat", Strategy::end_flat, false},
    {"join_round", Strategy::join_round, true},     {"join_miter", Strategy::join_miter, true},
    {"point_circle", Strategy::point_circle, true}, {"point_square", Strategy::point_square, false},
};
constexpr std::size_t strategy_size = sizeof(std::uint32_t) + sizeof(double);
constexpr double most_circle_points = 65536;

[[noreturn]] void raise_arguments(const Node& node) {
    raise(er::wrong_arguments, "Incorrect arguments to " + node.name);
}

Datum buffer_strategy(const Node& node, Run& run) {
    Operand name(node.arguments[0], run);
    if (name.is_null()) return {};
    for (const StrategyName& each : strategy_names) {
        if (!sql::same_name(each.name, name.text())) continue;
        if (each.takes_number != (node.arguments.size() == 2)) break;
        double number = 0;
        if (each.takes_number) {
            Operand given(node.arguments[1], run);
            if (given.is_null()) return {};
            number = given.real();
            if (!(number > 0)) break;
            if (each.strategy != Strategy::join_miter && number > most_circle_points) {
                raise(3134,
                      "Parameter points_per_circle exceeds the maximum number of points in a "
                      "geometry (65536) in function " +
                          node.name + ".");
            }
        }
        std::string bytes(strategy_size, '\0');
        bytes[0] = static_cast<char>(each.strategy);
        std::memcpy(bytes.data() + sizeof(std::uint32_t), &number, sizeof number);
        return bytes;
    }
    raise_arguments(node);
}
void give_strategy(Node& node, const Environment&) {
    node.type = binary_type(true, 16);
}

// What strategies are about.
enum Subject : std::uint8_t { ends, joins, points, subjects };

Subject subject_of(Strategy strategy) {
    if (strategy >= Strategy::point_circle) return points;
    return strategy >= Strategy::join_round ? joins : ends;
}

// Ends are lines' and points are points', but collections may have all.
bool has_subject(const Geometry& geometry, Subject subject) {
    if (geometry.kind == Geometry::Kind::collection) return true;
    const int found = *dimension(geometry);
    if (subject == points) return found == 0;
    return subject == ends ? found == 1 : found > 0;
}

struct GivenStrategy {
    Strategy strategy = Strategy::end_round;
    double number = 0;
};

std::optional<GivenStrategy> read_strategy(std::string_view bytes) {
    if (bytes.size() != strategy_size) return std::nullopt;
    if (bytes.substr(1, 3) != std::string_view("\0\0\0", 3)) return std::nullopt;
    GivenStrategy given{.strategy = static_cast<Strategy>(bytes[0])};
    if (given.strategy < Strategy::end_round || given.strategy > Strategy::point_square)
        return std::nullopt;
    std::memcpy(&given.number, bytes.data() + sizeof(std::uint32_t), sizeof given.number);
    const bool is_limit = given.strategy == Strategy::join_miter;
    const bool allowed = is_limit ? std::isfinite(given.number)
                                  : given.number >= 0 && given.number <= most_circle_points;
    if (!allowed) return std::nullopt;
    return given;
}

void set(BufferShape& shape, const GivenStrategy& given) {
    const auto circle = [&] { return static_cast<std::size_t>(given.number); };
    switch (given.strategy) {
        case Strategy::end_round:
            shape.end_circle = circle();
            return;
        case Strategy::end_flat:
            shape.end_circle.reset();
            return;
        case Strategy::join_round:
            shape.join_circle = circle();
            return;
        case Strategy::join_miter:
            shape.miter_limit = given.number;
            return;
        case Strategy::point_circle:
            shape.point_circle = circle();
            return;
        case Strategy::point_square:
            shape.point_circle.reset();
            return;
    }
}

BufferShape shape_of(const Node& node, const Geometry& geometry,
                     std::span<const std::string> strategies) {
    BufferShape shape;
    std::array<bool, subjects> seen{};
    for (const std::string& bytes : strategies) {
        const auto given = read_strategy(bytes);
        if (!given) raise_arguments(node);
        const Subject subject = subject_of(given->strategy);
        if (seen[subject] || !has_subject(geometry, subject)) raise_arguments(node);
        seen[subject] = true;
        set(shape, *given);
    }
    return shape;
}

bool has_only_polygons(const Geometry& geometry) {
    if (geometry.kind == Geometry::Kind::collection)
        return std::ranges::all_of(geometry.parts, has_only_polygons);
    return dimension(geometry) == 2;
}

// A gate must answer others.
void require_few_points(const Node& node, const Geometry& geometry, const BufferShape& shape) {
    constexpr std::size_t most = 1'000'000;
    std::size_t count = 0;
    for_each_position(geometry, [&](const Position&) { ++count; });
    const std::size_t each =
        std::max({shape.point_circle.value_or(0), shape.end_circle.value_or(0), shape.join_circle});
    if (count * each > most) refuse(node.name + " of so many points");
}

Datum buffer(const Node& node, Run& run) {
    Operand given(node.arguments[0], run);
    if (given.is_null()) return {};
    Operand distance(node.arguments[1], run);
    if (distance.is_null()) return {};
    std::vector<std::string> strategies;
    for (std::size_t i = 2; i < node.arguments.size(); ++i) {
        Operand strategy(node.arguments[i], run);
        if (strategy.is_null()) return {};
        strategies.emplace_back(strategy.text());
    }
    const double wide = distance.real();
    constexpr double least = 1e-11;
    if (std::abs(wide) <= least) return std::string(given.text());  // whatever it is
    const Spatial spatial = spatial_of(node, given.text());
    if (spatial.srid != 0) refuse_system(node, spatial.srid);
    const BufferShape shape = shape_of(node, spatial.geometry, strategies);
    if (wide < 0 && !has_only_polygons(spatial.geometry)) raise_arguments(node);
    require_few_points(node, spatial.geometry, shape);
    refuse_invalid_parts(node, spatial.geometry);
    auto made = buffer_of(spatial.geometry, wide, shape);
    if (!made) raise(3035, "Unknown GIS error occurred in function " + node.name + ".");
    return bytes_of_made(node, std::move(*made));
}

}  // namespace

std::span<const Function> spatial_overlay_functions() {
    static constexpr Function functions[] = {
        {"st_buffer", 2, 5, give_geometry, guarded<buffer>},
        {"st_buffer_strategy", 1, 2, give_strategy, buffer_strategy},
        {"st_difference", 2, 2, give_geometry, guarded<overlaid<Overlay::difference>>},
        {"st_intersection", 2, 2, give_geometry, guarded<overlaid<Overlay::intersection>>},
        {"st_simplify", 2, 2, give_geometry, guarded<simplify>},
        {"st_symdifference", 2, 2, give_geometry, guarded<overlaid<Overlay::symmetric>>},
        {"st_union", 2, 2, give_geometry, guarded<overlaid<Overlay::united>>},
        {"st_validate", 1, 1, give_geometry, guarded<validate>},
    };
    return functions;
}

}  // namespace sluice::eval
