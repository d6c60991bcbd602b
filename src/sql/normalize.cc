// Step 4 of a request: what the planner and the cache see: no literals, no functions that only the
// session can answer.
#include "sql/normalize.h"

#include <algorithm>

#include "base/overload.h"
#include "sql/detail/literals.h"
#include "sql/format.h"
#include "sql/walk.h"

namespace sluice::sql {
namespace {

constexpr std::uint16_t er_wrong_value = 1525;

// System variables that the gate answers for the session (contract 5.4).
constexpr std::string_view gate_variables[] = {"autocommit",
                                               "client_found_rows",
                                               "skip_query_plan_cache",
                                               "sql_select_limit",
                                               "transaction_mode",
                                               "ddl_strategy",
                                               "workload",
                                               "charset",
                                               "names",
                                               "session_uuid",
                                               "migration_context",
                                               "enable_system_settings",
                                               "read_after_write_gtid",
                                               "read_after_write_timeout",
                                               "session_track_gtids",
                                               "query_timeout",
                                               "version",
                                               "version_comment",
                                               "socket"};

struct SessionFunction {
    std::string_view name;
    std::string_view variable;
    bool Needs::* need;
};
constexpr SessionFunction session_functions[] = {
    {"last_insert_id", need::last_insert_id, &Needs::last_insert_id},
    {"found_rows", need::found_rows, &Needs::found_rows},
    {"row_count", need::row_count, &Needs::row_count},
    {"database", need::database, &Needs::database},
    {"schema", need::database, &Needs::database},
};

// Where the name stands in the list, at its end if it was not there.
std::size_t add_once(std::vector<std::string>& names, std::string name) {
    const auto found = std::ranges::find(names, name);
    const auto index = static_cast<std::size_t>(found - names.begin());
    if (found == names.end()) names.push_back(std::move(name));
    return index;
}

bool is_word_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

// (select 42): a query for one value without a table is that value.
Expr* lone_value(Expr& node) {
    Subquery* subquery = node.as<Subquery>();
    Select* select = subquery == nullptr ? nullptr : std::get_if<Select>(&subquery->query->node);
    if (select == nullptr || !select->from.empty() || select->items.size() != 1 || select->where ||
        select->having || select->limit || select->into || !select->group_by.items.empty() ||
        !select->order_by.empty() || select->lock != LockKind::none ||
        !select->with.tables.empty() || !select->windows.empty() || select->calc_found_rows) {
        return nullptr;
    }
    SelectExpr* item = std::get_if<SelectExpr>(&select->items[0]);
    if (item == nullptr || find<Aggregate>(item->expression) != nullptr ||
        find<Column>(item->expression) != nullptr) {
        return nullptr;
    }
    return &item->expression;
}

// Values that are 0, 1 or NULL, so that NOT NOT of them is what they are.
bool is_truth(const Expr& node) {
    return node.is<Compare>() || node.is<Is>() || node.is<Between>() || node.is<And>() ||
           node.is<Or>() || node.is<Xor>() || node.is<Exists>() || node.is<Not>() ||
           node.is<BoolLiteral>();
}

std::optional<CompareOp> inverse(CompareOp op) {
    switch (op) {
        case CompareOp::equal:
            return CompareOp::not_equal;
        case CompareOp::not_equal:
            return CompareOp::equal;
        case CompareOp::less:
            return CompareOp::greater_equal;
        case CompareOp::greater_equal:
            return CompareOp::less;
        case CompareOp::greater:
            return CompareOp::less_equal;
        case CompareOp::less_equal:
            return CompareOp::greater;
        case CompareOp::in:
            return CompareOp::not_in;
        case CompareOp::not_in:
            return CompareOp::in;
        case CompareOp::like:
            return CompareOp::not_like;
        case CompareOp::not_like:
            return CompareOp::like;
        case CompareOp::regexp:
            return CompareOp::not_regexp;
        case CompareOp::not_regexp:
            return CompareOp::regexp;
        case CompareOp::null_safe_equal:
            break;
    }
    return std::nullopt;
}

class RewritePass {
 public:
    RewritePass(const NormalizeOptions& options, Needs& needs) : options_(options), needs_(needs) {}

    void run(Statement& statement) {
        database_ = reads_no_table(statement);
        assignments_ = statement.as<Set>() == nullptr;
        walk(statement, [this](Query& query) { name_items(query); });
        rewrite(statement, [this](Expr& node) { expression(node); });
        conditions(statement);
    }

 private:
    // Only there v21 answers DATABASE() itself; elsewhere the planner decides.
    static bool reads_no_table(const Statement& statement) {
        const Query* query = statement.as<Query>();
        const Select* select = query == nullptr ? nullptr : std::get_if<Select>(&query->node);
        return select != nullptr && select->from.empty();
    }

    const SessionFunction* session_function(const Expr& node) const {
        const FunctionCall* call = node.as<FunctionCall>();
        if (call == nullptr || !call->arguments.empty() || !call->keyspace.empty()) return nullptr;
        for (const SessionFunction& function : session_functions) {
            if (!same_name(call->name, function.name)) continue;
            return database_ || function.need != &Needs::database ? &function : nullptr;
        }
        return nullptr;
    }

    bool is_session_variable(const Expr& node) const {
        if (node.is<Assign>()) return assignments_;
        const Variable* variable = node.as<Variable>();
        if (variable == nullptr) return false;
        if (variable->scope == VariableScope::user) return true;
        if (variable->scope != VariableScope::session &&
            variable->scope != VariableScope::session_implied)
            return false;
        const std::string name = lower_case(variable->name);
        if (std::ranges::find(options_.session_variables, name) != options_.session_variables.end())
            return true;
        if (options_.session_variable) return options_.session_variable(name);
        return std::ranges::find(gate_variables, name) != std::end(gate_variables);
    }

    static bool has_idle_distinct(const Expr& node) {
        const Aggregate* aggregate = node.as<Aggregate>();
        return aggregate != nullptr && aggregate->distinct &&
               (aggregate->kind == AggregateKind::min || aggregate->kind == AggregateKind::max);
    }

    // What changes its text keeps it as the column's name.
    void name_items(Query& query) {
        Select* select = std::get_if<Select>(&query.node);
        if (select == nullptr) return;
        for (SelectItem& item : select->items) {
            SelectExpr* expression = std::get_if<SelectExpr>(&item);
            if (expression == nullptr || !expression->alias.empty()) continue;
            const bool kept = walk(expression->expression, [this](Expr& node) {
                return session_function(node) == nullptr && !is_session_variable(node) &&
                       !has_idle_distinct(node) && lone_value(node) == nullptr;
            });
            if (!kept) expression->alias = format(expression->expression);
        }
    }

    void expression(Expr& node) {
        std::visit(Overload{
                       [&](FunctionCall&) { function(node); },
                       [&](Variable& variable) {
                           if (is_session_variable(node)) replace_variable(node, variable);
                       },
                       [&](Assign& assign) {
                           if (!assignments_) return;
                           assign.bound = true;
                           add_once(needs_.user_variables, lower_case(assign.variable.name));
                       },
                       [&](Aggregate& aggregate) {
                           if (has_idle_distinct(node)) aggregate.distinct = false;
                       },
                       [&](Compare& compare) { wrap_item(compare); },
                       [&](Not&) { push_not(node); },
                       [&](Exists&) { simplify_exists(node); },
                       [&](Subquery&) {
                           if (Expr* value = lone_value(node)) {
                               Expr inner = std::move(*value);
                               node = std::move(inner);
                           }
                       },
                       [](auto&) {},
                   },
                   node.node);
    }

    void function(Expr& node) {
        const SessionFunction* found = session_function(node);
        if (found == nullptr) return;
        needs_.*(found->need) = true;
        BindVariable variable;
        variable.name = found->variable;
        node = std::move(variable);
    }

    void replace_variable(Expr& node, const Variable& variable) {
        BindVariable replacement;
        if (variable.scope == VariableScope::user) {
            const std::size_t index = add_once(needs_.user_variables, lower_case(variable.name));
            replacement.name = user_variable_parameters(needs_)[index];
        } else {
            std::string name = lower_case(variable.name);
            replacement.name = std::string(need::system_variable) + name;
            add_once(needs_.system_variables, std::move(name));
        }
        node = std::move(replacement);
    }

    // IN (select 1) has become IN 1.
    static void wrap_item(Compare& compare) {
        if (compare.op != CompareOp::in && compare.op != CompareOp::not_in) return;
        Expr& right = *compare.right;
        const BindVariable* variable = right.as<BindVariable>();
        if (right.is<Tuple>() || right.is<Subquery>() || (variable != nullptr && variable->list))
            return;
        std::vector<Expr> items;
        items.push_back(std::move(right));
        right = Tuple{std::move(items)};
    }

    static void push_not(Expr& node) {
        Expr& operand = *node.as<Not>()->operand;
        if (Not* inner = operand.as<Not>(); inner != nullptr && is_truth(*inner->operand)) {
            Expr value = std::move(*inner->operand);
            node = std::move(value);
            return;
        }
        if (Compare* compare = operand.as<Compare>();
            compare != nullptr && compare->quantifier == Quantifier::none) {
            const auto op = inverse(compare->op);
            if (!op) return;
            compare->op = *op;
        } else if (BoolLiteral* literal = operand.as<BoolLiteral>()) {
            literal->value = !literal->value;
        } else {
            return;
        }
        Expr inner = std::move(operand);
        node = std::move(inner);
    }

    // A condition asks only whether a value is true: NOT NOT a is a there.
    static void condition(Expr& node) {
        if (Not* outer = node.as<Not>()) {
            if (Not* inner = outer->operand->as<Not>()) {
                Expr value = std::move(*inner->operand);
                node = std::move(value);
                return condition(node);
            }
            return condition(*outer->operand);
        }
        if (And* chain = node.as<And>()) std::ranges::for_each(chain->operands, &condition);
        if (Or* chain = node.as<Or>()) std::ranges::for_each(chain->operands, &condition);
    }

    static void conditions(Statement& statement) {
        const auto maybe = [](OptionalExpr& clause) {
            if (clause) condition(**clause);
        };
        if (Update* update = statement.as<Update>()) maybe(update->where);
        if (Delete* body = statement.as<Delete>()) maybe(body->where);
        walk(statement, [&](Query& query) {
            Select* select = std::get_if<Select>(&query.node);
            if (select == nullptr) return;
            maybe(select->where);
            maybe(select->having);
        });
        walk(statement, [&](TableRef& table) {
            if (Join* join = table.as<Join>()) maybe(join->on);
        });
    }

    // EXISTS asks for rows, not for what stands in them.
    static void simplify_exists(Expr& node) {
        Select* select = std::get_if<Select>(&node.as<Exists>()->query->node);
        if (select == nullptr || select->having || select->calc_found_rows) return;
        bool aggregates = false;
        bool only_aggregates = true;
        for (const SelectItem& item : select->items) {
            const SelectExpr* expression = std::get_if<SelectExpr>(&item);
            const bool aggregate =
                expression != nullptr && (expression->expression.is<Aggregate>() ||
                                          expression->expression.is<GroupConcat>());
            aggregates = aggregates || aggregate;
            only_aggregates = only_aggregates && aggregate;
        }
        if (select->group_by.items.empty() && aggregates) {
            if (only_aggregates && !select->limit) node = BoolLiteral{true};
            return;
        }
        select->group_by = {};
        select->distinct = false;
        select->items.clear();
        select->items.push_back(SelectExpr{Literal{LiteralKind::integer, "1", {}}, {}, {}});
    }

    const NormalizeOptions& options_;
    Needs& needs_;
    bool database_ = false;
    bool assignments_ = true;  // SET assigns itself
};

// MySQL applies sql_select_limit to the outermost query only.
void add_select_limit(Statement& statement, std::uint64_t limit) {
    Query* query = statement.as<Query>();
    if (query == nullptr) return;
    std::visit(
        [&](auto& body) {
            if (body.limit || body.into) return;
            body.limit =
                Limit{std::nullopt, Expr(Literal{LiteralKind::integer, std::to_string(limit), {}})};
        },
        query->node);
}

bool is_cached(const Statement& statement) {
    const bool kind = statement.as<Query>() != nullptr || statement.as<Insert>() != nullptr ||
                      statement.as<Update>() != nullptr || statement.as<Delete>() != nullptr ||
                      statement.as<Stream>() != nullptr;
    return kind && !directives(statement).is_set("skip_query_plan_cache");
}

}  // namespace

std::vector<std::string> user_variable_parameters(const Needs& needs) {
    std::vector<std::string> result;
    for (const std::string& name : needs.user_variables) {
        std::string parameter(need::user_variable);
        for (const char c : name) parameter += is_word_character(c) ? c : '_';
        while (std::ranges::find(result, parameter) != result.end()) parameter += '_';
        result.push_back(std::move(parameter));
    }
    return result;
}

bool can_normalize(const Statement& statement) {
    return statement.as<Query>() != nullptr || statement.as<Insert>() != nullptr ||
           statement.as<Update>() != nullptr || statement.as<Delete>() != nullptr ||
           statement.as<Set>() != nullptr || statement.as<Call>() != nullptr ||
           statement.as<Stream>() != nullptr || statement.as<Vexplain>() != nullptr;
}

Result<Normalized> normalize(Statement statement, const NormalizeOptions& options) {
    Normalized result;
    result.statement = std::move(statement);
    try {
        detail::LiteralPass literals(options, result);
        if (options.parameterise && can_normalize(result.statement)) {
            literals.reserve(result.statement);
            literals.statement(result.statement);
        }
        literals.finish();
    } catch (const detail::WrongTemporal& wrong) {
        return fail(Code::invalid_argument, er_wrong_value,
                    "Incorrect " + std::string(wrong.type) + " value: '" + wrong.text + "'");
    }
    if (options.rewrite) {
        RewritePass(options, result.needs).run(result.statement);
        detail::write_session(result.statement, options);
    }
    if (options.select_limit) add_select_limit(result.statement, *options.select_limit);
    result.cacheable = is_cached(result.statement);
    return result;
}

void rebind(std::string_view text, const Fingerprint& slots, const LexerMode& mode,
            const std::vector<BindSource>& sources, BindVars& variables) {
    for (std::size_t i = 0; i < sources.size() && i < variables.size(); ++i) {
        const BindSource& source = sources[i];
        if (source.count == 0) continue;
        BindValue& value = variables[i].second;
        const LiteralSlot& first = slots.slots()[source.slot];
        if (first.list) {
            value.list = slot_list(text, first, mode);
        } else if (value.is_list()) {
            value.list.clear();
            for (std::uint32_t j = 0; j < source.count; ++j) {
                value.list.push_back(slot_value(text, slots.slots()[source.slot + j], mode));
            }
        } else {
            const Type before = value.value.type;
            value.value = slot_value(text, first, mode);
            const bool temporal =
                before == Type::date || before == Type::time || before == Type::datetime;
            if (temporal) value.value.type = before;
        }
    }
}

std::uint64_t pinned_hash(std::string_view text, const Fingerprint& slots,
                          const std::vector<std::uint32_t>& pinned, const FingerprintSeed& seed) {
    std::uint64_t hash = seed.first ^ seed.second << 1;
    for (const std::uint32_t index : pinned) {
        const LiteralSlot& slot = slots.slots()[index];
        for (const char c : text.substr(slot.offset, slot.length)) {
            hash = (hash ^ static_cast<unsigned char>(c)) * 0x9fb21c651e98df25;
            hash ^= hash >> 29;
        }
        hash = (hash ^ slot.length) * 0xa0761d6478bd642f;
    }
    return hash;
}

}  // namespace sluice::sql
