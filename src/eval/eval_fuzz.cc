// Trees made of the input's bytes, and texts: whatever binds is computed, ends within its limits,
// and gives the same answer again.
#include <cstdlib>
#include <iostream>
#include <string>
#include <string_view>

#include "eval/bind.h"
#include "eval/evaluate.h"
#include "sql/ast.h"
#include "sql/parse.h"

namespace {

using namespace sluice;

// Words from which expressions are put together; each byte of the input chooses one.
constexpr std::string_view leaves[] = {"1",
                                       "-7",
                                       "18446744073709551615",
                                       "1.5",
                                       "-0.001",
                                       "1e300",
                                       "'abc'",
                                       "'2024-02-29'",
                                       "'12:34:56.5'",
                                       "NULL",
                                       "x'41'",
                                       "b'101'",
                                       "date'2024-02-29'",
                                       "time'10:11:12.5'",
                                       "timestamp'2024-02-29 10:11:12.5'",
                                       "cast('{\"a\": [1, 2]}' as json)",
                                       "'$.a'",
                                       "true",
                                       "_latin1'x'",
                                       "''",
                                       "'%a_'",
                                       "9223372036854775807"};
constexpr std::string_view shapes[] = {"(? + ?)",
                                       "(? - ?)",
                                       "(? * ?)",
                                       "(? / ?)",
                                       "(? div ?)",
                                       "(? % ?)",
                                       "(? = ?)",
                                       "(? <=> ?)",
                                       "(? < ?)",
                                       "(? like ?)",
                                       "(? in (?, ?))",
                                       "(? between ? and ?)",
                                       "(? and ?)",
                                       "(? or ?)",
                                       "not ?",
                                       "~ ?",
                                       "(? & ?)",
                                       "(? << ?)",
                                       "case ? when ? then ? else ? end",
                                       "if(?, ?, ?)",
                                       "coalesce(?, ?)",
                                       "concat(?, ?)",
                                       "substring(?, ?, ?)",
                                       "lpad(?, ?, ?)",
                                       "repeat(?, ?)",
                                       "insert(?, ?, ?, ?)",
                                       "locate(?, ?)",
                                       "round(?, ?)",
                                       "truncate(?, ?)",
                                       "conv(?, ?, ?)",
                                       "hex(?)",
                                       "unhex(?)",
                                       "date_add(?, interval ? day)",
                                       "date_format(?, ?)",
                                       "timestampdiff(second, ?, ?)",
                                       "str_to_date(?, ?)",
                                       "json_extract(?, ?)",
                                       "json_set(?, ?, ?)",
                                       "json_array(?, ?)",
                                       "cast(? as signed)",
                                       "cast(? as decimal(20, 5))",
                                       "cast(? as char(3))",
                                       "cast(? as datetime(3))",
                                       "cast(? as json)",
                                       "greatest(?, ?)",
                                       "regexp_replace(?, ?, ?)",
                                       "week(?, ?)",
                                       "makedate(?, ?)",
                                       "sec_to_time(?)",
                                       "replace(?, ?, ?)",
                                       "format(?, ?)",
                                       "from_base64(?)",
                                       "inet6_aton(?)",
                                       "aes_encrypt(?, ?)",
                                       "uncompress(?)",
                                       "trim(? from ?)",
                                       "export_set(?, ?, ?)",
                                       "rand(?)",
                                       "format_bytes(?)",
                                       "format_pico_time(?)",
                                       "from_vector(to_vector(?))",
                                       "gtid_subtract(?, ?)",
                                       "json_schema_validation_report(?, ?)",
                                       "(? >= all (?, ?))",
                                       "least(?, ?)"};

struct Source {
    const unsigned char* at;
    const unsigned char* end;
    unsigned take() { return at == end ? 0 : *at++; }
};

std::string expression(Source& source, int depth) {
    const unsigned choice = source.take();
    if (depth == 0 || choice % 3 == 0)
        return std::string(leaves[source.take() % std::size(leaves)]);
    std::string out;
    for (const char c : shapes[source.take() % std::size(shapes)]) {
        if (c == '?') {
            out += expression(source, depth - 1);
        } else {
            out += c;
        }
    }
    return out;
}

std::string outcome(const sql::Expr& tree) {
    eval::Environment environment;
    environment.max_allowed_packet = 1 << 20;
    const auto bound = eval::bind(tree, {}, environment);
    if (!bound) return bound.error().text;
    const auto value = eval::evaluate(*bound, {}, environment);
    return value ? eval::value_text(bound->type(), *value) : value.error().text;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* bytes, std::size_t size) {
    if (size == 0) return 0;
    Source source{bytes + 1, bytes + size};
    const std::string text = bytes[0] % 4 == 0
                                 ? std::string(reinterpret_cast<const char*>(bytes + 1), size - 1)
                                 : expression(source, 4);
    const auto tree = sql::parse_expression(text);
    if (!tree) return 0;
    if (outcome(*tree) != outcome(*tree)) {
        std::cerr << text << "\n";
        std::abort();
    }
    return 0;
}
