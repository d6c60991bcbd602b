#pragma once
// One statement that a gate wants run, whichever of the calls of queryservice.Query it came by.
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "query.pb.h"
#include "tablet/tablet.h"
#include "tabletserver/core.h"
#include "tabletserver/detail/splice.h"
#include "tabletserver/result_writer.h"

namespace sluice::tabletserver {

// Views into the request message, which outlives the call.
struct Query {
    std::string_view sql;
    const Variables* variables = nullptr;
    const ::query::ExecuteOptions* options = nullptr;
    const ::query::Target* target = nullptr;          // null: none was named
    const ::query::VTGateCallerID* caller = nullptr;  // null: nobody
    const ::vtrpc::CallerID* effective = nullptr;     // null: nobody
    std::string_view peer;                            // address and port of the gate
    std::int64_t transaction_id = 0;
    std::int64_t reserved_id = 0;
    bool begin = false;
    bool reserve = false;
    bool stream = false;
    std::vector<std::string> settings;     // SET statements
    std::vector<std::string> after_begin;  // savepoints

    tablet::HeldId held() const {
        return static_cast<tablet::HeldId>(transaction_id != 0 ? transaction_id : reserved_id);
    }
    std::string_view user() const {
        return caller == nullptr ? std::string_view() : std::string_view(caller->username());
    }
};

// What became of it. Numbers of what is open now stand in it even if the statement failed.
struct Executed {
    Result<void> end;
    tablet::HeldId transaction = 0;
    tablet::HeldId reserved = 0;
    bool written = false;  // the writer has the whole answer: a sequence's number
    std::uint64_t affected_rows = 0;
};

// Runs it on the core that has its connection.
Task<Executed> execute(Core* core, const Query* query, ResultWriter* writer, Stop* stop);

// BEGIN alone; the number of the transaction.
Task<Result<tablet::HeldId>> begin(Core* core, const Query* query, Stop* stop);

// The statements that open a transaction. Errors: READ WRITE on a tablet that only reads.
Result<std::vector<std::string>> opening_statements(const ::query::ExecuteOptions& options,
                                                    bool read_only);

// The error as gates see it, with v21's text behind MySQL's. What matters to operators is logged.
Error client_error(Core* core, const Query& query, Error error, bool from_server);
// The statement with its variables, as far as log lines may show them.
std::string logged_text(const Core& core, const Query& query);

// The place that a transaction takes among its user's; null: they are not limited.
Result<TransactionLimits::Lease> take_lease(const Core& core, const Query& query);

WantedTarget wanted_target(const ::query::Target* target);

}  // namespace sluice::tabletserver
