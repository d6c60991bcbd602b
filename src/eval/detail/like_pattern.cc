// LIKE over ASCII: the letters that are equal under the collation are found out when the pattern is
// bound, so that a row costs a bit test for each of its bytes that is looked at.
#include "eval/detail/like_pattern.h"

#include "collation/like.h"

namespace sluice::eval {
namespace {

constexpr std::size_t longest_pattern = 64;
constexpr unsigned ascii_end = 128;

}  // namespace

std::optional<LikePattern> LikePattern::of(const collation::Collation& collation,
                                           std::string_view pattern, char32_t escape) {
    const std::string_view charset = collation.charset->name;
    const bool known = charset == "utf8mb4" || charset == "utf8mb3" || charset == "latin1" ||
                       charset == "ascii" || charset == "binary";
    if (!known || pattern.size() > longest_pattern || escape >= ascii_end) return std::nullopt;
    LikePattern made;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        char sign = pattern[i];
        if (static_cast<std::uint8_t>(sign) >= ascii_end) return std::nullopt;
        const bool escaped =
            escape != 0 && static_cast<char32_t>(sign) == escape && i + 1 < pattern.size();
        if (escaped) sign = pattern[++i];
        if (static_cast<std::uint8_t>(sign) >= ascii_end) return std::nullopt;
        Step step;
        if (!escaped && sign == '%') step.part = Part::many;
        if (!escaped && sign == '_') step.part = Part::one;
        const char quoted[] = {'\\', sign};
        for (unsigned code = 0; step.part == Part::letter && code < ascii_end; ++code) {
            const char other = static_cast<char>(code);
            if (collation::like(collation, {&other, 1}, {quoted, 2}, U'\\'))
                step.letters[code / 64] |= std::uint64_t{1} << (code % 64);
        }
        made.steps_.push_back(step);
    }
    return made;
}

std::optional<bool> LikePattern::matches(std::string_view text) const {
    std::size_t step = 0;
    std::size_t at = 0;
    // Where to go on after a mismatch: behind the last '%', one character further in the text.
    std::optional<std::size_t> retry_step;
    std::size_t retry_at = 0;
    while (at < text.size()) {
        if (step < steps_.size() && steps_[step].part == Part::many) {
            if (++step == steps_.size()) return true;
            retry_step = step;
            retry_at = at;
            continue;
        }
        const auto byte = static_cast<std::uint8_t>(text[at]);
        if (byte >= ascii_end) return std::nullopt;
        if (step < steps_.size()) {
            const Step& wanted = steps_[step];
            if (wanted.part == Part::one || (wanted.letters[byte / 64] >> (byte % 64) & 1) != 0) {
                ++step;
                ++at;
                continue;
            }
        }
        if (!retry_step) return false;
        step = *retry_step;
        at = ++retry_at;
    }
    while (step < steps_.size() && steps_[step].part == Part::many) ++step;
    return step == steps_.size();
}

}  // namespace sluice::eval
