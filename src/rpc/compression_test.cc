#include "rpc/compression.h"

#include <random>

#include <gtest/gtest.h>

#include "rpc/detail/snappy_frames.h"

namespace sluice::rpc {
namespace {

Bytes bytes_of(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
std::string text_of(const Result<Message>& message) {
    if (!message) return "error: " + message.error().text;
    return {message->view().begin(), message->view().end()};
}

// RFC 3720, B.4, and the check value of the CRC catalogue.
TEST(RpcCompression, Crc32c) {
    EXPECT_EQ(detail::crc32c(bytes_of("123456789")), 0xe3069283U);
    EXPECT_EQ(detail::crc32c(bytes_of(std::string(32, '\0'))), 0x8a9136aaU);
    EXPECT_EQ(detail::crc32c(bytes_of(std::string(32, '\xff'))), 0x62a8ab43U);
    const std::string text = "the same in one piece or in two";
    for (std::size_t cut = 0; cut <= text.size(); ++cut) {
        EXPECT_EQ(detail::crc32c(bytes_of(text.substr(cut)),
                                 detail::crc32c(bytes_of(text.substr(0, cut)))),
                  detail::crc32c(bytes_of(text)));
    }
}

TEST(RpcCompression, BackAndForth) {
    std::mt19937 random(7);
    std::string noise(200'000, ' ');
    for (char& c : noise) c = static_cast<char>(random());
    for (const auto kind : {Compression::gzip, Compression::snappy}) {
        for (const std::string& text :
             {std::string("a"), std::string(65'536, 'x'), std::string(65'537, 'y'), noise,
              noise + std::string(300'000, 'z')}) {
            const std::string_view all = text;
            const Bytes pieces[] = {bytes_of(all.substr(0, all.size() / 3)), Bytes(),
                                    bytes_of(all.substr(all.size() / 3))};
            const auto small = compress(kind, pieces, nullptr);
            ASSERT_TRUE(small.has_value());
            EXPECT_TRUE(text_of(decompress(kind, small->view(), text.size(), nullptr)) == text);
            const auto over = decompress(kind, small->view(), text.size() - 1, nullptr);
            ASSERT_FALSE(over.has_value());
            EXPECT_EQ(over.error().code, Code::resource_exhausted);
            // Cut anywhere, it is an error or (between chunks of snappy) less, never a crash.
            const std::size_t cuts = text.size() < 70'000 ? 40 : 3;
            for (std::size_t cut = 1; cut < cuts && cut < small->size(); ++cut) {
                const auto part = decompress(kind, small->view().first(small->size() - cut),
                                             text.size(), nullptr);
                EXPECT_TRUE(!part || part->size() < text.size());
            }
        }
    }
}

TEST(RpcCompression, SnappyStreamsByHand) {
    const std::string head("\xff\x06\x00\x00sNaPpY", 10);
    const auto chunk = [](char type, const std::string& body, std::uint32_t crc) {
        std::string out{type, static_cast<char>(body.size() + 4), 0, 0};
        for (unsigned i = 0; i < 4; ++i) out += static_cast<char>(crc >> 8 * i);
        return out + body;
    };
    const std::uint32_t crc = detail::masked_crc32c(bytes_of("hello"));
    const std::string plain = chunk(1, "hello", crc);
    const std::string block = chunk(0, std::string("\x05\x10hello", 7), crc);
    struct Case {
        std::string stream, want;
    };
    const std::string broken = "error: grpc: failed to decompress the received message: snappy: ";
    for (const auto& [stream, want] :
         {Case{head, ""}, Case{head + plain, "hello"}, Case{head + block + plain, "hellohello"},
          Case{head + "\xfe" + std::string("\x02\0\0ab", 5) + plain, "hello"},
          Case{head + plain + head + plain, "hellohello"},
          Case{plain, broken + "no stream identifier"},
          Case{head + chunk(1, "hallo", crc), broken + "a wrong checksum"},
          Case{head + chunk(0, "\x05zzzz", crc), broken + "a broken block"},
          Case{head + chunk(0, "\xff\xff\xff\xff\xff", crc), broken + "a chunk without length"},
          Case{head + chunk(0, "\x80\x80\x08", crc), broken + "a chunk is too large"},
          Case{head + std::string("\x00\x01\0\0a", 5), broken + "a chunk without checksum"},
          Case{head + std::string("\x02\x01\0\0a", 5), broken + "an unknown chunk"},
          Case{head + std::string("\xff\x01\0\0a", 5), broken + "a wrong stream identifier"},
          Case{head + plain.substr(0, 7), broken + "a cut chunk"},
          Case{head + "abc", broken + "a cut chunk"}}) {
        EXPECT_EQ(text_of(decompress(Compression::snappy, bytes_of(stream), 1000, nullptr)), want);
    }
}

TEST(RpcCompression, GzipMembersAndRubbish) {
    const Bytes pieces[] = {bytes_of("hello")};
    const std::string one = text_of(compress(Compression::gzip, pieces, nullptr));
    EXPECT_EQ(text_of(decompress(Compression::gzip, bytes_of(one + one), 100, nullptr)),
              "hellohello");
    for (const std::string& bad : {std::string(), std::string("rubbish"), one + "x"}) {
        EXPECT_FALSE(decompress(Compression::gzip, bytes_of(bad), 100, nullptr).has_value());
    }
}

TEST(RpcCompression, Names) {
    EXPECT_EQ(compression_of("snappy"), Compression::snappy);
    EXPECT_EQ(compression_of("identity"), Compression::none);
    EXPECT_EQ(compression_of("deflate"), std::nullopt);
}

}  // namespace
}  // namespace sluice::rpc
