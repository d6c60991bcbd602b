#pragma once
// Aggregate functions over rows: bound once, then one Aggregation for each group.
#include <memory>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "eval/bind.h"
#include "eval/order.h"
#include "sql/ast_select.h"

namespace sluice::eval {

enum class AggregateFunction : std::uint8_t {
    count,  // no argument: of rows
    sum,
    avg,
    min,
    max,
    any_value,
    bit_and,
    bit_or,
    bit_xor,
    variance,         // VAR_POP
    sample_variance,  // VAR_SAMP
    deviation,        // STD
    sample_deviation,
    json_array,
    json_object,
    group_concat,
    collect,  // ST_COLLECT
};

struct BoundAggregate {
    AggregateFunction function = AggregateFunction::count;
    bool distinct = false;
    std::vector<Bound> arguments;
    std::vector<Bound> order_by;  // group_concat
    std::vector<bool> descending;
    std::string separator = ",";
    std::uint64_t offset = 0;  // of LIMIT
    std::optional<std::uint64_t> limit;
    FieldType type;
};

// Of a node sql::Aggregate or sql::GroupConcat without OVER; errors as of bind().
Result<BoundAggregate> bind_aggregate(const sql::Expr& expression, const Columns& columns,
                                      const Environment& environment);

class Aggregation {
 public:
    explicit Aggregation(const BoundAggregate* aggregate);

    Result<void> add(Row row, Environment& environment);
    // The value of all rows that were added; more may follow.
    Result<Datum> result(Environment& environment) const;

 private:
    struct Piece {  // of group_concat; a geometry of ST_COLLECT
        std::string text;
        std::string key;
    };

    void add_values(std::vector<Datum> values, Row row, Environment& environment);
    void add_number(const Datum& value, Environment& environment);
    void add_bits(const Datum& value, Environment& environment);
    void add_piece(const std::vector<Datum>& values, Row row, Environment& environment);
    void add_geometry(std::string bytes);
    bool is_repeated(const std::vector<Datum>& values);
    Datum collected() const;
    Datum concatenated(Environment& environment) const;
    Datum average(Environment& environment) const;
    Datum spread() const;

    const BoundAggregate* aggregate_;  // outlives this
    bool reads_number_;
    std::uint64_t count_ = 0;
    Datum kept_;       // min, max, any_value, sum
    double mean_ = 0;  // of variance, by Welford's recurrence as MySQL has it
    double moment_ = 0;
    std::uint64_t bits_ = 0;
    std::string bytes_;
    Json json_;
    std::vector<Piece> pieces_;
    std::unordered_set<std::string> seen_;  // keys of distinct values
};

// How an aggregate is computed of what shards computed: each of `partials` is an expression for the
// shards, and `finish` makes the whole of them, as an expression over columns named p0, p1 ... of
// all shards' rows. nullopt: it cannot be split, its arguments have to be sent.
struct AggregateSplit {
    std::vector<sql::Expr> partials;
    sql::Expr finish;
};
std::optional<AggregateSplit> split(const sql::Expr& aggregate);

}  // namespace sluice::eval
