// Beside the steps of a request: what a client's statements leave behind for the next ones.
#include "executor/session.h"

#include <array>
#include <charconv>
#include <cstdio>
#include <functional>
#include <random>
#include <utility>

#include "executor/core.h"
#include "executor/settings.h"
#include "sql/ast_expr.h"

namespace sluice::executor {
namespace {

std::uint64_t mix(std::uint64_t hash, std::uint64_t value) {
    hash ^= value + 0x9e3779b97f4a7c15U + (hash << 6U) + (hash >> 2U);
    return hash * 0xff51afd7ed558ccdU;
}

std::uint64_t mix(std::uint64_t hash, std::string_view text) {
    return mix(mix(hash, text.size()), std::hash<std::string_view>{}(text));
}

// The names in a sql_mode that is kept as a literal: a string, or the number of MySQL's bits.
std::string mode_names(std::string_view literal) {
    if (literal.starts_with("_binary")) literal.remove_prefix(7);
    if (literal.starts_with('\'')) return sql::unquote(literal, {});
    std::uint64_t bits = 0;
    std::from_chars(literal.data(), literal.data() + literal.size(), bits);
    constexpr std::pair<std::uint64_t, std::string_view> names[] = {
        {1U << 1U, "PIPES_AS_CONCAT,"},
        {1U << 2U, "ANSI_QUOTES,"},
        {1U << 3U, "IGNORE_SPACE,"},
        {1U << 18U, "ANSI,"},
        {1U << 20U, "NO_BACKSLASH_ESCAPES,"}};
    std::string text;
    for (const auto& [bit, name] : names) {
        if ((bits & bit) != 0) text += name;
    }
    return text;
}

}  // namespace

Session::Session(std::uint32_t connection_id, gateway::Gateway* gateway, Budget* core,
                 std::size_t connection_limit, std::size_t statement_limit)
    : id(connection_id),
      shards(gateway),
      budget(core, connection_limit, "--connection_memory_limit"),
      statement_budget(&budget, statement_limit, "--statement_memory_limit") {
    update_plan_key();
}

void Session::update_plan_key() {
    std::uint64_t key = mix(0, target_text);
    key = mix(key, lexer_mode.bits());
    key = mix(key, collation);
    key = mix(key, select_limit);
    key = mix(key, static_cast<std::uint64_t>(workload));
    key = mix(key, client_found_rows ? 1 : 0);
    // Names of variables that the session holds decide which @@x the gate answers itself.
    for (const auto& [name, value] : system_variables) key = mix(key, name);
    plan_key_ = key;
    cells = {};
}

void Session::set_user_variable(std::string_view name, Value value) {
    std::string lower = sql::lower_case(name);
    std::erase_if(user_variables, [&](const auto& held) { return held.first == lower; });
    user_variables.emplace_back(std::move(lower), BindValue{.value = std::move(value), .list = {}});
}

void Session::update_settings() {
    const auto sql_mode = system_variables.find("sql_mode");
    const std::string modes =
        sql_mode == system_variables.end() ? "" : mode_names(sql_mode->second);
    lexer_mode = sql::lexer_mode(modes, charset_name(collation));
    settings = make_settings(system_variables, collation, client_found_rows);
    shards.set_settings(settings.get());
    update_plan_key();
}

void Session::update_caller() {
    set_caller({.user = identity.user_data,
                .groups = identity.groups,
                .principal = user,
                .component = peer,
                .subcomponent = "VTGate MySQL Connector",
                .principal_groups = {}});
}

void Session::set_caller(tablet::Caller made) {
    caller = std::make_unique<const tablet::Caller>(std::move(made));
    shards.set_caller(caller.get());
}

// Version 4: random but for six bits (RFC 9562, 5.4).
void Session::take_uuid() {
    std::random_device source;
    std::array<std::uint32_t, 4> words{source(), source(), source(), source()};
    words[1] = (words[1] & 0xffff0fffU) | 0x4000U;
    words[2] = (words[2] & 0x3fffffffU) | 0x80000000U;
    char text[37];
    std::snprintf(text, sizeof text, "%08x-%04x-%04x-%04x-%04x%08x", words[0], words[1] >> 16U,
                  words[1] & 0xffffU, words[2] >> 16U, words[2] & 0xffffU, words[3]);
    session_uuid = text;
}

void Session::take_defaults(const Options& options) {
    if (target_text.empty()) target.tablet_type = options.default_tablet_type;
    workload = options.default_workload;
    ddl_strategy = options.ddl_strategy;
    enable_system_settings = options.system_settings;
    shards.set_mode(options.transaction_mode);
    update_plan_key();
}

void Session::reset_variables(const Options& options) {
    autocommit = true;
    next_transaction = {};
    last_insert_id = found_rows = 0;
    row_count = -1;
    warnings.clear();
    system_variables.clear();
    user_variables.clear();
    named_statements.clear();
    select_limit = 0;
    transaction_mode.clear();
    migration_context.clear();
    query_timeout = std::chrono::milliseconds(0);
    skip_plan_cache = false;
    take_defaults(options);
    update_settings();
}

}  // namespace sluice::executor
