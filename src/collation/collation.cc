// Steps 2 and 4 of a request: which character set a client speaks and how its strings are read.
// Before: wire/server_handshake.cc. After: the lexer, and column definitions on the way back.
#include "collation/collation.h"

#include <algorithm>
#include <deque>
#include <iterator>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "collation/detail/table.h"

namespace sluice::collation {
namespace {

std::string canonical(std::string_view name) {
    std::string lower(name);
    std::ranges::transform(lower, lower.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    if (lower == "utf8" || lower.starts_with("utf8_")) lower.insert(4, "mb3");
    return lower;
}

struct Tables {
    std::deque<std::string> made_names;  // of the uca1400 family
    std::vector<Collation> by_id;
    std::map<std::string_view, const Collation*> by_name;

    Tables() : by_id(std::begin(detail::collation_table), std::end(detail::collation_table)) {
        add_uca1400();
        std::ranges::sort(by_id, {}, &Collation::id);
        // Rows of MySQL come first, so that emplace keeps them.
        for (const bool mariadb : {false, true}) {
            for (const Collation& row : by_id) {
                if (row.mariadb == mariadb) by_name.emplace(row.name, &row);
            }
        }
    }

    void add_uca1400() {
        CollationId first = detail::uca1400_first;
        for (const std::string_view charset : detail::uca1400_charsets) {
            CollationId id = first;
            for (const std::string_view language : detail::uca1400_languages) {
                for (unsigned kind = 0; kind < 8; ++kind, ++id) {
                    if (language == "-") continue;
                    std::string name = std::string(charset) + "_uca1400_" + std::string(language);
                    if (!language.empty()) name += "_";
                    if ((kind & 4) != 0) name += "nopad_";
                    name += (kind & 2) != 0 ? "as_" : "ai_";
                    name += (kind & 1) != 0 ? "cs" : "ci";
                    made_names.push_back(std::move(name));
                    by_id.push_back({.id = id,
                                     .name = made_names.back(),
                                     .charset = find_charset(charset),
                                     .mariadb = true});
                }
            }
            first = static_cast<CollationId>(first + 256);
        }
    }
};

const Tables& tables() {
    static const Tables all;
    return all;
}

}  // namespace

const Collation* find_collation(CollationId id) {
    const auto& rows = tables().by_id;
    const auto at = std::ranges::lower_bound(rows, id, {}, &Collation::id);
    return at != rows.end() && at->id == id ? &*at : nullptr;
}

const Collation* find_collation(std::string_view name) {
    const auto at = tables().by_name.find(canonical(name));
    return at == tables().by_name.end() ? nullptr : at->second;
}

const Charset* find_charset(std::string_view name) {
    const std::string want = canonical(name);
    const auto* const at = std::ranges::find(detail::charset_table, want, &Charset::name);
    return at == std::end(detail::charset_table) ? nullptr : at;
}

const Collation* default_collation(std::string_view charset) {
    const Charset* const found = find_charset(charset);
    return found == nullptr ? nullptr : find_collation(found->default_collation);
}

const Collation* connection_collation(std::string_view name) {
    if (name.empty()) return find_collation(utf8mb4_0900_ai_ci);
    const Collation* const by_charset = default_collation(name);
    return by_charset != nullptr ? by_charset : find_collation(name);
}

std::span<const Collation> collations() {
    return tables().by_id;
}

}  // namespace sluice::collation
