#pragma once
// Packets of the MySQL protocol: 3 bytes payload length (little-endian), 1 byte sequence number,
// payload. A message whose length reaches 2^24-1 continues in the next packet, and ends with the
// first shorter one (possibly empty). Source: MySQL client/server protocol, "MySQL Packets".
#include <cstdint>
#include <optional>
#include <variant>

#include "base/error.h"
#include "base/limits.h"
#include "wire/bytes.h"

namespace sluice::wire {

inline constexpr std::size_t header_size = 4;
// A message that is not wholly in the receive buffer is kept there only up to this size; longer
// ones are taken out of it piece by piece. So a receive buffer of this size is always enough.
inline constexpr std::size_t buffered_message = limits::read_chunk;

struct Frame {
    std::uint8_t sequence = 0;
    ByteView payload;  // into the input

    std::size_t size() const { return header_size + payload.size(); }
    bool continues() const { return payload.size() == limits::max_packet_payload; }
};

// At least so many bytes more are needed.
struct NeedMore {
    std::size_t bytes = 0;
};

// The frame at the start of `input`.
std::variant<Frame, NeedMore> next_frame(ByteView input);

// Cuts messages (one or more frames) out of received bytes, in one direction of one connection.
class MessageCutter {
 public:
    // `limit`: longest message in bytes; a longer one is refused with 1153 as soon as a header
    // announces it.
    explicit MessageCutter(std::size_t limit) : limit_(limit) {}

    struct Cut {
        // The caller drops so many bytes of its input, after using `message`.
        std::size_t consumed = 0;
        // Into the input or into this cutter; valid until the next call.
        std::optional<ByteView> message{};
        // If there is no message: at least so many bytes more.
        std::size_t need = 0;
    };
    // Errors: 1153 (longer than the limit), 1156 (out of sequence). After either the connection is
    // of no use.
    Result<Cut> cut(ByteView input);

    // The sequence number that the next packet must carry. A new command starts at 0; in a
    // conversation both directions share one count: after writing, expect(writer.sequence()).
    std::uint8_t next_sequence() const { return sequence_; }
    void expect(std::uint8_t sequence) { sequence_ = sequence; }
    void set_limit(std::size_t limit) { limit_ = limit; }
    // In the middle of a message of which bytes have been taken.
    bool gathering() const { return gathering_; }

 private:
    Result<Cut> gather(ByteView input);

    std::size_t limit_;
    std::uint8_t sequence_ = 0;
    bool gathering_ = false;
    bool delivered_ = false;        // gathered_ was handed out and may be dropped
    bool continues_ = false;        // another packet of this message follows
    std::size_t payload_left_ = 0;  // bytes of the current packet still to come
    Bytes gathered_;
};

// Appends packets to a buffer that the caller owns and sends.
class PacketWriter {
 public:
    explicit PacketWriter(Bytes* out, std::uint8_t sequence = 0) : out_(out), sequence_(sequence) {}

    Bytes& out() { return *out_; }
    // What the next packet will carry.
    std::uint8_t sequence() const { return sequence_; }
    void set_sequence(std::uint8_t sequence) { sequence_ = sequence; }

    // begin(), append the payload to out(), end(). Payloads of 2^24-1 bytes and more are split by
    // end().
    void begin() {
        start_ = out_->size();
        out_->extend(header_size);
    }
    void end();
    // Takes back what was appended since begin().
    void abandon() { out_->truncate(start_); }
    // A whole payload at once.
    void packet(ByteView payload) {
        begin();
        out_->append(payload);
        end();
    }

 private:
    void split(std::size_t payload);

    Bytes* out_;
    std::size_t start_ = 0;
    std::uint8_t sequence_;
};

}  // namespace sluice::wire
