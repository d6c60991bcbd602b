// Step 9 of a request for a tablet: which method, and its message. Before: rpc_tablet.cc.
#include "tablet/detail/rpc_request.h"

#include <optional>

#include "tablet/proto_writer.h"

namespace sluice::tablet {
namespace {

using Options = ::query::ExecuteOptions;

std::optional<Options::TransactionIsolation> isolation_of(std::string_view words) {
    if (words == "repeatable read") return Options::REPEATABLE_READ;
    if (words == "read committed") return Options::READ_COMMITTED;
    if (words == "read uncommitted") return Options::READ_UNCOMMITTED;
    if (words == "serializable") return Options::SERIALIZABLE;
    return std::nullopt;
}

// traits = trait *( ", " trait ), as in START TRANSACTION.
Result<void> read_traits(std::string_view words, Before* before) {
    while (!words.empty()) {
        const std::size_t comma = words.find(',');
        std::string_view trait = words.substr(0, comma);
        words = comma == words.npos ? std::string_view() : words.substr(comma + 1);
        if (trait.starts_with(' ')) trait.remove_prefix(1);
        if (trait == "with consistent snapshot") {
            before->access.push_back(Options::CONSISTENT_SNAPSHOT);
        } else if (trait == "read only") {
            before->access.push_back(Options::READ_ONLY);
        } else if (trait == "read write") {
            before->access.push_back(Options::READ_WRITE);
        } else {
            return bug("a trait of START TRANSACTION: " + std::string(trait));
        }
    }
    return {};
}

// Where the fields that not every request has in one place stand; 0: not there. Field numbers of
// query.proto (vttablet-contract 1.2).
struct Layout {
    std::uint32_t options = 5;
    std::uint32_t transaction_id = 0, reserved_id = 0;
    std::uint32_t set_statements = 0, after_begin = 0;
};

struct Method {
    std::string_view name;
    Layout request;
    AnswerLayout answer;
};

// vtrpc.CallerID and query.VTGateCallerID.
void put_caller(wire::Bytes& out, const Caller& caller) {
    if (!caller.principal.empty()) {
        const std::size_t effective = open_message(out, 1);
        put_text(out, 1, caller.principal);
        put_text(out, 2, caller.component);
        put_text(out, 3, caller.subcomponent);
        for (const std::string& group : caller.principal_groups) put_entry(out, 4, group);
        close_message(out, effective);
    }
    const std::size_t immediate = open_message(out, 2);
    put_text(out, 1, caller.user);
    for (const std::string& group : caller.groups) put_entry(out, 2, group);
    close_message(out, immediate);
}

// query.Value, and the beginning of query.BindVariable.
void put_value(wire::Bytes& out, const Value& value) {
    put_number(out, 1, static_cast<std::uint64_t>(value.type));
    if (!value.is_null()) put_text(out, 2, value.bytes);
}

void put_variable(wire::Bytes& out, const BindValue& bound) {
    if (!bound.is_list()) {
        put_value(out, bound.value);
        return;
    }
    put_number(out, 1, static_cast<std::uint64_t>(Type::tuple));
    for (const Value& member : bound.list) {
        const std::size_t value = open_message(out, 3);
        put_value(out, member);
        close_message(out, value);
    }
}

void put_query(wire::Bytes& out, std::string_view text, const BindVars* variables) {
    const std::size_t query = open_message(out, 4);
    put_text(out, 1, text);
    if (variables != nullptr) {
        for (const auto& [name, bound] : *variables) {
            const std::size_t entry = open_message(out, 2);
            put_entry(out, 1, name);
            const std::size_t value = open_message(out, 2);
            put_variable(out, bound);
            close_message(out, value);
            close_message(out, entry);
        }
    }
    close_message(out, query);
}

// query.ExecuteOptions.
void put_options(wire::Bytes& out, std::uint32_t number, const RpcRequest& request) {
    const std::size_t options = open_message(out, number);
    const QueryOptions* from = request.options;
    put_number(out, 4, Options::ALL);
    put_number(out, 5, request.settings != nullptr && request.settings->found_rows ? 1 : 0);
    if (from != nullptr) put_number(out, 6, static_cast<std::uint64_t>(from->workload));
    put_number(out, 9, static_cast<std::uint64_t>(request.before.isolation));
    if (from != nullptr) {
        put_number(out, 10, from->skip_query_plan_cache ? 1 : 0);
        put_number(out, 12, from->has_created_temp_tables ? 1 : 0);
        put_number(out, 13, static_cast<std::uint64_t>(from->consolidator));
    }
    if (!request.before.access.empty()) {
        put_bytes_head(out, 14, request.before.access.size());
        for (const auto mode : request.before.access)
            put_varint(out, static_cast<std::uint64_t>(mode));
    }
    if (from != nullptr) {
        put_text(out, 15, from->workload_name);
        put_text(out, 16, from->priority);
        if (from->timeout) {  // zero is told as well: never
            put_varint(out, varint_tag(17));
            put_varint(out, static_cast<std::uint64_t>(from->timeout->count()));
        }
    }
    close_message(out, options);
}

wire::Bytes request_bytes(const RpcRequest& request, std::string_view target,
                          const Layout& layout) {
    constexpr std::size_t usual_rest = 192;  // beside text and target
    wire::Bytes out;
    out.reserve(request.text.size() + target.size() + usual_rest);
    if (request.caller != nullptr) put_caller(out, *request.caller);
    put_entry(out, 3, target);
    put_query(out, request.text, request.variables);
    put_options(out, layout.options, request);
    if (layout.transaction_id != 0)
        put_number(out, layout.transaction_id, static_cast<std::uint64_t>(request.transaction_id));
    if (layout.reserved_id != 0)
        put_number(out, layout.reserved_id, static_cast<std::uint64_t>(request.reserved_id));
    if (layout.set_statements != 0) {
        for (const std::string& text : request.set_statements)
            put_entry(out, layout.set_statements, text);
    }
    if (layout.after_begin != 0) {
        for (const std::string& text : request.before.after_begin)
            put_entry(out, layout.after_begin, text);
    }
    return out;
}

// The method that fits, of the eight.
Method method_of(const RpcRequest& request) {
    const AnswerLayout begin_answer{.error = 1, .result = 2, .transaction_id = 3};
    const AnswerLayout reserve_answer{.error = 1, .result = 2, .reserved_id = 3};
    const AnswerLayout both_answer{.error = 1, .result = 2, .transaction_id = 3, .reserved_id = 4};
    const bool stream = request.stream;
    if (request.before.begin && request.reserve) {
        return {stream ? "/queryservice.Query/ReserveBeginStreamExecute"
                       : "/queryservice.Query/ReserveBeginExecute",
                {.set_statements = 6, .after_begin = 7},
                both_answer};
    }
    if (request.before.begin && stream) {
        return {"/queryservice.Query/BeginStreamExecute",
                {.reserved_id = 7, .after_begin = 6},
                begin_answer};
    }
    if (request.before.begin) {
        return {
            "/queryservice.Query/BeginExecute", {.reserved_id = 6, .after_begin = 7}, begin_answer};
    }
    if (request.reserve && stream) {
        return {"/queryservice.Query/ReserveStreamExecute",
                {.transaction_id = 6, .set_statements = 7},
                reserve_answer};
    }
    if (request.reserve) {
        return {"/queryservice.Query/ReserveExecute",
                {.options = 6, .transaction_id = 5, .set_statements = 7},
                reserve_answer};
    }
    if (stream)
        return {"/queryservice.Query/StreamExecute", {.transaction_id = 6, .reserved_id = 7}, {}};
    return {
        "/queryservice.Query/Execute", {.options = 6, .transaction_id = 5, .reserved_id = 7}, {}};
}

}  // namespace

Result<Before> read_before(std::span<const std::string> texts) {
    constexpr std::string_view isolation = "set transaction isolation level ";
    constexpr std::string_view start = "start transaction";
    Before before;
    for (const std::string_view text : texts) {
        if (before.begin) {
            before.after_begin.emplace_back(text);
        } else if (text.starts_with(isolation)) {
            const auto level = isolation_of(text.substr(isolation.size()));
            if (!level) return bug("an isolation level: " + std::string(text));
            before.isolation = *level;
        } else if (text == "begin") {
            before.begin = true;
        } else if (text.starts_with(start)) {
            before.begin = true;
            TRY(read_traits(text.substr(start.size()), &before));
        } else {
            before.first.emplace_back(text);
        }
    }
    return before;
}

RpcMessage make_message(const RpcRequest& request, std::string_view target) {
    const Method method = method_of(request);
    return {.method = method.name,
            .layout = method.answer,
            .stream = request.stream,
            .bytes = request_bytes(request, target, method.request)};
}

}  // namespace sluice::tablet
