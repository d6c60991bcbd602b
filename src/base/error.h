#pragma once
// One Error, three faces: the vtrpc code (what a gateway decides by), the MySQL number and SQLSTATE
// (what a client matches on), and the text (for people; never read to decide anything).
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace sluice {

// vtrpc.Code of v21.0.3, by number; 17 and 18 are Vitess's own and travel on gRPC as they are.
enum class Code : std::uint8_t {
    ok = 0,
    canceled = 1,
    unknown = 2,
    invalid_argument = 3,
    deadline_exceeded = 4,
    not_found = 5,
    already_exists = 6,
    permission_denied = 7,
    resource_exhausted = 8,
    failed_precondition = 9,
    aborted = 10,
    out_of_range = 11,
    unimplemented = 12,
    internal = 13,
    unavailable = 14,
    data_loss = 15,
    unauthenticated = 16,
    cluster_event = 17,
    read_only = 18,
};

// The name as vtrpc prints it: "INVALID_ARGUMENT".
std::string_view code_name(Code code);

struct Error {
    Code code = Code::unknown;
    std::uint16_t number = 1105;  // MySQL error number
    char state[6] = "HY000";      // SQLSTATE, five characters and NUL
    std::string text;

    std::string_view sqlstate() const { return {state, 5}; }
    bool operator==(const Error&) const = default;
};

template <class T>
using Result = std::expected<T, Error>;

// The SQLSTATE that goes with a MySQL error number; "HY000" when it has none of its own.
std::string_view sqlstate_of(std::uint16_t number);

// Cold, here and below: code that leads to an error stands apart from what runs for each query.
// An error whose SQLSTATE follows from its number.
[[gnu::cold]] Error make_error(Code code, std::uint16_t number, std::string text);
// An error with a state of its own, e.g. as a server sent it.
[[gnu::cold]] Error make_error(Code code, std::uint16_t number, std::string_view state,
                               std::string text);
// An error whose number follows from its vtrpc code alone (vtgate-contract 4.1, rule 4).
[[gnu::cold]] Error make_error(Code code, std::string text);

// return fail(Code::not_found, er::bad_db, "Unknown database 'x'");
[[gnu::cold]] inline std::unexpected<Error> fail(Code code, std::uint16_t number,
                                                 std::string text) {
    return std::unexpected(make_error(code, number, std::move(text)));
}
[[gnu::cold]] inline std::unexpected<Error> fail(Code code, std::string text) {
    return std::unexpected(make_error(code, std::move(text)));
}
inline std::unexpected<Error> fail(Error error) {
    return std::unexpected(std::move(error));
}

// "VT12001: unsupported: <what>", 1235: what MySQL can do and we cannot do yet.
[[gnu::cold]] std::unexpected<Error> unsupported(std::string_view what);
// "VT13001: [BUG] <what>", 1815: our own mistake, reported instead of crashing.
[[gnu::cold]] std::unexpected<Error> bug(std::string_view what);

// MySQL error numbers that we make ourselves. Numbers from shards pass through unnamed.
namespace er {
inline constexpr std::uint16_t db_create_exists = 1007, db_drop_exists = 1008, con_count = 1040,
                               out_of_resources = 1041, handshake = 1043, access_denied = 1045,
                               no_db = 1046, unknown_command = 1047, bad_null = 1048, bad_db = 1049,
                               bad_table = 1051, non_uniq = 1052, server_shutdown = 1053,
                               bad_field = 1054, wrong_field_with_group = 1055,
                               wrong_group_field = 1056, dup_field_name = 1060, dup_entry = 1062,
                               parse = 1064, empty_query = 1065, non_uniq_table = 1066,
                               kill_denied = 1095, no_such_thread = 1094, unknown_error = 1105,
                               unknown_table = 1109, invalid_group_func_use = 1111,
                               wrong_value_count_on_row = 1136, mix_of_group_func = 1140,
                               no_such_table = 1146, syntax = 1149, net_packet_too_large = 1153,
                               net_packets_out_of_order = 1156, aborting_connection = 1152,
                               cant_do_this_in_transaction = 1179,
                               lock_or_active_transaction = 1192, unknown_system_variable = 1193,
                               too_many_user_connections = 1203, lock_wait_timeout = 1205,
                               wrong_arguments = 1210, lock_deadlock = 1213,
                               wrong_number_of_columns_in_select = 1222,
                               cant_read_own_writes = 1223, wrong_value_for_var = 1231,
                               wrong_type_for_var = 1232, cant_use_option_here = 1234,
                               not_supported_yet = 1235, incorrect_global_local_var = 1238,
                               operand_columns = 1241, subquery_no_1_row = 1242,
                               unknown_stmt_handler = 1243, illegal_mix_of_collations = 1267,
                               option_prevents_statement = 1290, unsupported_ps = 1295,
                               sp_does_not_exist = 1305, query_interrupted = 1317,
                               sp_undeclared_var = 1327, view_wrong_list = 1353,
                               unknown_character_set = 1115, unknown_collation = 1273,
                               truncated_wrong_value = 1292, ps_many_param = 1390,
                               data_out_of_range = 1690, wrong_parameters_to_native_fct = 1583,
                               internal = 1815, query_timeout = 3024, cr_server_gone = 2006,
                               cr_server_lost = 2013, cr_commands_out_of_sync = 2014,
                               cr_cant_use_clear_text = 2012, cr_conn_refused = 2003;
}  // namespace er

}  // namespace sluice

namespace sluice::detail {
template <class T>
T take_value(std::expected<T, Error>&& result) {
    return std::move(*result);
}
inline void take_value(std::expected<void, Error>&&) {}
}  // namespace sluice::detail

// TRY(result) is the value, or returns the error from the enclosing function; CO_TRY the same in a
// coroutine.
#define SLUICE_TRY_NAMED(result, return_word, ...)                  \
    ({                                                              \
        auto result = (__VA_ARGS__);                                \
        if (!result) [[unlikely]]                                   \
            return_word std::unexpected(std::move(result).error()); \
        ::sluice::detail::take_value(std::move(result));            \
    })
// Each use has a name of its own, so that uses can be nested.
#define SLUICE_TRY_JOIN(prefix, number) prefix##number
#define SLUICE_TRY_NAME(number) SLUICE_TRY_JOIN(sluice_try_result_, number)
#define TRY(...) SLUICE_TRY_NAMED(SLUICE_TRY_NAME(__COUNTER__), return, __VA_ARGS__)
#define CO_TRY(...) SLUICE_TRY_NAMED(SLUICE_TRY_NAME(__COUNTER__), co_return, __VA_ARGS__)
