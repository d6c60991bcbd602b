// MD5, SHA, AES, COMPRESS, RANDOM_BYTES.
#include <algorithm>
#include <memory>

#include <openssl/evp.h>
#include <zlib.h>

#include "base/hex.h"
#include "eval/detail/key_derivation.h"
#include "eval/detail/registry.h"

namespace sluice::eval {
namespace {

std::string digest(const EVP_MD* kind, std::string_view text) {
    unsigned char out[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    if (EVP_Digest(text.data(), text.size(), out, &size, kind, nullptr) != 1)
        refuse("this digest in the library at hand");
    return {reinterpret_cast<const char*>(out), size};
}

template <const EVP_MD* (*kind)()>
Datum hash(const Node& node, Run& run) {
    Operand text(node.arguments[0], run);
    if (text.is_null()) return {};
    return lower_hex(digest(kind(), text.text()));
}
void give_md5(Node& node, const Environment& environment) {
    node.type = ascii_type(environment, 32, true);
}
void give_sha1(Node& node, const Environment& environment) {
    node.type = ascii_type(environment, 40, true);
}

Datum sha2(const Node& node, Run& run) {
    Operand text(node.arguments[0], run);
    Operand bits(node.arguments[1], run);
    const EVP_MD* kind = nullptr;
    switch (bits.is_null() ? -1 : bits.integer().clipped()) {
        case 0:
        case 256:
            kind = EVP_sha256();
            break;
        case 224:
            kind = EVP_sha224();
            break;
        case 384:
            kind = EVP_sha384();
            break;
        case 512:
            kind = EVP_sha512();
            break;
        default:
            run.environment.warnings.add(
                er::wrong_parameters_to_native_fct,
                "Incorrect parameters in the call to native function 'sha2'");
            return {};
    }
    if (text.is_null()) return {};
    return lower_hex(digest(kind, text.text()));
}
void give_sha2(Node& node, const Environment& environment) {
    std::uint64_t bits = node.arguments[1].is_constant ? 256 : 512;
    if (const auto wanted = constant_integer(node.arguments[1], environment)) {
        bits = *wanted == 0 ? 256
                            : static_cast<std::uint64_t>(std::clamp<std::int64_t>(*wanted, 0, 512));
        if (bits != 224 && bits != 384 && bits != 512) bits = 256;
    }
    node.type = ascii_type(environment, bits / 4, true);
}

// ---- AES

struct CipherFree {
    void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};

struct Mode {
    const EVP_CIPHER* cipher = nullptr;
    std::size_t key_bytes = 16;
    bool needs_vector = false;
};

Mode mode_of(const std::string& name) {
    // aes-<bits>-<mode>
    static constexpr std::string_view modes[] = {"ecb", "cbc", "cfb1", "cfb8", "cfb128", "ofb"};
    if (name.size() < 11 || !name.starts_with("aes-")) refuse("block_encryption_mode " + name);
    const std::string bits = name.substr(4, 3);
    const std::string kind = name.substr(8);
    const bool known = std::ranges::find(modes, kind) != std::end(modes) &&
                       (bits == "128" || bits == "192" || bits == "256");
    if (!known) refuse("block_encryption_mode " + name);
    const std::string openssl = "aes-" + bits + "-" + (kind == "cfb128" ? "cfb" : kind);
    return {EVP_get_cipherbyname(openssl.c_str()), static_cast<std::size_t>(std::stoi(bits)) / 8,
            kind != "ecb"};
}

// MySQL folds a key of any length into the cipher's by XOR.
std::string folded(std::string_view key, std::size_t size) {
    std::string out(size, '\0');
    for (std::size_t i = 0; i < key.size(); ++i)
        out[i % size] = static_cast<char>(out[i % size] ^ key[i]);
    return out;
}

std::optional<std::string> crypted(const Mode& mode, std::string_view text, const std::string& key,
                                   std::string_view vector, bool encrypt) {
    const std::unique_ptr<EVP_CIPHER_CTX, CipherFree> context(EVP_CIPHER_CTX_new());
    const auto bytes = [](std::string_view view) {
        return reinterpret_cast<const unsigned char*>(view.data());
    };
    if (EVP_CipherInit_ex(context.get(), mode.cipher, nullptr, bytes(key),
                          mode.needs_vector ? bytes(vector) : nullptr, encrypt ? 1 : 0) != 1)
        return std::nullopt;
    std::string out(text.size() + 32, '\0');
    auto* target = reinterpret_cast<unsigned char*>(out.data());
    int first = 0;
    int last = 0;
    if (EVP_CipherUpdate(context.get(), target, &first, bytes(text),
                         static_cast<int>(text.size())) != 1)
        return std::nullopt;
    if (EVP_CipherFinal_ex(context.get(), target + first, &last) != 1) return std::nullopt;
    out.resize(static_cast<std::size_t>(first + last));
    return out;
}

Datum aes(const Node& node, Run& run, bool encrypt) {
    const Mode mode = mode_of(run.environment.block_encryption_mode);
    Operand text(node.arguments[0], run);
    Operand key(node.arguments[1], run);
    if (text.is_null() || key.is_null()) return {};
    const bool derives = node.arguments.size() > 3;
    std::string vector;
    if (node.arguments.size() > 2) {
        Operand given(node.arguments[2], run);
        if (mode.needs_vector && given.is_null()) return {};
        if (!mode.needs_vector && !derives) {
            run.environment.warnings.add(1618, "<IV> option ignored");
        } else if (mode.needs_vector) {
            vector = given.text();
            if (vector.size() < 16) {
                raise(1882, "The initialization vector supplied to " + node.name +
                                " is too short. Must be at least 16 bytes long");
            }
        }
    } else if (mode.needs_vector) {
        raise(1582, "Incorrect parameter count in the call to native function '" + node.name + "'");
    }
    if (text.text().size() > INT32_MAX - 64) return {};
    const std::string made_key = derives ? derived_key(node, run, key.text(), mode.key_bytes)
                                         : folded(key.text(), mode.key_bytes);
    auto out = crypted(mode, text.text(), made_key, vector, encrypt);
    if (!out) return {};
    if (!derives && key.text().size() > mode.key_bytes) {
        run.environment.warnings.add(
            3237, "AES key size should be " + std::to_string(mode.key_bytes) +
                      " bytes length or secure KDF methods hkdf or pbkdf2_hmac should be used, "
                      "please provide exact AES key size or use KDF methods for better security.");
    }
    return std::move(*out);
}
Datum aes_encrypt(const Node& node, Run& run) {
    return aes(node, run, true);
}
Datum aes_decrypt(const Node& node, Run& run) {
    return aes(node, run, false);
}
void give_aes(Node& node, const Environment&) {
    const std::uint32_t bytes =
        std::max<std::uint32_t>(byte_length(node.arguments[0].type),
                                static_cast<std::uint32_t>(text_length(node.arguments[0].type)));
    const std::uint64_t characters = text_length(node.arguments[0].type);
    node.type =
        binary_type(true, node.name == "aes_encrypt" ? (bytes / 16 + 1) * 16
                                                     : static_cast<std::uint32_t>(characters));
}

// ---- COMPRESS: the length in four bytes, the lowest first, then zlib's stream

Datum compress_text(const Node& node, Run& run) {
    Operand text(node.arguments[0], run);
    if (text.is_null()) return {};
    const std::string_view whole = text.text();
    if (whole.empty()) return std::string();
    uLongf size = compressBound(whole.size());
    if (too_long(node, run, size + 4)) return {};
    std::string out(size + 4, '\0');
    for (int i = 0; i < 4; ++i)
        out[static_cast<std::size_t>(i)] = static_cast<char>(whole.size() >> (8 * i) & 255);
    if (::compress(reinterpret_cast<Bytef*>(out.data()) + 4, &size,
                   reinterpret_cast<const Bytef*>(whole.data()), whole.size()) != Z_OK)
        return {};
    out.resize(size + 4);
    if (out.back() == ' ') out += '.';
    return out;
}
void give_compress(Node& node, const Environment&) {
    node.type = binary_type(
        true, static_cast<std::uint32_t>(std::min<std::uint64_t>(
                  compressBound(byte_length(node.arguments[0].type)) + 5, longest_text)));
}

std::uint32_t stated_length(std::string_view text) {
    std::uint32_t length = 0;
    for (std::size_t i = 0; i < 4; ++i)
        length |= std::uint32_t{static_cast<std::uint8_t>(text[i])} << (8 * i);
    return length & 0x3fffffff;
}
Datum uncompress_text(const Node& node, Run& run) {
    Operand text(node.arguments[0], run);
    if (text.is_null()) return {};
    const std::string_view whole = text.text();
    if (whole.empty()) return std::string();
    if (whole.size() <= 4) {
        run.environment.warnings.add(1259, "ZLIB: Input data corrupted");
        return {};
    }
    const std::uint32_t length = stated_length(whole);
    if (length > run.environment.max_allowed_packet) {
        run.environment.warnings.add(1256,
                                     "Uncompressed data size too large; the maximum size is " +
                                         std::to_string(run.environment.max_allowed_packet) +
                                         " (probably, length of uncompressed data was corrupted)");
        return {};
    }
    std::string out(length, '\0');
    uLongf size = length;
    const int status =
        ::uncompress(reinterpret_cast<Bytef*>(out.data()), &size,
                     reinterpret_cast<const Bytef*>(whole.data()) + 4, whole.size() - 4);
    if (status != Z_OK) {
        run.environment.warnings.add(status == Z_BUF_ERROR ? 1258 : 1259,
                                     status == Z_BUF_ERROR
                                         ? "ZLIB: Not enough room in the output buffer (probably, "
                                           "length of uncompressed data was corrupted)"
                                         : "ZLIB: Input data corrupted");
        return {};
    }
    out.resize(size);
    return out;
}
void give_uncompress(Node& node, const Environment&) {
    node.type = binary_type(true, 16 * 1024 * 1024);
}
Datum uncompressed_length(const Node& node, Run& run) {
    Operand text(node.arguments[0], run);
    if (text.is_null()) return {};
    if (text.text().empty()) return std::int64_t{0};
    if (text.text().size() <= 4) {
        run.environment.warnings.add(1259, "ZLIB: Input data corrupted");
        return std::int64_t{0};
    }
    return std::int64_t{stated_length(text.text())};
}
void give_uncompressed_length(Node& node, const Environment&) {
    node.type = integer_type(any_nullable(node.arguments), 11);
}

Datum random_bytes(const Node& node, Run& run) {
    Operand count(node.arguments[0], run);
    if (count.is_null()) return {};
    const std::int64_t wanted = count.integer().clipped();
    if (wanted < 1 || wanted > 1024)
        raise(er::data_out_of_range, "length value is out of range in 'random_bytes'");
    if (!run.environment.random) refuse("RANDOM_BYTES");
    std::string out(static_cast<std::size_t>(wanted), '\0');
    run.environment.random(out.data(), out.size());
    return out;
}
void give_random_bytes(Node& node, const Environment&) {
    node.type = binary_type(true, 1024);
    node.is_constant = false;
}

}  // namespace

std::span<const Function> hash_functions() {
    static constexpr Function functions[] = {
        {"aes_decrypt", 2, 6, give_aes, aes_decrypt},
        {"aes_encrypt", 2, 6, give_aes, aes_encrypt},
        {"compress", 1, 1, give_compress, compress_text},
        {"md5", 1, 1, give_md5, hash<EVP_md5>},
        {"random_bytes", 1, 1, give_random_bytes, random_bytes},
        {"sha", 1, 1, give_sha1, hash<EVP_sha1>},
        {"sha1", 1, 1, give_sha1, hash<EVP_sha1>, "sha"},
        {"sha2", 2, 2, give_sha2, sha2},
        {"uncompress", 1, 1, give_uncompress, uncompress_text},
        {"uncompressed_length", 1, 1, give_uncompressed_length, uncompressed_length},
    };
    return functions;
}

}  // namespace sluice::eval
