// Steps 4 and 5 of a request: the one place that knows which nodes have which children. Everything
// that looks for something in a tree, or rewrites it, is built on visit_children.
#include "sql/walk.h"

#include "base/overload.h"

namespace sluice::sql {
namespace {

// Visits members one after the other until one answers false.
class Visit {
 public:
    explicit Visit(const Children& children) : children_(children) {}

    bool operator()(Expr& child) {
        return children_.expr == nullptr || children_.expr(children_.context, child);
    }
    bool operator()(TableRef& child) {
        return children_.table == nullptr || children_.table(children_.context, child);
    }
    bool operator()(Query& child) {
        return children_.query == nullptr || children_.query(children_.context, child);
    }

    template <class T>
    bool operator()(Box<T>& child) {
        return (*this)(*child);
    }
    template <class T>
    bool operator()(std::optional<T>& child) {
        return !child || (*this)(*child);
    }
    template <class T>
    bool operator()(std::vector<T>& items) {
        for (T& item : items) {
            if (!(*this)(item)) return false;
        }
        return true;
    }
    template <class... Parts>
        requires(sizeof...(Parts) > 1)
    bool operator()(Parts&... parts) {
        return ((*this)(parts) && ...);
    }

    bool operator()(OrderItem& item) { return (*this)(item.expression); }
    bool operator()(When& when) { return (*this)(when.condition, when.result); }
    bool operator()(Limit& limit) { return (*this)(limit.offset, limit.count); }
    bool operator()(FrameBound& bound) { return (*this)(bound.distance); }
    bool operator()(Frame& frame) { return (*this)(frame.start, frame.end); }
    bool operator()(WindowSpec& spec) {
        return (*this)(spec.partition_by, spec.order_by, spec.frame);
    }
    bool operator()(NamedWindow& window) { return (*this)(window.spec); }
    bool operator()(Over& over) { return (*this)(over.spec); }
    bool operator()(JsonOn& action) { return (*this)(action.value); }
    bool operator()(JsonTableColumn& column) {
        return (*this)(column.path, column.on_empty, column.on_error, column.nested);
    }
    bool operator()(JsonMember& member) { return (*this)(member.value); }
    bool operator()(CommonTable& table) { return (*this)(table.query); }
    bool operator()(With& with) { return (*this)(with.tables); }
    bool operator()(UnionBranch& branch) { return (*this)(branch.query); }
    bool operator()(Assignment& assignment) { return (*this)(assignment.value); }
    bool operator()(SetAssignment& assignment) { return (*this)(assignment.value); }
    bool operator()(SelectItem& item) {
        if (auto* expression = std::get_if<SelectExpr>(&item))
            return (*this)(expression->expression);
        if (auto* next = std::get_if<SelectNext>(&item)) return (*this)(next->count);
        return true;
    }
    bool operator()(Select& select) {
        return (*this)(select.with, select.items, select.from, select.where, select.group_by.items,
                       select.having, select.windows, select.qualify, select.order_by,
                       select.limit);
    }
    bool operator()(Union& query) {
        return (*this)(query.with, query.branches, query.order_by, query.limit);
    }

 private:
    const Children& children_;
};

}  // namespace

bool visit_children(Expr& node, const Children& children) {
    Visit visit(children);
    return std::visit(
        Overload{
            [](Literal&) { return true; },
            [](NullLiteral&) { return true; },
            [](BoolLiteral&) { return true; },
            [](Column&) { return true; },
            [](BindVariable&) { return true; },
            [](Variable&) { return true; },
            [](Star&) { return true; },
            [](ValuesOf&) { return true; },
            [](Default&) { return true; },
            [&](Unary& n) { return visit(n.operand); },
            [&](Not& n) { return visit(n.operand); },
            [&](Binary& n) { return visit(n.left, n.right); },
            [&](Compare& n) { return visit(n.left, n.right, n.escape); },
            [&](And& n) { return visit(n.operands); },
            [&](Or& n) { return visit(n.operands); },
            [&](Xor& n) { return visit(n.left, n.right); },
            [&](Between& n) { return visit(n.operand, n.low, n.high); },
            [&](Is& n) { return visit(n.operand); },
            [&](Tuple& n) { return visit(n.items); },
            [&](Subquery& n) { return visit(n.query); },
            [&](Exists& n) { return visit(n.query); },
            [&](Case& n) { return visit(n.operand, n.whens, n.otherwise); },
            [&](FunctionCall& n) { return visit(n.arguments, n.over); },
            [&](Aggregate& n) { return visit(n.arguments, n.over); },
            [&](GroupConcat& n) { return visit(n.arguments, n.order_by, n.limit); },
            [&](Cast& n) { return visit(n.operand); },
            [&](ConvertUsing& n) { return visit(n.operand); },
            [&](Collate& n) { return visit(n.operand); },
            [&](Introducer& n) { return visit(n.operand); },
            [&](Interval& n) { return visit(n.amount); },
            [&](Extract& n) { return visit(n.operand); },
            [&](TimestampFunction& n) { return visit(n.first, n.second); },
            [&](Trim& n) { return visit(n.characters, n.operand); },
            [&](Match& n) { return visit(n.against); },
            [&](MemberOf& n) { return visit(n.value, n.array); },
            [&](CharFunction& n) { return visit(n.arguments); },
            [&](WeightString& n) { return visit(n.operand); },
            [&](Assign& n) { return visit(n.value); },
            [&](JsonDualityObject& n) { return visit(n.members, n.over); },
            [&](JsonValue& n) { return visit(n.document, n.path, n.on_empty, n.on_error); },
        },
        node.node);
}

bool visit_children(TableRef& node, const Children& children) {
    Visit visit(children);
    return std::visit(Overload{
                          [&](AliasedTable& n) { return !n.sample || visit(n.sample->percentage); },
                          [&](DerivedTable& n) { return visit(n.query); },
                          [&](Join& n) { return visit(n.left, n.right, n.on); },
                          [&](ParenthesisedTables& n) { return visit(n.tables); },
                          [&](JsonTable& n) { return visit(n.document, n.path, n.columns); },
                      },
                      node.node);
}

bool visit_children(Query& node, const Children& children) {
    return std::visit(Visit(children), node.node);
}

bool visit_children(Statement& node, const Children& children) {
    Visit visit(children);
    return std::visit(
        Overload{
            [&](Query& n) { return visit(n); },
            [&](Insert& n) {
                const bool rows = std::visit([&](auto& body) { return visit(body); }, n.rows);
                return rows && visit(n.on_duplicate);
            },
            [&](Update& n) {
                return visit(n.with, n.tables, n.assignments, n.where, n.order_by, n.limit);
            },
            [&](Delete& n) { return visit(n.with, n.tables, n.where, n.order_by, n.limit); },
            [&](Set& n) { return visit(n.assignments); },
            [&](Show& n) { return visit(n.where); },
            [&](Ddl& n) { return visit(n.query); },
            [&](Vexplain& n) { return visit_children(*n.statement, children); },
            [&](Explain& n) { return visit_children(*n.statement, children); },
            [&](Call& n) { return visit(n.arguments); },
            [&](Kill& n) { return visit(n.id); },
            [&](Stream& n) { return visit(n.item, n.where, n.limit); },
            [](auto&) { return true; },
        },
        node.node);
}

std::vector<TableName*> table_names(Statement& statement) {
    std::vector<TableName*> names;
    if (auto* insert = statement.as<Insert>()) names.push_back(&insert->table);
    if (auto* stream = statement.as<Stream>()) names.push_back(&stream->table);
    if (auto* call = statement.as<Call>()) names.push_back(&call->procedure);
    if (auto* ddl = statement.as<Ddl>()) {
        for (TableName& name : ddl->tables) names.push_back(&name);
    }
    walk(statement, [&](TableRef& table) {
        if (auto* aliased = table.as<AliasedTable>()) names.push_back(&aliased->table);
    });
    return names;
}

std::vector<const TableName*> table_names(const Statement& statement) {
    // The statement is only read: the walk hands out what it was given.
    const std::vector<TableName*> names = table_names(const_cast<Statement&>(statement));
    return {names.begin(), names.end()};
}

}  // namespace sluice::sql
