// Step 5 of a request, phase 2b: do all tables of a query lie together, and on which shards.
// Before: learn.cc. After: split.cc for several shards, lower.cc for one.
#include "planner/detail/merge.h"

#include <algorithm>

#include "planner/detail/refusal.h"
#include "sql/walk.h"
#include "vindex/create.h"

namespace sluice::planner {

namespace {

int rank(plan::Opcode opcode) {
    switch (opcode) {
        case plan::Opcode::equal_unique:
            return 0;
        case plan::Opcode::in:
            return 1;
        case plan::Opcode::multi_equal:
            return 2;
        case plan::Opcode::sub_shard:
            return 3;
        default:
            return 4;
    }
}

bool is_better(const Option& left, const Option& right) {
    if (left.opcode != right.opcode) return rank(left.opcode) < rank(right.opcode);
    return left.cost < right.cost;
}

bool same_classes(const ShardKey& left, const ShardKey& right, const Classes& classes) {
    if (left.vindex != right.vindex || left.nodes.size() != right.nodes.size()) return false;
    for (std::size_t i = 0; i < left.nodes.size(); ++i) {
        if (!classes.same(left.nodes[i], right.nodes[i])) return false;
    }
    return true;
}

bool has_same_key(const std::vector<ShardKey>& keys, const ShardKey& wanted,
                  const Classes& classes) {
    return std::ranges::any_of(
        keys, [&](const ShardKey& key) { return same_classes(key, wanted, classes); });
}

std::vector<Option> common(const std::vector<Option>& left, const std::vector<Option>& right) {
    std::vector<Option> result;
    for (const Option& option : left) {
        if (contains(right, option)) result.push_back(option);
    }
    return result;
}

void set_single(Site& site, std::vector<Option> singles) {
    site.kind = Site::Kind::single;
    site.option = *std::ranges::min_element(singles, is_better);
    site.singles = std::move(singles);
}

// The names under which a class of the inner query leaves it.
std::vector<std::string> output_names(const SelectScope& inner, const Source& derived,
                                      const Classes& classes, int node) {
    std::vector<std::string> names;
    const auto offer = [&](const std::string& name) {
        const auto column = output_column(inner, derived, name);
        if (!column) return;
        const Source* source = inner.source(column->source);
        const auto known = classes.known(*column);
        if (source == nullptr || source->nullable || !known || !classes.same(*known, node)) return;
        names.push_back(sql::lower_case(name));
    };
    for (const std::string& name : derived.columns) offer(name);
    if (!derived.columns.empty()) return names;
    for (const sql::SelectItem& item : inner.select->items) {
        if (const auto* expression = std::get_if<sql::SelectExpr>(&item)) {
            const auto* column = expression->expression.as<sql::Column>();
            if (column != nullptr)
                offer(expression->alias.empty() ? column->name : expression->alias);
        } else {
            for (const ColumnKey& member : classes.members(node)) offer(member.column);
        }
    }
    return names;
}

bool is_local(const SelectScope& scope, const Site& site, const Classes& classes) {
    const sql::Select& select = *scope.select;
    if (select.limit || has_windows(select)) return false;
    if (select.group_by.grouping != sql::Grouping::plain) return false;
    if (!select.group_by.items.empty()) {
        std::vector<const sql::Expr*> items;
        for (const sql::Expr& item : select.group_by.items) items.push_back(&item);
        if (!covers_key(scope, site, classes, items)) return false;
    } else if (has_aggregates(select)) {
        return false;
    }
    return !select.distinct || selects_key(scope, site, classes);
}

}  // namespace

// ---- instances ----

Merger::Instance Merger::table_instance(const Source& source, Classes& classes) {
    Instance result;
    const vschema::Table& table = *source.table;
    if (table.pinned) {
        Option fixed{
            .opcode = plan::Opcode::equal_unique,
            .vindex = must(vindex::create("binary", "binary", {})),
            .values = {{.from = Value{Type::varbinary, std::string(table.pinned->view())}}}};
        // Two pinned tables lie together if their ids are the same: one vindex object for all.
        if (!pinned_) pinned_ = fixed.vindex;
        fixed.vindex = pinned_;
        result.fixed.push_back(std::move(fixed));
        return result;
    }
    for (const vschema::ColumnVindex& column_vindex : table.column_vindexes) {
        const VindexHandle& vindex = column_vindex.vindex;
        if (column_vindex.partial || !vindex || !vindex->properties().unique) continue;
        if (vindex->properties().needs_queries || vindex->properties().lookup) continue;
        ShardKey key{.vindex = vindex, .cost = column_vindex.cost, .nullable = source.nullable};
        for (const std::string& name : column_vindex.columns) {
            key.nodes.push_back(classes.node({source.id, sql::lower_case(name)}));
            const vschema::Column* column = table.column(name);
            key.types.push_back(column != nullptr ? column->type : Type::null_type);
        }
        result.keys.push_back(std::move(key));
    }
    return result;
}

std::optional<Merger::Instance> Merger::derived_instance(const Source& source, Classes& classes) {
    const QueryScope& inner = *source.query;
    Classes inner_classes;
    const Site site = inner.is_union
                          ? query(inner, {}, {})
                          : select(*inner.selects.front(), inner.recursive, inner_classes, {});
    if (site.kind == Site::Kind::neutral) return std::nullopt;
    if (site.kind == Site::Kind::single) return Instance{.fixed = site.singles};
    if (!site.local) refuse("a derived table that must be computed from several shards");
    Instance result;
    if (inner.is_union) return result;
    if (!source.nullable) result.offered = site.option;
    for (const ShardKey& key : site.keys) {
        ShardKey outer{.vindex = key.vindex,
                       .types = key.types,
                       .cost = key.cost,
                       .nullable = source.nullable};
        for (const int node : key.nodes) {
            const auto names = output_names(*inner.selects.front(), source, inner_classes, node);
            if (names.empty()) break;
            const int first = classes.node({source.id, names.front()});
            for (const std::string& name : names) {
                classes.unify(classes.node({source.id, name}), first);
            }
            outer.nodes.push_back(first);
        }
        if (outer.nodes.size() == key.nodes.size()) result.keys.push_back(std::move(outer));
    }
    return result;
}

std::optional<Merger::Instance> Merger::instance(const Source& source, Classes& classes) {
    switch (source.kind) {
        case SourceKind::neutral:
        case SourceKind::system:
            return std::nullopt;
        case SourceKind::derived:
            return derived_instance(source, classes);
        case SourceKind::table:
            break;
    }
    if (source.table->kind == vschema::TableKind::reference) return std::nullopt;
    return table_instance(source, classes);
}

// ---- options ----

std::vector<Option> Merger::singles(const Instance& instance, const Classes& classes) {
    std::vector<Option> result = instance.fixed;
    for (const ShardKey& key : instance.keys) {
        if (key.nodes.size() > 1) {
            auto found = option(key, classes);
            if (found && found->opcode == plan::Opcode::equal_unique) {
                result.push_back(std::move(*found));
            }
            continue;
        }
        for (const Classes::Constant* constant : classes.constants(key.nodes.front())) {
            if (!is_routable(variables_, key, 0, constant->value)) continue;
            result.push_back({.opcode = plan::Opcode::equal_unique,
                              .vindex = key.vindex,
                              .values = {constant->value},
                              .cost = key.cost});
        }
    }
    return result;
}

std::optional<Option> Merger::option(const ShardKey& key, const Classes& classes) {
    Option result{.opcode = plan::Opcode::equal_unique, .vindex = key.vindex, .cost = key.cost};
    for (std::size_t i = 0; i < key.nodes.size(); ++i) {
        const auto constants = classes.constants(key.nodes[i]);
        const auto found = std::ranges::find_if(constants, [&](const Classes::Constant* constant) {
            return is_routable(variables_, key, i, constant->value);
        });
        if (found == constants.end()) break;
        result.values.push_back((*found)->value);
    }
    if (result.values.size() == key.nodes.size()) return result;
    if (auto found = list_option(key, classes)) return found;
    if (result.values.empty() || !key.vindex->properties().partial) return std::nullopt;
    result.opcode = plan::Opcode::sub_shard;
    return result;
}

// Lists for one column, or several columns of one tuple; other columns need constants.
std::optional<Option> Merger::list_option(const ShardKey& key, const Classes& classes) {
    for (const int start : key.nodes) {
        for (const Classes::List* list : classes.lists(start)) {
            Option result{
                .opcode = plan::Opcode::multi_equal, .vindex = key.vindex, .cost = key.cost};
            for (std::size_t i = 0; i < key.nodes.size(); ++i) {
                const auto lists = classes.lists(key.nodes[i]);
                const auto same = std::ranges::find_if(lists, [&](const Classes::List* other) {
                    return other->condition == list->condition &&
                           is_routable(variables_, key, i, other->values);
                });
                if (same != lists.end()) {
                    result.values.push_back((*same)->values);
                    continue;
                }
                const auto constants = classes.constants(key.nodes[i]);
                if (constants.empty()) break;
                if (!is_routable(variables_, key, i, constants.front()->value)) break;
                result.values.push_back(constants.front()->value);
            }
            if (result.values.size() != key.nodes.size()) continue;
            if (key.nodes.size() == 1 && !list->tuple) {
                result.opcode = plan::Opcode::in;
                result.condition = list->condition;
            }
            return result;
        }
    }
    return std::nullopt;
}

Option Merger::best(const std::vector<Instance>& instances, const Classes& classes) {
    Option result;
    for (const Instance& instance : instances) {
        if (is_better(instance.offered, result)) result = instance.offered;
        for (const ShardKey& key : instance.keys) {
            auto found = option(key, classes);
            if (found && is_better(*found, result)) result = std::move(*found);
        }
    }
    return result;
}

// ---- sites ----

Site Merger::merge(const SelectScope& scope, const std::vector<Instance>& instances,
                   const Classes& classes, const std::vector<ShardKey>& outer_keys) {
    Site site;
    if (instances.empty()) return site;
    std::vector<Option> together = singles(instances.front(), classes);
    for (const Instance& instance : instances)
        together = common(together, singles(instance, classes));
    if (!together.empty()) {
        set_single(site, std::move(together));
        return site;
    }
    const auto joined_by = [&](const ShardKey& key) {
        return std::ranges::all_of(instances, [&](const Instance& instance) {
            return has_same_key(instance.keys, key, classes);
        });
    };
    const auto& first = instances.front();
    if (instances.size() > 1 && std::ranges::none_of(first.keys, joined_by)) {
        refuse(scope.natural ? "natural join" : "cross-shard join");
    }
    if (!first.fixed.empty()) refuse("cross-shard join");
    site.kind = Site::Kind::multi;
    for (const Instance& instance : instances) {
        // On the inner side of an outer join a key may be NULL, wherever the row lies.
        std::ranges::copy_if(instance.keys, std::back_inserter(site.keys),
                             [](const ShardKey& key) { return !key.nullable; });
    }
    site.option = best(instances, classes);
    site.anchored = std::ranges::any_of(
        site.keys, [&](const ShardKey& key) { return has_same_key(outer_keys, key, classes); });
    return site;
}

Site Merger::select(const SelectScope& scope, bool recursive, Classes& classes,
                    const std::vector<ShardKey>& outer_keys) {
    learn(scope, variables_, classes);
    std::vector<Instance> instances;
    bool row_needs_shard = false;
    for (const Source& source : scope.sources) {
        auto found = instance(source, classes);
        if (!found) continue;
        instances.push_back(std::move(*found));
        if (!source.nullable) row_needs_shard = true;
    }
    Site site = merge(scope, instances, classes, outer_keys);
    if (site.kind == Site::Kind::multi) {
        // Rows of a reference table without a partner would come from each shard.
        if (!row_needs_shard) refuse("outer join of a reference table with a sharded one");
        if (recursive) refuse("recursive common table expression over several shards");
        site.local = scope.select != nullptr && is_local(scope, site, classes);
    }
    subqueries(scope, classes, site, outer_keys);
    return site;
}

void Merger::subqueries(const SelectScope& scope, const Classes& classes, Site& site,
                        const std::vector<ShardKey>& outer_keys) {
    std::vector<ShardKey> keys = outer_keys;
    keys.insert(keys.end(), site.keys.begin(), site.keys.end());
    for (const ExpressionQuery& subquery : scope.subqueries) {
        Classes inner = classes;
        learn_in_subquery(scope, subquery, inner);
        const Site found = query(*subquery.query, inner, keys);
        if (found.kind == Site::Kind::neutral) continue;
        if (found.kind == Site::Kind::multi) {
            if (!found.anchored) refuse("subquery over several shards");
            continue;
        }
        if (site.kind == Site::Kind::multi) refuse("subquery on another shard");
        auto together =
            site.kind == Site::Kind::neutral ? found.singles : common(site.singles, found.singles);
        if (together.empty()) refuse("subquery on another shard");
        set_single(site, std::move(together));
    }
}

Site Merger::query(const QueryScope& query, const Classes& outer,
                   const std::vector<ShardKey>& outer_keys) {
    if (!query.is_union) {
        Classes classes = outer;
        return select(*query.selects.front(), query.recursive, classes, outer_keys);
    }
    std::vector<Site> sites;
    for (const auto& branch : query.selects) {
        Classes classes = outer;
        sites.push_back(select(*branch, query.recursive, classes, outer_keys));
    }
    const auto is = [&](Site::Kind kind) {
        return [kind](const Site& site) { return site.kind == kind; };
    };
    Site result;
    if (std::ranges::all_of(sites, is(Site::Kind::neutral))) return result;
    if (std::ranges::none_of(sites, is(Site::Kind::multi))) {
        std::optional<std::vector<Option>> together;
        for (const Site& site : sites) {
            if (site.kind == Site::Kind::neutral) continue;
            together = together ? common(*together, site.singles) : site.singles;
        }
        if (together->empty()) refuse("union over several shards");
        set_single(result, std::move(*together));
        return result;
    }
    result.kind = Site::Kind::multi;
    result.anchored = std::ranges::all_of(sites, [](const Site& site) { return site.anchored; });
    result.local = query.all_distinct_free && !query.branch_limits &&
                   std::ranges::all_of(
                       sites, [](const Site& s) { return s.kind == Site::Kind::multi && s.local; });
    if (!result.local && !result.anchored) refuse("union over several shards");
    // Branches may choose shards in different ways; together they ask all.
    return result;
}

// ---- what a select keeps ----

bool covers_key(const SelectScope& scope, const Site& site, const Classes& classes,
                const std::vector<const sql::Expr*>& columns) {
    std::vector<int> nodes;
    for (const sql::Expr* expr : columns) {
        const auto* column = expr->as<sql::Column>();
        const auto key = column != nullptr ? resolve(scope, *column) : std::nullopt;
        if (!key) continue;
        const Source* source = scope.source(key->source);
        const auto node = classes.known(*key);
        if (source != nullptr && !source->nullable && node) nodes.push_back(*node);
    }
    return std::ranges::any_of(site.keys, [&](const ShardKey& key) {
        return std::ranges::all_of(key.nodes, [&](int wanted) {
            return std::ranges::any_of(nodes, [&](int node) { return classes.same(node, wanted); });
        });
    });
}

bool selects_key(const SelectScope& scope, const Site& site, const Classes& classes) {
    std::vector<const sql::Expr*> columns;
    std::vector<sql::Expr> starred;
    for (const sql::SelectItem& item : scope.select->items) {
        if (const auto* expression = std::get_if<sql::SelectExpr>(&item)) {
            columns.push_back(&expression->expression);
            continue;
        }
        const auto* star = std::get_if<sql::SelectStar>(&item);
        if (star == nullptr) continue;
        for (const ShardKey& key : site.keys) {
            for (const int node : key.nodes) {
                for (const ColumnKey& member : classes.members(node)) {
                    const Source* source = scope.source(member.source);
                    if (source == nullptr) continue;
                    const bool covered =
                        star->table.name.empty() || star->table.name == source->name;
                    if (!covered) continue;
                    starred.emplace_back(
                        sql::Column{.table = {.name = source->name}, .name = member.column});
                }
            }
        }
    }
    for (const sql::Expr& column : starred) columns.push_back(&column);
    return covers_key(scope, site, classes, columns);
}

namespace {

template <class F>
void each_expression(const sql::Select& select, F&& f) {
    for (const sql::SelectItem& item : select.items) {
        if (const auto* expression = std::get_if<sql::SelectExpr>(&item)) f(expression->expression);
    }
    if (select.having) f(**select.having);
    if (select.qualify) f(**select.qualify);
    for (const sql::OrderItem& item : select.order_by) f(item.expression);
}

}  // namespace

bool has_aggregates(const sql::Select& select) {
    bool found = false;
    each_expression(select, [&](const sql::Expr& expression) {
        sql::walk(
            expression,
            [&](const sql::Expr& e) {
                const auto* aggregate = e.as<sql::Aggregate>();
                if (aggregate != nullptr && !aggregate->over) found = true;
                if (e.is<sql::GroupConcat>()) found = true;
            },
            sql::Depth::this_query);
    });
    return found;
}

bool has_windows(const sql::Select& select) {
    bool found = !select.windows.empty() || select.qualify;
    each_expression(select, [&](const sql::Expr& expression) {
        sql::walk(
            expression,
            [&](const sql::Expr& e) {
                const auto* aggregate = e.as<sql::Aggregate>();
                const auto* call = e.as<sql::FunctionCall>();
                if (aggregate != nullptr && aggregate->over) found = true;
                if (call != nullptr && call->over) found = true;
            },
            sql::Depth::this_query);
    });
    return found;
}

}  // namespace sluice::planner
