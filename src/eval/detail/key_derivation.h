#pragma once
// Keys for AES made of a password by a key derivation function.
#include <string>

#include "eval/detail/operand.h"

namespace sluice::eval {

// Of AES_ENCRYPT(text, key, vector, function [, salt [, more]]): `more` is hkdf's context or
// pbkdf2_hmac's number of rounds. Raises 3235, 3236 and 3238.
std::string derived_key(const Node& node, Run& run, std::string_view password, std::size_t bytes);

}  // namespace sluice::eval
