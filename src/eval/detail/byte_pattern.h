#pragma once
// The regular expressions of JSON schemas: ECMAScript's, over the bytes of a text, as MySQL's
// validator takes them. ICU runs them, within limits of time and stack.
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <unicode/regex.h>

#include "eval/environment.h"

namespace sluice::eval {

// The same pattern in ICU's syntax, where a character stands for a byte; nullopt for what is no
// pattern.
std::optional<std::string> icu_pattern(std::string_view ecmascript);

class BytePattern {
 public:
    // nullopt for what is no pattern.
    static std::optional<BytePattern> of(std::string_view ecmascript);

    // Whether it matches anywhere in the text. Raises 3698 and 3699 where a limit is met.
    bool found_in(std::string_view text, const Environment& environment) const;

 private:
    explicit BytePattern(std::unique_ptr<icu::RegexPattern> pattern)
        : pattern_(std::move(pattern)) {}

    std::unique_ptr<icu::RegexPattern> pattern_;
};

}  // namespace sluice::eval
