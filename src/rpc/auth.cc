// Before a handler runs: is the caller one of those who may?
#include "rpc/auth.h"

#include <algorithm>
#include <vector>

#include <boost/json.hpp>
#include <openssl/crypto.h>

namespace sluice::rpc {
namespace {

namespace json = boost::json;

std::unexpected<Error> bad(std::string_view origin, std::string_view what) {
    return fail(Code::invalid_argument,
                "cannot load credentials from " + std::string(origin) + ": " + std::string(what));
}

// Field names as Go's JSON decoder matches them: without regard to case.
bool is_field(std::string_view key, std::string_view name) {
    return std::equal(key.begin(), key.end(), name.begin(), name.end(), [](char a, char b) {
        return std::tolower(static_cast<unsigned char>(a)) ==
               std::tolower(static_cast<unsigned char>(b));
    });
}

struct Login {
    std::string user;
    std::string password;
};

Result<Login> login_of(const json::value& value, std::string_view origin) {
    const json::object* object = value.if_object();
    if (object == nullptr) return bad(origin, "an entry is no object");
    Login login;
    for (const auto& [key, field] : *object) {
        std::string* into = is_field(key, "username")   ? &login.user
                            : is_field(key, "password") ? &login.password
                                                        : nullptr;
        if (into == nullptr) continue;
        if (!field.is_string()) return bad(origin, "a user name or password is no string");
        *into = json::value_to<std::string>(field);
    }
    return login;
}

bool same(std::string_view a, std::string_view b) {
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

class StaticAuthenticator : public Authenticator {
 public:
    explicit StaticAuthenticator(std::vector<Login> logins) : logins_(std::move(logins)) {}

    Result<std::string> check(const Metadata& metadata, const Peer&) const override {
        const auto user = metadata.find("username");
        const auto password = metadata.find("password");
        if (!user || !password) {
            return fail(Code::unauthenticated, "username and password must be provided");
        }
        for (const Login& login : logins_) {
            if (login.user == *user && same(login.password, *password)) return login.user;
        }
        return fail(Code::permission_denied, "auth failure: caller \"" + std::string(*user) +
                                                 "\" provided invalid credentials");
    }

 private:
    std::vector<Login> logins_;
};

class MtlsAuthenticator : public Authenticator {
 public:
    explicit MtlsAuthenticator(std::vector<std::string> allowed) : allowed_(std::move(allowed)) {}

    Result<std::string> check(const Metadata&, const Peer& peer) const override {
        if (!peer.tls) return fail(Code::unauthenticated, "not connected via TLS");
        const bool allowed = peer.certificate != nullptr &&
                             std::any_of(allowed_.begin(), allowed_.end(), [&](const auto& part) {
                                 return peer.certificate->subject.contains(part);
                             });
        if (!allowed) return fail(Code::unauthenticated, "client certificate not authorized");
        return std::string();
    }

 private:
    std::vector<std::string> allowed_;
};

}  // namespace

Result<std::shared_ptr<const Authenticator>> static_authenticator(std::string_view users,
                                                                  std::string_view origin) {
    boost::system::error_code error;
    const json::value parsed = json::parse(json::string_view(users.data(), users.size()), error);
    if (error) return bad(origin, error.message());
    const json::array* entries = parsed.if_array();
    if (entries == nullptr) return bad(origin, "it holds no list of users");
    std::vector<Login> logins;
    for (const json::value& entry : *entries) logins.push_back(TRY(login_of(entry, origin)));
    return std::make_shared<const StaticAuthenticator>(std::move(logins));
}

std::shared_ptr<const Authenticator> mtls_authenticator(std::string_view allowed_substrings) {
    std::vector<std::string> allowed;
    for (;;) {
        const std::size_t colon = allowed_substrings.find(':');
        // An empty part would let everybody in.
        if (colon != 0 && !allowed_substrings.empty())
            allowed.emplace_back(allowed_substrings.substr(0, colon));
        if (colon == std::string_view::npos) break;
        allowed_substrings.remove_prefix(colon + 1);
    }
    return std::make_shared<const MtlsAuthenticator>(std::move(allowed));
}

Result<Metadata> static_credentials(std::string_view text, std::string_view origin) {
    boost::system::error_code error;
    const json::value parsed = json::parse(json::string_view(text.data(), text.size()), error);
    if (error) return bad(origin, error.message());
    const Login login = TRY(login_of(parsed, origin));
    Metadata metadata;
    TRY(metadata.add("username", login.user));
    TRY(metadata.add("password", login.password));
    return metadata;
}

}  // namespace sluice::rpc
