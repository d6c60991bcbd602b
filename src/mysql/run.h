#pragma once
// One statement on one connection: settings are put right, a transaction is opened and the
// statement runs, all in one write.
#include <span>
#include <string>
#include <string_view>

#include "mysql/connection.h"

namespace sluice::mysql {

// What a connection must carry before a statement runs on it. Equal keys mean equal settings.
struct Settings {
    std::uint64_t key = 0;  // 0: defaults
    std::string_view set_statement;
    std::string_view reset_statement;
    std::uint16_t collation = 0;  // of the connection, 0: as logged in
};

struct Request {
    std::string_view text;
    const Execution* execution = nullptr;  // instead of `text`
    Settings settings;
    std::span<const std::string> before;  // "begin" ..., each with an answer of its own
    // The settings' statement has been accepted by this server before: it may travel with the rest.
    bool settings_proven = false;
};

struct Ran {
    Result<Reply> reply;
    bool sent = false;       // something of the statement may have reached the server
    bool delivered = false;  // columns or rows have gone to the sink
    bool opened = false;     // all of `before` was answered with OK
};

// `request` and `sink` outlive the task. Afterwards the connection tells what became of it: in
// order, broken, or with answers due (stopped, or cut by the sink).
Task<Ran> run(Connection* connection, const Request* request, ResultSink* sink, Stop* stop);

// COM_STMT_PREPARE of request->text with request->settings; the columns go to the sink.
Task<Ran> prepare(Connection* connection, const Request* request, ResultSink* sink, Stop* stop);

// Ends what runs on a connection with answers due: KILL QUERY over a spare connection, then the
// answers are read and dropped, within `patience`. True: the connection is in order again; else it
// must be closed. A transaction that was about to be opened is not left to chance: then the whole
// connection is killed.
Task<bool> interrupt(const Server* server, Connection* connection,
                     std::chrono::milliseconds patience);

}  // namespace sluice::mysql
