#pragma once
// A TLS session over memory buffers: what the socket brings goes into `incoming`, what must be sent
// waits in `outgoing`.
#include <cstdint>
#include <vector>

#include <openssl/ssl.h>

namespace sluice::async {

struct TlsState {
    explicit TlsState(SSL* session)
        : ssl(session), incoming(BIO_new(BIO_s_mem())), outgoing(BIO_new(BIO_s_mem())) {
        BIO_set_mem_eof_return(incoming, -1);
        BIO_set_mem_eof_return(outgoing, -1);
        SSL_set_bio(ssl, incoming, outgoing);  // the session owns both
    }
    TlsState(const TlsState&) = delete;
    TlsState& operator=(const TlsState&) = delete;
    ~TlsState() { SSL_free(ssl); }

    SSL* ssl;
    BIO* incoming;
    BIO* outgoing;
    // What is being written. Not `outgoing` itself, which a read may change in the meantime: TLS
    // 1.3 answers a key update.
    std::vector<std::uint8_t> sending;
};

}  // namespace sluice::async
