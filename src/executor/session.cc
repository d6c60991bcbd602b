#include "executor/session.h"

#include <functional>

#include "executor/core.h"
#include "executor/settings.h"

namespace sluice::executor {
namespace {

std::uint64_t mix(std::uint64_t hash, std::uint64_t value) {
    hash ^= value + 0x9e3779b97f4a7c15U + (hash << 6U) + (hash >> 2U);
    return hash * 0xff51afd7ed558ccdU;
}

std::uint64_t mix(std::uint64_t hash, std::string_view text) {
    return mix(mix(hash, text.size()), std::hash<std::string_view>{}(text));
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
}

void Session::update_settings() {
    const auto sql_mode = system_variables.find("sql_mode");
    lexer_mode = sql::lexer_mode(sql_mode == system_variables.end() ? "" : sql_mode->second,
                                 charset_name(collation));
    settings = make_settings(system_variables, collation, client_found_rows);
    shards.set_settings(settings.get());
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
    workload = options.default_workload;
    ddl_strategy.clear();
    query_timeout = std::chrono::milliseconds(0);
    skip_plan_cache = false;
    enable_system_settings = true;
    shards.set_mode(options.transaction_mode);
    update_settings();
}

}  // namespace sluice::executor
