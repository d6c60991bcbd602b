// From flags to the rooms' own settings.
#include <algorithm>
#include <cctype>
#include <map>
#include <mutex>
#include <sstream>

#include "async/file_version.h"
#include "gate.h"
#include "servenv/version.h"
#include "tablet/credentials.h"
#include "tablet/mysql_tablet.h"

namespace sluice::vtgate {
namespace {

std::vector<std::string> words_of(const std::string& list) {
    std::vector<std::string> words;
    std::istringstream stream(list);
    for (std::string word; std::getline(stream, word, ',');) {
        if (!word.empty()) words.push_back(word);
    }
    return words;
}

std::size_t bytes(std::int64_t flag) {
    return flag < 0 ? 0 : static_cast<std::size_t>(flag);
}

std::chrono::milliseconds milliseconds(servenv::Duration duration) {
    return std::chrono::ceil<std::chrono::milliseconds>(duration);
}

// validate() has seen the word.
executor::Workload workload_of(std::string_view name) {
    const char first = static_cast<char>(std::toupper(static_cast<unsigned char>(name[0])));
    if (first == 'U') return executor::Workload::unspecified;
    if (first == 'D') return executor::Workload::dba;
    const bool olap = name.size() > 2 && (name[2] == 'a' || name[2] == 'A');
    return olap ? executor::Workload::olap : executor::Workload::oltp;
}

}  // namespace

void Gate::announce_version(const std::string& version) {
    options_.server_version = front_.server_version = version;
    // utf8mb4_0900_ai_ci since MySQL 8.0, utf8mb4_general_ci before and in MariaDB.
    front_.charset = version.starts_with("8") || version.starts_with("9") ? 255 : 45;
}

Result<void> Gate::read_settings() {
    const servenv::ExecutorFlags& flags = flags_->executor;
    const servenv::MysqlServerFlags& server = flags_->mysql_server;
    announce_version(server.version);
    options_.version_comment = servenv::version_text();
    options_.transaction_mode = TRY(transaction::mode_of_name(flags.transaction_mode));
    options_.default_workload = workload_of(server.default_workload);
    options_.default_tablet_type =
        vindex::tablet_type_of_name(flags_->discovery.default_tablet_type);
    options_.ddl_strategy = flags.ddl_strategy;
    options_.direct_ddl = flags.enable_direct_ddl;
    options_.no_scatter = flags.no_scatter;
    options_.views = flags.enable_views && flags.schema_change_signal;
    options_.system_settings = flags.enable_system_settings;
    options_.query_timeout =
        std::chrono::milliseconds(std::max<std::int64_t>(flags.query_timeout_ms, 0));
    options_.vschema_ddl_users = words_of(flags.vschema_ddl_authorized_users);
    options_.allow_kill = flags.allow_kill_statement;
    options_.max_memory_rows = bytes(flags.max_memory_rows);
    options_.statement_memory = bytes(flags.statement_memory_limit);
    if (options_.statement_memory == 0) options_.statement_memory = memory_.limit() / 2;
    options_.warn_memory_rows = bytes(flags.warn_memory_rows);
    options_.max_payload = bytes(flags.max_payload_size);
    options_.warn_payload = bytes(flags.warn_payload_size);
    options_.truncate_errors = bytes(flags.truncate_error_length);
    options_.tablets = !straight();

    front_.read_timeout = milliseconds(server.read_timeout);
    if (server.write_timeout.count() > 0) {
        front_.write_timeout = milliseconds(server.write_timeout);
    }
    front_.query_timeout = milliseconds(server.query_timeout);
    front_.flush_delay = milliseconds(server.flush_delay);
    if (server.keepalive_period.count() > 0) {
        front_.keepalive = std::chrono::ceil<std::chrono::seconds>(server.keepalive_period);
    }
    front_.slow_connect = milliseconds(server.slow_connect_warn_threshold);
    front_.proxy_protocol = server.proxy_protocol;
    front_.connection_memory = bytes(server.connection_memory_limit);
    front_.drain_on_term = server.drain_onterm;
    front_.allow_clear_text_without_tls = server.allow_clear_text_without_tls;
    front_.require_secure_transport = server.require_secure_transport;
    if (!server.ssl_cert.empty() && !server.ssl_key.empty()) {
        front_.tls = TRY(async::TlsContext::server({.certificate = server.ssl_cert,
                                                    .key = server.ssl_key,
                                                    .client_ca = server.ssl_ca,
                                                    .crl = server.ssl_crl,
                                                    .server_ca = server.ssl_server_ca,
                                                    .min_version = server.tls_min_version}));
    }
    return {};
}

namespace {

// What all cores share about each shard's server: its connection limits, by tablet and address (a
// tablet that moves begins anew). Shards on one server have limits of their own, as with tablets:
// a statement over both needs a connection of each at the same time.
struct SharedLimits {
    std::mutex lock;  // taken when a core makes a tablet, never by a statement
    std::map<std::string, std::shared_ptr<mysql::ServerLimits>> by_tablet;

    std::shared_ptr<mysql::ServerLimits> of(const std::string& tablet, std::uint32_t pooled,
                                            std::uint32_t transactions) {
        const std::lock_guard guard(lock);
        std::shared_ptr<mysql::ServerLimits>& limits = by_tablet[tablet];
        if (!limits) limits = std::make_shared<mysql::ServerLimits>(pooled, transactions);
        return limits;
    }
};

tablet::MysqlTabletOptions tablet_options(const topo::Tablet& record,
                                          const servenv::TabletFlags& flags) {
    tablet::MysqlTabletOptions made;
    made.server.address.host =
        record.mysql_hostname.empty() ? record.hostname : record.mysql_hostname;
    made.server.address.port = static_cast<std::uint16_t>(record.mysql_port);
    if (const auto socket = record.tags.find("mysql_socket"); socket != record.tags.end()) {
        made.server.address.unix_path = socket->second;
    }
    made.server.user = flags.app_user;
    made.server.database =
        record.db_name_override.empty() ? "vt_" + record.keyspace : record.db_name_override;
    made.keyspace = record.keyspace;
    made.shard = record.shard;
    made.type = vindex::tablet_type_lower_name(record.type);
    made.alias = vindex::to_text(record.alias);
    made.primary = record.type == vindex::TabletType::primary;
    if (flags.connect_timeout_ms > 0) {
        made.server.connect_timeout = std::chrono::milliseconds(flags.connect_timeout_ms);
    }
    if (flags.query_pool_timeout.count() > 0)
        made.pool_wait = milliseconds(flags.query_pool_timeout);
    if (flags.transaction_pool_timeout.count() > 0) {
        made.transaction_wait = milliseconds(flags.transaction_pool_timeout);
    }
    made.idle_timeout = milliseconds(flags.mysql_pool_idle_timeout);
    made.query_timeout = milliseconds(flags.query_timeout);
    made.transaction_timeout = milliseconds(flags.transaction_timeout);
    return made;
}

}  // namespace

Result<discovery::TabletFactory> Gate::straight_factory() {
    const servenv::TabletFlags& flags = flags_->tablet;
    std::string password = flags.app_password;
    if (!flags.credentials_file.empty()) {
        const auto credentials =
            TRY(tablet::Credentials::parse(TRY(async::read_file(flags.credentials_file, 1 << 20))));
        if (const std::string* found = credentials.password_of(flags.app_user)) password = *found;
    }
    const mysql::TlsMode tls = flags.ssl_mode.empty() || !flags.app_use_ssl
                                   ? mysql::TlsMode::disabled
                                   : TRY(mysql::parse_tls_mode(flags.ssl_mode));
    std::shared_ptr<const async::TlsContext> context;
    if (tls != mysql::TlsMode::disabled) {
        using Verify = async::TlsContext::Verify;
        const Verify verify = tls == mysql::TlsMode::verify_identity ? Verify::identity
                              : tls == mysql::TlsMode::verify_ca     ? Verify::ca
                                                                     : Verify::none;
        context = TRY(async::TlsContext::client({.ca = flags.ssl_ca,
                                                 .certificate = flags.ssl_cert,
                                                 .key = flags.ssl_key,
                                                 .verify = verify,
                                                 .min_version = flags.tls_min_version}));
    }
    return [&flags, password, tls, context,
            shared = std::make_shared<SharedLimits>()](const topo::Tablet& record) {
        tablet::MysqlTabletOptions options = tablet_options(record, flags);
        options.server.password = password;
        options.server.tls = tls;
        options.server.tls_context = context;
        auto limits = shared->of(options.alias + " " + options.server.address.text(),
                                 static_cast<std::uint32_t>(flags.pool_size),
                                 static_cast<std::uint32_t>(flags.transaction_cap));
        return std::make_unique<tablet::MysqlTablet>(std::move(options), std::move(limits));
    };
}

}  // namespace sluice::vtgate
