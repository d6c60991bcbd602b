// HKDF and PBKDF2 with HMAC of SHA-512, as MySQL uses them.
#include "eval/detail/key_derivation.h"

#include <memory>

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include "values/number.h"

namespace sluice::eval {
namespace {

constexpr std::size_t longest_option = 255, longest_rounds = 5;
constexpr std::int64_t fewest_rounds = 1000, most_rounds = 65535;

// An option that is given must be there and short.
std::string option_at(const Node& node, Run& run, std::size_t at, std::size_t longest) {
    if (at >= node.arguments.size()) return {};
    Operand option(node.arguments[at], run);
    if (option.is_null() || option.text().size() > longest) {
        raise(3238, "KDF option size is invalid, please provide valid size < " +
                        std::to_string(longest + 1) + " bytes and not NULL");
    }
    return std::string(option.text());
}

struct KdfFree {
    void operator()(EVP_KDF* kdf) const { EVP_KDF_free(kdf); }
    void operator()(EVP_KDF_CTX* context) const { EVP_KDF_CTX_free(context); }
};

std::string by_hkdf(std::string_view password, std::string salt, std::string context,
                    std::size_t bytes) {
    const std::unique_ptr<EVP_KDF, KdfFree> kdf(EVP_KDF_fetch(nullptr, "HKDF", nullptr));
    if (kdf == nullptr) refuse("HKDF in the library at hand");
    const std::unique_ptr<EVP_KDF_CTX, KdfFree> running(EVP_KDF_CTX_new(kdf.get()));
    std::string key(password);
    char digest[] = "SHA512";
    const OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, key.data(), key.size()),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, salt.data(), salt.size()),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, context.data(), context.size()),
        OSSL_PARAM_construct_end(),
    };
    std::string out(bytes, '\0');
    if (EVP_KDF_derive(running.get(), reinterpret_cast<unsigned char*>(out.data()), out.size(),
                       parameters) != 1)
        refuse("HKDF with this key");
    return out;
}

std::string by_pbkdf2(std::string_view password, std::string_view salt, std::int64_t rounds,
                      std::size_t bytes) {
    std::string out(bytes, '\0');
    if (PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()),
                          reinterpret_cast<const unsigned char*>(salt.data()),
                          static_cast<int>(salt.size()), static_cast<int>(rounds), EVP_sha512(),
                          static_cast<int>(bytes),
                          reinterpret_cast<unsigned char*>(out.data())) != 1)
        refuse("PBKDF2 with this key");
    return out;
}

}  // namespace

std::string derived_key(const Node& node, Run& run, std::string_view password, std::size_t bytes) {
    const std::string function = option_at(node, run, 3, longest_option);
    if (function != "hkdf" && function != "pbkdf2_hmac") {
        raise(3235, "KDF method name is not valid. Please use hkdf or pbkdf2_hmac method name");
    }
    std::string salt = option_at(node, run, 4, longest_option);
    if (function == "hkdf") {
        return by_hkdf(password, std::move(salt), option_at(node, run, 5, longest_option), bytes);
    }
    std::int64_t rounds = fewest_rounds;
    if (node.arguments.size() > 5)
        rounds = read_integer(option_at(node, run, 5, longest_rounds)).to_int64();
    if (rounds < fewest_rounds || rounds > most_rounds) {
        raise(3236,
              "For KDF method pbkdf2_hmac iterations value less than 1000 or more than 65535 is "
              "not allowed due to security reasons. Please provide iterations >= 1000 and "
              "iterations < 65535");
    }
    return by_pbkdf2(password, salt, rounds, bytes);
}

}  // namespace sluice::eval
