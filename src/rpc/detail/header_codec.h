#pragma once
// HPACK (RFC 7541) of one connection, by nghttp2's coder. A block that is made of indexes alone
// changes no table: it means the same as long as the table stays, so calls like the ones before
// cost one comparison.
#include <array>
#include <functional>
#include <string>
#include <vector>

#include "rpc/detail/byte_buffer.h"

struct nghttp2_hd_deflater;
struct nghttp2_hd_inflater;

namespace sluice::rpc::detail {

struct Header {
    std::string_view name;
    std::string_view value;
    bool varies = false;  // not worth a place in HPACK's table
    bool copied = true;   // false: name and value are literals, or outlive the session
};

class HeaderEncoder {
 public:
    HeaderEncoder();
    HeaderEncoder(const HeaderEncoder&) = delete;
    HeaderEncoder& operator=(const HeaderEncoder&) = delete;
    ~HeaderEncoder();

    // The block for these headers; valid until the next one is made.
    Bytes encode(std::span<const Header> headers);
    // The peer's SETTINGS_HEADER_TABLE_SIZE.
    void set_table_size(std::uint32_t size);

 private:
    struct Known {
        std::vector<Header> headers;
        std::vector<std::string> copies;  // of what `headers` could not rely on
        ByteBuffer block;
    };
    const Known* known(std::span<const Header> headers) const;
    void remember(std::span<const Header> headers);

    nghttp2_hd_deflater* deflater_ = nullptr;
    ByteBuffer block_;
    std::array<Known, 8> known_;
    std::size_t next_ = 0;  // is replaced
};

class HeaderDecoder {
 public:
    // What a block is, which says what may stand in it.
    enum class Kind : std::uint8_t { request, answer, trailers };
    // How it ended. `malformed`: the stream's fault; `broken`: the connection's.
    enum class Outcome : std::uint8_t { good, malformed, broken };
    struct Field {
        std::string_view name;
        std::string_view value;
    };
    // What is known of a whole block.
    struct Block {
        Outcome outcome = Outcome::good;
        bool informational = false;        // :status 1xx
        std::int64_t content_length = -1;  // -1: not told
        std::span<const Field> fields;     // valid until the next block
        std::size_t list_size = 0;         // as RFC 9113, 6.5.2 counts it
    };

    HeaderDecoder();
    HeaderDecoder(const HeaderDecoder&) = delete;
    HeaderDecoder& operator=(const HeaderDecoder&) = delete;
    ~HeaderDecoder();

    // A whole block. Beyond `limit` bytes of headers it is read and not kept.
    Block decode(Kind kind, Bytes block, std::size_t limit);

 private:
    struct Known {
        Kind kind = Kind::request;
        std::string block;  // empty: nothing
        std::string bytes;  // of its fields
        std::vector<Field> fields;
        Block told;
    };
    Block inflate(Kind kind, Bytes block, std::size_t limit);
    void remember(Kind kind, Bytes block, const Block& told);

    nghttp2_hd_inflater* inflater_ = nullptr;
    std::string bytes_;  // of the newest block's fields
    std::vector<Field> fields_;
    std::array<Known, 8> known_;
    std::size_t next_ = 0;  // is replaced
};

}  // namespace sluice::rpc::detail
