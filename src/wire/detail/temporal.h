#pragma once
// Dates and times of the binary protocol, from and to the text that MySQL prints. `decimals`:
// fraction digits; 31 prints six if there is a fraction and none otherwise. Functions give false
// for what is no such value.
#include <cstdint>
#include <string>
#include <string_view>

#include "wire/bytes.h"

namespace sluice::wire::detail {

bool append_date_text(std::string& out, bool only_date, std::uint8_t decimals, ByteView raw);
bool append_time_text(std::string& out, std::uint8_t decimals, ByteView raw);

// With their length byte; trailing zero parts are left out as a server does.
bool put_date(Bytes& out, std::string_view text);
bool put_time(Bytes& out, std::string_view text);

}  // namespace sluice::wire::detail
