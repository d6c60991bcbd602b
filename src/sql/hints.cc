// Step 4 of a request: what comments say to the gate and to MySQL's optimizer, read and written.
#include <algorithm>
#include <charconv>

#include "base/overload.h"
#include "sql/detail/literals.h"
#include "sql/format.h"
#include "sql/normalize.h"
#include "sql/parse.h"
#include "sql/walk.h"

namespace sluice::sql {
namespace {

constexpr std::uint16_t er_unknown = 1105;
constexpr std::string_view checks_name = "foreign_key_checks";
constexpr int max_priority = 100;

const Comments* comments_of(const Statement& statement) {
    return std::visit(Overload{
                          [](const Query& query) -> const Comments* {
                              const Query* first = &query;
                              while (const auto* unified = std::get_if<Union>(&first->node))
                                  first = &*unified->branches.front().query;
                              return &std::get<Select>(first->node).comments;
                          },
                          [](const auto& node) -> const Comments* {
                              if constexpr (requires { node.comments; })
                                  return &node.comments;
                              else
                                  return nullptr;
                          },
                      },
                      statement.node);
}

bool is_space(char c) {
    return static_cast<unsigned char>(c) <= ' ';
}

std::string_view trim(std::string_view text) {
    const std::size_t start = text.find_first_not_of(" \t\r\n");
    if (start == std::string_view::npos) return {};
    return text.substr(start, text.find_last_not_of(" \t\r\n") - start + 1);
}

// One optimizer hint: NAME(content).
struct OptimizerHint {
    std::string_view name;
    std::string_view content;
};

// The hints of a comment /*+ .. */, up to the first that is malformed.
std::vector<OptimizerHint> optimizer_hints(std::string_view comment) {
    std::vector<OptimizerHint> hints;
    std::string_view rest = comment.substr(3, comment.size() - 5);
    while (true) {
        const std::size_t open = rest.find('(');
        if (open == std::string_view::npos) return hints;
        int depth = 0;
        std::size_t end = open;
        for (; end < rest.size(); ++end) {
            if (rest[end] == '(') ++depth;
            if (rest[end] == ')' && --depth == 0) break;
        }
        if (end == rest.size()) return hints;
        hints.push_back({trim(rest.substr(0, open)), rest.substr(open + 1, end - open - 1)});
        rest.remove_prefix(end + 1);
    }
}

bool sets_checks(const OptimizerHint& hint) {
    const std::size_t equal = hint.content.find('=');
    return same_name(hint.name, "set_var") && equal != std::string_view::npos &&
           same_name(trim(hint.content.substr(0, equal)), checks_name);
}

// SET_VAR(foreign_key_checks = value) of the first comment with optimizer hints.
std::optional<bool> checks_of(const Comments& comments) {
    const auto first = std::ranges::find_if(
        comments, [](const std::string& comment) { return comment.starts_with("/*+"); });
    if (first == comments.end()) return std::nullopt;
    for (const OptimizerHint& hint : optimizer_hints(*first)) {
        if (!sets_checks(hint)) continue;
        const std::string_view value = trim(hint.content.substr(hint.content.find('=') + 1));
        if (same_name(value, "on") || value == "1") return true;
        if (same_name(value, "off") || value == "0") return false;
        return std::nullopt;
    }
    return std::nullopt;
}

std::optional<std::int64_t> number_of(const std::string* text) {
    std::int64_t number = 0;
    if (text == nullptr || text->empty()) return std::nullopt;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
    if (error != std::errc{} || end != text->data() + text->size()) return std::nullopt;
    return number;
}

// Adds a hint to the first comment with optimizer hints, which MySQL alone reads; it stands first.
void add_hint(Comments& comments, const std::string& hint) {
    const auto first = std::ranges::find_if(
        comments, [](const std::string& comment) { return comment.starts_with("/*+"); });
    if (first == comments.end()) {
        comments.insert(comments.begin(), "/*+ " + hint + " */");
        return;
    }
    std::string comment = std::move(*first);
    comments.erase(first);
    if (!comment.contains(hint)) {
        comment = trim(std::string_view(comment).substr(0, comment.size() - 2));
        comment += " " + hint + " */";
    }
    comments.insert(comments.begin(), std::move(comment));
}

// SET_VAR(foreign_key_checks = ..) gets the session's value, in its place or behind the others.
void set_checks(Comments& comments, bool value) {
    const std::string wanted = "(" + std::string(checks_name) + (value ? "=On)" : "=Off)");
    const auto first = std::ranges::find_if(
        comments, [](const std::string& comment) { return comment.starts_with("/*+"); });
    if (first == comments.end()) {
        comments.push_back("/*+ SET_VAR" + wanted + " */");
        return;
    }
    std::string result = "/*+";
    bool found = false;
    for (const OptimizerHint& hint : optimizer_hints(*first)) {
        const bool replaced = sets_checks(hint);
        found = found || replaced;
        result += " " + std::string(hint.name);
        result += replaced ? wanted : "(" + std::string(hint.content) + ")";
    }
    if (!found) result += " SET_VAR" + wanted;
    *first = result + " */";
}

bool is_system_schema(std::string_view name) {
    static constexpr std::string_view names[] = {"information_schema", "performance_schema",
                                                 "mysql", "sys"};
    return std::ranges::any_of(names, [&](std::string_view one) { return same_name(one, name); });
}

}  // namespace

namespace detail {

void write_session(Statement& statement, const NormalizeOptions& options) {
    const auto hint = [&](Comments& comments) {
        if (!options.set_var_hint.empty()) add_hint(comments, options.set_var_hint);
        if (options.foreign_key_checks) set_checks(comments, *options.foreign_key_checks);
    };
    std::visit(Overload{
                   [&](Insert& insert) { hint(insert.comments); },
                   [&](Update& update) { hint(update.comments); },
                   [&](Delete& body) { hint(body.comments); },
                   [](auto&) {},
               },
               statement.node);
    if (!options.set_var_hint.empty() || options.foreign_key_checks) {
        walk(statement, [&](Query& query) {
            if (Select* select = std::get_if<Select>(&query.node)) hint(select->comments);
        });
    }
    if (!is_system_schema(options.keyspace)) return;
    const auto qualify = [&](TableName& name) {
        if (name.keyspace.empty() && name.name != "dual") name.keyspace = options.keyspace;
    };
    if (Insert* insert = statement.as<Insert>()) qualify(insert->table);
    walk(statement, [&](TableRef& table) {
        if (AliasedTable* aliased = table.as<AliasedTable>()) qualify(aliased->table);
    });
}

}  // namespace detail

const std::string* Directives::find(std::string_view key) const {
    for (const auto& [name, value] : entries) {
        if (same_name(name, key)) return &value;
    }
    return nullptr;
}

bool Directives::is_set(std::string_view key) const {
    const std::string* value = find(key);
    return value != nullptr && *value != "0" && !same_name(*value, "false");
}

Directives directives(const Statement& statement) {
    Directives result;
    const Comments* comments = comments_of(statement);
    if (comments == nullptr) return result;
    for (const std::string& comment : *comments) {
        std::string_view body = comment;
        if (!body.starts_with("/*vt+")) continue;
        body = body.substr(5, body.size() - 7);
        while (!body.empty()) {
            const std::size_t start = body.find_first_not_of(" \t\r\n");
            if (start == std::string_view::npos) break;
            body.remove_prefix(start);
            const std::string_view entry = body.substr(0, body.find_first_of(" \t\r\n"));
            body.remove_prefix(entry.size());
            const std::size_t equal = entry.find('=');
            std::string value =
                equal == std::string_view::npos ? "true" : std::string(entry.substr(equal + 1));
            if (value.size() >= 2 && (value.front() == '"' || value.front() == '\'') &&
                value.back() == value.front()) {
                value = value.substr(1, value.size() - 2);
            }
            result.entries.emplace_back(lower_case(entry.substr(0, equal)), std::move(value));
        }
    }
    return result;
}

Result<QueryHints> query_hints(const Statement& statement) {
    QueryHints hints;
    const Comments* comments = comments_of(statement);
    if (comments == nullptr || comments->empty() || statement.as<Show>() != nullptr) return hints;
    const Directives read = directives(statement);
    if (const std::string* priority = read.find("priority");
        priority != nullptr && !priority->empty()) {
        const std::optional<std::int64_t> number = number_of(priority);
        if (!number || *number < 0 || *number > max_priority)
            return fail(Code::invalid_argument, er_unknown,
                        "Invalid priority value specified in query");
        hints.priority = *priority;
    }
    hints.ignore_max_memory_rows = read.is_set("ignore_max_memory_rows");
    if (const std::string* workload = read.find("workload_name")) hints.workload = *workload;
    if (const std::string* name = read.find("consolidator");
        name != nullptr && statement.as<Query>() != nullptr) {
        using Consolidator = QueryHints::Consolidator;
        if (same_name(*name, "disabled")) hints.consolidator = Consolidator::disabled;
        if (same_name(*name, "enabled")) hints.consolidator = Consolidator::enabled;
        if (same_name(*name, "enabled_replicas"))
            hints.consolidator = Consolidator::enabled_replicas;
    }
    hints.foreign_key_checks = checks_of(*comments);
    hints.timeout_ms = number_of(read.find("query_timeout_ms"));
    if (hints.timeout_ms && *hints.timeout_ms < 0) hints.timeout_ms.reset();
    return hints;
}

std::string redact(Statement statement) {
    NormalizeOptions options;
    options.rewrite = false;
    options.prefix = "redacted";
    Normalized result;
    detail::LiteralPass literals(options, result);
    literals.reserve(statement);
    literals.statement(statement);
    return format(statement, {.as_v21 = true});
}

std::string redact(std::string_view text, const LexerMode& mode) {
    const MarginComments margins = split_margin_comments(text);
    Result<Statement> parsed = parse(margins.statement, mode);
    if (!parsed) return "[REDACTED]";
    std::string result(margins.leading);
    result += redact(std::move(*parsed));
    result += margins.trailing;
    while (!result.empty() && is_space(result.back())) result.pop_back();
    return result;
}

}  // namespace sluice::sql
