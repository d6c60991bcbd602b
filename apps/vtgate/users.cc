// Who may log in to the MySQL server, by flags (vtgate-contract 3.3).
#include "gate.h"

namespace sluice::vtgate {

// validate() has refused what is not static or none, and a static without a source or with two.
Task<Result<std::shared_ptr<const auth::Users>>> Gate::load_users() {
    const servenv::MysqlServerFlags& server = flags_->mysql_server;
    const servenv::MysqlAuthFlags& flags = flags_->mysql_auth;
    const bool nobody_logs_in = server.port < 0 && server.socket_path.empty();
    if (flags.server_impl == "none" || nobody_logs_in) co_return auth::everybody();
    if (!flags.static_string.empty()) {
        co_return auth::parse_static_users(flags.static_string, "mysql_auth_server_static_string");
    }
    user_file_ = std::make_unique<auth::UserFile>(
        auth::UserFile::Options{.path = flags.static_file,
                                .reload_interval = flags.static_reload_interval},
        [this](std::shared_ptr<const auth::Users> users) { publish_users(std::move(users)); });
    co_return co_await user_file_->load();
}

void Gate::publish_users(std::shared_ptr<const auth::Users> users) {
    for (const auto& core : cores_) {
        core->loop->post([front = &core->front, users] { front->users = users; });
    }
}

void Gate::reload_users() {
    if (user_file_) user_file_->reload();
}

}  // namespace sluice::vtgate
