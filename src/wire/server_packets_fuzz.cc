// What a server may send in the command phase: every parser, and what is parsed is written and
// parsed again.
#include <cstdlib>

#include "wire/answer.h"
#include "wire/column.h"
#include "wire/row.h"
#include "wire/statement.h"

using namespace sluice::wire;

namespace {

void require(bool condition) {
    if (!condition) std::abort();
}

// The one payload in `out`.
ByteView payload(const Bytes& out) {
    return std::get<Frame>(next_frame(out.view())).payload;
}

void round_trips(ByteView input) {
    const Capabilities negotiated = input.size() % 2 == 0 ? capability::session_track : 0;
    Bytes out;
    PacketWriter writer(&out);
    if (const auto ok = parse_ok(input, negotiated)) {
        write_ok(writer, *ok, negotiated);
        require(*parse_ok(payload(out), negotiated) == *ok);
    }
    out.clear();
    if (const auto column = parse_column(input)) {
        write_column(writer, *column);
        require(*parse_column(payload(out)) == *column);
        out.clear();
        require(write_renamed_column(writer, input, {}).has_value());
        require(*parse_column(payload(out)) == *column);
    }
    if (const auto err = parse_err(input)) (void)to_error(*err);
    (void)parse_eof(input);
    (void)parse_prepare_ok(input);
    PrepareReader reader(negotiated);
    while (!input.empty()) {
        const std::size_t size = std::min<std::size_t>(input[0], input.size() - 1);
        if (reader.done() || !reader.feed(input.subspan(1, size))) break;
        input = input.subspan(1 + size);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteView input(data, size);
    round_trips(input);
    const std::vector<sluice::Type> types(3, sluice::Type::varchar);
    std::vector<sluice::ValueView> row(3);
    if (cut_text_row(input, types, row)) {
        Bytes out;
        PacketWriter writer(&out);
        write_text_row(writer, row);
        std::vector<sluice::ValueView> again(3);
        require(cut_text_row(payload(out), types, again).has_value());
        for (std::size_t i = 0; i < row.size(); ++i) require(row[i].copy() == again[i].copy());
    }
    return 0;
}
