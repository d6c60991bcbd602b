// Step 4 of a request: SET. A change takes effect exactly, is in v21's ignored class, or is refused
// (vtgate-contract 5.2, 5.3).
#include <algorithm>
#include <charconv>

#include "collation/collation.h"
#include "executor/settings.h"
#include "executor/variables.h"
#include "executor/work.h"
#include "sql/format.h"

namespace sluice::executor {
namespace {

std::unexpected<Error> wrong_value(std::string_view name, std::string_view value) {
    return fail(Code::invalid_argument, er::wrong_value_for_var,
                "Variable '" + std::string(name) + "' can't be set to the value of '" +
                    std::string(value) + "'");
}

// The assigned value: literals at once, everything else by a query in the session's name.
Task<Result<Value>> value_of(const Work* work, const sql::Expr* expression) {
    if (const auto* literal = expression->as<sql::Literal>())
        co_return sql::literal_value(*literal);
    if (expression->is<sql::NullLiteral>()) co_return Value();
    if (const auto* boolean = expression->as<sql::BoolLiteral>()) {
        co_return Value{.type = Type::int64, .bytes = boolean->value ? "1" : "0"};
    }
    // A bare word, as in SET sql_mode = ansi.
    if (const auto* column = expression->as<sql::Column>();
        column != nullptr && column->table.empty()) {
        co_return Value{.type = Type::varchar, .bytes = column->name};
    }
    const bool no_escapes = work->session->lexer_mode.no_backslash_escapes;
    co_return co_await capture_value(
        work, "select " + sql::format(*expression, {.no_backslash_escapes = no_escapes}));
}

Result<bool> boolean_of(std::string_view name, const Value& value) {
    const std::string word = sql::lower_case(value.bytes);
    if (word == "1" || word == "on" || word == "true") return true;
    if (word == "0" || word == "off" || word == "false") return false;
    if (is_integral(value.type)) {
        return fail(Code::invalid_argument, er::wrong_value_for_var,
                    "variable '" + std::string(name) +
                        "' can't be set to the value: " + value.bytes + " is not a boolean");
    }
    return wrong_value(name, value.bytes);
}

Result<std::uint64_t> number_of(std::string_view name, const Value& value) {
    std::uint64_t number = 0;
    const char* end = value.bytes.data() + value.bytes.size();
    const auto parsed = std::from_chars(value.bytes.data(), end, number);
    if (!is_integral(value.type) || parsed.ptr != end || parsed.ec != std::errc()) {
        return fail(Code::invalid_argument, er::wrong_type_for_var,
                    "Incorrect argument type to variable '" + std::string(name) + "'");
    }
    return number;
}

Result<Workload> workload_of(std::string_view word) {
    if (sql::same_name(word, "oltp")) return Workload::oltp;
    if (sql::same_name(word, "olap")) return Workload::olap;
    if (sql::same_name(word, "dba")) return Workload::dba;
    if (sql::same_name(word, "unspecified")) return Workload::unspecified;
    return fail(Code::invalid_argument, er::unknown_error,
                "invalid workload: " + std::string(word));
}

Result<void> set_names(Session& session, const Value& value, std::string_view collation) {
    const collation::Collation* found = nullptr;
    if (!collation.empty()) {
        found = collation::find_collation(collation);
        if (found == nullptr) {
            return fail(Code::invalid_argument, er::unknown_collation,
                        "Unknown collation: '" + std::string(collation) + "'");
        }
        if (!value.bytes.empty() && !sql::same_name(value.bytes, "default") &&
            collation::find_charset(value.bytes) != found->charset) {
            return fail(Code::invalid_argument, 1253,
                        "COLLATION '" + std::string(collation) +
                            "' is not valid for CHARACTER SET '" + value.bytes + "'");
        }
    } else {
        found = collation::connection_collation(
            sql::same_name(value.bytes, "default") ? "" : value.bytes);
    }
    if (found == nullptr) {
        return fail(Code::invalid_argument, er::unknown_character_set,
                    "Unknown character set: '" + value.bytes + "'");
    }
    if (found->charset->name == "ucs2" || found->charset->name.starts_with("utf16") ||
        found->charset->name == "utf32") {
        return wrong_value("character_set_client", found->charset->name);
    }
    session.collation = found->id;
    for (const char* name : {"character_set_client", "character_set_connection",
                             "character_set_results", "collation_connection"}) {
        session.system_variables.erase(name);
    }
    session.update_settings();
    return {};
}

Task<Result<void>> set_autocommit(const Work* work, bool on) {
    if (on && !work->session->autocommit) CO_TRY(co_await commit_open(work));
    work->session->autocommit = on;
    co_return Result<void>{};
}

// Variables that change the gate's session only.
Task<Result<void>> set_aware(const Work* work, const sql::SetAssignment* assignment,
                             std::string name, Value value, bool to_default) {
    Session& session = *work->session;
    if (name == "names" || name == "charset") {
        co_return set_names(session,
                            to_default ? Value{.type = Type::varchar, .bytes = "utf8mb4"} : value,
                            assignment->collation);
    }
    if (name == "autocommit")
        co_return co_await set_autocommit(work, to_default || CO_TRY(boolean_of(name, value)));
    if (name == "client_found_rows") {
        session.client_found_rows = !to_default && CO_TRY(boolean_of(name, value));
        session.update_settings();
    } else if (name == "skip_query_plan_cache") {
        session.skip_plan_cache = !to_default && CO_TRY(boolean_of(name, value));
    } else if (name == "enable_system_settings") {
        session.enable_system_settings =
            to_default ? work->core->options->system_settings : CO_TRY(boolean_of(name, value));
    } else if (name == "sql_select_limit") {
        const std::uint64_t limit = to_default ? 0 : CO_TRY(number_of(name, value));
        session.select_limit = limit == ~std::uint64_t{0} ? 0 : limit;
        session.update_plan_key();
    } else if (name == "query_timeout") {
        session.query_timeout =
            std::chrono::milliseconds(to_default ? 0 : CO_TRY(number_of(name, value)));
    } else if (name == "transaction_mode") {
        const std::string word = to_default ? "MULTI" : value.bytes;
        session.shards.set_mode(CO_TRY(transaction::mode_of_name(word)));
        session.transaction_mode = word;
    } else if (name == "workload") {
        session.workload =
            to_default ? work->core->options->default_workload : CO_TRY(workload_of(value.bytes));
        session.update_plan_key();
    } else if (name == "ddl_strategy") {
        session.ddl_strategy = to_default ? work->core->options->ddl_strategy : value.bytes;
    } else if (name == "migration_context") {
        session.migration_context = to_default ? "" : value.bytes;
    } else if (name == "session_track_gtids") {
        if (!to_default && !sql::same_name(value.bytes, "off"))
            co_return unsupported("session_track_gtids other than OFF");
    } else {
        co_return unsupported("system setting: " + name);
    }
    co_return Result<void>{};
}

// Asks a shard whether it takes the settings, so that a wrong value is refused by SET and not by
// the next statement.
Task<Result<void>> try_settings(const Work* work, const SystemVariables* variables) {
    const Session& session = *work->session;
    const auto settings = make_settings(*variables, session.collation, session.client_found_rows);
    const Result<std::string> keyspace = any_keyspace(*work);
    if (!keyspace || settings == nullptr) co_return Result<void>{};  // there is nobody to ask
    const gateway::Serving serving =
        CO_TRY(gateway::serving(*work->cluster, *keyspace, session.target.tablet_type));
    if (serving.map->size() == 0) co_return Result<void>{};
    gateway::ShardRequest request{.target = serving.at(0), .call = {}, .tables = {}};
    request.call.text = "select 1 from dual where 1 != 1";
    request.call.settings = settings.get();
    request.call.caller = session.caller.get();
    request.call.stop = &work->session->stop;
    tablet::NoRows nobody;
    gateway::Answer answer = co_await work->core->gateway->call(&request, &nobody);
    if (!answer.outcome.end) co_return std::unexpected(std::move(answer.outcome.end).error());
    co_return Result<void>{};
}

bool is_character_set(std::string_view name) {
    return name.starts_with("character_set_") || name.starts_with("collation_");
}

// Modes under which a tablet would read values and operators otherwise than it writes them.
Result<void> check_tablet_mode(const Value& value) {
    for (std::string_view rest = value.bytes; !rest.empty();) {
        const std::string_view word = rest.substr(0, rest.find(','));
        rest.remove_prefix(std::min(rest.size(), word.size() + 1));
        for (const std::string_view refused :
             {"ANSI_QUOTES", "NO_BACKSLASH_ESCAPES", "PIPES_AS_CONCAT", "REAL_AS_FLOAT", "ANSI"}) {
            if (sql::same_name(word, refused))
                return fail(Code::unimplemented, er::not_supported_yet,
                            "setting the " + std::string(refused) + " sql_mode is unsupported");
        }
    }
    return {};
}

// A variable that every connection of the session shall have.
Task<Result<void>> set_setting(const Work* work, std::string name, Value value, bool to_default,
                               bool tolerated) {
    Session& session = *work->session;
    const bool bytes =
        value.type == Type::hexnum || value.type == Type::hexval || value.type == Type::bitnum;
    // The session's lexer must know the modes that its connections get.
    if (name == "sql_mode" && bytes) co_return wrong_value(name, value.bytes);
    const bool tablets = work->core->options->tablets;
    if (name == "sql_mode" && tablets) {
        if (is_integral(value.type)) co_return unsupported("sql_mode as a number");
        CO_TRY(check_tablet_mode(value));
    }
    SystemVariables changed = session.system_variables;
    if (name == "tx_isolation") name = "transaction_isolation";
    if (name == "tx_read_only") name = "transaction_read_only";
    if (to_default) {
        changed.erase(name);
    } else {
        changed.insert_or_assign(name, setting_literal({value.type, value.bytes}));
    }
    if (const Result<void> tried = co_await try_settings(work, &changed); !tried) {
        // What MySQL has no session scope for is passed over, as v21 does with this class.
        if (tolerated && tried.error().number == er::incorrect_global_local_var)
            co_return Result<void>{};
        co_return tried;
    }
    session.system_variables = std::move(changed);
    if (name == "character_set_client" && !is_character_set(value.bytes)) {
        if (const collation::Collation* found = collation::default_collation(value.bytes))
            session.collation = found->id;
    }
    session.update_settings();
    co_return Result<void>{};
}

Result<void> set_next_transaction(Session& session, std::string_view name, const Value& value) {
    if (session.shards.in_transaction()) {
        return fail(
            Code::failed_precondition, 1568,
            "Transaction characteristics can't be changed while a transaction is in progress");
    }
    if (name.ends_with("isolation")) {
        std::string level = sql::lower_case(value.bytes);
        std::ranges::replace(level, '-', ' ');
        session.next_transaction.isolation = std::move(level);
    } else {
        const bool read_only = TRY(boolean_of(name, value));
        session.next_transaction.read_only = read_only;
        session.next_transaction.read_write = !read_only;
    }
    return {};
}

Task<Result<void>> set_system(const Work* work, const sql::SetAssignment* assignment) {
    Session& session = *work->session;
    const std::string name = sql::lower_case(assignment->variable.name);
    const auto* word = assignment->value.as<sql::Default>();
    const bool to_default = word != nullptr;
    Value value;
    if (!to_default) value = CO_TRY(co_await value_of(work, &assignment->value));
    if (assignment->variable.scope == sql::VariableScope::next_transaction) {
        co_return set_next_transaction(session, name, value);
    }
    if (assignment->variable.scope == sql::VariableScope::global) {
        session.warnings.push_back({.code = er::not_supported_yet,
                                    .message = "SET GLOBAL " + name + " is ignored by the gate"});
        co_return Result<void>{};
    }
    switch (variable_class(name)) {
        case VariableClass::aware:
            if (name.ends_with("_read_only"))
                co_return co_await set_setting(work, name, std::move(value), to_default, false);
            if (name == "session_uuid") break;  // to be read only; v21 does not know it either
            co_return co_await set_aware(work, assignment, name, std::move(value), to_default);
        case VariableClass::read_only:
            co_return fail(Code::invalid_argument, er::incorrect_global_local_var,
                           "VT03010: variable '" + name + "' is a read only variable");
        case VariableClass::ignored:
            work->core->figures.warn(WarningKind::ignored_set);
            co_return Result<void>{};
        case VariableClass::refused:
            co_return unsupported("system setting: " + name);
        case VariableClass::setting:
            if (!session.enable_system_settings) co_return Result<void>{};
            co_return co_await set_setting(work, name, std::move(value), to_default, false);
        case VariableClass::tolerated:
            co_return co_await set_setting(work, name, std::move(value), to_default, true);
        case VariableClass::unknown:
            break;
    }
    co_return fail(Code::not_found, er::unknown_system_variable,
                   "VT05006: unknown system variable '@@" + name + " = " +
                       sql::format(assignment->value) + "'");
}

Task<Result<void>> set_one(const Work* work, const sql::SetAssignment* assignment) {
    switch (assignment->variable.scope) {
        case sql::VariableScope::user: {
            Value value = CO_TRY(co_await value_of(work, &assignment->value));
            work->session->set_user_variable(assignment->variable.name, std::move(value));
            co_return Result<void>{};
        }
        case sql::VariableScope::persist:
        case sql::VariableScope::persist_only:
        case sql::VariableScope::vitess_metadata:
            co_return unsupported("SET of this scope");
        case sql::VariableScope::session_implied:
        case sql::VariableScope::session:
        case sql::VariableScope::global:
        case sql::VariableScope::next_transaction:
            break;
    }
    co_return co_await set_system(work, assignment);
}

}  // namespace

Task<Result<Ending>> run_set(const Work* work, const sql::Set* set) {
    for (const sql::SetAssignment& assignment : set->assignments)
        CO_TRY(co_await set_one(work, &assignment));
    co_return plain_ending(*work->session);
}

Result<void> Executor::connection_charset(Session* session, std::uint8_t collation_id) {
    const collation::Collation* found = collation::find_collation(collation_id);
    session->collation = found == nullptr ? core_->options->default_collation : found->id;
    session->update_settings();
    return {};
}

}  // namespace sluice::executor
