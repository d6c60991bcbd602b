// Recorded statements of v21: canonical text, normalised text, bind variables, needs, splitting.
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <map>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "sql/format.h"
#include "sql/normalize.h"
#include "sql/parse.h"

namespace sluice::sql {
namespace {

namespace json = boost::json;

struct Score {
    int passed = 0;
    int total = 0;
    void count(bool ok) {
        ++total;
        passed += ok ? 1 : 0;
    }
};

std::string text_of(const json::object& row, const char* key) {
    const json::value* value = row.if_contains(key);
    return value != nullptr && value->is_string() ? std::string(value->as_string()) : std::string();
}

// SLUICE_SHOW=n prints that many misses of each kind, for people who work on them.
int shown_misses() {
    const char* wanted = std::getenv("SLUICE_SHOW");
    return wanted == nullptr ? 0 : std::atoi(wanted);
}

void show(std::map<std::string, int>& shown, const std::string& kind, const std::string& query,
          const std::string& got, const std::string& want) {
    if (shown[kind]++ >= shown_misses()) return;
    std::cout << kind << "\n  query " << query << "\n  got   " << got << "\n  want  " << want
              << "\n";
}

template <class F>
bool for_each_row(const std::string& name, F f) {
    const char* folder = std::getenv("SLUICE_CORPORA");
    std::ifstream file(folder == nullptr ? "" : std::string(folder) + "/" + name + ".jsonl");
    if (folder == nullptr || !file) {
        std::cout << "corpus " << name << ": absent\n";
        return false;
    }
    for (std::string line; std::getline(file, line);) f(json::parse(line).as_object());
    return true;
}

NormalizeOptions options_of(const json::object& row) {
    NormalizeOptions options;
    if (const json::value* session = row.if_contains("session")) {
        if (const json::value* limit = session->as_object().if_contains("sql_select_limit")) {
            options.select_limit = static_cast<std::uint64_t>(limit->as_int64());
        }
    }
    if (const json::value* variables = row.if_contains("input_bind_vars")) {
        for (const auto& entry : variables->as_object()) options.reserved.emplace_back(entry.key());
    }
    return options;
}

bool same_needs(const Needs& needs, const json::object& row) {
    std::vector<std::string> got = needs.user_variables;
    std::vector<std::string> want;
    const json::value* recorded = row.if_contains("needs");
    const auto collect = [&](const char* key) {
        const json::value* list =
            recorded == nullptr ? nullptr : recorded->as_object().if_contains(key);
        if (list == nullptr) return;
        for (const json::value& entry : list->as_array()) want.emplace_back(entry.as_string());
    };
    collect("user_variables");
    collect("functions");
    collect("system_variables");
    if (needs.last_insert_id) got.emplace_back(need::last_insert_id);
    if (needs.found_rows) got.emplace_back(need::found_rows);
    if (needs.row_count) got.emplace_back(need::row_count);
    if (needs.database) got.emplace_back(need::database);
    got.insert(got.end(), needs.system_variables.begin(), needs.system_variables.end());
    std::ranges::sort(got);
    std::ranges::sort(want);
    want.erase(std::ranges::unique(want).begin(), want.end());
    return got == want;
}

// One row counts as passed when all that is recorded of it is met. DDL is forwarded as it came, so
// for it only the kind counts, and its canonical text does not.
bool check(const json::object& row, std::map<std::string, int>& shown) {
    const std::string query = text_of(row, "query");
    const MarginComments margins = split_margin_comments(query);
    const Result<Statement> parsed = parse(margins.statement);
    if (const json::value* error = row.if_contains("parse_error")) {
        if (parsed) return false;
        const std::string want = text_of(error->as_object(), "text");
        if (parsed.error().text != want)
            show(shown, "error text", query, parsed.error().text, want);
        return parsed.error().text == want;
    }
    const std::string canonical = text_of(row, "canonical");
    // LIMIT with a name: docs/differences.md.
    if (!parsed && parsed.error().number == er::sp_undeclared_var) return true;
    if (!parsed) return show(shown, "refused", query, parsed.error().text, canonical), false;
    const std::string printed = format(*parsed);
    const Result<Statement> again = parse(printed);
    if (!again || format(*again) != printed) {
        show(shown, "no fixed point", query, again ? format(*again) : again.error().text, printed);
        return false;
    }
    if (parsed->as<Ddl>() != nullptr || parsed->as<OtherAdmin>() != nullptr ||
        parsed->as<Load>() != nullptr) {
        return text_of(row, "type") == statement_kind_name(*parsed);
    }
    if (printed != canonical) return show(shown, "canonical", query, printed, canonical), false;
    const std::string normalized = text_of(row, "normalized");
    if (normalized.empty()) return true;
    const Result<Normalized> result = normalize(*parsed, options_of(row));
    if (!result)
        return show(shown, "normalize error", query, result.error().text, normalized), false;
    if (format(result->statement) != normalized) {
        show(shown, "normalized", query, format(result->statement), normalized);
        return false;
    }
    if (!same_needs(result->needs, row)) return show(shown, "needs", query, "", ""), false;
    return true;
}

void run(const std::string& name, int floor) {
    Score score;
    std::map<std::string, int> shown;
    if (!for_each_row(name, [&](const json::object& row) { score.count(check(row, shown)); }))
        GTEST_SKIP();
    std::cout << "corpus " << name << ": " << score.passed << " of " << score.total << "\n";
    for (const auto& [kind, count] : shown)
        std::cout << "  missed by " << kind << ": " << count << "\n";
    EXPECT_GE(score.passed * 100, score.total * floor);
}

TEST(Corpus, Normalize) {
    run("sqlparser/normalize", 91);
}
TEST(Corpus, NormalizeMysqltest) {
    run("sqlparser/normalize_mysqltest", 95);
}

TEST(Corpus, Split) {
    Score score;
    std::map<std::string, int> shown;
    const auto row_test = [&](const json::object& row) {
        const std::string input = text_of(row, "input");
        const SplitText first = split_first(input, {});
        std::vector<std::string> want;
        if (const json::value* pieces = row.if_contains("pieces")) {
            for (const json::value& piece : pieces->as_array())
                want.emplace_back(piece.as_string());
        }
        std::vector<std::string> got;
        for (const std::string_view piece : split_all(input, {})) got.emplace_back(piece);
        const bool pieces = got == want || row.if_contains("error") != nullptr;
        const bool ends =
            first.first == text_of(row, "split_first") && first.rest == text_of(row, "split_rest");
        const MarginComments margins = split_margin_comments(input);
        const bool leading = margins.leading == text_of(row, "leading_comments");
        if (!pieces)
            show(shown, "pieces", input, got.empty() ? "" : got[0], want.empty() ? "" : want[0]);
        if (!ends)
            show(shown, "first", input, std::string(first.first), text_of(row, "split_first"));
        if (!leading)
            show(shown, "leading", input, std::string(margins.leading),
                 text_of(row, "leading_comments"));
        score.count(pieces && ends && leading);
    };
    if (!for_each_row("sqlparser/split", row_test)) GTEST_SKIP();
    std::cout << "corpus sqlparser/split: " << score.passed << " of " << score.total << "\n";
    EXPECT_GE(score.passed * 100, score.total * 90);
}

}  // namespace
}  // namespace sluice::sql
