#pragma once
// A bound expression: names are places, every node knows its type, and which function computes it.
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "collation/collation.h"
#include "collation/merge.h"
#include "eval/datum.h"
#include "values/type.h"

namespace sluice::eval {

using collation::Coercibility;
using collation::Repertoire;

// What MySQL calls NOT_FIXED_DEC: a float's digits behind the point are as many as it has.
inline constexpr std::uint8_t not_fixed = 31;

// The type of an expression, as its column would be described to a client.
struct FieldType {
    Type type = Type::null_type;
    const collation::Collation* collation = nullptr;  // of text; others are binary (63)
    Coercibility coercibility = Coercibility::ignorable;
    Repertoire repertoire = Repertoire::ascii;
    bool nullable = true;
    bool is_unsigned = false;  // DECIMAL and DOUBLE may be, too
    bool is_bits = false;      // held as Bits
    bool is_boolean = false;   // a truth: true and false in JSON
    bool is_zerofill = false;  // a column's number, printed with zeros in front: YEAR, ZEROFILL
    // Of a number that was made of texts (REGEXP, LOCATE): the collation that it has as a text,
    // with `coercibility`; nullptr: the connection's.
    const collation::Collation* as_text = nullptr;
    std::uint32_t length = 0;   // characters (digits with sign and point; bytes of binary text)
    std::uint8_t decimals = 0;  // behind the point, or of seconds

    bool operator==(const FieldType&) const = default;
};

// The classes by which MySQL chooses how to compute.
enum class Class : std::uint8_t { text, integer, decimal, real, row };
Class class_of(const FieldType& type);
inline bool is_temporal(Type type) {
    return type == Type::date || type == Type::time || type == Type::datetime ||
           type == Type::timestamp;
}
// Text, or bytes that are no literal of bits.
inline bool is_plain_text(const FieldType& type) {
    return (is_text(type.type) || is_binary(type.type)) && !type.is_bits;
}
inline bool has_date(Type type) {
    return type == Type::date || type == Type::datetime || type == Type::timestamp;
}
// Digits before and behind the point of a number of this type.
int precision_of(const FieldType& type);

// The flags of an expression's column definition: NOT_NULL 1, UNSIGNED 32, BINARY 128. (BLOB 16 is
// only set for columns of tables.)
std::uint16_t flags_of(const FieldType& type);
// The length of a column definition, in bytes.
std::uint32_t byte_length(const FieldType& type);

struct Node;
struct Run;
using Compute = Datum (*)(const Node& node, Run& run);

// A whole number or truth without the weight of a Datum.
struct Whole {
    std::int64_t value = 0;
    bool is_null = false;
};
using ComputeWhole = Whole (*)(const Node& node, Run& run);

// What stands for a value of another type, as a text that IF chose among texts and dates: where a
// number is wanted it is that of the value.
struct Shown {
    Datum datum;
    Datum value;               // NULL: there is none, `datum` counts
    const Node* of = nullptr;  // gave the value
    bool is_number = false;    // where a date or time is wanted `datum` counts
    bool is_text = false;      // where a decimal is wanted `datum` counts
};
using ComputeShown = Shown (*)(const Node& node, Run& run);

// How a node is printed in messages: name(a,b), (a name b), name(a), literal ...
enum class Print : std::uint8_t { call, infix, prefix, literal, column, cast, other };

// What a node prepared once for all rows (a compiled pattern).
struct Prepared {
    virtual ~Prepared() = default;
};

struct Warning;

// What binding warns of where JSON stands for a truth or is compared: see Bound::warnings.
enum class JsonUse : std::uint8_t { none, truth, between, extreme };

struct Node {
    FieldType type;
    Compute compute = nullptr;
    ComputeWhole whole = nullptr;  // perhaps, of what is held as std::int64_t: the same, and faster
    std::vector<Node> arguments;
    Datum constant;                 // of a literal
    std::uint32_t number = 0;       // the place of a column or variable, a unit, a mode ...
    bool is_constant = false;       // the same for every row
    bool is_silent = false;         // of a text: numbers are read of it without a warning
    bool is_cut = false;            // of a decimal: as an integer it is not rounded
    bool is_bytes_in_json = false;  // see Operand::json_type
    bool is_quotient = false;       // of decimals: see unrounded_quotient
    bool is_hybrid = false;         // of DATE_ADD and its kin: see text_of_time and bare_integer
    Print print = Print::other;
    JsonUse json_use = JsonUse::none;
    std::string name;  // as MySQL prints it in messages
    std::shared_ptr<const Prepared> prepared;
    ComputeShown shown = nullptr;  // perhaps, of `compute`: the same, and what it stands for
    std::shared_ptr<const std::vector<Warning>> notes;  // of binding it: see Bound::warnings
};

struct Warning {
    bool is_error = false;  // the level "Error", else "Warning"
    std::uint16_t number = 0;
    std::string text;
    bool operator==(const Warning&) const = default;
};

// The whole, with the depth of its deepest node, which is bounded.
struct Bound {
    Node root;
    // What MySQL warns of once for a statement, before it computes a row.
    std::vector<Warning> warnings = {};
    const FieldType& type() const { return root.type; }
};

}  // namespace sluice::eval
