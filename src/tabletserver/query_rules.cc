// Steps 4 and 5 of a request to a tablet: which rules a plan falls under, and whether one refuses
// the statement. Before: plan_cache.cc, detail/execute.cc. The file's form: detail/rule_json.cc.
#include "tabletserver/query_rules.h"

#include <algorithm>
#include <charconv>

#include <re2/re2.h>

#include "base/overload.h"
#include "values/type.h"

namespace sluice::tabletserver {
namespace {

using Op = VariableCondition::Op;

Result<std::shared_ptr<const re2::RE2>> compile(const std::string& pattern) {
    re2::RE2::Options quiet;
    quiet.set_log_errors(false);
    auto compiled = std::make_shared<const re2::RE2>(pattern, quiet);
    if (!compiled->ok())
        return fail(Code::invalid_argument, "processing " + pattern + ": " + compiled->error());
    return std::shared_ptr<const re2::RE2>(std::move(compiled));
}

template <class Value>
bool compare(Op op, const Value& left, const Value& right) {
    switch (op) {
        case Op::equal:
            return left == right;
        case Op::not_equal:
            return left != right;
        case Op::less:
            return left < right;
        case Op::at_least:
            return left >= right;
        case Op::more:
            return left > right;
        case Op::at_most:
            return left <= right;
        default:
            return false;
    }
}

template <class Number>
std::optional<Number> number_of(const Variable& variable) {
    const std::string_view text = variable.value;
    Number number = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool whole = read.ec == std::errc() && read.ptr == text.data() + text.size();
    if (variable.type == ::query::TUPLE || !whole) return std::nullopt;
    return number;
}

bool is_text_like(const Variable& variable) {
    constexpr std::uint16_t comparable =
        type_flag::integral | type_flag::floating | type_flag::text | type_flag::binary;
    return has_flag(static_cast<Type>(variable.type), comparable);
}

bool holds(const VariableCondition& condition, const Variable& variable) {
    const Op op = condition.op;
    const auto as_text = [&](auto test) {
        return is_text_like(variable) ? test(variable.value) : condition.on_mismatch;
    };
    return std::visit(
        Overload{
            [&](std::monostate) { return !condition.on_absent; },
            // What is no such number is taken for one beyond the type's other end, as in v21.
            [&](std::int64_t value) {
                const auto number = number_of<std::int64_t>(variable);
                if (number) return compare(op, *number, value);
                return op == Op::not_equal || op == Op::at_least || op == Op::more;
            },
            [&](std::uint64_t value) {
                const auto number = number_of<std::uint64_t>(variable);
                if (number) return compare(op, *number, value);
                return op == Op::not_equal || op == Op::less || op == Op::at_most;
            },
            [&](const std::string& value) {
                return as_text([&](std::string_view text) {
                    return compare(op, text, std::string_view(value));
                });
            },
            [&](const RulePattern& pattern) {
                return as_text([&](std::string_view text) {
                    return pattern.matches(text) == (op == Op::match);
                });
            },
        },
        condition.value);
}

bool holds(const VariableCondition& condition, const Variables& variables) {
    const Variable* const found = variables.find(condition.name);
    return found == nullptr ? condition.on_absent : holds(condition, *found);
}

bool covers(const QueryRule& rule, std::string_view text, const Plan& plan) {
    if (!rule.query.matches(text)) return false;
    const bool planned = rule.plans.empty() ||
                         std::ranges::find(rule.plans, plan_name(plan.kind)) != rule.plans.end();
    if (!planned) return false;
    if (rule.tables.empty() && !rule.table_pattern) return true;
    return std::ranges::any_of(plan.tables, [&](const std::string& table) {
        return std::ranges::find(rule.tables, table) != rule.tables.end() ||
               (rule.table_pattern && rule.table_pattern.matches(table));
    });
}

// v21 compares addresses with their port, and for calls by gRPC the name "gRPC" instead of the
// user's. Rules that are written for that apply, and those that mean what they say.
bool is_from(const QueryRule& rule, const RuledStatement& statement) {
    if (rule.request_ip) {
        const std::string_view host = statement.peer.substr(0, statement.peer.rfind(':'));
        if (!rule.request_ip.matches(statement.peer) && !rule.request_ip.matches(host))
            return false;
    }
    return !rule.user || rule.user.matches(statement.user) || rule.user.matches("gRPC");
}

bool applies(const QueryRule& rule, const RuledStatement& statement) {
    return rule.leading_comment.matches(statement.leading) &&
           rule.trailing_comment.matches(statement.trailing) && is_from(rule, statement) &&
           std::ranges::all_of(rule.variables, [&](const VariableCondition& condition) {
               return holds(condition, *statement.variables);
           });
}

}  // namespace

Result<RulePattern> RulePattern::whole(std::string_view pattern) {
    RulePattern made;
    made.text_ = pattern;
    made.compiled_ = TRY(compile("^" + made.text_ + "$"));
    return made;
}

Result<RulePattern> RulePattern::within(std::string_view pattern) {
    RulePattern made;
    made.text_ = pattern;
    made.compiled_ = TRY(compile(made.text_));
    return made;
}

bool RulePattern::matches(std::string_view text) const {
    return compiled_ == nullptr ||
           re2::RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), *compiled_);
}

Result<QueryRules> QueryRules::for_denied_tables(std::span<const std::string> tables) {
    QueryRules made;
    if (tables.empty()) return made;
    QueryRule rule{.name = "denied_table",
                   .description = "enforce denied tables",
                   .action = QueryRule::Action::fail_retry};
    std::string pattern;
    for (const std::string_view table : tables) {
        if (!table.starts_with('/')) {
            rule.tables.emplace_back(table);
            continue;
        }
        const std::size_t first = table.find_first_not_of('/');
        if (first == table.npos) continue;
        const std::string_view inside =
            table.substr(first, table.find_last_not_of('/') + 1 - first);
        pattern.append(pattern.empty() ? "(?:" : "|(?:").append(inside).append(")");
    }
    if (!pattern.empty()) rule.table_pattern = TRY(RulePattern::within(pattern));
    // Slashes alone deny nothing; without a table the rule would deny everything.
    if (!rule.tables.empty() || rule.table_pattern) made.rules_.push_back(std::move(rule));
    return made;
}

RuleSources RuleSources::with(std::string_view source, QueryRules rules) const {
    RuleSources made = *this;
    const auto found = std::ranges::find(made.sources_, source, &Source::name);
    auto shared = std::make_shared<const QueryRules>(std::move(rules));
    if (found == made.sources_.end()) {
        made.sources_.push_back({std::string(source), std::move(shared)});
        // Denied tables come first by their name: no other rule lets a statement pass them.
        std::ranges::sort(made.sources_, {}, &Source::name);
    } else {
        found->rules = std::move(shared);
    }
    return made;
}

std::vector<const QueryRule*> RuleSources::for_plan(std::string_view text, const Plan& plan) const {
    std::vector<const QueryRule*> found;
    for (const Source& source : sources_) {
        for (const QueryRule& rule : source.rules->rules()) {
            if (covers(rule, text, plan)) found.push_back(&rule);
        }
    }
    return found;
}

Result<void> check_rules(std::span<const QueryRule* const> rules, const RuledStatement& statement) {
    for (const QueryRule* const rule : rules) {
        if (!applies(*rule, statement)) continue;
        switch (rule->action) {
            case QueryRule::Action::fail:
                return fail(Code::invalid_argument, "disallowed due to rule: " + rule->description);
            case QueryRule::Action::fail_retry:
                return fail(Code::failed_precondition,
                            "disallowed due to rule: " + rule->description);
            case QueryRule::Action::buffer:
                return {};
        }
    }
    return {};
}

}  // namespace sluice::tabletserver
