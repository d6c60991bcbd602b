// Read when a VSchema comes as JSON: from a file, a tool or a test (the topology holds it as
// protobuf).
#include <charconv>
#include <cmath>
#include <limits>

#include <boost/json.hpp>

#include "vschema/detail/fields.h"
#include "vschema/json.h"

namespace sluice::vschema {

namespace {

namespace json = boost::json;

constexpr std::size_t max_depth = 64;

// Reads fields of one message out of a JSON object; the first thing that does not fit is kept as
// the error.
class Reader {
 public:
    Reader(const json::object& object, std::string& wrong) : object_(object), wrong_(wrong) {}

    template <class T>
    void operator()(std::string_view name, T& member) {
        if (const json::value* value = find(name)) read(name, *value, member);
    }

    template <class Rule>
    void rules(std::string_view name, std::optional<std::vector<Rule>>& list) {
        const json::value* value = find(name);
        if (!value) return;
        if (!value->is_object()) return reject(name, "an object");
        Reader inner(value->get_object(), wrong_);
        list.emplace();
        inner("rules", *list);
    }

 private:
    // A field that is null counts as absent, as in protobuf's JSON.
    const json::value* find(std::string_view name) const {
        const json::value* value = object_.if_contains(name);
        if (!value) value = object_.if_contains(camel_case(name));
        return value && !value->is_null() ? value : nullptr;
    }

    void reject(std::string_view name, std::string_view wanted) {
        if (wrong_.empty())
            wrong_ = "field " + std::string(name) + " must be " + std::string(wanted);
    }

    void read(std::string_view name, const json::value& value, bool& member) {
        if (!value.is_bool()) return reject(name, "true or false");
        member = value.get_bool();
    }
    void read(std::string_view name, const json::value& value, std::string& member) {
        if (!value.is_string()) return reject(name, "a string");
        member = value.get_string();
    }
    void read(std::string_view name, const json::value& value, std::int32_t& member) {
        const std::optional<double> number = number_of(value);
        const double limit = std::numeric_limits<std::int32_t>::max();
        if (!number || std::trunc(*number) != *number || *number > limit || *number < -limit - 1) {
            return reject(name, "a 32-bit integer");
        }
        member = static_cast<std::int32_t>(*number);
    }
    void read(std::string_view name, const json::value& value, float& member) {
        const std::optional<double> number = number_of(value);
        if (!number || !(std::abs(*number) <= std::numeric_limits<float>::max()))
            return reject(name, "a number");
        member = static_cast<float>(*number);
    }
    void read(std::string_view name, const json::value& value, Type& member) {
        if (value.is_string()) {
            if (const auto type = type_of_name(std::string_view(value.get_string()))) {
                member = *type;
                return;
            }
        } else if (const auto number = number_of(value)) {
            for (int flags = 0; flags <= 0xffff; ++flags) {
                const auto type = static_cast<Type>(flags);
                if (flags == *number && type_of_name(type_name(type)) == type) {
                    member = type;
                    return;
                }
            }
        }
        reject(name, "a column type");
    }
    void read(std::string_view name, const json::value& value, ForeignKeyMode& member) {
        const std::optional<double> number = value.is_string() ? std::nullopt : number_of(value);
        for (std::size_t mode = 0; mode < std::size(foreign_key_mode_names); ++mode) {
            const bool named = value.is_string() &&
                               std::string_view(value.get_string()) == foreign_key_mode_names[mode];
            if (named || number == static_cast<double>(mode)) {
                member = static_cast<ForeignKeyMode>(mode);
                return;
            }
        }
        reject(name, "a foreign key mode");
    }
    template <class T>
    void read(std::string_view name, const json::value& value, std::optional<T>& member) {
        read(name, value, member.emplace());
    }
    template <class T>
    void read(std::string_view name, const json::value& value, std::vector<T>& member) {
        if (!value.is_array()) return reject(name, "a list");
        for (const json::value& item : value.get_array()) read(name, item, member.emplace_back());
    }
    template <class T>
    void read(std::string_view name, const json::value& value, ByName<T>& member) {
        if (!value.is_object()) return reject(name, "an object");
        for (const auto& [key, item] : value.get_object())
            read(name, item, member[std::string(key)]);
    }
    template <class Message>
    void read(std::string_view name, const json::value& value, Message& member) {
        if (!value.is_object()) return reject(name, "an object");
        Reader inner(value.get_object(), wrong_);
        visit_fields(inner, member);
    }

    // Numbers may be written as strings.
    static std::optional<double> number_of(const json::value& value) {
        if (value.is_int64()) return static_cast<double>(value.get_int64());
        if (value.is_uint64()) return static_cast<double>(value.get_uint64());
        if (value.is_double()) return value.get_double();
        if (!value.is_string()) return std::nullopt;
        const std::string_view text = value.get_string();
        double number = 0;
        const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
        if (problem != std::errc() || end != text.data() + text.size()) return std::nullopt;
        return number;
    }

    const json::object& object_;
    std::string& wrong_;
};

std::unexpected<Error> invalid(std::string text) {
    return fail(Code::invalid_argument, std::move(text));
}

// vschema-json = JSON object with the message's fields
template <class Message>
Result<Message> parse_message(std::string_view text) {
    if (text.size() > max_json_size)
        return invalid("vschema is longer than " + std::to_string(max_json_size));
    json::error_code problem;
    json::parse_options options;
    options.max_depth = max_depth;
    const json::value value = json::parse(text, problem, {}, options);
    if (problem) return invalid("vschema is not valid JSON: " + problem.message());
    if (!value.is_object()) return invalid("vschema must be a JSON object");
    Message message;
    std::string wrong;
    Reader reader(value.get_object(), wrong);
    visit_fields(reader, message);
    if (!wrong.empty()) return invalid("vschema: " + wrong);
    return message;
}

}  // namespace

Result<KeyspaceDefinition> parse_keyspace_json(std::string_view text) {
    return parse_message<KeyspaceDefinition>(text);
}
Result<SrvVSchema> parse_srv_vschema_json(std::string_view text) {
    return parse_message<SrvVSchema>(text);
}

}  // namespace sluice::vschema
