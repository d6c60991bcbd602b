// Where other programs come in: one server for each loop.
#include "rpc/server.h"

#include <algorithm>

#include <unistd.h>

#include "async/deadline.h"
#include "rpc/detail/server_connection.h"
#include "rpc/status.h"

namespace sluice::rpc {

namespace {

constexpr std::uint8_t tls_handshake_record = 0x16;  // RFC 8446, 5.1; HTTP/2 begins with 'P'

}  // namespace

Server::Server(const Services* services, ServerOptions options)
    : services_(services), options_(std::move(options)) {
    counters_.methods.resize(services->methods().size());
}

Server::~Server() {
    VT_ASSERT(scope_.running() == 0);
}

void Server::adopt(int descriptor) {
    if (accepting_.requested() || connections_.size() + greeting_ >= options_.max_connections) {
        ++counters_.refused;
        ::close(descriptor);
        return;
    }
    ++counters_.accepted;
    scope_.spawn("rpc connection", run_connection(descriptor));
}

// TLS if it is asked for, or if there is a choice and the first byte says so.
Task<Result<void>> Server::greet(async::Stream* stream, Peer* peer) {
    if (options_.tls == nullptr) co_return Result<void>{};
    async::LinkedStop both(&accepting_);
    const async::Deadline deadline(both.get(), options_.handshake_timeout,
                                   unavailable_error("the TLS handshake took too long"));
    if (options_.tls_optional) {
        CO_TRY(co_await stream->fill(both.get()));
        if (stream->received()[0] != tls_handshake_record) co_return Result<void>{};
    }
    CO_TRY(co_await stream->accept_tls(options_.tls.get(), both.get()));
    peer->tls = true;
    peer->certificate = stream->tls_peer();
    co_return Result<void>{};
}

Task<void> Server::run_connection(int descriptor) {
    async::Stream stream{async::Socket(descriptor)};
    Peer peer{.address = stream.socket().peer()};
    ++greeting_;
    const Result<void> greeted = co_await greet(&stream, &peer);
    --greeting_;
    if (!greeted) {
        ++counters_.tls_failures;
        co_return;
    }
    detail::ServerConnection connection(this, std::move(stream), std::move(peer));
    connections_.push_back(&connection);
    co_await connection.serve();
    std::erase(connections_, &connection);
}

Task<void> Server::serve(async::Listener* listener) {
    while (!accepting_.requested()) {
        const Result<async::Accepted> accepted = co_await listener->accept(&accepting_);
        if (!accepted) break;
        adopt(accepted->descriptor);
    }
}

void Server::cut() {
    for (detail::ServerConnection* connection : connections_) {
        connection->end(unavailable_error("the server has shut down"));
    }
}

Task<void> Server::drain(Duration grace) {
    accepting_.request(unavailable_error("the server is shutting down"));
    for (detail::ServerConnection* connection : connections_) {
        connection->drain("graceful_stop", Duration::zero());
    }
    CutTimer timer(this);
    if (grace > Duration::zero()) {
        async::Loop::current().set_timer(&timer, std::min(grace, longest_wait));
    } else {
        cut();
    }
    co_await scope_.join();
}

}  // namespace sluice::rpc
