// What a message goes through on its way when one side asked for compression.
#include "rpc/compression.h"

#include <limits>

#include <zlib.h>

#include "rpc/detail/snappy_frames.h"
#include "rpc/status.h"

namespace sluice::rpc {
namespace {

constexpr int gzip_window = 15 + 16;  // zlib: the largest window, with gzip's header

struct Deflater {
    z_stream stream{};
    bool ready = ::deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, gzip_window, 8,
                                Z_DEFAULT_STRATEGY) == Z_OK;
    Deflater() = default;
    Deflater(const Deflater&) = delete;
    Deflater& operator=(const Deflater&) = delete;
    ~Deflater() { ::deflateEnd(&stream); }
};

struct Inflater {
    z_stream stream{};
    bool ready = ::inflateInit2(&stream, gzip_window) == Z_OK;
    Inflater() = default;
    Inflater(const Inflater&) = delete;
    Inflater& operator=(const Inflater&) = delete;
    ~Inflater() { ::inflateEnd(&stream); }
};

// zlib counts in 32 bits; messages are smaller (the length prefix has as many).
uInt count_of(std::size_t size) {
    return static_cast<uInt>(std::min<std::size_t>(size, std::numeric_limits<uInt>::max()));
}

Result<Message> gzip_compress(std::span<const Bytes> pieces, Budget* budget) {
    std::size_t size = 0;
    for (const Bytes& piece : pieces) size += piece.size();
    Deflater deflater;
    Message out(budget);
    if (!deflater.ready) return bug("zlib: no deflate");
    TRY(out.reserve(::deflateBound(&deflater.stream, size) + 16));
    out.resize(out.capacity());
    deflater.stream.next_out = out.bytes().data();
    deflater.stream.avail_out = count_of(out.size());
    for (const Bytes& piece : pieces) {
        deflater.stream.next_in = const_cast<Bytef*>(piece.data());
        deflater.stream.avail_in = count_of(piece.size());
        while (deflater.stream.avail_in > 0) {
            if (::deflate(&deflater.stream, Z_NO_FLUSH) != Z_OK) return bug("zlib: deflate failed");
        }
    }
    if (::deflate(&deflater.stream, Z_FINISH) != Z_STREAM_END) return bug("zlib: no end");
    out.resize(deflater.stream.total_out);
    return out;
}

std::unexpected<Error> broken_gzip(const char* why) {
    return fail(Code::internal,
                std::string("grpc: failed to decompress the received message: gzip: ") + why);
}

Result<Message> gzip_decompress(Bytes message, std::size_t limit, Budget* budget) {
    Inflater inflater;
    if (!inflater.ready) return bug("zlib: no inflate");
    Message out(budget);
    inflater.stream.next_in = const_cast<Bytef*>(message.data());
    inflater.stream.avail_in = count_of(message.size());
    TRY(out.reserve(std::min(limit, std::max<std::size_t>(4 * message.size(), 1024)) + 1));
    for (;;) {
        const std::size_t before = out.size();
        out.resize(out.capacity());
        inflater.stream.next_out = out.bytes().data() + before;
        inflater.stream.avail_out = count_of(out.size() - before);
        const int result = ::inflate(&inflater.stream, Z_NO_FLUSH);
        out.resize(out.size() - inflater.stream.avail_out);
        if (out.size() > limit) return std::unexpected(decompressed_too_large(limit));
        if (result == Z_STREAM_END && inflater.stream.avail_in == 0) return out;
        if (result == Z_STREAM_END) {  // another member follows (RFC 1952, 2.2)
            if (::inflateReset(&inflater.stream) != Z_OK) return bug("zlib: no reset");
            continue;
        }
        if (result != Z_OK && result != Z_BUF_ERROR) return broken_gzip("broken data");
        if (inflater.stream.avail_out != 0) return broken_gzip("the data are cut");
        // One byte more than the limit tells that there is more.
        TRY(out.reserve(std::min(limit + 1, 2 * out.capacity())));
    }
}

}  // namespace

std::string_view compression_name(Compression compression) {
    switch (compression) {
        case Compression::none:
            return "identity";
        case Compression::gzip:
            return "gzip";
        case Compression::snappy:
            return "snappy";
    }
    return "identity";
}

std::optional<Compression> compression_of(std::string_view name) {
    for (const auto each : {Compression::none, Compression::gzip, Compression::snappy}) {
        if (name == compression_name(each)) return each;
    }
    return std::nullopt;
}

Result<Message> compress(Compression compression, std::span<const Bytes> pieces, Budget* budget) {
    VT_ASSERT(compression != Compression::none);
    return compression == Compression::gzip ? gzip_compress(pieces, budget)
                                            : detail::snappy_compress(pieces, budget);
}

Result<Message> decompress(Compression compression, Bytes message, std::size_t limit,
                           Budget* budget) {
    VT_ASSERT(compression != Compression::none);
    return compression == Compression::gzip ? gzip_decompress(message, limit, budget)
                                            : detail::snappy_decompress(message, limit, budget);
}

}  // namespace sluice::rpc
