#pragma once
// Rules that refuse statements by what they are, touch and carry, and by who asks
// (vttablet-contract 3.3): of a file, of a record in the topology, and for the tables that the
// shard's record denies. Immutable once made.
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/error.h"
#include "tabletserver/plan.h"
#include "tabletserver/variables.h"

namespace re2 {
class RE2;
}

namespace sluice::tabletserver {

// A regular expression of RE2's syntax, which v21's files are written in.
class RulePattern {
 public:
    // Every text matches.
    RulePattern() = default;
    // Put between ^ and $, without brackets, as v21 does. Error: no regular expression.
    static Result<RulePattern> whole(std::string_view pattern);
    // Matches texts that contain it.
    static Result<RulePattern> within(std::string_view pattern);

    explicit operator bool() const { return compiled_ != nullptr; }
    bool matches(std::string_view text) const;
    const std::string& text() const { return text_; }  // as it was given

 private:
    std::string text_;
    std::shared_ptr<const re2::RE2> compiled_;
};

// What a bind variable must be. Variable on the left, value on the right.
struct VariableCondition {
    enum class Op : std::uint8_t {
        none,  // is it there?
        equal,
        not_equal,
        less,
        at_least,
        more,
        at_most,
        match,
        no_match,
    };
    std::string name;
    bool on_absent = false;    // what is true if there is no such variable
    bool on_mismatch = false;  // what is true if its type cannot be compared with the value's
    Op op = Op::none;
    // Unsigned only if it is too large for a signed one.
    std::variant<std::monostate, std::int64_t, std::uint64_t, std::string, RulePattern> value;
};

struct QueryRule {
    enum class Action : std::uint8_t {
        fail,
        fail_retry,  // the gate waits, or asks another tablet
        // v21 lets a statement wait only for rules that it makes itself while a table is cut over;
        // one of a file lets it pass, and looks at no further rule.
        buffer,
    };
    std::string name;
    std::string description;
    RulePattern request_ip, user, query, leading_comment, trailing_comment;
    std::vector<std::string> plans;   // any of them; empty: all
    std::vector<std::string> tables;  // any of them
    RulePattern table_pattern;        // or a table that it matches; both empty: all
    std::vector<VariableCondition> variables;
    Action action = Action::fail;
};

// A statement that wants to run: what rules ask about it beyond its plan.
struct RuledStatement {
    std::string_view peer{};  // "10.1.2.3:4567"
    std::string_view user{};
    std::string_view leading{}, trailing{};  // comments
    const Variables* variables = nullptr;
};

class QueryRules {
 public:
    // json = [{"Name", "Description", "RequestIP", "User", "Query", "LeadingComment",
    //   "TrailingComment": texts, "Plans", "TableNames": lists of texts, "BindVarConds":
    //   [{"Name", "OnAbsent", "OnMismatch", "Operator", "Value"}], "Action": "FAIL", ...}]
    // Errors (INVALID_ARGUMENT) in v21's words.
    static Result<QueryRules> parse(std::string_view json);
    // Statements on tables that the shard's record denies; names in slashes are patterns.
    static Result<QueryRules> for_denied_tables(std::span<const std::string> tables);

    const std::vector<QueryRule>& rules() const { return rules_; }
    std::string to_json() const;  // compact, in v21's order

 private:
    std::vector<QueryRule> rules_;
};

// All rules of a tablet, by where they come from, in the order in which they are asked.
class RuleSources {
 public:
    struct Source {
        std::string name;
        std::shared_ptr<const QueryRules> rules;
    };
    // The same with this source's rules replaced.
    RuleSources with(std::string_view source, QueryRules rules) const;
    // Rules that may apply to a plan, by what its statement is: `text` has no comments around it.
    std::vector<const QueryRule*> for_plan(std::string_view text, const Plan& plan) const;
    std::string to_json() const;

 private:
    std::vector<Source> sources_;
};

inline constexpr std::string_view denied_tables_source = "DenyListQueryRules";
inline constexpr std::string_view file_source = "FILE_CUSTOM_RULE";
inline constexpr std::string_view topology_source = "TOPO_CUSTOM_RULE";

// The first of `rules` that applies decides. Errors: INVALID_ARGUMENT of FAIL, FAILED_PRECONDITION
// of FAIL_RETRY, in v21's words.
Result<void> check_rules(std::span<const QueryRule* const> rules, const RuledStatement& statement);

}  // namespace sluice::tabletserver
