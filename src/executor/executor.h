#pragma once
// The door of the executor: the life of a statement on one core. See execute.cc for the numbered
// list.
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "executor/reply.h"
#include "executor/session.h"
#include "sql/fingerprint.h"
#include "wire/column.h"
#include "wire/statement.h"

namespace sluice::executor {

struct Core;  // core.h: what a loop's executor works with

// What the client is told at the end of a statement, besides rows.
struct Ending {
    std::uint64_t affected_rows = 0;
    std::uint64_t insert_id = 0;
    std::uint16_t status = 0;  // status flags of the client's session
    std::uint16_t warnings = 0;
    std::string text;
    std::uint64_t rows = 0;  // that the client was sent
};

// A statement prepared by COM_STMT_PREPARE. The front owns it; long data and parameter types belong
// to the front.
struct PreparedStatement {
    std::uint32_t id = 0;
    std::string text;
    std::uint64_t text_hash = 0;
    std::uint16_t parameters = 0;
    sql::Fingerprint slots;  // of `text`, under the lexer mode of the time of PREPARE
    sql::LexerMode lexer_mode;
};

// The parameters of one execution: typed views, and the raw parts as they came when nothing had to
// be changed.
struct Parameters {
    std::span<const wire::Parameter> values;
    std::span<const std::uint8_t> null_bitmap;
    std::span<const std::uint8_t> types;
    std::span<const std::uint8_t> raw_values;
    bool raw = false;  // the three spans may be forwarded: no long data among the parameters
};

class Executor {
 public:
    explicit Executor(Core* core) : core_(core) {}

    // One statement of COM_QUERY. Errors are what the client is told; the session stays usable.
    Task<Result<Ending>> query(Session* session, std::string_view text, Reply* reply);

    // COM_STMT_PREPARE: fills `statement` (text given). The columns of the result go to `reply`.
    Task<Result<void>> prepare(Session* session, PreparedStatement* statement, Reply* reply);
    Task<Result<Ending>> execute(Session* session, const PreparedStatement* statement,
                                 const Parameters* parameters, Reply* reply);

    // After the login: `user`, `identity` and `peer` are known.
    void start(Session* session);
    // The collation that the client named at login.
    Result<void> connection_charset(Session* session, std::uint8_t collation_id);
    // USE, COM_INIT_DB, the database named at login.
    Result<void> use(Session* session, std::string_view target);
    // COM_RESET_CONNECTION; as MySQL does, variables return to their defaults
    // (docs/differences.md).
    Task<void> reset(Session* session);
    // The client is gone: rolls back, gives connections up. Never fails.
    Task<void> close(Session* session);

    // Status flags as they stand between statements.
    static std::uint16_t status_of(const Session& session);

 private:
    Core* core_;
};

}  // namespace sluice::executor
