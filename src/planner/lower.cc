// Step 5 of a request, lowering: trees become the texts that shards are sent, and routing becomes
// data. Before: merge.cc, split.cc. After: engine/route.cc runs it.
#include <algorithm>

#include "planner/detail/building.h"
#include "sql/walk.h"

namespace sluice::planner {

sql::FormatOptions shard_format() {
    sql::FormatOptions options;
    options.table = [](std::string& out, const sql::TableName& name) {
        if (name.keyspace.empty() || is_system_schema(name.keyspace)) return false;
        sql::append_identifier(out, name.name);
        return true;
    };
    return options;
}

sql::FormatOptions shard_format(const PlanContext& context) {
    sql::FormatOptions options = shard_format();
    options.type_comments = false;
    options.no_backslash_escapes = context.mode.no_backslash_escapes;
    return options;
}

plan::Template text_template(std::string text) {
    plan::Template result{.normalized = text};
    result.pieces.push_back({.text = std::move(text)});
    return result;
}

std::string text_of(const sql::Expr& expression) {
    sql::FormatOptions options = shard_format();
    options.type_comments = false;
    return sql::format(expression, options);
}

sql::Query field_query(const sql::Query& query) {
    sql::Query result = query;
    sql::walk(result, [](sql::Query& found) {
        if (auto* select = std::get_if<sql::Select>(&found.node)) {
            const sql::Expr one(sql::Literal{.kind = sql::LiteralKind::integer, .text = "1"});
            select->comments.clear();
            select->distinct = false;
            select->where =
                sql::Expr(sql::Compare{.op = sql::CompareOp::not_equal, .left = one, .right = one});
            select->having.reset();
            select->order_by.clear();
            select->limit.reset();
            select->lock = sql::LockKind::none;
            select->into.reset();
            select->calc_found_rows = false;
        } else {
            auto& united = std::get<sql::Union>(found.node);
            united.order_by.clear();
            united.limit.reset();
            united.lock = sql::LockKind::none;
            united.into.reset();
        }
    });
    return result;
}

std::string columns_query(const sql::Query& query) {
    return sql::format(field_query(query), shard_format());
}

plan::Routing route_to(const vschema::Keyspace& keyspace, plan::Opcode opcode) {
    return {.opcode = opcode, .keyspace = keyspace.name, .sharded = keyspace.sharded};
}

plan::Routing route_to(const vschema::Keyspace& keyspace, const Site& site) {
    if (site.kind == Site::Kind::neutral) return route_to(keyspace, plan::Opcode::reference);
    plan::Routing routing = route_to(keyspace, site.option.opcode);
    routing.vindex = site.option.vindex;
    routing.values = site.option.values;
    return routing;
}

void split_list(Building& building, const Option& option, plan::Routing& routing) {
    if (routing.opcode != plan::Opcode::in || option.condition == nullptr) return;
    auto* compare = option.condition->as<sql::Compare>();
    routing.shard_values = building.variables.make("__vals");
    compare->right = sql::Expr(sql::BindVariable{.name = "__vals", .list = true});
    building.rewritten = true;
}

std::string table_list(const std::vector<Source*>& uses) {
    std::vector<std::string> names;
    for (const Source* use : uses) names.push_back(sql::identifier(use->table->name));
    std::ranges::sort(names);
    const auto rest = std::ranges::unique(names);
    names.erase(rest.begin(), rest.end());
    std::string result;
    for (const std::string& name : names) {
        if (!result.empty()) result += ", ";
        result += name;
    }
    return result;
}

namespace {

bool locks(const sql::Query& query) {
    return std::visit([](const auto& node) { return node.lock != sql::LockKind::none; },
                      query.node);
}

}  // namespace

plan::Node limited(Building& building, const std::optional<sql::Limit>& limit, plan::Node input) {
    if (!limit) return input;
    plan::Limit result{.count = building.variables.value(*limit->count), .input = std::move(input)};
    if (limit->offset) result.offset = building.variables.value(**limit->offset);
    if (!result.count || (limit->offset && !result.offset)) refuse("LIMIT with an expression");
    return node_of(std::move(result));
}

plan::Route make_route(Building& building, plan::Routing routing, const sql::Query& query,
                       std::string tables) {
    plan::Route route{.routing = std::move(routing)};
    route.query = make_template(building, query);
    route.field_query = make_template(building, field_query(query));
    route.table = std::move(tables);
    route.locks = locks(query);
    route.always_row = always_has_row(query);
    return route;
}

}  // namespace sluice::planner
