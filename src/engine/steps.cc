// Step 6 of a request: limit, sort, distinct, projection over rows of several shards. Before:
// engine/feed.cc.
#include "engine/steps.h"

#include <algorithm>
#include <charconv>

#include "values/number.h"
#include "wire/column.h"

namespace sluice::engine {

Result<Flow> LimitStep::push(Row row) {
    if (skip_ > 0) {
        --skip_;
        return Flow::more;
    }
    if (!left_) return next_->push(row);
    if (*left_ == 0) return Flow::enough;
    --*left_;
    const Flow flow = TRY(next_->push(row));
    return *left_ == 0 ? Flow::enough : flow;
}

namespace {

Result<std::vector<Comparison>> comparisons(const std::vector<plan::Key>& keys,
                                            const std::vector<Column>& columns) {
    std::vector<Comparison> made;
    for (const plan::Key& key : keys) made.push_back(TRY(Comparison::of(key, columns)));
    return made;
}

}  // namespace

Result<void> SortStep::columns(Columns columns) {
    keys_ = TRY(comparisons(sort_->keys, columns.columns));
    return next_->columns(std::move(columns));
}

Result<Flow> SortStep::push(Row row) {
    TRY(kept_.add(row));
    return Flow::more;
}

Result<Flow> SortStep::finish() {
    std::vector<std::size_t> order(kept_.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::ranges::sort(order, [&](std::size_t left, std::size_t right) {
        for (const Comparison& key : keys_) {
            const int sign = key.ordered(kept_.row(left), kept_.row(right));
            if (sign != 0) return sign < 0;
        }
        return left < right;
    });
    for (const std::size_t index : order) {
        if (TRY(next_->push(kept_.row(index))) == Flow::enough) break;
    }
    return next_->finish();
}

Result<void> DistinctStep::columns(Columns columns) {
    keys_ = TRY(comparisons(distinct_->keys, columns.columns));
    return next_->columns(std::move(columns));
}

Result<Flow> DistinctStep::push(Row row) {
    identity_.clear();
    for (const Comparison& key : keys_) key.append_identity(identity_, row);
    if (seen_.contains(identity_)) return Flow::more;
    if (max_rows_ != 0 && seen_.size() >= max_rows_) {
        return fail(Code::resource_exhausted, er::net_packet_too_large,
                    "in-memory row count exceeded allowed limit of " + std::to_string(max_rows_));
    }
    TRY(charge_.add(identity_.size() + 64));
    seen_.insert(identity_);
    return next_->push(row);
}

namespace {

// div_precision_increment.
constexpr int more_digits = 4;

int quotient_scale(const Column& sum) {
    return std::min(sum.decimals + more_digits, Decimal::max_scale);
}

// AVG's column, from SUM's: some digits more behind the point, and not SUM's wider range.
Column quotient_column(const Column& sum, const std::string& name) {
    Column made = sum;
    if (!name.empty()) made.name = name;
    if (sum.type != Type::decimal) return made;
    const bool had_point = sum.decimals > 0;
    made.decimals = static_cast<std::uint8_t>(quotient_scale(sum));
    const std::uint32_t added = made.decimals - sum.decimals + (had_point ? 0U : 1U);
    made.length = sum.length > 22 ? sum.length - 22 + added : sum.length + added;
    return made;
}

std::optional<std::string> quotient_text(const Column& sum_column, Cell sum, Cell count) {
    std::int64_t number = 0;
    if (!is_null(count)) std::from_chars(count.data(), count.data() + count.size(), number);
    if (is_null(sum) || number == 0) return std::nullopt;
    if (is_float(sum_column.type)) {
        double total = 0;
        std::from_chars(sum.data(), sum.data() + sum.size(), total);
        return double_text(total / static_cast<double>(number));
    }
    const auto exact = Decimal::parse(sum);
    if (!exact) return std::nullopt;
    const auto quotient = Decimal::divide(*exact, Decimal(number), more_digits);
    return quotient->with_scale(quotient_scale(sum_column)).text();
}

}  // namespace

Result<void> ProjectionStep::columns(Columns columns) {
    input_ = columns.columns;
    std::vector<Column> made;
    for (const auto& column : projection_->columns) {
        if (const auto* pick = std::get_if<plan::PickColumn>(&column)) {
            made.push_back(input_[pick->column]);
        } else {
            const auto& quotient = std::get<plan::Quotient>(column);
            made.push_back(quotient_column(input_[quotient.sum], quotient.name));
        }
    }
    output_.resize(made.size());
    quotients_.resize(made.size());
    columns.columns = std::move(made);
    return next_->columns(std::move(columns));
}

Result<Flow> ProjectionStep::push(Row row) {
    for (std::size_t i = 0; i < output_.size(); ++i) {
        if (const auto* pick = std::get_if<plan::PickColumn>(&projection_->columns[i])) {
            output_[i] = row[pick->column];
            continue;
        }
        const auto& quotient = std::get<plan::Quotient>(projection_->columns[i]);
        std::optional<std::string> text =
            quotient_text(input_[quotient.sum], row[quotient.sum], row[quotient.count]);
        if (text) quotients_[i] = std::move(*text);
        output_[i] = text ? Cell(quotients_[i]) : Cell();
    }
    return next_->push(output_);
}

Result<void> ConcatenateStep::columns(Columns columns) {
    if (!count_) {
        count_ = columns.columns.size();
        for (const Column& column : columns.columns) types_.push_back(column.type);
        return next_->columns(std::move(columns));
    }
    if (*count_ != columns.columns.size()) {
        return fail(Code::invalid_argument, er::wrong_number_of_columns_in_select,
                    "The used SELECT statements have a different number of columns");
    }
    for (std::size_t i = 0; i < types_.size(); ++i) {
        if (columns.columns[i].type != types_[i])
            return unsupported("UNION over shards with columns of different types");
    }
    return {};
}

Result<void> CutStep::columns(Columns columns) {
    if (columns.columns.size() < extra_) return bug("more columns to cut than there are");
    columns.columns.resize(columns.columns.size() - extra_);
    return next_->columns(std::move(columns));
}

}  // namespace sluice::engine
