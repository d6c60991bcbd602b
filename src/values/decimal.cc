// Step 6 of a request whose numbers the gate adds, divides or compares: their texts, their order.
// Before: engine/aggregate.cc, engine/rows.cc. After: values/decimal_arithmetic.cc.
#include "values/decimal.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>

namespace sluice {

namespace {

// Digits that a machine word takes.
constexpr int chunk_digits = 18;
constexpr std::uint64_t chunk = 1'000'000'000'000'000'000;
// Beyond every exponent that leaves something of a number of 81 digits.
constexpr int far_exponent = 1000;

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool is_space(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

// Takes the digits at the text's start away.
std::string_view take_digits(std::string_view* text) {
    const auto end = std::ranges::find_if_not(*text, is_digit);
    const auto length = static_cast<std::size_t>(end - text->begin());
    const std::string_view digits = text->substr(0, length);
    text->remove_prefix(length);
    return digits;
}

// exponent = ( "e" | "E" ) [ sign ] digits; nothing is taken if that is not what follows.
int take_exponent(std::string_view* text) {
    std::string_view rest = *text;
    if (rest.empty() || (rest.front() != 'e' && rest.front() != 'E')) return 0;
    rest.remove_prefix(1);
    const bool negative = rest.starts_with('-');
    if (negative || rest.starts_with('+')) rest.remove_prefix(1);
    const std::string_view digits = take_digits(&rest);
    if (digits.empty()) return 0;
    *text = rest;
    int exponent = 0;
    for (const char digit : digits)
        exponent = std::min(exponent * 10 + (digit - '0'), far_exponent);
    return negative ? -exponent : exponent;
}

// A number's text in its parts; `whole` begins with no zero.
struct Digits {
    bool negative = false;
    std::string_view whole;
    std::string_view part;
    int exponent = 0;
    std::size_t used = 0;

    bool nothing() const { return whole.empty() && zeros_behind_point() == part.size(); }
    // Digits before the point; negative: zeros behind it.
    int magnitude() const {
        if (nothing()) return 0;
        const int before = whole.empty() ? -static_cast<int>(zeros_behind_point())
                                         : static_cast<int>(whole.size());
        return before + exponent;
    }
    std::size_t zeros_behind_point() const {
        return std::min(part.find_first_not_of('0'), part.size());
    }
};

Digits split(std::string_view text) {
    std::string_view rest = text;
    Digits made;
    while (!rest.empty() && is_space(rest.front())) rest.remove_prefix(1);
    made.negative = rest.starts_with('-');
    if (made.negative || rest.starts_with('+')) rest.remove_prefix(1);
    made.whole = take_digits(&rest);
    const bool digit = !made.whole.empty();
    if (rest.starts_with('.')) {
        std::string_view behind = rest.substr(1);
        made.part = take_digits(&behind);
        if (digit || !made.part.empty()) rest = behind;
    }
    if (!digit && made.part.empty()) return {};
    made.exponent = take_exponent(&rest);
    made.used = text.size() - rest.size();
    made.whole.remove_prefix(std::min(made.whole.find_first_not_of('0'), made.whole.size()));
    return made;
}

int groups(std::size_t digits) {
    return static_cast<int>((digits + Decimal::group_digits - 1) / Decimal::group_digits);
}

}  // namespace

Decimal::Coefficient Decimal::number_of(std::string_view whole, std::string_view part) {
    Coefficient number = 0;
    std::uint64_t piece = 0;
    int length = 0;
    for (const std::string_view digits : {whole, part}) {
        for (const char digit : digits) {
            piece = piece * 10 + static_cast<std::uint64_t>(digit - '0');
            if (++length < chunk_digits) continue;
            number = number * chunk + piece;
            piece = 0;
            length = 0;
        }
    }
    return number == 0 ? Coefficient(piece) : number * power_of_ten(length) + piece;
}

Decimal::Coefficient Decimal::power_of_ten(int exponent) {
    static constexpr std::size_t count = 2 * group_digits * max_groups + 1;
    static const auto powers = [] {
        std::array<Coefficient, count> made{1};
        for (std::size_t i = 1; i < count; ++i) made[i] = made[i - 1] * 10;
        return made;
    }();
    return powers[static_cast<std::size_t>(exponent)];
}

Decimal::Coefficient Decimal::at_scale(int scale) const {
    return scale == scale_ ? coefficient_ : coefficient_ * power_of_ten(scale - scale_);
}

Decimal::Size Decimal::size() const {
    return static_cast<Size>(coefficient_ < 0 ? -coefficient_ : coefficient_);
}

Decimal::Words Decimal::words_of(const Size& size) {
    Words words{};
    static_assert(sizeof(words) == sizeof(size));
    std::memcpy(words.data(), &size, sizeof(words));
    return words;
}

int Decimal::digits_of(const Coefficient& coefficient) {
    auto size = static_cast<Size>(coefficient < 0 ? -coefficient : coefficient);
    const Words words = words_of(size);
    int bits = 0;
    for (auto i = static_cast<int>(words.size()); i-- > 0 && bits == 0;) {
        const std::uint64_t word = words[static_cast<std::size_t>(i)];
        if (word != 0) bits = i * 64 + static_cast<int>(std::bit_width(word));
    }
    // log10(2) of the bits is the number of digits, or one less.
    const int least = bits * 1233 >> 12;
    return size >= static_cast<Size>(power_of_ten(least)) ? least + 1 : least;
}

std::optional<Decimal> Decimal::parse(std::string_view text) {
    const Reading reading = read(text);
    const bool whole = !text.empty() && !is_space(text.front()) && reading.used == text.size() &&
                       text.find_first_of("eE") == std::string_view::npos;
    const Decimal& value = reading.value;
    if (!whole || reading.out_of_range || reading.cut || value.scale_ > max_scale ||
        digits_of(value.coefficient_) > max_digits) {
        return std::nullopt;
    }
    return value;
}

Decimal::Reading Decimal::read(std::string_view text) {
    const Digits digits = split(text);
    if (digits.used == 0) return {};
    Reading made{.value = {}, .used = digits.used};
    const int left_over = max_groups - groups(digits.whole.size());
    if (left_over < 0 || digits.magnitude() > max_groups * group_digits) {
        made.value = largest(max_digits, 0, digits.negative);
        made.out_of_range = true;
        return made;
    }
    // Digits that have no place are not read.
    const std::string_view part =
        digits.part.substr(0, static_cast<std::size_t>(left_over) * group_digits);
    made.cut = part.size() < digits.part.size();
    const int scale = static_cast<int>(part.size()) - digits.exponent;
    const bool vanishes = scale > 2 * max_groups * group_digits;
    Coefficient coefficient = vanishes ? 0 : number_of(digits.whole, part);
    if (coefficient == 0) {  // what was not read may be something, and its exponent anything
        made.cut = made.cut || !digits.nothing();
        made.value.scale_ = std::clamp(scale, 0, max_groups * group_digits);
        return made;
    }
    if (digits.negative) coefficient = -coefficient;
    if (scale < 0) coefficient *= power_of_ten(-scale);
    const std::optional<Decimal> fit = fitted(coefficient, std::max(scale, 0));
    made.out_of_range = !fit;
    made.value = fit ? *fit : largest(max_digits, 0, digits.negative);
    made.cut = made.cut || (fit && fit->scale_ < scale);
    return made;
}

std::optional<Decimal> Decimal::of(double number) {
    if (!std::isfinite(number)) return std::nullopt;
    char text[40];
    const char* end =
        std::to_chars(text, text + sizeof(text), number, std::chars_format::scientific).ptr;
    const Reading reading = read({text, end});
    return reading.out_of_range ? std::nullopt : std::optional(reading.value);
}

Decimal Decimal::largest(int digits, int scale, bool negative) {
    Coefficient nines = power_of_ten(digits) - 1;
    return {negative ? -nines : nines, scale};
}

std::strong_ordering Decimal::operator<=>(const Decimal& other) const {
    std::int64_t one = 0;
    std::int64_t another = 0;
    if (align(*this, other, one, another)) return one <=> another;
    const int scale = std::max(scale_, other.scale_);
    Coefficient left = at_scale(scale);
    Coefficient right = other.at_scale(scale);
    if (left < right) return std::strong_ordering::less;
    return left > right ? std::strong_ordering::greater : std::strong_ordering::equal;
}

std::string Decimal::text() const {
    char digits[200];
    char* const end = digits + sizeof(digits);
    char* at = end;
    Size rest = size();
    int written = 0;
    const auto put = [&](std::uint64_t digit) {
        if (written == scale_ && scale_ > 0) *--at = '.';
        *--at = static_cast<char>('0' + digit);
        ++written;
    };
    while (rest != 0) {
        Size piece = 0;
        rest = divided(rest, chunk, &piece);
        auto number = static_cast<std::uint64_t>(piece);
        for (int i = 0; i < chunk_digits && (number != 0 || rest != 0); ++i) {
            put(number % 10);
            number /= 10;
        }
    }
    while (written <= scale_) put(0);
    if (coefficient_ < 0) *--at = '-';
    return {at, end};
}

double Decimal::to_double() const {
    const std::string digits = text();
    double number = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), number);
    return number;
}

}  // namespace sluice
