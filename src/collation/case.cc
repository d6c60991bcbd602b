// Step 10 of a request: UPPER and LOWER of a value that the gate computes.
#include "collation/case.h"

#include "collation/charset.h"
#include "collation/detail/order.h"

namespace sluice::collation {
namespace {

constexpr char32_t replacement = 0xFFFD;

void append_changed(std::string& out, const detail::CaseTable& table, const Charset& charset,
                    char32_t code, bool up) {
    const detail::CodeCase found = detail::case_of(table, code);
    if (!append_char(out, charset, up ? found.upper : found.lower)) append_char(out, charset, '?');
}

std::string unicode(const detail::CaseTable& table, const Charset& charset, std::string_view text,
                    bool up) {
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        const Char c = next_char(charset, text);
        if (c.valid) {
            append_changed(out, table, charset, c.code, up);
        } else if (!append_char(out, charset, replacement)) {
            append_char(out, charset, '?');
        }
        text.remove_prefix(c.bytes);
    }
    return out;
}

// As unicode, but the result is written over the text.
std::string in_place(const detail::CaseTable& table, const Charset& charset, std::string text,
                     bool up) {
    std::size_t read = 0, written = 0;
    std::string changed;
    while (read < text.size()) {
        const Char c = next_char(charset, std::string_view(text).substr(read));
        if (!c.valid) break;
        changed.clear();
        append_changed(changed, table, charset, c.code, up);
        if (written + changed.size() > text.size()) break;
        text.replace(written, changed.size(), changed);
        read += c.bytes;
        written += changed.size();
    }
    text.resize(written);
    return text;
}

bool is_in_place(const Collation& collation, std::string_view text) {
    const Encoding encoding = collation.charset->encoding;
    // The Turkish order of old has more room, for its dotted capital.
    return (encoding == Encoding::utf8 || encoding == Encoding::utf8_basic) &&
           detail::kind_name(collation) != "turkish_ci" && valid(*collation.charset, text);
}

std::string single(const detail::SingleByteOrder& order, std::string_view text, bool up) {
    std::string out(text);
    const auto& table = up ? order.upper : order.lower;
    for (char& c : out) c = static_cast<char>(table[static_cast<std::uint8_t>(c)]);
    return out;
}

std::string multibyte(const Charset& charset, std::string_view text, bool up) {
    const detail::MultibyteSet& set = detail::multibyte_set(charset);
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        const Char c = next_char(charset, text);
        const std::string_view bytes = text.substr(0, c.bytes);
        const detail::CasePair* const found =
            c.valid ? set.cased(detail::key_of_bytes(bytes)) : nullptr;
        if (found == nullptr) {
            out += bytes;
        } else {
            detail::append_key(out, up ? found->upper : found->lower);
        }
        text.remove_prefix(c.bytes);
    }
    return out;
}

std::string changed(const Collation& collation, std::string_view text, bool up) {
    const detail::Order& order = detail::order_of(collation);
    const Charset& charset = *collation.charset;
    if (order.cases != nullptr && is_in_place(collation, text)) {
        return in_place(*order.cases, charset, std::string(text), up);
    }
    if (order.cases != nullptr) return unicode(*order.cases, charset, text, up);
    if (order.single != nullptr) return single(*order.single, text, up);
    if (charset.encoding == Encoding::multibyte) return multibyte(charset, text, up);
    return std::string(text);
}

}  // namespace

std::string upper(const Collation& collation, std::string_view text) {
    return changed(collation, text, true);
}

std::string lower(const Collation& collation, std::string_view text) {
    return changed(collation, text, false);
}

}  // namespace sluice::collation
