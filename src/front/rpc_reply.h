#pragma once
// The answer to one statement of a gRPC client: MySQL's row packets become query.QueryResult, each
// value copied once, in the bytes that travel.
#include <string>
#include <vector>

#include "executor/executor.h"
#include "wire/column.h"
#include "wire/packet.h"

namespace sluice::front {

using async::Stop;
using async::Task;

// How much of a column's definition the client wants: query.ExecuteOptions.IncludedFields.
enum class IncludedFields : std::uint8_t { type_and_name = 0, type_only = 1, all = 2 };

// Takes the parts of a stream as they become ready: bytes of a query.QueryResult, valid until the
// task has ended.
class ResultStream {
 public:
    virtual ~ResultStream() = default;
    virtual Task<Result<void>> send(std::string_view result, Stop* stop) = 0;
};

class RpcReply : public executor::Reply {
 public:
    struct Options {
        IncludedFields included = IncludedFields::type_and_name;
        std::size_t limit = 0;           // longest QueryResult in bytes
        Budget* budget = nullptr;        // what is kept is charged to it; outlives the reply
        ResultStream* stream = nullptr;  // null: everything is kept; outlives the reply
        std::size_t part = 32 * 1024;    // of a stream: rows are sent in parts of about this size
    };
    explicit RpcReply(const Options& options) : options_(options), charge_(options.budget) {
        sequence = 1;
    }

    Result<void> columns(const tablet::ColumnPackets& columns) override;
    Result<Take> rows(const tablet::RowRun& run) override;
    Task<Result<void>> drain(Stop* stop) override;
    bool committed() const override { return sent_; }

    // After the statement: the rest of a stream, or the whole QueryResult in result().
    Task<Result<void>> finish(executor::Ending ending, Stop* stop);
    // Valid as long as the reply.
    const std::string& result() const { return result_; }
    // For Prepare: the columns as a message's field of this number.
    std::string fields_as(std::uint32_t field_number) const;

    std::uint64_t row_count() const { return row_count_; }

 private:
    Result<void> add_row(wire::ByteView payload);
    Result<void> take_rows(wire::ByteView packets);
    Task<Result<void>> send(std::string* part, Stop* stop);

    Options options_;
    Charge charge_;
    std::vector<std::string> fields_;  // one query.Field each, as bytes
    std::vector<Type> types_;
    std::vector<ValueView> row_;
    wire::Bytes gathered_;  // of a row that comes in pieces
    std::string result_;
    std::string columns_part_;  // of a stream: not sent yet
    std::uint64_t row_count_ = 0;
    bool sent_ = false;
};

}  // namespace sluice::front
