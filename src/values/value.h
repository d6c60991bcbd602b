#pragma once
// A typed SQL value in the text form in which it travels in results, and bind variables made of
// them.
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "values/type.h"

namespace sluice {

// `bytes` is the text of a result row (numbers in decimal, dates as MySQL prints them) or raw
// bytes; empty for NULL.
struct Value {
    Type type = Type::null_type;
    std::string bytes;

    bool is_null() const { return type == Type::null_type; }
    bool operator==(const Value&) const = default;
};

// The same without owning its bytes, valid as long as what it points into.
struct ValueView {
    Type type = Type::null_type;
    std::string_view bytes;

    bool is_null() const { return type == Type::null_type; }
    Value copy() const { return {type, std::string(bytes)}; }
};

// One bind variable: a value, or a list (type tuple) for IN (::name).
struct BindValue {
    Value value;
    std::vector<Value> list;  // only if value.type is tuple

    bool is_list() const { return value.type == Type::tuple; }
    bool operator==(const BindValue&) const = default;
};

// In the order of their first use; statements have few, so look-up is a scan.
using BindVars = std::vector<std::pair<std::string, BindValue>>;

inline const BindValue* find(const BindVars& variables, std::string_view name) {
    for (const auto& [key, value] : variables) {
        if (key == name) return &value;
    }
    return nullptr;
}

// Appends `value` as an SQL literal to `out`: numbers as they are, strings and dates quoted and
// escaped, binary strings as _binary'...', NULL as null. Meant for text that is sent to MySQL with
// the default sql_mode's escapes.
void append_literal(std::string& out, ValueView value);

}  // namespace sluice
