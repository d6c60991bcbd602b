// Step 4 of a request: values that the gate needs for itself: SET x = (select ...), SHOW VARIABLES
// with the session's own values, EXPLAIN .. INTO @x.
#include "executor/work.h"
#include "sql/format.h"

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

Task<Result<Value>> capture_value(const Work* work, std::string text) {
    engine::CapturedRows captured = CO_TRY(co_await capture(work, std::move(text)));
    if (captured.rows.size() != 1 || captured.rows.front().size() != 1) {
        co_return fail(Code::invalid_argument, er::subquery_no_1_row,
                       "Subquery returns more than 1 row");
    }
    co_return std::move(captured.rows.front().front());
}

Task<Result<Ending>> run_explain_into(const Work* work, sql::Explain explain) {
    const std::string name = std::move(explain.into);
    explain.into.clear();
    if (explain.format != sql::ExplainFormat::json)
        co_return unsupported("EXPLAIN INTO without FORMAT = JSON");
    Value plan = CO_TRY(co_await capture_value(
        work,
        sql::format(sql::Statement{std::move(explain)},
                    {.no_backslash_escapes = work->session->lexer_mode.no_backslash_escapes})));
    work->session->set_user_variable(name, std::move(plan));
    co_return plain_ending(*work->session);
}

}  // namespace sluice::executor
