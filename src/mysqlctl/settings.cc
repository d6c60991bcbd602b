// From flags to the room's own settings. Before: apps/mysqlctl, apps/mysqlctld.
#include "mysqlctl/settings.h"

#include <charconv>

#include "async/file_version.h"
#include "tablet/credentials.h"

namespace sluice::mysqlctl {
namespace {

constexpr std::size_t largest_credentials = 1U << 20U;

}  // namespace

MyCnf planned_my_cnf(const servenv::OwnServerFlags& flags) {
    std::uint32_t uid = 0;
    const std::string& text = flags.tablet_uid;  // the flag's type has made sure of a number
    std::from_chars(text.data(), text.data() + text.size(), uid);
    return planned_my_cnf(uid, flags.mysql_port, flags.tablet_dir, flags.mysql_socket);
}

Result<MyCnf> existing_my_cnf(const servenv::OwnServerFlags& flags) {
    return read_my_cnf(planned_my_cnf(flags));
}

Result<MysqldOptions> mysqld_options(const servenv::MysqlctlFlags& flags) {
    MysqldOptions options;
    mysql::Server& dba = options.dba;
    dba.address.unix_path = flags.own.db_socket;
    if (flags.own.db_socket.empty()) {
        dba.address.host = flags.own.db_host;
        if (!flags.own.db_host.empty())
            dba.address.port = static_cast<std::uint16_t>(flags.own.db_port);
    }
    dba.user = flags.own.dba_user;
    dba.password = flags.own.dba_password;
    if (flags.database.connect_timeout_ms > 0)
        dba.connect_timeout = std::chrono::milliseconds(flags.database.connect_timeout_ms);
    if (!flags.database.credentials_file.empty()) {
        const auto credentials = TRY(tablet::Credentials::parse(
            TRY(async::read_file(flags.database.credentials_file, largest_credentials))));
        if (const std::string* const found = credentials.password_of(dba.user))
            dba.password = *found;
    }
    options.template_file = flags.own.mycnf_template;
    options.first_statements = flags.own.init_db_sql_file;
    return options;
}

}  // namespace sluice::mysqlctl
