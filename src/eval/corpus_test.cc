// corpora/evalengine: what v21 answers in its production form (literals are bind variables), over a
// row, and what MySQL answered to statements that Vitess's project keeps. Where v21 answers
// otherwise than MySQL 9.7, MySQL's answer is ours: corpus_kinds.inc has the kinds of such cases,
// each of which tests/eval/corpus.py has asked MySQL. With SLUICE_CASES the cases that differ are
// written there, a line each (file, place in it, kind), from which it makes the kinds.
#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <set>

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
    std::string operation;  // the outermost operator: "+", "in"; empty if it is none
    std::string operands;   // their classes: "integer,text"; empty if there are none, or no binding
};

std::string_view class_name(const FieldType& type) {
    if (type.is_bits) return "bits";
    switch (type.type) {
        case Type::null_type:
            return "null";
        case Type::tuple:
            return "row";
        case Type::json:
            return "json";
        case Type::date:
        case Type::time:
        case Type::year:
            return type_name(type.type);
        case Type::datetime:
        case Type::timestamp:
            return "moment";
        default:
            break;
    }
    switch (class_of(type)) {
        case Class::integer:
            return "integer";
        case Class::decimal:
            return "decimal";
        case Class::real:
            return "real";
        default:
            return is_binary(type.type) ? "bytes" : "text";
    }
}

std::string operands_of(const Node& root) {
    std::set<std::string_view> classes;
    for (const Node& argument : root.arguments) classes.insert(class_name(argument.type));
    std::string out;
    for (const std::string_view each : classes) (out += out.empty() ? "" : ",") += each;
    return sql::lower_case(out);
}

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
    Answer made;
    const auto failed = [&](Error error) {
        made.error = std::move(error);
        return made;
    };
    Environment environment = corpus_environment();
    BindVars variables;
    const auto expression = production_form(text, variables);
    if (!expression) return failed(expression.error());
    for (const auto& [name, value] : variables) {
        auto bound_variable = variable(name, value, environment);
        if (!bound_variable) return failed(bound_variable.error());
        columns.variables.push_back(std::move(*bound_variable));
    }
    const auto bound = bind(*expression, columns, environment);
    if (!bound) return failed(bound.error());
    const Print print = bound->root.print;
    if (print != Print::column && print != Print::literal && print != Print::cast)
        made.operation = bound->root.name;
    made.operands = operands_of(bound->root);
    made.type = bound->type();
    auto value = evaluate(*bound, row, environment);
    if (!value) return failed(value.error());
    made.is_tuple = value->as<Tuple>() != nullptr;
    if (!made.is_tuple) made.value = to_value(bound->type(), *value);
    return made;
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

// What differs from v21's answer: nothing (empty), "error", "null", "value" or "type".
std::string_view relation(const Answer& answer, const json::object& want) {
    if (want.if_contains("error") != nullptr || answer.error)
        return (want.if_contains("error") != nullptr) == answer.error.has_value() ? "" : "error";
    if (want.if_contains("tuple") != nullptr || answer.is_tuple)
        return (want.if_contains("tuple") != nullptr) == answer.is_tuple ? "" : "value";
    const Value value = value_of(want.at("value"));
    if (value.is_null() != answer.value.is_null()) return "null";
    if (value.bytes != answer.value.bytes) return "value";
    return same_type(answer.type, want.at("field").as_object()) ? "" : "type";
}

struct Kind {
    std::string_view name;      // of the function or operator, or of the group of recorded cases
    std::string_view operands;  // their classes; "*": any, as MySQL has agreed for several
    std::string_view v21;       // its type
    std::string_view ours;
    std::string_view relation;
};
constexpr Kind kinds[] = {
#include "eval/corpus_kinds.inc"
};

std::string name_of(const json::object& line, const Answer& answer) {
    const std::string text = text_of(line.at("expr"));
    const std::size_t end =
        text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789");
    const bool called = end != 0 && end != std::string::npos && text[end] == '(';
    if (called) return sql::lower_case(text.substr(0, end));
    return answer.operation.empty() ? text_of(line.at("group")) : answer.operation;
}

// What a case is of that differs from v21's answer.
struct Difference {
    std::string name, operands, v21, ours;
    std::string_view relation;

    // Does MySQL 9.7 answer cases of this kind as we do, and v21 otherwise?
    bool is_explained() const {
        return std::ranges::any_of(kinds, [&](const Kind& kind) {
            return kind.name == name && (kind.operands == "*" || kind.operands == operands) &&
                   kind.v21 == v21 && kind.ours == ours && kind.relation == relation;
        });
    }
};
Difference difference_of(const json::object& line, const Answer& answer, const json::object& want,
                         std::string_view how) {
    Difference made{.name = name_of(line, answer), .operands = answer.operands, .relation = how};
    made.v21 = want.if_contains("error") != nullptr   ? "error"
               : want.if_contains("tuple") != nullptr ? "tuple"
                                                      : text_of(want.at("field").at("type"));
    made.ours = answer.error      ? "error"
                : answer.is_tuple ? "tuple"
                                  : std::string(type_name(answer.type.type));
    return made;
}

class Count {
 public:
    explicit Count(std::string name) : name_(std::move(name)) {
        const char* cases = std::getenv("SLUICE_CASES");
        if (cases != nullptr) cases_.open(cases, std::ios::app);
    }

    void add(bool passed) {
        ++total_;
        passed_ += passed ? 1 : 0;
    }
    void add(const json::object& line, const Answer& answer, const json::object& want,
             std::size_t place) {
        const std::string_view how = relation(answer, want);
        if (how.empty()) return add(true);
        const Difference difference = difference_of(line, answer, want, how);
        const bool refused = answer.error && answer.error->number == er::not_supported_yet;
        const bool explained = !refused && difference.is_explained();
        explained_ += explained ? 1 : 0;
        add(explained);
        if (cases_.is_open())
            cases_ << name_ << '\t' << place << '\t' << difference.name << '\t'
                   << difference.operands << '\t' << difference.v21 << '\t' << difference.ours
                   << '\t' << how << '\n';
    }
    std::size_t total() const { return total_; }
    void print(double floor) const {
        std::cout << "corpus " << name_ << ": " << passed_ << " of " << total_;
        if (explained_ > 0)
            std::cout << ", " << explained_ << " of them as MySQL answers and v21 does not";
        std::cout << "\n";
        EXPECT_GT(total_, 0U);
        EXPECT_GE(static_cast<double>(passed_) * 100, floor * static_cast<double>(total_));
    }

 private:
    std::string name_;
    std::ofstream cases_;
    std::size_t passed_ = 0;
    std::size_t total_ = 0;
    std::size_t explained_ = 0;
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
    Count count("evalengine/constant_expressions");
    std::size_t place = 0;
    const bool there =
        every_line("evalengine/constant_expressions.jsonl.gz", [&](const json::object& line) {
            ++place;
            const json::object* want = expected(line);
            if (want == nullptr) return;
            count.add(line, answer_to(text_of(line.at("expr")), {}, {}), *want, place);
        });
    if (!there) GTEST_SKIP();
    count.print(99);
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

// The length in bytes and the decimals that MySQL gives a column of the recorded types.
std::pair<std::uint32_t, std::uint8_t> extent_of(Type type, std::uint32_t first,
                                                 std::uint32_t second,
                                                 const collation::Collation& collation,
                                                 const std::vector<std::string>& members) {
    const auto fraction = static_cast<std::uint8_t>(first);
    const std::uint32_t seconds = first > 0 ? first + 1 : 0;
    switch (type) {
        case Type::int8:
            return {4, 0};
        case Type::uint8:
            return {3, 0};
        case Type::int32:
            return {11, 0};
        case Type::float32:
            return {12, not_fixed};
        case Type::float64:
            return {22, not_fixed};
        case Type::decimal:
            return {first + 2, static_cast<std::uint8_t>(second)};
        case Type::year:
            return {4, 0};
        case Type::date:
            return {10, 0};
        case Type::time:
            return {10 + seconds, fraction};
        case Type::datetime:
        case Type::timestamp:
            return {19 + seconds, fraction};
        case Type::bit:
            return {first, 0};
        case Type::text:
        case Type::blob:
            return {65535, 0};
        default:
            break;
    }
    std::size_t longest = is_integral(type) ? 20 : first;
    for (const std::string& member : members)
        longest =
            type == Type::set ? longest + member.size() + 1 : std::max(longest, member.size());
    const bool counts_bytes = is_integral(type);
    return {static_cast<std::uint32_t>(longest) * (counts_bytes ? 1 : collation.charset->max_bytes),
            0};
}

ColumnField column_of(const json::object& column) {
    ColumnField field{.name = text_of(column.at("name")),
                      .type = {},
                      .members = members_of(text_of(column.at("column_type")))};
    const auto [first, second] = sizes_of(text_of(column.at("column_type")));
    const Type type = type_of_name(text_of(column.at("type"))).value_or(Type::null_type);
    const auto* name = column.if_contains("collation");
    const auto* collation = name == nullptr ? collation::find_collation(collation::binary)
                                            : collation::find_collation(text_of(*name));
    const auto [length, decimals] = extent_of(type, first, second, *collation, field.members);
    field.type = column_type(type, *collation, length, decimals, 0);
    return field;
}

TEST(Corpus, WithColumns) {
    Count count("evalengine/with_columns");
    std::size_t place = 0;
    const bool there = every_line("evalengine/with_columns.jsonl", [&](const json::object& line) {
        ++place;
        const json::object* want = expected(line);
        if (want == nullptr) return;
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
        count.add(line, answer_to(text_of(line.at("expr")), columns, row), *want, place);
    });
    if (!there) GTEST_SKIP();
    count.print(99);
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
        Count count(std::string("evalengine/mysql_golden_") + number);
        for (const json::value& line : json::parse(text).as_array()) {
            const json::object& golden = line.as_object();
            const Answer answer = answer_to(text_of(golden.at("Query")).substr(7), {}, {});
            const auto* value = golden.if_contains("Value");
            const bool failed = value == nullptr || text_of(*value).empty();
            count.add(failed ? answer.error.has_value()
                             : !answer.error && shown(answer.value) == text_of(*value));
        }
        // The first two of 1676045458 are of a MySQL that kept more digits of a quotient than 9.7
        // does.
        count.print(count.total() == 2 ? 50 : 99);
    }
}

}  // namespace
}  // namespace sluice::eval
