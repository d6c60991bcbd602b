// Steps 2 and 10 of a request: frames off the wire and onto it. Before: the socket. After:
// wire/request.cc going in, the socket going out.
#include "wire/packet.h"

#include <algorithm>

#include "base/assert.h"
#include "wire/detail/fields.h"

namespace sluice::wire {
namespace {

constexpr std::size_t max_payload = limits::max_packet_payload;

std::unexpected<Error> out_of_order() {
    return fail(Code::internal, er::net_packets_out_of_order, "Got packets out of order");
}

}  // namespace

std::variant<Frame, NeedMore> next_frame(ByteView input) {
    if (input.size() < header_size) return NeedMore{header_size - input.size()};
    const auto length = detail::load<std::size_t>(input.data(), 3);
    if (input.size() - header_size < length) return NeedMore{header_size + length - input.size()};
    return Frame{input[3], input.subspan(header_size, length)};
}

Result<MessageCutter::Cut> MessageCutter::cut(ByteView input) {
    if (delivered_) {
        delivered_ = false;
        gathered_.release();  // long messages are rare, and who waits for the next holds no buffer
    }
    if (gathering_) return gather(input);
    if (input.size() < header_size) return Cut{.need = header_size - input.size()};
    if (input[3] != sequence_) return out_of_order();

    const auto length = detail::load<std::size_t>(input.data(), 3);
    if (length > limit_) {
        return fail(Code::resource_exhausted, er::net_packet_too_large,
                    "Got a packet bigger than 'max_allowed_packet' bytes");
    }
    const std::size_t whole = header_size + length;
    if (length < max_payload && input.size() >= whole) {
        ++sequence_;
        return Cut{.consumed = whole, .message = input.subspan(header_size, length)};
    }
    if (length < max_payload && whole <= buffered_message) return Cut{.need = whole - input.size()};
    gathering_ = true;
    continues_ = true;
    payload_left_ = 0;
    return gather(input);
}

Result<MessageCutter::Cut> MessageCutter::gather(ByteView input) {
    Cut cut;
    for (;;) {
        const ByteView rest = input.subspan(cut.consumed);
        if (payload_left_ > 0) {
            const std::size_t take = std::min(payload_left_, rest.size());
            gathered_.append(rest.first(take));
            cut.consumed += take;
            payload_left_ -= take;
            if (payload_left_ > 0) {
                cut.need = payload_left_;
                return cut;
            }
            continue;
        }
        if (!continues_) {
            gathering_ = false;
            delivered_ = true;
            cut.message = gathered_.view();
            return cut;
        }
        if (rest.size() < header_size) {
            cut.need = header_size - rest.size();
            return cut;
        }
        if (rest[3] != sequence_) return out_of_order();
        payload_left_ = detail::load<std::size_t>(rest.data(), 3);
        if (payload_left_ > limit_ - gathered_.size()) {
            return fail(Code::resource_exhausted, er::net_packet_too_large,
                        "Got a packet bigger than 'max_allowed_packet' bytes");
        }
        continues_ = payload_left_ == max_payload;
        ++sequence_;
        cut.consumed += header_size;
    }
}

void PacketWriter::end() {
    VT_ASSERT(out_->size() >= start_ + header_size);
    const std::size_t payload = out_->size() - start_ - header_size;
    if (payload >= max_payload) [[unlikely]] {
        return split(payload);
    }
    const auto header = static_cast<std::uint32_t>(payload | std::size_t{sequence_++} << 24);
    std::memcpy(out_->data() + start_, &header, header_size);
}

// Moves each further piece up by the headers before it, the last one first.
void PacketWriter::split(std::size_t payload) {
    const std::size_t more = payload / max_payload;
    out_->extend(more * header_size);
    std::uint8_t* const first = out_->data() + start_;
    for (std::size_t piece = more; piece > 0; --piece) {
        const std::size_t size = std::min(payload - piece * max_payload, max_payload);
        std::uint8_t* const from = first + header_size + piece * max_payload;
        std::memmove(from + piece * header_size, from, size);
    }
    for (std::size_t piece = 0; piece <= more; ++piece) {
        const std::size_t size = std::min(payload - piece * max_payload, max_payload);
        const auto header = static_cast<std::uint32_t>(size | std::size_t{sequence_++} << 24);
        std::memcpy(first + piece * (header_size + max_payload), &header, header_size);
    }
}

}  // namespace sluice::wire
