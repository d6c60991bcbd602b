// Step 5 of a request, one SELECT over several shards. Shards filter, join, sort and aggregate
// their own rows; the gate merges sorted streams, adds up, and counts out LIMIT. Before: query.cc.
#include "planner/detail/split.h"

#include <algorithm>

#include "sql/walk.h"

namespace sluice::planner {

namespace {

bool is_constant(const sql::Expr& expression) {
    const auto* literal = expression.as<sql::Literal>();
    return expression.is<sql::NullLiteral>() || expression.is<sql::BoolLiteral>() ||
           expression.is<sql::BindVariable>() ||
           (literal != nullptr && literal->kind != sql::LiteralKind::integer);
}

bool holds_aggregate(const sql::Expr& expression) {
    return sql::find<sql::Aggregate>(expression, sql::Depth::this_query) != nullptr ||
           sql::find<sql::GroupConcat>(expression, sql::Depth::this_query) != nullptr;
}

class Split {
 public:
    Split(Building& building, const vschema::Keyspace& keyspace, sql::Select& select,
          const SelectScope& scope, const Site& site, const Classes& classes, std::string tables)
        : building_(building),
          select_(select),
          scope_(scope),
          site_(site),
          classes_(classes),
          tables_(std::move(tables)),
          routing_(route_to(keyspace, site)),
          columns_(select, scope) {}

    plan::Node run() {
        if (has_windows(select_)) refuse("OVER CLAUSE with sharded keyspace");
        check_grouping();
        split_list(building_, site_.option, routing_);
        read_groups();
        const bool aggregates = has_aggregates(select_) || !groups_.empty();
        std::vector<const sql::Expr*> grouped;
        for (const sql::Expr& group : groups_) grouped.push_back(&group);
        const bool whole_groups = !groups_.empty() && covers_key(scope_, site_, classes_, grouped);
        return aggregates && !whole_groups ? with_aggregates() : plain();
    }

 private:
    struct GroupKey {
        sql::Expr expression;
        plan::Key key;
    };

    void check_grouping() const {
        switch (select_.group_by.grouping) {
            case sql::Grouping::plain:
                return;
            case sql::Grouping::rollup:
                refuse("GROUP BY WITH ROLLUP not supported for sharded queries");
            case sql::Grouping::cube:
                refuse("GROUP BY CUBE over several shards");
            case sql::Grouping::sets:
                refuse("GROUPING SETS over several shards");
        }
    }

    // ---- rows as they come ----

    plan::Node plain() {
        const bool gate_distinct = select_.distinct && !selects_key(scope_, site_, classes_);
        if (gate_distinct && columns_.has_star()) {
            raise(Code::failed_precondition, er::unknown_error,
                  "VT09015: schema tracking required");
        }
        std::vector<plan::Key> order = order_keys();
        plan::Distinct distinct;
        if (gate_distinct) {
            for (std::size_t i = 0; i < columns_.visible(); ++i) {
                distinct.keys.push_back(columns_.key(columns_.written()[i], i, false));
            }
        }
        columns_.finish(order);
        const std::optional<sql::Limit> limit = select_.limit;
        const auto upper = push_limit();
        plan::Route route = make_our_route();
        route.order_by = std::move(order);
        route.upper_limit = upper;
        if (!gate_distinct) {
            route.extra_columns = static_cast<std::uint32_t>(columns_.extra());
            return limited(building_, limit, node_of(std::move(route)));
        }
        distinct.input = node_of(std::move(route));
        return limited(building_, limit, visible_of(node_of(std::move(distinct))));
    }

    std::vector<plan::Key> order_keys() {
        std::vector<plan::Key> keys;
        std::erase_if(select_.order_by,
                      [](const sql::OrderItem& item) { return is_constant(item.expression); });
        for (const sql::OrderItem& item : select_.order_by) {
            const auto target = columns_.target(item.expression);
            if (!target && columns_.hides(item.expression)) {
                refuse("ORDER BY an expression of an alias over several shards");
            }
            if (!target && select_.distinct)
                refuse("ORDER BY a column that DISTINCT does not select");
            const sql::Expr expression = target ? columns_.written()[*target] : item.expression;
            if (!target) check_exists(scope_, expression, mariadb_ ? "ORDER BY" : "order clause");
            const bool in_place = target && !columns_.has_star();
            const std::size_t column = in_place ? *target : columns_.column_of(expression);
            keys.push_back(columns_.key(expression, column, item.descending));
        }
        return keys;
    }

    // Each shard gives at most as many rows as the gate may need.
    std::optional<plan::VariableIndex> push_limit() {
        if (!select_.limit || !select_.limit->offset) return std::nullopt;
        const auto upper = building_.variables.make("__upper_limit");
        select_.limit = sql::Limit{.count = sql::Expr(sql::BindVariable{.name = "__upper_limit"})};
        return upper;
    }

    plan::Route make_our_route() {
        building_.rewritten = true;
        sql::Query query;
        query.node = select_;
        return make_route(building_, routing_, query, tables_);
    }

    plan::Node visible_of(plan::Node input) const {
        if (columns_.extra() == 0) return input;
        plan::Projection projection{.input = std::move(input)};
        for (std::size_t i = 0; i < columns_.visible(); ++i) {
            projection.columns.emplace_back(plan::PickColumn{static_cast<std::uint32_t>(i)});
        }
        return node_of(std::move(projection));
    }

    // ---- aggregates ----

    // GROUP BY with names of the select list and positions replaced by what they stand for.
    void read_groups() {
        for (const sql::Expr& item : select_.group_by.items) {
            const auto* column = item.as<sql::Column>();
            const bool is_name =
                item.is<sql::Literal>() || (column != nullptr && !surely_exists(scope_, *column));
            const auto target = is_name ? columns_.target(item, "group") : std::nullopt;
            if (!target) check_exists(scope_, item, mariadb_ ? "GROUP BY" : "group statement");
            groups_.push_back(target ? columns_.written()[*target] : item);
            if (holds_aggregate(groups_.back())) {
                raise(Code::invalid_argument, er::wrong_group_field,
                      "VT03005: cannot group on '" + text_of(item) + "'");
            }
            if (sql::find<sql::Subquery>(groups_.back()) != nullptr) {
                refuse("subqueries in GROUP BY");
            }
        }
    }

    plan::Node with_aggregates() {
        check_loaded();
        if (columns_.has_star()) refuse("`*` with aggregation over several shards");
        check_having();
        for (const sql::Expr& group : groups_) add_group(group);
        find_distinct();
        for (std::size_t i = 0; i < columns_.visible(); ++i) add_output(i);
        std::vector<plan::Key> sort = sort_keys();
        if (select_.distinct && !groups_.empty()) check_distinct();
        select_.distinct = false;
        const std::optional<sql::Limit> limit = std::exchange(select_.limit, std::nullopt);
        return assemble(std::move(sort), limit);
    }

    plan::Node assemble(std::vector<plan::Key> sort, const std::optional<sql::Limit>& limit) {
        write_grouping();
        plan::Route route = make_our_route();
        plan::Aggregate aggregate{.aggregates = std::move(aggregates_)};
        for (const GroupKey& key : keys_) aggregate.keys.push_back(key.key);
        route.order_by = aggregate.keys;
        if (distinct_key_) route.order_by.push_back(*distinct_key_);
        aggregate.input = node_of(std::move(route));
        plan::Node node = node_of(std::move(aggregate));
        const bool hidden = columns_.extra() > 0;
        if (!quotients_.empty()) node = with_quotients(std::move(node), sort.empty());
        const bool cut = quotients_.empty() || !sort.empty();
        if (!sort.empty())
            node = node_of(plan::Sort{.keys = std::move(sort), .input = std::move(node)});
        if (hidden && cut) node = visible_of(std::move(node));
        return limited(building_, limit, std::move(node));
    }

    plan::Node with_quotients(plan::Node input, bool only_visible) {
        plan::Projection projection{.input = std::move(input)};
        const std::size_t width = only_visible ? columns_.visible() : columns_.size();
        for (std::size_t i = 0; i < width; ++i) {
            const auto quotient = quotients_.find(i);
            if (quotient != quotients_.end()) {
                projection.columns.emplace_back(quotient->second);
            } else {
                projection.columns.emplace_back(plan::PickColumn{static_cast<std::uint32_t>(i)});
            }
        }
        return node_of(std::move(projection));
    }

    void add_group(const sql::Expr& group) {
        const bool repeated = std::ranges::any_of(
            keys_, [&](const GroupKey& key) { return columns_.same(key.expression, group); });
        if (repeated) return;
        keys_.push_back({group, columns_.key(group, columns_.column_of(group), false)});
    }

    // What a server has loaded cannot be put together of parts.
    void check_loaded() const {
        sql::Query query{.node = select_};
        sql::for_each<sql::Aggregate>(
            query,
            [&](const sql::Aggregate& aggregate) {
                if (aggregate.kind != sql::AggregateKind::loaded) return;
                refuse("Aggregate UDF '" + text_of(sql::Expr(aggregate)) +
                       "' must be pushed down to MySQL");
            },
            sql::Depth::this_query);
    }

    // HAVING on group keys alone can be answered by each shard for its part of a group.
    void check_having() {
        if (!select_.having) return;
        const sql::Expr& having = **select_.having;
        bool simple = !groups_.empty() && !holds_aggregate(having) && !columns_.hides(having) &&
                      sql::find<sql::Subquery>(having) == nullptr &&
                      sql::find<sql::Exists>(having) == nullptr;
        sql::for_each<sql::Column>(having, [&](const sql::Column& column) {
            simple = simple && std::ranges::any_of(groups_, [&](const sql::Expr& group) {
                         return columns_.same(group, sql::Expr(column));
                     });
        });
        if (!simple) refuse("HAVING on aggregates over several shards");
    }

    void check_distinct() {
        const bool all_selected = std::ranges::all_of(keys_, [&](const GroupKey& key) {
            return std::ranges::any_of(columns_.written(), [&](const sql::Expr& written) {
                return columns_.same(written, key.expression);
            });
        });
        if (!all_selected) refuse("DISTINCT with GROUP BY over several shards");
    }

    bool is_gate_distinct(const sql::Aggregate& aggregate) const {
        using sql::AggregateKind;
        if (!aggregate.distinct) return false;
        if (aggregate.kind == AggregateKind::min || aggregate.kind == AggregateKind::max)
            return false;
        if (aggregate.arguments.size() != 1) {
            refuse("distinct aggregation function with multiple expressions");
        }
        return !covers_key(scope_, site_, classes_, {&aggregate.arguments.front()});
    }

    // Values of one DISTINCT aggregate become a further group key of the shards.
    void find_distinct() {
        const auto visit = [&](const sql::Expr& expression) {
            const auto* aggregate = expression.as<sql::Aggregate>();
            if (aggregate == nullptr || !is_gate_distinct(*aggregate)) return;
            const sql::Expr& argument = aggregate->arguments.front();
            if (distinct_argument_ && !columns_.same(*distinct_argument_, argument)) {
                refuse("only one DISTINCT aggregation is allowed in a SELECT");
            }
            distinct_argument_ = argument;
        };
        for (const sql::Expr& written : columns_.written()) visit(written);
        for (const sql::OrderItem& item : select_.order_by) visit(item.expression);
        if (!distinct_argument_) return;
        const std::size_t column = columns_.add(*distinct_argument_);
        distinct_key_ = columns_.key(*distinct_argument_, column, false);
    }

    sql::Expr& expression_at(std::size_t column) {
        return std::get<sql::SelectExpr>(select_.items[column]).expression;
    }

    void add_output(std::size_t column) {
        const sql::Expr written = expression_at(column);
        if (const auto* aggregate = written.as<sql::Aggregate>()) {
            add_aggregate(column, *aggregate, written);
        } else if (holds_aggregate(written)) {
            refuse("in scatter query: complex aggregate expression");
        }
    }

    void add_aggregate(std::size_t column, const sql::Aggregate& aggregate,
                       const sql::Expr& written) {
        using sql::AggregateKind;
        plan::AggregateColumn result{.column = static_cast<std::uint32_t>(column)};
        result.alias = column < columns_.visible() && !columns_.alias(column).empty()
                           ? columns_.alias(column)
                           : text_of(written);
        if (is_gate_distinct(aggregate)) {
            if (aggregate.kind == AggregateKind::avg) refuse("AVG(distinct <>)");
            if (aggregate.kind != AggregateKind::count && aggregate.kind != AggregateKind::sum) {
                refuse("in scatter query: aggregation function '" + text_of(written) + "'");
            }
            result.kind = aggregate.kind == AggregateKind::count
                              ? plan::AggregateKind::count_distinct
                              : plan::AggregateKind::sum_distinct;
            result.weight = distinct_key_->weight;
            std::get<sql::SelectExpr>(select_.items[column]).alias.clear();
            expression_at(column) = *distinct_argument_;
            aggregates_.push_back(std::move(result));
            return;
        }
        switch (aggregate.kind) {
            case AggregateKind::count:
            case AggregateKind::count_star:
                result.kind = plan::AggregateKind::count;
                break;
            case AggregateKind::sum:
                result.kind = plan::AggregateKind::sum;
                break;
            case AggregateKind::any_value:
                result.kind = plan::AggregateKind::any_value;
                break;
            case AggregateKind::min:
            case AggregateKind::max:
                return add_extreme(std::move(result), aggregate, written);
            case AggregateKind::avg:
                return add_average(std::move(result), aggregate);
            default:
                refuse("in scatter query: aggregation function '" + text_of(written) + "'");
        }
        aggregates_.push_back(std::move(result));
    }

    void add_extreme(plan::AggregateColumn result, const sql::Aggregate& aggregate,
                     const sql::Expr& written) {
        result.kind = aggregate.kind == sql::AggregateKind::min ? plan::AggregateKind::min
                                                                : plan::AggregateKind::max;
        const ComparisonOf comparison = comparison_of(scope_, written);
        if (comparison.kind == Comparison::weighted) {
            result.weight =
                static_cast<std::uint32_t>(columns_.add(weight_of(written, comparison.pads)));
        }
        aggregates_.push_back(std::move(result));
    }

    void add_average(plan::AggregateColumn sum, const sql::Aggregate& aggregate) {
        if (aggregate.distinct) refuse("AVG(distinct <>)");
        sql::Aggregate part = aggregate;
        part.kind = sql::AggregateKind::count;
        plan::AggregateColumn count{.kind = plan::AggregateKind::count};
        count.alias = text_of(sql::Expr(part));
        count.column = static_cast<std::uint32_t>(columns_.add(sql::Expr(part)));
        part.kind = sql::AggregateKind::sum;
        const std::size_t column = sum.column;
        quotients_[column] = {.sum = sum.column, .count = count.column, .name = sum.alias};
        sum.kind = plan::AggregateKind::sum;
        sum.alias = text_of(sql::Expr(part));
        std::get<sql::SelectExpr>(select_.items[column]).alias.clear();
        expression_at(column) = sql::Expr(std::move(part));
        aggregates_.push_back(std::move(sum));
        const bool counted = std::ranges::any_of(
            aggregates_, [&](const auto& other) { return other.column == count.column; });
        if (!counted) aggregates_.push_back(std::move(count));
    }

    // ---- order of groups ----

    const GroupKey* group_of(const sql::Expr& expression) const {
        for (const GroupKey& key : keys_) {
            if (columns_.same(key.expression, expression)) return &key;
        }
        return nullptr;
    }

    // If ORDER BY names group keys only, shards sort that way and nothing is left to sort.
    std::vector<plan::Key> sort_keys() {
        if (groups_.empty()) return {};
        std::vector<GroupKey> ordered;
        std::vector<plan::Key> sort;
        bool only_groups = true;
        for (const sql::OrderItem& item : select_.order_by) {
            if (is_constant(item.expression)) continue;
            const auto target = columns_.target(item.expression);
            const sql::Expr expression = target ? columns_.written()[*target] : item.expression;
            if (const GroupKey* group = group_of(expression)) {
                ordered.push_back(*group);
                ordered.back().key.descending = item.descending;
                sort.push_back(ordered.back().key);
                continue;
            }
            only_groups = false;
            sort.push_back(aggregate_key(expression, target, item.descending));
        }
        if (!only_groups) return sort;
        for (const GroupKey& key : keys_) {
            const bool there = std::ranges::any_of(
                ordered, [&](const GroupKey& other) { return other.expression == key.expression; });
            if (!there) ordered.push_back(key);
        }
        // A key that is named twice orders by its first place.
        keys_.clear();
        for (GroupKey& key : ordered) {
            if (group_of(key.expression) == nullptr) keys_.push_back(std::move(key));
        }
        return {};
    }

    plan::Key aggregate_key(const sql::Expr& expression, std::optional<std::size_t> target,
                            bool descending) {
        const auto* aggregate = expression.as<sql::Aggregate>();
        if (aggregate == nullptr)
            refuse("ORDER BY neither a group nor an aggregate over several shards");
        std::size_t column = 0;
        if (target) {
            column = *target;
        } else {
            column = columns_.add(expression);
            const bool known = std::ranges::any_of(
                aggregates_, [&](const auto& other) { return other.column == column; });
            if (!known) add_aggregate(column, *aggregate, expression);
        }
        plan::Key key{.column = static_cast<std::uint32_t>(column), .descending = descending};
        for (const plan::AggregateColumn& found : aggregates_) {
            if (found.column == column && (found.kind == plan::AggregateKind::min ||
                                           found.kind == plan::AggregateKind::max)) {
                key.weight = found.weight;
            }
        }
        return key;
    }

    // ---- the shards' GROUP BY and ORDER BY ----

    void write_grouping() {
        std::vector<sql::Expr> groups;
        std::vector<sql::OrderItem> order;
        const auto position = [](std::uint32_t column) {
            return sql::Expr(sql::Literal{.kind = sql::LiteralKind::integer,
                                          .text = std::to_string(column + 1)});
        };
        const auto write = [&](const sql::Expr& expression, const plan::Key& key) {
            // Servers do not all see that an expression of the select list is a group key; and a
            // name that is another column's alias would order by that one.
            const bool plain = expression.is<sql::Column>();
            groups.push_back(plain ? expression : position(key.column));
            if (key.weight) {
                groups.push_back(plain ? expression_at(*key.weight) : position(*key.weight));
            }
            const bool by_name = plain && !columns_.hides(expression);
            order.push_back({.expression = by_name ? expression : position(key.column),
                             .descending = key.descending});
        };
        for (const GroupKey& key : keys_) write(key.expression, key.key);
        if (distinct_key_) write(*distinct_argument_, *distinct_key_);
        select_.group_by.items = std::move(groups);
        select_.order_by = std::move(order);
    }

    Building& building_;
    const bool mariadb_ = building_.context.mariadb;
    sql::Select& select_;
    const SelectScope& scope_;
    const Site& site_;
    const Classes& classes_;
    std::string tables_;
    plan::Routing routing_;
    ShardColumns columns_;
    std::vector<sql::Expr> groups_;  // GROUP BY resolved
    std::vector<GroupKey> keys_;
    std::vector<plan::AggregateColumn> aggregates_;
    std::map<std::size_t, plan::Quotient> quotients_;
    std::optional<sql::Expr> distinct_argument_;
    std::optional<plan::Key> distinct_key_;
};

}  // namespace

plan::Node plan_split(Building& building, const vschema::Keyspace& keyspace, sql::Select& select,
                      const SelectScope& scope, const Site& site, const Classes& classes,
                      std::string tables) {
    return Split(building, keyspace, select, scope, site, classes, std::move(tables)).run();
}

}  // namespace sluice::planner
