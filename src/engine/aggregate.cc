// Step 6 of a request: partial aggregates of shards become one. Before: engine/feed.cc.
#include <charconv>

#include "engine/steps.h"
#include "values/number.h"

namespace sluice::engine {

using plan::AggregateKind;

namespace {

// A shard sends the argument; the gate's column is of no table.
void belong_to_no_table(Column& column) {
    column.charset = wire::binary_charset;
    column.org_name.clear();
    column.table.clear();
    column.org_table.clear();
    column.schema.clear();
}

void count_column(Column& column) {
    column.field = wire::field_type::longlong;
    column.type = Type::int64;
    column.length = 21;
    column.decimals = 0;
    column.flags = wire::column_flag::not_null | wire::column_flag::binary;
    belong_to_no_table(column);
}

// DOUBLE of floating numbers, else DECIMAL, with 22 digits more than the argument, as MySQL has it.
void sum_column(Column& column) {
    const bool floating = is_float(column.type);
    column.field = floating ? wire::field_type::double_ : wire::field_type::newdecimal;
    column.type = floating ? Type::float64 : Type::decimal;
    column.length = floating ? 23 : column.length + 22;
    column.flags = wire::column_flag::binary;
    belong_to_no_table(column);
}

}  // namespace

Result<void> AggregateStep::columns(Columns columns) {
    input_ = columns.columns;
    for (const plan::Key& key : aggregate_->keys) keys_.push_back(TRY(Comparison::of(key, input_)));
    for (const plan::AggregateColumn& column : aggregate_->aggregates) {
        if (column.column >= input_.size()) return bug("an aggregate is no column of its input");
        Total& total = totals_.emplace_back();
        total.what = &column;
        const Type type = input_[column.column].type;
        total.floating = is_float(type);
        // MySQL makes numbers of them first, and then tells which differ ('1' and '1.0' do not).
        if (column.kind == AggregateKind::sum_distinct && !is_number(type)) {
            return unsupported("SUM(DISTINCT <" + std::string(type_name(type)) +
                               ">) over several shards");
        }
        if (column.kind == AggregateKind::min || column.kind == AggregateKind::max ||
            column.kind == AggregateKind::count_distinct ||
            column.kind == AggregateKind::sum_distinct) {
            total.comparison =
                TRY(Comparison::of({.column = column.column, .weight = column.weight}, input_));
        }
        if (!column.alias.empty()) columns.columns[column.column].name = column.alias;
        if (column.kind == AggregateKind::count_distinct)
            count_column(columns.columns[column.column]);
        if (column.kind == AggregateKind::sum_distinct) sum_column(columns.columns[column.column]);
    }
    texts_.resize(input_.size());
    return next_->columns(std::move(columns));
}

void AggregateStep::begin(Row row) {
    in_group_ = true;
    first_.clear();
    for (const Cell cell : row)
        first_.push_back(is_null(cell) ? std::nullopt : std::optional<std::string>(cell));
    for (Total& total : totals_) {
        total.count = 0;
        total.exact.reset();
        total.approximate.reset();
        total.extreme.reset();
        total.extreme_weight.reset();
        total.last.reset();
    }
}

Result<void> AggregateStep::take_sum(Total& total, Cell cell) {
    if (is_null(cell)) return {};
    if (total.floating) {
        double number = 0;
        std::from_chars(cell.data(), cell.data() + cell.size(), number);
        total.approximate = total.approximate.value_or(0) + number;
        return {};
    }
    const std::optional<Decimal> number = Decimal::parse(cell);
    const std::optional<Decimal> sum =
        number ? Decimal::add(total.exact.value_or(Decimal()), *number) : std::nullopt;
    if (!sum || sum->digits() > Decimal::max_digits)
        return fail(Code::out_of_range, er::data_out_of_range,
                    "DECIMAL value is out of range in 'sum'");
    total.exact = sum;
    return {};
}

void AggregateStep::take_extreme(Total& total, Row row) {
    const Cell value = row[total.what->column];
    const Cell weight = total.comparison->cell(row);
    if (is_null(value)) return;
    if (total.extreme) {
        const int sign = total.comparison->compare_cells(weight, *total.extreme_weight);
        if (total.what->kind == AggregateKind::min ? sign >= 0 : sign <= 0) return;
    }
    total.extreme = value;
    total.extreme_weight = weight;
}

// Rows come ordered by the argument within a group: a new value is one that differs from the last.
Result<void> AggregateStep::take_distinct(Total& total, Row row) {
    const Cell argument = total.comparison->cell(row);
    if (is_null(row[total.what->column])) return {};
    if (total.last && total.comparison->compare_cells(argument, *total.last) == 0) return {};
    total.last = argument;
    ++total.count;
    if (total.what->kind == AggregateKind::sum_distinct)
        return take_sum(total, row[total.what->column]);
    return {};
}

Result<void> AggregateStep::take(Total& total, Row row) {
    const Cell cell = row[total.what->column];
    switch (total.what->kind) {
        case AggregateKind::count: {
            std::int64_t number = 0;
            if (!is_null(cell)) std::from_chars(cell.data(), cell.data() + cell.size(), number);
            total.count += number;
            return {};
        }
        case AggregateKind::sum:
            return take_sum(total, cell);
        case AggregateKind::min:
        case AggregateKind::max:
            take_extreme(total, row);
            return {};
        case AggregateKind::any_value:
            if (!total.extreme && !is_null(cell)) total.extreme = cell;
            return {};
        case AggregateKind::count_distinct:
        case AggregateKind::sum_distinct:
            return take_distinct(total, row);
    }
    return {};
}

Result<Flow> AggregateStep::push(Row row) {
    Flow flow = Flow::more;
    if (in_group_) {
        std::vector<Cell> first;
        for (const auto& cell : first_) first.push_back(cell ? Cell(*cell) : Cell());
        for (const Comparison& key : keys_) {
            if (key.compare(first, row) == 0) continue;
            flow = TRY(give());
            in_group_ = false;
            break;
        }
    }
    if (!in_group_) begin(row);
    for (Total& total : totals_) TRY(take(total, row));
    return flow;
}

std::optional<std::string> AggregateStep::text_of(const Total& total) const {
    switch (total.what->kind) {
        case AggregateKind::count:
        case AggregateKind::count_distinct:
            return std::to_string(total.count);
        case AggregateKind::sum:
        case AggregateKind::sum_distinct:
            if (total.approximate) return double_text(*total.approximate);
            return total.exact ? std::optional(total.exact->text()) : std::nullopt;
        case AggregateKind::min:
        case AggregateKind::max:
        case AggregateKind::any_value:
            return total.extreme;
    }
    return std::nullopt;
}

Result<Flow> AggregateStep::give() {
    std::vector<Cell> row;
    for (const auto& cell : first_) row.push_back(cell ? Cell(*cell) : Cell());
    row.resize(input_.size());
    for (const Total& total : totals_) {
        std::optional<std::string> text = text_of(total);
        Cell& cell = row[total.what->column];
        if (text) texts_[total.what->column] = std::move(*text);
        cell = text ? Cell(texts_[total.what->column]) : Cell();
    }
    return next_->push(row);
}

Result<Flow> AggregateStep::finish() {
    // Without keys there is one group, even of no rows.
    if (!in_group_ && aggregate_->keys.empty()) begin({});
    if (in_group_) TRY(give());
    in_group_ = false;
    return next_->finish();
}

}  // namespace sluice::engine
