// Step 4 of a request: VEXPLAIN, the plan as v21 prints it.
#include "executor/local_rows.h"
#include "executor/work.h"
#include "plan/describe.h"
#include "sql/format.h"
#include "sql/parse.h"

namespace sluice::executor {

Task<Result<Ending>> run_vexplain(const Work* work, const sql::Vexplain* vexplain) {
    if (vexplain->kind != sql::VexplainKind::plan) {
        co_return unsupported("VEXPLAIN of anything but PLAN");
    }
    // The inner statement is planned for its own text, so that literals are counted where they
    // stand.
    const sql::LexerMode& mode = work->session->lexer_mode;
    const std::string text =
        sql::format(*vexplain->statement, {.no_backslash_escapes = mode.no_backslash_escapes});
    sql::Fingerprint slots;
    sql::fingerprint(text, mode, work->core->seed, slots);
    Work inner = *work;
    inner.text = text;
    inner.slots = &slots;
    const std::shared_ptr<CachedPlan> made =
        CO_TRY(make_plan(inner, CO_TRY(sql::parse(text, mode))));
    LocalRows rows;
    rows.columns = {{.name = "JSON", .type = Type::varchar}};
    rows.add({plan::describe(made->plan)});
    CO_TRY(co_await send(&rows, work->reply, &work->session->stop));
    co_return plain_ending(*work->session);
}

}  // namespace sluice::executor
