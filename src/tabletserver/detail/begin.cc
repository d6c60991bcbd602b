// Step 7 of a request to a tablet: opening a transaction (vttablet-contract 1.5).
#include "tabletserver/detail/query.h"

namespace sluice::tabletserver {
namespace {

using Asked = ::query::ExecuteOptions;

std::string_view isolation_words(Asked::TransactionIsolation isolation) {
    switch (isolation) {
        case Asked::REPEATABLE_READ:
        case Asked::CONSISTENT_SNAPSHOT_READ_ONLY:
            return "repeatable read";
        case Asked::READ_COMMITTED:
            return "read committed";
        case Asked::READ_UNCOMMITTED:
            return "read uncommitted";
        case Asked::SERIALIZABLE:
            return "serializable";
        default:
            return {};
    }
}

Result<std::string> start_statement(const Asked& options, bool read_only) {
    std::string modes;
    bool says_read_only = false;
    for (const int mode : options.transaction_access_mode()) {
        if (read_only && mode == Asked::READ_WRITE) {
            return fail(Code::failed_precondition,
                        "cannot start read write transaction on a read only tablet");
        }
        says_read_only = says_read_only || mode == Asked::READ_ONLY;
        if (!modes.empty()) modes += ", ";
        modes += mode == Asked::READ_WRITE  ? "read write"
                 : mode == Asked::READ_ONLY ? "read only"
                                            : "with consistent snapshot";
    }
    if (read_only && !says_read_only) modes += modes.empty() ? "read only" : ", read only";
    return modes.empty() ? std::string("begin") : "start transaction " + modes;
}

}  // namespace

Result<std::vector<std::string>> opening_statements(const Asked& options, bool read_only) {
    std::vector<std::string> statements;
    if (options.transaction_isolation() == Asked::AUTOCOMMIT) return statements;
    const std::string_view level = isolation_words(options.transaction_isolation());
    if (!level.empty())
        statements.push_back("set transaction isolation level " + std::string(level));
    if (options.transaction_isolation() == Asked::CONSISTENT_SNAPSHOT_READ_ONLY) {
        statements.emplace_back("start transaction with consistent snapshot, read only");
    } else {
        statements.push_back(TRY(start_statement(options, read_only)));
    }
    return statements;
}

Result<TransactionLimits::Lease> take_lease(const Core& core, const Query& query) {
    if (!core.transaction_limits) return TransactionLimits::Lease();
    TransactionOwner owner;
    if (query.caller != nullptr) owner.username = &query.caller->username();
    if (query.effective != nullptr) {
        owner.principal = &query.effective->principal();
        owner.component = &query.effective->component();
        owner.subcomponent = &query.effective->subcomponent();
    }
    return core.transaction_limits->take(owner);
}

}  // namespace sluice::tabletserver
