#pragma once
// Step 10 of a request to a tablet: MySQL's packets become a query.QueryResult, each value copied
// once from the receive buffer to where it will be sent from (vttablet-contract 1.3).
#include <cstdint>
#include <string>
#include <vector>

#include "query.pb.h"
#include "tablet/tablet.h"
#include "wire/bytes.h"
#include "wire/packet.h"

namespace sluice::tabletserver {

using async::Stop;
using async::Task;

// What of columns is told: ExecuteOptions.included_fields, by number.
enum class IncludedFields : std::uint8_t { type_and_name = 0, type_only = 1, all = 2 };

struct ResultShape {
    IncludedFields fields = IncludedFields::type_and_name;
    std::string_view database{};  // of columns, told as `keyspace`; empty: names stay
    std::string_view keyspace{};
    bool listing = false;                                  // of SHOW TABLES
    std::uint64_t row_limit = 0;                           // one row more is an error; 0: none
    std::string_view limit_words = "row count exceeded ";  // a literal; the limit follows
    // Whom the error names, and outlives the writer; null: nobody.
    const ::query::VTGateCallerID* caller = nullptr;
    std::size_t chunk = 0;  // bytes of rows after which they are delivered; 0: all at the end
};

class ResultWriter : public tablet::RowSink {
 public:
    // Before the result comes.
    void begin(ResultShape shape) { shape_ = std::move(shape); }
    // A whole result that somebody else has had.
    void copy(wire::ByteView result) { out_.append(result); }
    void put_number_result(std::string_view column, std::int64_t value);

    Result<void> columns(const tablet::ColumnPackets& columns) override;
    Result<Take> rows(const tablet::RowRun& run) override;
    // Delivers what there is: first a result of columns only, then one of rows only.
    Task<Result<void>> drain(Stop* stop) override;

    // The rest of the message, when the result is whole.
    void finish(const tablet::ResultEnd& end);
    // A whole QueryResult (if nothing was delivered before).
    wire::ByteView result() const { return out_.view(); }
    std::uint64_t row_count() const { return count_; }
    bool has_columns() const { return column_count_ != 0; }
    // Nothing of a stream may be lost: columns that are not delivered yet go first.
    bool undelivered() const { return out_.size() != 0 || fields_.size() != 0; }

 protected:
    // One QueryResult of a stream; the view is valid until the task ends.
    virtual Task<Result<void>> deliver(wire::ByteView result, Stop* stop);

 private:
    void put_name(std::string_view name, bool first, wire::Bytes* out) const;
    std::unexpected<Error> too_many_rows() const;
    Result<void> add_field(wire::ByteView packet, bool first);
    Result<void> add_row(wire::ByteView row);

    ResultShape shape_;
    wire::Bytes out_;     // of a stream: rows
    wire::Bytes fields_;  // of a stream: columns that wait to be delivered
    std::uint32_t column_count_ = 0;
    std::uint64_t count_ = 0;
    struct Cell {
        const std::uint8_t* at;
        std::size_t size;
    };
    std::vector<Cell> cells_;
    wire::Bytes lengths_;
    wire::MessageCutter cutter_{std::size_t{1} << 30U};
};

}  // namespace sluice::tabletserver
