#pragma once
// Passwords on the wire: what a client proves with, and what a server checks against. Comparisons
// take the same time whatever differs. Source: MySQL documentation, "Native Authentication",
// "Caching SHA-2 Pluggable Authentication".
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "wire/bytes.h"

struct evp_pkey_st;

namespace sluice::wire {

namespace plugin {
inline constexpr std::string_view native = "mysql_native_password",
                                  caching_sha2 = "caching_sha2_password",
                                  clear = "mysql_clear_password", dialog = "dialog";
}

// The server's challenge: 20 bytes of seven bits, none of them 0 or '$'.
using Salt = std::array<std::uint8_t, 20>;
Salt salt_from(const std::array<std::uint8_t, 20>& random);

using NativeHash = std::array<std::uint8_t, 20>;  // SHA1(SHA1(password))
using Sha2Hash = std::array<std::uint8_t, 32>;    // SHA256(SHA256(password))

NativeHash native_hash(std::string_view password);
// Grammar: ["*"] 40 hexadecimal digits.
std::optional<NativeHash> parse_native_hash(std::string_view text);
Sha2Hash sha2_hash(std::string_view password);

// What the client answers to `salt`; an empty password is answered with nothing at all, which is
// the caller's part.
std::array<std::uint8_t, 20> native_scramble(std::string_view password, const Salt& salt);
std::array<std::uint8_t, 32> sha2_scramble(std::string_view password, const Salt& salt);

bool verify_native(ByteView answer, const Salt& salt, const NativeHash& hash);
bool verify_sha2(ByteView answer, const Salt& salt, const Sha2Hash& hash);
// Equal in a time that does not tell where they differ.
bool same_secret(std::string_view left, std::string_view right);

// XOR with the salt repeated, its own inverse: what wraps a password inside an RSA block.
void xor_with_salt(std::span<std::uint8_t> bytes, const Salt& salt);

// The server's key of the full caching_sha2_password exchange without TLS. Made once at start,
// shared by all connections. (OpenSSL draws its own random numbers here and in rsa_encrypt.)
class RsaKey {
 public:
    static Result<RsaKey> generate();  // 2048 bits
    static Result<RsaKey> from_pem(std::string_view private_pem);

    const std::string& public_pem() const { return public_pem_; }
    // RSA-OAEP, then XOR with the salt: the password without its final NUL.
    Result<std::string> decrypt_password(ByteView block, const Salt& salt) const;

 private:
    RsaKey() = default;
    static Result<RsaKey> with_public_pem(std::shared_ptr<evp_pkey_st> key);

    std::shared_ptr<evp_pkey_st> key_;
    std::string public_pem_;
};

// The client's side: password and NUL, XOR salt, RSA-OAEP with the server's public key.
Result<std::string> encrypt_password(std::string_view password, const Salt& salt,
                                     std::string_view public_pem);

}  // namespace sluice::wire
