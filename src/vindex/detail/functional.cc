// Step 6 of a request: vindexes of one column whose keyspace id is a plain function of the value.
#include <array>

#include "vindex/detail/digest.h"
#include "vindex/detail/go_text.h"
#include "vindex/detail/makers.h"
#include "vindex/detail/unicode_key.h"

namespace sluice::vindex {

namespace {

std::uint64_t big_endian_number(std::string_view bytes) {
    std::uint64_t number = 0;
    for (const char byte : bytes) number = number << 8 | static_cast<unsigned char>(byte);
    return number;
}

std::uint64_t reversed_bits(std::uint64_t number) {
    return __builtin_bitreverse64(number);
}

Result<std::uint64_t> number_of_keyspace_id(std::string_view keyspace_id,
                                            std::string_view function) {
    if (keyspace_id.size() == 8) return big_endian_number(keyspace_id);
    return fail(Code::invalid_argument,
                std::string(function) +
                    ": length of keyspaceId is not 8: " + std::to_string(keyspace_id.size()));
}

Result<KeyspaceId> hash_number(ValueView value) {
    const bool is_signed = is_integral(value.type) && !is_unsigned(value.type);
    const std::uint64_t number = is_signed
                                     ? static_cast<std::uint64_t>(TRY(parse_int64(value.bytes)))
                                     : TRY(parse_uint64(value.bytes));
    return KeyspaceId::big_endian(des_zero_key(number));
}

Result<KeyspaceId> hash_numeric(ValueView value) {
    return KeyspaceId::big_endian(TRY(parse_uint64(value.bytes)));
}

Result<KeyspaceId> hash_reverse_bits(ValueView value) {
    return KeyspaceId::big_endian(reversed_bits(TRY(parse_uint64(value.bytes))));
}

Result<KeyspaceId> hash_binary(ValueView value) {
    std::string storage;
    return KeyspaceId(TRY(bytes_of(value, storage)));
}

Result<KeyspaceId> hash_md5(ValueView value) {
    std::string storage;
    const auto digest = md5(TRY(bytes_of(value, storage)));
    return KeyspaceId({digest.data(), digest.size()});
}

Result<KeyspaceId> hash_xxhash(ValueView value) {
    std::string storage;
    return KeyspaceId::little_endian(xxhash64(TRY(bytes_of(value, storage))));
}

// The key lives in a buffer per thread, so that a thread's second key allocates nothing.
Result<std::string_view> unicode_key(ValueView value) {
    thread_local std::string key;
    std::string storage;
    TRY(make_unicode_key(TRY(bytes_of(value, storage)), key));
    return key;
}

Result<KeyspaceId> hash_unicode_md5(ValueView value) {
    const auto digest = md5(TRY(unicode_key(value)));
    return KeyspaceId({digest.data(), digest.size()});
}

Result<KeyspaceId> hash_unicode_xxhash(ValueView value) {
    return KeyspaceId::little_endian(xxhash64(TRY(unicode_key(value))));
}

Result<KeyspaceId> hash_null(ValueView) {
    return KeyspaceId(std::string_view("\0", 1));
}

Value unsigned_value(std::uint64_t number) {
    return {Type::uint64, std::to_string(number)};
}

Result<Value> reverse_hash(std::string_view id) {
    return unsigned_value(des_zero_key(TRY(number_of_keyspace_id(id, "invalid keyspace id"))));
}
Result<Value> reverse_numeric(std::string_view id) {
    return unsigned_value(TRY(number_of_keyspace_id(id, "Numeric.ReverseMap")));
}
Result<Value> reverse_reverse_bits(std::string_view id) {
    return unsigned_value(reversed_bits(TRY(number_of_keyspace_id(id, "invalid keyspace id"))));
}
Result<Value> reverse_binary(std::string_view id) {
    return Value{Type::varbinary, std::string(id)};
}

enum class OnFailure : std::uint8_t { no_destination, error };

struct Function {
    std::string_view type;
    int cost;
    Result<KeyspaceId> (*hash)(ValueView);
    Result<Value> (*reverse)(std::string_view);
    bool hashing;
    OnFailure on_failure;         // what map() makes of a value that cannot be hashed
    std::string_view error_name;  // v21 prefixes errors of some types
};

constexpr std::array functions{
    Function{"hash", 1, hash_number, reverse_hash, true, OnFailure::no_destination, ""},
    Function{"numeric", 0, hash_numeric, reverse_numeric, true, OnFailure::no_destination, ""},
    Function{"reverse_bits", 1, hash_reverse_bits, reverse_reverse_bits, true,
             OnFailure::no_destination, ""},
    Function{"binary", 0, hash_binary, reverse_binary, true, OnFailure::error, ""},
    Function{"binary_md5", 1, hash_md5, nullptr, true, OnFailure::error, ""},
    Function{"xxhash", 1, hash_xxhash, nullptr, true, OnFailure::error, ""},
    Function{"unicode_loose_md5", 1, hash_unicode_md5, nullptr, true, OnFailure::error,
             "UnicodeLooseMD5"},
    Function{"unicode_loose_xxhash", 1, hash_unicode_xxhash, nullptr, true, OnFailure::error,
             "UnicodeLooseXXHash"},
    Function{"null", 100, hash_null, nullptr, false, OnFailure::error, ""},
};

class FunctionalVindex final : public Vindex {
 public:
    FunctionalVindex(const Request& request, const Function& function)
        : Vindex(request.name, request.type,
                 {.cost = function.cost,
                  .hashing = function.hashing,
                  .reversible = function.reverse != nullptr}),
          function_(function) {
        for (const auto& [key, value] : request.parameters) unknown_parameters_.push_back(key);
    }

    Result<std::optional<KeyspaceId>> map(ValueView value) const override {
        Result<KeyspaceId> id = function_.hash(value);
        if (id) [[likely]]
            return *std::move(id);
        if (function_.on_failure == OnFailure::no_destination) return std::nullopt;
        return named(std::move(id).error(), ".Map: ");
    }

    Result<KeyspaceId> hash(ValueView value) const override { return function_.hash(value); }

    Result<bool> verify(std::span<const ValueView> row,
                        std::string_view keyspace_id) const override {
        if (row.size() != 1) return Vindex::verify(row, keyspace_id);
        // v21 reads the value of `hash` as unsigned here, unlike in map: -1 is an error
        // (vtgate-contract 8.3).
        if (function_.hash == hash_number) {
            const std::uint64_t number = TRY(parse_uint64(row[0].bytes));
            return KeyspaceId::big_endian(des_zero_key(number)).view() == keyspace_id;
        }
        Result<KeyspaceId> id = function_.hash(row[0]);
        if (!id) return named(std::move(id).error(), ".Verify: ");
        return id->view() == keyspace_id;
    }

    Result<Value> reverse(std::string_view keyspace_id) const override {
        return function_.reverse ? function_.reverse(keyspace_id) : Vindex::reverse(keyspace_id);
    }

 private:
    std::unexpected<Error> named(Error error, std::string_view operation) const {
        if (!function_.error_name.empty()) {
            error.text = std::string(function_.error_name) + std::string(operation) + error.text;
        }
        return fail(std::move(error));
    }

    const Function& function_;
};

// 0xff and x'ff': digits in pairs. Numbers written 0b101 are bytes with the leading zero bytes left
// out.
Result<std::string> decode_bits(std::string_view digits) {
    std::string bytes;
    unsigned bits = 0;
    for (std::size_t i = 0; i < digits.size(); ++i) {
        if (digits[i] != '0' && digits[i] != '1') {
            return fail(Code::invalid_argument, "invalid bit number: 0b" + std::string(digits));
        }
        bits = bits << 1 | (digits[i] == '1' ? 1u : 0u);
        if ((digits.size() - i - 1) % 8 == 0) {
            if (!bytes.empty() || bits != 0) bytes += static_cast<char>(bits);
            bits = 0;
        }
    }
    return bytes;
}

}  // namespace

Result<std::string_view> bytes_of(ValueView value, std::string& storage) {
    if (value.type == Type::hexnum) {
        if (!value.bytes.starts_with("0x")) {
            return fail(Code::invalid_argument, "invalid hex number: " + std::string(value.bytes));
        }
        storage = TRY(parse_hex(value.bytes.substr(2)));
        return storage;
    }
    if (value.type == Type::hexval) {
        const bool quoted_hex = value.bytes.size() >= 3 &&
                                (value.bytes[0] == 'x' || value.bytes[0] == 'X') &&
                                value.bytes[1] == '\'' && value.bytes.ends_with('\'');
        if (!quoted_hex)
            return fail(Code::invalid_argument, "invalid hex value: " + std::string(value.bytes));
        storage = TRY(parse_hex(value.bytes.substr(2, value.bytes.size() - 3)));
        return storage;
    }
    if (value.type == Type::bitnum) {
        if (!value.bytes.starts_with("0b")) {
            return fail(Code::invalid_argument, "invalid bit number: " + std::string(value.bytes));
        }
        storage = TRY(decode_bits(value.bytes.substr(2)));
        return storage;
    }
    return value.bytes;
}

KeyRange range_of_prefix(std::string_view prefix) {
    KeyRange range{std::string(prefix), std::string(prefix)};
    for (auto byte = range.end.rbegin(); byte != range.end.rend(); ++byte) {
        *byte = static_cast<char>(static_cast<unsigned char>(*byte) + 1);
        if (*byte != 0) return range;
    }
    range.end.clear();  // all bytes were ff: open at the end
    return range;
}

VindexPointer make_function(const Request& request) {
    for (const Function& function : functions) {
        if (function.type == request.type)
            return std::make_shared<FunctionalVindex>(request, function);
    }
    return bug("no functional vindex " + request.type);
}

}  // namespace sluice::vindex
