// Step 7 of a request to a tablet: the settings of its session. Before: run.cc.
#include "tabletserver/settings.h"

#include "sql/format.h"
#include "sql/parse.h"

namespace sluice::tabletserver {
namespace {

std::unexpected<Error> not_a_setting(const std::string& statement) {
    return fail(Code::internal, "[BUG]: invalid set statement: " + statement);
}

bool holds(std::string_view text, std::string_view word) {
    return sql::lower_case(text).find(word) != std::string::npos;
}

Backslash backslash_of(const sql::Set& set, Backslash before) {
    for (const sql::SetAssignment& assignment : set.assignments) {
        if (!sql::same_name(assignment.variable.name, "sql_mode")) continue;
        const auto* literal = assignment.value.as<sql::Literal>();
        if (literal == nullptr || literal->kind != sql::LiteralKind::string) {
            before = Backslash::unknown;
        } else if (sql::same_name(literal->text, "default")) {
            before = Backslash::unknown;  // the server's own, whatever that is
        } else {
            before = holds(literal->text, "no_backslash_escapes") ? Backslash::plain
                                                                  : Backslash::escapes;
        }
    }
    return before;
}

bool is_session(sql::VariableScope scope) {
    return scope == sql::VariableScope::session || scope == sql::VariableScope::session_implied;
}

}  // namespace

Result<KnownSettings> build_settings(std::span<const std::string> statements, bool found_rows) {
    KnownSettings known;
    sql::Set all, reset;
    for (const std::string& text : statements) {
        Result<sql::Statement> statement = sql::parse(text);
        if (!statement) return not_a_setting(text);
        const auto* set = statement->as<sql::Set>();
        if (set == nullptr) return not_a_setting(text);
        known.backslash = backslash_of(*set, known.backslash);
        for (const sql::SetAssignment& assignment : set->assignments) {
            if (!is_session(assignment.variable.scope)) return not_a_setting(text);
            all.assignments.push_back(assignment);
            reset.assignments.push_back({.variable = assignment.variable,
                                         .value = sql::Expr(sql::Default{}),
                                         .collation = {}});
        }
    }
    known.settings.found_rows = found_rows;
    if (all.assignments.empty()) return known;
    known.settings.set_statement = sql::format(sql::Statement{all});
    known.settings.reset_statement = sql::format(sql::Statement{reset});
    known.settings.key = std::hash<std::string>()(known.settings.set_statement) | 1U;
    return known;
}

Result<std::shared_ptr<const KnownSettings>> SettingsCache::find(
    std::span<const std::string> statements, bool found_rows) {
    std::string key(1, found_rows ? 'f' : '-');
    for (const std::string& statement : statements) key.append(statement).push_back('\0');
    if (const auto found = known_.find(key); found != known_.end()) return found->second;
    auto made = std::make_shared<const KnownSettings>(TRY(build_settings(statements, found_rows)));
    constexpr std::size_t most = 1000;  // sessions come and go; what is forgotten is built again
    if (known_.size() >= most) known_.clear();
    return known_.emplace(std::move(key), std::move(made)).first->second;
}

Backslash SettingsCache::backslash_of(tablet::HeldId held) const {
    const auto found = held_.find(held);
    return found == held_.end() ? Backslash::escapes : found->second;
}

void SettingsCache::set_backslash(tablet::HeldId held, Backslash backslash) {
    if (backslash == Backslash::escapes) {
        held_.erase(held);
    } else {
        held_[held] = backslash;
    }
}

Backslash backslash_after(std::string_view set_statement, Backslash before) {
    Result<sql::Statement> statement = sql::parse(set_statement);
    if (!statement) return Backslash::unknown;
    const auto* set = statement->as<sql::Set>();
    return set == nullptr ? before : backslash_of(*set, before);
}

}  // namespace sluice::tabletserver
