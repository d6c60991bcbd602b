// TLS on a stream: handshake and records, over OpenSSL's memory buffers.
#include "async/tls.h"

#include <algorithm>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "async/detail/tls_state.h"
#include "async/stream.h"
#include "base/limits.h"

namespace sluice::async {
namespace {

std::string openssl_reason() {
    const unsigned long number = ERR_get_error();
    ERR_clear_error();
    const char* reason = number == 0 ? nullptr : ERR_reason_error_string(number);
    return reason == nullptr ? "unknown reason" : reason;
}

std::unexpected<Error> bad_file(const std::string& what, const std::string& path) {
    return fail(Code::invalid_argument,
                "TLS: cannot load " + what + " '" + path + "': " + openssl_reason());
}

Result<int> version_number(const std::string& name) {
    if (name.empty() || name == "TLSv1.2") return TLS1_2_VERSION;
    if (name == "TLSv1.0") return TLS1_VERSION;
    if (name == "TLSv1.1") return TLS1_1_VERSION;
    if (name == "TLSv1.3") return TLS1_3_VERSION;
    return fail(Code::invalid_argument, "Invalid TLS version specified: " + name);
}

Result<void> load_pair(SSL_CTX* context, const std::string& certificate, const std::string& key) {
    if (SSL_CTX_use_certificate_chain_file(context, certificate.c_str()) != 1) {
        return bad_file("certificate", certificate);
    }
    if (SSL_CTX_use_PrivateKey_file(context, key.c_str(), SSL_FILETYPE_PEM) != 1)
        return bad_file("key", key);
    if (SSL_CTX_check_private_key(context) != 1) return bad_file("key", key);
    return {};
}

Result<void> load_revocations(SSL_CTX* context, const std::string& path) {
    X509_STORE* store = SSL_CTX_get_cert_store(context);
    X509_LOOKUP* lookup = X509_STORE_add_lookup(store, X509_LOOKUP_file());
    if (X509_load_crl_file(lookup, path.c_str(), X509_FILETYPE_PEM) <= 0)
        return bad_file("revocation list", path);
    X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK);
    return {};
}

Result<void> append_chain(SSL_CTX* context, const std::string& path) {
    BIO* file = BIO_new_file(path.c_str(), "r");
    X509* extra = file == nullptr ? nullptr : PEM_read_bio_X509(file, nullptr, nullptr, nullptr);
    if (file != nullptr) BIO_free(file);
    if (extra == nullptr || SSL_CTX_add_extra_chain_cert(context, extra) != 1)
        return bad_file("server CA", path);
    return {};
}

int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* length,
                    const unsigned char* offered, unsigned int offered_length, void* ours) {
    const auto* name = static_cast<const std::string*>(ours);
    unsigned char* found = nullptr;
    if (SSL_select_next_proto(&found, length, reinterpret_cast<const unsigned char*>(name->data()),
                              static_cast<unsigned int>(name->size()), offered,
                              offered_length) != OPENSSL_NPN_NEGOTIATED) {
        return SSL_TLSEXT_ERR_ALERT_FATAL;  // RFC 7301, 3.2
    }
    *chosen = found;
    return SSL_TLSEXT_ERR_OK;
}

std::string as_offer(const std::string& protocol) {
    return protocol.empty() ? "" : static_cast<char>(protocol.size()) + protocol;
}

// Go's order of the parts of a subject, from the first that it prints.
constexpr struct {
    int nid;
    const char* name;
} subject_parts[] = {{NID_serialNumber, "SERIALNUMBER"},
                     {NID_commonName, "CN"},
                     {NID_postalCode, "POSTALCODE"},
                     {NID_streetAddress, "STREET"},
                     {NID_stateOrProvinceName, "ST"},
                     {NID_localityName, "L"},
                     {NID_organizationalUnitName, "OU"},
                     {NID_organizationName, "O"},
                     {NID_countryName, "C"}};

// RFC 2253, 2.4: what stands for itself in a name and what is written with a backslash.
std::string escaped(std::string_view value) {
    std::string out;
    for (std::size_t i = 0; i < value.size(); ++i) {
        const char c = value[i];
        const bool edge = (i == 0 && (c == ' ' || c == '#')) || (i + 1 == value.size() && c == ' ');
        if (edge || std::string_view(",+\"\\<>;").contains(c)) out += '\\';
        out += c;
    }
    return out;
}

// All values of one kind, joined as Go joins them; a certificate names the common name once in
// Go's view, the last.
std::string subject_values(const X509_NAME* name, int nid, const char* label) {
    std::string out;
    for (int at = X509_NAME_get_index_by_NID(name, nid, -1); at >= 0;
         at = X509_NAME_get_index_by_NID(name, nid, at)) {
        unsigned char* text = nullptr;
        const int length =
            ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
        if (length < 0) continue;
        if (nid == NID_commonName || nid == NID_serialNumber) out.clear();
        if (!out.empty()) out += '+';
        if (label != nullptr) out += std::string(label) + "=";
        const std::string_view value(reinterpret_cast<const char*>(text),
                                     static_cast<std::size_t>(length));
        out += label != nullptr ? escaped(value) : std::string(value);
        OPENSSL_free(text);
    }
    return out;
}

}  // namespace

TlsContext::~TlsContext() {
    SSL_CTX_free(context_);
}

Result<std::shared_ptr<const TlsContext>> TlsContext::server(const ServerFiles& files) {
    std::shared_ptr<TlsContext> made(new TlsContext);
    made->context_ = SSL_CTX_new(TLS_server_method());
    SSL_CTX* context = made->context_;
    SSL_CTX_set_min_proto_version(context, TRY(version_number(files.min_version)));
    // Idle connections shall not keep record buffers.
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE);
    SSL_CTX_set_session_id_context(context, reinterpret_cast<const unsigned char*>("sluice"), 6);
    TRY(load_pair(context, files.certificate, files.key));
    if (!files.server_ca.empty()) TRY(append_chain(context, files.server_ca));
    if (!files.client_ca.empty()) {
        if (SSL_CTX_load_verify_locations(context, files.client_ca.c_str(), nullptr) != 1) {
            return bad_file("CA", files.client_ca);
        }
        SSL_CTX_set_client_CA_list(context, SSL_load_client_CA_file(files.client_ca.c_str()));
        SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    }
    if (!files.crl.empty()) TRY(load_revocations(context, files.crl));
    made->alpn_ = as_offer(files.alpn);
    if (!files.alpn.empty()) SSL_CTX_set_alpn_select_cb(context, choose_protocol, &made->alpn_);
    return std::shared_ptr<const TlsContext>(std::move(made));
}

Result<std::shared_ptr<const TlsContext>> TlsContext::client(const ClientFiles& files) {
    std::shared_ptr<TlsContext> made(new TlsContext);
    made->context_ = SSL_CTX_new(TLS_client_method());
    made->verify_ = files.verify;
    SSL_CTX* context = made->context_;
    SSL_CTX_set_min_proto_version(context, TRY(version_number(files.min_version)));
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE);
    if (!files.ca.empty() &&
        SSL_CTX_load_verify_locations(context, files.ca.c_str(), nullptr) != 1) {
        return bad_file("CA", files.ca);
    }
    if (files.ca.empty() && files.verify != Verify::none) SSL_CTX_set_default_verify_paths(context);
    if (!files.certificate.empty()) TRY(load_pair(context, files.certificate, files.key));
    SSL_CTX_set_verify(context, files.verify == Verify::none ? SSL_VERIFY_NONE : SSL_VERIFY_PEER,
                       nullptr);
    if (!files.crl.empty()) TRY(load_revocations(context, files.crl));
    made->alpn_ = as_offer(files.alpn);
    SSL_CTX_set_alpn_protos(context, reinterpret_cast<const unsigned char*>(made->alpn_.data()),
                            static_cast<unsigned int>(made->alpn_.size()));
    return std::shared_ptr<const TlsContext>(std::move(made));
}

std::string Stream::tls_version() const {
    return tls_ == nullptr ? "" : SSL_get_version(tls_->ssl);
}

std::string Stream::tls_protocol() const {
    if (tls_ == nullptr) return {};
    const unsigned char* name = nullptr;
    unsigned int length = 0;
    SSL_get0_alpn_selected(tls_->ssl, &name, &length);
    return name == nullptr ? std::string() : std::string(name, name + length);
}

std::unique_ptr<TlsPeer> Stream::tls_peer() const {
    const X509* certificate = tls_ == nullptr ? nullptr : SSL_get0_peer_certificate(tls_->ssl);
    if (certificate == nullptr) return nullptr;
    auto peer = std::make_unique<TlsPeer>();
    const X509_NAME* name = X509_get_subject_name(certificate);
    for (const auto& part : subject_parts) {
        const std::string values = subject_values(name, part.nid, part.name);
        if (values.empty()) continue;
        if (!peer->subject.empty()) peer->subject += ',';
        peer->subject += values;
    }
    peer->common_name = subject_values(name, NID_commonName, nullptr);
    auto* names = static_cast<GENERAL_NAMES*>(
        X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr));
    for (int i = 0; i < sk_GENERAL_NAME_num(names); ++i) {
        const GENERAL_NAME* each = sk_GENERAL_NAME_value(names, i);
        if (each->type != GEN_DNS) continue;
        const unsigned char* text = ASN1_STRING_get0_data(each->d.dNSName);
        peer->dns_names.emplace_back(text, text + ASN1_STRING_length(each->d.dNSName));
    }
    GENERAL_NAMES_free(names);
    return peer;
}

// Moves decrypted bytes into the receive buffer as far as it has room.
Result<void> Stream::decrypt() {
    while (end_ < capacity_) {
        const int size = static_cast<int>(std::min<std::size_t>(capacity_ - end_, 1U << 30U));
        const int count = SSL_read(tls_->ssl, buffer_ + end_, size);
        if (count > 0) {
            end_ += static_cast<std::size_t>(count);
            continue;
        }
        const int why = SSL_get_error(tls_->ssl, count);
        if (why == SSL_ERROR_WANT_READ) return {};
        if (why == SSL_ERROR_ZERO_RETURN) {
            return fail(Code::unavailable, er::cr_server_lost,
                        "Lost connection: the other side has closed it");
        }
        return fail(Code::unavailable, er::cr_server_lost, "TLS: " + openssl_reason());
    }
    return {};
}

Task<Result<void>> Stream::fill_tls(Stop* stop) {
    const std::size_t before = end_;
    for (;;) {
        const Result<void> decrypted = decrypt();
        if (end_ > before)
            co_return Result<void>{};  // an end of the stream shows again at the next fill
        if (!decrypted) co_return decrypted;
        if (!socket_.read_posted() && !socket_.read_completed()) {
            if (tls_->cipher.empty()) tls_->cipher.resize(limits::read_chunk);
            socket_.post_read(tls_->cipher);
        }
        const std::size_t count = CO_TRY(co_await socket_.read(stop));
        if (count == 0)
            co_return fail(Code::unavailable, er::cr_server_lost,
                           "Lost connection: the other side has closed it");
        BIO_write(tls_->incoming, tls_->cipher.data(), static_cast<int>(count));
    }
}

Task<Result<void>> Stream::tls_handshake(Stop* stop) {
    tls_->cipher.resize(limits::read_chunk);
    for (;;) {
        const int done = SSL_do_handshake(tls_->ssl);
        const int why = SSL_get_error(tls_->ssl, done);
        char* waiting = nullptr;
        const long length = BIO_get_mem_data(tls_->outgoing, &waiting);
        if (length > 0) {
            const Bytes cipher(reinterpret_cast<const std::uint8_t*>(waiting),
                               static_cast<std::size_t>(length));
            CO_TRY(co_await socket_.write(cipher, {}, stop, write_timeout_));
            BIO_reset(tls_->outgoing);
        }
        if (done == 1) co_return Result<void>{};
        if (why != SSL_ERROR_WANT_READ) {
            co_return fail(Code::unavailable, er::handshake,
                           "TLS handshake failed: " + openssl_reason());
        }
        if (!socket_.read_posted() && !socket_.read_completed()) socket_.post_read(tls_->cipher);
        const std::size_t count = CO_TRY(co_await socket_.read(stop));
        if (count == 0)
            co_return fail(Code::unavailable, er::handshake,
                           "the other side left during the TLS handshake");
        BIO_write(tls_->incoming, tls_->cipher.data(), static_cast<int>(count));
    }
}

Task<Result<void>> Stream::accept_tls(const TlsContext* context, Stop* stop) {
    tls_ = std::make_unique<TlsState>(SSL_new(context->get()));
    SSL_set_accept_state(tls_->ssl);
    // What came in one segment with the request for TLS belongs to the handshake.
    const std::span<std::uint8_t> early = received();
    if (!early.empty()) BIO_write(tls_->incoming, early.data(), static_cast<int>(early.size()));
    consume(early.size());
    co_return co_await tls_handshake(stop);
}

namespace {

// Whom the certificate must name. Addresses are compared as addresses, and are not announced (RFC
// 6066 has names only).
Result<void> expect_identity(SSL* session, const TlsContext& context, const std::string& name) {
    const bool verified = context.verify() == TlsContext::Verify::identity;
    if (name.empty() && verified) {
        return fail(Code::unavailable, er::handshake,
                    "TLS handshake failed: no server name to verify");
    }
    if (name.empty()) return {};
    const bool is_address =
        X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(session), name.c_str()) == 1;
    if (is_address && !verified) X509_VERIFY_PARAM_set1_ip(SSL_get0_param(session), nullptr, 0);
    if (is_address) return {};
    ERR_clear_error();
    SSL_set_tlsext_host_name(session, name.c_str());
    if (verified && SSL_set1_host(session, name.c_str()) != 1)
        return fail(Code::unavailable, er::handshake, "TLS handshake failed: bad server name");
    return {};
}

}  // namespace

Task<Result<void>> Stream::connect_tls(const TlsContext* context, std::string server_name,
                                       Stop* stop) {
    tls_ = std::make_unique<TlsState>(SSL_new(context->get()));
    SSL_set_connect_state(tls_->ssl);
    CO_TRY(expect_identity(tls_->ssl, *context, server_name));
    co_return co_await tls_handshake(stop);
}

}  // namespace sluice::async
