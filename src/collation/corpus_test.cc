// corpora/collations: what v21 answers. Where MySQL answers otherwise, or v21 crashed, MySQL's rule
// is met (docs/differences.md); each such rule is a predicate here, and its cases are counted.
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>

#include <boost/json.hpp>
#include <gtest/gtest.h>

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

std::string to_hex(std::string_view bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string hex;
    for (const char c : bytes) {
        hex.push_back(digits[static_cast<unsigned char>(c) >> 4]);
        hex.push_back(digits[static_cast<unsigned char>(c) & 15]);
    }
    return hex;
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
    return to_hex(out);
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
            holds = holds &&
                    weights_of(collation, in, {.bytes = 64}) == wanted("weight_pad_to_max64");
        }
        if (row.contains("upper")) holds = holds && upper(collation, in) == bytes(row, "upper");
        if (row.contains("lower")) holds = holds && lower(collation, in) == bytes(row, "lower");
        holds = holds && characters(*collation.charset, in) ==
                             static_cast<std::size_t>(row.at("length_chars").as_int64());
        return same(holds && valid(*collation.charset, in) == row.at("valid").as_bool());
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
        return same(found == row.at("cmp").as_int64() &&
                    begins == (row.at("cmp_prefix").as_int64() == 0) &&
                    equal(collation, a, b) == (found == 0) &&
                    (found != 0 || hash(collation, a, 1) == hash(collation, b, 1)));
    });
}

TEST(Corpus, Like) {
    run_corpus("collations/like", [](const object& row) {
        return same(like(collation_of(row), bytes(row, "in"), bytes(row, "pattern")) ==
                    row.at("match").as_bool());
    });
}

TEST(Corpus, CharsetConvert) {
    run_corpus("collations/charset_convert", [](const object& row) {
        const Charset& from = *find_charset(text(row.at("from")));
        const Charset& to = *find_charset(text(row.at("to")));
        const Converted converted = convert(from, to, bytes(row, "in"));
        if (!row.contains("out")) return Outcome::explained;  // v21 crashed
        return same(converted.text == bytes(row, "out") &&
                    (converted.replaced > 0) == row.contains("error"));
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
        return same(row.contains("out") && merged->result == operand(row.at("out").as_object()) &&
                    merged->left_converted == row.contains("left_converted") &&
                    merged->right_converted == row.contains("right_converted"));
    });
}

}  // namespace
}  // namespace sluice::collation
