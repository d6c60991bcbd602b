#pragma once
// A value while it is computed with. Which of MySQL's types it has is said by the FieldType of the
// expression that made it; a datum only says how it is held.
#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "values/calendar.h"
#include "values/decimal.h"
#include "values/json.h"
#include "values/temporal.h"

namespace sluice::eval {

struct Null {
    bool operator==(const Null&) const = default;
};
// A hexadecimal or bit literal, a BIT column: bytes for who wants text, a number (the highest byte
// first) for who wants one.
struct Bits {
    std::string bytes;
    bool is_unsigned = true;  // X'..' and 0x.. are, B'..' is not
    bool operator==(const Bits&) const = default;
};
// Of an ENUM or SET column: its text and its number (an index from 1, or a mask).
struct Member {
    std::string text;
    std::uint64_t number = 0;
    bool operator==(const Member&) const = default;
};
struct Datum;
using Tuple = std::vector<Datum>;

struct Datum {
    using Held = std::variant<Null, std::int64_t, std::uint64_t, double, Decimal, std::string, Date,
                              Time, DateTime, Json, Bits, Member, Tuple>;
    Held held;

    Datum() = default;
    template <class T>
        requires std::is_constructible_v<Held, T&&> &&
                 (!std::is_same_v<std::remove_cvref_t<T>, Datum>)
    Datum(T&& value) : held(std::forward<T>(value)) {}  // NOLINT(google-explicit-constructor)

    bool is_null() const { return held.index() == 0; }
    template <class T>
    const T* as() const {
        return std::get_if<T>(&held);
    }
};

}  // namespace sluice::eval
