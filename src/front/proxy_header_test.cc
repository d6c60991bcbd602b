#include "front/proxy_header.h"

#include <gtest/gtest.h>

namespace sluice::front {
namespace {

std::string read(std::string_view bytes) {
    const auto parsed =
        parse_proxy_header({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
    if (!parsed) return parsed.error().text;
    if (!*parsed) return "more";
    return std::to_string((*parsed)->size) + " " + (*parsed)->source;
}

std::string binary(std::uint8_t command, std::uint8_t family, std::string_view rest) {
    std::string bytes("\r\n\r\n\0\r\nQUIT\n", 12);
    bytes.push_back(static_cast<char>(command));
    bytes.push_back(static_cast<char>(family));
    bytes.push_back(static_cast<char>(rest.size() >> 8));
    bytes.push_back(static_cast<char>(rest.size() & 0xff));
    return bytes.append(rest);
}

TEST(ProxyHeader, Lines) {
    struct Case {
        std::string bytes;
        std::string want;
    };
    for (const Case& one : std::vector<Case>{
             {"PROXY TCP4 10.1.2.3 10.0.0.1 5000 3306\r\n", "40 10.1.2.3:5000"},
             {"PROXY TCP4 10.1.2.3 10.0.0.1 5000 3306\r\nrest", "40 10.1.2.3:5000"},
             {"PROXY TCP6 2001:db8::1 ::1 65535 0\r\n", "36 [2001:db8::1]:65535"},
             {"PROXY UNKNOWN\r\n", "15 "},
             {"PROXY UNKNOWN anything at all\r\n", "31 "},
             {"", "more"},
             {"PRO", "more"},
             {"PROXY TCP4 10.1.2.3", "more"},
             {"PROXY TCP4 10.1.2.3 10.0.0.1 5000 3306\r", "more"},
             {"PROXZ", "bad PROXY header: unknown signature"},
             {"PROXY TCP5 1 2 3 4\r\n", "bad PROXY header: unknown family"},
             {"PROXY \r\n", "bad PROXY header: unknown family"},
             {"PROXY TCP4 10.1.2.3 10.0.0.1 5000\r\n",
              "bad PROXY header: not two addresses and two ports"},
             {"PROXY TCP4 10.1.2 10.0.0.1 5000 3306\r\n",
              "bad PROXY header: not an address or a port"},
             {"PROXY TCP4 ::1 ::1 5000 3306\r\n", "bad PROXY header: not an address or a port"},
             {"PROXY TCP4 10.1.2.3 10.0.0.1 70000 3306\r\n",
              "bad PROXY header: not an address or a port"},
             {"PROXY TCP4 10.1.2.3 10.0.0.1 05 3306\r\n",
              "bad PROXY header: not an address or a port"},
             {"PROXY " + std::string(200, 'x'), "bad PROXY header: the line has no end"},
         }) {
        EXPECT_EQ(read(one.bytes), one.want) << one.bytes;
    }
}

TEST(ProxyHeader, Binary) {
    const std::string four("\x0a\x01\x02\x03\x0a\0\0\x01\x13\x88\x0c\xea", 12);
    std::string six(36, '\0');
    six[0] = '\x20';
    six[1] = '\x01';
    six[15] = '\x09';
    six[33] = '\x07';
    EXPECT_EQ(read(binary(0x21, 0x11, four)), "28 10.1.2.3:5000");
    EXPECT_EQ(read(binary(0x21, 0x11, four + "extension") + "rest"), "37 10.1.2.3:5000");
    EXPECT_EQ(read(binary(0x21, 0x21, six)), "52 [2001::9]:7");
    EXPECT_EQ(read(binary(0x20, 0x00, "")), "16 ");                      // LOCAL: a health check
    EXPECT_EQ(read(binary(0x20, 0x11, four)), "28 ");                    // LOCAL with addresses
    EXPECT_EQ(read(binary(0x21, 0x31, std::string(216, 'x'))), "232 ");  // unix sockets
    EXPECT_EQ(read(binary(0x21, 0x11, four).substr(0, 20)), "more");
    EXPECT_EQ(read(binary(0x21, 0x11, four).substr(0, 5)), "more");
    EXPECT_EQ(read(binary(0x11, 0x11, four)), "bad PROXY header: not version 2");
    EXPECT_EQ(read(binary(0x22, 0x11, four)), "bad PROXY header: unknown command");
    EXPECT_EQ(read(binary(0x21, 0x11, "\x01")), "bad PROXY header: too short for its addresses");
    EXPECT_EQ(read(binary(0x21, 0x11, std::string(5000, 'x'))), "bad PROXY header: too long");
}

}  // namespace
}  // namespace sluice::front
