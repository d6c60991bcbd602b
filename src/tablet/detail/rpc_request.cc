// Step 9 of a request for a tablet: which method, and its message. Before: rpc_tablet.cc.
#include "tablet/detail/rpc_request.h"

#include <optional>

#include "tablet/detail/rpc_values.h"

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

void fill_options(Options* to, const RpcRequest& request) {
    to->set_included_fields(Options::ALL);
    if (request.settings != nullptr) to->set_client_found_rows(request.settings->found_rows);
    to->set_transaction_isolation(request.before.isolation);
    for (const auto mode : request.before.access) to->add_transaction_access_mode(mode);
    const QueryOptions* from = request.options;
    if (from == nullptr) return;
    to->set_workload(static_cast<Options::Workload>(from->workload));
    to->set_consolidator(static_cast<Options::Consolidator>(from->consolidator));
    to->set_skip_query_plan_cache(from->skip_query_plan_cache);
    to->set_has_created_temp_tables(from->has_created_temp_tables);
    to->set_workloadname(from->workload_name);
    to->set_priority(from->priority);
    if (from->timeout) to->set_authoritative_timeout(from->timeout->count());
}

template <class Message>
std::unique_ptr<Message> filled(const RpcRequest& request, const ::query::Target& target) {
    auto message = std::make_unique<Message>();
    fill_envelope(message.get(), request.caller, target);
    fill_query(message->mutable_query(), request.text, request.variables);
    fill_options(message->mutable_options(), request);
    return message;
}

void add_all(google::protobuf::RepeatedPtrField<std::string>* to,
             const std::vector<std::string>& texts) {
    for (const std::string& text : texts) *to->Add() = text;
}

template <class Message>
std::unique_ptr<Message> reserving_begin(const RpcRequest& request, const ::query::Target& target) {
    auto message = filled<Message>(request, target);
    add_all(message->mutable_pre_queries(), request.set_statements);
    add_all(message->mutable_post_begin_queries(), request.before.after_begin);
    return message;
}

template <class Message>
std::unique_ptr<Message> beginning(const RpcRequest& request, const ::query::Target& target) {
    auto message = filled<Message>(request, target);
    add_all(message->mutable_pre_queries(), request.before.after_begin);
    message->set_reserved_id(request.reserved_id);
    return message;
}

template <class Message>
std::unique_ptr<Message> reserving(const RpcRequest& request, const ::query::Target& target) {
    auto message = filled<Message>(request, target);
    add_all(message->mutable_pre_queries(), request.set_statements);
    message->set_transaction_id(request.transaction_id);
    return message;
}

template <class Message>
std::unique_ptr<Message> plain(const RpcRequest& request, const ::query::Target& target) {
    auto message = filled<Message>(request, target);
    message->set_transaction_id(request.transaction_id);
    message->set_reserved_id(request.reserved_id);
    return message;
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

RpcMessage make_message(const RpcRequest& request, const ::query::Target& target) {
    const bool stream = request.stream;
    const AnswerLayout begin_layout{.error = 1, .result = 2, .transaction_id = 3};
    const AnswerLayout reserve_layout{.error = 1, .result = 2, .reserved_id = 3};
    const AnswerLayout both_layout{.error = 1, .result = 2, .transaction_id = 3, .reserved_id = 4};
    if (request.before.begin && request.reserve) {
        if (!stream)
            return {"/queryservice.Query/ReserveBeginExecute", both_layout, false,
                    reserving_begin<::query::ReserveBeginExecuteRequest>(request, target)};
        return {"/queryservice.Query/ReserveBeginStreamExecute", both_layout, true,
                reserving_begin<::query::ReserveBeginStreamExecuteRequest>(request, target)};
    }
    if (request.before.begin) {
        if (!stream)
            return {"/queryservice.Query/BeginExecute", begin_layout, false,
                    beginning<::query::BeginExecuteRequest>(request, target)};
        return {"/queryservice.Query/BeginStreamExecute", begin_layout, true,
                beginning<::query::BeginStreamExecuteRequest>(request, target)};
    }
    if (request.reserve) {
        if (!stream)
            return {"/queryservice.Query/ReserveExecute", reserve_layout, false,
                    reserving<::query::ReserveExecuteRequest>(request, target)};
        return {"/queryservice.Query/ReserveStreamExecute", reserve_layout, true,
                reserving<::query::ReserveStreamExecuteRequest>(request, target)};
    }
    if (!stream)
        return {"/queryservice.Query/Execute",
                {},
                false,
                plain<::query::ExecuteRequest>(request, target)};
    return {"/queryservice.Query/StreamExecute",
            {},
            true,
            plain<::query::StreamExecuteRequest>(request, target)};
}

}  // namespace sluice::tablet
