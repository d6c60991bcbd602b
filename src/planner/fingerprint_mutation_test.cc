// Two texts of one fingerprint (and equal pinned literals) share a cached plan, so each literal of
// each statement that the tests have is changed in kind, equality, sign, to NULL and in number:
// the fingerprint must differ, or the plan must be the same and be bound to its own values.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include <boost/json.hpp>

#include "gtest/gtest.h"
#include "planner/planning_test.h"
#include "sql/lexer.h"

namespace sluice::planner {
namespace {

namespace json = boost::json;

// Tests run in the project's folder.
std::string read(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    std::stringstream text;
    text << in.rdbuf();
    return text.str();
}

// The schema of the golden plans, and one with the tables of the differential suite.
const vschema::Schema& golden_schema() {
    static const auto built = schema_of(read("src/planner/golden/vschema.json"));
    return *built;
}

const vschema::Schema& differential_schema() {
    static const auto built = schema_of(R"({"keyspaces": {
        "flat": {"tables": {"product": {}, "stock": {}, "numbers": {"type": "sequence"}}},
        "db": {"sharded": true,
               "vindexes": {"hash": {"type": "hash"}, "xxhash": {"type": "xxhash"},
                            "region_vdx": {"type": "region_experimental",
                                           "params": {"region_bytes": "1"}}},
               "tables": {
            "customer": {"column_vindexes": [{"column": "id", "name": "hash"}],
                         "auto_increment": {"column": "id", "sequence": "flat.numbers"}},
            "corder": {"column_vindexes": [{"column": "customer_id", "name": "hash"}],
                       "auto_increment": {"column": "id", "sequence": "flat.numbers"},
                       "columns": [{"name": "id", "type": "INT64"},
                                   {"name": "customer_id", "type": "INT64"},
                                   {"name": "sku", "type": "VARCHAR"},
                                   {"name": "qty", "type": "UINT16"},
                                   {"name": "price", "type": "DECIMAL"},
                                   {"name": "placed", "type": "DATETIME"}],
                       "column_list_authoritative": true},
            "line": {"column_vindexes": [{"column": "customer_id", "name": "hash"}],
                     "columns": [{"name": "customer_id", "type": "INT64"},
                                 {"name": "order_id", "type": "INT64"},
                                 {"name": "n", "type": "INT32"},
                                 {"name": "what", "type": "VARCHAR"},
                                 {"name": "amount", "type": "INT32"}],
                     "column_list_authoritative": true},
            "lonely": {"column_vindexes": [{"column": "id", "name": "hash"}]},
            "hollow": {"column_vindexes": [{"column": "id", "name": "hash"}]},
            "kinds": {"column_vindexes": [{"column": "id", "name": "hash"}]},
            "meter": {"column_vindexes": [{"column": "id", "name": "hash"}]},
            "tag": {"column_vindexes": [{"column": "word", "name": "xxhash"}]},
            "code": {"column_vindexes": [{"column": "word", "name": "xxhash"}]},
            "place": {"column_vindexes": [{"columns": ["region", "id"], "name": "region_vdx"}]},
            "country": {"type": "reference"}}}}})");
    return *built;
}

struct Source {
    std::string text;
    PlanContext context;
};

void add_golden(std::vector<Source>& sources) {
    for (const char* name : {"select", "scatter", "write", "session", "other"}) {
        const std::string path = std::string("src/planner/golden/") + name + ".json";
        const json::value cases = json::parse(read(path));
        for (const json::value& one : cases.as_array()) {
            const json::value* keyspace = one.as_object().if_contains("keyspace");
            PlanContext context{.schema = &golden_schema(), .keyspace = "customer"};
            if (keyspace != nullptr) context.keyspace = std::string(keyspace->as_string());
            sources.push_back({std::string(one.at("query").as_string()), context});
        }
    }
}

// A line is a statement, with marks in front (tests/differential/suite.py); {{5}} is the literal 5.
void add_differential(std::vector<Source>& sources) {
    const PlanContext context{.schema = &differential_schema(), .keyspace = "db"};
    for (const auto& file : std::filesystem::directory_iterator("tests/differential/cases")) {
        std::istringstream lines(read(file.path()));
        for (std::string line; std::getline(lines, line);) {
            if (line.starts_with("#") && !line.starts_with("# SELECT ")) continue;
            line = std::regex_replace(line, std::regex("^[>!#~] "), "");
            line = std::regex_replace(line, std::regex("\\{\\{D?(.*?)\\}\\}"), "$1");
            line = std::regex_replace(line, std::regex("\\{(db|flat)\\}"), "$1");
            if (!line.empty()) sources.push_back({line, context});
        }
    }
}

// Every string literal of the sql room's tests that reads as a statement, and its fuzzers' seeds.
// Their tables are unsharded here: what is looked for is in the texts.
void add_sql_room(std::vector<Source>& sources) {
    static const auto schema = schema_of(R"({"keyspaces": {"ks": {}}})");
    const PlanContext context{.schema = schema.get(), .keyspace = "ks"};
    const std::regex pieces("\"((?:[^\"\\\\\n]|\\\\.)*)\"(\\s*\"(?:[^\"\\\\\n]|\\\\.)*\")*");
    const std::regex piece("\"((?:[^\"\\\\\n]|\\\\.)*)\"");
    for (const char* path : {"src/sql/fingerprint_test.cc", "src/sql/parse_test.cc"}) {
        const std::string file = read(path);
        for (std::sregex_iterator it(file.begin(), file.end(), pieces), end; it != end; ++it) {
            const std::string whole = it->str();
            std::string text;
            for (std::sregex_iterator part(whole.begin(), whole.end(), piece); part != end; ++part)
                text += (*part)[1].str();
            text = std::regex_replace(text, std::regex(R"(\\(["\\]))"), "$1");
            if (sql::parse(text)) sources.push_back({text, context});
        }
    }
    for (const auto& file : std::filesystem::directory_iterator("src/sql/seeds")) {
        if (file.is_regular_file()) sources.push_back({read(file.path()), context});
    }
}

std::vector<Source> all_sources() {
    std::vector<Source> sources;
    add_golden(sources);
    add_differential(sources);
    add_sql_room(sources);
    return sources;
}

struct Made {
    std::string text;
    sql::Fingerprint slots;
    Result<plan::Plan> plan = fail(Code::internal, "not planned");
    BindVars variables;  // as normalize gives them
};

Made make(std::string text, PlanContext context) {
    Made made{.text = std::move(text)};
    sql::fingerprint(made.text, {}, {1, 2}, made.slots);
    auto statement = sql::parse(made.text);
    if (!statement || !sql::can_normalize(*statement)) return made;
    sql::NormalizeOptions options;
    options.slots = &made.slots;
    options.text = made.text;
    auto normalized = sql::normalize(std::move(*statement), options);
    if (!normalized) return made;
    made.variables = normalized->variables;
    context.text = made.text;
    context.slots = &made.slots;
    made.plan = plan(std::move(*normalized), context);
    return made;
}

std::string pinned_texts(const Made& made, const std::vector<std::uint32_t>& pinned) {
    std::string texts;
    for (const std::uint32_t index : pinned) {
        const sql::LiteralSlot& slot = made.slots.slots()[index];
        texts += made.text.substr(slot.offset, slot.length) + '\0';
    }
    return texts;
}

// The first way in which a plan differs from what its cached twin would do; empty: none.
std::string difference(const Made& cached, const Made& other) {
    const plan::Plan& left = *cached.plan;
    if (!other.plan) return "refused: " + other.plan.error().text;
    const plan::Plan& right = *other.plan;
    if (left.root != right.root) return plan::describe(left) + "\n" + plan::describe(right);
    if (left.original != right.original) return left.original + "\n" + right.original;
    if (left.variables != right.variables) return "variables";
    if (left.needs != right.needs) return "needs";
    if (left.pinned != right.pinned) return "pinned";
    if (left.type != right.type || left.kind != right.kind) return "type";
    if (left.forwards_text != right.forwards_text) return "forwards_text";
    if (left.needs_reserved != right.needs_reserved) return "needs_reserved";
    if (left.tables_used != right.tables_used) return "tables_used";
    if (left.hints != right.hints) return "hints";
    const auto same_name = [](const plan::Plan::ColumnName& one,
                              const plan::Plan::ColumnName& two) {
        return one.column == two.column && one.from_end == two.from_end && one.parts == two.parts &&
               one.unquote == two.unquote && (!one.parts.empty() || one.name == two.name);
    };
    if (!std::ranges::equal(left.column_names, right.column_names, same_name))
        return "column_names";
    std::vector<sql::BindSource> literals;
    for (std::size_t i = 0; i < cached.variables.size(); ++i)
        literals.push_back(left.variables[i].source);
    BindVars bound = cached.variables;
    sql::rebind(other.text, other.slots, {}, literals, bound);
    return bound == other.variables ? "" : "values";
}

// Would `other` find the plan of `cached`, and is that wrong?
std::string wrong_hit(const Made& cached, const Made& other) {
    if (!cached.plan || !cached.plan->cacheable) return {};
    const std::vector<std::uint32_t>& pinned = cached.plan->pinned;
    if (pinned_texts(cached, pinned) != pinned_texts(other, pinned)) return {};
    return difference(cached, other);
}

struct Place {
    std::size_t offset;
    std::size_t length;
};

std::vector<Place> literals_of(const std::string& text) {
    std::vector<Place> places;
    sql::Lexer lexer(text, {});
    for (sql::Token token = lexer.next();
         token.kind != sql::TokenKind::end && token.kind != sql::TokenKind::error;
         token = lexer.next()) {
        if (token.kind >= sql::TokenKind::string && token.kind <= sql::TokenKind::bit_string)
            places.push_back({token.offset, token.length});
    }
    return places;
}

std::string replaced(std::string text, const std::vector<Place>& places, const std::string& with) {
    for (auto place = places.rbegin(); place != places.rend(); ++place)
        text.replace(place->offset, place->length, with);
    return text;
}

// What a literal becomes: other values and kinds, signs, NULL, itself more than once, and each
// other literal of the statement.
std::set<std::string> replacements(const std::string& text, const Place& place,
                                   const std::vector<Place>& places) {
    const std::string self = text.substr(place.offset, place.length);
    std::set<std::string> result = {"0",
                                    "1",
                                    "2",
                                    "7",
                                    "999999",
                                    "7.5",
                                    "0.50",
                                    "7e1",
                                    "''",
                                    "'x'",
                                    "\"x\"",
                                    "'%'",
                                    "'a''b'",
                                    "'\\n'",
                                    "0x7",
                                    "x'07'",
                                    "b'1'",
                                    "0b1",
                                    "n'7'",
                                    "_latin1'x'",
                                    "null",
                                    "true",
                                    "default",
                                    "-7",
                                    "+7",
                                    "- -7",
                                    "(7)",
                                    "'2020-1-1'",
                                    "date'2020-01-01'",
                                    "time'10:00:00.5'",
                                    "'db'",
                                    "'customer'",
                                    "'commerce'",
                                    "9223372036854775807",
                                    "9223372036854775808",
                                    "18446744073709551615",
                                    "18446744073709551616",
                                    std::string(257, '9'),
                                    "'" + std::string(300, 'q') + "'",
                                    "?",
                                    ":v",
                                    "@v",
                                    "''''"};
    for (const Place& other : places) result.insert(text.substr(other.offset, other.length));
    for (const char* shape : {"-", "+", "(", "not "}) result.insert(shape + self);
    result.erase("(" + self);
    result.insert("(" + self + ")");
    result.insert(self + " " + self);
    result.insert(self + ", " + self);
    result.insert(self + ", 7");
    result.insert(self + ", 'x'");
    result.insert(self + ", " + self + ", " + self);
    result.erase(self);
    return result;
}

struct Tally {
    int same = 0;
    int different = 0;
    int wrong = 0;
};

void compare(const Made& base, std::string text, const PlanContext& context, Tally& tally) {
    sql::Fingerprint slots;
    sql::fingerprint(text, {}, {1, 2}, slots);
    if (!slots.same_key(base.slots)) {
        ++tally.different;
        return;
    }
    ++tally.same;
    const Made changed = make(std::move(text), context);
    std::string found = wrong_hit(base, changed);
    if (found.empty()) found = wrong_hit(changed, base);
    if (found.empty()) return;
    if (++tally.wrong < 40) ADD_FAILURE() << base.text << "\n" << changed.text << "\n" << found;
}

TEST(FingerprintMutation, OneFingerprintOnePlan) {
    Tally tally;
    int planned = 0;
    const std::vector<Source> sources = all_sources();
    for (const Source& source : sources) {
        const Made base = make(source.text, source.context);
        if (base.plan) ++planned;
        const std::vector<Place> places = literals_of(source.text);
        for (const Place& place : places) {
            std::vector<Place> equals;
            for (const Place& other : places) {
                if (source.text.substr(other.offset, other.length) ==
                    source.text.substr(place.offset, place.length))
                    equals.push_back(other);
            }
            for (const std::string& with : replacements(source.text, place, places)) {
                compare(base, replaced(source.text, {place}, with), source.context, tally);
                if (equals.size() > 1)
                    compare(base, replaced(source.text, equals, with), source.context, tally);
            }
        }
    }
    std::printf("%zu statements, %d planned; %d mutations of another key, %d of the same\n",
                sources.size(), planned, tally.different, tally.same);
    EXPECT_EQ(tally.wrong, 0);
    // The statements were found, and most of them have plans to compare.
    EXPECT_GT(planned, 400);
    EXPECT_GT(tally.same, 10'000);
    EXPECT_GT(tally.different, 50'000);
}

}  // namespace
}  // namespace sluice::planner
