// Window functions: names, arguments and frames.
#include <algorithm>
#include <charconv>

#include "eval/detail/binder.h"
#include "eval/window.h"
#include "sql/ast.h"

namespace sluice::eval {
namespace {

struct Name {
    std::string_view name;
    WindowFunction function;
    std::size_t least = 0;
    std::size_t most = 0;
};
constexpr Name names[] = {
    {"row_number", WindowFunction::row_number},
    {"rank", WindowFunction::rank},
    {"dense_rank", WindowFunction::dense_rank},
    {"percent_rank", WindowFunction::percent_rank},
    {"cume_dist", WindowFunction::cume_dist},
    {"ntile", WindowFunction::ntile, 1, 1},
    {"lag", WindowFunction::lag, 1, 3},
    {"lead", WindowFunction::lead, 1, 3},
    {"first_value", WindowFunction::first_value, 1, 1},
    {"last_value", WindowFunction::last_value, 1, 1},
    {"nth_value", WindowFunction::nth_value, 2, 2},
};

std::uint64_t whole_number(const sql::Expr& expression, std::string_view function) {
    const auto* literal = expression.as<sql::Literal>();
    std::uint64_t number = 0;
    const bool fits =
        literal != nullptr && literal->kind == sql::LiteralKind::integer &&
        std::from_chars(literal->text.data(), literal->text.data() + literal->text.size(), number)
                .ec == std::errc{};
    if (!fits) raise(er::wrong_arguments, "Incorrect arguments to " + std::string(function));
    return number;
}

const sql::WindowSpec& named(std::string_view name, std::span<const sql::NamedWindow> windows) {
    for (const sql::NamedWindow& window : windows) {
        if (sql::same_name(window.name, name)) return window.spec;
    }
    raise(3579, "Window name '" + std::string(name) + "' is not defined.");
}

// A window that is built on another one has all of it.
sql::WindowSpec whole_spec(const sql::WindowSpec& spec, std::span<const sql::NamedWindow> windows,
                           int depth = 0) {
    if (spec.base.empty()) return spec;
    if (depth > 64) raise(3580, "There is a circularity in the window dependency graph.");
    sql::WindowSpec base = whole_spec(named(spec.base, windows), windows, depth + 1);
    if (base.frame)
        raise(3582, "Window '" + spec.base +
                        "' has a frame definition, so cannot be referenced by another window.");
    if (!spec.partition_by.empty())
        raise(3581, "A window which depends on another cannot define partitioning.");
    if (!spec.order_by.empty() && !base.order_by.empty()) {
        raise(3583, "Window '" + std::string("<unnamed window>") + "' cannot inherit '" +
                        spec.base + "' since both contain an ORDER BY clause.");
    }
    if (!spec.order_by.empty()) base.order_by = spec.order_by;
    base.frame = spec.frame;
    base.base.clear();
    return base;
}

class WindowBinder {
 public:
    WindowBinder(const Columns& columns, std::span<const sql::NamedWindow> windows,
                 const Environment& environment)
        : columns_(columns),
          windows_(windows),
          environment_(environment),
          binder_(columns, environment) {}

    BoundWindow bind(const sql::Expr& expression) {
        BoundWindow window;
        const sql::Over* over = nullptr;
        if (const auto* call = expression.as<sql::FunctionCall>()) {
            over = call->over ? &**call->over : nullptr;
            bind_call(window, *call);
        } else if (const auto* aggregate = expression.as<sql::Aggregate>()) {
            over = aggregate->over ? &**aggregate->over : nullptr;
            sql::Aggregate bare = *aggregate;
            bare.over.reset();
            if (bare.distinct)
                raise(er::not_supported_yet,
                      "This version of MySQL doesn't yet support '<window function>(DISTINCT ..)'");
            window.function = WindowFunction::aggregate;
            window.aggregate = or_raise(bind_aggregate(bare, columns_, environment_));
            window.type = window.aggregate->type;
        }
        if (over == nullptr) refuse("a window function without OVER");
        bind_over(window,
                  whole_spec(over->spec ? *over->spec : named(over->window, windows_), windows_));
        return window;
    }

 private:
    void bind_call(BoundWindow& window, const sql::FunctionCall& call) {
        const std::string name = sql::lower_case(call.name);
        const auto* found = std::ranges::find(names, name, &Name::name);
        if (found == std::end(names)) refuse("the window function " + name);
        if (call.arguments.size() < found->least || call.arguments.size() > found->most) {
            raise(1582, "Incorrect parameter count in the call to native function '" + name + "'");
        }
        if (call.from_last)
            raise(er::not_supported_yet, "This version of MySQL doesn't yet support 'FROM LAST'");
        if (call.ignore_nulls)
            raise(er::not_supported_yet,
                  "This version of MySQL doesn't yet support 'IGNORE NULLS'");
        window.function = found->function;
        switch (found->function) {
            case WindowFunction::ntile:
                window.number = whole_number(call.arguments[0], name);
                window.type = integer_type(true, integer_length, true);
                break;
            case WindowFunction::percent_rank:
            case WindowFunction::cume_dist:
                window.type = real_type(false);
                break;
            case WindowFunction::row_number:
            case WindowFunction::rank:
            case WindowFunction::dense_rank:
                window.type = integer_type(false, integer_length, true);
                break;
            default:
                bind_values(window, call, name);
        }
        if (window.number == 0 && found->function != WindowFunction::lag &&
            found->function != WindowFunction::lead) {
            raise(er::wrong_arguments, "Incorrect arguments to " + name);
        }
    }
    void bind_values(BoundWindow& window, const sql::FunctionCall& call, std::string_view name) {
        std::vector<Node> values;
        values.push_back(binder_.bind(call.arguments[0]));
        if (call.arguments.size() > 1) window.number = whole_number(call.arguments[1], name);
        if (call.arguments.size() > 2) values.push_back(binder_.bind(call.arguments[2]));
        window.type = united_type(values, environment_, name);
        window.type.nullable = true;
        for (Node& each : values) window.arguments.push_back({std::move(each)});
    }
    void bind_over(BoundWindow& window, const sql::WindowSpec& spec) {
        for (Node& node : binder_.bind_all(spec.partition_by))
            window.partition_by.push_back({std::move(node)});
        for (const sql::OrderItem& item : spec.order_by) {
            window.order_by.push_back({binder_.bind(item.expression)});
            window.descending.push_back(item.descending);
        }
        if (!spec.frame) {
            // Without ORDER BY all rows are peers, so this is the whole partition.
            return;
        }
        if (spec.frame->units == sql::FrameUnits::groups)
            raise(er::not_supported_yet, "This version of MySQL doesn't yet support 'GROUPS'");
        if (spec.frame->exclusion != sql::FrameExclusion::none)
            raise(er::not_supported_yet, "This version of MySQL doesn't yet support 'EXCLUDE'");
        window.is_range = spec.frame->units == sql::FrameUnits::range;
        window.start = edge(window, spec, spec.frame->start, true);
        const sql::FrameBound current{.kind = sql::FrameBoundKind::current_row, .distance = {}};
        window.end = edge(window, spec, spec.frame->end ? *spec.frame->end : current, false);
        const bool wrong = window.start.kind == sql::FrameBoundKind::unbounded_following ||
                           window.end.kind == sql::FrameBoundKind::unbounded_preceding ||
                           (window.start.kind == sql::FrameBoundKind::following &&
                            window.end.kind != sql::FrameBoundKind::following &&
                            window.end.kind != sql::FrameBoundKind::unbounded_following) ||
                           (window.end.kind == sql::FrameBoundKind::preceding &&
                            window.start.kind != sql::FrameBoundKind::preceding &&
                            window.start.kind != sql::FrameBoundKind::unbounded_preceding);
        if (wrong)
            raise(3586,
                  "Window '<unnamed window>': frame start or end is negative, NULL or of "
                  "non-integral type");
    }
    WindowEdge edge(const BoundWindow& window, const sql::WindowSpec& spec,
                    const sql::FrameBound& bound, bool) {
        WindowEdge made{.kind = bound.kind, .edge = {}};
        if (!bound.distance) return made;
        const sql::Expr& distance = **bound.distance;
        if (!window.is_range) {
            made.rows = whole_number(distance, "rows");
            return made;
        }
        if (spec.order_by.size() != 1) {
            raise(3587,
                  "Window '<unnamed window>' with RANGE N PRECEDING/FOLLOWING frame requires "
                  "exactly one ORDER BY expression, of numeric or temporal type");
        }
        const bool back =
            (bound.kind == sql::FrameBoundKind::preceding) != spec.order_by[0].descending;
        sql::Binary sum{.op = back ? sql::BinaryOp::subtract : sql::BinaryOp::add,
                        .left = spec.order_by[0].expression,
                        .right = distance};
        made.edge = Bound{binder_.bind(sql::Expr(std::move(sum)))};
        return made;
    }

    const Columns& columns_;
    std::span<const sql::NamedWindow> windows_;
    const Environment& environment_;
    Binder binder_;
};

}  // namespace

Result<BoundWindow> bind_window(const sql::Expr& expression, const Columns& columns,
                                std::span<const sql::NamedWindow> windows,
                                const Environment& environment) {
    return caught([&] { return WindowBinder(columns, windows, environment).bind(expression); });
}

}  // namespace sluice::eval
