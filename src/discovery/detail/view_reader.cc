// Beside requests: what a view stands for. Before: track.cc has a server's CREATE VIEW. After:
// vschema keeps it, planner/views.cc puts it in the view's place.
#include "discovery/detail/view_reader.h"

#include <set>

#include "sql/parse.h"
#include "sql/walk.h"

namespace sluice::discovery {
namespace {

std::set<std::string> common_tables(sql::Query& query) {
    std::set<std::string> names;
    sql::walk(query, [&](const sql::Query& found) {
        std::visit(
            [&](const auto& body) {
                for (const sql::CommonTable& table : body.with.tables) names.insert(table.name);
            },
            found.node);
    });
    return names;
}

// Names of tables get the keyspace, whatever keyspace a session is in; those of columns need none.
class Qualifier {
 public:
    Qualifier(const ViewText& text, sql::Query& query)
        : text_(text), common_(common_tables(query)) {}

    void operator()(sql::TableRef& table) {
        auto* aliased = table.as<sql::AliasedTable>();
        if (aliased == nullptr) return;
        sql::TableName& name = aliased->table;
        name.qualifier = {};
        if (name.keyspace.empty()) {
            const bool own = common_.contains(name.name) || sql::same_name(name.name, "dual");
            if (!own) name.keyspace = text_.keyspace;
        } else if (name.keyspace == text_.database) {
            name.keyspace = text_.keyspace;
        } else if (!vschema::is_system_schema(name.keyspace)) {
            foreign_ = name.keyspace;
        }
    }

    void operator()(sql::Expr& expression) {
        if (auto* column = expression.as<sql::Column>()) {
            column->table.keyspace.clear();
            column->table.qualifier = {};
        } else if (auto* call = expression.as<sql::FunctionCall>()) {
            if (call->keyspace == text_.database) call->keyspace.clear();
        }
    }

    void operator()(sql::Query& query) {
        auto* select = std::get_if<sql::Select>(&query.node);
        if (select == nullptr) return;
        for (sql::SelectItem& item : select->items) {
            // Spans count in the view's text, which nobody has any more.
            if (auto* expression = std::get_if<sql::SelectExpr>(&item)) expression->source = {};
            if (auto* star = std::get_if<sql::SelectStar>(&item)) star->table.keyspace.clear();
        }
    }

    const std::string& foreign() const { return foreign_; }

 private:
    const ViewText& text_;
    const std::set<std::string> common_;
    std::string foreign_;  // a database that is not the keyspace's
};

Result<vschema::View> view_of(const ViewText& text) {
    if (text.statement.empty()) {
        return fail(Code::permission_denied,
                    "its server does not show it, which takes the privilege SHOW VIEW");
    }
    const sql::Statement statement = TRY(sql::parse(text.statement, {}));
    const auto* ddl = statement.as<sql::Ddl>();
    if (ddl == nullptr || ddl->kind != sql::DdlKind::create_view || !ddl->query)
        return fail(Code::invalid_argument, "not a CREATE VIEW statement");
    const auto* named = std::get_if<sql::ViewDefinition>(&ddl->definition);
    const bool listed = !text.columns.empty() || named == nullptr;
    vschema::View view{
        .query = **ddl->query, .columns = listed ? text.columns : named->columns, .unreadable = {}};
    Qualifier qualifier(text, view.query);
    sql::walk(view.query, qualifier);
    if (!qualifier.foreign().empty())
        return fail(Code::unimplemented, "it reads database " + qualifier.foreign());
    if (view.columns == vschema::column_names(view.query)) view.columns.clear();
    return view;
}

}  // namespace

vschema::DiscoveredView read_view(const ViewText& text) {
    Result<vschema::View> view = view_of(text);
    if (!view) view = vschema::View{.query = {}, .columns = {}, .unreadable = view.error().text};
    std::string key = text.statement;
    for (const std::string& column : text.columns) key += '\n' + column;
    return {.name = text.name,
            .text = std::move(key),
            .view = std::make_shared<const vschema::View>(std::move(*view))};
}

}  // namespace sluice::discovery
