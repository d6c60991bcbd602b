#pragma once
// The session of a client that keeps it itself (vtgateservice): it comes with every call and goes
// back changed.
#include "executor/core.h"
#include "executor/session.h"

namespace vtgate {
class Session;
}  // namespace vtgate

namespace sluice::front {

// Fills a new session. Errors are the client's: a keyspace that is not there, settings that are
// none, a tablet that is gone. After one, Executor::close(); the message then stays as it is, but
// for its transaction.
Result<void> load_session(const ::vtgate::Session& message, executor::Core* core,
                          executor::Session* session);

// Writes what the session has become into the message that it was loaded from; fields that the
// gate has no use for stay as they came. The session holds nothing afterwards.
void store_session(executor::Session* session, ::vtgate::Session* message);

// True if a tablet holds something for the session.
bool holds_connections(const ::vtgate::Session& message);

}  // namespace sluice::front
