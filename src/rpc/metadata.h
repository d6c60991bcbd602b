#pragma once
// Metadata: the named values that travel beside a call's messages. Names are lower case; a name
// that ends in "-bin" holds any bytes (base64 on the wire), every other holds printable ASCII.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace sluice::rpc {

class Metadata {
 public:
    struct Pair {
        std::string_view name;
        std::string_view value;
    };

    // Refuses names that are not lower case or that gRPC and HTTP/2 keep for themselves, and values
    // that may not travel.
    Result<void> add(std::string_view name, std::string_view value);
    // As it came from the wire; the bytes of a "-bin" value are decoded, several of them parted by
    // commas become several pairs. False if it is no base64.
    bool add_received(std::string_view name, std::string_view value);

    // The first value of that name.
    std::optional<std::string_view> find(std::string_view name) const;
    std::size_t size() const { return entries_.size(); }
    bool empty() const { return entries_.empty(); }
    // Valid until the next add() or clear().
    Pair at(std::size_t index) const;
    // Keeps its memory.
    void clear();

 private:
    struct Entry {
        std::uint32_t begin;
        std::uint32_t name_length;
        std::uint32_t value_length;
    };
    void append(std::string_view name, std::string_view value);

    std::string bytes_;
    std::vector<Entry> entries_;
};

bool is_binary(std::string_view metadata_name);
// Without padding, as gRPC wants it.
std::string base64_encoded(std::string_view bytes);
// With or without padding; nullopt if it is none.
std::optional<std::string> base64_decoded(std::string_view text);

}  // namespace sluice::rpc
