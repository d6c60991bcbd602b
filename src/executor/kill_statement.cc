// Step 4 of a request: KILL. Sessions of other cores are reached by message (vtgate-contract 3.8).
#include <charconv>

#include "async/cross.h"
#include "executor/work.h"
#include "sql/format.h"

namespace sluice::executor {
namespace {

// On the loop that owns the session. False: there is none of this id.
bool kill_here(Core* core, std::uint32_t id, bool query_only) {
    Session* session = core->sessions.find(id);
    if (session == nullptr) return false;
    count(core->counters.killed);
    if (!query_only) {
        session->killed = true;
        session->closing.request(
            make_error(Code::canceled, er::query_interrupted, "Connection was killed"));
    }
    if (session->busy) {
        session->stop.request(
            make_error(Code::canceled, er::query_interrupted, "Query execution was interrupted"));
    }
    return true;
}

// The session's id: a number at once, anything else as MySQL would convert it to one.
Task<Result<std::uint64_t>> id_of(const Work* work, const sql::Expr* expression) {
    std::string digits;
    const auto* literal = expression->as<sql::Literal>();
    if (literal != nullptr && literal->kind == sql::LiteralKind::integer) {
        digits = literal->text;
    } else {
        const bool no_escapes = work->session->lexer_mode.no_backslash_escapes;
        const std::string text = sql::format(*expression, {.no_backslash_escapes = no_escapes});
        digits =
            CO_TRY(co_await capture_value(work, "select cast(" + text + " as unsigned)")).bytes;
    }
    std::uint64_t id = 0;  // NULL too: there is no such session
    std::from_chars(digits.data(), digits.data() + digits.size(), id);
    co_return id;
}

}  // namespace

Task<Result<Ending>> run_kill(const Work* work, const sql::Kill* kill) {
    Core* core = work->core;
    if (work->session->carried) {
        co_return unsupported("kill statement works with access through mysql protocol");
    }
    if (!core->options->allow_kill) {
        co_return fail(Code::permission_denied, er::kill_denied,
                       "VT07001: kill statement execution not permitted.");
    }
    const std::uint64_t number = CO_TRY(co_await id_of(work, &kill->id));
    const auto id = static_cast<std::uint32_t>(number);
    bool found = false;
    if (number != 0 && number <= ~std::uint32_t{0}) {
        // Ids are given out so that they name their loop.
        Core* owner = core->all[(id - 1) % core->all.size()];
        const bool query_only = kill->query;
        if (owner == core) {
            found = kill_here(owner, id, query_only);
        } else {
            found = co_await async::on_loop(
                owner->loop, [owner, id, query_only] { return kill_here(owner, id, query_only); });
        }
    }
    if (!found) {
        co_return fail(Code::not_found, er::no_such_thread,
                       "Unknown thread id: " + std::to_string(number));
    }
    co_return plain_ending(*work->session);
}

std::string Core::statistics() const {
    const auto seconds =
        std::chrono::duration_cast<std::chrono::seconds>(async::Clock::now() - started).count();
    std::uint64_t queries = 0;
    for (const Core* core : all) queries += core->counters.queries.load(std::memory_order_relaxed);
    return "Uptime: " + std::to_string(seconds) +
           "  Threads: " + std::to_string(sessions.all().size()) +
           "  Questions: " + std::to_string(queries) +
           "  Slow queries: 0  Opens: 0  Flush tables: 0  Open tables: 0  Queries per second "
           "avg: " +
           std::to_string(seconds == 0 ? 0 : queries / static_cast<std::uint64_t>(seconds));
}

}  // namespace sluice::executor
