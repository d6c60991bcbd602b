// Addresses and UUIDs.
#include <algorithm>
#include <array>
#include <charconv>

#include "eval/detail/registry.h"

namespace sluice::eval {
namespace {

// ---- INET_ATON and INET_NTOA: one to four parts; the last fills what is missing only for 127.1's
// kin

Datum inet_aton(const Node& node, Run& run) {
    Operand text(node.arguments[0], run);
    if (text.is_null()) return {};
    const std::string_view whole = text.text();
    const auto wrong = [&]() -> Datum {
        run.environment.warnings.add(
            1411, "Incorrect string value: ''" + std::string(whole) + "'' for function inet_aton");
        return {};
    };
    if (whole.empty()) return wrong();
    std::uint64_t number = 0;
    unsigned part = 0;
    int points = 0;
    char last = '.';
    for (const char c : whole) {
        last = c;
        if (c >= '0' && c <= '9') {
            part = part * 10 + static_cast<unsigned>(c - '0');
            if (part > 255) return wrong();
        } else if (c == '.') {
            if (++points > 3) return wrong();
            number = number * 256 + part;
            part = 0;
        } else {
            return wrong();
        }
    }
    if (last == '.') return wrong();
    if (points == 1) number <<= 16;
    if (points == 2) number <<= 8;
    return number * 256 + part;
}
void give_inet_aton(Node& node, const Environment&) {
    node.type = integer_type(true, integer_length, true);
}

Datum inet_ntoa(const Node& node, Run& run) {
    Operand number(node.arguments[0], run);
    if (number.is_null()) return {};
    const std::uint64_t bits = number.integer().bits;
    if (bits > 0xffffffff) {
        run.environment.warnings.add(
            1411,
            "Incorrect integer value: '" + std::string(number.text()) + "' for function inet_ntoa");
        return {};
    }
    std::string out;
    for (int shift = 24; shift >= 0; shift -= 8) {
        if (shift < 24) out += '.';
        out += std::to_string(bits >> shift & 255);
    }
    return out;
}
void give_inet_ntoa(Node& node, const Environment& environment) {
    node.type = ascii_type(environment, 31, true);
}

// ---- IPv4 and IPv6 as bytes

std::optional<std::string> ipv4_bytes(std::string_view text) {
    if (text.size() < 7 || text.size() > 15) return std::nullopt;
    std::string out;
    while (out.size() < 4) {
        const std::size_t end = std::min(text.find('.'), text.size());
        const std::string_view part = text.substr(0, end);
        if (part.empty() || part.size() > 3) return std::nullopt;
        unsigned number = 0;
        const auto read = std::from_chars(part.data(), part.data() + part.size(), number);
        if (read.ec != std::errc{} || read.ptr != part.data() + part.size() || number > 255)
            return std::nullopt;
        out += static_cast<char>(number);
        if (end == text.size()) return out.size() == 4 ? std::optional(out) : std::nullopt;
        text.remove_prefix(end + 1);
    }
    return std::nullopt;
}

// "::" stands for as many zeros as are missing; the last two groups may be an IPv4 address.
std::optional<std::string> ipv6_bytes(std::string_view text) {
    if (text.size() < 2 || text.size() > 39 + 6) return std::nullopt;
    std::string out;
    std::optional<std::size_t> gap;
    if (text.starts_with(':')) {
        if (!text.starts_with("::")) return std::nullopt;
        text.remove_prefix(1);
    }
    while (!text.empty()) {
        if (text.starts_with(':')) {
            if (gap) return std::nullopt;
            gap = out.size();
            text.remove_prefix(1);
            continue;
        }
        const std::size_t end = std::min(text.find(':'), text.size());
        const std::string_view group = text.substr(0, end);
        if (end == text.size() && group.contains('.')) {
            const auto tail = ipv4_bytes(group);
            if (!tail || out.size() > 12) return std::nullopt;
            out += *tail;
            break;
        }
        unsigned number = 0;
        const auto read = std::from_chars(group.data(), group.data() + group.size(), number, 16);
        if (group.empty() || group.size() > 4 || read.ec != std::errc{} ||
            read.ptr != group.data() + group.size())
            return std::nullopt;
        if (out.size() > 14) return std::nullopt;
        out += static_cast<char>(number >> 8);
        out += static_cast<char>(number & 255);
        if (end == text.size()) break;
        text.remove_prefix(end + 1);
        if (text.empty()) return std::nullopt;
    }
    if (gap) {
        if (out.size() == 16) return std::nullopt;
        out.insert(*gap, 16 - out.size(), '\0');
    }
    if (out.size() != 16) return std::nullopt;
    return out;
}

unsigned group_of(std::string_view bytes, std::size_t group) {
    return static_cast<unsigned>(static_cast<std::uint8_t>(bytes[group * 2])) << 8 |
           static_cast<std::uint8_t>(bytes[group * 2 + 1]);
}
std::string ipv4_text(std::string_view bytes) {
    std::string out;
    for (const char byte : bytes) {
        if (!out.empty()) out += '.';
        out += std::to_string(static_cast<std::uint8_t>(byte));
    }
    return out;
}

std::string ipv6_text(std::string_view bytes) {
    // The longest run of zeros, the first of equal ones, is "::"; one group alone counts too.
    std::size_t best = 8;
    std::size_t best_length = 0;
    for (std::size_t i = 0; i < 8;) {
        std::size_t end = i;
        while (end < 8 && group_of(bytes, end) == 0) ++end;
        if (end - i > best_length) {
            best = i;
            best_length = end - i;
        }
        i = end + 1;
    }
    std::string out;
    for (std::size_t i = 0; i < 8; ++i) {
        if (i >= best && i < best + best_length) {
            if (i == best) out += ':';
            continue;
        }
        if (i > 0) out += ':';
        if (i == 6 && best == 0 &&
            (best_length == 6 || (best_length == 5 && group_of(bytes, 5) == 0xffff))) {
            return out + ipv4_text(bytes.substr(12));
        }
        std::array<char, 4> digits{};
        const auto end = std::to_chars(digits.begin(), digits.end(), group_of(bytes, i), 16).ptr;
        out.append(digits.begin(), end);
    }
    if (best < 8 && best + best_length == 8) out += ':';
    return out;
}

Datum inet6_aton(const Node& node, Run& run) {
    Operand text(node.arguments[0], run);
    if (text.is_null()) return {};
    auto out = ipv4_bytes(text.text());
    if (!out) out = ipv6_bytes(text.text());
    if (!out) {
        run.environment.warnings.add(1411, "Incorrect string value: ''" + std::string(text.text()) +
                                               "'' for function inet6_aton");
        return {};
    }
    return std::move(*out);
}
void give_inet6_aton(Node& node, const Environment&) {
    node.type = binary_type(true, 16);
}
Datum inet6_ntoa(const Node& node, Run& run) {
    Operand bytes(node.arguments[0], run);
    if (bytes.is_null()) return {};
    const std::string_view whole = bytes.text();
    const bool binary = is_binary(bytes.type().type);
    if (binary && whole.size() == 4) return ipv4_text(whole);
    if (binary && whole.size() == 16) return ipv6_text(whole);
    run.environment.warnings.add(
        1411, "Incorrect string value: ''" + std::string(whole) + "'' for function inet6_ntoa");
    return {};
}
void give_inet6_ntoa(Node& node, const Environment& environment) {
    node.type = ascii_type(environment, 39, true);
}

template <class Test>
Datum tested(const Node& node, Run& run, Test test) {
    Operand operand(node.arguments[0], run);
    if (operand.is_null()) return {};
    return std::int64_t{test(operand) ? 1 : 0};
}
bool is_address(Operand& operand, std::string_view prefix) {
    return is_binary(operand.type().type) && operand.text().size() == 16 &&
           operand.text().starts_with(prefix);
}
using namespace std::string_view_literals;
Datum is_ipv4(const Node& node, Run& run) {
    return tested(node, run, [](Operand& each) { return ipv4_bytes(each.text()).has_value(); });
}
Datum is_ipv6(const Node& node, Run& run) {
    return tested(node, run, [](Operand& each) { return ipv6_bytes(each.text()).has_value(); });
}
Datum is_ipv4_compat(const Node& node, Run& run) {
    return tested(node, run, [](Operand& each) {
        // Neither :: nor ::1.
        return is_address(each, "\0\0\0\0\0\0\0\0\0\0\0\0"sv) &&
               each.text().substr(12, 3) != "\0\0\0"sv;
    });
}
Datum is_ipv4_mapped(const Node& node, Run& run) {
    return tested(node, run,
                  [](Operand& each) { return is_address(each, "\0\0\0\0\0\0\0\0\0\0\xff\xff"sv); });
}

// ---- UUID

// 32 digits, perhaps with dashes at the usual places, perhaps in braces.
std::optional<std::string> uuid_bytes(std::string_view text) {
    if (text.size() == 38) {
        if (text.front() != '{' || text.back() != '}') return std::nullopt;
        text = text.substr(1, 36);
    }
    const bool dashes = text.size() == 36;
    if (!dashes && text.size() != 32) return std::nullopt;
    std::string out;
    int half = -1;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (dashes && (i == 8 || i == 13 || i == 18 || i == 23)) {
            if (text[i] != '-') return std::nullopt;
            continue;
        }
        const char c = text[i];
        const int digit = c >= '0' && c <= '9'   ? c - '0'
                          : c >= 'a' && c <= 'f' ? c - 'a' + 10
                          : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                                 : -1;
        if (digit < 0) return std::nullopt;
        if (half < 0) {
            half = digit;
        } else {
            out += static_cast<char>(half * 16 + digit);
            half = -1;
        }
    }
    return out;
}
[[noreturn]] void raise_uuid(std::string_view text, std::string_view function) {
    raise(1411, "Incorrect string value: '" + std::string(text) + "' for function " +
                    std::string(function));
}
bool swaps(const Node& node, Run& run) {
    if (node.arguments.size() < 2) return false;
    Operand flag(node.arguments[1], run);
    return !flag.is_null() && flag.integer().bits != 0;
}
Datum uuid_to_bin(const Node& node, Run& run) {
    Operand text(node.arguments[0], run);
    if (text.is_null()) return {};
    auto bytes = uuid_bytes(text.text());
    if (!bytes) raise_uuid(text.text(), "uuid_to_bin");
    // Time-high and time-mid go in front of time-low.
    if (swaps(node, run))
        *bytes = bytes->substr(6, 2) + bytes->substr(4, 2) + bytes->substr(0, 4) + bytes->substr(8);
    return std::move(*bytes);
}
void give_uuid_to_bin(Node& node, const Environment&) {
    node.type = binary_type(true, 16);
}
std::string uuid_text(std::string_view bytes) {
    static constexpr char digits[] = "0123456789abcdef";
    std::string out;
    for (std::size_t i = 0; i < 16; ++i) {
        if (i == 4 || i == 6 || i == 8 || i == 10) out += '-';
        out += digits[static_cast<std::uint8_t>(bytes[i]) >> 4];
        out += digits[bytes[i] & 15];
    }
    return out;
}
Datum bin_to_uuid(const Node& node, Run& run) {
    Operand operand(node.arguments[0], run);
    if (operand.is_null()) return {};
    std::string bytes(operand.text());
    if (bytes.size() != 16) raise_uuid(bytes, "bin_to_uuid");
    if (swaps(node, run))
        bytes = bytes.substr(4, 4) + bytes.substr(2, 2) + bytes.substr(0, 2) + bytes.substr(8);
    return uuid_text(bytes);
}
void give_uuid_text(Node& node, const Environment& environment) {
    node.type = ascii_type(environment, 36, true);
}
Datum is_uuid(const Node& node, Run& run) {
    Operand text(node.arguments[0], run);
    if (text.is_null()) return {};
    return std::int64_t{uuid_bytes(text.text()) ? 1 : 0};
}

// Version 1: the time in units of 100 ns since 1582-10-15, and bytes of chance for the rest.
Datum uuid(const Node&, Run& run) {
    if (!run.environment.random) refuse("UUID");
    std::string bytes(16, '\0');
    run.environment.random(bytes.data(), bytes.size());
    constexpr std::uint64_t gregorian = 122192928000000000;
    std::uint64_t time = gregorian +
                         static_cast<std::uint64_t>(run.environment.now_seconds) * 10'000'000 +
                         run.environment.now_micros * std::uint64_t{10};
    time += static_cast<std::uint8_t>(bytes[0]) % 10U;
    const std::uint64_t fields[] = {time & 0xffffffff, time >> 32 & 0xffff,
                                    (time >> 48 & 0xfff) | 0x1000};
    std::size_t at = 0;
    for (int field = 0; field < 3; ++field) {
        for (int shift = field == 0 ? 24 : 8; shift >= 0; shift -= 8)
            bytes[at++] = static_cast<char>(fields[field] >> shift & 255);
    }
    bytes[8] = static_cast<char>((bytes[8] & 0x3f) | 0x80);
    return uuid_text(bytes);
}
void give_uuid(Node& node, const Environment&) {
    node.type = name_type(36, false);
    node.is_constant = false;
}

}  // namespace

std::span<const Function> network_functions() {
    static constexpr Function functions[] = {
        {"bin_to_uuid", 1, 2, give_uuid_text, bin_to_uuid},
        {"inet6_aton", 1, 1, give_inet6_aton, inet6_aton},
        {"inet6_ntoa", 1, 1, give_inet6_ntoa, inet6_ntoa},
        {"inet_aton", 1, 1, give_inet_aton, inet_aton},
        {"inet_ntoa", 1, 1, give_inet_ntoa, inet_ntoa},
        {"is_ipv4", 1, 1, give_boolean, is_ipv4},
        {"is_ipv4_compat", 1, 1, give_boolean, is_ipv4_compat},
        {"is_ipv4_mapped", 1, 1, give_boolean, is_ipv4_mapped},
        {"is_ipv6", 1, 1, give_boolean, is_ipv6},
        {"is_uuid", 1, 1, give_nullable_boolean, is_uuid},
        {"uuid", 0, 0, give_uuid, uuid},
        {"uuid_to_bin", 1, 2, give_uuid_to_bin, uuid_to_bin},
    };
    return functions;
}

}  // namespace sluice::eval
