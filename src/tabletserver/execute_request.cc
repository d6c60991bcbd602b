// Step 2 of a request to a tablet: what it says. Before: query_service.cc. After:
// detail/execute.cc.
#include "tabletserver/execute_request.h"

#include <optional>

#include "base/ascii.h"
#include "rpc/messages.h"
#include "tablet/proto_fields.h"
#include "wire/bytes.h"

namespace sluice::tabletserver {
namespace {

using tablet::ProtoField;
using tablet::ProtoFields;
using Kind = ProtoField::Kind;

// Field numbers of query.ExecuteRequest, query.BoundQuery, the entries of its map,
// query.BindVariable and query.Value.
constexpr std::uint32_t bound_query = 4, transaction_id = 5, reserved_id = 7;
constexpr std::uint32_t query_sql = 1, query_variables = 2;
constexpr std::uint32_t entry_key = 1, entry_value = 2;
constexpr std::uint32_t value_type = 1, value_bytes = 2, variable_values = 3;

// Other text is left to protobuf, which knows what of it is UTF-8.
bool is_plain(ByteSpan text) {
    return is_ascii(wire::text_of(text));
}

// The readers below say false where protobuf shall look: an unknown field, one of another kind, a
// part that comes twice, bytes that are no message.

// What a variable and a value of a list have alike: a type and bytes.
bool take_value(const ProtoField& field, auto* into) {
    if (field.number == value_type && field.kind == Kind::varint) {
        into->type = static_cast<::query::Type>(field.value);
        return true;
    }
    if (field.number != value_bytes || field.kind != Kind::bytes) return false;
    into->value = wire::text_of(field.bytes);
    return true;
}

bool read_value(ByteSpan bytes, VariableValue* into) {
    ProtoFields all(bytes);
    for (ProtoField field; all.next(&field);) {
        if (!take_value(field, into)) return false;
    }
    return all.broken() == nullptr;
}

bool read_variable(ByteSpan bytes, Variable* into) {
    ProtoFields all(bytes);
    for (ProtoField field; all.next(&field);) {
        if (take_value(field, into)) continue;
        if (field.number == variable_values && field.kind == Kind::bytes) {
            if (!read_value(field.bytes, &into->values.emplace_back())) return false;
        } else {
            return false;
        }
    }
    return all.broken() == nullptr;
}

bool read_entry(ByteSpan bytes, Variable* into) {
    bool has_key = false, has_value = false;
    ProtoFields all(bytes);
    for (ProtoField field; all.next(&field);) {
        if (field.kind != Kind::bytes) return false;
        if (field.number == entry_key && !has_key && is_plain(field.bytes)) {
            has_key = true;
            into->name = wire::text_of(field.bytes);
        } else if (field.number == entry_value && !has_value) {
            has_value = true;
            if (!read_variable(field.bytes, into)) return false;
        } else {
            return false;
        }
    }
    return has_key && all.broken() == nullptr;
}

bool read_query(ByteSpan bytes, ExecuteRequest* into) {
    constexpr std::size_t usual = 4;
    bool has_text = false;
    std::vector<Variable> variables;
    ProtoFields all(bytes);
    for (ProtoField field; all.next(&field);) {
        if (field.kind != Kind::bytes) return false;
        if (field.number == query_sql && !has_text && is_plain(field.bytes)) {
            has_text = true;
            into->sql = wire::text_of(field.bytes);
        } else if (field.number == query_variables) {
            if (variables.empty()) variables.reserve(usual);
            if (!read_entry(field.bytes, &variables.emplace_back())) return false;
        } else {
            return false;
        }
    }
    into->variables = Variables(std::move(variables));
    return all.broken() == nullptr;
}

// The parts of a message that lie between its query and its numbers.
class Rest {
 public:
    // False if there are too many.
    bool add(const std::uint8_t* begin, const std::uint8_t* end) {
        if (count_ != 0 && parts_[count_ - 1].data() + parts_[count_ - 1].size() == begin) {
            parts_[count_ - 1] = {parts_[count_ - 1].data(), end};
            return true;
        }
        if (count_ == parts_.size()) return false;
        parts_[count_++] = {begin, end};
        return true;
    }
    std::span<const ByteSpan> parts() const { return {parts_.data(), count_}; }

 private:
    std::array<ByteSpan, 4> parts_;
    std::size_t count_ = 0;
};

bool read_parts(ByteSpan message, ExecuteRequest* into, Rest* rest) {
    bool has_query = false;
    ProtoFields all(message);
    const std::uint8_t* begin = all.at();
    for (ProtoField field; all.next(&field); begin = all.at()) {
        const bool number = field.kind == Kind::varint;
        if (number && field.number == transaction_id) {
            into->transaction_id = static_cast<std::int64_t>(field.value);
        } else if (number && field.number == reserved_id) {
            into->reserved_id = static_cast<std::int64_t>(field.value);
        } else if (field.number == bound_query) {
            if (has_query || field.kind != Kind::bytes || !read_query(field.bytes, into))
                return false;
            has_query = true;
        } else if (!rest->add(begin, all.at())) {
            return false;
        }
    }
    return all.broken() == nullptr;
}

bool is_made_of(std::string_view whole, std::span<const ByteSpan> parts) {
    for (const ByteSpan part : parts) {
        if (!whole.starts_with(wire::text_of(part))) return false;
        whole.remove_prefix(part.size());
    }
    return whole.empty();
}

}  // namespace

Result<Envelopes::Pointer> Envelopes::find(std::span<const ByteSpan> parts) {
    for (const Entry& entry : entries_) {
        if (entry.message != nullptr && is_made_of(entry.bytes, parts)) return entry.message;
    }
    std::string bytes;
    for (const ByteSpan part : parts) bytes.append(wire::text_of(part));
    auto made = std::make_shared<::query::ExecuteRequest>();
    TRY(rpc::decode(wire::bytes_of(bytes), made.get()));
    if (bytes.size() > longest) return made;
    entries_[next_] = {.bytes = std::move(bytes), .message = made};
    next_ = (next_ + 1) % entries_.size();
    return made;
}

Result<ExecuteRequest> read_execute_request(ByteSpan message, Envelopes* envelopes) {
    ExecuteRequest request;
    if (Rest rest; read_parts(message, &request, &rest)) {
        request.envelope = TRY(envelopes->find(rest.parts()));
        return request;
    }
    auto whole = std::make_shared<::query::ExecuteRequest>();
    TRY(rpc::decode(message, whole.get()));
    request.sql = whole->query().sql();
    request.variables = Variables(whole->query().bind_variables());
    request.transaction_id = whole->transaction_id();
    request.reserved_id = whole->reserved_id();
    request.envelope = std::move(whole);
    return request;
}

}  // namespace sluice::tabletserver
