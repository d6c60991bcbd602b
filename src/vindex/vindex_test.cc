// All vindexes: the golden vectors of vtgate-contract 8.5, and the recorded cases of
// corpora/vindexes.
#include "vindex/vindex.h"

#include "vindex/create.h"
#include "vindex/detail/corpus_lines.h"
#include "vindex/detail/digest.h"
#include "vindex/detail/unicode_key.h"

namespace sluice::vindex {
namespace {

using corpus::text_of;
using corpus::json::object;
using Wrong = std::optional<std::string>;

Creation creation_for_tests() {
    return {.read_file = [](const std::string& path) -> Result<std::string> {
                const char* const folder = std::getenv("SLUICE_CORPORA");
                const auto file = std::filesystem::path(folder ? folder : "") / "vindexes" / path;
                if (!std::filesystem::is_regular_file(file)) {
                    return fail(Code::not_found, "open " + path + ": no such file or directory");
                }
                return corpus::read_all(file);
            },
            .more_types = {}};
}

Parameters parameters_of(const object& c) {
    Parameters parameters;
    const auto* found = c.if_contains("params");
    if (!found || !found->is_object()) return parameters;
    for (const auto& [key, value] : found->as_object())
        parameters[key] = std::string(value.as_string());
    return parameters;
}

std::string describe(const Destination& destination) {
    if (const auto* range = std::get_if<to::Range>(&destination)) {
        return "keyrange " + to_hex(range->range->start) + " " + to_hex(range->range->end);
    }
    return to_text(destination);
}

std::string describe(const object& map) {
    if (text_of(map, "kind") != "keyrange") return text_of(map, "text");
    return "keyrange " + text_of(map, "start") + " " + text_of(map, "end");
}

// What an operation gave, beside what is recorded under `key` and `key`_error.
Wrong compare(const object& c, std::string_view key, const Result<std::string>& got) {
    const auto* recorded = c.if_contains(key);
    const std::string want_error = text_of(c, std::string(key) + "_error");
    const std::string want = recorded ? describe(recorded->as_object()) : "error: " + want_error;
    const std::string text = got ? *got : "error: " + got.error().text;
    if (text == want) return std::nullopt;
    return std::string(key) + ": got " + text + ", want " + want;
}

Result<std::string> described(const Result<Destination>& got) {
    if (!got) return std::unexpected(got.error());
    return describe(*got);
}

Wrong check_single(const Vindex& vindex, const object& c, const std::vector<ValueView>& row) {
    if (vindex.properties().hashing) {
        const auto hash = vindex.hash(row[0]);
        if ((hash ? "" : hash.error().text) != text_of(c, "hash_error")) {
            return "hash: " + (hash ? "succeeded" : hash.error().text);
        }
    }
    if (c.contains("reverse") || c.contains("reverse_error")) {
        const auto map = vindex.map(row[0]);
        const auto value = vindex.reverse(map.value().value().view());
        if (!value || *value != corpus::value_of(c.at("reverse").as_object()))
            return "reverse: another value";
    }
    if (c.contains("prefix_map") || c.contains("prefix_map_error")) {
        return compare(c, "prefix_map", described(vindex.map_prefix(row[0])));
    }
    return std::nullopt;
}

Wrong check_vindex(const object& c) {
    const auto created = create(text_of(c, "vindex"), "v", parameters_of(c), creation_for_tests());
    if (!created) return "create: " + created.error().text;
    const Vindex& vindex = **created;
    std::vector<Value> values;
    for (const auto& value : c.at("in").as_array())
        values.push_back(corpus::value_of(value.as_object()));
    std::vector<ValueView> row;
    for (const Value& value : values) row.push_back({value.type, value.bytes});

    const auto mapped = vindex.map_row(row);
    if (const Wrong wrong = compare(c, "map", described(mapped))) return wrong;
    const auto* id = mapped ? std::get_if<to::Id>(&*mapped) : nullptr;
    const auto verified = vindex.verify(row, id ? id->id.view() : std::string_view("\x01\x02", 2));
    if ((verified ? "" : verified.error().text) != text_of(c, "verify_error")) {
        return "verify: " + (verified ? "succeeded" : verified.error().text);
    }
    if (verified && *verified != (id != nullptr)) return "verify: the wrong answer";
    return row.size() == 1 ? check_single(vindex, c, row) : std::nullopt;
}

class VindexCorpus : public testing::TestWithParam<const char*> {};
TEST_P(VindexCorpus, Cases) {
    corpus::run(std::string("vindexes/") + GetParam(), check_vindex);
}
INSTANTIATE_TEST_SUITE_P(All, VindexCorpus,
                         testing::Values("binary", "binary_md5", "cfc", "hash", "multicol", "null",
                                         "numeric", "numeric_static_map", "region_experimental",
                                         "region_json", "reverse_bits", "unicode_loose_md5",
                                         "unicode_loose_xxhash", "xxhash"),
                         [](const auto& type) { return std::string(type.param); });

std::string joined(const corpus::json::value* list) {
    std::string text;
    if (list && list->is_array()) {
        for (const auto& item : list->as_array()) text += std::string(item.as_string()) + ",";
    }
    return text;
}
std::string joined(const std::vector<std::string>& list) {
    std::string text;
    for (const auto& item : list) text += item + ",";
    return text;
}

bool flag(const object& c, std::string_view key) {
    const auto* found = c.if_contains(key);
    return found && found->as_bool();
}

Wrong check_lookup(const LookupProperties& lookup, const object& c) {
    const std::string_view orders[] = {"NORMAL", "PRE", "POST", "AUTOCOMMIT"};
    if (lookup.planable != flag(c, "lookup_planable")) return "planable";
    if (lookup.backfilling != flag(c, "backfilling")) return "backfilling";
    if (!lookup.planable) return std::nullopt;
    if (lookup.query != text_of(c, "lookup_query")) return "query: " + lookup.query;
    if (joined(lookup.from_columns) != joined(c.if_contains("lookup_args"))) return "from columns";
    if (lookup.allow_batch != flag(c, "allow_batch")) return "batch";
    if (lookup.autocommit != flag(c, "autocommit")) return "autocommit";
    if (orders[static_cast<std::size_t>(lookup.commit_order)] != text_of(c, "commit_order"))
        return "commit order";
    return std::nullopt;
}

Wrong check_creation(const object& c) {
    const auto created = create(text_of(c, "vindex"), "v", parameters_of(c), creation_for_tests());
    if (!created || c.contains("error")) {
        const std::string got = created ? "success" : created.error().text;
        return got == text_of(c, "error") ? std::nullopt : Wrong("got " + got);
    }
    const Properties& p = (*created)->properties();
    const auto* cost = c.if_contains("cost");
    if (p.cost != (cost ? cost->as_int64() : 0)) return "cost " + std::to_string(p.cost);
    if (p.unique != flag(c, "unique")) return "unique";
    if (p.needs_queries != flag(c, "needs_vcursor")) return "needs queries";
    if ((p.multi_column ? "multi" : "single") != text_of(c, "columns")) return "columns";
    if (p.partial != flag(c, "partial")) return "partial";
    if (p.hashing != flag(c, "hashing")) return "hashing";
    if (p.reversible != flag(c, "reversible")) return "reversible";
    if (p.prefixable != flag(c, "prefixable")) return "prefixable";
    const std::string unknown = joined((*created)->unknown_parameters());
    if (unknown != joined(c.if_contains("unknown_params"))) return "unknown parameters: " + unknown;
    if (p.lookup.has_value() != flag(c, "lookup")) return "lookup";
    return p.lookup ? check_lookup(*p.lookup, c) : std::nullopt;
}

TEST(Create, Corpus) {
    corpus::run("vindexes/create", check_creation);
}

std::string decode_base64(std::string_view text) {
    constexpr std::string_view letters =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string bytes;
    std::uint32_t bits = 0;
    int count = 0;
    for (const char c : text) {
        const std::size_t at = letters.find(c);
        if (at == std::string_view::npos) break;
        bits = bits << 6 | static_cast<std::uint32_t>(at);
        count += 6;
        if (count >= 8) bytes += static_cast<char>(bits >> (count -= 8) & 0xff);
    }
    return bytes;
}

TEST(UnicodeLoose, GoldenTexts) {
    const char* const folder = std::getenv("SLUICE_CORPORA");
    constexpr std::string_view name = "vindexes/unicode_hash_golden";
    if (!folder) {
        std::cout << "corpus " << name << ": absent" << std::endl;
        GTEST_SKIP();
    }
    const auto cases = corpus::json::parse(
        corpus::read_all(std::filesystem::path(folder) / "vindexes" / "unicode_hash_golden.json"));
    int passed = 0, total = 0;
    for (const auto& item : cases.as_array()) {
        const std::string text = decode_base64(text_of(item.as_object(), "Input"));
        const ValueView value{Type::varchar, text};
        const auto md5_id = create("unicode_loose_md5", "v", {}).value()->map(value);
        const auto xxhash_id = create("unicode_loose_xxhash", "v", {}).value()->map(value);
        ++total;
        if (md5_id.value()->view() == decode_base64(text_of(item.as_object(), "MD5")) &&
            xxhash_id.value()->view() == decode_base64(text_of(item.as_object(), "XXHash"))) {
            ++passed;
        }
    }
    std::cout << "corpus " << name << ": " << passed << " of " << total << std::endl;
    EXPECT_EQ(passed, total);
}

TEST(Vindex, GoldenVectors) {
    struct Case {
        const char* type;
        Value value;
        const char* want;
    };
    for (const auto& [type, value, want] : {
             Case{"hash", {Type::int64, "1"}, "166b40b44aba4bd6"},
             Case{"hash", {Type::int64, "0"}, "8ca64de9c1b123a7"},
             Case{"hash", {Type::int64, "3"}, "4eb190c9a2fa169c"},
             Case{"hash", {Type::int64, "-1"}, "355550b2150e2451"},
             Case{"hash", {Type::uint64, "18446744073709551615"}, "355550b2150e2451"},
             Case{"hash", {Type::varchar, "1 "}, "166b40b44aba4bd6"},
             Case{"hash", {Type::varchar, "a"}, "none"},
             Case{"hash", {Type::null_type, ""}, "none"},
             Case{"numeric", {Type::int64, "256"}, "0000000000000100"},
             Case{"reverse_bits", {Type::int64, "256"}, "0080000000000000"},
             Case{"xxhash", {Type::varchar, "a"}, "5b6e8ca9f1c44ed2"},
             Case{"xxhash", {Type::varchar, ""}, "99e9d85137db46ef"},
             Case{"binary", {Type::hexval, "x'ff00'"}, "ff00"},
             Case{"binary_md5", {Type::bitnum, "0b1"}, "55a54008ad1ba589aa210d2629c1df41"},
             Case{"unicode_loose_md5", {Type::varchar, "á"}, "cecd92a198405e4449bac0d33407e52f"},
             Case{"unicode_loose_md5", {Type::varchar, "a  "}, "cecd92a198405e4449bac0d33407e52f"},
             Case{"unicode_loose_xxhash", {Type::varchar, "日本"}, "a77930d5d2c047d6"},
             Case{"unicode_loose_xxhash", {Type::varchar, "😀"}, "d1e276bb6ccacb4f"},
             Case{"unicode_loose_xxhash", {Type::varchar, "ß"}, "f302c434a3912177"},
             Case{"null", {Type::int64, "5"}, "00"},
         }) {
        const auto vindex = create(type, "v", {});
        const auto id = (*vindex)->map({value.type, value.bytes});
        EXPECT_EQ(*id ? (*id)->hex() : "none", want) << type << " " << value.bytes;
    }
}

TEST(Vindex, TakesTheFirstOfSeveralColumns) {
    const auto hash = *create("hash", "v", {});
    const ValueView row[] = {{Type::int64, "1"}, {Type::int64, "2"}};
    const auto id_of = [](const Result<Destination>& found) {
        return to_hex(std::get<to::Id>(*found).id.view());
    };
    EXPECT_EQ(id_of(hash->map_row(row)), id_of(hash->map_row({row, 1})));
    EXPECT_TRUE(*hash->verify(row, std::get<to::Id>(*hash->map_row({row, 1})).id.view()));
    EXPECT_FALSE(hash->map_row({}));
}

TEST(Vindex, PiecesOfAString) {
    struct Case {
        const char* hash;
        const char* text;
        const char* want;
    };
    for (const auto& [hash, text, want] :
         {Case{"md5", "abcd", "187e6865"}, Case{"md5", "Test", "2408627f"},
          Case{"md5", "日本", "72f722b51230"}, Case{"xxhash64", "abcd", "614a842b"},
          Case{"xxhash64", "Test", "db5cd913"}}) {
        const auto cfc = create("cfc", "v", {{"hash", hash}, {"offsets", "[2,4]"}});
        EXPECT_EQ((*cfc)->map({Type::varchar, text}).value()->hex(), want) << text;
    }
}

// Marks out of order, marks in the middle of a contraction, and Hangul weigh the same as their
// normal form.
TEST(UnicodeLoose, KeysOfEquivalentTexts) {
    struct Case {
        const char* left;
        const char* right;
    };
    const auto key = [](std::string_view text) {
        std::string made;
        EXPECT_TRUE(make_unicode_key(text, made));
        return to_hex(made);
    };
    for (const auto& [left, right] : {
             Case{"\u0419", "\u0418\u0306"},  // й, a letter of its own
             Case{"\u0418\u0316\u0306",
                  "\u0419\u0316"},  // a mark below does not block the contraction
             Case{"\uAC01", "\u1100\u1161\u11A8"},
             Case{"\u212B", "A"},
             Case{"\uFF21", "a"},
         }) {
        EXPECT_EQ(key(left), key(right));
    }
    EXPECT_NE(key("\u0419"), key("\u0418"));
    EXPECT_NE(key("\u0418\u0301\u0306"), key("\u0419\u0301"));  // a mark above does
}

TEST(KeyspaceId, CopiesAndMoves) {
    for (const std::size_t size : {std::size_t{0}, std::size_t{8}, KeyspaceId::inline_capacity,
                                   KeyspaceId::inline_capacity + 1, std::size_t{1000}}) {
        const std::string bytes(size, 'x');
        KeyspaceId id(bytes);
        KeyspaceId copy = id;
        EXPECT_EQ(copy, id);
        const KeyspaceId moved = std::move(id);
        EXPECT_EQ(moved.view(), bytes);
        copy = KeyspaceId("y");
        copy = moved;
        EXPECT_EQ(copy.view(), bytes);
    }
}

}  // namespace
}  // namespace sluice::vindex
