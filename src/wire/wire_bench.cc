// Rows in and out, beside a memcpy of the same bytes.
#include <benchmark/benchmark.h>

#include "wire/response.h"
#include "wire/result_set.h"
#include "wire/row.h"

namespace sluice::wire {
namespace {

// 1,000 rows of `width` bytes each, as a server sends them.
Bytes make_rows(std::size_t width, std::uint8_t sequence) {
    Bytes out;
    PacketWriter writer(&out, sequence);
    const std::string text(width, 'x');
    for (int i = 0; i < 1000; ++i) {
        const ValueView row[] = {{Type::varchar, text}};
        write_text_row(writer, row);
    }
    return out;
}

ResponseReader reader_at_rows(std::uint8_t& sequence) {
    Bytes head;
    PacketWriter writer(&head, 1);
    ResultSetWriter results(&writer, capability::deprecate_eof, RowFormat::text);
    const ColumnDefinition column;
    results.columns(std::span(&column, 1), 0);
    sequence = writer.sequence();
    ResponseReader reader(capability::deprecate_eof, RowFormat::text, 1 << 20);
    for (;;) {
        const auto step = reader.next(head.view());
        head.discard_front(step->consumed);
        if (std::holds_alternative<ResponseReader::RowsBegin>(step->event)) return reader;
    }
}

void BM_RunRows(benchmark::State& state) {
    std::uint8_t sequence = 0;
    (void)reader_at_rows(sequence);
    Bytes rows = make_rows(static_cast<std::size_t>(state.range(0)), sequence);
    std::uint64_t count = 0;
    for (auto _ : state) {
        std::uint8_t first = 0;
        ResponseReader reader = reader_at_rows(first);
        const RowRun run = reader.run_rows(rows.span(), first);
        count += run.rows;
        benchmark::DoNotOptimize(rows.data());
    }
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(rows.size()));
    state.SetItemsProcessed(static_cast<std::int64_t>(count));
}
BENCHMARK(BM_RunRows)->Arg(10)->Arg(100)->Arg(1000);

void BM_WriteTextRows(benchmark::State& state) {
    const std::string text(static_cast<std::size_t>(state.range(0)), 'x');
    const ValueView row[] = {{Type::int64, "12345"}, {Type::varchar, text}, {}};
    Bytes out;
    for (auto _ : state) {
        out.clear();
        PacketWriter writer(&out);
        for (int i = 0; i < 1000; ++i) write_text_row(writer, row);
        benchmark::DoNotOptimize(out.data());
    }
    state.SetItemsProcessed(state.iterations() * 1000);
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(out.size()));
}
BENCHMARK(BM_WriteTextRows)->Arg(10)->Arg(100)->Arg(1000);

void BM_CutTextRows(benchmark::State& state) {
    const ValueView row[] = {{Type::int64, "12345"}, {Type::varchar, "some text of a row"}, {}};
    const std::vector<Type> types = {Type::int64, Type::varchar, Type::varchar};
    Bytes out;
    PacketWriter writer(&out);
    write_text_row(writer, row);
    std::vector<ValueView> cells(3);
    for (auto _ : state) {
        benchmark::DoNotOptimize(
            cut_text_row(out.view().subspan(header_size), types, cells).has_value());
    }
}
BENCHMARK(BM_CutTextRows);

void BM_Memcpy(benchmark::State& state) {
    const Bytes rows = make_rows(static_cast<std::size_t>(state.range(0)), 0);
    std::vector<std::uint8_t> to(rows.size());
    for (auto _ : state) {
        std::memcpy(to.data(), rows.data(), rows.size());
        benchmark::DoNotOptimize(to.data());
        benchmark::ClobberMemory();
    }
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(rows.size()));
}
BENCHMARK(BM_Memcpy)->Arg(10)->Arg(100)->Arg(1000);

}  // namespace
}  // namespace sluice::wire
