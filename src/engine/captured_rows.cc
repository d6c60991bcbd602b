// Step 10 of a request that the gate makes on its own account: rows come here instead of going to a
// client. Before: gateway/gateway.cc. After: who asked.
#include "engine/captured_rows.h"

#include "base/tally.h"
#include "engine/rows.h"
#include "wire/packet.h"
#include "wire/row.h"

namespace sluice::engine {

Result<void> CapturedRows::take_columns(const tablet::ColumnPackets& packets) {
    for (Column& column : TRY(cut_columns(packets)).columns) {
        names.push_back(std::move(column.name));
        types.push_back(column.type);
    }
    return {};
}

Result<void> CapturedRows::take_rows(const tablet::RowRun& run, Charge& charge) {
    TRY(charge.add(run.packets.size()));
    gathered.append(wire::ByteView(run.packets));
    if (run.ends_inside) return {};
    wire::MessageCutter cutter(gathered.size());
    std::vector<ValueView> cells(types.size());
    wire::ByteView rest = gathered.view();
    while (!rest.empty()) {
        cutter.expect(rest[3]);
        const wire::MessageCutter::Cut cut = TRY(cutter.cut(rest));
        if (cut.message) {
            ++tally.rows_cut;
            TRY(wire::cut_text_row(*cut.message, types, cells));
            std::vector<Value>& row = rows.emplace_back();
            for (const ValueView& cell : cells) row.push_back(cell.copy());
        }
        rest = rest.subspan(cut.consumed);
    }
    gathered.clear();
    return {};
}

}  // namespace sluice::engine
