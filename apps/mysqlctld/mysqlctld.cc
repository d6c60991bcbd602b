// Start and end of mysqlctld.
#include "mysqlctld.h"

#include <algorithm>
#include <filesystem>

#include "async/deadline.h"
#include "base/log.h"
#include "mysqlctl/settings.h"
#include "rpc/reflection.h"
#include "servenv/rpc_settings.h"

namespace sluice::mysqlctld {
namespace {

std::unexpected<Error> explained(const Error& error, const char* what) {
    return fail(error.code, std::string(what) + ": " + error.text);
}

// v21's restore leaves this file while the data are not whole.
bool restore_was_interrupted(const mysqlctl::MyCnf& cnf) {
    std::error_code error;
    return std::filesystem::exists(cnf.folder() + "/restore_in_progress", error);
}

}  // namespace

Task<Result<void>> Mysqlctld::start(servenv::Process* process) {
    auto options = CO_TRY(mysqlctl::mysqld_options(*flags_));
    options.share_output = true;
    auto cnf = mysqlctl::existing_my_cnf(flags_->own);
    const bool fresh = !cnf && cnf.error().code == Code::not_found;
    if (fresh) {
        cnf = mysqlctl::planned_my_cnf(flags_->own);
        log::info("there is no " + cnf->path + ": a new server is made");
    }
    if (!cnf) co_return explained(cnf.error(), "failed to find mysql config");
    mysqld_ = std::make_unique<mysqlctl::Mysqld>(std::move(*cnf), std::move(options));
    mysqld_->on_end([process] {
        log::info("mysqld shut down on its own, exiting mysqlctld");
        process->shut_down();
    });
    co_return co_await start_server(fresh);
}

Task<Result<void>> Mysqlctld::start_server(bool fresh) {
    Stop stop;
    const async::Deadline deadline(
        &stop, flags_->own.wait_time,
        make_error(Code::deadline_exceeded,
                   "not within --wait_time=" + servenv::to_text(flags_->own.wait_time)));
    if (fresh) {
        const auto made = co_await mysqld_->init(&stop);
        if (!made)
            co_return explained(made.error(),
                                "failed to initialize mysql data dir and start mysqld");
        co_return Result<void>{};
    }
    if (const auto written = mysqld_->refresh_config(); !written)
        co_return explained(written.error(), "failed to refresh config");
    if (restore_was_interrupted(mysqld_->cnf())) {
        log::info("found interrupted restore, not starting mysqld");
        co_return Result<void>{};
    }
    const auto started = co_await mysqld_->start({}, &stop);
    if (!started) co_return explained(started.error(), "failed to start mysqld");
    co_return Result<void>{};
}

Task<Result<void>> Mysqlctld::open_rpc() {
    service_ = std::make_unique<mysqlctl::Service>(mysqld_.get());
    const std::vector<std::string>& map = flags_->rpc_server.service_map;
    if (std::ranges::find(map, "-grpc-mysqlctl") == map.end()) service_->add_to(&services_);
    rpc::Health::add_to(&services_, [this] { return &health_; });
    rpc::add_reflection(&services_);
    health_.set_all(services_, rpc::Health::Status::serving);
    rpc::ServerOptions options = CO_TRY(servenv::rpc_server_options(flags_->rpc_server));
    if (flags_->rpc_server.port != 0) {
        auto opened = CO_TRY(
            async::Listener::open({.host = flags_->rpc_server.bind_address,
                                   .port = static_cast<std::uint16_t>(flags_->rpc_server.port)},
                                  1));
        listeners_.push_back(std::move(opened.front()));
        servers_.push_back(std::make_unique<rpc::Server>(&services_, options));
    }
    if (!flags_->own.socket_file.empty()) {
        auto opened = CO_TRY(async::Listener::open({.unix_path = flags_->own.socket_file}, 1));
        listeners_.push_back(std::move(opened.front()));
        options.tls = nullptr;  // who may open the file is no stranger
        servers_.push_back(std::make_unique<rpc::Server>(&services_, options));
        log::info("Listening on socket file " + flags_->own.socket_file + " for gRPC");
    }
    for (std::size_t i = 0; i < servers_.size(); ++i)
        scope_.spawn("rpc", servers_[i]->serve(&listeners_[i]));
    co_return Result<void>{};
}

Task<Result<void>> Mysqlctld::end_server() {
    Stop stop;
    const async::Deadline deadline(
        &stop, flags_->own.shutdown_wait_time + std::chrono::seconds(10),
        make_error(Code::deadline_exceeded, "gave up waiting for mysqld to stop"));
    if (mysqld_) CO_TRY(co_await mysqld_->shutdown(true, &stop));
    co_return Result<void>{};
}

Task<Result<void>> Mysqlctld::drain() {
    for (const auto& server : servers_) co_await server->drain(std::chrono::seconds(1));
    co_return Result<void>{};
}

Task<void> Mysqlctld::close() {
    for (const auto& server : servers_) co_await server->drain(std::chrono::milliseconds(1));
    co_await scope_.join();
    servers_.clear();
    if (mysqld_) co_await mysqld_->close();
}

}  // namespace sluice::mysqlctld
