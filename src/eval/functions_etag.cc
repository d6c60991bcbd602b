// ETAG: the sum of its arguments' XXH3 hashes, of 128 bits each. What is hashed of a value was
// found by asking MySQL 9.7.
#include <bit>
#include <cstring>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/hex.h"
#include "base/overload.h"
#include "eval/detail/registry.h"

namespace sluice::eval {
namespace {

// Eight bytes, the lowest first.
void append_eight(std::string& out, std::uint64_t bits) {
    for (int shift = 0; shift < 64; shift += 8) out += static_cast<char>(bits >> shift & 255);
}

// A number's double.
void append_number(std::string& out, double number) {
    if (number == 0)
        out += '\0';
    else
        append_eight(out, std::bit_cast<std::uint64_t>(number));
}

void append_text(std::string& out, std::string_view text) {
    out += text;
    if (text.empty()) out += '\0';
}

template <class Moment>
void append_moment(std::string& out, const Moment& moment) {
    append_eight(out, static_cast<std::uint64_t>(packed(moment)));
}

// Parts follow each other; nothing says where one ends.
void append_document(std::string& out, const Json& json) {
    enum Mark : char { object = 5, array = 6, no = 7, yes = 8 };
    std::visit(
        Overload{[&](std::nullptr_t) { out += '\0'; }, [&](bool truth) { out += truth ? yes : no; },
                 [&](std::int64_t number) { append_number(out, static_cast<double>(number)); },
                 [&](std::uint64_t number) { append_number(out, static_cast<double>(number)); },
                 [&](double number) { append_number(out, number); },
                 [&](const Box<Decimal>& number) { append_number(out, number->to_double()); },
                 [&](const std::string& text) { append_text(out, text); },
                 [&](const JsonArray& items) {
                     out += array;
                     for (const Json& item : items) append_document(out, item);
                 },
                 [&](const JsonObject& members) {
                     out += object;
                     for (const JsonMember& member : members) {
                         append_text(out, member.key);
                         append_document(out, member.value);
                     }
                 },
                 [&](const JsonOpaque& opaque) { append_text(out, opaque.bytes); },
                 [&](const auto& moment) { append_moment(out, moment); }},
        json.node);
}

XXH128_hash_t hash_of(Operand& operand) {
    if (operand.is_null()) return XXH3_128bits("\1", 2);
    std::string document;
    std::string_view bytes = "";
    if (const auto* json = operand.datum().as<Json>()) {
        append_document(document, *json);
        bytes = document;
    } else {
        bytes = operand.text();
    }
    // What is empty is a zero byte.
    return bytes.empty() ? XXH3_128bits("", 1) : XXH3_128bits(bytes.data(), bytes.size());
}

Datum etag(const Node& node, Run& run) {
    XXH128_hash_t sum{};
    for (const Node& argument : node.arguments) {
        Operand operand(argument, run);
        const XXH128_hash_t hash = hash_of(operand);
        sum.low64 += hash.low64;
        sum.high64 += hash.high64 + (sum.low64 < hash.low64 ? 1 : 0);
    }
    XXH128_canonical_t bytes;
    XXH128_canonicalFromHash(&bytes, sum);
    return lower_hex({reinterpret_cast<const char*>(bytes.digest), sizeof bytes.digest});
}

void give_etag(Node& node, const Environment& environment) {
    for (const Node& argument : node.arguments) {
        const Type type = argument.type.type;
        if (type == Type::geometry || type == Type::vector)
            raise(6508, "ETAG is not supported with Vector/ Geometry types.");
    }
    node.type = ascii_type(environment, 32, true);
}

}  // namespace

std::span<const Function> etag_functions() {
    static constexpr Function functions[] = {{"etag", 1, -1, give_etag, etag}};
    return functions;
}

}  // namespace sluice::eval
