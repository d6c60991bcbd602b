// Part of step 6 of a request: turns text into the weights that a unicode_loose vindex hashes, so
// that letters that differ only in case, accent or width reach the same shard.
//
// The key is made of primary weights of Unicode 6.2 (CLDR 23), each of two bytes, or three with the
// top bit set. Which weights a text has is decided as golang.org/x/text does: longest contraction
// first, marks in between passed over if they do not block it, and weights of combining marks in
// the order of their classes, as if normalised.
#include "vindex/detail/unicode_key.h"

#include <algorithm>
#include <array>

#include "base/assert.h"
#include "vindex/detail/go_text.h"
#include "vindex/detail/unicode_tables.h"

namespace sluice::vindex {

namespace {

constexpr std::size_t max_marks = 30;  // a longer run of combining marks is cut, as x/text does

void append_primary(std::string& key, std::uint32_t primary) {
    if (primary == 0) return;
    if (primary > 0x7fff) {
        key += static_cast<char>(0x80 | primary >> 16);
    }
    key += static_cast<char>(primary >> 8 & 0xff);
    key += static_cast<char>(primary & 0xff);
}

// Orders the elements of a run of combining marks by class, stably, and gives everything to the key
// in order.
class KeyWriter {
 public:
    explicit KeyWriter(std::string& key) : key_(key) {}

    // The elements of one character or contraction.
    void add(std::span<const Element> chunk) {
        if (chunk.empty()) return;
        const std::uint32_t first_class = chunk.front().combining_class();
        if (first_class == 0 || size_ + chunk.size() > max_marks) flush();
        if (first_class == 0) {  // what precedes the last starter cannot be moved any more
            std::size_t movable = chunk.size();
            while (chunk[movable - 1].combining_class() != 0) --movable;
            for (const Element element : chunk.first(movable))
                append_primary(key_, element.primary());
            chunk = chunk.subspan(movable);
        }
        std::size_t at = size_;
        if (first_class != 0) {
            while (at > 0 && run_[at - 1].combining_class() > first_class) --at;
        }
        VT_ASSERT(size_ + chunk.size() <= run_.size());
        const auto place = run_.begin() + static_cast<std::ptrdiff_t>(at);
        const auto end = run_.begin() + static_cast<std::ptrdiff_t>(size_);
        std::move_backward(place, end, end + static_cast<std::ptrdiff_t>(chunk.size()));
        std::ranges::copy(chunk, place);
        size_ += chunk.size();
    }
    void flush() {
        for (std::size_t i = 0; i < size_; ++i) append_primary(key_, run_[i].primary());
        size_ = 0;
    }

 private:
    std::string& key_;
    std::array<Element, 64> run_;  // marks since the last starter
    std::size_t size_ = 0;
};

void weigh(std::string_view& text, KeyWriter& writer);

void weigh_all(std::string_view text, KeyWriter& writer) {
    while (!text.empty()) weigh(text, writer);
}

void weigh_character(char32_t character, KeyWriter& writer) {
    if (const Entry entry = find_entry(character); entry.listed) return writer.add(entry.elements);
    constexpr char32_t first_hangul = 0xac00, last_hangul = 0xd7a3, leads = 0x1100, vowels = 0x1161,
                       trails = 0x11a7;
    constexpr char32_t vowel_count = 21, trail_count = 28;
    if (character >= first_hangul && character <= last_hangul) {
        const char32_t index = character - first_hangul;
        weigh_character(leads + index / (vowel_count * trail_count), writer);
        weigh_character(vowels + index / trail_count % vowel_count, writer);
        if (index % trail_count != 0) weigh_character(trails + index % trail_count, writer);
        return;
    }
    const std::array implicit{Element{implicit_primary(character)}};
    writer.add(implicit);
}

// The contraction of `contractions` made of `second` and, unless 0, `third`.
const Contraction* find_contraction(std::span<const Contraction> contractions, char32_t second,
                                    char32_t third) {
    const auto found = std::ranges::find_if(
        contractions, [&](const Contraction& c) { return c.second == second && c.third == third; });
    return found == contractions.end() ? nullptr : &*found;
}

bool continues(std::span<const Contraction> contractions, char32_t second) {
    return std::ranges::any_of(
        contractions, [&](const Contraction& c) { return c.second == second && c.third != 0; });
}

// Follows the characters after the first one of a possible contraction.
struct Match {
    std::span<const Contraction> contractions;
    char32_t second = 0;                // matched so far
    const Contraction* best = nullptr;  // the longest complete one
    std::size_t best_end = 0;           // bytes of the text up to its end
    bool done = false;                  // nothing longer is possible

    // Takes the character if the contraction goes on with it.
    bool take(char32_t character, std::size_t end) {
        if (done) return false;
        const Contraction* found = second == 0 ? find_contraction(contractions, character, 0)
                                               : find_contraction(contractions, second, character);
        const bool more = second == 0 && continues(contractions, character);
        if (!found && !more) return false;
        if (found) {
            best = found;
            best_end = end;
        }
        second = character;
        done = !more;
        return true;
    }
};

// Looks past marks that do not block for the rest of a contraction; `at` is where matching stopped.
// Gives the passed-over characters that lie before the end of the best match.
std::string match_over_gap(std::string_view text, std::size_t at, Match& match) {
    std::string passed, passed_before_best;
    Decoded next = decode_utf8(text.substr(at));
    if (next.length == 0) return {};
    CombiningClass mark = combining_class(next.character);
    if (mark.lead == 0) return {};
    std::uint32_t previous = mark.trail;
    passed += text.substr(at, next.length);
    at += next.length;
    while (at < text.size() && !match.done) {
        next = decode_utf8(text.substr(at));
        mark = combining_class(next.character);
        if (next.length == 0 || mark.lead == 0 || previous >= mark.lead) break;
        previous = mark.trail;
        if (match.take(next.character, at + next.length)) {
            if (match.best_end == at + next.length) passed_before_best = passed;
        } else {
            passed += text.substr(at, next.length);
        }
        at += next.length;
    }
    return passed_before_best;
}

// Weighs the next character or contraction and moves past it.
void weigh(std::string_view& text, KeyWriter& writer) {
    const Decoded first = decode_utf8(text);
    const Entry entry = find_entry(first.character);
    if (!entry.contracts) {
        weigh_character(first.character, writer);
        text.remove_prefix(first.length);
        return;
    }
    Match match{.contractions = contractions_of(first.character)};
    std::size_t at = first.length;
    while (at < text.size()) {
        const Decoded next = decode_utf8(text.substr(at));
        if (next.length == 0 || !match.take(next.character, at + next.length)) break;
        at += next.length;
    }
    std::string passed;
    if (!match.done && at < text.size()) passed = match_over_gap(text, at, match);
    if (!match.best) {
        writer.add(entry.elements);
        text.remove_prefix(first.length);
        return;
    }
    writer.add(elements_at(match.best->place));
    weigh_all(passed, writer);
    text.remove_prefix(match.best_end);
}

}  // namespace

Result<void> make_unicode_key(std::string_view text, std::string& key) {
    key.clear();
    for (std::string_view rest = text; !rest.empty();) {
        const std::size_t length =
            static_cast<unsigned char>(rest[0]) < 0x80 ? 1 : decode_utf8(rest).length;
        if (length == 0) {
            return fail(Code::invalid_argument,
                        "cannot normalize string containing invalid UTF-8: " + quoted(text));
        }
        rest.remove_prefix(length);
    }
    while (text.ends_with(' ')) text.remove_suffix(1);
    KeyWriter writer(key);
    weigh_all(text, writer);
    writer.flush();
    return {};
}

}  // namespace sluice::vindex
