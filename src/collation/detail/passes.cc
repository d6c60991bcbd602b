// Step 10 of a request: keys of texts in Czech and Thai single-byte character sets.
#include "collation/detail/passes.h"

#include <algorithm>
#include <utility>

namespace sluice::collation::detail {
namespace {

constexpr char pass_end = 1, key_end = 0;

// The weights of a text in one pass, one by one. What has none is passed over.
class PassWeights {
 public:
    PassWeights(const PassOrder& order, std::size_t pass, std::string_view text)
        : order_(order), pass_(pass), rest_(text) {}

    // 0: the end.
    std::uint8_t next() {
        while (!rest_.empty()) {
            std::uint8_t weight = order_.tables[pass_][static_cast<std::uint8_t>(rest_[0])];
            std::size_t used = 1;
            for (const PassContraction& pair : order_.contractions) {
                if (rest_.size() > 1 && static_cast<std::uint8_t>(rest_[0]) == pair.bytes[0] &&
                    static_cast<std::uint8_t>(rest_[1]) == pair.bytes[1]) {
                    weight = pair.weights[pass_];
                    used = 2;
                }
            }
            rest_.remove_prefix(used);
            if (weight != 0) return weight;
        }
        return 0;
    }

 private:
    const PassOrder& order_;
    std::size_t pass_;
    std::string_view rest_;
};

void append_pass(std::string& out, const PassOrder& order, std::size_t pass,
                 std::string_view text) {
    PassWeights weights(order, pass, text);
    for (std::uint8_t weight = weights.next(); weight != 0; weight = weights.next())
        out.push_back(static_cast<char>(weight));
}

struct Words {
    const PassOrder& order;

    bool divides(char c) const {
        return order.tables[0][static_cast<std::uint8_t>(c)] == PassOrder::divider;
    }
    // Bytes in front that divide, or that do not.
    std::size_t run(std::string_view text, bool dividing) const {
        std::size_t size = 0;
        while (size < text.size() && divides(text[size]) == dividing) ++size;
        return size;
    }
    std::string_view without_end(std::string_view text) const {
        while (!text.empty() && divides(text.back())) text.remove_suffix(1);
        return text;
    }

    // Word by word: its first weights, its second weights.
    void append_pairs(std::string& out, std::string_view text) const {
        for (;;) {
            const std::string_view word = text.substr(0, run(text, false));
            text.remove_prefix(word.size());
            const char end = text.empty() ? pass_end : static_cast<char>(PassOrder::divider);
            for (std::size_t pass = 0; pass < 2; ++pass) {
                append_pass(out, order, pass, word);
                out.push_back(end);
            }
            if (text.empty()) return;
            text.remove_prefix(run(text, true));
        }
    }
    // Dividers that stand side by side count once.
    void append_without_repeats(std::string& out, std::size_t pass, std::string_view text) const {
        std::string once;
        for (const char c : text) {
            if (once.empty() || !divides(c) || !divides(once.back())) once.push_back(c);
        }
        append_pass(out, order, pass, once);
    }
    void append(std::string& out, std::string_view text) const {
        text = without_end(text);
        append_pairs(out, text);
        append_without_repeats(out, 2, text);
        out.push_back(pass_end);
        append_pass(out, order, 3, text);
        out.push_back(key_end);
    }
};

// A vowel that is written before its consonant comes behind it. A mark leaves its place for the
// text's end, where it says how far from the front it was: the nearer, the greater. MySQL keeps one
// mark there, the last; the bytes that become free keep what was in them.
std::string reordered(const PassOrder& order, std::string_view text) {
    const auto kind_of = [&order](char c) { return order.tables[1][static_cast<std::uint8_t>(c)]; };
    std::string out(text);
    std::uint8_t from_end = 0xF8;
    std::size_t end = out.size();
    for (std::size_t i = 0; i < end;) {
        const std::uint8_t kind = kind_of(out[i]);
        if (kind == PassOrder::consonant || kind == PassOrder::latin)
            from_end = static_cast<std::uint8_t>(from_end - 8);
        if (kind == PassOrder::leading_vowel && i + 1 < end &&
            kind_of(out[i + 1]) == PassOrder::consonant) {
            std::swap(out[i], out[i + 1]);
            i += 2;
        } else if (kind >= PassOrder::first_mark) {
            std::copy(out.begin() + static_cast<std::ptrdiff_t>(i) + 1,
                      out.begin() + static_cast<std::ptrdiff_t>(end),
                      out.begin() + static_cast<std::ptrdiff_t>(i));
            out.back() = static_cast<char>(from_end + kind - PassOrder::first_mark + 1);
            --end;
        } else {
            out[i] = static_cast<char>(order.tables[0][static_cast<std::uint8_t>(out[i])]);
            ++i;
        }
    }
    return out;
}

}  // namespace

std::string pass_key(const PassOrder& order, std::string_view text) {
    if (order.rule == PassOrder::Rule::thai) return reordered(order, text);
    std::string key;
    append_passes(key, order, text.substr(0, text.find_last_not_of(' ') + 1));
    return key;
}

void append_passes(std::string& out, const PassOrder& order, std::string_view text) {
    switch (order.rule) {
        case PassOrder::Rule::words:
            Words{order}.append(out, text);
            break;
        case PassOrder::Rule::whole:
            for (std::size_t pass = 0; pass < order.tables.size(); ++pass)
                append_pass(out, order, pass, text);
            break;
        case PassOrder::Rule::thai: {
            // MySQL ends the text at a zero and fills up with spaces.
            const std::size_t end = out.size() + text.size();
            out += reordered(order, text.substr(0, text.find('\0')));
            out.resize(end, ' ');
            break;
        }
    }
}

}  // namespace sluice::collation::detail
