// corpora/collations: what v21 answers. Where MySQL answers otherwise, or v21 crashed, MySQL's rule
// is met (docs/differences.md); each such rule is a predicate here, and its cases are counted.
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "base/hex.h"
#include "collation/case.h"
#include "collation/charset.h"
#include "collation/compare.h"
#include "collation/like.h"
#include "collation/merge.h"

namespace sluice::collation {
namespace {

namespace json = boost::json;
using json::object;

std::string_view text(const json::value& value) {
    return value.as_string();
}

std::string from_hex(std::string_view hex) {
    std::string bytes;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
        const auto digit = [hex](std::size_t at) {
            return hex[at] <= '9' ? hex[at] - '0' : (hex[at] | 0x20) - 'a' + 10;
        };
        bytes.push_back(static_cast<char>(digit(i) * 16 + digit(i + 1)));
    }
    return bytes;
}

// {"value": printable} or {"hex": bytes}
std::string bytes(const object& row, std::string_view name) {
    const object& value = row.at(name).as_object();
    if (const auto* hex = value.if_contains("hex")) return from_hex(text(*hex));
    return std::string(text(value.at("value")));
}

const Collation& collation_of(const object& row) {
    return *find_collation(text(row.at("collation")));
}

enum class Outcome { same, explained, differs };

Outcome same(bool holds) {
    return holds ? Outcome::same : Outcome::differs;
}

// `explained`: a rule says that MySQL answers otherwise.
Outcome same_or(bool holds, bool explained) {
    return holds ? Outcome::same : explained ? Outcome::explained : Outcome::differs;
}

// What v21 takes for broken though MySQL does not, or has its own answer for: U+FFFD and U+FFFF;
// any value as utf32; bytes of multi-byte sets that begin no character.
bool is_odd_text(const Charset& charset, std::string_view in) {
    if (!valid(charset, in)) return charset.encoding != Encoding::utf8;
    for (std::string_view rest = in; !rest.empty();) {
        const Char c = next_char(charset, rest);
        if (c.code == 0xFFFD || c.code == 0xFFFF || c.code == no_code) return true;
        rest.remove_prefix(c.bytes);
    }
    return false;
}

// Judges every line of a corpus file, prints the score, and fails if a case is not met.
template <class Judge>
void run_corpus(const std::string& name, Judge judge) {
    const char* const folder = std::getenv("SLUICE_CORPORA");
    if (folder == nullptr) {
        std::printf("corpus %s: absent\n", name.c_str());
        GTEST_SKIP();
    }
    std::ifstream file(std::string(folder) + "/" + name + ".jsonl");
    int passed = 0, total = 0, explained = 0, shown = 0;
    for (std::string line; std::getline(file, line); ++total) {
        const json::value row = json::parse(line);
        const Outcome outcome = judge(row.as_object());
        passed += outcome != Outcome::differs ? 1 : 0;
        explained += outcome == Outcome::explained ? 1 : 0;
        if (outcome == Outcome::differs && ++shown <= 40) std::printf("  %s\n", line.c_str());
    }
    std::printf("corpus %s: %d of %d, %d of them as MySQL answers and v21 does not\n", name.c_str(),
                passed, total, explained);
    EXPECT_GT(total, 0);
    EXPECT_EQ(passed, total);
}

TEST(Corpus, Table) {
    run_corpus("collations/table", [](const object& row) {
        const Collation* const found =
            find_collation(static_cast<CollationId>(row.at("id").as_int64()));
        return same(found != nullptr && found->name == text(row.at("name")) &&
                    found->charset->name == text(row.at("charset")) &&
                    found->is_default == row.at("default_for_charset").as_bool() &&
                    found->is_binary == row.at("is_binary").as_bool() &&
                    found->charset->max_bytes == row.at("max_bytes_per_char").as_int64() &&
                    find_collation(found->name) == found &&
                    (implemented(*found) || !row.at("implemented").as_bool()));
    });
}

// A character set that v21 refuses and MySQL knows is a pass (gbk).
TEST(Corpus, ConnectionCharset) {
    run_corpus("collations/connection_charset", [](const object& row) {
        const Collation* const found = connection_collation(text(row.at("charset_name")));
        if (row.contains("error")) {
            return same(found == nullptr || found->charset->backslash_inside);
        }
        return same(found != nullptr && found->id == row.at("collation_id").as_int64() &&
                    found->name == text(row.at("collation")));
    });
}

std::string weights_of(const Collation& collation, std::string_view in, Weights how) {
    std::string out;
    append_weights(out, collation, in, how);
    return lower_hex(out);
}

// v21 fills a contraction up as one character, MySQL as its characters; v21 changes case by a later
// Unicode than MySQL's.
bool pads_or_has_case(const object& row) {
    const Collation& collation = collation_of(row);
    const std::string in = bytes(row, "in");
    const bool same_weight = weights_of(collation, in, {}) == text(row.at("weight"));
    const bool cased = row.contains("upper") || row.contains("lower");
    const bool contracted = text(row.at("weight")).size() < characters(*collation.charset, in) * 4;
    return same_weight && (cased || (pads(collation) && contracted));
}

TEST(Corpus, Weights) {
    run_corpus("collations/weights", [](const object& row) {
        const Collation& collation = collation_of(row);
        const std::string in = bytes(row, "in");
        const std::string weight = weights_of(collation, in, {});
        const auto wanted = [&row](const char* name) {
            return text(row.at(row.contains(name) ? name : "weight"));
        };
        bool holds = weight == wanted("weight");
        holds = holds && weights_of(collation, in, {.characters = 20}) == wanted("weight_char20");
        if (row.contains("weight_pad_to_max64")) {
            holds =
                holds && weights_of(collation, in, {.bytes = 64}) == wanted("weight_pad_to_max64");
        }
        if (row.contains("upper")) holds = holds && upper(collation, in) == bytes(row, "upper");
        if (row.contains("lower")) holds = holds && lower(collation, in) == bytes(row, "lower");
        holds = holds && characters(*collation.charset, in) ==
                             static_cast<std::size_t>(row.at("length_chars").as_int64());
        holds = holds && valid(*collation.charset, in) == row.at("valid").as_bool();
        return same_or(holds, is_odd_text(*collation.charset, in) || pads_or_has_case(row));
    });
}

int sign(std::weak_ordering order) {
    return order < 0 ? -1 : order > 0 ? 1 : 0;
}

TEST(Corpus, Compare) {
    run_corpus("collations/compare", [](const object& row) {
        const Collation& collation = collation_of(row);
        const std::string a = bytes(row, "a"), b = bytes(row, "b");
        const int found = sign(compare(collation, a, b));
        const bool begins = begins_with(collation, a, b);
        const bool sound = equal(collation, a, b) == (found == 0) &&
                           (found != 0 || hash(collation, a, 1) == hash(collation, b, 1));
        const bool holds =
            found == row.at("cmp").as_int64() && begins == (row.at("cmp_prefix").as_int64() == 0);
        // v21 takes the longer of two for the greater where MySQL compares what is left with
        // spaces, and utf16_bin by its bytes.
        const bool one_begins = begins || begins_with(collation, b, a);
        return same_or(
            holds && sound,
            sound && ((pads(collation) && one_begins) || collation.name == "utf16_bin" ||
                      is_odd_text(*collation.charset, a) || is_odd_text(*collation.charset, b)));
    });
}

TEST(Corpus, Like) {
    run_corpus("collations/like", [](const object& row) {
        const Collation& collation = collation_of(row);
        const std::string pattern = bytes(row, "pattern");
        const bool wanted = row.at("match").as_bool();
        const bool found = like(collation, bytes(row, "in"), pattern);
        // v21 reads "%%" at the end of a single-byte pattern as text, and compares as a whole where
        // there is no wildcard.
        const bool explained =
            (collation.charset->max_bytes == 1 && found && pattern.ends_with("%%")) ||
            (!found && pattern.find_first_of("%_\\") == std::string::npos &&
             equal(collation, bytes(row, "in"), pattern));
        return same_or(found == wanted, explained);
    });
}

TEST(Corpus, CharsetConvert) {
    run_corpus("collations/charset_convert", [](const object& row) {
        const Charset& from = *find_charset(text(row.at("from")));
        const Charset& to = *find_charset(text(row.at("to")));
        const Converted converted = convert(from, to, bytes(row, "in"));
        if (!row.contains("out")) return Outcome::explained;  // v21 crashed
        // v21 turns single bytes without a code into U+0000, and lacks private characters of
        // gb18030.
        return same_or(converted.text == bytes(row, "out") &&
                           (converted.replaced > 0) == row.contains("error"),
                       is_odd_text(from, bytes(row, "in")) ||
                           (from.name == "gb18030" && converted.replaced == 0));
    });
}

Operand operand(const object& row) {
    constexpr std::pair<std::string_view, Coercibility> names[] = {
        {"EXPLICIT", Coercibility::explicit_collate}, {"NONE", Coercibility::none},
        {"IMPLICIT", Coercibility::implicit},         {"SYSCONST", Coercibility::system_constant},
        {"COERCIBLE", Coercibility::coercible},       {"NUMERIC", Coercibility::numeric},
        {"IGNORABLE", Coercibility::ignorable}};
    Operand found{.collation = &collation_of(row),
                  .repertoire = text(row.at("repertoire")) == "ASCII" ? Repertoire::ascii
                                                                      : Repertoire::unicode};
    for (const auto& [name, coercibility] : names) {
        if (name == text(row.at("coercibility"))) found.coercibility = coercibility;
    }
    return found;
}

TEST(Corpus, Merge) {
    run_corpus("collations/merge", [](const object& row) {
        const auto merged =
            merge(operand(row.at("left").as_object()), operand(row.at("right").as_object()), "",
                  {.to_superset = row.at("convert_to_unicode_superset").as_bool(),
                   .to_lower_coercibility = row.at("convert_with_coercion").as_bool()});
        if (!merged) {
            return same(row.contains("error") && merged.error().text == text(row.at("error")) &&
                        merged.error().number == 1267);
        }
        if (!row.contains("out")) return Outcome::differs;
        Operand wanted = operand(row.at("out").as_object());
        const bool holds = merged->left_converted == row.contains("left_converted") &&
                           merged->right_converted == row.contains("right_converted");
        if (holds && merged->result == wanted) return Outcome::same;
        // Two that do not agree have utf8mb4_bin in MySQL.
        if (wanted.collation->name == "utf8mb4_0900_bin") {
            wanted.collation = find_collation("utf8mb4_bin");
        }
        return same_or(false, holds && merged->result == wanted);
    });
}

}  // namespace
}  // namespace sluice::collation
