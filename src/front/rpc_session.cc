// Step 2 of a request over gRPC: the session comes out of the message, and goes back into it.
// Before and after: vtgate_call.cc.
#include "front/rpc_session.h"

#include <algorithm>

#include "executor/executor.h"
#include "sql/ast.h"
#include "sql/format.h"
#include "sql/parse.h"
#include "vtgate.pb.h"

namespace sluice::front {
namespace {

using ShardSession = ::vtgate::Session::ShardSession;
using ExecuteOptions = ::query::ExecuteOptions;

constexpr std::pair<ExecuteOptions::TransactionIsolation, std::string_view> isolations[] = {
    {ExecuteOptions::REPEATABLE_READ, "repeatable read"},
    {ExecuteOptions::READ_COMMITTED, "read committed"},
    {ExecuteOptions::READ_UNCOMMITTED, "read uncommitted"},
    {ExecuteOptions::SERIALIZABLE, "serializable"}};

BindValue bind_value(const ::query::BindVariable& variable) {
    BindValue made;
    made.value = {.type = static_cast<Type>(variable.type()), .bytes = variable.value()};
    for (const ::query::Value& each : variable.values())
        made.list.push_back({.type = static_cast<Type>(each.type()), .bytes = each.value()});
    return made;
}

::query::BindVariable bind_variable(const BindValue& value) {
    ::query::BindVariable made;
    made.set_type(static_cast<::query::Type>(value.value.type));
    made.set_value(value.value.bytes);
    for (const Value& each : value.list) {
        ::query::Value* added = made.add_values();
        added->set_type(static_cast<::query::Type>(each.type));
        added->set_value(each.bytes);
    }
    return made;
}

// [ "-" / introducer ] literal: what a SET that the gate sends may hold.
bool is_literal(std::string_view text) {
    sql::Lexer lexer(text, {});
    sql::Token token = lexer.next();
    if (token.kind == sql::TokenKind::minus ||
        (token.kind == sql::TokenKind::word && lexer.text(token).starts_with('_')))
        token = lexer.next();
    switch (token.kind) {
        case sql::TokenKind::word:
        case sql::TokenKind::string:
        case sql::TokenKind::integer:
        case sql::TokenKind::decimal:
        case sql::TokenKind::floating:
        case sql::TokenKind::hex_number:
        case sql::TokenKind::hex_string:
        case sql::TokenKind::bit_number:
        case sql::TokenKind::bit_string:
            return lexer.next().kind == sql::TokenKind::end;
        default:
            return false;
    }
}

bool is_variable_name(std::string_view name) {
    return !name.empty() && std::ranges::all_of(name, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    });
}

Result<void> load_variables(const ::vtgate::Session& message, executor::Session* session) {
    for (const auto& [name, value] : message.system_variables()) {
        if (!is_variable_name(name) || !is_literal(value))
            return fail(Code::invalid_argument, "the session's variable " + name + " has no value");
        session->system_variables.emplace(name, value);
    }
    for (const auto& [name, variable] : message.user_defined_variables())
        session->user_variables.emplace_back(name, bind_value(variable));
    // In one order whatever the message's is.
    std::ranges::sort(session->user_variables, {}, &BindVars::value_type::first);
    for (const auto& [name, prepared] : message.prepare_statement()) {
        session->named_statements[name] = {
            .text = prepared.prepare_statement(),
            .parameters = static_cast<std::uint32_t>(prepared.params_count())};
    }
    return {};
}

Result<void> load_options(const ::vtgate::Session& message, executor::Session* session) {
    const ExecuteOptions& options = message.options();
    session->client_found_rows = options.client_found_rows();
    session->select_limit =
        static_cast<std::uint64_t>(std::max<std::int64_t>(options.sql_select_limit(), 0));
    if (options.workload() <= ExecuteOptions::DBA && options.workload() >= 0)
        session->workload = static_cast<executor::Workload>(options.workload());
    session->skip_plan_cache = options.skip_query_plan_cache();
    session->ddl_strategy = message.ddlstrategy();
    session->session_uuid = message.sessionuuid();
    session->migration_context = message.migration_context();
    session->query_timeout =
        std::chrono::milliseconds(std::max<std::int64_t>(message.query_timeout(), 0));
    session->enable_system_settings = message.enable_system_settings();
    if (message.beyond().collation() != 0)
        session->collation = static_cast<std::uint16_t>(message.beyond().collation());
    if (message.transaction_mode() != ::vtgate::UNSPECIFIED) {
        session->transaction_mode = ::vtgate::TransactionMode_Name(message.transaction_mode());
        session->shards.set_mode(TRY(transaction::mode_of_name(session->transaction_mode)));
    }
    return {};
}

// How transactions begin: as a statement has said, else as the client's options say.
transaction::Begin begin_of(const ::vtgate::Session& message) {
    transaction::Begin how;
    if (message.has_beyond()) {
        const auto& beyond = message.beyond();
        how.isolation = beyond.isolation();
        how.read_only = beyond.read_only();
        how.read_write = beyond.read_write();
        how.consistent_snapshot = beyond.consistent_snapshot();
    }
    if (how != transaction::Begin()) return how;
    const ExecuteOptions& options = message.options();
    for (const auto& [number, words] : isolations) {
        if (options.transaction_isolation() == number) how.isolation = words;
    }
    const auto has = [&](ExecuteOptions::TransactionAccessMode mode) {
        return std::ranges::find(options.transaction_access_mode(), mode) !=
               options.transaction_access_mode().end();
    };
    const bool snapshot =
        options.transaction_isolation() == ExecuteOptions::CONSISTENT_SNAPSHOT_READ_ONLY;
    how.read_only = snapshot || has(ExecuteOptions::READ_ONLY);
    how.read_write = has(ExecuteOptions::READ_WRITE);
    how.consistent_snapshot = snapshot || has(ExecuteOptions::CONSISTENT_SNAPSHOT);
    return how;
}

// The names of the savepoints that are left when these statements have run.
std::vector<std::string> savepoint_names(const ::vtgate::Session& message) {
    std::vector<std::string> names;
    const auto cut = [&](const std::string& name, bool with_itself) {
        const auto found = std::ranges::find(names, name);
        if (found != names.end()) names.erase(found + (with_itself ? 0 : 1), names.end());
    };
    for (const std::string& text : message.savepoints()) {
        const Result<sql::Statement> statement = sql::parse(text, {});
        if (!statement) continue;
        if (const auto* savepoint = statement->as<sql::Savepoint>()) {
            std::erase(names, savepoint->name);
            names.push_back(savepoint->name);
        } else if (const auto* back = statement->as<sql::RollbackTo>()) {
            cut(back->name, false);
        } else if (const auto* release = statement->as<sql::Release>()) {
            cut(release->name, true);
        }
    }
    return names;
}

transaction::CarriedShard carried_shard(const ShardSession& held) {
    return {
        .keyspace = held.target().keyspace(),
        .shard = held.target().shard(),
        .type = static_cast<vindex::TabletType>(held.target().tablet_type()),
        .alias = {.cell = held.tablet_alias().cell(), .uid = held.tablet_alias().uid()},
        .numbers = {.transaction_id = held.transaction_id(), .reserved_id = held.reserved_id()}};
}

Result<void> load_shards(const ::vtgate::Session& message, executor::Session* session) {
    if (!message.pre_sessions().empty() || !message.post_sessions().empty())
        return unsupported("transactions of consistent lookup vindexes");
    if (message.has_lock_session() && message.lock_session().reserved_id() != 0)
        return unsupported("advisory locks that another gate has taken");
    transaction::Carried carried;
    carried.in_transaction = message.in_transaction();
    carried.pinned = message.in_reserved_conn();
    transaction::Begin how = begin_of(message);
    (carried.in_transaction ? carried.how : session->next_transaction) = std::move(how);
    carried.savepoints = savepoint_names(message);
    for (const ShardSession& held : message.shard_sessions()) {
        if (held.vindex_only()) return unsupported("transactions of consistent lookup vindexes");
        carried.shards.push_back(carried_shard(held));
    }
    return session->shards.resume(std::move(carried));
}

void store_variables(const executor::Session& session, ::vtgate::Session* message) {
    auto* variables = message->mutable_system_variables();
    variables->clear();
    for (const auto& [name, value] : session.system_variables) (*variables)[name] = value;
    auto* own = message->mutable_user_defined_variables();
    own->clear();
    for (const auto& [name, value] : session.user_variables) (*own)[name] = bind_variable(value);
    auto* prepared = message->mutable_prepare_statement();
    prepared->clear();
    for (const auto& [name, statement] : session.named_statements) {
        auto& added = (*prepared)[name];
        added.set_prepare_statement(statement.text);
        added.set_params_count(static_cast<std::int32_t>(statement.parameters));
    }
    message->clear_warnings();
    for (const executor::SessionWarning& warning : session.warnings) {
        auto* added = message->add_warnings();
        added->set_code(warning.code);
        added->set_message(warning.message);
    }
}

void store_options(const executor::Session& session, ::vtgate::Session* message) {
    ExecuteOptions values;
    values.set_client_found_rows(session.client_found_rows);
    values.set_workload(static_cast<ExecuteOptions::Workload>(session.workload));
    values.set_sql_select_limit(static_cast<std::int64_t>(session.select_limit));
    values.set_skip_query_plan_cache(session.skip_plan_cache);
    // A client that has no options and needs none is not given any.
    if (message->has_options() || values.ByteSizeLong() != 0) {
        ExecuteOptions* options = message->mutable_options();
        options->set_client_found_rows(values.client_found_rows());
        options->set_workload(values.workload());
        options->set_sql_select_limit(values.sql_select_limit());
        options->set_skip_query_plan_cache(values.skip_query_plan_cache());
    }
    message->set_ddlstrategy(session.ddl_strategy);
    message->set_migration_context(session.migration_context);
    message->set_query_timeout(session.query_timeout.count());
    message->set_enable_system_settings(session.enable_system_settings);
    ::vtgate::TransactionMode mode = ::vtgate::UNSPECIFIED;
    std::string name = session.transaction_mode;
    std::ranges::transform(name, name.begin(), [](char c) {
        return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    });
    if (::vtgate::TransactionMode_Parse(name, &mode)) message->set_transaction_mode(mode);
}

void store_shards(executor::Session* session, ::vtgate::Session* message) {
    transaction::Carried carried = session->shards.carry();
    message->set_in_transaction(carried.in_transaction);
    message->set_in_reserved_conn(carried.pinned);
    message->clear_savepoints();
    for (const std::string& name : carried.savepoints) {
        std::string text = "savepoint ";
        sql::append_identifier(text, name);
        message->add_savepoints(std::move(text));
    }
    message->clear_shard_sessions();
    for (const transaction::CarriedShard& each : carried.shards) {
        ShardSession* held = message->add_shard_sessions();
        held->mutable_target()->set_keyspace(each.keyspace);
        held->mutable_target()->set_shard(each.shard);
        held->mutable_target()->set_tablet_type(static_cast<::topodata::TabletType>(each.type));
        held->mutable_tablet_alias()->set_cell(each.alias.cell);
        held->mutable_tablet_alias()->set_uid(each.alias.uid);
        held->set_transaction_id(each.numbers.transaction_id);
        held->set_reserved_id(each.numbers.reserved_id);
    }
    const transaction::Begin& how =
        carried.in_transaction ? carried.how : session->next_transaction;
    ::vtgate::Session::Beyond beyond;
    beyond.set_isolation(how.isolation);
    beyond.set_read_only(how.read_only);
    beyond.set_read_write(how.read_write);
    beyond.set_consistent_snapshot(how.consistent_snapshot);
    if (session->collation != executor::Session::default_collation)
        beyond.set_collation(session->collation);
    if (beyond.ByteSizeLong() != 0) {
        *message->mutable_beyond() = std::move(beyond);
    } else {
        message->clear_beyond();
    }
}

}  // namespace

Result<void> load_session(const ::vtgate::Session& message, executor::Core* core,
                          executor::Session* session) {
    session->carried = true;
    session->autocommit = message.autocommit();
    session->take_defaults(*core->options);
    session->last_insert_id = message.last_insert_id();
    session->found_rows = message.found_rows();
    session->row_count = message.row_count();
    for (const ::query::QueryWarning& warning : message.warnings())
        session->warnings.push_back({.code = warning.code(), .message = warning.message()});
    TRY(load_options(message, session));
    TRY(load_variables(message, session));
    session->update_settings();
    if (!message.target_string().empty())
        TRY(executor::Executor(core).use(session, message.target_string()));
    return load_shards(message, session);
}

void store_session(executor::Session* session, ::vtgate::Session* message) {
    message->set_autocommit(session->autocommit);
    message->set_target_string(session->target_text);
    message->set_last_insert_id(session->last_insert_id);
    message->set_found_rows(session->found_rows);
    message->set_row_count(session->row_count);
    store_variables(*session, message);
    store_options(*session, message);
    store_shards(session, message);
}

bool holds_connections(const ::vtgate::Session& message) {
    return !message.shard_sessions().empty();
}

}  // namespace sluice::front
