// Start of a process: flags of a tablet's duties. Before: servenv/flags.cc. After: apps/*/main.cc.
#include "servenv/tablet_flags.h"

namespace sluice::servenv {
namespace {

Result<std::string> parse_ssl_mode(std::string_view text) {
    for (const std::string_view mode :
         {"", "disabled", "preferred", "required", "verify_ca", "verify_identity"}) {
        if (text == mode) return std::string(text);
    }
    return fail(Code::invalid_argument, "Invalid SSL mode specified: " + std::string(text) +
                                            ". Allowed modes: disabled, preferred, required, "
                                            "verify_ca, verify_identity");
}
constexpr WordType ssl_modes{"SslMode", &parse_ssl_mode};

}  // namespace

void add_flags(FlagSet& flags, TabletFlags& into) {
    flags.add(
        std::vector<Flag>{
            {"db_app_user", &into.app_user, "user for the shards' servers"},
            {"db_app_password", &into.app_password, "its password"},
            {"db_app_use_ssl", &into.app_use_ssl, "use TLS if db_ssl_mode asks for it"},
            {"db-credentials-file", &into.credentials_file, "JSON file of users and passwords"},
            {"db_ssl_mode", &into.ssl_mode,
             "TLS to the shards' servers: disabled, preferred, required, verify_ca or "
             "verify_identity",
             &ssl_modes},
            {"db_ssl_ca", &into.ssl_ca, "CA of the servers' certificates"},
            {"db_ssl_cert", &into.ssl_cert, "client certificate"},
            {"db_ssl_key", &into.ssl_key, "key of the client certificate"},
            {"db_tls_min_version", &into.tls_min_version, "lowest TLS version"},
            {"db_server_name", &into.server_name, "name that the servers' certificates must carry"},
            {"db_connect_timeout_ms", &into.connect_timeout_ms,
             "limit of a connect in milliseconds"},
            {"queryserver-config-transaction-timeout", &into.transaction_timeout,
             "longest life of a transaction"},
            {"queryserver-config-query-timeout", &into.query_timeout, "longest run of one query"},
            {"queryserver-config-query-pool-timeout", &into.query_pool_timeout,
             "longest wait for a connection; 0 is the query's limit"},
            {"queryserver-config-txpool-timeout", &into.transaction_pool_timeout,
             "longest wait for a transaction's connection"},
            {"queryserver-config-pool-size", &into.pool_size, "connections of a shard for queries"},
            {"queryserver-config-stream-pool-size", &into.stream_pool_size,
             "connections of a shard for streams"},
            {"queryserver-config-transaction-cap", &into.transaction_cap,
             "connections of a shard for transactions"},
            {"queryserver-config-max-result-size", &into.max_result_size, "rows of one result"},
            {"queryserver-config-warn-result-size", &into.warn_result_size,
             "rows after which to warn"},
            {"queryserver-config-idle-timeout", &into.idle_timeout,
             "age at which an idle connection is replaced"},
        },
        straight_group);
    flags.add(
        std::vector<Flag>{
            {"mysql_pool_idle_timeout", &into.mysql_pool_idle_timeout,
             "age at which a straight gate closes an idle connection that it does not need"},
        },
        own_group);
}

}  // namespace sluice::servenv
