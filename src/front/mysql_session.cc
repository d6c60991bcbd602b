// Step 2 of a request: a session reads its client's commands and dispatches over a table. Before:
// front/mysql_listener.cc. After: executor/execute.cc.
#include "front/mysql_session.h"

#include <algorithm>

#include "async/deadline.h"
#include "base/limits.h"
#include "base/log.h"

namespace sluice::front {

MysqlSession::MysqlSession(FrontCore* front, async::Stream stream, std::uint32_t id)
    : front_(front),
      stream_(std::move(stream)),
      cutter_(front->options->max_packet),
      session_(id, front->core->gateway, front->core->budget, front->options->connection_memory,
               front->core->options->statement_memory),
      executor_(front->core) {
    message_charge_ = Charge(&session_.budget);
    session_.peer = stream_.socket().peer();
    stream_.set_write_timeout(front->options->write_timeout);
}

namespace {

// Takes one from a count of what is open.
constexpr auto gone = ~std::uint64_t{0};

}  // namespace

// v21's words: "None", "TLS13".
std::string MysqlSession::tls_label() const {
    if (!stream_.is_tls()) return "None";
    std::string label;
    for (const char c : stream_.tls_version()) {
        if (c != 'v' && c != '.') label += c;
    }
    return label == "TLS1" ? "TLS10" : label;
}

// The login, counted. False: there is no session.
Task<bool> MysqlSession::greet() {
    Counters& counters = front_->counters;
    const auto began = async::Clock::now();
    counters.unauthenticated.fetch_add(1, std::memory_order_relaxed);
    const Result<void> in = co_await login();
    counters.unauthenticated.fetch_sub(1, std::memory_order_relaxed);
    if (!in) co_return false;
    counters.connect.add(async::Clock::now() - began);
    counters.by_user.at(session_.user).add();
    counters.by_tls.at(tls_label()).add();
    co_return true;
}

Task<void> MysqlSession::run() {
    front_->counters.connections.fetch_add(1, std::memory_order_relaxed);
    front_->core->sessions.add(&session_);
    bool quit = false;
    const bool in = co_await greet();
    if (in) {
        for (;;) {
            const Result<wire::ByteView> message = co_await next_message();
            if (!message) {
                if (message.error().code == Code::resource_exhausted ||
                    message.error().number == er::net_packets_out_of_order) {
                    co_await answer(message.error());
                }
                break;
            }
            count(front_->counters.commands);
            quit = !message->empty() &&
                   (*message)[0] == static_cast<std::uint8_t>(wire::Command::quit);
            if (co_await serve(*message) == Next::close || session_.killed) break;
        }
        if (!quit) count(front_->counters.aborted);
        front_->counters.by_user.at(session_.user).add(gone);
        front_->counters.by_tls.at(tls_label()).add(gone);
    }
    statements_.clear();
    stream_.unwatch();
    co_await executor_.close(&session_);
    message_charge_.reset();
    stream_.close();
    front_->core->sessions.remove(&session_);
    front_->counters.connections.fetch_sub(1, std::memory_order_relaxed);
    front_->counters.assigned.fetch_sub(1, std::memory_order_relaxed);
}

// The next command's payload, valid until the next call. Errors: the connection cannot go on.
Task<Result<wire::ByteView>> MysqlSession::next_message() {
    stream_.consume(std::exchange(consumed_, 0));
    message_charge_.reset();
    cutter_.expect(0);
    for (;;) {
        wire::MessageCutter::Cut cut = CO_TRY(cutter_.cut(stream_.received()));
        if (cut.message) {
            consumed_ = cut.consumed;
            co_return *cut.message;
        }
        stream_.consume(cut.consumed);
        // A long message grows with what really arrives, and is charged as it grows.
        if (cutter_.gathering()) {
            CO_TRY(message_charge_.add(cut.consumed));
            CO_TRY(co_await fill_in_time(0));
        } else if (stream_.received().empty()) {
            lend_buffers();
            if (waits_plainly()) {
                CO_TRY(co_await stream_.readable(&session_.closing));
                CO_TRY(stream_.read_now());
            } else {
                CO_TRY(co_await fill_in_time(0));
            }
            borrow_buffers();
        } else {
            CO_TRY(co_await fill_in_time(stream_.received().size() + cut.need));
        }
    }
}

// Without TLS and without a limit of time.
bool MysqlSession::waits_plainly() const {
    return !stream_.is_tls() && front_->options->read_timeout.count() <= 0;
}

// More of a command, or the next one, within the limit of a read.
Task<Result<void>> MysqlSession::fill_in_time(std::size_t want) {
    const std::chrono::milliseconds limit = front_->options->read_timeout;
    if (limit.count() <= 0) return stream_.fill(&session_.closing, want);
    return fill_within(limit, want);
}

Task<Result<void>> MysqlSession::fill_within(std::chrono::milliseconds limit, std::size_t want) {
    async::LinkedStop patient(&session_.closing);
    const async::Deadline deadline(patient.get(), limit,
                                   make_error(Code::deadline_exceeded, "idle for too long"));
    co_return co_await stream_.fill(patient.get(), want);
}

// A session that waits holds no buffers: the loop's sessions hand on those that are warm.
void MysqlSession::lend_buffers() {
    constexpr std::size_t kept = 64;
    constexpr std::size_t few_parameters = 1024;
    if (front_->spare_buffers.size() < kept && out_.capacity() <= limits::read_chunk &&
        execute_.parameters.capacity() <= few_parameters) {
        front_->spare_buffers.push_back({std::move(out_), std::move(execute_)});
    } else {
        out_.release();
        execute_ = wire::Execute();
    }
}

void MysqlSession::borrow_buffers() {
    if (front_->spare_buffers.empty()) return;
    out_ = std::move(front_->spare_buffers.back().out);
    execute_ = std::move(front_->spare_buffers.back().execute);
    front_->spare_buffers.pop_back();
}

Task<MysqlSession::Next> MysqlSession::serve(wire::ByteView message) {
    sequence_ = cutter_.next_sequence();
    const std::uint8_t command = message.empty() ? 0 : message[0];
    const auto* const end = commands + command_count;
    const auto* const found = std::ranges::find(commands, end, static_cast<wire::Command>(command),
                                                &CommandEntry::command);
    if (found == end) {
        return answer(
            make_error(Code::unimplemented, er::unknown_command,
                       "command handling not implemented yet: " + std::to_string(command)));
    }
    return (this->*found->handler)(message);
}

// Sends what is in the buffer.
Task<Result<void>> MysqlSession::flush() {
    if (out_.empty()) return Task<Result<void>>::done();
    const std::size_t sent = stream_.write_now(out_.view(), {}).value_or(0);
    if (sent < out_.size()) return flush_rest(sent);
    out_.clear();
    return Task<Result<void>>::done();
}

Task<Result<void>> MysqlSession::flush_rest(std::size_t sent) {
    Result<void> written = co_await stream_.write(out_.view().subspan(sent), {}, &session_.closing);
    out_.clear();
    co_return written;
}

Task<MysqlSession::Next> MysqlSession::answer(Error error) {
    wire::PacketWriter writer(&out_, sequence_);
    wire::write_err(writer, error);
    if (co_await flush()) co_return Next::go_on;
    co_return Next::close;
}

Task<MysqlSession::Next> MysqlSession::answer_ok() {
    wire::PacketWriter writer(&out_, sequence_);
    const wire::OkPacket ok{.affected_rows = 0,
                            .insert_id = 0,
                            .status = executor::Executor::status_of(session_),
                            .warnings = 0,
                            .info = {},
                            .session_state = {}};
    wire::write_ok(writer, ok, negotiated_);
    if (co_await flush()) co_return Next::go_on;
    co_return Next::close;
}

}  // namespace sluice::front
