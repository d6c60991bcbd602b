// Beside a request: how a plan reads (VEXPLAIN PLAN). Before: planner/planner.cc made the plan.
#include "plan/describe.h"

#include <algorithm>
#include <map>

#include "base/overload.h"
#include "plan/detail/json.h"
#include "plan/detail/names.h"

namespace sluice::plan {

std::string_view opcode_name(Opcode opcode) {
    switch (opcode) {
        case Opcode::unsharded:
            return "Unsharded";
        case Opcode::equal_unique:
            return "EqualUnique";
        case Opcode::in:
            return "IN";
        case Opcode::multi_equal:
            return "MultiEqual";
        case Opcode::sub_shard:
            return "SubShard";
        case Opcode::scatter:
            return "Scatter";
        case Opcode::reference:
            return "Reference";
        case Opcode::none:
            return "None";
        case Opcode::dba:
            return "DBA";
        case Opcode::next:
            return "Next";
        case Opcode::by_destination:
            return "ByDestination";
    }
    return "";
}

namespace {

std::string_view aggregate_name(AggregateKind kind) {
    switch (kind) {
        case AggregateKind::count:
            return "sum_count";
        case AggregateKind::sum:
            return "sum";
        case AggregateKind::min:
            return "min";
        case AggregateKind::max:
            return "max";
        case AggregateKind::any_value:
            return "any_value";
        case AggregateKind::count_distinct:
            return "count_distinct";
        case AggregateKind::sum_distinct:
            return "sum_distinct";
    }
    return "";
}

// Fields of one node are printed by name; empty ones are left out.
using Fields = std::map<std::string, Json, std::less<>>;

class Description {
 public:
    explicit Description(const Plan& plan) : plan_(plan) {}

    Json node(const Node& node) {
        return std::visit([&](const auto& found) { return describe(found); }, node.node);
    }

 private:
    // ---- parts ----

    std::string value(const ValueRef& value) const {
        if (!value.items.empty()) {
            std::string result = "(";
            for (const ValueRef& item : value.items) {
                if (result.size() > 1) result += ", ";
                result += this->value(item);
            }
            return result + ")";
        }
        std::string result = value.negate ? "-" : "";
        if (const auto* constant = std::get_if<Value>(&value.from)) {
            append_literal(result, {constant->type, constant->bytes});
            return result;
        }
        const Variable& variable = plan_.variables[std::get<VariableIndex>(value.from)];
        result += is_list(variable) ? "::" : ":";
        return result + variable.name;
    }

    bool is_list(const Variable& variable) const {
        return variable.value.is_list() || lists_.contains(variable.name);
    }

    static std::string place(std::uint32_t column, const std::optional<std::uint32_t>& weight) {
        if (!weight) return std::to_string(column);
        return "(" + std::to_string(column) + "|" + std::to_string(*weight) + ")";
    }

    static std::string keys(const std::vector<Key>& keys, bool with_order) {
        std::string result;
        for (const Key& key : keys) {
            if (!result.empty()) result += ", ";
            result += place(key.column, key.weight);
            if (key.from_end) result += " from the end";
            if (with_order) result += key.descending ? " DESC" : " ASC";
        }
        return result;
    }

    static void text(Fields& fields, std::string_view name, std::string value) {
        if (!value.empty()) fields.emplace(std::string(name), Json{std::move(value)});
    }

    static Json keyspace(const std::string& name, bool sharded) {
        return {JsonMembers{{"Name", {name}}, {"Sharded", {sharded}}}};
    }

    static Json finish(JsonMembers head, Fields fields, JsonItems inputs = {}) {
        for (auto& [name, value] : fields) head.emplace_back(name, std::move(value));
        if (!inputs.empty()) head.emplace_back("Inputs", Json{std::move(inputs)});
        return {std::move(head)};
    }

    static JsonMembers head(std::string type, std::string_view variant) {
        JsonMembers result{{"OperatorType", {std::move(type)}}};
        if (!variant.empty()) result.emplace_back("Variant", Json{std::string(variant)});
        return result;
    }

    void timeout(Fields& fields) const {
        if (plan_.hints.timeout_ms) fields.emplace("QueryTimeout", Json{*plan_.hints.timeout_ms});
    }

    // ---- nodes ----

    Json describe(const Route& route) {
        for (const ValueRef& value : route.routing.values) note_lists(route.routing, value);
        const bool is_insert = plan_.type == QueryType::insert || plan_.type == QueryType::replace;
        std::string type = "Route";
        if (route.is_write) {
            type = is_insert ? "Insert" : plan_.type == QueryType::update ? "Update" : "Delete";
        }
        JsonMembers result = head(std::move(type), opcode_name(route.routing.opcode));
        result.emplace_back("Keyspace", keyspace(route.routing.keyspace, route.routing.sharded));
        Fields fields;
        if (route.is_write) result.emplace_back("TargetTabletType", Json{std::string("PRIMARY")});
        text(fields, "FieldQuery", route.field_query.normalized);
        text(fields, "Query", route.query.normalized);
        text(fields, route.is_write && is_insert ? "TableName" : "Table", route.table);
        text(fields, "OrderBy", keys(route.order_by, true));
        if (route.extra_columns > 0 && !route.order_by.empty() && !route.order_by[0].from_end) {
            fields.emplace("ResultColumns", Json{result_columns(route)});
        }
        if (route.routing.vindex) text(fields, "Vindex", route.routing.vindex->name());
        JsonItems values;
        for (const ValueRef& value : route.routing.values) values.push_back({this->value(value)});
        if (!values.empty()) fields.emplace("Values", Json{std::move(values)});
        timeout(fields);
        return finish(std::move(result), std::move(fields));
    }

    // Extra columns follow the visible ones: the first of them is the smallest place behind those.
    static std::int64_t result_columns(const Route& route) {
        std::uint32_t last = 0;
        for (const Key& key : route.order_by) {
            last = std::max({last, key.column, key.weight.value_or(0)});
        }
        return std::int64_t{last} + 1 - std::int64_t{route.extra_columns};
    }

    void note_lists(const Routing& routing, const ValueRef& value) {
        if (routing.opcode != Opcode::in && routing.opcode != Opcode::multi_equal) return;
        const auto* index = std::get_if<VariableIndex>(&value.from);
        if (index != nullptr && value.items.empty() && routing.opcode == Opcode::in) {
            lists_.emplace(plan_.variables[*index].name, true);
        }
    }

    Json describe(const Limit& limit) {
        Fields fields;
        if (limit.count) text(fields, "Count", value(*limit.count));
        if (limit.offset) text(fields, "Offset", value(*limit.offset));
        return finish(head("Limit", ""), std::move(fields), {node(*limit.input)});
    }

    Json describe(const Sort& sort) {
        Fields fields;
        text(fields, "OrderBy", keys(sort.keys, true));
        return finish(head("Sort", "Memory"), std::move(fields), {node(*sort.input)});
    }

    Json describe(const Aggregate& aggregate) {
        std::string list;
        for (const AggregateColumn& column : aggregate.aggregates) {
            if (!list.empty()) list += ", ";
            list += aggregate_name(column.kind);
            if (column.kind == AggregateKind::count && column.alias == "count(*)") list += "_star";
            std::string at = place(column.column, column.weight);
            list += at.starts_with('(') ? at : "(" + at + ")";
            list += " AS " + column.alias;
        }
        Fields fields;
        text(fields, "Aggregates", std::move(list));
        text(fields, "GroupBy", keys(aggregate.keys, false));
        return finish(head("Aggregate", aggregate.keys.empty() ? "Scalar" : "Ordered"),
                      std::move(fields), {node(*aggregate.input)});
    }

    Json describe(const Distinct& distinct) {
        JsonItems places;
        for (const Key& key : distinct.keys) {
            std::string at = std::to_string(key.column);
            if (key.weight) at = "(" + at + ":" + std::to_string(*key.weight) + ")";
            places.push_back({std::move(at)});
        }
        Fields fields;
        fields.emplace("Collations", Json{std::move(places)});
        return finish(head("Distinct", ""), std::move(fields), {node(*distinct.input)});
    }

    Json describe(const Projection& projection) {
        JsonItems columns;
        bool only_picks = true;
        std::string picked;
        for (const auto& column : projection.columns) {
            if (const auto* pick = std::get_if<PickColumn>(&column)) {
                columns.push_back({":" + std::to_string(pick->column)});
                picked += (picked.empty() ? "" : ",") + std::to_string(pick->column);
            } else {
                const auto& quotient = std::get<Quotient>(column);
                columns.push_back({":" + std::to_string(quotient.sum) + " / :" +
                                   std::to_string(quotient.count) + " as " + quotient.name});
                only_picks = false;
            }
        }
        Fields fields;
        if (only_picks) {
            text(fields, "Columns", picked);
            return finish(head("SimpleProjection", ""), std::move(fields),
                          {node(*projection.input)});
        }
        fields.emplace("Expressions", Json{std::move(columns)});
        return finish(head("Projection", ""), std::move(fields), {node(*projection.input)});
    }

    Json describe(const Concatenate& all) {
        JsonItems inputs;
        for (const Node& input : all.inputs) inputs.push_back(node(input));
        return finish(head(all.inputs.empty() ? "Rows" : "Concatenate", ""), {}, std::move(inputs));
    }

    Json describe(const Insert& insert) {
        JsonMembers result = head("Insert", insert.sharded ? "Sharded" : "Unsharded");
        result.emplace_back("Keyspace", keyspace(insert.keyspace, insert.sharded));
        result.emplace_back("TargetTabletType", Json{std::string("PRIMARY")});
        std::string query = insert.head.normalized;
        for (std::size_t i = 0; i < insert.rows.size(); ++i) {
            query += (i > 0 ? ", " : "") + insert.rows[i].normalized;
        }
        Fields fields;
        text(fields, "Query", query + insert.tail.normalized);
        text(fields, "TableName", insert.table);
        if (insert.ignore && insert.sharded) fields.emplace("InsertIgnore", Json{true});
        if (insert.generate) text(fields, "AutoIncrement", generate(*insert.generate));
        Fields vindexes;
        if (insert.vindex) text(vindexes, insert.vindex->name(), columns(insert.vindex_values));
        for (const auto& verified : insert.verified) {
            text(vindexes, verified.name, columns(verified.values));
        }
        if (!vindexes.empty()) {
            fields.emplace("VindexValues", finish({}, std::move(vindexes)));
        }
        timeout(fields);
        return finish(std::move(result), std::move(fields));
    }

    std::string generate(const Insert::Generate& generate) const {
        std::string values;
        for (const ValueRef& value : generate.values) {
            values += (values.empty() ? "" : ", ") + this->value(value);
        }
        return "select next :n /* INT64 */ values from " + generate.sequence + ":Values::(" +
               values + ")";
    }

    // Column by column, as v21 lists them.
    std::string columns(const std::vector<std::vector<ValueRef>>& rows) const {
        std::string result;
        for (std::size_t column = 0; !rows.empty() && column < rows.front().size(); ++column) {
            for (const auto& row : rows) {
                if (!result.empty()) result += ", ";
                result += value(row[column]);
            }
        }
        return result;
    }

    Json describe(const Send& send) {
        JsonMembers result = head(send.is_ddl ? "DDL" : "Send", "");
        result.emplace_back("Keyspace", keyspace(send.keyspace, send.sharded));
        std::string to = vindex::to_text(send.destination);
        if (to.starts_with("Destination")) to.erase(0, 11);
        if (!send.is_ddl) result.emplace_back("TargetDestination", Json{std::move(to)});
        Fields fields;
        text(fields, "Query", send.query.normalized);
        if (send.is_write) fields.emplace("IsDML", Json{true});
        if (send.single_shard_only) fields.emplace("SingleShardOnly", Json{true});
        if (send.is_ddl && plan_.needs_reserved) fields.emplace("TempTable", Json{true});
        timeout(fields);
        return finish(std::move(result), std::move(fields));
    }

    Json describe(const NextValues& next) {
        JsonMembers result = head("Route", "Next");
        result.emplace_back("Keyspace", keyspace(next.keyspace, false));
        Fields fields;
        text(fields, "Query", plan_.original);
        text(fields, "Table", next.table);
        return finish(std::move(result), std::move(fields));
    }

    const Plan& plan_;
    std::map<std::string, bool, std::less<>> lists_;
};

}  // namespace

namespace {

JsonMembers members_of(const Plan& plan) {
    JsonMembers members{{"QueryType", {plan.kind}}, {"Original", {plan.original}}};
    members.emplace_back("Instructions", Description(plan).node(plan.root));
    return members;
}

void add_tables(JsonMembers& members, const Plan& plan) {
    if (plan.tables_used.empty()) return;
    JsonItems tables;
    for (const std::string& table : plan.tables_used) tables.push_back({table});
    members.emplace_back("TablesUsed", Json{std::move(tables)});
}

}  // namespace

std::string describe(const Plan& plan) {
    JsonMembers members = members_of(plan);
    add_tables(members, plan);
    std::string result;
    write(result, Json{std::move(members)});
    return result;
}

std::string describe_executed(const Plan& plan, const Executions& executions, int depth) {
    JsonMembers members = members_of(plan);
    const auto add = [&](const char* name, std::uint64_t number) {
        if (number != 0) members.emplace_back(name, Json{static_cast<std::int64_t>(number)});
    };
    add("ExecCount", executions.count);
    add("ExecTime", executions.nanoseconds);
    add("ShardQueries", executions.shard_queries);
    add("RowsAffected", executions.rows_affected);
    add("RowsReturned", executions.rows_returned);
    add("Errors", executions.errors);
    add_tables(members, plan);
    std::string result;
    write(result, Json{std::move(members)}, depth, ' ');
    return result;
}

}  // namespace sluice::plan
