// Messages under `--grpc_compression snappy`. The block format is libsnappy's, the frames are ours:
// the library has none.
#include "rpc/detail/snappy_frames.h"

#include <array>
#include <cstring>
#include <vector>

#include <snappy.h>

#include "rpc/status.h"

namespace sluice::rpc::detail {
namespace {

constexpr std::size_t chunk_limit = 65'536;  // of uncompressed bytes (framing_format.txt, 4.2)
constexpr std::array<std::uint8_t, 10> identifier = {0xff, 6, 0, 0, 's', 'N', 'a', 'P', 'p', 'Y'};
enum ChunkType : std::uint8_t { compressed = 0x00, uncompressed = 0x01, first_skippable = 0x80 };

// Eight tables, so that eight bytes are taken at a time.
using Tables = std::array<std::array<std::uint32_t, 256>, 8>;
constexpr Tables make_tables() {
    Tables tables{};
    for (std::uint32_t i = 0; i < 256; ++i) {
        std::uint32_t crc = i;
        for (int bit = 0; bit < 8; ++bit) crc = crc >> 1U ^ ((crc & 1U) != 0 ? 0x82f63b78U : 0U);
        tables[0][i] = crc;
    }
    for (std::size_t t = 1; t < 8; ++t) {
        for (std::size_t i = 0; i < 256; ++i) {
            const std::uint32_t before = tables[t - 1][i];
            tables[t][i] = before >> 8U ^ tables[0][before & 255U];
        }
    }
    return tables;
}
constexpr Tables tables = make_tables();

std::uint32_t little_endian(const std::uint8_t* at) {
    return at[0] | static_cast<std::uint32_t>(at[1]) << 8U |
           static_cast<std::uint32_t>(at[2]) << 16U | static_cast<std::uint32_t>(at[3]) << 24U;
}

void put_header(std::uint8_t* at, ChunkType type, std::size_t length, std::uint32_t crc) {
    at[0] = type;
    for (unsigned i = 0; i < 3; ++i) at[1 + i] = static_cast<std::uint8_t>(length >> 8 * i);
    for (unsigned i = 0; i < 4; ++i) at[4 + i] = static_cast<std::uint8_t>(crc >> 8 * i);
}

std::unexpected<Error> broken(const char* what) {
    return fail(Code::internal, std::string("grpc: failed to decompress the received message: ") +
                                    "snappy: " + what);
}

// Walks over a message that lies in several places.
class Pieces {
 public:
    explicit Pieces(std::span<const Bytes> pieces) : pieces_(pieces) {}
    // Copies up to `limit` bytes; how many there were.
    std::size_t read(std::uint8_t* into, std::size_t limit) {
        std::size_t count = 0;
        while (count < limit && at_ < pieces_.size()) {
            const Bytes rest = pieces_[at_].subspan(offset_);
            const std::size_t n = std::min(rest.size(), limit - count);
            if (n != 0) std::memcpy(into + count, rest.data(), n);
            count += n;
            offset_ += n;
            if (n == rest.size()) {
                ++at_;
                offset_ = 0;
            }
        }
        return count;
    }

 private:
    std::span<const Bytes> pieces_;
    std::size_t at_ = 0;
    std::size_t offset_ = 0;
};

// One chunk's contents, checked, to the end of `out`.
Result<void> append_chunk(std::uint8_t type, Bytes body, std::size_t limit, Message* out) {
    if (body.size() < 4) return broken("a chunk without checksum");
    const std::uint32_t crc = little_endian(body.data());
    const Bytes contents = body.subspan(4);
    const auto* text = reinterpret_cast<const char*>(contents.data());
    std::size_t length = contents.size();
    if (type == compressed && !snappy::GetUncompressedLength(text, contents.size(), &length)) {
        return broken("a chunk without length");
    }
    if (length > chunk_limit) return broken("a chunk is too large");
    if (length > limit - out->size()) return std::unexpected(decompressed_too_large(limit));
    const std::size_t before = out->size();
    if (out->capacity() < before + length) {
        TRY(out->reserve(std::min(limit, std::max(before + length, 2 * out->capacity()))));
    }
    out->resize(before + length);
    std::uint8_t* into = out->bytes().data() + before;
    if (type == uncompressed) {
        if (length != 0) std::memcpy(into, contents.data(), length);
    } else if (!snappy::RawUncompress(text, contents.size(), reinterpret_cast<char*>(into))) {
        return broken("a broken block");
    }
    if (masked_crc32c({into, length}) != crc) return broken("a wrong checksum");
    return {};
}

}  // namespace

std::uint32_t crc32c(Bytes bytes, std::uint32_t before) {
    std::uint32_t crc = ~before;
    const std::uint8_t* at = bytes.data();
    std::size_t left = bytes.size();
    for (; left >= 8; left -= 8, at += 8) {
        const std::uint32_t low = crc ^ little_endian(at);
        const std::uint32_t high = little_endian(at + 4);
        crc = tables[7][low & 255U] ^ tables[6][low >> 8U & 255U] ^ tables[5][low >> 16U & 255U] ^
              tables[4][low >> 24U] ^ tables[3][high & 255U] ^ tables[2][high >> 8U & 255U] ^
              tables[1][high >> 16U & 255U] ^ tables[0][high >> 24U];
    }
    for (; left > 0; --left) crc = crc >> 8U ^ tables[0][(crc ^ *at++) & 255U];
    return ~crc;
}

std::uint32_t masked_crc32c(Bytes bytes) {
    const std::uint32_t crc = crc32c(bytes);
    return (crc >> 15U | crc << 17U) + 0xa282ead8U;
}

Result<Message> snappy_compress(std::span<const Bytes> pieces, Budget* budget) {
    std::size_t size = 0;
    for (const Bytes& piece : pieces) size += piece.size();
    const std::size_t chunks = (size + chunk_limit - 1) / chunk_limit;
    Message out(budget);
    TRY(out.reserve(identifier.size() +
                    chunks * (8 + snappy::MaxCompressedLength(std::min(size, chunk_limit)))));
    out.append(identifier);
    std::vector<std::uint8_t> plain(std::min(size, chunk_limit));
    Pieces input(pieces);
    for (std::size_t i = 0; i < chunks; ++i) {
        const Bytes contents(plain.data(), input.read(plain.data(), chunk_limit));
        const std::size_t before = out.size();
        out.resize(before + 8 + snappy::MaxCompressedLength(contents.size()));
        std::uint8_t* header = out.bytes().data() + before;
        std::size_t length = 0;
        snappy::RawCompress(reinterpret_cast<const char*>(contents.data()), contents.size(),
                            reinterpret_cast<char*>(header + 8), &length);
        ChunkType type = compressed;
        if (length >= contents.size() - contents.size() / 8) {  // not worth it: as it is
            type = uncompressed;
            length = contents.size();
            std::memcpy(header + 8, contents.data(), length);
        }
        put_header(header, type, 4 + length, masked_crc32c(contents));
        out.resize(before + 8 + length);
    }
    return out;
}

Result<Message> snappy_decompress(Bytes stream, std::size_t limit, Budget* budget) {
    if (stream.size() < identifier.size() ||
        !std::equal(identifier.begin(), identifier.end(), stream.begin())) {
        return broken("no stream identifier");
    }
    Message out(budget);
    while (!stream.empty()) {
        if (stream.size() < 4) return broken("a cut chunk");
        const std::uint8_t type = stream[0];
        const std::size_t length = little_endian(stream.data()) >> 8U;
        if (length > stream.size() - 4) return broken("a cut chunk");
        const Bytes body = stream.subspan(4, length);
        if (type == compressed || type == uncompressed) {
            TRY(append_chunk(type, body, limit, &out));
        } else if (type < first_skippable) {
            return broken("an unknown chunk");
        } else if (type == 0xff && !std::equal(body.begin(), body.end(), identifier.begin() + 4,
                                               identifier.end())) {
            return broken("a wrong stream identifier");
        }
        stream = stream.subspan(4 + length);
    }
    return out;
}

}  // namespace sluice::rpc::detail
