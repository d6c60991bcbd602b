#pragma once
// One client's connection: login, then commands until it leaves. Everything of it happens on one
// loop.
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "async/deadline.h"
#include "async/scope.h"
#include "async/stream.h"
#include "executor/core.h"
#include "executor/executor.h"
#include "front/client_reply.h"
#include "front/counters.h"
#include "front/flush_queue.h"
#include "front/options.h"
#include "wire/command.h"
#include "wire/packet.h"
#include "wire/server_handshake.h"
#include "wire/statement.h"

namespace sluice::front {

// Memory that a session needs while it serves a command.
struct Buffers {
    wire::Bytes out;        // packets to the client
    wire::Execute execute;  // of COM_STMT_EXECUTE
};

// What the sessions of one loop share.
struct FrontCore {
    const Options* options = nullptr;
    std::shared_ptr<const auth::Users> users;  // this loop's copy; a reload posts a new one
    executor::Core* core = nullptr;
    Counters counters;
    std::vector<Buffers> spare_buffers;  // of the sessions that wait for a command
    async::Scope sessions;
    std::uint32_t next_id = 0;
    bool shutting_down = false;
    FlushQueue late_rows;
};

class MysqlSession {
 public:
    MysqlSession(FrontCore* front, async::Stream stream, std::uint32_t id);

    // Runs until the client leaves, is killed, or the connection fails.
    Task<void> run();

 private:
    struct Prepared {
        executor::PreparedStatement statement;
        std::vector<wire::ParameterType> types;
        std::vector<std::uint8_t> raw_types;
        std::vector<std::optional<std::string>> long_data;
        Charge charge;       // the text
        Charge long_charge;  // the long data
    };
    enum class Next : std::uint8_t { go_on, close };
    using Handler = Task<Next> (MysqlSession::*)(wire::ByteView message);
    struct CommandEntry {
        wire::Command command;
        Handler handler;
    };
    static const CommandEntry commands[];
    static const std::size_t command_count;

    // mysql_session.cc
    Task<bool> greet();
    std::string tls_label() const;
    Task<Result<wire::ByteView>> next_message();
    bool waits_plainly() const;
    Task<Result<void>> fill_in_time(std::size_t want);
    Task<Result<void>> fill_within(std::chrono::milliseconds limit, std::size_t want);
    void lend_buffers();
    void borrow_buffers();
    Task<Next> serve(wire::ByteView message);
    Task<Result<void>> flush();
    Task<Result<void>> flush_rest(std::size_t sent);
    Task<Next> answer(Error error);
    Task<Next> answer_ok();
    // The process ends, and clients are not to stay until they leave by themselves (contract 2.3).
    bool turns_away() const { return front_->shutting_down && !front_->options->drain_on_term; }
    static Error shutdown_error();

    // login.cc
    Task<Result<void>> login();
    Task<Result<void>> read_proxy_header();
    Task<Result<wire::ServerHandshake::Step>> handshake_step(wire::ServerHandshake* handshake);
    Task<Result<void>> logged_in(const wire::ServerHandshake* handshake, std::size_t entry);

    // commands.cc
    Task<Next> quit(wire::ByteView message);
    Task<Next> init_db(wire::ByteView message);
    Task<Next> query(wire::ByteView message);
    Task<Next> ping(wire::ByteView message);
    Task<Next> statistics(wire::ByteView message);
    Task<Next> field_list(wire::ByteView message);
    Task<Next> process_kill(wire::ByteView message);
    Task<Next> set_option(wire::ByteView message);
    Task<Next> reset_connection(wire::ByteView message);
    Task<Next> hang_up(wire::ByteView message);
    enum class Position : std::uint8_t { more_follow, last };
    Task<Next> turn_away();
    Task<Next> run_query(std::string_view text);
    Task<Next> run_several(std::string_view text);
    Task<Next> run_one(std::string_view text, Position position);
    void limit_command(std::optional<async::Deadline>* deadline);

    // statements.cc
    Task<Next> stmt_prepare(wire::ByteView message);
    Task<Next> stmt_execute(wire::ByteView message);
    Task<Next> stmt_send_long_data(wire::ByteView message);
    Task<Next> stmt_close(wire::ByteView message);
    Task<Next> stmt_reset(wire::ByteView message);
    Prepared* find_statement(wire::ByteView message);
    Task<Next> execute(Prepared* prepared, wire::ByteView message);

    FrontCore* front_;
    async::Stream stream_;
    wire::MessageCutter cutter_;
    std::size_t consumed_ = 0;   // bytes of the last message, dropped before the next one
    Charge message_charge_;      // of a message that is gathered from several reads
    wire::Bytes out_;            // lent while the session waits, as is execute_
    std::uint8_t sequence_ = 0;  // of the next packet to the client
    wire::Capabilities negotiated_ = 0;
    bool multi_statements_ = false;
    bool refused_ = false;  // the last statement of a text ended in an error
    executor::Session session_;
    executor::Executor executor_;
    std::uint32_t last_statement_ = 0;
    std::map<std::uint32_t, std::unique_ptr<Prepared>> statements_;
    wire::Execute execute_;
};

}  // namespace sluice::front
