// A response read in chunks, once with rows cut and once with rows forwarded: both must see the
// same rows and end. First byte: capabilities, format and chunk size.
#include <algorithm>
#include <cstdlib>

#include "wire/response.h"

using namespace sluice::wire;

namespace {

struct Seen {
    std::uint64_t rows = 0;
    bool done = false, failed = false;
};

Seen read_response(ByteView input, Capabilities negotiated, RowFormat format, std::size_t chunk,
                   bool forwarding) {
    ResponseReader reader(negotiated, format, 1 << 20);
    Bytes buffer;
    Seen seen;
    bool rows = false;
    std::size_t at = 0;
    const auto read = [&] {
        const std::size_t take = std::min(chunk, input.size() - at);
        buffer.append(input.subspan(at, take));
        at += take;
        return take > 0;
    };
    while (!reader.done()) {
        if (rows && forwarding) {
            const RowRun run = reader.run_rows(buffer.span(), 0);
            if (run.bytes > buffer.size()) std::abort();
            buffer.discard_front(run.bytes);
            seen.rows += run.rows;
            seen.failed = run.stop == RowRun::Stop::malformed;
            if (seen.failed) return seen;
            if (run.stop == RowRun::Stop::need_more) {
                if (!read()) return seen;
                continue;
            }
            rows = false;
        }
        const auto step = reader.next(buffer.view());
        seen.failed = !step.has_value();
        if (seen.failed) return seen;
        const bool hungry = std::holds_alternative<NeedMore>(step->event);
        if (std::holds_alternative<ResponseReader::Row>(step->event)) ++seen.rows;
        if (std::holds_alternative<ResponseReader::RowsBegin>(step->event)) rows = true;
        buffer.discard_front(step->consumed);
        if (hungry && !read()) return seen;
    }
    seen.done = true;
    return seen;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const ByteView input = ByteView(data, size).subspan(1);
    const Capabilities negotiated = (data[0] & 1) != 0 ? capability::deprecate_eof : 0;
    const RowFormat format = (data[0] & 2) != 0 ? RowFormat::binary : RowFormat::text;
    const std::size_t chunk = 1 + (data[0] >> 2);
    const Seen cut = read_response(input, negotiated, format, chunk, false);
    const Seen forwarded = read_response(input, negotiated, format, chunk, true);
    // Rows that are not cut are not looked into, so a forwarded response is refused later or never.
    if (cut.done && (!forwarded.done || cut.rows != forwarded.rows)) std::abort();
    return 0;
}
