// Values that the gate needs for itself: SET x = (select ...), SHOW VARIABLES with the session's
// own values.
#include "executor/work.h"

namespace sluice::executor {
namespace {

class CaptureReply : public Reply {
 public:
    CaptureReply(engine::CapturedRows* into, Budget* budget) : into_(into), charge_(budget) {
        sequence = 1;
    }

    Result<void> columns(const tablet::ColumnPackets& columns) override {
        has_columns_ = true;
        return into_->take_columns(columns);
    }
    Result<Take> rows(const tablet::RowRun& run) override {
        TRY(into_->take_rows(run, charge_));
        return Take::more;
    }
    Task<Result<void>> drain(Stop*) override { co_return Result<void>{}; }
    bool committed() const override { return false; }

 private:
    engine::CapturedRows* into_;
    Charge charge_;
};

}  // namespace

Task<Result<engine::CapturedRows>> capture(const Work* work, std::string text) {
    engine::CapturedRows captured;
    CaptureReply reply(&captured, &work->session->statement_budget);
    sql::Fingerprint slots;
    sql::fingerprint(text, work->session->lexer_mode, work->core->seed, slots);
    Work inner = *work;
    inner.text = text;
    inner.slots = &slots;
    inner.parameters = nullptr;
    inner.prepared = nullptr;
    inner.reply = &reply;
    inner.from_gate = true;
    CO_TRY(co_await run_statement(&inner));
    co_return captured;
}

}  // namespace sluice::executor
