// The end of a request to a tablet: its answer. Before: query_service.cc. After:
// rpc/server_call.cc.
#include "tabletserver/detail/answer.h"

#include "rpc/status.h"
#include "tablet/proto_writer.h"

namespace sluice::tabletserver {

using tablet::bytes_tag;
using tablet::max_varint;
using tablet::put_bytes_head;
using tablet::put_number;
using tablet::put_text;
using tablet::write_varint;

wire::Bytes state_bytes(const AnswerLayout& layout, const Executed& done,
                        const topo::TabletAlias& alias) {
    wire::Bytes state;
    if (!layout.tells_state()) return state;
    if (!done.end) {
        wire::Bytes error;
        put_text(error, 2, done.end.error().text);
        put_number(error, 3, static_cast<std::uint64_t>(done.end.error().code));
        put_bytes_head(state, layout.error, error.size());
        state.append(error.view());
    }
    if (layout.transaction_id != 0) put_number(state, layout.transaction_id, done.transaction);
    if (layout.reserved_id != 0) put_number(state, layout.reserved_id, done.reserved);
    if (done.transaction == 0 && done.reserved == 0) return state;
    wire::Bytes name;
    put_text(name, 1, alias.cell);
    put_number(name, 2, alias.uid);
    put_bytes_head(state, layout.alias, name.size());
    state.append(name.view());
    return state;
}

namespace {

// The tag and the length of a result.
struct Head {
    std::array<std::uint8_t, 2 * max_varint> bytes;
    std::size_t size = 0;

    Head(const AnswerLayout& layout, std::size_t result) {
        std::uint8_t* end = write_varint(bytes.data(), bytes_tag(layout.result));
        size = static_cast<std::size_t>(write_varint(end, result) - bytes.data());
    }
    rpc::Bytes view() const { return {bytes.data(), size}; }
};

Task<Result<void>> send_large(rpc::ServerCall* call, const AnswerLayout* layout,
                              wire::ByteView result, wire::ByteView state) {
    const Head head(*layout, result.size());
    const std::size_t whole = head.size + result.size() + state.size();
    if (whole > call->send_limit())
        co_return fail(rpc::sending_too_large(whole, call->send_limit()));
    const rpc::Bytes pieces[] = {head.view(), result, state};
    co_return co_await call->send(pieces);
}

}  // namespace

Task<Result<void>> send_answer(rpc::ServerCall* call, const AnswerLayout* layout,
                               wire::ByteView result, wire::ByteView state) {
    const Head head(*layout, result.size());
    const rpc::Bytes pieces[] = {head.view(), result, state};
    if (call->send_now(pieces)) return Task<Result<void>>::done();
    return send_large(call, layout, result, state);
}

}  // namespace sluice::tabletserver
