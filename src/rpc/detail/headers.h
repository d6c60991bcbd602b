#pragma once
// Names and fixed values of gRPC's headers (PROTOCOL-HTTP2.md).
#include <string>
#include <string_view>
#include <vector>

#include <boost/container/small_vector.hpp>

#include "rpc/detail/session.h"
#include "rpc/metadata.h"

namespace sluice::rpc::detail {

inline bool is_grpc_content(std::string_view content_type) {
    constexpr std::string_view name = "application/grpc";
    if (!content_type.starts_with(name)) return false;
    const std::string_view rest = content_type.substr(name.size());
    return rest.empty() || rest[0] == '+' || rest[0] == ';';
}

inline Header literal(std::string_view name, std::string_view value) {
    return {.name = name, .value = value, .copied = false};
}

// What may go beside our own headers in one HEADERS frame.
inline constexpr std::size_t most_metadata = 40;

// Those of one HEADERS frame; the usual ones need no memory of their own.
using HeaderList = boost::container::small_vector<Header, 10>;

// Appends `metadata`; encoded "-bin" values live in `encoded`, which must have room for all of them
// (their places may not move).
inline void append_metadata(const Metadata& metadata, std::vector<std::string>* encoded,
                            HeaderList* headers) {
    for (std::size_t i = 0; i < metadata.size(); ++i) {
        const Metadata::Pair pair = metadata.at(i);
        if (is_binary(pair.name)) {
            encoded->push_back(base64_encoded(pair.value));
            headers->push_back({.name = pair.name, .value = encoded->back()});
        } else {
            headers->push_back({.name = pair.name, .value = pair.value});
        }
    }
}

}  // namespace sluice::rpc::detail
