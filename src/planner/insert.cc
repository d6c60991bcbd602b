// Step 5 of a request, INSERT and REPLACE: each row goes to the shard of its primary vindex;
// missing numbers come from a sequence. Before: planner.cc. After: engine/insert.cc groups rows by
// shard.
#include <algorithm>

#include "planner/detail/building.h"
#include "sql/walk.h"

namespace sluice::planner {

namespace {

constexpr std::string_view row_marker = "__row";

class InsertPlanner {
 public:
    InsertPlanner(Building& building, sql::Insert& insert) : building_(building), insert_(insert) {}

    plan::Node run() {
        find_target();
        add_used();
        if (!table_->keyspace->sharded) return unsharded();
        if (table_->kind == vschema::TableKind::reference) return copies();
        if (!rows()) refuse("INSERT ... SELECT into a sharded table");
        if (table_->pinned) refuse("INSERT into a pinned table");
        check_subqueries();
        check_vindexes();
        check_on_duplicate();
        name_columns();
        plan::Insert result = start();
        add_sequence(result);
        add_vindexes(result);
        write_rows(result);
        return node_of(std::move(result));
    }

 private:
    std::vector<sql::ValueRow>* rows() {
        return std::get_if<std::vector<sql::ValueRow>>(&insert_.rows);
    }

    void find_target() {
        const sql::TableName& name = insert_.table;
        if (name.keyspace.find_first_of(":/@[") != std::string::npos) {
            raise(Code::failed_precondition, er::unknown_error,
                  "VT09017: INSERT with a target destination is not allowed");
        }
        const auto& keyspace = name.keyspace.empty() ? building_.context.keyspace : name.keyspace;
        if (is_system_schema(keyspace)) refuse("writes to system schemas");
        Binder binder(building_.context);
        table_ = binder.find_table(name);
        if (table_->kind == vschema::TableKind::reference && table_->source) {
            table_ = must(building_.context.schema->find_table(
                table_->source->keyspace, table_->source->table, building_.context.tablet_type));
        }
        if (table_->name == name.name) return;
        insert_.table.name = table_->name;
        building_.rewritten = true;
    }

    void add_used() { building_.plan.tables_used.push_back(table_->qualified_name()); }

    // ---- one shard, or the same on all ----

    // Tables of SELECT and of subqueries must lie in the same keyspace.
    void check_reads() {
        Binder binder(building_.context);
        if (auto* query = std::get_if<Box<sql::Query>>(&insert_.rows)) {
            (void)binder.bind(**query, nullptr);
        }
        std::vector<sql::TableRef> none;
        sql::With no_with;
        sql::OptionalExpr no_where;
        const auto scope =
            rows() ? binder.bind_write(building_.statement(), no_with, none, no_where) : nullptr;
        if (binder.uses_system()) refuse("INSERT ... SELECT from a system schema");
        for (const Source* use : binder.uses()) {
            if (use->table->keyspace != table_->keyspace) {
                refuse("INSERT that reads another keyspace");
            }
            if (use->table->name != use->written->table.name) building_.rewritten = true;
        }
        rename_tables(binder.uses());
        add_tables_used(building_, binder.uses());
    }

    plan::Node unsharded() {
        check_reads();
        if (table_->auto_increment && table_->auto_increment->sequence) {
            if (!rows()) refuse("INSERT ... SELECT into a table with a sequence");
            name_columns();
            plan::Insert result = start();
            add_sequence(result);
            write_rows(result);
            return node_of(std::move(result));
        }
        return node_of(whole(plan::Opcode::unsharded));
    }

    plan::Route whole(plan::Opcode opcode) {
        plan::Route route{.routing = route_to(*table_->keyspace, opcode)};
        route.query = make_template(building_, building_.statement());
        route.table = table_->name;
        route.is_write = true;
        return route;
    }

    // Each shard keeps all rows of a reference table.
    plan::Node copies() {
        bool agrees = rows() != nullptr && !table_->auto_increment;
        sql::walk(building_.statement(), [&](const sql::Expr& expression) {
            agrees = agrees && !is_nondeterministic(expression) &&
                     !expression.is<sql::Subquery>() && !expression.is<sql::Exists>();
        });
        if (!agrees) refuse("INSERT into a reference table that shards may carry out differently");
        building_.rewritten = true;
        plan::Route route = whole(plan::Opcode::scatter);
        route.copies = true;
        return node_of(std::move(route));
    }

    // ---- checks ----

    void check_subqueries() {
        sql::walk(building_.statement(), [](const sql::Expr& expression) {
            if (expression.is<sql::Subquery>() || expression.is<sql::Exists>()) {
                refuse("subqueries in INSERT into a sharded table");
            }
        });
    }

    void check_vindexes() const {
        if (table_->column_vindexes.empty()) {
            raise(Code::failed_precondition, 1173,
                  "VT09001: table '" + table_->name + "' does not have a primary vindex");
        }
        for (const vschema::ColumnVindex& column_vindex : table_->column_vindexes) {
            const auto& vindex = column_vindex.vindex;
            if (!vindex || vindex->properties().lookup || vindex->properties().needs_queries) {
                refuse("INSERT into a table with lookup vindexes");
            }
        }
    }

    void check_on_duplicate() const {
        for (const sql::Assignment& assignment : insert_.on_duplicate) {
            for (const vschema::ColumnVindex& vindex : table_->column_vindexes) {
                const bool changes = std::ranges::any_of(vindex.columns, [&](const auto& name) {
                    return sql::same_name(name, assignment.column.name);
                });
                const auto* same = assignment.value.as<sql::ValuesOf>();
                if (!changes) continue;
                if (same != nullptr && sql::same_name(same->column.name, assignment.column.name)) {
                    continue;
                }
                refuse("DML cannot update vindex column");
            }
        }
    }

    // ---- columns ----

    void name_columns() {
        // An empty list before rows with values means all columns, like none.
        const bool no_list = !insert_.has_column_list || !rows()->front().empty();
        if (no_list && insert_.columns.empty()) {
            if (!table_->column_list_authoritative) {
                raise(Code::failed_precondition, er::unknown_error,
                      "VT09004: INSERT should contain column list or the table should have "
                      "authoritative columns in vschema");
            }
            for (const vschema::Column& column : table_->columns) {
                if (!column.invisible) insert_.columns.push_back(column.name);
            }
            insert_.has_column_list = true;
        }
        for (const sql::ValueRow& row : *rows()) {
            if (row.size() == insert_.columns.size()) continue;
            raise(Code::invalid_argument, er::wrong_value_count_on_row,
                  "VT03006: column count does not match value count with the row");
        }
    }

    std::optional<std::size_t> position(std::string_view name) const {
        for (std::size_t i = 0; i < insert_.columns.size(); ++i) {
            if (sql::same_name(insert_.columns[i], name)) return i;
        }
        return std::nullopt;
    }

    std::size_t position_or_add(const std::string& name) {
        if (const auto found = position(name)) return *found;
        insert_.columns.push_back(name);
        for (sql::ValueRow& row : *rows()) row.emplace_back(sql::NullLiteral{});
        building_.rewritten = true;
        return insert_.columns.size() - 1;
    }

    // ---- the plan ----

    plan::Insert start() {
        plan::Insert result{.keyspace = table_->keyspace->name, .table = table_->name};
        result.sharded = table_->keyspace->sharded;
        result.ignore = insert_.ignore;
        result.replace = insert_.replace;
        result.on_duplicate = !insert_.on_duplicate.empty();
        return result;
    }

    void add_sequence(plan::Insert& result) {
        if (!table_->auto_increment || table_->auto_increment->sequence == nullptr) return;
        const vschema::Table& sequence = *table_->auto_increment->sequence;
        const std::size_t column = position_or_add(table_->auto_increment->column);
        plan::Insert::Generate generate{.keyspace = sequence.keyspace->name,
                                        .sequence = sequence.name};
        std::size_t number = 0;
        for (sql::ValueRow& row : *rows()) {
            sql::Expr& cell = row[column];
            std::optional<plan::ValueRef> value = plan::ValueRef{.from = Value{}};
            if (!cell.is<sql::Default>()) value = building_.variables.value(cell);
            if (!value) refuse("an expression for a column with a sequence");
            const std::string name = "__seq" + std::to_string(number++);
            generate.values.push_back(std::move(*value));
            generate.made.push_back(building_.variables.make(name));
            cell = sql::Expr(sql::BindVariable{.name = name});
        }
        building_.rewritten = true;
        result.generate = std::move(generate);
    }

    std::vector<std::vector<plan::ValueRef>> values_of(const vschema::ColumnVindex& vindex) {
        std::vector<std::vector<plan::ValueRef>> result;
        std::vector<std::size_t> columns;
        for (const std::string& name : vindex.columns) columns.push_back(position_or_add(name));
        for (const sql::ValueRow& row : *rows()) {
            std::vector<plan::ValueRef>& values = result.emplace_back();
            for (const std::size_t column : columns) {
                auto value = building_.variables.value(row[column]);
                if (!value) {
                    refuse("an expression for a vindex column: " + text_of(row[column]));
                }
                values.push_back(std::move(*value));
            }
        }
        return result;
    }

    void add_vindexes(plan::Insert& result) {
        const vschema::ColumnVindex& primary = table_->column_vindexes.front();
        result.vindex = primary.vindex;
        result.vindex_columns = primary.columns;
        result.vindex_values = values_of(primary);
        for (std::size_t i = 1; i < table_->column_vindexes.size(); ++i) {
            const vschema::ColumnVindex& other = table_->column_vindexes[i];
            if (other.partial) continue;
            plan::Insert::Verified verified{
                .name = other.name, .vindex = other.vindex, .columns = other.columns};
            verified.values = values_of(other);
            // v21 fills in the value that belongs to the keyspace id.
            for (const auto& row : verified.values) {
                const bool has_null = std::ranges::any_of(
                    row, [&](const auto& value) { return building_.variables.is_null(value); });
                if (has_null && other.vindex->properties().reversible) {
                    refuse("NULL for a column whose value follows from the keyspace id");
                }
            }
            result.verified.push_back(std::move(verified));
        }
    }

    // ---- texts ----

    void write_rows(plan::Insert& result) {
        for (const sql::ValueRow& row : *rows()) {
            result.rows.push_back(make_template(building_, sql::Expr(sql::Tuple{row})));
        }
        const std::vector<sql::ValueRow> marked = {
            {sql::Expr(sql::BindVariable{.name = std::string(row_marker)})}};
        sql::Insert frame = insert_;
        frame.rows = marked;
        cut_frame(sql::Statement{.node = std::move(frame)}, result);
    }

    // The text before and behind the rows.
    void cut_frame(const sql::Statement& frame, plan::Insert& result) {
        const std::string normalized = sql::format(frame, shard_format());
        const std::string mark = "(:" + std::string(row_marker) + ")";
        const std::size_t at = normalized.find(mark);
        if (at == std::string::npos) throw QueryError{bug("rows of an INSERT are lost").error()};
        result.head.normalized = normalized.substr(0, at);
        result.tail.normalized = normalized.substr(at + mark.size());

        TemplateWriter writer(building_.variables);
        sql::FormatOptions options = shard_format(building_.context);
        constexpr std::string_view raw_mark("\0\0row", 5);
        options.variable = [&](std::string& out, const sql::BindVariable& variable) {
            if (variable.name != row_marker) return writer.write(out, variable);
            out += raw_mark;
            return true;
        };
        const std::string raw = sql::format(frame, options);
        const std::string row = "(" + std::string(raw_mark) + ")";
        const std::size_t raw_at = raw.find(row);
        if (raw_at == std::string::npos) refuse("NUL bytes in a statement");
        result.head.pieces = {{.text = raw.substr(0, raw_at)}};
        result.tail.pieces = writer.cut(std::string_view(raw).substr(raw_at + row.size()));
    }

    Building& building_;
    sql::Insert& insert_;
    vschema::TablePointer table_;
};

}  // namespace

plan::Node plan_insert(Building& building, sql::Insert& insert) {
    return InsertPlanner(building, insert).run();
}

}  // namespace sluice::planner
