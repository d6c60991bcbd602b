// Under connection.cc: HTTP/2 of one connection, what goes out. What comes in: receive.cc. A
// connection's window is given back as bytes arrive, so that a slow reader of one stream never
// stalls another; only stream windows close.
#include "rpc/detail/session.h"

#include <algorithm>

#include "rpc/status.h"

namespace sluice::rpc::detail {

using frame::Head;

namespace {

Bytes bytes_of_text(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

}  // namespace

Session::Session(const SessionOptions& options, SessionEvents* events)
    : events_(events),
      side_(options.side),
      max_streams_(options.max_streams),
      window_(std::max<std::int64_t>(options.connection_window, frame::first_window)),
      stream_window_(options.stream_window) {
    if (side_ == Side::client) {
        control_.append(bytes_of_text(frame::client_preface));
    } else {
        preface_ = frame::client_preface;
    }
    put_settings(options);
    const auto more = static_cast<std::size_t>(window_ - frame::first_window);
    if (more != 0) put_window(0, more);
}

Session::~Session() {
    VT_ASSERT(first_ == nullptr);
}

bool Session::wants_write() const {
    if (!control_.empty()) return true;
    return !failed_ && (!closing_.empty() || (turn_first_ != nullptr && send_window_ > 0));
}

bool Session::alive() const {
    if (wants_write()) return true;
    return !failed_ && (first_ != nullptr || !(goaway_sent_ || goaway_received_));
}

Exchange* Session::find(std::int32_t stream) const {
    const auto found = streams_.find(stream);
    return found == streams_.end() ? nullptr : found->second;
}

void Session::attach(Exchange* exchange, std::int32_t stream) {
    exchange->session_ = this;
    exchange->stream_id_ = stream;
    exchange->stream_ = {};
    exchange->stream_.send_window = stream_send_window_;
    // Until it has read our settings the peer knows the first window only.
    exchange->stream_.receive_window =
        acknowledged_ ? stream_window_ : std::max(stream_window_, frame::first_window);
    exchange->previous_ = nullptr;
    exchange->following_ = first_;
    if (first_ != nullptr) first_->previous_ = exchange;
    first_ = exchange;
    streams_.emplace(stream, exchange);
}

void Session::unlink(Exchange* exchange) {
    (exchange->previous_ != nullptr ? exchange->previous_->following_ : first_) =
        exchange->following_;
    if (exchange->following_ != nullptr) exchange->following_->previous_ = exchange->previous_;
    exchange->previous_ = exchange->following_ = nullptr;
    leave_turn(exchange);
    streams_.erase(exchange->stream_id_);
    exchange->session_ = nullptr;
    if (!exchange->taken_.empty()) exchange->taken_.wake_all();
    if (side_ == Side::client && exchange->stream_.started) {
        --started_;
        start_waiting();
    } else if (!waiting_.empty()) {
        std::erase_if(waiting_,
                      [&](const Waiting& each) { return each.stream == exchange->stream_id_; });
    }
    events_->on_exchange_over();
}

void Session::close(Exchange* exchange, std::uint32_t code) {
    if (code == frame::no_error) ++finished_;
    unlink(exchange);
    exchange->on_closed(code, nullptr);
}

void Session::lose(const Error& why) {
    failed_ = true;
    waiting_.clear();
    while (first_ != nullptr) {
        Exchange* lost = first_;
        unlink(lost);
        lost->on_closed(frame::internal_error, &why);
    }
}

// ---- Frames of our own.

void Session::put_settings(const SessionOptions& options) {
    using frame::Setting;
    std::vector<std::pair<Setting, std::uint32_t>> settings = {
        {Setting::initial_window_size, options.stream_window},
        {Setting::max_header_list_size, max_header_bytes}};
    if (side_ == Side::server) {
        settings.emplace_back(Setting::max_concurrent_streams, options.max_streams);
        settings.emplace_back(Setting::no_rfc7540_priorities, 1);
    } else {
        settings.emplace_back(Setting::enable_push, 0);
    }
    constexpr std::size_t setting_size = 6;
    std::uint8_t* at = frame::append(
        &control_, {.length = static_cast<std::uint32_t>(setting_size * settings.size()),
                    .type = Type::settings});
    for (const auto& [name, value] : settings) {
        at[0] = 0;
        at[1] = static_cast<std::uint8_t>(name);
        frame::put32(at + 2, value);
        at += setting_size;
    }
}

void Session::put_headers(std::int32_t stream, std::span<const Header> headers, bool end) {
    Bytes block = encoder_.encode(headers);
    Head head{.type = Type::headers, .stream = stream};
    if (end) head.flags |= frame::end_stream;
    for (;;) {
        const Bytes part = block.first(std::min(block.size(), frame::max_payload));
        block = block.subspan(part.size());
        head.length = static_cast<std::uint32_t>(part.size());
        if (block.empty()) head.flags |= frame::end_headers;
        std::ranges::copy(part, frame::append(&control_, head));
        if (block.empty()) break;
        head = {.type = Type::continuation, .stream = stream};
    }
    events_->on_progress();
}

void Session::put_reset(std::int32_t stream, std::uint32_t code) {
    frame::put32(
        frame::append(&control_, {.length = 4, .type = Type::rst_stream, .stream = stream}), code);
}

void Session::put_window(std::int32_t stream, std::size_t size) {
    frame::put32(
        frame::append(&control_, {.length = 4, .type = Type::window_update, .stream = stream}),
        static_cast<std::uint32_t>(size));
}

void Session::put_goaway(std::int32_t last, std::uint32_t code, std::string_view text) {
    std::uint8_t* const at = frame::append(
        &control_, {.length = static_cast<std::uint32_t>(8 + text.size()), .type = Type::goaway});
    frame::put32(at, static_cast<std::uint32_t>(last));
    frame::put32(at + 4, code);
    std::ranges::copy(bytes_of_text(text), at + 8);
}

// ---- Streams.

bool Session::peer_allows_streams() const {
    constexpr std::int32_t last_stream = 0x7ffffffd;
    return side_ == Side::client && !failed_ && !goaway_received_ && !goaway_sent_ &&
           next_stream_ <= last_stream;
}

Result<void> Session::request(Exchange* exchange, std::span<const Header> headers) {
    if (!peer_allows_streams())
        return std::unexpected(unavailable_error("the connection takes no new calls"));
    attach(exchange, next_stream_);
    next_stream_ += 2;
    if (waiting_.empty() && started_ < peer_max_streams_) {
        start(exchange, headers);
    } else {
        Waiting& waiting = waiting_.emplace_back();
        waiting.stream = exchange->stream_id_;
        for (const Header& header : headers)
            waiting.headers.emplace_back(std::string(header.name), std::string(header.value));
    }
    events_->on_output();
    return {};
}

void Session::start(Exchange* exchange, std::span<const Header> headers) {
    put_headers(exchange->stream_id_, headers, false);
    exchange->stream_.started = true;
    ++started_;
    take_turn(exchange);
}

void Session::start_waiting() {
    while (!waiting_.empty() && started_ < peer_max_streams_ && !failed_ && !goaway_received_) {
        const Waiting next = std::move(waiting_.front());
        waiting_.pop_front();
        std::vector<Header> headers;
        headers.reserve(next.headers.size());
        for (const auto& [name, value] : next.headers)
            headers.push_back({.name = name, .value = value});
        start(find(next.stream), headers);
        events_->on_output();
    }
}

void Session::respond(Exchange* exchange, std::span<const Header> headers, bool end) {
    put_headers(exchange->stream_id_, headers, end);
    exchange->stream_.started = true;
    if (end) {
        end_local(exchange);
    } else {
        take_turn(exchange);
    }
    events_->on_output();
}

void Session::trailers(Exchange* exchange, std::span<const Header> headers) {
    put_headers(exchange->stream_id_, headers, true);
    end_local(exchange);
}

// The stream is over when this has gone out, if the peer has ended as well or is a client, which
// has its answer then.
void Session::end_local(Exchange* exchange) {
    exchange->stream_.local_ended = true;
    leave_turn(exchange);
    if (side_ == Side::server || exchange->stream_.remote_ended)
        closing_.push_back({exchange->stream_id_, frame::no_error});
}

void Session::close_ended() {
    for (std::size_t i = 0; i < closing_.size(); ++i) {
        const Closing each = closing_[i];
        Exchange* const exchange = find(each.stream);
        if (exchange == nullptr) continue;
        // A server that has answered wants no more of the request.
        if (each.code == frame::no_error && !exchange->stream_.remote_ended)
            put_reset(each.stream, frame::no_error);
        close(exchange, each.code);
    }
    closing_.clear();
}

void Session::consume(std::int32_t stream, std::size_t count) {
    Exchange* const exchange = find(stream);
    if (exchange == nullptr || exchange->stream_.remote_ended || failed_) return;
    Exchange::Stream& of = exchange->stream_;
    of.consumed += count;
    if (2 * static_cast<std::int64_t>(of.consumed) < stream_window_) return;
    put_window(stream, of.consumed);
    of.receive_window += static_cast<std::int64_t>(of.consumed);
    of.consumed = 0;
    events_->on_output();
}

void Session::resume(std::int32_t stream) {
    Exchange* const exchange = find(stream);
    if (exchange == nullptr) return;
    take_turn(exchange);
    events_->on_output();
}

void Session::reset(std::int32_t stream) {
    Exchange* const exchange = find(stream);
    if (exchange == nullptr || failed_) return;
    if (exchange->stream_.started || side_ == Side::server) put_reset(stream, frame::cancel);
    leave_turn(exchange);
    closing_.push_back({stream, frame::cancel});
    events_->on_output();
}

bool Session::sent_everything(std::int32_t stream) const {
    const Exchange* const exchange = find(stream);
    return exchange != nullptr && exchange->stream_.local_ended;
}

void Session::detach(Exchange* exchange) {
    if (!failed_ && (exchange->stream_.started || side_ == Side::server))
        put_reset(exchange->stream_id_, frame::cancel);
    unlink(exchange);
    events_->on_output();
}

void Session::ping(std::uint64_t opaque) {
    std::uint8_t* const at = frame::append(&control_, {.length = 8, .type = Type::ping});
    frame::put32(at, static_cast<std::uint32_t>(opaque >> 32U));
    frame::put32(at + 4, static_cast<std::uint32_t>(opaque));
    events_->on_output();
}

void Session::announce_shutdown() {
    put_goaway(0x7fffffff, frame::no_error, {});
    events_->on_output();
}

void Session::refuse_new_streams(std::uint32_t http2_code, std::string_view text) {
    put_goaway(newest_request_, http2_code, text);
    goaway_sent_ = true;
    events_->on_output();
}

// ---- What goes out.

void Session::take_turn(Exchange* exchange) {
    Exchange::Stream& of = exchange->stream_;
    if (of.in_turn || !of.started || of.local_ended) return;
    of.in_turn = true;
    of.next = nullptr;
    of.previous = turn_last_;
    (turn_last_ != nullptr ? turn_last_->stream_.next : turn_first_) = exchange;
    turn_last_ = exchange;
}

void Session::leave_turn(Exchange* exchange) {
    Exchange::Stream& of = exchange->stream_;
    if (!of.in_turn) return;
    of.in_turn = false;
    (of.previous != nullptr ? of.previous->stream_.next : turn_first_) = of.next;
    (of.next != nullptr ? of.next->stream_.previous : turn_last_) = of.previous;
}

bool Session::flush(Output* out) {
    if (control_.empty()) return true;
    if (!out->has_room_for(control_.size())) return false;
    out->append(control_.view());
    control_.clear();
    replies_ = 0;
    return true;
}

// One DATA frame of the stream whose turn it is. False if nothing more can go out now.
bool Session::send_data(Exchange* exchange, Output* out) {
    Exchange::Stream& of = exchange->stream_;
    const std::size_t waiting = exchange->outgoing();
    const bool finished = exchange->finished_sending();
    // Whoever has more to say, and whoever gets a larger window, takes a turn again.
    if ((waiting == 0 && !finished) || (waiting != 0 && of.send_window <= 0)) {
        leave_turn(exchange);
        return true;
    }
    if (waiting != 0 && send_window_ <= 0) return false;
    std::size_t count = std::min(waiting, frame::max_payload);
    if (count != 0)
        count = std::min(count, static_cast<std::size_t>(std::min(of.send_window, send_window_)));
    const bool last = finished && count == waiting;
    if (count != 0 || side_ == Side::client) {
        if (!out->has_room_for(frame::head_size + count)) return false;
        Head head{.length = static_cast<std::uint32_t>(count), .stream = exchange->stream_id_};
        if (last && side_ == Side::client) head.flags = frame::end_stream;
        std::uint8_t bytes[frame::head_size];
        frame::write_head(bytes, head);
        out->append(bytes);
        exchange->hand_over(count, out);
        of.send_window -= static_cast<std::int64_t>(count);
        send_window_ -= static_cast<std::int64_t>(count);
        events_->on_progress();
    }
    leave_turn(exchange);
    if (!last) {
        take_turn(exchange);  // behind the others
    } else if (side_ == Side::client) {
        end_local(exchange);
    } else {
        exchange->on_last_byte();
    }
    return true;
}

Result<void> Session::pull(Output* out) {
    if (!flush(out) || failed_) return {};
    while (turn_first_ != nullptr && send_data(turn_first_, out)) {
        if (!flush(out)) return {};
    }
    close_ended();
    flush(out);
    return {};
}

}  // namespace sluice::rpc::detail
