#pragma once
// The basic types of the protocol, once for reading and once for writing, so that each message
// names its fields in one function `fields(f, message)` for both directions. A FieldReader never
// reads past its payload and never throws: after a failure it gives zeros and ok() is false.
#include <algorithm>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>

#include "base/error.h"
#include "wire/packet.h"

namespace sluice::wire::detail {

inline constexpr std::uint8_t lenenc_null = 0xfb, lenenc_2 = 0xfc, lenenc_3 = 0xfd, lenenc_8 = 0xfe;

template <class T>
T load(const std::uint8_t* from, std::size_t bytes = sizeof(T)) {
    std::uint64_t value = 0;
    std::memcpy(&value, from, bytes);  // little-endian machines only, as x86-64 and arm64 are
    return static_cast<T>(value);
}

inline void put_uint(Bytes& out, std::uint64_t value, std::size_t bytes) {
    std::memcpy(out.extend(bytes), &value, bytes);
}

void put_lenenc(Bytes& out, std::uint64_t value);
inline void put_text(Bytes& out, std::string_view text) {
    put_lenenc(out, text.size());
    out.append(text);
}

class FieldReader {
 public:
    explicit FieldReader(ByteView payload)
        : at_(payload.data()), end_(payload.data() + payload.size()) {}

    bool ok() const { return ok_; }
    std::size_t left() const { return static_cast<std::size_t>(end_ - at_); }
    // Everything was read, and it was all there.
    bool complete() const { return ok_ && at_ == end_; }
    void fail() {
        ok_ = false;
        at_ = end_;
    }

    void u8(std::uint8_t& value) { number(value, 1); }
    void u16(std::uint16_t& value) { number(value, 2); }
    void u24(std::uint32_t& value) { number(value, 3); }
    void u32(std::uint32_t& value) { number(value, 4); }
    void u64(std::uint64_t& value) { number(value, 8); }
    // int<lenenc>; 0xfb is NULL in text rows only and 0xff is never a length.
    void lenenc(std::uint64_t& value);
    void text(std::string_view& value) {
        std::uint64_t size = 0;
        lenenc(size);
        raw(value, size);
    }
    void cstring(std::string_view& value);
    void raw(std::string_view& value, std::uint64_t size) {
        if (size > left()) return fail();
        value = {reinterpret_cast<const char*>(at_), static_cast<std::size_t>(size)};
        at_ += size;
    }
    void rest(std::string_view& value) { raw(value, left()); }
    void constant(std::uint8_t want) {
        std::uint8_t value = 0;
        u8(value);
        if (value != want) fail();
    }
    // Reserved bytes: written as zeros, not looked at.
    void reserved(std::size_t count) {
        std::string_view ignored;
        raw(ignored, count);
    }
    std::uint8_t peek() const { return at_ == end_ ? 0 : *at_; }

 private:
    template <class T>
    void number(T& value, std::size_t bytes) {
        if (bytes > left()) return fail();
        value = load<T>(at_, bytes);
        at_ += bytes;
    }

    const std::uint8_t* at_;
    const std::uint8_t* end_;
    bool ok_ = true;
};

class FieldWriter {
 public:
    explicit FieldWriter(Bytes& out) : out_(out) {}

    void u8(std::uint8_t value) { out_.push(value); }
    void u16(std::uint16_t value) { put_uint(out_, value, 2); }
    void u24(std::uint32_t value) { put_uint(out_, value, 3); }
    void u32(std::uint32_t value) { put_uint(out_, value, 4); }
    void u64(std::uint64_t value) { put_uint(out_, value, 8); }
    void lenenc(std::uint64_t value) { put_lenenc(out_, value); }
    void text(std::string_view value) { put_text(out_, value); }
    void cstring(std::string_view value) {
        out_.append(value);
        out_.push(0);
    }
    void raw(std::string_view value, std::uint64_t) { out_.append(value); }
    void rest(std::string_view value) { out_.append(value); }
    void constant(std::uint8_t value) { out_.push(value); }
    void reserved(std::size_t count) { std::memset(out_.extend(count), 0, count); }

 private:
    Bytes& out_;
};

// The bytes are not what the protocol says. 2027 is the client library's "malformed packet"; the
// connection is of no use afterwards.
inline constexpr std::uint16_t cr_malformed_packet = 2027;
inline std::unexpected<Error> malformed(std::string_view what) {
    return sluice::fail(Code::internal, cr_malformed_packet,
                        "Malformed packet: " + std::string(what));
}

// template <class F, Of<Fetch> Message> static void fields(F& f, Message& fetch): one list for
// Fetch and const Fetch.
template <class Message, class T>
concept Of = std::same_as<std::remove_const_t<Message>, T>;

// A message whose fields are all there is; bytes left over are refused.
template <class Message>
Result<Message> parse_exactly(ByteView payload, std::string_view what) {
    FieldReader reader(payload);
    Message message;
    fields(reader, message);
    if (!reader.complete()) return malformed(what);
    return message;
}

template <class Message>
void write_message(PacketWriter& out, const Message& message) {
    out.begin();
    FieldWriter writer(out.out());
    fields(writer, message);
    out.end();
}

}  // namespace sluice::wire::detail
