#pragma once
// A sink that keeps what comes, cut into values: for the few rows that the gate asks shards for on
// its own account.
#include <string>
#include <vector>

#include "base/budget.h"
#include "tablet/tablet.h"
#include "values/value.h"
#include "wire/bytes.h"

namespace sluice::engine {

struct CapturedRows {
    std::vector<std::string> names;
    std::vector<Type> types;
    std::vector<std::vector<Value>> rows;
    wire::Bytes gathered;  // of a row that comes in pieces

    // The two halves of a RowSink. Text rows only.
    Result<void> take_columns(const tablet::ColumnPackets& columns);
    Result<void> take_rows(const tablet::RowRun& run, Charge& charge);
};

class CaptureSink : public tablet::RowSink {
 public:
    // Both outlive the sink.
    CaptureSink(CapturedRows* into, Budget* budget) : into_(into), charge_(budget) { sequence = 1; }
    Result<void> columns(const tablet::ColumnPackets& columns) override {
        return into_->take_columns(columns);
    }
    Result<Take> rows(const tablet::RowRun& run) override {
        TRY(into_->take_rows(run, charge_));
        return Take::more;
    }
    async::Task<Result<void>> drain(async::Stop*) override { co_return Result<void>{}; }

 private:
    CapturedRows* into_;
    Charge charge_;
};

}  // namespace sluice::engine
