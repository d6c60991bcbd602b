// What travels beside a call's messages: who calls, and what else both sides agreed on.
#include "rpc/metadata.h"

#include <algorithm>
#include <array>

namespace sluice::rpc {
namespace {

constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

constexpr std::array<std::int8_t, 256> make_reverse() {
    std::array<std::int8_t, 256> table{};
    table.fill(-1);
    for (std::size_t i = 0; i < alphabet.size(); ++i) {
        table[static_cast<unsigned char>(alphabet[i])] = static_cast<std::int8_t>(i);
    }
    return table;
}
constexpr auto reverse = make_reverse();

bool is_name(std::string_view name) {
    const auto allowed = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
    };
    return !name.empty() && std::all_of(name.begin(), name.end(), allowed);
}

bool is_reserved(std::string_view name) {
    static constexpr std::string_view kept[] = {"connection", "content-type", "host",
                                                "te",         "keep-alive",   "transfer-encoding",
                                                "upgrade",    "user-agent",   "proxy-connection"};
    return name.starts_with("grpc-") ||
           std::find(std::begin(kept), std::end(kept), name) != std::end(kept);
}

bool is_text(std::string_view value) {
    return std::all_of(value.begin(), value.end(), [](char c) { return c >= 0x20 && c <= 0x7e; });
}

}  // namespace

bool is_binary(std::string_view metadata_name) {
    return metadata_name.ends_with("-bin");
}

void Metadata::append(std::string_view name, std::string_view value) {
    entries_.push_back({.begin = static_cast<std::uint32_t>(bytes_.size()),
                        .name_length = static_cast<std::uint32_t>(name.size()),
                        .value_length = static_cast<std::uint32_t>(value.size())});
    bytes_.append(name);
    bytes_.append(value);
}

Result<void> Metadata::add(std::string_view name, std::string_view value) {
    if (!is_name(name) || is_reserved(name)) {
        return fail(Code::invalid_argument,
                    "metadata: '" + std::string(name) + "' cannot be a name");
    }
    if (!is_binary(name) && !is_text(value)) {
        return fail(Code::invalid_argument,
                    "metadata: the value of '" + std::string(name) + "' is not printable ASCII");
    }
    append(name, value);
    return {};
}

bool Metadata::add_received(std::string_view name, std::string_view value) {
    if (!is_binary(name)) {
        append(name, value);
        return true;
    }
    for (;;) {
        const std::size_t comma = value.find(',');
        const auto decoded = base64_decoded(value.substr(0, comma));
        if (!decoded) return false;
        append(name, *decoded);
        if (comma == std::string_view::npos) return true;
        value.remove_prefix(comma + 1);
    }
}

std::optional<std::string_view> Metadata::find(std::string_view name) const {
    for (std::size_t i = 0; i < entries_.size(); ++i) {
        const Pair pair = at(i);
        if (pair.name == name) return pair.value;
    }
    return std::nullopt;
}

Metadata::Pair Metadata::at(std::size_t index) const {
    const Entry& entry = entries_[index];
    const std::string_view both =
        std::string_view(bytes_).substr(entry.begin, entry.name_length + entry.value_length);
    return {both.substr(0, entry.name_length), both.substr(entry.name_length)};
}

void Metadata::clear() {
    bytes_.clear();
    entries_.clear();
}

std::string base64_encoded(std::string_view bytes) {
    std::string out;
    out.reserve(bytes.size() * 4 / 3 + 3);
    std::uint32_t bits = 0;
    unsigned held = 0;
    for (const char c : bytes) {
        bits = bits << 8U | static_cast<unsigned char>(c);
        for (held += 8; held >= 6; held -= 6) out += alphabet[bits >> (held - 6) & 63U];
    }
    if (held > 0) out += alphabet[bits << (6 - held) & 63U];
    return out;
}

std::optional<std::string> base64_decoded(std::string_view text) {
    for (int i = 0; i < 2 && text.ends_with('='); ++i) text.remove_suffix(1);
    if (text.size() % 4 == 1) return std::nullopt;
    std::string out;
    out.reserve(text.size() * 3 / 4);
    std::uint32_t bits = 0;
    unsigned held = 0;
    for (const char c : text) {
        const int value = reverse[static_cast<unsigned char>(c)];
        if (value < 0) return std::nullopt;
        bits = bits << 6U | static_cast<std::uint32_t>(value);
        held += 6;
        if (held >= 8) {
            held -= 8;
            out += static_cast<char>(bits >> held & 255U);
        }
    }
    return out;
}

}  // namespace sluice::rpc
