// Step 2 of a request: the commands of the text protocol and the small ones.
#include "base/log.h"
#include "executor/query_time_out.h"
#include "front/mysql_session.h"
#include "wire/request.h"
#include "wire/result_set.h"

namespace sluice::front {

const MysqlSession::CommandEntry MysqlSession::commands[] = {
    {wire::Command::query, &MysqlSession::query},
    {wire::Command::stmt_execute, &MysqlSession::stmt_execute},
    {wire::Command::stmt_prepare, &MysqlSession::stmt_prepare},
    {wire::Command::stmt_close, &MysqlSession::stmt_close},
    {wire::Command::stmt_reset, &MysqlSession::stmt_reset},
    {wire::Command::stmt_send_long_data, &MysqlSession::stmt_send_long_data},
    {wire::Command::ping, &MysqlSession::ping},
    {wire::Command::quit, &MysqlSession::quit},
    {wire::Command::init_db, &MysqlSession::init_db},
    {wire::Command::field_list, &MysqlSession::field_list},
    {wire::Command::statistics, &MysqlSession::statistics},
    {wire::Command::process_kill, &MysqlSession::process_kill},
    {wire::Command::set_option, &MysqlSession::set_option},
    {wire::Command::reset_connection, &MysqlSession::reset_connection},
    {wire::Command::binlog_dump, &MysqlSession::hang_up},
    {wire::Command::binlog_dump_gtid, &MysqlSession::hang_up},
};
const std::size_t MysqlSession::command_count = std::size(commands);

Task<MysqlSession::Next> MysqlSession::quit(wire::ByteView) {
    co_return Next::close;
}

// v21 closes without a packet when somebody asks for the binary log.
Task<MysqlSession::Next> MysqlSession::hang_up(wire::ByteView) {
    co_return Next::close;
}

Error MysqlSession::shutdown_error() {
    return make_error(Code::unavailable, er::server_shutdown, "Server shutdown in progress");
}

Task<MysqlSession::Next> MysqlSession::ping(wire::ByteView) {
    if (turns_away()) co_return co_await answer(shutdown_error());
    co_return co_await answer_ok();
}

Task<MysqlSession::Next> MysqlSession::init_db(wire::ByteView message) {
    const Result<void> used = executor_.use(&session_, wire::command_text(message));
    if (!used) co_return co_await answer(used.error());
    co_return co_await answer_ok();
}

Task<MysqlSession::Next> MysqlSession::query(wire::ByteView message) {
    if (turns_away() && !session_.shards.in_transaction()) return turn_away();
    return run_query(wire::command_text(message));
}

Task<MysqlSession::Next> MysqlSession::turn_away() {
    co_await answer(shutdown_error());
    co_return Next::close;
}

// One text, perhaps of several statements.
Task<MysqlSession::Next> MysqlSession::run_query(std::string_view text) {
    if (multi_statements_ && text.find(';') != std::string_view::npos) return run_several(text);
    return run_one(text, Position::last);
}

// The first error ends it.
Task<MysqlSession::Next> MysqlSession::run_several(std::string_view text) {
    for (;;) {
        const sql::SplitText split = sql::split_first(text, session_.lexer_mode);
        if (sql::classify(split.rest, session_.lexer_mode) == sql::StatementClass::empty) break;
        const Next next = co_await run_one(split.first, Position::more_follow);
        if (next == Next::close || refused_) co_return next;
        text = split.rest;
    }
    co_return co_await run_one(text, Position::last);
}

// --mysql_server_query_timeout, beside the statement's own limit (executor/execute.cc): the shorter
// one ends it.
void MysqlSession::limit_command(std::optional<async::Deadline>* deadline) {
    const std::chrono::milliseconds limit = front_->options->query_timeout;
    if (limit.count() <= 0) return;
    deadline->emplace(&session_.stop, limit, executor::query_timed_out());
}

// The answer is sent unless others follow it.
Task<MysqlSession::Next> MysqlSession::run_one(std::string_view text, Position position) {
    ClientReply reply(&stream_, &out_, negotiated_, false, sequence_);
    reply.send_late_rows(&front_->late_rows, front_->options->flush_delay, &front_->sessions,
                         &session_.stop);
    session_.stop.reset();
    stream_.watch(&session_.stop);
    std::optional<async::Deadline> deadline;
    limit_command(&deadline);
    const Result<executor::Ending> ending = co_await executor_.query(&session_, text, &reply);
    deadline.reset();
    stream_.unwatch();
    if (!reply.settled()) co_await reply.settle();
    if (reply.broken()) co_return Next::close;  // cut in the middle of a row
    refused_ = !ending;
    if (ending) {
        reply.finish(*ending, position == Position::more_follow);
    } else {
        reply.refuse(ending.error());
    }
    sequence_ = reply.sequence;
    if (position == Position::more_follow && !refused_) co_return Next::go_on;
    if (co_await flush()) co_return Next::go_on;
    co_return Next::close;
}

Task<MysqlSession::Next> MysqlSession::statistics(wire::ByteView) {
    wire::PacketWriter writer(&out_, sequence_);
    writer.packet(wire::bytes_of(front_->core->statistics()));
    if (co_await flush()) co_return Next::go_on;
    co_return Next::close;
}

// The definitions of a table's columns, each with its default (none is given), then EOF.
Task<MysqlSession::Next> MysqlSession::field_list(wire::ByteView message) {
    const Result<wire::FieldList> list = wire::parse_field_list(message);
    if (!list) co_return co_await answer(list.error());
    std::string text = "select * from `";
    for (const char c : list->table) text.append(c == '`' ? 2 : 1, c);
    text += "` where 1 != 1";
    ClientReply reply(&stream_, &out_, negotiated_, false, sequence_);
    reply.keep_columns();
    session_.stop.reset();
    const Result<executor::Ending> ending = co_await executor_.query(&session_, text, &reply);
    if (!ending) co_return co_await answer(ending.error());
    wire::PacketWriter writer(&out_, sequence_);
    for (const wire::ColumnDefinition& column : reply.kept()) {
        wire::Bytes definition;
        wire::PacketWriter single(&definition);
        wire::write_column(single, column);
        definition.push(0xfb);
        writer.packet(definition.view().subspan(wire::header_size));
    }
    wire::write_end(writer,
                    {.affected_rows = 0,
                     .insert_id = 0,
                     .status = executor::Executor::status_of(session_),
                     .warnings = 0,
                     .info = {},
                     .session_state = {}},
                    negotiated_);
    if (co_await flush()) co_return Next::go_on;
    co_return Next::close;
}

Task<MysqlSession::Next> MysqlSession::process_kill(wire::ByteView message) {
    const Result<wire::ProcessKill> kill = wire::parse_process_kill(message);
    if (!kill) co_return co_await answer(kill.error());
    const std::string text = "kill " + std::to_string(kill->connection);
    co_return co_await run_query(text);
}

Task<MysqlSession::Next> MysqlSession::set_option(wire::ByteView message) {
    const Result<wire::SetOption> option = wire::parse_set_option(message);
    if (!option || option->option > 1) {
        co_return co_await answer(
            make_error(Code::invalid_argument, er::unknown_command, "SET_OPTION takes 0 or 1"));
    }
    multi_statements_ = option->option == 0;
    wire::PacketWriter writer(&out_, sequence_);
    wire::write_eof(writer, {.warnings = 0, .status = executor::Executor::status_of(session_)});
    if (co_await flush()) co_return Next::go_on;
    co_return Next::close;
}

Task<MysqlSession::Next> MysqlSession::reset_connection(wire::ByteView) {
    statements_.clear();
    co_await executor_.reset(&session_);
    co_return co_await answer_ok();
}

}  // namespace sluice::front
