#include "wire/packet.h"

#include <gtest/gtest.h>

#include "wire/detail/test_bytes.h"

namespace sluice::wire {
namespace {

using testing::hex;
using testing::to_hex;

constexpr std::size_t max_payload = limits::max_packet_payload;

TEST(Bytes, GrowsKeepsAndGivesBack) {
    Bytes bytes;
    bytes.append(std::string_view("abc"));
    bytes.push('d');
    EXPECT_EQ(text_of(bytes.view()), "abcd");
    const std::size_t capacity = bytes.capacity();
    bytes.clear();
    EXPECT_EQ(bytes.capacity(), capacity);
    const auto spare = bytes.spare(1000);
    ASSERT_GE(spare.size(), 1000U);
    spare[0] = 'x';
    spare[1] = 'y';
    bytes.commit(2);
    bytes.discard_front(1);
    EXPECT_EQ(text_of(bytes.view()), "y");
    Bytes moved = std::move(bytes);
    EXPECT_EQ(moved.size(), 1U);
    moved.release();
    EXPECT_EQ(moved.capacity(), 0U);
}

TEST(NextFrame, CutsOrSaysHowMuchIsMissing) {
    struct Case {
        std::string_view input;
        std::size_t need, payload;
    };
    for (const Case& want :
         {Case{"", 4, 0}, Case{"0200", 2, 0}, Case{"02000005", 2, 0}, Case{"0200000561", 1, 0},
          Case{"020000056162", 0, 2}, Case{"02000005616263", 0, 2}, Case{"00000009", 0, 0}}) {
        const auto input = hex(want.input);
        const auto got = next_frame(input);
        if (want.need > 0) {
            ASSERT_TRUE(std::holds_alternative<NeedMore>(got)) << want.input;
            EXPECT_EQ(std::get<NeedMore>(got).bytes, want.need) << want.input;
        } else {
            ASSERT_TRUE(std::holds_alternative<Frame>(got)) << want.input;
            EXPECT_EQ(std::get<Frame>(got).payload.size(), want.payload);
            EXPECT_EQ(std::get<Frame>(got).sequence, input[3]);
        }
    }
}

// Feeds `input` in chunks as a connection would: appended to a buffer, from which the cutter takes.
struct Feed {
    std::vector<std::string> messages;
    std::uint16_t error = 0;
    std::size_t widest = 0;  // the most that lay in the buffer
};
Feed feed(ByteView input, std::size_t chunk, std::size_t limit) {
    Feed out;
    MessageCutter cutter(limit);
    Bytes buffer;
    for (std::size_t at = 0; at < input.size();) {
        const std::size_t take = std::min(chunk, input.size() - at);
        buffer.append(input.subspan(at, take));
        at += take;
        out.widest = std::max(out.widest, buffer.size());
        for (;;) {
            const auto cut = cutter.cut(buffer.view());
            if (!cut) {
                out.error = cut.error().number;
                return out;
            }
            if (cut->message) {
                out.messages.emplace_back(text_of(*cut->message));
                cutter.expect(0);
            } else {
                EXPECT_GT(cut->need, 0U);
            }
            buffer.discard_front(cut->consumed);
            if (!cut->message) break;
        }
    }
    return out;
}

TEST(MessageCutter, EveryCutGivesTheSameMessages) {
    std::vector<std::uint8_t> input = testing::packet(0, bytes_of("hello"));
    testing::append(input, testing::packet(0, {}));
    testing::append(input, testing::packet(0, bytes_of("x")));
    for (std::size_t chunk = 1; chunk <= input.size(); ++chunk) {
        EXPECT_EQ(feed(input, chunk, 100).messages, (std::vector<std::string>{"hello", "", "x"}))
            << chunk;
    }
}

TEST(MessageCutter, LongMessagesLeaveTheBufferInPieces) {
    for (const std::size_t size :
         {buffered_message - 4, buffered_message - 3, max_payload - 1, max_payload, max_payload + 1,
          2 * max_payload, 2 * max_payload + 7}) {
        std::string text(size, 'a');
        text.front() = 'b';
        text.back() = 'c';
        const auto input = testing::written([&](PacketWriter& out) { out.packet(bytes_of(text)); });
        EXPECT_EQ(input.size(), size + header_size * (size / max_payload + 1));
        const Feed got = feed(input, 30'000, 3 * max_payload);
        ASSERT_EQ(got.messages.size(), 1U) << size;
        EXPECT_TRUE(got.messages[0] == text) << size;
        EXPECT_LE(got.widest, buffered_message + 30'000);
    }
}

TEST(MessageCutter, RefusesBeforeItAllocates) {
    struct Case {
        std::string_view input;
        std::uint16_t error;
    };
    for (const Case& want :
         {Case{"65000000", er::net_packet_too_large}, Case{"ffffff00", er::net_packet_too_large},
          Case{"01000001ff", er::net_packets_out_of_order}, Case{"64000000", 0}}) {
        EXPECT_EQ(feed(hex(want.input), 100, 100).error, want.error) << want.input;
    }
    // The second packet of a long message counts with the first, and has its own sequence number.
    std::string text(max_payload + 50, 'a');
    auto input = testing::written([&](PacketWriter& out) { out.packet(bytes_of(text)); });
    EXPECT_EQ(feed(input, 1 << 20, max_payload + 49).error, er::net_packet_too_large);
    EXPECT_EQ(feed(input, 1 << 20, max_payload + 50).error, 0);
    input[header_size + max_payload + 3] = 2;
    EXPECT_EQ(feed(input, 1 << 20, 2 * max_payload).error, er::net_packets_out_of_order);
}

TEST(PacketWriter, SplitsAtSixteenMegabytes) {
    const auto exact = testing::written(
        [](PacketWriter& out) {
            out.packet(bytes_of(std::string(max_payload, 'a')));
            EXPECT_EQ(out.sequence(), 1);  // 255 and 0
        },
        255);
    EXPECT_EQ(to_hex(ByteView(exact).first(5)), "ffffffff61");
    EXPECT_EQ(to_hex(ByteView(exact).last(5)), "6100000000");
    const auto small = testing::written([](PacketWriter& out) {
        out.packet(bytes_of("ab"));
        out.begin();
        out.out().append(std::string_view("gone"));
        out.abandon();
        out.packet({});
    });
    EXPECT_EQ(to_hex(small), "02000000616200000001");
}

}  // namespace
}  // namespace sluice::wire
