#include "servenv/profile.h"

#include <algorithm>
#include <thread>

#include <gtest/gtest.h>
#include <zlib.h>

#include "async/loop.h"
#include "servenv/detail/profile_proto.h"

namespace sluice::servenv {
namespace {

std::string unzipped(const std::string& bytes) {
    z_stream stream{};
    EXPECT_EQ(inflateInit2(&stream, 15 + 16), Z_OK);
    std::string out(std::size_t{1} << 22, '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream.avail_in = static_cast<uInt>(bytes.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
    out.resize(stream.total_out);
    inflateEnd(&stream);
    return out;
}

TEST(Profile, BytesAreThoseOfTheProto) {
    detail::ProfileTable table;
    table.types = {{"cpu", "ns"}};
    table.period_type = {"cpu", "ns"};
    table.period = 10;
    table.begun = 5;
    table.duration = 6;
    table.mappings = {{0x1000, 0x2000, 0x10, "/bin/x"}};
    table.stacks[{0x1001, 0x1005}] = {300};
    const std::string want =
        std::string("\x0a\x04\x08\x01\x10\x02", 6) +                   // sample_type cpu, ns
        std::string("\x12\x08\x0a\x02\x01\x02\x12\x02\xac\x02", 10) +  // sample
        std::string("\x1a\x0c\x08\x01\x10\x80\x20\x18\x80\x40\x20\x10\x28\x03", 14) +  // mapping
        std::string("\x22\x07\x08\x01\x10\x01\x18\x81\x20", 9) +                       // locations
        std::string("\x22\x07\x08\x02\x10\x01\x18\x84\x20", 9) +
        std::string("\x5a\x04\x08\x01\x10\x02", 6) +  // period_type
        std::string(
            "\x32\x00\x32\x03"
            "cpu\x32\x02ns\x32\x06/bin/x",
            19) +                                    // string_table
        std::string("\x48\x05\x50\x06\x60\x0a", 6);  // times, period
    EXPECT_EQ(detail::profile_bytes(table), want);
    const auto zipped = detail::gzipped(want);
    ASSERT_TRUE(zipped.has_value());
    EXPECT_EQ(unzipped(*zipped), want);
}

TEST(Profile, MappingsNameTheProgram) {
    const auto mappings = detail::mappings_now();
    EXPECT_TRUE(std::ranges::any_of(mappings, [](const detail::ProfileMapping& mapping) {
        return mapping.file.ends_with("servenv_test") && mapping.start < mapping.limit;
    }));
}

async::Task<void> take(std::string* into, std::string* refused, std::atomic<bool>* done) {
    async::Scope scope;
    const auto second = [](std::string* why) -> async::Task<void> {
        const auto other = co_await cpu_profile(std::chrono::seconds(1), nullptr);
        if (!other) *why = other.error().text;
    };
    async::Stop stop;
    const auto first = [](std::string* to) -> async::Task<void> {
        auto profile = co_await cpu_profile(std::chrono::seconds(1), nullptr);
        if (profile) *to = *profile;
    };
    scope.spawn("first", first(into));
    scope.spawn("second", second(refused));
    co_await scope.join();
    done->store(true);
}

TEST(Profile, CpuOfOtherThreadsOneAtATime) {
    std::atomic<bool> done{false};
    std::thread busy([&done] {
        while (!done.load(std::memory_order_relaxed)) {
        }
    });
    std::string profile, refused;
    async::Loop loop;
    async::run_until_done(loop, take(&profile, &refused, &done));
    busy.join();
    EXPECT_EQ(refused, "another profile is being taken");
    const std::string bytes = unzipped(profile);
    EXPECT_NE(bytes.find("nanoseconds"), bytes.npos);
    EXPECT_NE(bytes.find("servenv_test"), bytes.npos);
    std::size_t samples = 0;
    for (const char c : bytes) samples += c == 0x12 ? 1 : 0;
    EXPECT_GT(samples, 0U);
}

}  // namespace
}  // namespace sluice::servenv
