// Any bytes as text of any character set: every function ends; comparing is an order that sort keys
// and hashes agree with; what converts without loss comes back.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "collation/case.h"
#include "collation/charset.h"
#include "collation/compare.h"
#include "collation/like.h"

namespace {

using namespace sluice::collation;

void require(bool holds) {
    if (!holds) std::abort();
}

// Some weights are of several sizes, or of broken text; there keys need not have the order.
bool keys_are_ordered(const Collation& by, std::string_view left, std::string_view right) {
    return valid(*by.charset, left) && valid(*by.charset, right) && !pads(by);
}

void check_order(const Collation& by, std::string_view left, std::string_view right) {
    const auto order = compare(by, left, right);
    require(compare(by, right, left) == 0 <=> order);
    require(equal(by, left, left) && equal(by, right, right));
    if (order == 0) require(hash(by, left, 3) == hash(by, right, 3));
    std::string first, second;
    append_weights(first, by, left);
    append_weights(second, by, right);
    if (keys_are_ordered(by, left, right)) require(first.compare(second) <=> 0 == order);
    require(begins_with(by, left, ""));
    const std::size_t found = find(by, left, right);
    require(found == std::string_view::npos || begins_with(by, left.substr(found), right));
}

void check_characters(const Collation& by, std::string_view text) {
    const Charset& charset = *by.charset;
    const std::size_t whole = valid_prefix(charset, text);
    require(whole <= text.size() && valid(charset, text.substr(0, whole)));
    require(bytes_of(charset, text, characters(charset, text)) == text.size());
    require(like(by, text, "%") || charset.max_bytes > 1);
    (void)upper(by, text);
    (void)lower(by, text);
}

void check_conversion(const Charset& from, const Charset& to, std::string_view text) {
    const Converted there = convert(from, to, text);
    if (!valid(from, text)) return;
    require(valid(to, there.text) || &from != &to);
    if (there.replaced > 0 || to.encoding == Encoding::bytes) return;
    if (from.encoding == Encoding::bytes) return;
    const Converted back = convert(to, from, there.text);
    const Converted again = convert(from, to, back.text);
    require(again.text == there.text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 4) return 0;
    const auto all = collations();
    const std::size_t number = data[0] + data[1] * 256U;
    const Collation& by = all[number % all.size()];
    const Collation& other = all[data[2] * 5U % all.size()];
    if (!implemented(by)) return 0;
    const std::string_view text(reinterpret_cast<const char*>(data) + 4, size - 4);
    const std::size_t cut = data[3] % (text.size() + 1);
    const std::string_view left = text.substr(0, cut), right = text.substr(cut);
    check_order(by, left, right);
    check_characters(by, text);
    (void)like(by, left, right, data[3]);
    check_conversion(*by.charset, *other.charset, text);
    return 0;
}
