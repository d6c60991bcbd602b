#pragma once
// Which build this is, in the words and places where v21 has them (vtgate-contract 1.0, 11.2).
#include <string>
#include <string_view>

namespace sluice::servenv {

inline constexpr std::string_view version_number = "21.0.3";

std::string_view build_revision();
std::string_view build_time();
double build_seconds();  // the same, since the epoch
// "Version: 21.0.3 (Git revision ...) ..."; also @@version_comment.
std::string version_text();

}  // namespace sluice::servenv
