#pragma once
// A queryservice.ExecuteRequest, read where it lies. Text and variables are views into the message;
// callers, target and options, which hardly differ from one request of a gate to the next, are read
// once by protobuf and remembered by their bytes. A message that is put together in an unusual way
// is read by protobuf altogether.
#include <array>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/error.h"
#include "tabletserver/variables.h"

namespace sluice::tabletserver {

using ByteSpan = std::span<const std::uint8_t>;

// What requests say beside their query and the numbers of connections, by its bytes; of one loop.
class Envelopes {
 public:
    using Pointer = std::shared_ptr<const ::query::ExecuteRequest>;
    // A message cut into parts; together they are one message. Errors: it is none (INTERNAL).
    Result<Pointer> find(std::span<const ByteSpan> parts);

 private:
    struct Entry {
        std::string bytes;
        Pointer message;
    };
    static constexpr std::size_t longest = 1024;  // a longer one is not remembered
    std::array<Entry, 16> entries_;
    std::size_t next_ = 0;  // is replaced
};

struct ExecuteRequest {
    std::string_view sql{};
    Variables variables{};
    std::int64_t transaction_id = 0, reserved_id = 0;
    // Has the callers, target and options of it; what else stands in it is not told.
    Envelopes::Pointer envelope{};
};

// `message` outlives the request. Errors: it is no ExecuteRequest (INTERNAL, as rpc::decode says
// it).
Result<ExecuteRequest> read_execute_request(ByteSpan message, Envelopes* envelopes);

}  // namespace sluice::tabletserver
