#pragma once
// Who may call: the server's check of each call, of every method (vtgate-contract 12.3).
#include <memory>
#include <string>

#include "async/tls.h"
#include "rpc/metadata.h"

namespace sluice::rpc {

// The other end of a connection.
struct Peer {
    std::string address;
    bool tls = false;
    std::unique_ptr<async::TlsPeer> certificate;  // verified; null: it sent none
};

class Authenticator {
 public:
    virtual ~Authenticator() = default;
    // The name that the caller has proved, which may be empty; UNAUTHENTICATED or
    // PERMISSION_DENIED.
    virtual Result<std::string> check(const Metadata& metadata, const Peer& peer) const = 0;
};

// `--grpc_auth_mode static`: metadata "username" and "password" must be a pair of `users`, a JSON
// list of {"Username": ..., "Password": ...}. `origin` stands in errors.
Result<std::shared_ptr<const Authenticator>> static_authenticator(std::string_view users,
                                                                  std::string_view origin);
// `--grpc_auth_mode mtls`: the subject of the client's certificate must contain one of the
// substrings, which are parted by colons.
std::shared_ptr<const Authenticator> mtls_authenticator(std::string_view allowed_substrings);

// `--grpc_auth_static_client_creds`: a JSON object {"Username": ..., "Password": ...} becomes what
// a channel sends.
Result<Metadata> static_credentials(std::string_view json, std::string_view origin);

}  // namespace sluice::rpc
