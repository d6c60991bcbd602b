// HTTP/2 (RFC 9113) of one connection, by nghttp2. A connection's window is given back as bytes
// arrive, so that a slow reader of one stream never stalls another; only stream windows close.
#include "rpc/detail/session.h"

#include <array>
#include <vector>

#include <nghttp2/nghttp2.h>

#include "rpc/status.h"

namespace sluice::rpc::detail {
namespace {

constexpr std::size_t max_header_bytes = 64 * 1024;  // of one request or answer, as announced
constexpr std::size_t max_headers = 64;              // that we send

std::string_view text_of(const std::uint8_t* bytes, std::size_t size) {
    return {reinterpret_cast<const char*>(bytes), size};
}

Error http2_error(int number) {
    return make_error(Code::unavailable,
                      std::string("connection error: http2: ") + nghttp2_strerror(number));
}

struct HeaderArray {
    std::array<nghttp2_nv, max_headers> items;
    std::size_t size = 0;
};

HeaderArray as_nghttp2(std::span<const Header> headers) {
    HeaderArray out;
    VT_ASSERT(headers.size() <= max_headers);
    for (const Header& header : headers) {
        nghttp2_nv& item = out.items[out.size++];
        item.name = reinterpret_cast<std::uint8_t*>(const_cast<char*>(header.name.data()));
        item.value = reinterpret_cast<std::uint8_t*>(const_cast<char*>(header.value.data()));
        item.namelen = header.name.size();
        item.valuelen = header.value.size();
        item.flags = NGHTTP2_NV_FLAG_NONE;
        if (header.varies) item.flags |= NGHTTP2_NV_FLAG_NO_INDEX;
        if (!header.copied)
            item.flags |= NGHTTP2_NV_FLAG_NO_COPY_NAME | NGHTTP2_NV_FLAG_NO_COPY_VALUE;
    }
    return out;
}

std::uint64_t opaque_of(const std::uint8_t* bytes) {
    std::uint64_t value = 0;
    for (int i = 0; i < 8; ++i) value = value << 8U | bytes[i];
    return value;
}

}  // namespace

// nghttp2 calls these; `user` is the Session.
struct Callbacks {
    static Session* session(void* user) { return static_cast<Session*>(user); }
    static Exchange* exchange(nghttp2_session* from, std::int32_t id) {
        return static_cast<Exchange*>(nghttp2_session_get_stream_user_data(from, id));
    }

    static int begin_headers(nghttp2_session* from, const nghttp2_frame* frame, void* user) {
        Session* self = session(user);
        self->header_bytes_ = 0;
        self->current_ = nullptr;
        if (frame->hd.type != NGHTTP2_HEADERS) return 0;
        const std::int32_t id = frame->hd.stream_id;
        if (self->side_ == Side::client) {
            self->current_ = exchange(from, id);
        } else if (frame->headers.cat == NGHTTP2_HCAT_REQUEST) {
            Exchange* begun = self->events_->on_request(id);
            if (begun == nullptr) return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
            self->attach(begun, id);
            nghttp2_session_set_stream_user_data(from, id, begun);
            self->current_ = begun;
        }
        return 0;
    }

    static int header(nghttp2_session*, const nghttp2_frame*, const std::uint8_t* name,
                      std::size_t name_size, const std::uint8_t* value, std::size_t value_size,
                      std::uint8_t, void* user) {
        Session* self = session(user);
        self->header_bytes_ += name_size + value_size + 32;  // RFC 9113, 6.5.2
        if (self->header_bytes_ > max_header_bytes) return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
        if (self->current_ != nullptr) {
            self->current_->on_header(text_of(name, name_size), text_of(value, value_size));
        }
        return 0;
    }

    static int frame_received(nghttp2_session* from, const nghttp2_frame* frame, void* user) {
        Session* self = session(user);
        const bool end = (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
        switch (frame->hd.type) {
            case NGHTTP2_HEADERS:
                if (Exchange* current = std::exchange(self->current_, nullptr)) {
                    current->on_headers_end(end);
                    if (end && current->attached()) current->on_end_of_stream();
                } else if (Exchange* other = end ? exchange(from, frame->hd.stream_id) : nullptr) {
                    other->on_end_of_stream();
                }
                break;
            case NGHTTP2_DATA:
                if (Exchange* other = end ? exchange(from, frame->hd.stream_id) : nullptr) {
                    other->on_end_of_stream();
                }
                break;
            case NGHTTP2_SETTINGS:
                if ((frame->hd.flags & NGHTTP2_FLAG_ACK) == 0) self->events_->on_settings();
                break;
            case NGHTTP2_PING:
                self->events_->on_ping((frame->hd.flags & NGHTTP2_FLAG_ACK) != 0,
                                       opaque_of(frame->ping.opaque_data));
                break;
            case NGHTTP2_GOAWAY:
                self->events_->on_goaway(
                    frame->goaway.error_code,
                    text_of(frame->goaway.opaque_data, frame->goaway.opaque_data_len));
                break;
            default:
                break;
        }
        return 0;
    }

    static int data_chunk(nghttp2_session* from, std::uint8_t, std::int32_t id,
                          const std::uint8_t* bytes, std::size_t size, void*) {
        nghttp2_session_consume_connection(from, size);
        if (Exchange* to = exchange(from, id)) {
            to->on_bytes({bytes, size});
        } else {
            nghttp2_session_consume_stream(from, id, size);
        }
        return 0;
    }

    static int stream_closed(nghttp2_session* from, std::int32_t id, std::uint32_t code,
                             void* user) {
        Exchange* over = exchange(from, id);
        if (over == nullptr) return 0;
        Session* self = session(user);
        nghttp2_session_set_stream_user_data(from, id, nullptr);
        if (self->current_ == over) self->current_ = nullptr;
        self->unlink(over);
        over->on_closed(code, nullptr);
        return 0;
    }

    static int frame_sent(nghttp2_session* from, const nghttp2_frame* frame, void* user) {
        Session* self = session(user);
        if (frame->hd.type > NGHTTP2_HEADERS) return 0;
        self->events_->on_progress();
        // A server that has answered wants no more of the request.
        if (self->side_ == Side::server && frame->hd.type == NGHTTP2_HEADERS &&
            (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0 &&
            nghttp2_session_get_stream_remote_close(from, frame->hd.stream_id) == 0) {
            nghttp2_submit_rst_stream(from, NGHTTP2_FLAG_NONE, frame->hd.stream_id,
                                      NGHTTP2_NO_ERROR);
        }
        return 0;
    }

    static ssize_t send(nghttp2_session*, const std::uint8_t* bytes, std::size_t size, int,
                        void* user) {
        Session* self = session(user);
        if (!self->out_->has_room_for(size)) return NGHTTP2_ERR_WOULDBLOCK;
        self->out_->append({bytes, size});
        return static_cast<ssize_t>(size);
    }

    // How many bytes the next DATA frame carries.
    static ssize_t read(nghttp2_session* from, std::int32_t id, std::uint8_t*, std::size_t limit,
                        std::uint32_t* flags, nghttp2_data_source*, void* user) {
        Exchange* of = exchange(from, id);
        if (of == nullptr) return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
        const std::size_t waiting = of->outgoing();
        if (waiting == 0 && !of->finished_sending()) return NGHTTP2_ERR_DEFERRED;
        const std::size_t count = std::min(waiting, limit);
        if (count != 0) *flags |= NGHTTP2_DATA_FLAG_NO_COPY;
        if (count == waiting && of->finished_sending()) {
            *flags |= NGHTTP2_DATA_FLAG_EOF;
            if (session(user)->side_ == Side::server) {
                *flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM;
                of->on_last_byte();
            }
        }
        return static_cast<ssize_t>(count);
    }

    static int send_data(nghttp2_session* from, nghttp2_frame* frame, const std::uint8_t* head,
                         std::size_t size, nghttp2_data_source*, void* user) {
        Session* self = session(user);
        Exchange* of = exchange(from, frame->hd.stream_id);
        if (of == nullptr) return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
        constexpr std::size_t head_size = 9;
        if (!self->out_->has_room_for(head_size + size)) return NGHTTP2_ERR_WOULDBLOCK;
        self->out_->append({head, head_size});
        of->hand_over(size, self->out_);
        return 0;
    }

    static nghttp2_session_callbacks* made() {
        static nghttp2_session_callbacks* const all = [] {
            nghttp2_session_callbacks* made = nullptr;
            nghttp2_session_callbacks_new(&made);
            nghttp2_session_callbacks_set_on_begin_headers_callback(made, begin_headers);
            nghttp2_session_callbacks_set_on_header_callback(made, header);
            nghttp2_session_callbacks_set_on_frame_recv_callback(made, frame_received);
            nghttp2_session_callbacks_set_on_data_chunk_recv_callback(made, data_chunk);
            nghttp2_session_callbacks_set_on_stream_close_callback(made, stream_closed);
            nghttp2_session_callbacks_set_on_frame_send_callback(made, frame_sent);
            nghttp2_session_callbacks_set_send_callback(made, send);
            nghttp2_session_callbacks_set_send_data_callback(made, send_data);
            return made;
        }();
        return all;
    }

    static nghttp2_data_provider provider() {
        nghttp2_data_provider provider{};
        provider.read_callback = read;
        return provider;
    }
};

Session::Session(const SessionOptions& options, SessionEvents* events)
    : events_(events), side_(options.side) {
    nghttp2_option* option = nullptr;
    nghttp2_option_new(&option);
    nghttp2_option_set_no_auto_window_update(option, 1);
    nghttp2_option_set_no_closed_streams(option, 1);
    // grpc-go sends an error's text as it is, also one that ends in a space.
    nghttp2_option_set_no_rfc9113_leading_and_trailing_ws_validation(option, 1);
    if (side_ == Side::server) {
        nghttp2_session_server_new2(&session_, Callbacks::made(), this, option);
    } else {
        nghttp2_session_client_new2(&session_, Callbacks::made(), this, option);
    }
    nghttp2_option_del(option);
    VT_ASSERT(session_ != nullptr);
    std::vector<nghttp2_settings_entry> settings = {
        {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, options.stream_window},
        {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, max_header_bytes}};
    if (side_ == Side::server) {
        settings.push_back({NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, options.max_streams});
        settings.push_back({NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES, 1});
    } else {
        settings.push_back({NGHTTP2_SETTINGS_ENABLE_PUSH, 0});
    }
    nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, settings.data(), settings.size());
    nghttp2_session_set_local_window_size(session_, NGHTTP2_FLAG_NONE, 0,
                                          static_cast<std::int32_t>(options.connection_window));
}

Session::~Session() {
    VT_ASSERT(first_ == nullptr);
    nghttp2_session_del(session_);
}

Result<void> Session::feed(Bytes bytes) {
    const ssize_t taken = nghttp2_session_mem_recv(session_, bytes.data(), bytes.size());
    if (taken < 0) return std::unexpected(http2_error(static_cast<int>(taken)));
    return {};
}

Result<void> Session::pull(Output* out) {
    out_ = out;
    const int result = nghttp2_session_send(session_);
    out_ = nullptr;
    if (result != 0) return std::unexpected(http2_error(result));
    return {};
}

bool Session::wants_write() const {
    return nghttp2_session_want_write(session_) != 0;
}

bool Session::alive() const {
    return nghttp2_session_want_read(session_) != 0 || wants_write();
}

void Session::attach(Exchange* exchange, std::int32_t stream_id) {
    exchange->session_ = this;
    exchange->stream_id_ = stream_id;
    exchange->previous_ = nullptr;
    exchange->following_ = first_;
    if (first_ != nullptr) first_->previous_ = exchange;
    first_ = exchange;
    ++count_;
}

void Session::unlink(Exchange* exchange) {
    (exchange->previous_ != nullptr ? exchange->previous_->following_ : first_) =
        exchange->following_;
    if (exchange->following_ != nullptr) exchange->following_->previous_ = exchange->previous_;
    exchange->previous_ = exchange->following_ = nullptr;
    exchange->session_ = nullptr;
    if (!exchange->taken_.empty()) exchange->taken_.wake_all();
    --count_;
    events_->on_exchange_over();
}

Result<void> Session::request(Exchange* exchange, std::span<const Header> headers) {
    const HeaderArray array = as_nghttp2(headers);
    const nghttp2_data_provider provider = Callbacks::provider();
    const std::int32_t id = nghttp2_submit_request(session_, nullptr, array.items.data(),
                                                   array.size, &provider, exchange);
    if (id < 0) return std::unexpected(http2_error(id));
    attach(exchange, id);
    events_->on_output();
    return {};
}

void Session::respond(Exchange* exchange, std::span<const Header> headers, bool end) {
    const HeaderArray array = as_nghttp2(headers);
    const nghttp2_data_provider provider = Callbacks::provider();
    nghttp2_submit_response(session_, exchange->stream_id_, array.items.data(), array.size,
                            end ? nullptr : &provider);
    events_->on_output();
}

void Session::trailers(Exchange* exchange, std::span<const Header> headers) {
    const HeaderArray array = as_nghttp2(headers);
    nghttp2_submit_trailer(session_, exchange->stream_id_, array.items.data(), array.size);
}

void Session::consume(std::int32_t stream_id, std::size_t count) {
    nghttp2_session_consume_stream(session_, stream_id, count);
    if (wants_write()) events_->on_output();  // it was worth a WINDOW_UPDATE
}

void Session::resume(std::int32_t stream_id) {
    nghttp2_session_resume_data(session_, stream_id);
    events_->on_output();
}

void Session::reset(std::int32_t stream_id) {
    nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, stream_id, NGHTTP2_CANCEL);
    events_->on_output();
}

bool Session::sent_everything(std::int32_t stream_id) const {
    return nghttp2_session_get_stream_local_close(session_, stream_id) == 1;
}

void Session::detach(Exchange* exchange) {
    nghttp2_session_set_stream_user_data(session_, exchange->stream_id_, nullptr);
    if (current_ == exchange) current_ = nullptr;
    reset(exchange->stream_id_);
    unlink(exchange);
}

void Session::ping(std::uint64_t opaque) {
    std::uint8_t bytes[8];
    for (unsigned i = 0; i < 8; ++i) bytes[i] = static_cast<std::uint8_t>(opaque >> (56 - 8 * i));
    nghttp2_submit_ping(session_, NGHTTP2_FLAG_NONE, bytes);
    events_->on_output();
}

void Session::announce_shutdown() {
    nghttp2_submit_shutdown_notice(session_);
    events_->on_output();
}

void Session::refuse_new_streams(std::uint32_t http2_code, std::string_view text) {
    nghttp2_submit_goaway(session_, NGHTTP2_FLAG_NONE,
                          nghttp2_session_get_last_proc_stream_id(session_), http2_code,
                          reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
    events_->on_output();
}

bool Session::peer_allows_streams() const {
    return nghttp2_session_check_request_allowed(session_) != 0;
}

void Session::lose(const Error& why) {
    while (first_ != nullptr) {
        Exchange* lost = first_;
        if (nghttp2_session_get_stream_user_data(session_, lost->stream_id_) == lost) {
            nghttp2_session_set_stream_user_data(session_, lost->stream_id_, nullptr);
        }
        unlink(lost);
        lost->on_closed(NGHTTP2_INTERNAL_ERROR, &why);
    }
}

}  // namespace sluice::rpc::detail
