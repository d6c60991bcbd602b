// Calls of the control plane about tables and users. Before: control_service.cc. After:
// schema_report.cc, server.cc.
#include "base/log.h"
#include "sql/ast_expr.h"
#include "sql/format.h"
#include "sql/lexer.h"
#include "tabletserver/detail/ask.h"
#include "tabletserver/detail/control_calls.h"
#include "tabletserver/detail/schema_report.h"

namespace sluice::tabletserver {
namespace {

Task<Result<void>> reload_schema(ControlParts* parts, const message::ReloadSchemaRequest* request,
                                 message::ReloadSchemaResponse*, Stop* stop) {
    if (!request->wait_position().empty()) {
        CO_TRY(co_await parts->replication->wait_for(
            CO_TRY(Position::parse(request->wait_position())), stop));
    }
    co_return co_await parts->server->reload_and_tell(stop);
}

Task<Result<void>> get_schema(ControlParts* parts, const message::GetSchemaRequest* request,
                              message::GetSchemaResponse* response, Stop* stop) {
    *response->mutable_schema_definition() = CO_TRY(co_await report_schema(
        parts->server->admin(), parts->server->options().database(), request, stop));
    co_return Result<void>{};
}

// In one session, one statement after the other; what has run stays.
Task<Result<void>> apply(ControlParts* parts, const message::ApplySchemaRequest* request,
                         tablet::HeldId held, Stop* stop) {
    std::vector<std::string> statements = {"use " +
                                           sql::identifier(parts->server->options().database())};
    if (!request->allow_replication()) statements.emplace_back("set session sql_log_bin = off");
    if (request->disable_foreign_key_checks())
        statements.emplace_back("set session foreign_key_checks = off");
    if (!request->sql_mode().empty())
        statements.push_back("set session sql_mode = " + quoted(request->sql_mode()));
    for (const std::string_view each : sql::split_all(request->sql(), {}))
        statements.emplace_back(each);
    for (std::string& text : statements) {
        CO_TRY(co_await ask(parts->server->admin(),
                            {.text = std::move(text), .held = held, .is_write = true}, stop));
    }
    co_return Result<void>{};
}

Task<Result<message::SchemaDefinition>> whole_schema(ControlParts* parts, Stop* stop) {
    message::GetSchemaRequest everything;
    everything.set_include_views(true);
    co_return co_await report_schema(parts->server->admin(), parts->server->options().database(),
                                     &everything, stop);
}

Task<Result<void>> apply_schema(ControlParts* parts, const message::ApplySchemaRequest* request,
                                message::ApplySchemaResponse* response, Stop* stop) {
    *response->mutable_before_schema() = CO_TRY(co_await whole_schema(parts, stop));
    const Asked session =
        CO_TRY(co_await ask(parts->server->admin(), {.text = "do 0", .reserve = true}, stop));
    const Result<void> applied = co_await apply(parts, request, session.held, stop);
    co_await parts->server->admin()->release(session.held);
    if (!applied) co_return fail(applied.error());
    *response->mutable_after_schema() = CO_TRY(co_await whole_schema(parts, stop));
    co_return co_await parts->server->reload_and_tell(stop);
}

Task<Result<void>> reset_sequences(ControlParts* parts, const message::ResetSequencesRequest*,
                                   message::ResetSequencesResponse*, Stop*) {
    parts->server->forget_sequences();
    co_return Result<void>{};
}

Task<Result<void>> lock_tables(ControlParts* parts, const message::LockTablesRequest*,
                               message::LockTablesResponse*, Stop* stop) {
    co_return co_await parts->table_lock->take(stop);
}

Task<Result<void>> unlock_tables(ControlParts* parts, const message::UnlockTablesRequest*,
                                 message::UnlockTablesResponse*, Stop*) {
    co_return co_await parts->table_lock->give_up();
}

// CRC-64 of ISO 3309, by which v21 compares passwords without telling them.
std::uint64_t checksum(std::string_view bytes) {
    constexpr std::uint64_t polynomial = 0xd800000000000000U;
    std::uint64_t sum = ~std::uint64_t{0};
    for (const char byte : bytes) {
        sum ^= static_cast<std::uint8_t>(byte);
        for (int bit = 0; bit < 8; ++bit) sum = sum >> 1U ^ ((sum & 1U) != 0 ? polynomial : 0);
    }
    return ~sum;
}

bool is(std::string_view column, std::string_view name) {
    return sql::same_name(column, name);
}

void add_user(const TextRow& names, const TextRow& row, message::Permissions* into) {
    message::UserPermission& user = *into->add_user_permissions();
    for (std::size_t i = 0; i < names.size(); ++i) {
        const std::string value = row[i].value_or("");
        if (is(*names[i], "host")) {
            user.set_host(value);
        } else if (is(*names[i], "user")) {
            user.set_user(value);
        } else if (is(*names[i], "password")) {
            user.set_password_checksum(checksum(value));
        } else if (!is(*names[i], "password_last_changed")) {
            (*user.mutable_privileges())[*names[i]] = value;
        }
    }
}

void add_database(const TextRow& names, const TextRow& row, message::Permissions* into) {
    message::DbPermission& database = *into->add_db_permissions();
    for (std::size_t i = 0; i < names.size(); ++i) {
        const std::string value = row[i].value_or("");
        if (is(*names[i], "host")) {
            database.set_host(value);
        } else if (is(*names[i], "user")) {
            database.set_user(value);
        } else if (is(*names[i], "db")) {
            database.set_db(value);
        } else {
            (*database.mutable_privileges())[*names[i]] = value;
        }
    }
}

Task<Result<void>> get_permissions(ControlParts* parts, const message::GetPermissionsRequest*,
                                   message::GetPermissionsResponse* response, Stop* stop) {
    message::Permissions* const into = response->mutable_permissions();
    tablet::MysqlTablet* const server = parts->server->admin();
    const auto users = CO_TRY(
        co_await ask_with_names(server, "select * from mysql.user order by host, user", stop));
    for (std::size_t i = 1; i < users.size(); ++i) add_user(users[0], users[i], into);
    const auto databases = CO_TRY(
        co_await ask_with_names(server, "select * from mysql.db order by host, db, user", stop));
    for (std::size_t i = 1; i < databases.size(); ++i)
        add_database(databases[0], databases[i], into);
    co_return Result<void>{};
}

}  // namespace

void add_schema_calls(ControlCalls* calls) {
    calls->add("ReloadSchema", &reload_schema);
    calls->add("GetSchema", &get_schema);
    calls->add("ApplySchema", &apply_schema);
    calls->add("ResetSequences", &reset_sequences);
    calls->add("LockTables", &lock_tables);
    calls->add("UnlockTables", &unlock_tables);
    calls->add("GetPermissions", &get_permissions);
}

}  // namespace sluice::tabletserver
