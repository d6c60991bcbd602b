// Under connection.cc: HTTP/2 of one connection, what comes in (RFC 9113, 4 to 6 and 8).
#include <algorithm>

#include "rpc/detail/session.h"
#include "rpc/status.h"

namespace sluice::rpc::detail {

using frame::Head;

namespace {

// What a peer may make us say before it reads, and what it may take back without an end.
constexpr std::size_t most_replies = 1000;
constexpr std::uint64_t free_resets = 1000;
constexpr unsigned most_continuations = 8;

std::string_view text_of(Bytes bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

void Session::fail(std::uint32_t code, std::string_view why) {
    if (failed_) return;
    put_goaway(newest_request_, code, why);
    goaway_sent_ = failed_ = true;
}

// What the peer does wrong often enough, without reading what we say to it, ends the connection.
void Session::count_reply(std::string_view what) {
    if (++replies_ > most_replies) fail(frame::enhance_your_calm, what);
}

void Session::refuse(std::int32_t stream, std::uint32_t code) {
    put_reset(stream, code);
    count_reply("streams are refused all the time");
}

void Session::fail_stream(std::int32_t stream, std::uint32_t code) {
    refuse(stream, code);
    if (Exchange* const exchange = find(stream)) close(exchange, code);
}

// No stream of this number has begun.
bool Session::is_idle(std::int32_t stream) const {
    const bool of_client = stream % 2 == 1;
    if (side_ == Side::client) return !of_client || stream >= next_stream_;
    return !of_client || stream > newest_request_;
}

Result<void> Session::feed(Bytes bytes) {
    while (!bytes.empty() && !failed_) {
        if (!preface_.empty()) {
            const std::size_t count = std::min(preface_.size(), bytes.size());
            if (text_of(bytes.first(count)) != preface_.substr(0, count))
                return std::unexpected(
                    unavailable_error("connection error: http2: the client's preface is none"));
            preface_.remove_prefix(count);
            bytes = bytes.subspan(count);
        } else if (in_data_) {
            bytes = bytes.subspan(take_data(bytes));
        } else {
            bytes = bytes.subspan(take_bytes(bytes));
        }
    }
    return {};
}

// Bytes from the beginning of a frame on, or from the middle of one that is not DATA; how many
// were taken.
std::size_t Session::take_bytes(Bytes bytes) {
    if (partial_.empty() && bytes.size() >= frame::head_size) {
        const Head head = frame::read_head(bytes.data());
        if (!begin_frame(head) || head.type == Type::data) return frame::head_size;
        const std::size_t whole = frame::head_size + head.length;
        if (bytes.size() >= whole) {
            take_frame(head, bytes.subspan(frame::head_size, head.length));
            return whole;
        }
    }
    const bool has_head = partial_.size() >= frame::head_size;
    const std::size_t want =
        has_head ? frame::head_size + frame::read_head(partial_.view().data()).length
                 : frame::head_size;
    const std::size_t count = std::min(want - partial_.size(), bytes.size());
    partial_.append(bytes.first(count));
    if (partial_.size() < want) return count;
    const Head head = frame::read_head(partial_.view().data());
    if (!has_head) {
        if (!begin_frame(head)) return count;
        if (head.type == Type::data) {
            partial_.clear();
            return count;
        }
        if (head.length != 0) return count;
    }
    take_frame(head, partial_.view().subspan(frame::head_size));
    partial_.clear();
    return count;
}

// True if a frame may begin like this. A frame of DATA is taken as it comes.
bool Session::begin_frame(const Head& head) {
    if (head.length > frame::max_payload) {
        fail(frame::frame_size_error, "a frame is too large");
    } else if (!has_settings_ && head.type != Type::settings) {
        fail(frame::protocol_error, "the first frame is no SETTINGS");
    } else if (in_block_ &&
               (head.type != Type::continuation || head.stream != block_head_.stream)) {
        fail(frame::protocol_error, "a frame among those of one header block");
    } else if (head.type == Type::data) {
        begin_data(head);
    }
    return !failed_;
}

void Session::take_frame(const Head& head, Bytes payload) {
    switch (head.type) {
        case Type::headers:
            return take_headers(head, payload);
        case Type::continuation:
            return take_continuation(head, payload);
        case Type::rst_stream:
            return take_reset(head, payload);
        case Type::settings:
            return take_settings(head, payload);
        case Type::ping:
            return take_ping(head, payload);
        case Type::goaway:
            return take_goaway(head, payload);
        case Type::window_update:
            return take_window(head, payload);
        case Type::push_promise:
            return fail(frame::protocol_error, "PUSH_PROMISE, which nobody may send");
        case Type::priority:
            if (head.stream == 0) return fail(frame::protocol_error, "PRIORITY of no stream");
            if (head.length != 5) fail_stream(head.stream, frame::frame_size_error);
            return;
        default:
            return;  // later versions' frames are passed over
    }
}

// ---- DATA.

void Session::begin_data(const Head& head) {
    if (head.stream == 0 || is_idle(head.stream))
        return fail(frame::protocol_error, "DATA of no stream");
    received_ += head.length;
    if (static_cast<std::int64_t>(received_) > window_)
        return fail(frame::flow_control_error, "more DATA than the connection's window");
    if (2 * static_cast<std::int64_t>(received_) >= window_) {
        put_window(0, received_);
        received_ = 0;
    }
    in_data_ = true;
    data_ = head;
    data_left_ = head.length;
    padding_left_ = 0;
    awaits_padding_ = head.has(frame::padded);
    if (awaits_padding_ && head.length == 0)
        return fail(frame::protocol_error, "DATA without its padding's length");
    if (Exchange* const exchange = find(head.stream)) {
        Exchange::Stream& of = exchange->stream_;
        of.receive_window -= static_cast<std::int64_t>(head.length);
        if (of.remote_ended) {
            fail_stream(head.stream, frame::stream_closed);
        } else if (!of.has_headers) {
            fail_stream(head.stream, frame::protocol_error);
        } else if (of.receive_window < 0) {
            fail_stream(head.stream, frame::flow_control_error);
        }
    }
    if (data_left_ == 0) end_data();
}

std::size_t Session::take_data(Bytes bytes) {
    if (awaits_padding_) {
        awaits_padding_ = false;
        padding_left_ = bytes[0];
        --data_left_;
        if (padding_left_ > data_left_) {
            fail(frame::protocol_error, "more padding than DATA");
            return 1;
        }
        consume(data_.stream, 1 + padding_left_);
        if (data_left_ == 0) end_data();
        return 1;
    }
    const std::size_t count = std::min(bytes.size(), data_left_);
    const std::size_t content = std::min(count, data_left_ - padding_left_);
    data_left_ -= count;
    padding_left_ = std::min(padding_left_, data_left_);
    if (content != 0) {
        if (Exchange* const exchange = find(data_.stream)) {
            exchange->stream_.received += static_cast<std::int64_t>(content);
            exchange->on_bytes(bytes.first(content));
        }
    }
    if (data_left_ == 0) end_data();
    return count;
}

void Session::end_data() {
    in_data_ = false;
    if (!data_.has(frame::end_stream)) return;
    if (Exchange* const exchange = find(data_.stream)) end_remote(exchange);
}

// The last byte of the stream has come.
void Session::end_remote(Exchange* exchange) {
    const std::int32_t stream = exchange->stream_id_;
    Exchange::Stream& of = exchange->stream_;
    if (of.content_length >= 0 && of.content_length != of.received)
        return fail_stream(stream, frame::protocol_error);
    of.remote_ended = true;
    exchange->on_end_of_stream();
    if (find(stream) == exchange && of.local_ended) close(exchange, frame::no_error);
}

// ---- HEADERS.

bool Session::strip_padding(const Head& head, Bytes* payload) {
    std::size_t padding = 0;
    if (head.has(frame::padded)) {
        if (payload->empty()) return false;
        padding = payload->front();
        *payload = payload->subspan(1);
    }
    constexpr std::size_t priority_size = 5;
    if (head.has(frame::priority)) {
        if (payload->size() < priority_size) return false;
        *payload = payload->subspan(priority_size);
    }
    if (padding > payload->size()) return false;
    *payload = payload->first(payload->size() - padding);
    return true;
}

void Session::take_headers(const Head& head, Bytes payload) {
    if (head.stream == 0) return fail(frame::protocol_error, "HEADERS of no stream");
    if (!strip_padding(head, &payload)) return fail(frame::protocol_error, "HEADERS are cut short");
    block_head_ = head;
    if (head.has(frame::end_headers)) return take_block(payload);
    in_block_ = true;
    continuations_ = 0;
    block_.clear();
    block_.append(payload);
}

void Session::take_continuation(const Head& head, Bytes payload) {
    if (!in_block_) return fail(frame::protocol_error, "CONTINUATION of nothing");
    if (++continuations_ > most_continuations || block_.size() + payload.size() > max_header_bytes)
        return fail(frame::enhance_your_calm, "a header block is too large");
    block_.append(payload);
    if (!head.has(frame::end_headers)) return;
    in_block_ = false;
    take_block(block_.view());
}

void Session::take_block(Bytes block) {
    const std::int32_t stream = block_head_.stream;
    Exchange* exchange = find(stream);
    const bool begins = side_ == Side::server && exchange == nullptr && stream > newest_request_;
    if (exchange == nullptr && is_idle(stream) && (!begins || stream % 2 == 0))
        return fail(frame::protocol_error, "HEADERS of no stream");
    using Kind = HeaderDecoder::Kind;
    const Kind first = side_ == Side::server ? Kind::request : Kind::answer;
    const bool trailers = exchange != nullptr ? exchange->stream_.has_headers : !begins;
    const HeaderDecoder::Block told =
        decoder_.decode(trailers ? Kind::trailers : first, block, max_header_bytes);
    using Outcome = HeaderDecoder::Outcome;
    if (told.outcome == Outcome::broken)
        return fail(frame::compression_error, "a header block is broken");
    if (begins) {
        newest_request_ = stream;
        if (goaway_sent_) return;  // it was told that nobody looks at it
    } else if (exchange == nullptr) {
        return;  // of a stream that we have ended
    }
    const bool end = block_head_.has(frame::end_stream);
    if (exchange != nullptr && exchange->stream_.remote_ended)
        return fail_stream(stream, frame::stream_closed);
    if (told.list_size > max_header_bytes) return fail_stream(stream, frame::internal_error);
    if (told.outcome == Outcome::malformed || (trailers && !end) || (told.informational && end))
        return fail_stream(stream, frame::protocol_error);
    if (begins) {
        if (streams_.size() >= max_streams_) return refuse(stream, frame::refused_stream);
        exchange = events_->on_request(stream);
        if (exchange == nullptr) return refuse(stream, frame::internal_error);
        attach(exchange, stream);
    }
    take_fields(exchange, told, trailers);
}

void Session::take_fields(Exchange* exchange, const HeaderDecoder::Block& block, bool trailers) {
    const std::int32_t stream = block_head_.stream;
    const bool end = block_head_.has(frame::end_stream);
    Exchange::Stream& of = exchange->stream_;
    if (block.informational) return;  // the answer is still to come
    if (!trailers) {
        of.has_headers = true;
        of.content_length = block.content_length;
    }
    // Nobody reads what follows a request's messages.
    if (side_ == Side::client || !trailers) {
        for (const HeaderDecoder::Field& field : block.fields) {
            exchange->on_header(field.name, field.value);
            if (find(stream) != exchange) return;
        }
        exchange->on_headers_end(end);
    }
    if (end && find(stream) == exchange) end_remote(exchange);
}

// ---- The rest.

void Session::take_reset(const Head& head, Bytes payload) {
    if (payload.size() != 4) return fail(frame::frame_size_error, "RST_STREAM");
    if (head.stream == 0 || is_idle(head.stream))
        return fail(frame::protocol_error, "RST_STREAM of no stream");
    if (side_ == Side::server && ++resets_ > free_resets + finished_)
        return fail(frame::enhance_your_calm, "calls are begun and reset");
    if (Exchange* const exchange = find(head.stream))
        close(exchange, frame::number32(payload.data()));
}

void Session::take_settings(const Head& head, Bytes payload) {
    constexpr std::size_t setting_size = 6;
    if (head.stream != 0) return fail(frame::protocol_error, "SETTINGS of a stream");
    if (head.has(frame::ack)) {
        if (!payload.empty()) return fail(frame::frame_size_error, "SETTINGS");
        acknowledged_ = true;
        return;
    }
    if (payload.size() % setting_size != 0) return fail(frame::frame_size_error, "SETTINGS");
    if (!has_settings_) peer_max_streams_ = 0x7fffffff;  // unless they say something else
    for (; !payload.empty(); payload = payload.subspan(setting_size)) {
        const auto name = static_cast<std::uint16_t>(payload[0] << 8U | payload[1]);
        take_setting(static_cast<frame::Setting>(name), frame::number32(payload.data() + 2));
        if (failed_) return;
    }
    has_settings_ = true;
    frame::append(&control_, {.type = Type::settings, .flags = frame::ack});
    count_reply("SETTINGS all the time");
    if (failed_) return;
    start_waiting();
    events_->on_settings();
}

void Session::take_setting(frame::Setting name, std::uint32_t value) {
    using frame::Setting;
    switch (name) {
        case Setting::header_table_size:
            return encoder_.set_table_size(value);
        case Setting::max_concurrent_streams:
            peer_max_streams_ = value;
            return;
        case Setting::enable_push:
            if (value > 1) fail(frame::protocol_error, "SETTINGS_ENABLE_PUSH");
            return;
        case Setting::max_frame_size:  // we send none larger than all must take
            if (value < frame::max_payload || value > 0xffffff)
                fail(frame::protocol_error, "SETTINGS_MAX_FRAME_SIZE");
            return;
        case Setting::initial_window_size:
            return take_first_window(value);
        default:
            return;
    }
}

// Streams that have begun get the difference, which may take them below zero.
void Session::take_first_window(std::uint32_t size) {
    if (size > frame::max_window)
        return fail(frame::flow_control_error, "SETTINGS_INITIAL_WINDOW_SIZE");
    const std::int64_t more = std::int64_t{size} - stream_send_window_;
    stream_send_window_ = size;
    for (Exchange* each = first_; each != nullptr; each = each->following_) {
        each->stream_.send_window += more;
        if (each->stream_.send_window > frame::max_window)
            return fail(frame::flow_control_error, "SETTINGS_INITIAL_WINDOW_SIZE");
        take_turn(each);
    }
}

void Session::take_ping(const Head& head, Bytes payload) {
    if (head.stream != 0) return fail(frame::protocol_error, "PING of a stream");
    if (payload.size() != 8) return fail(frame::frame_size_error, "PING");
    const bool acknowledges = head.has(frame::ack);
    if (!acknowledges) {
        std::ranges::copy(
            payload,
            frame::append(&control_, {.length = 8, .type = Type::ping, .flags = frame::ack}));
        count_reply("PING all the time");
        if (failed_) return;
    }
    events_->on_ping(acknowledges, std::uint64_t{frame::number32(payload.data())} << 32U |
                                       frame::number32(payload.data() + 4));
}

void Session::take_goaway(const Head& head, Bytes payload) {
    if (head.stream != 0) return fail(frame::protocol_error, "GOAWAY of a stream");
    if (payload.size() < 8) return fail(frame::frame_size_error, "GOAWAY");
    goaway_received_ = true;
    const auto last = static_cast<std::int32_t>(frame::number32(payload.data()) & 0x7fffffffU);
    events_->on_goaway(frame::number32(payload.data() + 4), text_of(payload.subspan(8)));
    if (side_ == Side::server) return;
    // Those have not been looked at; nor have those that still wait here.
    std::vector<std::int32_t> refused;
    for (const Exchange* each = first_; each != nullptr; each = each->following_) {
        if (each->stream_id_ > last || !each->stream_.started) refused.push_back(each->stream_id_);
    }
    for (const std::int32_t stream : refused) {
        if (Exchange* const exchange = find(stream)) close(exchange, frame::refused_stream);
    }
}

void Session::take_window(const Head& head, Bytes payload) {
    if (payload.size() != 4) return fail(frame::frame_size_error, "WINDOW_UPDATE");
    const std::int64_t more = frame::number32(payload.data()) & 0x7fffffffU;
    if (head.stream == 0) {
        send_window_ += more;
        if (more == 0) return fail(frame::protocol_error, "WINDOW_UPDATE of nothing");
        if (send_window_ > frame::max_window)
            fail(frame::flow_control_error, "the connection's window is too large");
        return;
    }
    if (is_idle(head.stream)) return fail(frame::protocol_error, "WINDOW_UPDATE of no stream");
    Exchange* const exchange = find(head.stream);
    if (exchange == nullptr) return;
    if (more == 0) return fail_stream(head.stream, frame::protocol_error);
    exchange->stream_.send_window += more;
    if (exchange->stream_.send_window > frame::max_window)
        return fail_stream(head.stream, frame::flow_control_error);
    take_turn(exchange);
}

}  // namespace sluice::rpc::detail
