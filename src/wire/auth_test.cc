#include "wire/auth.h"

#include <gtest/gtest.h>

#include "wire/detail/test_bytes.h"

namespace sluice::wire {
namespace {

using testing::hex;
using testing::to_hex;

Salt alphabet() {
    Salt salt{};
    for (std::size_t i = 0; i < salt.size(); ++i) salt[i] = static_cast<std::uint8_t>('a' + i);
    return salt;
}

TEST(Auth, ScramblesOfAKnownSalt) {
    EXPECT_EQ(to_hex(native_scramble("secret", alphabet())),
              "8817c50fa779daef010ee7577825b0847df9842e");
    EXPECT_EQ(to_hex(sha2_scramble("secret", alphabet())),
              "c76e2898612a4cf042c77fa8c4702c4c64c0c2c557c53c4d75595aaa6abae809");
    EXPECT_EQ(to_hex(native_hash("password")), "2470c0c06dee42fd1618bb99005adca2ec9d1e19");
}

TEST(Auth, VerifiesOnlyTheRightPassword) {
    const Salt salt = alphabet();
    for (const std::string_view password : {"secret", "", "a", "\xff\xfe",
                                            "a longer password than one block of SHA-1 "
                                            "takes in, which is sixty-four bytes"}) {
        const auto native = native_scramble(password, salt);
        const auto sha2 = sha2_scramble(password, salt);
        EXPECT_TRUE(verify_native(native, salt, native_hash(password)));
        EXPECT_TRUE(verify_sha2(sha2, salt, sha2_hash(password)));
        EXPECT_FALSE(verify_native(native, salt, native_hash("other")));
        EXPECT_FALSE(verify_sha2(sha2, salt, sha2_hash("other")));
        EXPECT_FALSE(verify_native(native, Salt{}, native_hash(password)));
        EXPECT_FALSE(verify_sha2(sha2, Salt{}, sha2_hash(password)));
        for (std::size_t cut = 0; cut < native.size(); ++cut) {
            EXPECT_FALSE(verify_native(ByteView(native).first(cut), salt, native_hash(password)));
        }
        EXPECT_FALSE(verify_sha2(ByteView(sha2).first(20), salt, sha2_hash(password)));
    }
    EXPECT_TRUE(same_secret("a", "a"));
    EXPECT_FALSE(same_secret("a", "b"));
    EXPECT_FALSE(same_secret("a", "aa"));
}

TEST(Auth, NativeHashesAsUsersWriteThem) {
    const NativeHash hash = native_hash("password");
    EXPECT_EQ(parse_native_hash("*2470C0C06DEE42FD1618BB99005ADCA2EC9D1E19"), hash);
    EXPECT_EQ(parse_native_hash("2470c0c06dee42fd1618bb99005adca2ec9d1e19"), hash);
    for (const std::string_view text :
         {"", "*", "2470", "*2470C0C06DEE42FD1618BB99005ADCA2EC9D1E1",
          "*2470C0C06DEE42FD1618BB99005ADCA2EC9D1E199", "**470C0C06DEE42FD1618BB99005ADCA2EC9D1E19",
          "*2470C0C06DEE42FD1618BB99005ADCA2EC9D1E1g"}) {
        EXPECT_FALSE(parse_native_hash(text)) << text;
    }
}

TEST(Auth, SaltHasNoBytesThatEndAString) {
    std::array<std::uint8_t, 20> random{};
    for (int start = 0; start < 256; ++start) {
        random.fill(static_cast<std::uint8_t>(start));
        for (const std::uint8_t byte : salt_from(random)) {
            EXPECT_LT(byte, 0x80);
            EXPECT_NE(byte, 0);
            EXPECT_NE(byte, '$');
        }
    }
}

TEST(Auth, RsaExchange) {
    const auto key = RsaKey::generate();
    ASSERT_TRUE(key);
    EXPECT_TRUE(key->public_pem().starts_with("-----BEGIN PUBLIC KEY-----"));
    const Salt salt = alphabet();
    for (const std::string& password :
         {std::string("secret"), std::string(), std::string(200, 'x')}) {
        auto block = encrypt_password(password, salt, key->public_pem());
        ASSERT_TRUE(block);
        EXPECT_EQ(*key->decrypt_password(bytes_of(*block), salt), password);
        const auto other_salt = key->decrypt_password(bytes_of(*block), Salt{});
        EXPECT_TRUE(!other_salt || *other_salt != password);
        (*block)[10] = static_cast<char>((*block)[10] ^ 1);
        EXPECT_FALSE(key->decrypt_password(bytes_of(*block), salt));
    }
    EXPECT_FALSE(encrypt_password(std::string(300, 'x'), salt, key->public_pem()));
    EXPECT_FALSE(encrypt_password("x", salt, "not a key"));
    EXPECT_FALSE(key->decrypt_password({}, salt));
    EXPECT_FALSE(RsaKey::from_pem("not a key"));
}

}  // namespace
}  // namespace sluice::wire
