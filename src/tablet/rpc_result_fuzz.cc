// Answers of a tablet from anywhere, text or binary by the first byte. Whatever reaches the sink is
// whole packets, numbered in a row; text rows have as many cells as there are columns.
#include <cstdlib>
#include <vector>

#include "async/loop.h"
#include "tablet/detail/rpc_result.h"
#include "wire/row.h"

using namespace sluice;
using namespace sluice::tablet;

namespace {

class Checked : public RowSink {
 public:
    Result<void> columns(const ColumnPackets& columns) override {
        types_.assign(columns.count, Type::varchar);
        text_ = !columns.binary;
        return {};
    }
    Result<Take> rows(const RowRun& run) override {
        std::uint64_t count = 0;
        std::vector<ValueView> row(types_.size());
        for (wire::ByteView rest = run.packets; !rest.empty(); ++count) {
            const auto step = wire::next_frame(rest);
            const auto* frame = std::get_if<wire::Frame>(&step);
            if (frame == nullptr || frame->sequence != next_++) std::abort();
            if (text_ && !wire::cut_text_row(frame->payload, types_, row)) std::abort();
            rest = rest.subspan(frame->size());
        }
        if (count != run.starts || sequence != next_) std::abort();
        return Take::more;
    }
    Task<Result<void>> drain(Stop*) override { co_return Result<void>{}; }

 private:
    std::vector<Type> types_;
    bool text_ = true;
    std::uint8_t next_ = 0;
};

Task<void> read(const std::uint8_t* bytes, std::size_t size, bool binary) {
    Checked sink;
    const AnswerLayout layout{.error = 1, .result = 2, .transaction_id = 3, .reserved_id = 4};
    AnswerReader reader(layout, &sink, binary, nullptr);
    const Result<void> taken = co_await reader.take(rpc::Bytes(bytes, size), nullptr);
    if (taken && reader.delivered && reader.end.columns == 0) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    async::Loop loop;
    async::run_until_done(loop, read(data + 1, size - 1, (data[0] & 1U) != 0));
    return 0;
}
