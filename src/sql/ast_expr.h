#pragma once
// Expressions. Structs in one variant, Box<T> where a tree recurses; copies, moves and compares
// like a value. Spans and `source` fields say where in the text a node came from and never count in
// ==.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

#include "base/box.h"
#include "sql/span.h"
#include "values/type.h"

namespace sluice::sql {

struct Expr;
struct Query;
struct OrderItem;
struct Over;
using OptionalExpr = std::optional<Box<Expr>>;

// T is one of the alternatives of a variant.
template <class T, class Variant>
inline constexpr bool is_alternative = false;
template <class T, class... Alternatives>
inline constexpr bool is_alternative<T, std::variant<Alternatives...>> =
    (std::is_same_v<T, Alternatives> || ...);
template <class T, class Variant>
concept AlternativeOf = is_alternative<std::remove_cvref_t<T>, Variant>;

// ASCII case-insensitive equality, as SQL compares keywords, function and column names.
bool same_name(std::string_view left, std::string_view right);
std::string lower_case(std::string_view name);

// A possibly qualified table name. The qualifier is a keyspace, or keyspace:shard, keyspace@type as
// v21 takes them.
struct TableName {
    std::string keyspace;  // empty: none
    std::string name;
    Span qualifier;  // the qualifier with its dot in the text; unknown when there is none
    Span source;     // qualifier, dot and name

    bool empty() const { return name.empty(); }
    bool operator==(const TableName&) const = default;
};

enum class LiteralKind : std::uint8_t {
    integer,     // text: digits as written
    decimal,     // 1.5, .5
    floating,    // 1e5
    string,      // text: unescaped bytes
    national,    // N'..'; text: unescaped bytes
    hex_number,  // 0x1F; text as written
    hex_string,  // X'1F'; text: the digits
    bit_number,  // 0b101; text as written
    bit_string,  // B'101'; text: the digits
    date,        // DATE'..', TIME'..', TIMESTAMP'..': text unescaped
    time,
    timestamp,
};

struct Literal {
    LiteralKind kind = LiteralKind::integer;
    std::string text;
    Span source;  // ties the literal to its fingerprint slot
    bool operator==(const Literal&) const = default;
};
struct NullLiteral {
    bool operator==(const NullLiteral&) const = default;
};
struct BoolLiteral {
    bool value = false;
    bool operator==(const BoolLiteral&) const = default;
};

struct Column {
    TableName table;  // name empty: unqualified
    std::string name;
    Span source;  // the name alone
    bool operator==(const Column&) const = default;
};

// :name, ::name (a list for IN) or ?, which the parser numbers v1, v2 ...
struct BindVariable {
    std::string name;
    bool list = false;
    Type type = Type::null_type;  // null_type: not known, printed without a type comment
    std::int16_t size = 0;        // of decimals: DECIMAL(size,scale); 0: not printed
    std::int16_t scale = 0;
    bool operator==(const BindVariable&) const = default;
};

enum class VariableScope : std::uint8_t {
    user,             // @x
    session_implied,  // @@x, and SET x
    session,          // @@session.x, @@local.x, SET SESSION x
    global,
    persist,
    persist_only,
    next_transaction,  // SET TRANSACTION without a scope
    vitess_metadata,
};
struct Variable {
    VariableScope scope = VariableScope::user;
    std::string name;  // without @; system variables keep their dots: x.y
    bool operator==(const Variable&) const = default;
};

enum class UnaryOp : std::uint8_t { minus, plus, bit_not, not_bang, binary };
struct Unary {
    UnaryOp op = UnaryOp::minus;
    Box<Expr> operand;
    bool operator==(const Unary&) const = default;
};
struct Not {
    Box<Expr> operand;
    bool tight = false;  // read under HIGH_NOT_PRECEDENCE, where it binds as ! does
    bool operator==(const Not&) const = default;
};

enum class BinaryOp : std::uint8_t {
    add,
    subtract,
    multiply,
    divide,
    integer_divide,
    modulo,
    bit_and,
    bit_or,
    bit_xor,
    shift_left,
    shift_right,
};
struct Binary {
    BinaryOp op = BinaryOp::add;
    Box<Expr> left;
    Box<Expr> right;
    bool operator==(const Binary&) const = default;
};

enum class CompareOp : std::uint8_t {
    equal,
    less,
    greater,
    less_equal,
    greater_equal,
    not_equal,
    null_safe_equal,
    in,
    not_in,
    like,
    not_like,
    regexp,
    not_regexp,
};
enum class Quantifier : std::uint8_t { none, any, all };
struct Compare {
    CompareOp op = CompareOp::equal;
    Box<Expr> left;
    Box<Expr> right;                           // IN: Tuple, Subquery or a list BindVariable
    OptionalExpr escape;                       // LIKE only
    Quantifier quantifier = Quantifier::none;  // = ANY (select ..)
    bool operator==(const Compare&) const = default;
};

// Chains are flat: a and b and c has three operands. Operands that are chains themselves were in
// parentheses.
struct And {
    std::vector<Expr> operands;
    bool operator==(const And&) const = default;
};
struct Or {
    std::vector<Expr> operands;
    bool operator==(const Or&) const = default;
};
struct Xor {
    Box<Expr> left;
    Box<Expr> right;
    bool operator==(const Xor&) const = default;
};

struct Between {
    Box<Expr> operand;
    Box<Expr> low;
    Box<Expr> high;
    bool negated = false;
    bool operator==(const Between&) const = default;
};

enum class IsKind : std::uint8_t { null, not_null, true_, not_true, false_, not_false };
struct Is {
    Box<Expr> operand;
    IsKind kind = IsKind::null;
    bool operator==(const Is&) const = default;
};

struct Tuple {
    std::vector<Expr> items;
    bool operator==(const Tuple&) const = default;
};
struct Subquery {
    Box<Query> query;
    bool operator==(const Subquery&) const = default;
};
struct Exists {
    Box<Query> query;
    bool operator==(const Exists&) const = default;
};

struct When {
    Box<Expr> condition;
    Box<Expr> result;
    bool operator==(const When&) const = default;
};
struct Case {
    OptionalExpr operand;
    std::vector<When> whens;
    OptionalExpr otherwise;
    bool operator==(const Case&) const = default;
};

// count(*): the argument of an aggregate.
struct Star {
    bool operator==(const Star&) const = default;
};

// Any function that is written name(a, b, c); special syntaxes with the same meaning end here as
// well (substring(a from 1 for 2), position(a in b), current_timestamp).
struct FunctionCall {
    std::string keyspace;  // qualifier of a stored function
    std::string name;      // as it is printed; compare with same_name
    std::vector<Expr> arguments;
    std::optional<Box<Over>> over;  // window functions
    bool ignore_nulls = false;      // lag, lead, first_value, ...
    bool respect_nulls = false;
    bool from_first = false;  // nth_value
    bool from_last = false;
    bool operator==(const FunctionCall&) const = default;
};

enum class AggregateKind : std::uint8_t {
    count,
    count_star,
    sum,
    avg,
    min,
    max,
    any_value,
    bit_and,
    bit_or,
    bit_xor,
    std,
    stddev,
    stddev_pop,
    stddev_samp,
    var_pop,
    var_samp,
    variance,
    json_arrayagg,
    json_objectagg,
    loaded,  // ST_COLLECT, and those that a server has from a library: the planner knows which
};
std::string_view aggregate_name(AggregateKind kind);  // "count"; "" of a loaded one
struct Aggregate {
    AggregateKind kind = AggregateKind::count;
    bool distinct = false;
    std::string name;             // of a loaded one
    std::vector<Expr> arguments;  // empty for count_star; several only for count(distinct a, b) and
                                  // json_objectagg
    std::optional<Box<Over>> over;
    bool operator==(const Aggregate&) const = default;
};

// LIMIT of a query, of DML and of GROUP_CONCAT: numbers and parameters. v21 reads any expression
// there and leaves it to MySQL to refuse it; sql/parse.h, check_limits does that.
struct Limit {
    OptionalExpr offset;
    Box<Expr> count;
    bool operator==(const Limit&) const = default;
};
struct GroupConcat {
    bool distinct = false;
    std::vector<Expr> arguments;
    std::vector<OrderItem> order_by;
    std::optional<std::string> separator;
    std::optional<Box<Limit>> limit;
    bool operator==(const GroupConcat&) const = default;
};

// A type as CAST, CONVERT, JSON_VALUE ... RETURNING and JSON_TABLE name it.
struct CastType {
    std::string name;  // lower case: signed, unsigned, char, binary, decimal, date, datetime, time,
                       // json, ...
    std::optional<std::uint32_t> length;
    std::optional<std::uint32_t> scale;
    std::string charset;
    bool binary = false;  // BINARY behind the type: the charset's binary collation
    bool array = false;
    bool operator==(const CastType&) const = default;
};
struct Cast {
    Box<Expr> operand;
    CastType type;
    bool convert = false;        // written convert(a, type)
    std::string time_zone = {};  // AT TIME ZONE 'x'; empty: none
    bool operator==(const Cast&) const = default;
};
struct ConvertUsing {
    Box<Expr> operand;
    std::string charset;
    bool operator==(const ConvertUsing&) const = default;
};
struct Collate {
    Box<Expr> operand;
    std::string collation;
    bool operator==(const Collate&) const = default;
};
// _utf8mb4'x': the character set of what follows.
struct Introducer {
    std::string charset;  // with the underscore, lower case
    Box<Expr> operand;
    bool operator==(const Introducer&) const = default;
};
// INTERVAL n unit: an operand of + and -, or the second argument of DATE_ADD and its kind.
struct Interval {
    Box<Expr> amount;
    std::string unit;  // lower case: day, minute_second
    bool operator==(const Interval&) const = default;
};
struct Extract {
    std::string unit;
    Box<Expr> operand;
    bool operator==(const Extract&) const = default;
};
// TIMESTAMPADD(unit, a, b), TIMESTAMPDIFF(unit, a, b).
struct TimestampFunction {
    std::string name;
    std::string unit;
    Box<Expr> first;
    Box<Expr> second;
    bool operator==(const TimestampFunction&) const = default;
};
enum class TrimSide : std::uint8_t { none, both, leading, trailing };
struct Trim {
    TrimSide side = TrimSide::none;
    OptionalExpr characters;
    Box<Expr> operand;
    bool operator==(const Trim&) const = default;
};
enum class MatchMode : std::uint8_t { none, boolean, natural, natural_with_expansion, expansion };
struct Match {
    std::vector<Column> columns;
    Box<Expr> against;
    MatchMode mode = MatchMode::none;
    bool operator==(const Match&) const = default;
};
struct MemberOf {
    Box<Expr> value;
    Box<Expr> array;
    bool operator==(const MemberOf&) const = default;
};
// CHAR(1, 2 USING cs).
struct CharFunction {
    std::vector<Expr> arguments;
    std::string charset;
    bool operator==(const CharFunction&) const = default;
};
// WEIGHT_STRING(a AS CHAR(3)).
struct WeightString {
    Box<Expr> operand;
    std::optional<CastType> as;
    bool operator==(const WeightString&) const = default;
};
// VALUES(column) in ON DUPLICATE KEY UPDATE.
struct ValuesOf {
    Column column;
    bool operator==(const ValuesOf&) const = default;
};
// DEFAULT as a value, DEFAULT(column).
struct Default {
    std::string column;
    TableName table = {};  // of the column; name empty: unqualified
    bool operator==(const Default&) const = default;
};
// @x := expr
struct Assign {
    Variable variable;
    Box<Expr> value;
    bool bound = false;  // normalised as v21 does, which cannot run it: printed :__vtudvx := value
    bool operator==(const Assign&) const = default;
};
enum class JsonOnKind : std::uint8_t { none, null, error, default_ };
struct JsonOn {
    JsonOnKind kind = JsonOnKind::none;
    OptionalExpr value;  // default_
    bool operator==(const JsonOn&) const = default;
};
// JSON_VALUE(doc, path RETURNING type .. ON EMPTY .. ON ERROR).
struct JsonValue {
    Box<Expr> document;
    Box<Expr> path;
    std::optional<Box<CastType>> returning;
    JsonOn on_empty;
    JsonOn on_error;
    bool operator==(const JsonValue&) const = default;
};
// JSON_DUALITY_OBJECT([WITH(INSERT, ..)] 'key': value, ..), which is only for duality views.
struct JsonMember {
    std::string key;
    Box<Expr> value;
    bool operator==(const JsonMember&) const = default;
};
struct JsonDualityObject {
    std::vector<std::string> permissions;  // insert, update, delete
    std::vector<JsonMember> members;
    std::optional<Box<Over>> over;
    bool operator==(const JsonDualityObject&) const = default;
};

struct Expr {
    using Node = std::variant<Literal, NullLiteral, BoolLiteral, Column, BindVariable, Variable,
                              Unary, Not, Binary, Compare, And, Or, Xor, Between, Is, Tuple,
                              Subquery, Exists, Case, Star, FunctionCall, Aggregate, GroupConcat,
                              Cast, ConvertUsing, Collate, Introducer, Interval, Extract,
                              TimestampFunction, Trim, Match, MemberOf, CharFunction, WeightString,
                              ValuesOf, Default, Assign, JsonValue, JsonDualityObject>;
    Node node;

    Expr();
    template <class T>
        requires AlternativeOf<T, Node>
    Expr(T&& alternative)
        : node(std::forward<T>(alternative)) {}  // NOLINT(google-explicit-constructor)
    Expr(const Expr&);
    Expr(Expr&&) noexcept;
    Expr& operator=(const Expr&);
    Expr& operator=(Expr&&) noexcept;
    ~Expr();
    bool operator==(const Expr&) const;

    template <class T>
    const T* as() const {
        return std::get_if<T>(&node);
    }
    template <class T>
    T* as() {
        return std::get_if<T>(&node);
    }
    template <class T>
    bool is() const {
        return std::holds_alternative<T>(node);
    }
};

}  // namespace sluice::sql
