#pragma once
// TLS settings made once from files and shared by all loops.
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"

struct ssl_ctx_st;

namespace sluice::async {

// What a verified certificate of the other side says.
struct TlsPeer {
    std::string subject;      // as Go prints it: "CN=client,OU=gates,O=Sluice"
    std::string common_name;  // the last one
    std::vector<std::string> dns_names;
};

class TlsContext {
 public:
    struct ServerFiles {
        std::string certificate;  // PEM chain
        std::string key;
        std::string client_ca;  // if set, client certificates are mandatory and verified
        std::string crl;
        std::string server_ca;    // appended to the chain that is sent
        std::string min_version;  // "TLSv1.0" ... "TLSv1.3"; empty: TLSv1.2
        std::string alpn;         // the protocol that is spoken ("h2"), if the client offers any
    };
    static Result<std::shared_ptr<const TlsContext>> server(const ServerFiles& files);

    enum class Verify { none, ca, identity };
    struct ClientFiles {
        std::string ca;
        std::string certificate;
        std::string key;
        Verify verify = Verify::none;
        std::string min_version;
        std::string crl;   // revoked servers' certificates
        std::string alpn;  // the protocol that is offered ("h2"); empty: none
    };
    static Result<std::shared_ptr<const TlsContext>> client(const ClientFiles& files);

    TlsContext(const TlsContext&) = delete;
    TlsContext& operator=(const TlsContext&) = delete;
    ~TlsContext();

    ssl_ctx_st* get() const { return context_; }
    Verify verify() const { return verify_; }

 private:
    TlsContext() = default;
    ssl_ctx_st* context_ = nullptr;
    Verify verify_ = Verify::none;
    std::string alpn_;  // as on the wire: a length byte, then the name
};

}  // namespace sluice::async
