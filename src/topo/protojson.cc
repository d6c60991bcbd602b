// Beside a request: topology records as JSON for tools and tests.
#include "topo/protojson.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <memory>
#include <vector>

#include <google/protobuf/descriptor.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/message.h>
#include <google/protobuf/util/json_util.h>

#include "topo/paths.h"

namespace sluice::topo {
namespace {

namespace pb = google::protobuf;
using Field = const pb::FieldDescriptor*;

void append_string(std::string_view text, std::string* out) {
    constexpr char hex[] = "0123456789abcdef";
    out->push_back('"');
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out->append({'\\', c});
        } else if (c == '\n') {
            out->append("\\n");
        } else if (c == '\t') {
            out->append("\\t");
        } else if (c == '\r') {
            out->append("\\r");
        } else if (byte < 0x20) {
            out->append({'\\', 'u', '0', '0', hex[byte >> 4], hex[byte & 15]});
        } else {
            out->push_back(c);
        }
    }
    out->push_back('"');
}

void append_base64(std::string_view bytes, std::string* out) {
    constexpr char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    out->push_back('"');
    for (std::size_t at = 0; at < bytes.size(); at += 3) {
        std::uint32_t group = 0;
        for (std::size_t i = 0; i < 3; ++i) {
            const bool there = at + i < bytes.size();
            group = group << 8 | (there ? static_cast<unsigned char>(bytes[at + i]) : 0U);
        }
        for (std::size_t i = 0; i < 4; ++i) {
            const bool padding = at + i > bytes.size();
            out->push_back(padding ? '=' : digits[group >> (18 - 6 * i) & 63]);
        }
    }
    out->push_back('"');
}

template <class Number>
void append_number(Number number, bool quoted, std::string* out) {
    char digits[32];
    const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
    if (quoted) out->push_back('"');
    out->append(digits, end);
    if (quoted) out->push_back('"');
}

// The shortest text that reads back as the same number, with an exponent where Go's encoding has
// one.
template <class Number>
void append_float(Number number, std::string* out) {
    if (std::isnan(number)) return append_string("NaN", out);
    if (std::isinf(number)) return append_string(number > 0 ? "Infinity" : "-Infinity", out);
    const Number size = std::abs(number);
    const bool scientific =
        size != 0 && (size < static_cast<Number>(1e-6) || size >= static_cast<Number>(1e21));
    char digits[400];
    const auto format = scientific ? std::chars_format::scientific : std::chars_format::fixed;
    const auto end = std::to_chars(digits, digits + sizeof digits, number, format).ptr;
    std::string text(digits, end);
    if (const auto exponent = text.find("e-0"); exponent != text.npos) text.erase(exponent + 2, 1);
    out->append(text);
}

// Go's JSON package keeps a text from becoming markup.
void append_escaped_string(std::string_view text, std::string* out) {
    std::string plain;
    append_string(text, &plain);
    for (const char c : plain) {
        if (c == '<') {
            out->append("\\u003c");
        } else if (c == '>') {
            out->append("\\u003e");
        } else if (c == '&') {
            out->append("\\u0026");
        } else {
            out->push_back(c);
        }
    }
}

struct Form {
    JsonNames names = JsonNames::proto;
    bool every_field = false;
    bool go_struct = false;
};

class Printer {
 public:
    Printer(Form form, std::string* out) : form_(form), out_(out) {}

    void message(const pb::Message& message) {
        out_->push_back('{');
        bool first = true;
        for (const Field field : fields_of(message)) {
            if (!std::exchange(first, false)) out_->push_back(',');
            append_string(form_.names == JsonNames::proto ? field->name() : field->json_name(),
                          out_);
            out_->push_back(':');
            const bool is_absent = field->has_presence() && !field->is_repeated() &&
                                   !message.GetReflection()->HasField(message, field);
            if (is_absent) {
                out_->append("null");
                continue;
            }
            if (field->is_map()) {
                map(message, field);
            } else if (field->is_repeated()) {
                list(message, field);
            } else {
                value(message, field, -1);
            }
        }
        out_->push_back('}');
    }

 private:
    // In the order of their numbers, or, of all, in that of the .proto file.
    std::vector<Field> fields_of(const pb::Message& message) const {
        std::vector<Field> fields;
        if (!form_.every_field) {
            message.GetReflection()->ListFields(message, &fields);
            return fields;
        }
        const pb::Descriptor& type = *message.GetDescriptor();
        for (int i = 0; i < type.field_count(); ++i) {
            const Field field = type.field(i);
            const bool is_choice = field->containing_oneof() != nullptr;
            if (!is_choice || message.GetReflection()->HasField(message, field))
                fields.push_back(field);
        }
        return fields;
    }

    void list(const pb::Message& message, Field field) {
        const int count = message.GetReflection()->FieldSize(message, field);
        out_->push_back('[');
        for (int i = 0; i < count; ++i) {
            if (i > 0) out_->push_back(',');
            value(message, field, i);
        }
        out_->push_back(']');
    }

    void map(const pb::Message& message, Field field) {
        const pb::Reflection* reflection = message.GetReflection();
        std::vector<std::pair<std::string, const pb::Message*>> entries;
        for (int i = 0; i < reflection->FieldSize(message, field); ++i) {
            const pb::Message& entry = reflection->GetRepeatedMessage(message, field, i);
            std::string key;
            Printer(form_, &key).value(entry, entry.GetDescriptor()->map_key(), -1);
            if (!key.starts_with('"')) key = '"' + key + '"';
            entries.emplace_back(std::move(key), &entry);
        }
        std::sort(entries.begin(), entries.end());
        out_->push_back('{');
        for (std::size_t i = 0; i < entries.size(); ++i) {
            if (i > 0) out_->push_back(',');
            out_->append(entries[i].first).push_back(':');
            value(*entries[i].second, entries[i].second->GetDescriptor()->map_value(), -1);
        }
        out_->push_back('}');
    }

    // One value of a field; `index` is -1 unless the field is repeated.
    void value(const pb::Message& message, Field field, int index) {
        const pb::Reflection& from = *message.GetReflection();
        const bool one = index < 0;
        switch (field->cpp_type()) {
            case pb::FieldDescriptor::CPPTYPE_INT32:
                return append_number(one ? from.GetInt32(message, field)
                                         : from.GetRepeatedInt32(message, field, index),
                                     false, out_);
            case pb::FieldDescriptor::CPPTYPE_UINT32:
                return append_number(one ? from.GetUInt32(message, field)
                                         : from.GetRepeatedUInt32(message, field, index),
                                     false, out_);
            case pb::FieldDescriptor::CPPTYPE_INT64:
                return append_number(one ? from.GetInt64(message, field)
                                         : from.GetRepeatedInt64(message, field, index),
                                     !form_.go_struct, out_);
            case pb::FieldDescriptor::CPPTYPE_UINT64:
                return append_number(one ? from.GetUInt64(message, field)
                                         : from.GetRepeatedUInt64(message, field, index),
                                     !form_.go_struct, out_);
            case pb::FieldDescriptor::CPPTYPE_DOUBLE:
                return append_float(one ? from.GetDouble(message, field)
                                        : from.GetRepeatedDouble(message, field, index),
                                    out_);
            case pb::FieldDescriptor::CPPTYPE_FLOAT:
                return append_float(one ? from.GetFloat(message, field)
                                        : from.GetRepeatedFloat(message, field, index),
                                    out_);
            case pb::FieldDescriptor::CPPTYPE_BOOL:
                out_->append((one ? from.GetBool(message, field)
                                  : from.GetRepeatedBool(message, field, index))
                                 ? "true"
                                 : "false");
                return;
            case pb::FieldDescriptor::CPPTYPE_ENUM:
                return enumerator(field, one ? from.GetEnumValue(message, field)
                                             : from.GetRepeatedEnumValue(message, field, index));
            case pb::FieldDescriptor::CPPTYPE_STRING: {
                const std::string text = one ? from.GetString(message, field)
                                             : from.GetRepeatedString(message, field, index);
                const bool is_bytes = field->type() == pb::FieldDescriptor::TYPE_BYTES;
                if (is_bytes) return append_base64(text, out_);
                return form_.go_struct ? append_escaped_string(text, out_)
                                       : append_string(text, out_);
            }
            case pb::FieldDescriptor::CPPTYPE_MESSAGE:
                return this->message(one ? from.GetMessage(message, field)
                                         : from.GetRepeatedMessage(message, field, index));
        }
    }

    // By name, or by number where this build knows no name.
    void enumerator(Field field, int number) {
        const auto* named = field->enum_type()->FindValueByNumber(number);
        if (named == nullptr || form_.go_struct) return append_number(number, false, out_);
        append_string(named->name(), out_);
    }

    Form form_;
    std::string* out_;
};

}  // namespace

std::string to_json(const pb::Message& message, JsonNames names) {
    std::string out;
    Printer({.names = names}, &out).message(message);
    return out;
}

std::string to_json(const pb::Message& message, JsonForm form) {
    std::string out;
    const bool go = form == JsonForm::go_struct;
    Printer({.every_field = !go, .go_struct = go}, &out).message(message);
    return out;
}

namespace {

Result<void> read_json(std::string_view json, bool skips_unknown, pb::Message* message) {
    pb::util::JsonParseOptions options;
    options.ignore_unknown_fields = skips_unknown;
    const auto status =
        pb::util::JsonStringToMessage(pb::StringPiece(json.data(), json.size()), message, options);
    if (status.ok()) return {};
    return fail(Code::invalid_argument,
                "not a " + message->GetTypeName() + " in JSON: " + std::string(status.message()));
}

}  // namespace

Result<void> from_json(std::string_view json, pb::Message* message) {
    return read_json(json, false, message);
}

Result<void> from_json_leniently(std::string_view json, pb::Message* message) {
    return read_json(json, true, message);
}

std::string to_bytes(const pb::Message& message) {
    std::string bytes;
    pb::io::StringOutputStream sink(&bytes);
    pb::io::CodedOutputStream coded(&sink);
    coded.SetSerializationDeterministic(true);
    message.SerializeToCodedStream(&coded);
    coded.Trim();
    return bytes;
}

namespace {

// Null if no message is known for the path.
Result<std::unique_ptr<pb::Message>> record_at(std::string_view path, std::string_view contents) {
    const std::string_view name = path::message_of(path);
    const auto* descriptor =
        pb::DescriptorPool::generated_pool()->FindMessageTypeByName(std::string(name));
    if (descriptor == nullptr) return std::unique_ptr<pb::Message>();
    std::unique_ptr<pb::Message> message(
        pb::MessageFactory::generated_factory()->GetPrototype(descriptor)->New());
    if (message->ParseFromString(std::string(contents))) return message;
    return fail(Code::data_loss,
                "the record at " + std::string(path) + " is not a valid " + std::string(name));
}

}  // namespace

Result<std::string> record_json(std::string_view path, std::string_view contents) {
    const auto message = TRY(record_at(path, contents));
    if (message != nullptr) return to_json(*message, JsonNames::proto);
    std::string text;
    append_string(contents, &text);
    return text;
}

Result<std::string> record_text(std::string_view path, std::string_view contents) {
    const auto message = TRY(record_at(path, contents));
    if (message == nullptr) return std::string(contents);
    return to_text(*message);
}

}  // namespace sluice::topo
