#pragma once
// Walks over trees. children(node, f) calls f once for each direct child of the three kinds that
// recurse: Expr, TableRef and Query, in the order of the text; the rest is built from it.
//
//   for_each<Column>(select, [&](const Column& column) { ... });       // everywhere below,
//   subqueries included bool has = find<Aggregate>(expression, Depth::this_query) != nullptr;
//   rewrite(expression, [](Expr& e) { if (auto* not_ = e.as<Not>()) ...; });   // children first
#include <type_traits>
#include <utility>

#include "sql/ast.h"

namespace sluice::sql {

// Shall a walk enter subqueries, derived tables and common tables?
enum class Depth : std::uint8_t { everything, this_query };

// The three kinds of child nodes, as one visitor sees them; unset ones are skipped.
struct Children {
    void* context = nullptr;
    bool (*expr)(void* context, Expr& child) = nullptr;
    bool (*table)(void* context, TableRef& child) = nullptr;
    bool (*query)(void* context, Query& child) = nullptr;
};
// Direct children, in the order of the text, until one answers false; the answer says whether all
// were seen.
bool visit_children(Expr& node, const Children& children);
bool visit_children(TableRef& node, const Children& children);
bool visit_children(Query& node, const Children& children);
bool visit_children(Statement& node, const Children& children);

namespace detail {

template <class F, class Node>
bool call(F& f, Node& node) {
    if constexpr (std::is_invocable_v<F&, Node&>) {
        if constexpr (std::is_same_v<std::invoke_result_t<F&, Node&>, bool>) {
            return f(node);
        } else {
            f(node);
            return true;
        }
    } else {
        return true;
    }
}

template <class F>
struct Walk {
    F& f;
    Depth depth;
    bool children_first;

    Children children() {
        return {this, [](void* self, Expr& e) { return static_cast<Walk*>(self)->enter(e); },
                [](void* self, TableRef& t) { return static_cast<Walk*>(self)->enter(t); },
                [](void* self, Query& q) { return static_cast<Walk*>(self)->enter_query(q); }};
    }
    template <class Node>
    bool enter(Node& node) {
        if (!children_first && !call(f, node)) return false;
        if (!visit_children(node, children())) return false;
        return !children_first || call(f, node);
    }
    bool enter_query(Query& query) { return depth == Depth::this_query || enter(query); }
};

}  // namespace detail

// f(Expr&), f(TableRef&), f(Query&) as far as f takes them, for `node` and all below, parents
// first; f may answer false to stop. True if the walk was not stopped. Under Depth::this_query
// nested queries are not entered; a Query given as the root always is.
template <class Node, class F>
bool walk(Node& node, F&& f, Depth depth = Depth::everything) {
    detail::Walk<std::remove_reference_t<F>> walker{f, depth, false};
    if constexpr (std::is_same_v<std::remove_const_t<Node>, Statement>) {
        return visit_children(const_cast<Statement&>(node), walker.children());
    } else {
        return walker.enter(const_cast<std::remove_const_t<Node>&>(node));
    }
}
// The same, children first: f may replace the node that it is given.
template <class Node, class F>
void rewrite(Node& node, F&& f, Depth depth = Depth::everything) {
    detail::Walk<std::remove_reference_t<F>> walker{f, depth, true};
    if constexpr (std::is_same_v<Node, Statement>) {
        visit_children(node, walker.children());
    } else {
        walker.enter(node);
    }
}

// f(const T&) for each expression or table reference of alternative T at or below `node`.
template <class T, class Node, class F>
void for_each(const Node& node, F&& f, Depth depth = Depth::everything) {
    const auto visit = [&](const auto& found) {
        if constexpr (is_alternative<T, std::remove_cvref_t<decltype(found.node)>>) {
            if (const T* alternative = std::get_if<T>(&found.node)) f(*alternative);
        }
    };
    walk(node, visit, depth);
}
// The first expression or table reference of alternative T at or below `node`; nullptr when there
// is none.
template <class T, class Node>
const T* find(const Node& node, Depth depth = Depth::everything) {
    const T* result = nullptr;
    walk(
        node,
        [&](const auto& candidate) {
            if constexpr (is_alternative<T, std::remove_cvref_t<decltype(candidate.node)>>) {
                result = std::get_if<T>(&candidate.node);
            }
            return result == nullptr;
        },
        depth);
    return result;
}

// The tables named in FROM clauses and DML of the statement, subqueries included, in the order of
// the text.
std::vector<const TableName*> table_names(const Statement& statement);
std::vector<TableName*> table_names(Statement& statement);

}  // namespace sluice::sql
