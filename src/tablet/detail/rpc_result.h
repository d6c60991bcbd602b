#pragma once
// An answer of a tablet, taken apart where it lies: rows become MySQL row packets in one pass over
// the message, each value copied once.
#include <optional>
#include <string>
#include <vector>

#include "rpc/message.h"
#include "tablet/tablet.h"
#include "wire/column.h"
#include "wire/packet.h"

namespace sluice::tablet {

// Where things stand in an answer; 0: not there (vttablet-contract 1.2).
struct AnswerLayout {
    std::uint32_t error = 0, result = 1, transaction_id = 0, reserved_id = 0;
};

class AnswerReader {
 public:
    // `binary`: rows for a client of the binary protocol. Rows longer than a chunk are charged to
    // `budget` while they are sent on (null: to nobody).
    AnswerReader(AnswerLayout layout, RowSink* sink, bool binary, Budget* budget)
        : layout_(layout), sink_(sink), binary_(binary), charge_(budget) {}

    // One message of the answer. Errors of the sink, the stop's, or a malformed message.
    Task<Result<void>> take(rpc::Bytes message, Stop* stop);

    ResultEnd end;
    bool delivered = false;
    std::uint64_t transaction_id = 0, reserved_id = 0;
    struct InBody {
        Code code = Code::unknown;
        std::string message;
    };
    std::optional<InBody> error;

 private:
    Task<Result<void>> take_result(rpc::Bytes result, Stop* stop);
    Task<Result<void>> flush(Stop* stop);
    Result<void> take_error(rpc::Bytes error);
    Result<void> add_column(rpc::Bytes field);
    Result<void> announce();
    Result<void> add_row(rpc::Bytes row);
    Result<void> cut_row(rpc::Bytes row);
    Result<void> write_row();

    AnswerLayout layout_;
    RowSink* sink_;
    bool binary_;
    bool announced_ = false;
    Charge charge_;
    wire::Bytes definitions_;
    wire::PacketWriter definition_writer_{&definitions_};
    std::vector<wire::ColumnType> types_;
    std::vector<ValueView> row_;  // into the message
    wire::Bytes packets_;
    wire::PacketWriter writer_{&packets_};
    std::uint64_t waiting_ = 0;  // rows in packets_
};

}  // namespace sluice::tablet
