// Step 2 of a request, and the start of each connection to a shard: proving a password. Before:
// wire/handshake.cc. After: server_handshake.cc, client_handshake.cc.
#include "wire/auth.h"

#include <algorithm>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "base/assert.h"

namespace sluice::wire {
namespace {

using Sha1 = std::array<std::uint8_t, 20>;
using Sha256 = std::array<std::uint8_t, 32>;

template <class Digest>
Digest digest(const EVP_MD* kind, std::initializer_list<ByteView> parts) {
    Digest out{};
    EVP_MD_CTX* const context = EVP_MD_CTX_new();
    VT_ASSERT(context != nullptr && EVP_DigestInit_ex(context, kind, nullptr) == 1);
    for (const ByteView part : parts) EVP_DigestUpdate(context, part.data(), part.size());
    unsigned size = 0;
    VT_ASSERT(EVP_DigestFinal_ex(context, out.data(), &size) == 1 && size == out.size());
    EVP_MD_CTX_free(context);
    return out;
}
Sha1 sha1(std::initializer_list<ByteView> parts) {
    return digest<Sha1>(EVP_sha1(), parts);
}
Sha256 sha256(std::initializer_list<ByteView> parts) {
    return digest<Sha256>(EVP_sha256(), parts);
}

template <class Digest>
Digest exclusive_or(const Digest& left, ByteView right) {
    Digest out{};
    for (std::size_t i = 0; i < out.size(); ++i)
        out[i] = static_cast<std::uint8_t>(left[i] ^ right[i]);
    return out;
}

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

struct FreeBio {
    void operator()(BIO* bio) const { BIO_free(bio); }
};
struct FreeContext {
    void operator()(EVP_PKEY_CTX* context) const { EVP_PKEY_CTX_free(context); }
};
struct FreeKey {
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
using BioPtr = std::unique_ptr<BIO, FreeBio>;
using ContextPtr = std::unique_ptr<EVP_PKEY_CTX, FreeContext>;

std::unexpected<Error> rsa_failed(const char* what) {
    return fail(Code::internal, std::string("RSA: cannot ") + what);
}

BioPtr reading(std::string_view text) {
    return BioPtr(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

}  // namespace

Salt salt_from(const std::array<std::uint8_t, 20>& random) {
    Salt salt{};
    std::ranges::transform(random, salt.begin(), [](std::uint8_t byte) {
        const auto seven = static_cast<std::uint8_t>(byte & 0x7f);
        return static_cast<std::uint8_t>(seven == 0 || seven == '$' ? seven + 1 : seven);
    });
    return salt;
}

NativeHash native_hash(std::string_view password) {
    return sha1({sha1({bytes_of(password)})});
}

std::optional<NativeHash> parse_native_hash(std::string_view text) {
    if (text.starts_with('*')) text.remove_prefix(1);
    NativeHash hash{};
    if (text.size() != 2 * hash.size()) return std::nullopt;
    for (std::size_t i = 0; i < hash.size(); ++i) {
        const int high = hex_digit(text[2 * i]), low = hex_digit(text[2 * i + 1]);
        if (high < 0 || low < 0) return std::nullopt;
        hash[i] = static_cast<std::uint8_t>(high * 16 + low);
    }
    return hash;
}

Sha2Hash sha2_hash(std::string_view password) {
    return sha256({sha256({bytes_of(password)})});
}

// SHA1(password) XOR SHA1(salt, SHA1(SHA1(password))).
std::array<std::uint8_t, 20> native_scramble(std::string_view password, const Salt& salt) {
    const Sha1 once = sha1({bytes_of(password)});
    return exclusive_or(once, sha1({salt, sha1({once})}));
}

// SHA256(password) XOR SHA256(SHA256(SHA256(password)), salt): the salt stands behind, unlike
// above.
std::array<std::uint8_t, 32> sha2_scramble(std::string_view password, const Salt& salt) {
    const Sha256 once = sha256({bytes_of(password)});
    return exclusive_or(once, sha256({sha256({once}), salt}));
}

bool verify_native(ByteView answer, const Salt& salt, const NativeHash& hash) {
    if (answer.size() != hash.size()) return false;
    const Sha1 once = exclusive_or(sha1({salt, hash}), answer);
    return CRYPTO_memcmp(sha1({once}).data(), hash.data(), hash.size()) == 0;
}

bool verify_sha2(ByteView answer, const Salt& salt, const Sha2Hash& hash) {
    if (answer.size() != hash.size()) return false;
    const Sha256 once = exclusive_or(sha256({hash, salt}), answer);
    return CRYPTO_memcmp(sha256({once}).data(), hash.data(), hash.size()) == 0;
}

bool same_secret(std::string_view left, std::string_view right) {
    const Sha256 one = sha256({bytes_of(left)}), other = sha256({bytes_of(right)});
    return CRYPTO_memcmp(one.data(), other.data(), one.size()) == 0;
}

void xor_with_salt(std::span<std::uint8_t> bytes, const Salt& salt) {
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        bytes[i] = static_cast<std::uint8_t>(bytes[i] ^ salt[i % salt.size()]);
    }
}

Result<RsaKey> RsaKey::generate() {
    std::shared_ptr<EVP_PKEY> key(EVP_RSA_gen(2048), FreeKey{});
    if (!key) return rsa_failed("make a key");
    return with_public_pem(std::move(key));
}

Result<RsaKey> RsaKey::from_pem(std::string_view private_pem) {
    const BioPtr bio = reading(private_pem);
    std::shared_ptr<EVP_PKEY> key(PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr),
                                  FreeKey{});
    if (!key || EVP_PKEY_base_id(key.get()) != EVP_PKEY_RSA)
        return rsa_failed("read the private key");
    return with_public_pem(std::move(key));
}

Result<RsaKey> RsaKey::with_public_pem(std::shared_ptr<evp_pkey_st> key) {
    RsaKey made;
    const BioPtr bio(BIO_new(BIO_s_mem()));
    if (!bio || PEM_write_bio_PUBKEY(bio.get(), key.get()) != 1)
        return rsa_failed("print the public key");
    char* text = nullptr;
    const long size = BIO_get_mem_data(bio.get(), &text);
    made.public_pem_.assign(text, static_cast<std::size_t>(size));
    made.key_ = std::move(key);
    return made;
}

Result<std::string> RsaKey::decrypt_password(ByteView block, const Salt& salt) const {
    const ContextPtr context(EVP_PKEY_CTX_new(key_.get(), nullptr));
    if (!context || EVP_PKEY_decrypt_init(context.get()) != 1 ||
        EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_OAEP_PADDING) != 1) {
        return rsa_failed("decrypt");
    }
    std::array<std::uint8_t, 1024> clear{};  // a key of up to 8192 bits
    std::size_t size = clear.size();
    if (static_cast<std::size_t>(EVP_PKEY_get_size(key_.get())) > size ||
        EVP_PKEY_decrypt(context.get(), clear.data(), &size, block.data(), block.size()) != 1) {
        return rsa_failed("decrypt");
    }
    xor_with_salt({clear.data(), size}, salt);
    if (size == 0 || clear[size - 1] != 0) return rsa_failed("decrypt");
    std::string password(reinterpret_cast<const char*>(clear.data()), size - 1);
    OPENSSL_cleanse(clear.data(), clear.size());
    return password;
}

Result<std::string> encrypt_password(std::string_view password, const Salt& salt,
                                     std::string_view public_pem) {
    const BioPtr bio = reading(public_pem);
    const std::unique_ptr<EVP_PKEY, FreeKey> key(
        PEM_read_bio_PUBKEY(bio.get(), nullptr, nullptr, nullptr));
    if (!key || EVP_PKEY_base_id(key.get()) != EVP_PKEY_RSA)
        return rsa_failed("read the server's public key");
    const ContextPtr context(EVP_PKEY_CTX_new(key.get(), nullptr));
    if (!context || EVP_PKEY_encrypt_init(context.get()) != 1 ||
        EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_OAEP_PADDING) != 1) {
        return rsa_failed("encrypt");
    }
    std::string clear(password);
    clear.push_back('\0');
    xor_with_salt({reinterpret_cast<std::uint8_t*>(clear.data()), clear.size()}, salt);
    std::string block(static_cast<std::size_t>(EVP_PKEY_get_size(key.get())), '\0');
    std::size_t size = block.size();
    if (EVP_PKEY_encrypt(context.get(), reinterpret_cast<std::uint8_t*>(block.data()), &size,
                         bytes_of(clear).data(), clear.size()) != 1) {
        return rsa_failed("encrypt");  // the password is too long for one block
    }
    block.resize(size);
    OPENSSL_cleanse(clear.data(), clear.size());
    return block;
}

}  // namespace sluice::wire
