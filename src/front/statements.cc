// Step 2 of a request: prepared statements of the binary protocol. Ids, parameter types and long
// data are the connection's; the statement itself is the executor's.
#include <cstring>

#include "front/mysql_session.h"
#include "wire/request.h"

namespace sluice::front {

Task<MysqlSession::Next> MysqlSession::stmt_prepare(wire::ByteView message) {
    const std::uint32_t id = ++last_statement_;  // a failed PREPARE uses up a number as well
    auto prepared = std::make_unique<Prepared>();
    prepared->charge = Charge(&session_.budget);
    prepared->long_charge = Charge(&session_.budget);
    const std::string_view text = wire::command_text(message);
    if (const Result<void> charged = prepared->charge.add(sizeof(Prepared) + 3 * text.size());
        !charged) {
        co_return co_await answer(charged.error());
    }
    prepared->statement.id = id;
    prepared->statement.text = text;
    prepared->statement.lexer_mode = session_.lexer_mode;
    ClientReply reply(&stream_, &out_, negotiated_, true, sequence_);
    reply.keep_columns();
    session_.stop.reset();
    stream_.watch(&session_.stop);
    std::optional<async::Deadline> deadline;
    limit_command(&deadline);
    const Result<void> done = co_await executor_.prepare(&session_, &prepared->statement, &reply);
    deadline.reset();
    stream_.unwatch();
    if (!done) co_return co_await answer(done.error());
    wire::PacketWriter writer(&out_, sequence_);
    wire::write_prepare_response(writer, id, prepared->statement.parameters, reply.kept(),
                                 negotiated_, executor::Executor::status_of(session_));
    statements_.emplace(id, std::move(prepared));
    if (co_await flush()) co_return Next::go_on;
    co_return Next::close;
}

MysqlSession::Prepared* MysqlSession::find_statement(wire::ByteView message) {
    const Result<std::uint32_t> id = wire::parse_statement_id(message);
    if (!id) return nullptr;
    const auto found = statements_.find(*id);
    return found == statements_.end() ? nullptr : found->second.get();
}

Task<MysqlSession::Next> MysqlSession::stmt_execute(wire::ByteView message) {
    Prepared* prepared = find_statement(message);
    if (prepared == nullptr) {
        return answer(make_error(Code::not_found, er::unknown_stmt_handler,
                                 "Unknown prepared statement handler given to EXECUTE"));
    }
    if (turns_away() && !session_.shards.in_transaction()) return turn_away();
    return execute(prepared, message);
}

namespace {

// Where the three parts stand that a shard can be sent as they are: behind command, id, flags and
// iterations (10 bytes), NULL bitmap, one byte that says whether types follow, types, values.
struct RawExecute {
    wire::ByteView null_bitmap;
    wire::ByteView types;  // empty: not sent
    wire::ByteView values;
};

RawExecute raw_parts(wire::ByteView message, std::size_t parameters) {
    if (parameters == 0) return {};
    const std::size_t bitmap = (parameters + 7) / 8;
    const wire::ByteView rest = message.subspan(10);
    const bool types_sent = rest[bitmap] == 1;
    const std::size_t types = types_sent ? 2 * parameters : 0;
    return {rest.first(bitmap), rest.subspan(bitmap + 1, types), rest.subspan(bitmap + 1 + types)};
}

}  // namespace

Task<MysqlSession::Next> MysqlSession::execute(Prepared* prepared, wire::ByteView message) {
    std::vector<std::optional<wire::ByteView>> long_data;
    for (const std::optional<std::string>& data : prepared->long_data) {
        long_data.push_back(data ? std::optional(wire::bytes_of(*data)) : std::nullopt);
    }
    const Result<void> parsed = wire::parse_execute(message,
                                                    {.parameters = prepared->statement.parameters,
                                                     .types = prepared->types,
                                                     .long_data = long_data},
                                                    execute_);
    if (!parsed) co_return co_await answer(parsed.error());
    const RawExecute raw = raw_parts(message, prepared->statement.parameters);
    if (execute_.types_sent) {
        prepared->types.clear();
        for (const wire::Parameter& parameter : execute_.parameters)
            prepared->types.push_back(parameter.type);
        prepared->raw_types.assign(raw.types.begin(), raw.types.end());
    }
    const executor::Parameters parameters{.values = execute_.parameters,
                                          .null_bitmap = raw.null_bitmap,
                                          .types = prepared->raw_types,
                                          .raw_values = raw.values,
                                          .raw = long_data.empty()};
    ClientReply reply(&stream_, &out_, negotiated_, true, sequence_);
    reply.send_late_rows(&front_->late_rows, front_->options->flush_delay, &front_->sessions,
                         &session_.stop);
    session_.stop.reset();
    stream_.watch(&session_.stop);
    std::optional<async::Deadline> deadline;
    limit_command(&deadline);
    const Result<executor::Ending> ending =
        co_await executor_.execute(&session_, &prepared->statement, &parameters, &reply);
    deadline.reset();
    stream_.unwatch();
    if (!reply.settled()) co_await reply.settle();
    // Long data is for one execution.
    prepared->long_data.clear();
    prepared->long_charge.reset();
    if (reply.broken()) co_return Next::close;
    if (ending) {
        reply.finish(*ending, false);
    } else {
        reply.refuse(ending.error());
    }
    if (co_await flush()) co_return Next::go_on;
    co_return Next::close;
}

// MySQL answers nothing; an error is kept for the next EXECUTE there. v21 answers an unknown id
// with an error.
Task<MysqlSession::Next> MysqlSession::stmt_send_long_data(wire::ByteView message) {
    const Result<wire::LongData> data = wire::parse_long_data(message);
    if (!data) co_return co_await answer(data.error());
    Prepared* prepared = find_statement(message);
    if (prepared == nullptr || data->parameter >= prepared->statement.parameters) {
        co_return co_await answer(make_error(Code::not_found, er::unknown_error,
                                             "unknown error: got wrong statement id from client " +
                                                 std::to_string(session_.id) + ", statement ID(" +
                                                 std::to_string(data->statement) +
                                                 ") is not found from record"));
    }
    if (const Result<void> charged = prepared->long_charge.add(data->chunk.size()); !charged) {
        co_return co_await answer(charged.error());
    }
    if (prepared->long_data.size() <= data->parameter)
        prepared->long_data.resize(data->parameter + std::size_t{1});
    std::optional<std::string>& gathered = prepared->long_data[data->parameter];
    if (!gathered) gathered.emplace();
    gathered->append(data->chunk);
    co_return Next::go_on;
}

Task<MysqlSession::Next> MysqlSession::stmt_close(wire::ByteView message) {
    if (const Result<std::uint32_t> id = wire::parse_statement_id(message)) statements_.erase(*id);
    co_return Next::go_on;
}

Task<MysqlSession::Next> MysqlSession::stmt_reset(wire::ByteView message) {
    Prepared* prepared = find_statement(message);
    if (prepared == nullptr) {
        co_return co_await answer(make_error(Code::not_found, er::unknown_stmt_handler,
                                             "Unknown prepared statement handler given to RESET"));
    }
    prepared->long_data.clear();
    prepared->long_charge.reset();
    co_return co_await answer_ok();
}

}  // namespace sluice::front
