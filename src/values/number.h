#pragma once
// Integers and doubles as MySQL reads them from texts, rounds them, makes one of the other, and
// prints them.
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

namespace sluice {

// ---- reading

// The integer at a text's start, behind blanks and tabs: [ sign ] digits. A point or an exponent
// ends it. CAST(text AS SIGNED) and AS UNSIGNED both give these bits.
struct IntegerReading {
    std::uint64_t bits = 0;     // two's complement if negative
    bool negative = false;      // it was written so, and is not 0
    bool out_of_range = false;  // then bits are the nearest: 2^64-1, or -2^63
    bool cut = false;           // there is something but spaces behind it, or no number at all
    std::size_t used = 0;       // 0: there is no number

    // The number, clipped to the type.
    std::int64_t to_int64() const;
    std::uint64_t to_uint64() const;
};
IntegerReading read_integer(std::string_view text);

// The double at a text's start, behind spaces:
// [ sign ] ( digits [ "." [ digits ] ] | "." digits ) [ ( "e" | "E" ) [ sign ] digits ].
struct DoubleReading {
    double value = 0;
    bool out_of_range = false;  // then value is the largest double of its sign
    bool cut = false;           // there is something but spaces behind it, or no number at all
    std::size_t used = 0;       // 0: there is no number
};
DoubleReading read_double(std::string_view text);

// ---- printing

// A double as MySQL prints it: the fewest digits that read back as the same number, with an
// exponent from 1e15 on and below 1e-15.
std::string double_text(double number);
void append_double(std::string& out, double number);
// A FLOAT's text is that of the fewest digits that read back as the same float, at most six.
std::string float_text(float number);
void append_float(std::string& out, float number);
// As binary rows of a FLOAT that became a text in a server: the fewest digits, however many.
void append_shortest(std::string& out, float number);
// DOUBLE(M, D), FORMAT and the like: exactly `decimals` digits behind the point (0 to 30).
std::string fixed_text(double number, int decimals);

// ---- rounding and conversion

// ROUND(number, digits) and TRUNCATE(number, digits); digits may be negative.
double rounded(double number, std::int64_t digits, bool truncate);
// nullopt: the rounded number does not fit.
std::optional<std::int64_t> rounded(std::int64_t number, std::int64_t digits, bool truncate);
std::optional<std::uint64_t> rounded(std::uint64_t number, std::int64_t digits, bool truncate);

// To the nearest integer, halves to the even one; outside the type's range the nearest one, with
// `out_of_range`.
template <class Integer>
struct Converted {
    Integer value = 0;
    bool out_of_range = false;
};
Converted<std::int64_t> to_int64(double number);
Converted<std::uint64_t> to_uint64(double number);

}  // namespace sluice
