// Beside requests: rows that the gate itself wants of a tablet. After: the tablet's execute().
#include "tablet/query_table.h"

#include <variant>

#include "wire/column.h"
#include "wire/packet.h"
#include "wire/row.h"

namespace sluice::tablet {
namespace {

constexpr std::size_t most_bytes = std::size_t{64} << 20;

// Keeps all rows as they came.
class RowKeeper : public RowSink {
 public:
    Result<void> columns(const ColumnPackets& columns) override {
        count_ = columns.count;
        definitions_.assign(columns.packets.begin(), columns.packets.end());
        return {};
    }
    Result<Take> rows(const RowRun& run) override {
        if (kept_.size() + run.packets.size() > most_bytes) {
            return fail(Code::resource_exhausted, "too many rows of information_schema");
        }
        kept_.insert(kept_.end(), run.packets.begin(), run.packets.end());
        return Take::more;
    }
    Task<Result<void>> drain(Stop*) override { co_return Result<void>{}; }

    Result<std::vector<std::string>> names() const {
        std::vector<std::string> names;
        std::span<const std::uint8_t> rest = definitions_;
        while (!rest.empty()) {
            const auto step = wire::next_frame(rest);
            const auto* frame = std::get_if<wire::Frame>(&step);
            if (frame == nullptr) return bug("column definitions end in the middle of a packet");
            rest = rest.subspan(frame->size());
            names.emplace_back(TRY(wire::parse_column(frame->payload)).name);
        }
        return names;
    }

    Result<std::vector<TextRow>> cut() const {
        std::vector<TextRow> rows;
        std::span<const std::uint8_t> rest = kept_;
        const std::vector<Type> types(count_, Type::varchar);
        std::vector<ValueView> cells(count_);
        while (!rest.empty()) {
            const auto step = wire::next_frame(rest);
            const auto* frame = std::get_if<wire::Frame>(&step);
            if (frame == nullptr) return bug("rows end in the middle of a packet");
            rest = rest.subspan(frame->size());
            TRY(wire::cut_text_row(frame->payload, types, cells));
            TextRow& row = rows.emplace_back();
            for (const ValueView& cell : cells) {
                row.push_back(cell.is_null() ? std::nullopt
                                             : std::optional(std::string(cell.bytes)));
            }
        }
        return rows;
    }

 private:
    std::uint32_t count_ = 0;
    std::vector<std::uint8_t> definitions_;
    std::vector<std::uint8_t> kept_;
};

}  // namespace

Task<Result<TextTable>> query_table(Tablet* tablet, std::string text, Stop* stop) {
    Call call;
    call.text = text;
    call.normalized = text;
    call.stop = stop;
    RowKeeper keeper;
    const Outcome outcome = co_await tablet->execute(&call, &keeper);
    if (!outcome.end) co_return std::unexpected(outcome.end.error());
    TextTable table;
    table.names = CO_TRY(keeper.names());
    table.rows = CO_TRY(keeper.cut());
    co_return table;
}

Task<Result<std::vector<TextRow>>> query_rows(Tablet* tablet, std::string text, Stop* stop) {
    TextTable table = CO_TRY(co_await query_table(tablet, std::move(text), stop));
    co_return std::move(table.rows);
}

}  // namespace sluice::tablet
