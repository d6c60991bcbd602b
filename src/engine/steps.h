#pragma once
// The steps of a chain: one for each plan node that works on rows.
#include <optional>
#include <unordered_set>

#include "engine/rows.h"
#include "values/decimal.h"

namespace sluice::engine {

class LimitStep : public Step {
 public:
    LimitStep(std::uint64_t offset, std::optional<std::uint64_t> count, Step* next)
        : skip_(offset), left_(count), next_(next) {}
    Result<void> columns(Columns columns) override { return next_->columns(std::move(columns)); }
    Result<Flow> push(Row row) override;
    Result<Flow> finish() override { return next_->finish(); }

 private:
    std::uint64_t skip_;
    std::optional<std::uint64_t> left_;
    Step* next_;
};

class SortStep : public Step {
 public:
    SortStep(const plan::Sort* sort, Budget* budget, std::size_t max_rows, Step* next)
        : sort_(sort), kept_(budget, max_rows), next_(next) {}
    Result<void> columns(Columns columns) override;
    Result<Flow> push(Row row) override;
    Result<Flow> finish() override;

 private:
    const plan::Sort* sort_;
    KeptRows kept_;
    std::vector<Comparison> keys_;
    Step* next_;
};

class DistinctStep : public Step {
 public:
    DistinctStep(const plan::Distinct* distinct, Budget* budget, std::size_t max_rows, Step* next)
        : distinct_(distinct), charge_(budget), max_rows_(max_rows), next_(next) {}
    Result<void> columns(Columns columns) override;
    Result<Flow> push(Row row) override;
    Result<Flow> finish() override { return next_->finish(); }

 private:
    const plan::Distinct* distinct_;
    Charge charge_;
    std::size_t max_rows_;
    std::vector<Comparison> keys_;
    std::unordered_set<std::string> seen_;
    std::string identity_;
    Step* next_;
};

class ProjectionStep : public Step {
 public:
    ProjectionStep(const plan::Projection* projection, Step* next)
        : projection_(projection), next_(next) {}
    Result<void> columns(Columns columns) override;
    Result<Flow> push(Row row) override;
    Result<Flow> finish() override { return next_->finish(); }

 private:
    const plan::Projection* projection_;
    std::vector<Column> input_;
    std::vector<Cell> output_;
    std::vector<std::string> quotients_;
    Step* next_;
};

// Groups consecutive rows with equal keys.
class AggregateStep : public Step {
 public:
    AggregateStep(const plan::Aggregate* aggregate, Step* next)
        : aggregate_(aggregate), next_(next) {}
    Result<void> columns(Columns columns) override;
    Result<Flow> push(Row row) override;
    Result<Flow> finish() override;

 private:
    // One aggregate of the group that is being read.
    struct Total {
        const plan::AggregateColumn* what = nullptr;
        bool floating = false;
        std::optional<Comparison> comparison;  // min, max and distinct ones
        std::int64_t count = 0;
        std::optional<Decimal> exact;
        std::optional<double> approximate;
        std::optional<std::string> extreme;         // value of min, max, any_value
        std::optional<std::string> extreme_weight;  // by which it was chosen
        std::optional<std::string> last;            // argument of the row before: distinct ones
    };

    void begin(Row row);
    Result<void> take(Total& total, Row row);
    Result<void> take_sum(Total& total, Cell cell);
    void take_extreme(Total& total, Row row);
    Result<void> take_distinct(Total& total, Row row);
    std::optional<std::string> text_of(const Total& total) const;
    Result<Flow> give();

    const plan::Aggregate* aggregate_;
    std::vector<Column> input_;
    std::vector<Comparison> keys_;
    std::vector<Total> totals_;
    bool in_group_ = false;
    std::vector<std::optional<std::string>> first_;  // the group's first row
    std::vector<std::string> texts_;
    Step* next_;
};

// Several inputs, one after another, with the columns of the first.
class ConcatenateStep : public Step {
 public:
    explicit ConcatenateStep(Step* next) : next_(next) {}
    Result<void> columns(Columns columns) override;
    Result<Flow> push(Row row) override { return next_->push(row); }
    // Of one input; the chain goes on with the next.
    Result<Flow> finish() override { return Flow::more; }
    Result<Flow> finish_all() { return next_->finish(); }

 private:
    std::optional<std::size_t> count_;
    std::vector<Type> types_;
    Step* next_;
};

// Cuts the last columns off: those that only the merge needed.
class CutStep : public Step {
 public:
    CutStep(std::uint32_t extra, Step* next) : extra_(extra), next_(next) {}
    Result<void> columns(Columns columns) override;
    Result<Flow> push(Row row) override { return next_->push(row.first(row.size() - extra_)); }
    Result<Flow> finish() override { return next_->finish(); }

 private:
    std::uint32_t extra_;
    Step* next_;
};

}  // namespace sluice::engine
