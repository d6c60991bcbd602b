// Under sequences.cc, schema.cc and server.cc: the tablet's own statements. After:
// tablet/mysql_tablet.cc.
#include "tabletserver/detail/ask.h"

#include "sql/ast_expr.h"
#include "sql/format.h"
#include "wire/column.h"
#include "wire/row.h"

namespace sluice::tabletserver {
namespace {

class Gather : public tablet::RowSink {
 public:
    explicit Gather(bool names) : names_(names) {}

    Result<void> columns(const tablet::ColumnPackets& columns) override {
        cutter_.expect(sequence);
        types_.assign(columns.count, Type::varchar);
        if (!names_) return {};
        wire::ByteView rest = columns.packets;
        TextRow names;
        for (std::uint32_t i = 0; i < columns.count; ++i) {
            const auto frame = wire::next_frame(rest);
            const auto* packet = std::get_if<wire::Frame>(&frame);
            if (packet == nullptr) return bug("columns are cut short");
            names.emplace_back(TRY(wire::parse_column(packet->payload)).name);
            rest = rest.subspan(packet->size());
        }
        rows_.push_back(std::move(names));
        return {};
    }
    Result<Take> rows(const tablet::RowRun& run) override {
        wire::ByteView rest = run.packets;
        std::vector<ValueView> row(types_.size());
        while (!rest.empty()) {
            const auto cut = TRY(cutter_.cut(rest));
            if (cut.message) {
                TRY(wire::cut_text_row(*cut.message, types_, row));
                TextRow& kept = rows_.emplace_back();
                for (const ValueView& cell : row) {
                    kept.push_back(cell.is_null() ? std::optional<std::string>()
                                                  : std::string(cell.bytes));
                }
            }
            if (cut.consumed == 0) break;
            rest = rest.subspan(cut.consumed);
        }
        return Take::more;
    }
    Task<Result<void>> drain(Stop*) override { return Task<Result<void>>::done(); }

    std::vector<TextRow> take() { return std::move(rows_); }

 private:
    bool names_;
    std::vector<Type> types_;
    std::vector<TextRow> rows_;
    wire::MessageCutter cutter_{64U << 20U};
};

}  // namespace

Task<Result<Asked>> ask(tablet::MysqlTablet* tablet, Ask what, Stop* stop) {
    static const std::vector<std::string> begin = {"begin"};
    tablet::Call call;
    call.text = what.text;
    call.held = what.held;
    call.keep_settings = what.held != tablet::not_held;
    call.is_write = what.is_write;
    call.stop = stop;
    if (what.begin) {
        call.before = begin;
        call.hold = true;
    }
    if (what.reserve) {
        call.hold = call.reserve = true;
        call.idle_limit = std::chrono::milliseconds(0);
    }
    Gather rows(false);
    tablet::Outcome outcome = co_await tablet->execute(&call, &rows);
    if (!outcome.end) {
        const bool opened = what.begin || what.reserve;
        if (opened && outcome.held != tablet::not_held) co_await tablet->release(outcome.held);
        co_return fail(std::move(outcome.end).error());
    }
    co_return Asked{rows.take(), outcome.held};
}

Task<Result<std::vector<TextRow>>> ask_with_names(tablet::MysqlTablet* tablet, std::string text,
                                                  Stop* stop) {
    tablet::Call call;
    call.text = text;
    call.stop = stop;
    Gather rows(true);
    tablet::Outcome outcome = co_await tablet->execute(&call, &rows);
    if (!outcome.end) co_return fail(std::move(outcome.end).error());
    co_return rows.take();
}

Task<Result<std::string>> ask_value(tablet::MysqlTablet* tablet, std::string text, Stop* stop) {
    const Asked asked = CO_TRY(co_await ask(tablet, {.text = std::move(text)}, stop));
    if (asked.rows.size() != 1 || asked.rows[0].size() != 1)
        co_return fail(Code::internal, "the server does not answer with one value");
    co_return asked.rows[0][0].value_or("");
}

Task<Result<void>> tell(tablet::MysqlTablet* tablet, std::string text, Stop* stop) {
    CO_TRY(co_await ask(tablet, {.text = std::move(text), .is_write = true}, stop));
    co_return Result<void>{};
}

std::optional<std::string> value_of(const std::vector<TextRow>& rows, std::string_view name,
                                    std::string_view old_name) {
    for (std::size_t i = 0; i < rows[0].size() && i < rows[1].size(); ++i) {
        const std::string& column = *rows[0][i];
        if (sql::same_name(column, name) || sql::same_name(column, old_name)) return rows[1][i];
    }
    return std::nullopt;
}

std::string quoted(std::string_view text) {
    std::string literal;
    sql::append_string(literal, text);
    return literal;
}

}  // namespace sluice::tabletserver
