// Step 9 of a request, before its connection is given back: the warnings that are on it.
#include "tablet/detail/warnings.h"

#include <array>
#include <charconv>

#include "wire/row.h"

namespace sluice::tablet {
namespace {

// Keeps all rows; the server has at most max_error_count of them (1,024 unless set).
class Gathered : public mysql::ResultSink {
 public:
    Result<void> columns(const mysql::Columns& columns) override {
        three_ = columns.count == 3;
        return {};
    }
    Result<bool> rows(const mysql::Rows& rows) override {
        constexpr std::size_t most = 16U << 20U;
        if (bytes.size() + rows.packets.size() > most)
            return fail(Code::resource_exhausted, "warnings of more than 16 MiB");
        bytes.insert(bytes.end(), rows.packets.begin(), rows.packets.end());
        return false;
    }
    Task<Result<void>> drain(Stop*) override { co_return Result<void>{}; }

    bool three() const { return three_; }
    std::vector<std::uint8_t> bytes;

 private:
    bool three_ = false;
};

}  // namespace

Task<std::vector<Warning>> fetch_warnings(mysql::Connection* connection, Stop* stop) {
    std::vector<Warning> warnings;
    Gathered gathered;
    const Result<mysql::Reply> reply = co_await connection->query("show warnings", &gathered, stop);
    if (!reply || !gathered.three()) co_return warnings;
    constexpr std::array<Type, 3> types = {Type::varchar, Type::uint32, Type::varchar};
    wire::ByteView rest = gathered.bytes;
    for (;;) {
        const auto next = wire::next_frame(rest);
        const auto* frame = std::get_if<wire::Frame>(&next);
        std::array<ValueView, 3> row;
        if (frame == nullptr || !wire::cut_text_row(frame->payload, types, row)) break;
        Warning& warning = warnings.emplace_back();
        warning.level = row[0].bytes;
        std::from_chars(row[1].bytes.data(), row[1].bytes.data() + row[1].bytes.size(),
                        warning.code);
        warning.message = row[2].bytes;
        rest = rest.subspan(frame->size());
    }
    co_return warnings;
}

}  // namespace sluice::tablet
