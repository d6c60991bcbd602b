// Step 5 of a request: calls as canonical text.
#include "sql/detail/keywords.h"
#include "sql/detail/printer.h"

namespace sluice::sql::detail {
namespace {

constexpr std::string_view name_characters =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_$";

}  // namespace

void Printer::print(const FunctionCall& call) {
    if (!call.keyspace.empty()) {
        name(call.keyspace);
        out_ += '.';
    }
    if (call.name.find_first_not_of(name_characters) == std::string::npos)
        word(call.name);
    else
        name(call.name);
    out_ += '(';
    list(call.arguments);
    out_ += ')';
    if (call.from_first) out_ += options_.as_v21 ? " respect nulls" : " from first";
    if (call.from_last) out_ += options_.as_v21 ? " ignore nulls" : " from last";
    if (call.respect_nulls) out_ += " respect nulls";
    if (call.ignore_nulls) out_ += " ignore nulls";
    over(call.over);
}

void Printer::print(const Aggregate& aggregate) {
    if (aggregate.kind == AggregateKind::loaded) {
        name(aggregate.name);
    } else {
        word(aggregate_name(aggregate.kind));
    }
    out_ += '(';
    if (aggregate.distinct) out_ += "distinct ";
    if (aggregate.kind == AggregateKind::count_star) out_ += '*';
    list(aggregate.arguments);
    out_ += ')';
    over(aggregate.over);
}

void Printer::print(const GroupConcat& call) {
    out_ += "group_concat(";
    if (call.distinct) out_ += "distinct ";
    list(call.arguments);
    order_by(call.order_by);
    if (call.separator) word(" separator ").string(*call.separator);
    if (call.limit) limit(**call.limit);
    out_ += ')';
}

void Printer::over(const std::optional<Box<Over>>& clause) {
    if (!clause) return;
    out_ += " over ";
    if (!(*clause)->spec) {
        name((*clause)->window);
        return;
    }
    out_ += '(';
    window(*(*clause)->spec);
    out_ += ')';
}

void Printer::window(const WindowSpec& spec) {
    if (!spec.base.empty()) word(" ").name(spec.base);
    if (!spec.partition_by.empty()) {
        out_ += " partition by ";
        list(spec.partition_by);
    }
    order_by(spec.order_by);
    if (spec.frame) frame(*spec.frame);
}

void Printer::frame(const Frame& clause) {
    static constexpr std::string_view units[] = {" rows ", " range ", " groups "};
    static constexpr std::string_view exclusions[] = {"", " exclude current row", " exclude group",
                                                      " exclude ties", " exclude no others"};
    out_ += units[static_cast<std::size_t>(clause.units)];
    if (clause.end) out_ += "between ";
    bound(clause.start);
    if (clause.end) {
        out_ += " and ";
        bound(*clause.end);
    }
    out_ += exclusions[static_cast<std::size_t>(clause.exclusion)];
}

void Printer::bound(const FrameBound& frame_bound) {
    switch (frame_bound.kind) {
        case FrameBoundKind::current_row:
            out_ += "current row";
            return;
        case FrameBoundKind::unbounded_preceding:
            out_ += "unbounded preceding";
            return;
        case FrameBoundKind::unbounded_following:
            out_ += "unbounded following";
            return;
        case FrameBoundKind::preceding:
        case FrameBoundKind::following:
            break;
    }
    if (frame_bound.distance) print(**frame_bound.distance);
    out_ += frame_bound.kind == FrameBoundKind::preceding ? " preceding" : " following";
}

void Printer::type(const CastType& cast_type) {
    out_ += cast_type.name;
    if (cast_type.length) {
        word("(").word(std::to_string(*cast_type.length));
        if (cast_type.scale) word(", ").word(std::to_string(*cast_type.scale));
        out_ += ')';
    }
    if (!cast_type.charset.empty()) word(" character set ").bare(cast_type.charset);
    if (cast_type.binary) out_ += " binary";
    if (cast_type.array) out_ += " array";
}

void Printer::print(const Cast& cast) {
    out_ += cast.convert ? "convert(" : "cast(";
    print(*cast.operand);
    if (!cast.time_zone.empty()) word(" at time zone ").string(cast.time_zone);
    out_ += cast.convert ? ", " : " as ";
    type(cast.type);
    out_ += ')';
}

void Printer::print(const ConvertUsing& convert) {
    out_ += "convert(";
    print(*convert.operand);
    word(" using ").bare(convert.charset).word(")");
}

void Printer::print(const Extract& extract) {
    word("extract(").word(extract.unit).word(" from ");
    print(*extract.operand);
    out_ += ')';
}

void Printer::print(const TimestampFunction& call) {
    word(call.name).word("(").word(call.unit).word(", ");
    print(*call.first);
    out_ += ", ";
    print(*call.second);
    out_ += ')';
}

void Printer::print(const Trim& trim) {
    static constexpr std::string_view sides[] = {"", "both ", "leading ", "trailing "};
    out_ += "trim(";
    out_ += sides[static_cast<std::size_t>(trim.side)];
    if (trim.characters) {
        print(**trim.characters);
        out_ += ' ';
    }
    if (trim.characters || trim.side != TrimSide::none) out_ += "from ";
    print(*trim.operand);
    out_ += ')';
}

void Printer::print(const Match& match) {
    static constexpr std::string_view modes[] = {
        "", " in boolean mode", " in natural language mode",
        " in natural language mode with query expansion", " with query expansion"};
    out_ += "match(";
    list(match.columns);
    out_ += ") against (";
    print(*match.against);
    out_ += modes[static_cast<std::size_t>(match.mode)];
    out_ += ')';
}

void Printer::print(const CharFunction& call) {
    out_ += "char(";
    list(call.arguments);
    if (!call.charset.empty()) word(" using ").bare(call.charset);
    out_ += ')';
}

void Printer::print(const WeightString& call) {
    out_ += "weight_string(";
    print(*call.operand);
    if (call.as) {
        out_ += " as ";
        type(*call.as);
    }
    out_ += ')';
}

void Printer::print(const ValuesOf& values) {
    out_ += "values(";
    print(values.column);
    out_ += ')';
}

void Printer::print(const Default& value) {
    out_ += "default";
    if (value.column.empty()) return;
    out_ += '(';
    print(Column{.table = value.table, .name = value.column, .source = {}});
    out_ += ')';
}

void Printer::json_on(const JsonOn& action, std::string_view event) {
    switch (action.kind) {
        case JsonOnKind::none:
            return;
        case JsonOnKind::null:
            out_ += " null";
            break;
        case JsonOnKind::error:
            out_ += " error";
            break;
        case JsonOnKind::default_:
            out_ += " default ";
            if (action.value) print(**action.value);
            break;
    }
    out_ += event;
}

void Printer::print(const JsonValue& call) {
    out_ += "json_value(";
    print(*call.document);
    out_ += ", ";
    print(*call.path);
    if (call.returning) {
        out_ += " returning ";
        type(**call.returning);
    }
    json_on(call.on_empty, " on empty");
    json_on(call.on_error, " on error");
    out_ += ')';
}

void Printer::print(const JsonDualityObject& call) {
    out_ += "json_duality_object(";
    std::string_view before = "with (";
    for (const std::string& permission : call.permissions) {
        word(before).word(permission);
        before = ", ";
    }
    if (!call.permissions.empty()) out_ += ") ";
    before = "";
    for (const JsonMember& member : call.members) {
        word(before).string(member.key).word(": ");
        print(*member.value);
        before = ", ";
    }
    out_ += ')';
    over(call.over);
}

}  // namespace sluice::sql::detail
