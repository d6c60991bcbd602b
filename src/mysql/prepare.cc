// Step 9 of a request by a prepared statement that this connection has not seen yet. Before:
// run.cc. After: connection.cc (send_execute).
#include "mysql/connection.h"
#include "mysql/error_code.h"
#include "wire/request.h"
#include "wire/statement.h"

namespace sluice::mysql {
namespace {

// Longest message of the answer, a column definition.
constexpr std::size_t max_message = 1U << 20U;
// All of it: 65,535 parameters and 4,096 columns are below.
constexpr std::size_t max_answer = 32U << 20U;

}  // namespace

Task<Result<Handle*>> Connection::prepare(std::uint64_t key, std::string_view text,
                                          ResultSink* sink, Stop* stop) {
    VT_ASSERT(due_ == 0);
    while (const std::uint32_t old = handles_.evict()) queue_close(old);
    wire::PacketWriter writer(&out_);
    wire::write_command(writer, wire::Command::stmt_prepare, text);
    last_sequence_ = writer.sequence();
    ++due_;
    preparing_ = true;
    CO_TRY(co_await write({}, stop));
    Result<Handle*> handle = co_await read_prepared(key, text, sink, stop);
    // A stop leaves the answer due; everything else has ended it.
    if (!handle && !broken_ && stop != nullptr && stop->requested()) co_return handle;
    preparing_ = false;
    --due_;
    co_return handle;
}

Task<Result<Handle*>> Connection::read_prepared(std::uint64_t key, std::string_view text,
                                                ResultSink* sink, Stop* stop) {
    using Step = wire::PrepareReader::Step;
    wire::PrepareReader reader(capabilities_);
    wire::MessageCutter cutter(max_message);
    cutter.expect(last_sequence_);
    std::size_t understood = 0, columns_begin = 0, columns_end = 0;
    while (!reader.done()) {
        Result<wire::MessageCutter::Cut> cut = cutter.cut(stream_.received().subspan(understood));
        if (!cut) co_return fail_broken(std::move(cut).error());
        const std::size_t before = understood;
        understood += cut->consumed;
        if (!cut->message) {
            if (understood > max_answer)
                co_return fail_broken(make_error(Code::internal, 2027, "Malformed packet"));
            const Result<void> filled = co_await stream_.fill(stop);
            if (!filled) co_return std::unexpected(receive_failed(stop));
            continue;
        }
        Result<Step> step = reader.feed(*cut->message);
        if (!step) co_return fail_broken(std::move(step).error());
        if (*step == Step::refused) {
            Result<wire::ErrPacket> err = wire::parse_err(*cut->message);
            if (!err) co_return fail_broken(std::move(err).error());
            Error error = wire::to_error(*err, code_of(err->number));
            stream_.consume(understood);
            co_return std::unexpected(std::move(error));
        }
        if (*step == Step::column) {
            if (columns_end == 0) columns_begin = before;
            columns_end = understood;
        }
    }
    const wire::PrepareOk& prepared = reader.prepared();
    Handle* const handle = handles_.add(key, text, prepared.statement);
    handle->parameters = prepared.parameters;
    handle->columns = prepared.columns;
    Result<void> taken;
    if (sink != nullptr) {
        taken = sink->columns(
            {.packets = stream_.received().subspan(columns_begin, columns_end - columns_begin),
             .count = prepared.columns,
             .binary = true});
    }
    stream_.consume(understood);
    if (!taken) co_return std::unexpected(std::move(taken).error());
    co_return handle;
}

}  // namespace sluice::mysql
