#pragma once
// A constant pattern of LIKE, prepared once for texts of ASCII.
#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "collation/collation.h"

namespace sluice::eval {

class LikePattern {
 public:
    // nullopt for a pattern with other than ASCII characters, for one that is long, and for
    // character sets in which ASCII is not one byte.
    static std::optional<LikePattern> of(const collation::Collation& collation,
                                         std::string_view pattern, char32_t escape);

    // What collation::like says; nullopt if a byte beyond ASCII was met before it was certain.
    std::optional<bool> matches(std::string_view text) const;

 private:
    enum class Part : std::uint8_t { letter, one, many };
    struct Step {
        Part part = Part::letter;
        std::array<std::uint64_t, 2> letters{};  // a bit for each that equals the pattern's
    };

    std::vector<Step> steps_;
};

}  // namespace sluice::eval
