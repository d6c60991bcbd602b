// Under sequences.cc, schema.cc and server.cc: the tablet's own statements. After:
// tablet/mysql_tablet.cc.
#include "tabletserver/detail/ask.h"

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
    Gather rows(false);
    tablet::Outcome outcome = co_await tablet->execute(&call, &rows);
    if (!outcome.end) {
        if (what.begin && outcome.held != tablet::not_held) co_await tablet->release(outcome.held);
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

}  // namespace sluice::tabletserver
