// corpora/evalengine: what v21 answers in its production form (literals are bind variables), over a
// row, and what MySQL answered to statements that Vitess's project keeps.
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>

#include <boost/json.hpp>
#include <gtest/gtest.h>
#include <zlib.h>

#include "eval/bind.h"
#include "eval/evaluate.h"
#include "sql/ast.h"
#include "sql/normalize.h"
#include "sql/parse.h"

namespace sluice::eval {
namespace {

namespace json = boost::json;

std::string text_of(const json::value& value) {
    return std::string(value.as_string());
}

std::string bytes_of(const json::value& typed) {
    const json::object& object = typed.as_object();
    if (const auto* value = object.if_contains("value")) return text_of(*value);
    const auto* hex = object.if_contains("hex");
    std::string out;
    if (hex == nullptr) return out;
    const std::string digits = text_of(*hex);
    for (std::size_t i = 0; i + 1 < digits.size(); i += 2)
        out += static_cast<char>(std::stoi(digits.substr(i, 2), nullptr, 16));
    return out;
}

Value value_of(const json::value& typed) {
    return {type_of_name(text_of(typed.at("type"))).value_or(Type::null_type), bytes_of(typed)};
}

Environment corpus_environment() {
    Environment environment;
    environment.now_seconds = 1709212455;
    environment.now_micros = 123456;
    environment.database = "ks";
    environment.user = environment.current_user = "vt_dba@localhost";
    environment.version = "8.0.30-Vitess";
    environment.last_insert_id = environment.found_rows = 7;
    environment.random = [](char* bytes, std::size_t count) { std::fill_n(bytes, count, 'x'); };
    return environment;
}

struct Answer {
    std::optional<Error> error;
    FieldType type;
    Value value;
    bool is_tuple = false;
};

// Literals become variables as they do in production; each is bound with its value.
Result<sql::Expr> production_form(const std::string& text, BindVars& variables) {
    auto statement = TRY(sql::parse("select " + text));
    sql::NormalizeOptions options;
    options.rewrite = false;
    auto normalized = TRY(sql::normalize(std::move(statement), options));
    variables = normalized.variables;
    const auto* query = normalized.statement.as<sql::Query>();
    const auto* select = std::get_if<sql::Select>(&query->node);
    return std::get<sql::SelectExpr>(select->items.at(0)).expression;
}

Answer answer_to(const std::string& text, Columns columns, Row row) {
    const auto failed = [](Error error) {
        return Answer{.error = std::move(error), .type = {}, .value = {}};
    };
    Environment environment = corpus_environment();
    BindVars variables;
    const auto expression = production_form(text, variables);
    if (!expression) return failed(expression.error());
    for (const auto& [name, value] : variables) {
        auto made = variable(name, value, environment);
        if (!made) return failed(made.error());
        columns.variables.push_back(std::move(*made));
    }
    const auto bound = bind(*expression, columns, environment);
    if (!bound) return failed(bound.error());
    auto value = evaluate(*bound, row, environment);
    if (!value) return failed(value.error());
    if (value->as<Tuple>() != nullptr)
        return {.error = {}, .type = bound->type(), .value = {}, .is_tuple = true};
    return {.error = {}, .type = bound->type(), .value = to_value(bound->type(), *value)};
}

// What v21 recorded and we are measured by; nullptr: v21 cannot compute it, so there is no answer.
const json::object* expected(const json::object& line) {
    const auto* bound = line.if_contains("bound");
    if (bound == nullptr) return nullptr;
    const json::object& result = bound->as_object();
    const auto* error = result.if_contains("error");
    if (error == nullptr) return &result;
    const bool crashed = text_of(error->at("text")).starts_with("PANIC");
    if (text_of(result.at("stage")) == "evaluate" && !crashed) return &result;
    const auto* literal = line.if_contains("literal");
    return literal != nullptr && literal->as_object().if_contains("error") == nullptr
               ? &literal->as_object()
               : nullptr;
}

bool same_type(const FieldType& type, const json::object& field) {
    const std::string name = text_of(field.at("type"));
    if (type_name(type.type) != name) return false;
    const auto decimals = field.at("decimals").to_number<unsigned>();
    return decimals == 0 || decimals == type.decimals;
}

bool holds(const Answer& answer, const json::object& want) {
    if (want.if_contains("error") != nullptr) return answer.error.has_value();
    if (answer.error) return false;
    if (want.if_contains("tuple") != nullptr) return answer.is_tuple;
    const Value value = value_of(want.at("value"));
    if (value.is_null() != answer.value.is_null() || value.bytes != answer.value.bytes)
        return false;
    return same_type(answer.type, want.at("field").as_object());
}

struct Count {
    std::size_t passed = 0;
    std::size_t total = 0;
    void print(const std::string& name, double floor) const {
        std::cout << "corpus " << name << ": " << passed << " of " << total << "\n";
        EXPECT_GT(total, 0U);
        EXPECT_GE(static_cast<double>(passed) * 100, floor * static_cast<double>(total));
    }
};

// Each line of a file, compressed or not; false: there are no corpora.
template <class Use>
bool every_line(const std::string& name, Use use) {
    const char* folder = std::getenv("SLUICE_CORPORA");
    if (folder == nullptr) {
        std::cout << "corpus " << name << ": absent\n";
        return false;
    }
    const std::unique_ptr<gzFile_s, int (*)(gzFile)> file(
        gzopen((std::string(folder) + "/" + name).c_str(), "rb"), gzclose);
    if (file == nullptr) return false;
    std::string line;
    char piece[65536];
    while (gzgets(file.get(), piece, sizeof piece) != nullptr) {
        line += piece;
        if (!line.ends_with('\n')) continue;
        use(json::parse(line).as_object());
        line.clear();
    }
    return true;
}

TEST(Corpus, ConstantExpressions) {
    Count count;
    const bool there =
        every_line("evalengine/constant_expressions.jsonl.gz", [&](const json::object& line) {
            const json::object* want = expected(line);
            if (want == nullptr) return;
            ++count.total;
            count.passed += holds(answer_to(text_of(line.at("expr")), {}, {}), *want) ? 1 : 0;
        });
    if (!there) GTEST_SKIP();
    // The rest are answers of MySQL 9.7 that differ from v21's (docs/differences.md): corpus.py.
    count.print("evalengine/constant_expressions", 87);
}

std::vector<std::string> members_of(const std::string& column_type) {
    std::vector<std::string> members;
    std::size_t at = column_type.find('\'');
    while (at != std::string::npos) {
        const std::size_t end = column_type.find('\'', at + 1);
        members.push_back(column_type.substr(at + 1, end - at - 1));
        at = column_type.find('\'', end + 1);
    }
    return members;
}

// "decimal(20,5)": the first and second number in parentheses, 0 if there is none.
std::pair<std::uint32_t, std::uint32_t> sizes_of(const std::string& column_type) {
    const std::size_t open = column_type.find('(');
    if (open == std::string::npos || column_type.contains('\'')) return {0, 0};
    const std::size_t comma = column_type.find(',', open);
    return {static_cast<std::uint32_t>(std::stoul(column_type.substr(open + 1))),
            comma == std::string::npos
                ? 0
                : static_cast<std::uint32_t>(std::stoul(column_type.substr(comma + 1)))};
}

ColumnField column_of(const json::object& column) {
    ColumnField field{.name = text_of(column.at("name")),
                      .type = {},
                      .members = members_of(text_of(column.at("column_type")))};
    const auto [first, second] = sizes_of(text_of(column.at("column_type")));
    FieldType& type = field.type;
    type.type = type_of_name(text_of(column.at("type"))).value_or(Type::null_type);
    const auto* collation = column.if_contains("collation");
    type.collation = collation == nullptr ? collation::find_collation(collation::binary)
                                          : collation::find_collation(text_of(*collation));
    if (type.type == Type::json) type.collation = collation::find_collation("utf8mb4_bin");
    type.is_unsigned = is_unsigned(type.type);
    type.is_bits = type.type == Type::bit;
    const bool number = is_number(type.type) || type.type == Type::bit || is_temporal(type.type);
    type.coercibility = number ? Coercibility::numeric : Coercibility::implicit;
    type.repertoire = number ? Repertoire::ascii : Repertoire::unicode;
    type.length = first != 0 ? first : 20;
    if (type.type == Type::decimal) {
        type.length = first + 2;
        type.decimals = static_cast<std::uint8_t>(second);
    } else if (is_temporal(type.type)) {
        type.decimals = static_cast<std::uint8_t>(first);
    } else if (is_float(type.type) || !number) {
        type.decimals = not_fixed;
    }
    return field;
}

TEST(Corpus, WithColumns) {
    Count count;
    const bool there = every_line("evalengine/with_columns.jsonl", [&](const json::object& line) {
        const json::object* want = expected(line);
        if (want == nullptr) return;
        ++count.total;
        Columns columns;
        std::vector<Datum> row;
        for (const json::value& column : line.at("columns").as_array()) {
            columns.columns.push_back(column_of(column.as_object()));
            const auto* given = column.as_object().if_contains("value");
            const Value value = given == nullptr ? Value{} : value_of(*given);
            auto datum = read_value(columns.columns.back().type, ValueView{value.type, value.bytes},
                                    columns.columns.back().members);
            EXPECT_TRUE(datum) << json::serialize(column);
            row.push_back(datum ? *datum : Datum());
        }
        count.passed += holds(answer_to(text_of(line.at("expr")), columns, row), *want) ? 1 : 0;
    });
    if (!there) GTEST_SKIP();
    count.print("evalengine/with_columns", 85);
}

// As Vitess prints a value: INT64(1), VARCHAR("x"), NULL.
std::string shown(const Value& value) {
    if (value.is_null()) return "NULL";
    const std::string name(type_name(value.type));
    return is_quoted(value.type) || value.type == Type::json ? name + "(\"" + value.bytes + "\")"
                                                             : name + "(" + value.bytes + ")";
}

TEST(Corpus, MysqlGolden) {
    const char* folder = std::getenv("SLUICE_CORPORA");
    if (folder == nullptr) {
        std::cout << "corpus evalengine/mysql_golden: absent\n";
        GTEST_SKIP();
    }
    for (const char* number : {"1637776444", "1639145523", "1642153591", "1642436036", "1642499325",
                               "1676045458", "1686149004"}) {
        std::ifstream in(std::string(folder) + "/evalengine/mysql_golden_" + number + ".json");
        const std::string text{std::istreambuf_iterator<char>(in), {}};
        Count count;
        for (const json::value& line : json::parse(text).as_array()) {
            const json::object& golden = line.as_object();
            const Answer answer = answer_to(text_of(golden.at("Query")).substr(7), {}, {});
            const auto* value = golden.if_contains("Value");
            const bool failed = value == nullptr || text_of(*value).empty();
            ++count.total;
            count.passed += failed ? answer.error.has_value()
                                   : !answer.error && shown(answer.value) == text_of(*value);
        }
        // The first two of 1676045458 are of a MySQL that kept more digits of a quotient than 9.7
        // does.
        count.print(std::string("evalengine/mysql_golden_") + number, count.total == 2 ? 50 : 99);
    }
}

}  // namespace
}  // namespace sluice::eval
