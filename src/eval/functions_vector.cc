// STRING_TO_VECTOR, VECTOR_TO_STRING, VECTOR_DIM. A vector is floats of four bytes, the lowest byte
// first.
#include <array>
#include <bit>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "eval/detail/registry.h"

namespace sluice::eval {
namespace {

constexpr std::size_t entry_bytes = 4, most_entries = 16383;
// What MySQL says of the text of a vector: so many characters for each entry.
constexpr std::uint64_t entry_characters = 64;

static_assert(std::endian::native == std::endian::little, "vectors are copied as they are");

[[noreturn]] void raise_no_vector(std::string_view bytes) {
    raise(6138, "Data cannot be converted to a valid vector: '" +
                    std::string(bytes.substr(0, bytes.find('\0'))) + "'");
}

[[noreturn]] void raise_arguments(const Node& node) {
    raise(er::wrong_arguments, "Incorrect arguments to " + node.name);
}

std::string_view without_blanks(std::string_view text) {
    constexpr std::string_view blanks = " \t\n\v\f\r";
    const std::size_t first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

// vector: [ number { , number } ]
std::optional<std::string> parsed(std::string_view text) {
    text = without_blanks(text);
    if (text.size() < 2 || text.front() != '[' || text.back() != ']') return std::nullopt;
    text = text.substr(1, text.size() - 2);
    std::string out;
    for (bool more = true; more;) {
        const std::size_t comma = text.find(',');
        more = comma != std::string_view::npos;
        const std::string number(without_blanks(text.substr(0, comma)));
        char* end = nullptr;
        errno = 0;  // tells of numbers that are too small
        const float entry = std::strtof(number.c_str(), &end);
        const bool whole = !number.empty() && end == number.c_str() + number.size() && errno == 0;
        if (!whole || !std::isfinite(entry)) return std::nullopt;
        std::array<char, entry_bytes> bytes{};
        std::memcpy(bytes.data(), &entry, entry_bytes);
        out.append(bytes.data(), entry_bytes);
        if (more) text.remove_prefix(comma + 1);
    }
    if (out.size() > most_entries * entry_bytes) return std::nullopt;
    return out;
}

Datum to_vector(const Node& node, Run& run) {
    Operand text(node.arguments[0], run);
    if (text.is_null()) return {};
    auto vector = parsed(text.text());
    if (!vector) raise_no_vector(text.text());
    return std::move(*vector);
}
void give_vector(Node& node, const Environment&) {
    const FieldType& from = node.arguments[0].type;
    const bool is_text_like = is_text(from.type) || is_binary(from.type) ||
                              from.type == Type::vector || from.type == Type::null_type ||
                              from.is_bits;
    if (!is_text_like) raise_arguments(node);
    node.type = binary_type(true, most_entries * entry_bytes);
    node.type.type = Type::vector;
}

// The bytes of an argument that is a vector, or may be one.
void require_vector(const Node& node) {
    const FieldType& from = node.arguments[0].type;
    if (from.type == Type::vector || is_binary(from.type) || from.is_bits ||
        from.type == Type::null_type)
        return;
    raise_arguments(node);
}
std::size_t entries_of(std::string_view bytes) {
    if (bytes.size() % entry_bytes != 0 || bytes.size() > most_entries * entry_bytes)
        raise_no_vector(bytes);
    return bytes.size() / entry_bytes;
}

Datum from_vector(const Node& node, Run& run) {
    Operand vector(node.arguments[0], run);
    if (vector.is_null()) return {};
    const std::string_view bytes = vector.text();
    const std::size_t entries = entries_of(bytes);
    if (entries == 0) raise_no_vector(bytes);
    std::string out = "[";
    for (std::size_t i = 0; i < entries; ++i) {
        float entry = 0;
        std::memcpy(&entry, bytes.data() + i * entry_bytes, entry_bytes);
        std::array<char, 32> digits{};
        const int size = std::snprintf(digits.data(), digits.size(), "%.5e", double{entry});
        if (i > 0) out += ',';
        out.append(digits.data(), static_cast<std::size_t>(size));
    }
    return out + "]";
}
void give_text(Node& node, const Environment& environment) {
    require_vector(node);
    node.type = ascii_type(environment, most_entries * entry_characters, true);
    // In bytes, whatever the character set is.
    node.type.length /= std::max<std::uint32_t>(1, node.type.collation->charset->max_bytes);
}

Datum dimensions(const Node& node, Run& run) {
    Operand vector(node.arguments[0], run);
    if (vector.is_null()) return {};
    return static_cast<std::int64_t>(entries_of(vector.text()));
}
void give_dimensions(Node& node, const Environment&) {
    require_vector(node);
    node.type = integer_type(any_nullable(node.arguments), 10);
}

}  // namespace

std::span<const Function> vector_functions() {
    static constexpr Function functions[] = {
        {"from_vector", 1, 1, give_text, from_vector},
        {"string_to_vector", 1, 1, give_vector, to_vector, "to_vector"},
        {"to_vector", 1, 1, give_vector, to_vector},
        {"vector_dim", 1, 1, give_dimensions, dimensions},
        {"vector_to_string", 1, 1, give_text, from_vector, "from_vector"},
    };
    return functions;
}

}  // namespace sluice::eval
