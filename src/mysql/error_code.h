#pragma once
// What a gateway should think of a MySQL server's error.
#include <cstdint>

#include "base/error.h"

namespace sluice::mysql {

// The vtrpc code that a v21 tablet gives to this error number (vttablet-contract 1.7).
Code code_of(std::uint16_t number);

}  // namespace sluice::mysql
