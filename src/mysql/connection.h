#pragma once
// One client connection to a MySQL server, on one loop. Requests are queued and leave in one write;
// answers are read in turn. It never negotiates MULTI_STATEMENTS or LOCAL_FILES and sets no timers:
// deadlines come by Stop.
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "async/stream.h"
#include "async/timer_wheel.h"
#include "mysql/handles.h"
#include "mysql/permits.h"
#include "mysql/server.h"
#include "mysql/sink.h"
#include "wire/packet.h"
#include "wire/response.h"

namespace sluice::mysql {

// How a response ended.
struct Reply {
    std::uint64_t affected_rows = 0;
    std::uint64_t insert_id = 0;
    std::uint16_t status = 0;
    std::uint16_t warnings = 0;
    std::uint32_t columns = 0;  // 0: not a result set
    std::uint64_t rows = 0;
    std::string text;
};

class Connection {
 public:
    struct Login {
        bool found_rows = false;
        std::uint16_t collation = 0;  // 0: the server's default of utf8mb4
    };
    // `server` outlives the task. Errors of the network are 2003 or 2013 with code unavailable;
    // refusals are the server's own.
    static Task<Result<std::unique_ptr<Connection>>> open(const Server* server, Login login,
                                                          Stop* stop);
    // The same over a stream that is connected already.
    static Task<Result<std::unique_ptr<Connection>>> log_in(async::Stream stream,
                                                            const Server* server, Login login,
                                                            Stop* stop);

    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    // Says COM_QUIT if the connection is in order.
    ~Connection();

    // Of the login.
    std::uint32_t id() const { return id_; }
    const std::string& server_version() const { return server_version_; }
    bool is_mariadb() const { return mariadb_; }
    wire::Capabilities capabilities() const { return capabilities_; }
    bool found_rows() const { return found_rows_; }
    bool is_tls() const { return stream_.is_tls(); }

    // Queues a COM_QUERY whose answer has no rows that anyone wants.
    void queue_query(std::string_view text);
    // Queues COM_STMT_CLOSE, which has no answer.
    void queue_close(std::uint32_t statement);
    // Sends what is queued.
    Task<Result<void>> flush(Stop* stop);
    // Sends what is queued and a COM_QUERY, in one write. A long `text` is not copied.
    Task<Result<void>> send_query(std::string_view text, Stop* stop);
    // The same with a COM_STMT_EXECUTE. Types are sent if the handle has not seen exactly these.
    Task<Result<void>> send_execute(Handle* handle, const Execution* execution, Stop* stop);
    // Reads the answer to the oldest request. A null sink drops the rows. An error of the server
    // leaves the connection in order; after a stop or an error of the sink the answer is still due:
    // calling again drops the rest of it.
    Task<Result<Reply>> read(ResultSink* sink, Stop* stop);

    // One request and its answer.
    Task<Result<Reply>> query(std::string_view text, ResultSink* sink, Stop* stop);
    Task<Result<void>> ping(Stop* stop);
    // Prepares; the definitions of the result's columns go to `sink` (if there is one). What is
    // queued is sent before, and its answers must have been read.
    Task<Result<Handle*>> prepare(std::uint64_t key, std::string_view text, ResultSink* sink,
                                  Stop* stop);

    Handles& handles() { return handles_; }

    // Nothing is due, nothing is queued and the protocol is in step: fit for a next request.
    bool in_order() const { return !broken_ && due_ == 0; }
    // Answers still to be read.
    unsigned due() const { return due_; }
    // The network or the protocol failed: of no use any more.
    bool broken() const { return broken_; }
    void close();
    // Some byte of the last send may have left.
    bool sent() const { return sent_; }
    // Columns or rows of the last answer have gone to the sink.
    bool delivered() const { return reading_.has_value() && reading_->delivered; }
    // The answer that is due cannot be dropped by read(): a COM_STMT_PREPARE was stopped.
    bool preparing() const { return preparing_; }
    // By the status of the last answer.
    bool in_transaction() const;
    // Other settings than the present ones can be put in force.
    bool repairable() const { return settings_key == 0 || !settings_reset.empty(); }

    // State that the owner keeps here.
    std::uint64_t settings_key = 0;  // of the settings that are in force
    std::string settings_reset;      // brings them back to the defaults
    std::uint16_t collation = 0;     // in force; 0: as logged in
    std::uint16_t login_collation = 0;
    std::uint16_t asked_collation = 0;  // by the last request; what the server can do is in force
    bool read_only = false;             // the server refuses writes
    async::Clock::time_point opened;
    async::Clock::time_point last_used;
    Permit permit;

    // While idle: told when the server hangs up. The connection must not be destroyed inside
    // gone().
    class IdleWatcher {
     public:
        virtual ~IdleWatcher() = default;
        virtual void gone(Connection* connection) = 0;
    };
    void park(IdleWatcher* watcher);
    // False: the server has hung up or spoken out of turn.
    bool unpark();

 private:
    enum class Need : std::uint8_t { more, fill, drain, done };
    struct Reading {
        Reading(wire::Capabilities capabilities, wire::RowFormat format, std::uint8_t sequence);
        wire::ResponseReader reader;
        ResultSink* sink = nullptr;
        bool binary = false;
        bool delivered = false;
        bool in_rows = false;
        bool over = false;
        std::size_t given = 0;        // bytes that the sink has seen and that are not consumed
        std::size_t understood = 0;   // bytes of definitions that are kept in the buffer
        std::size_t definitions = 0;  // where the first of them begins
        std::size_t definitions_end = 0;
        unsigned result_sets = 0;
        std::optional<Error> refused;
        Reply reply;
    };
    struct ParkNode : async::StopNode {
        Connection* connection = nullptr;
        IdleWatcher* watcher = nullptr;
    };

    Connection(async::Stream stream, Login login);
    Task<Result<void>> converse(const Server* server, Login login, Stop* stop);
    Task<Result<void>> write(wire::ByteView last, Stop* stop);
    Task<Result<void>> write_rest(std::size_t sent, wire::ByteView last, Stop* stop);
    void written();
    Error receive_failed(Stop* stop);
    Task<Result<Handle*>> read_prepared(std::uint64_t key, std::string_view text, ResultSink* sink,
                                        Stop* stop);
    std::unexpected<Error> fail_broken(Error error);
    Result<Need> advance();
    Result<Need> next_event();
    Result<Need> next_rows();
    Result<Need> begin_rows(std::size_t consumed);
    Need finish(const wire::ResponseReader::Finished& end);
    Need refuse(Error error);

    async::Stream stream_;
    wire::Bytes out_;
    std::uint32_t id_ = 0;
    std::string server_version_;
    bool mariadb_ = false;
    bool found_rows_ = false;
    wire::Capabilities capabilities_ = 0;
    bool broken_ = false;
    bool sent_ = false;
    bool preparing_ = false;
    unsigned due_ = 0;
    wire::RowFormat last_format_ = wire::RowFormat::text;  // of the newest request
    // Of the first packet of its answer: more than 1 if the request took several packets.
    std::uint8_t last_sequence_ = 1;
    std::uint16_t status_ = 0;
    std::optional<Reading> reading_;  // of the answer that is due first, or the last one
    Handles handles_;
    ParkNode park_node_;
    Stop park_stop_;
};

}  // namespace sluice::mysql
