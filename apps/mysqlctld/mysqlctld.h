#pragma once
// mysqlctld put together: one server, one loop, gRPC on a port and on a unix socket.
#include <memory>
#include <vector>

#include "async/listener.h"
#include "async/loop.h"
#include "async/scope.h"
#include "mysqlctl/service.h"
#include "rpc/health.h"
#include "rpc/server.h"
#include "servenv/mysqlctl_flags.h"
#include "servenv/process.h"

namespace sluice::mysqlctld {

using async::Stop;
using async::Task;

class Mysqlctld {
 public:
    explicit Mysqlctld(const servenv::MysqlctldFlags* flags) : flags_(flags) {}
    Mysqlctld(const Mysqlctld&) = delete;
    Mysqlctld& operator=(const Mysqlctld&) = delete;

    async::Loop& loop() { return loop_; }
    // On the loop, in this order. A server that ends by itself later ends `process`.
    Task<Result<void>> start(servenv::Process* process);  // the server: made if there is none yet
    Task<Result<void>> open_rpc();
    Task<Result<void>> end_server();
    Task<Result<void>> drain();
    Task<void> close();

 private:
    Task<Result<void>> start_server(bool fresh);
    Task<void> serve(async::Listener* listener);

    const servenv::MysqlctldFlags* flags_;
    async::Loop loop_;
    std::unique_ptr<mysqlctl::Mysqld> mysqld_;
    std::unique_ptr<mysqlctl::Service> service_;
    rpc::Services services_;
    rpc::Health health_;
    std::vector<async::Listener> listeners_;
    std::vector<std::unique_ptr<rpc::Server>> servers_;  // one for each listener
    async::Scope scope_;
};

}  // namespace sluice::mysqlctld
