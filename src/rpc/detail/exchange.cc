// Messages of one call on their way through HTTP/2. What is received is bounded by the stream's
// window: bytes are given back to it when they are taken, or at once while somebody waits for a
// message that is not whole yet (which its maximum bounds).
#include "rpc/detail/exchange.h"

#include <algorithm>
#include <cstring>

#include "rpc/detail/session.h"
#include "rpc/status.h"

namespace sluice::rpc::detail {

void Exchange::prepare(MessageLimits limits) {
    VT_ASSERT(session_ == nullptr && arrived_.empty() && taken_.empty());
    limits_ = limits;
    incoming_compression_ = outgoing_compression_ = Compression::none;
    wants_ = Wants::message;
    stream_id_ = 0;
    prefix_size_ = 0;
    input_ended_ = finished_ = awaits_first_ = false;
    partial_.reset();
    inbox_.clear();
    next_ = buffered_ = held_ = 0;
    input_error_.reset();
    drop_outgoing();
    if (queued_.capacity() > queue_limit) queued_.release();
}

void Exchange::wake() {
    if (wants_ == Wants::message || input_over()) arrived_.wake_all();
}

void Exchange::fail_input(Error error) {
    if (input_over()) return;
    input_error_ = std::move(error);
    partial_.reset();
    on_message();
    wake();
}

void Exchange::on_bytes(Bytes bytes) {
    held_ += bytes.size();
    if (input_over()) {
        give_back();
        return;
    }
    buffered_ += bytes.size();
    bool whole = false;
    while (!bytes.empty() && !input_error_) {
        if (!partial_ && !read_prefix(&bytes)) break;
        read_body(&bytes);
        if (!partial_ || partial_->message.size() < body_size_) break;
        inbox_.push_back(std::move(*partial_));
        partial_.reset();
        whole = true;
    }
    if (!arrived_.empty() || awaits_first_) give_back();
    if (!whole) return;
    awaits_first_ = false;
    on_message();
    wake();
}

// True when a message's length has become known.
bool Exchange::read_prefix(Bytes* bytes) {
    const std::size_t count = std::min<std::size_t>(sizeof(prefix_) - prefix_size_, bytes->size());
    std::memcpy(prefix_ + prefix_size_, bytes->data(), count);
    prefix_size_ = static_cast<std::uint8_t>(prefix_size_ + count);
    *bytes = bytes->subspan(count);
    if (prefix_size_ < sizeof(prefix_)) return false;
    prefix_size_ = 0;
    body_size_ = static_cast<std::uint32_t>(prefix_[1]) << 24U |
                 static_cast<std::uint32_t>(prefix_[2]) << 16U |
                 static_cast<std::uint32_t>(prefix_[3]) << 8U | prefix_[4];
    if (prefix_[0] > 1) {
        fail_input(make_error(Code::internal, "grpc: received unexpected payload format " +
                                                  std::to_string(prefix_[0])));
        return false;
    }
    if (prefix_[0] == 1 && incoming_compression_ == Compression::none) {
        fail_input(make_error(Code::internal,
                              "grpc: compressed flag set with identity or empty encoding"));
        return false;
    }
    if (body_size_ > limits_.receive) {
        fail_input(received_too_large(body_size_, limits_.receive));
        return false;
    }
    partial_.emplace(Received{.message = Message(limits_.budget), .compressed = prefix_[0] == 1});
    return true;
}

void Exchange::read_body(Bytes* bytes) {
    Message& message = partial_->message;
    const std::size_t count = std::min<std::size_t>(body_size_ - message.size(), bytes->size());
    const std::size_t needed = message.size() + count;
    if (needed > message.capacity()) {
        // Grows with what has arrived, never on the strength of the announced length alone.
        const std::size_t wanted = std::max({needed, 2 * message.capacity(), first_reserve});
        const Result<void> reserved = message.reserve(std::min<std::size_t>(body_size_, wanted));
        if (!reserved) {
            fail_input(make_error(Code::resource_exhausted, reserved.error().number,
                                  reserved.error().text));
            return;
        }
    }
    message.append(bytes->first(count));
    *bytes = bytes->subspan(count);
}

void Exchange::on_end_of_stream() {
    if (partial_ || prefix_size_ != 0) {
        fail_input(make_error(Code::internal, "unexpected EOF"));
        return;
    }
    if (input_over()) return;
    input_ended_ = true;
    on_message();
    wake();
}

// Someone who waits for a message gets everything that belongs to it; otherwise what waits here
// keeps the window closed.
void Exchange::give_back() {
    const bool waiting = !arrived_.empty() || awaits_first_ || input_over();
    const std::size_t keep = waiting ? 0 : buffered_;
    if (held_ <= keep || session_ == nullptr) return;
    if (!input_ended_) session_->consume(stream_id_, held_ - keep);
    held_ = keep;
}

Result<Message> Exchange::take_message() {
    Received received = std::move(inbox_[next_++]);
    if (next_ == inbox_.size()) {
        inbox_.clear();
        next_ = 0;
    }
    const std::size_t size = received.message.size();
    buffered_ -= std::min(buffered_, sizeof(prefix_) + size);
    give_back();
    if (!received.compressed) return std::move(received.message);
    return decompress(incoming_compression_, received.message.view(), limits_.receive,
                      limits_.budget);
}

Task<Result<std::optional<Message>>> Exchange::next_message(Stop* stop) {
    while (!message_waits()) {
        if (input_error_) co_return std::unexpected(*input_error_);
        if (input_ended_) co_return std::optional<Message>();
        wants_ = Wants::message;
        auto wait = arrived_.wait(stop);
        CO_TRY(co_await wait);
    }
    co_return std::optional<Message>(CO_TRY(take_message()));
}

Result<std::size_t> Exchange::queue_prefix(std::span<const Bytes> pieces, bool compressed) {
    std::size_t size = 0;
    for (const Bytes& piece : pieces) size += piece.size();
    if (size > limits_.send || size > 0xffffffffU) {
        return std::unexpected(sending_too_large(size, limits_.send));
    }
    const std::uint8_t prefix[] = {
        static_cast<std::uint8_t>(compressed ? 1 : 0), static_cast<std::uint8_t>(size >> 24U),
        static_cast<std::uint8_t>(size >> 16U), static_cast<std::uint8_t>(size >> 8U),
        static_cast<std::uint8_t>(size)};
    if (queued_.empty()) queued_.reserve(sizeof(prefix) + std::min(size, copied_limit));
    queued_.append(prefix);
    return size;
}

void Exchange::queue_bytes(std::span<const Bytes> pieces) {
    for (const Bytes& piece : pieces) queued_.append(piece);
}

bool Exchange::room_for(std::size_t size) const {
    const std::size_t waiting = queued_.size() - queued_at_;
    return pieces_left_ == 0 && (waiting == 0 || waiting + size <= queue_limit);
}

bool Exchange::takes_now(std::span<const Bytes> pieces) const {
    std::size_t size = 0;
    for (const Bytes& piece : pieces) size += piece.size();
    return size <= std::min(copied_limit, limits_.send) && room_for(size) && !finished_ &&
           outgoing_compression_ == Compression::none;
}

Result<void> Exchange::post_message(std::span<const Bytes> pieces) {
    VT_ASSERT(pieces_left_ == 0);
    bool compressed = false;
    std::size_t size = 0;
    for (const Bytes& piece : pieces) size += piece.size();
    if (outgoing_compression_ != Compression::none && size > 0) {
        if (size > limits_.send) return std::unexpected(sending_too_large(size, limits_.send));
        kept_ = TRY(compress(outgoing_compression_, pieces, limits_.budget));
        kept_piece_ = kept_.view();
        pieces = {&kept_piece_, 1};
        compressed = true;
    }
    size = TRY(queue_prefix(pieces, compressed));
    if (size <= copied_limit) {
        queue_bytes(pieces);
        kept_ = Message();
    } else {
        pieces_ = pieces;
        piece_offset_ = 0;
        pieces_left_ = size;
    }
    if (session_ != nullptr) session_->resume(stream_id_);
    return {};
}

Task<Result<void>> Exchange::send_message(std::span<const Bytes> pieces, Stop* stop) {
    VT_ASSERT(!finished_);
    if (session_ == nullptr) co_return std::unexpected(canceled_error());
    std::size_t size = 0;
    for (const Bytes& piece : pieces) size += piece.size();
    while (!room_for(std::min(size, copied_limit))) {
        auto wait = taken_.wait(stop);
        CO_TRY(co_await wait);
        if (session_ == nullptr) co_return std::unexpected(canceled_error());
    }
    CO_TRY(post_message(pieces));
    while (pieces_left_ != 0) {
        auto wait = taken_.wait(stop);
        const Result<void> woken = co_await wait;
        if (!woken) {  // half a message is out: nothing can follow it
            drop_outgoing();
            if (session_ != nullptr) session_->reset(stream_id_);
            co_return woken;
        }
        if (session_ == nullptr) co_return std::unexpected(canceled_error());
    }
    co_return Result<void>{};
}

void Exchange::ignore_input() {
    if (!input_over()) input_error_ = canceled_error();
    partial_.reset();
    inbox_.clear();
    next_ = buffered_ = 0;
    give_back();
}

void Exchange::finish() {
    if (finished_) return;
    finished_ = true;
    if (session_ != nullptr) session_->resume(stream_id_);
}

void Exchange::drop_outgoing() {
    queued_.clear();
    queued_at_ = piece_offset_ = pieces_left_ = 0;
    pieces_ = {};
    kept_ = Message();
    taken_.wake_all();
}

void Exchange::hand_over(std::size_t count, Output* out) {
    const std::size_t from_queue = std::min(count, queued_.size() - queued_at_);
    if (from_queue != 0) out->append(queued_.view().subspan(queued_at_, from_queue));
    queued_at_ += from_queue;
    if (queued_at_ == queued_.size()) {
        queued_.clear();
        queued_at_ = 0;
    }
    for (std::size_t left = count - from_queue; left > 0;) {
        const Bytes rest = pieces_.front().subspan(piece_offset_);
        const std::size_t taken = std::min(left, rest.size());
        if (taken != 0) out->append(rest.first(taken));
        left -= taken;
        pieces_left_ -= taken;
        piece_offset_ += taken;
        if (taken == rest.size()) {
            pieces_ = pieces_.subspan(1);
            piece_offset_ = 0;
        }
    }
    if (pieces_left_ == 0 && kept_.size() != 0) kept_ = Message();
    if (pieces_left_ == 0 && !taken_.empty()) taken_.wake_all();
}

}  // namespace sluice::rpc::detail
