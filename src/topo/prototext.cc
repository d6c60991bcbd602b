// Beside a request: topology records in the text form of Go's protobuf, for tools.
#include <algorithm>
#include <charconv>

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include "topo/protojson.h"

namespace sluice::topo {
namespace {

namespace pb = google::protobuf;
using Field = const pb::FieldDescriptor*;

// Bytes above ASCII are escaped in bytes and stand as they are in text.
std::string quoted(std::string_view text, bool is_bytes) {
    constexpr char hex[] = "0123456789abcdef";
    std::string out = "\"";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out.append({'\\', c});
        } else if (c == '\n') {
            out.append("\\n");
        } else if (byte < 0x20 || byte == 0x7f || (is_bytes && byte >= 0x80)) {
            out.append({'\\', 'x', hex[byte >> 4], hex[byte & 15]});
        } else {
            out.push_back(c);
        }
    }
    return out + "\"";
}

template <class Number>
std::string shortest(Number number) {
    char digits[32];
    return std::string(digits, std::to_chars(digits, digits + sizeof digits, number).ptr);
}

// `index` is -1 unless the field is repeated.
std::string value(const pb::Message& message, Field field, int index) {
    const pb::Reflection& from = *message.GetReflection();
    const bool one = index < 0;
    switch (field->cpp_type()) {
        case pb::FieldDescriptor::CPPTYPE_INT32:
            return std::to_string(one ? from.GetInt32(message, field)
                                      : from.GetRepeatedInt32(message, field, index));
        case pb::FieldDescriptor::CPPTYPE_UINT32:
            return std::to_string(one ? from.GetUInt32(message, field)
                                      : from.GetRepeatedUInt32(message, field, index));
        case pb::FieldDescriptor::CPPTYPE_INT64:
            return std::to_string(one ? from.GetInt64(message, field)
                                      : from.GetRepeatedInt64(message, field, index));
        case pb::FieldDescriptor::CPPTYPE_UINT64:
            return std::to_string(one ? from.GetUInt64(message, field)
                                      : from.GetRepeatedUInt64(message, field, index));
        case pb::FieldDescriptor::CPPTYPE_DOUBLE:
            return shortest(one ? from.GetDouble(message, field)
                                : from.GetRepeatedDouble(message, field, index));
        case pb::FieldDescriptor::CPPTYPE_FLOAT:
            return shortest(one ? from.GetFloat(message, field)
                                : from.GetRepeatedFloat(message, field, index));
        case pb::FieldDescriptor::CPPTYPE_BOOL: {
            const bool is_set =
                one ? from.GetBool(message, field) : from.GetRepeatedBool(message, field, index);
            return is_set ? "true" : "false";
        }
        case pb::FieldDescriptor::CPPTYPE_ENUM: {
            const int number = one ? from.GetEnumValue(message, field)
                                   : from.GetRepeatedEnumValue(message, field, index);
            const auto* named = field->enum_type()->FindValueByNumber(number);
            return named == nullptr ? std::to_string(number) : named->name();
        }
        case pb::FieldDescriptor::CPPTYPE_STRING:
            return quoted(one ? from.GetString(message, field)
                              : from.GetRepeatedString(message, field, index),
                          field->type() == pb::FieldDescriptor::TYPE_BYTES);
        case pb::FieldDescriptor::CPPTYPE_MESSAGE:
            return "{" +
                   to_text(one ? from.GetMessage(message, field)
                               : from.GetRepeatedMessage(message, field, index)) +
                   "}";
    }
    return "";
}

}  // namespace

std::string to_text(const pb::Message& message) {
    const pb::Reflection& from = *message.GetReflection();
    std::vector<Field> fields;
    from.ListFields(message, &fields);
    std::ranges::sort(fields, {}, [](Field field) { return field->index(); });
    std::vector<std::string> parts;
    for (const Field field : fields) {
        const int count = field->is_repeated() ? from.FieldSize(message, field) : 1;
        std::vector<std::string> own;
        for (int i = 0; i < count; ++i)
            own.push_back(field->name() + ":" +
                          value(message, field, field->is_repeated() ? i : -1));
        // Entries of a map have no order of their own.
        if (field->is_map()) std::ranges::sort(own);
        parts.insert(parts.end(), own.begin(), own.end());
    }
    std::string text;
    for (const std::string& part : parts) text += (text.empty() ? "" : " ") + part;
    return text;
}

}  // namespace sluice::topo
