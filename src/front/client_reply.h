#pragma once
// The answer to one statement of a MySQL client: definitions renamed, rows passed on as bytes, all
// in as few writes as the answer's size allows.
#include "async/scope.h"
#include "async/stream.h"
#include "async/wait_queue.h"
#include "executor/executor.h"
#include "front/flush_queue.h"
#include "wire/answer.h"

namespace sluice::front {

using async::Stop;
using async::Task;

class ClientReply : public executor::Reply, FlushQueue::Entry {
 public:
    // `stream` and `out` (the connection's send buffer, kept from statement to statement) outlive
    // the reply.
    ClientReply(async::Stream* stream, wire::Bytes* out, wire::Capabilities negotiated, bool binary,
                std::uint8_t first_sequence);

    // Rows that wait for more rows are sent after `delay` all the same, by a coroutine of `scope`,
    // until `stop`. settle() then belongs before the reply's end.
    void send_late_rows(FlushQueue* queue, std::chrono::milliseconds delay, async::Scope* scope,
                        Stop* stop);
    bool settled() const { return !sending_late_; }
    Task<void> settle();

    Result<void> columns(const tablet::ColumnPackets& columns) override;
    Result<Take> rows(const tablet::RowRun& run) override;
    Task<Result<void>> drain(Stop* stop) override;
    bool committed() const override { return committed_; }

    // The statement's last packet: OK, or the end of its rows. `more`: another result follows.
    void finish(const executor::Ending& ending, bool more);
    // ERR in place of it; what has not been sent yet of this statement's answer is dropped.
    void refuse(const Error& error);
    // The client has seen a part of a row, or the connection to it failed: nothing can follow.
    bool broken() const { return committed_ && inside_row_; }
    // For COM_STMT_PREPARE: columns() only keeps the definitions, to be had from kept().
    void keep_columns() { keep_columns_ = true; }
    // Valid as long as the reply.
    std::span<const wire::ColumnDefinition> kept() const { return kept_; }

 private:
    Result<void> write_definitions(const tablet::ColumnPackets& columns,
                                   wire::PacketWriter& writer) const;
    bool replay(const tablet::ColumnPackets& columns);
    void remember(const tablet::ColumnPackets& columns, std::size_t from);
    Result<void> keep(const tablet::ColumnPackets& columns);
    void flush_due() override;
    static Task<void> send_late(ClientReply* self);

    async::Stream* stream_;
    wire::Bytes* out_;
    wire::Capabilities negotiated_;
    std::size_t start_;  // of this statement's answer in out_
    std::uint8_t first_sequence_;
    bool committed_ = false;
    bool keep_columns_ = false;
    bool inside_row_ = false;          // the client has seen a part of a row
    std::span<std::uint8_t> pending_;  // rows that wait for drain()
    // Of send_late_rows().
    FlushQueue* queue_ = nullptr;
    std::chrono::milliseconds delay_{0};
    async::Scope* scope_ = nullptr;
    Stop* stop_ = nullptr;
    wire::Bytes late_;  // on its way
    bool sending_late_ = false;
    async::WaitQueue late_sent_;
    std::optional<Error> late_failure_;
    wire::Bytes kept_packets_;
    std::string kept_keyspace_;
    std::vector<wire::ColumnDefinition> kept_;
};

}  // namespace sluice::front
