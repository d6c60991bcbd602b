// Any bytes as the document of JSON_TABLE and of JSON schemas: rows end and hold what their columns
// say, schemas end.
#include <cstdlib>
#include <string>
#include <string_view>

#include "eval/detail/failure.h"
#include "eval/detail/json_schema.h"
#include "eval/json_table.h"
#include "sql/ast.h"
#include "sql/parse.h"

namespace {

using namespace sluice;

constexpr std::string_view tables[] = {
    "json_table(:document, '$[*]' columns(n for ordinality, a int path '$.a', b decimal(5,2) path "
    "'$.a', c varchar(3) path '$.b', d datetime(2) path '$.b', nested path '$.c[*]' columns(e json "
    "path '$', f time path '$', nested path '$.*' columns(g double path '$')), nested path '$.d' "
    "columns(h bit(8) path '$', i year path '$'))) t",
    "json_table(:document, '$' columns(a tinyint path '$' default '1' on error, b char(2) charset "
    "latin1 path '$', c binary(3) path '$', d float(5,2) path '$', e bool exists path '$.a')) t",
    "json_table(:document, '$**.a' columns(a bigint path '$', b timestamp path '$', c date path "
    "'$' error on error, d tinytext path '$.x' default '\"y\"' on empty)) t",
};

void require(bool holds) {
    if (!holds) std::abort();
}

void run_table(std::string_view text, std::string_view document) {
    eval::Environment environment;
    const auto statement = sql::parse("select * from " + std::string(text));
    require(statement.has_value());
    const auto& select = std::get<sql::Select>(statement->as<sql::Query>()->node);
    const auto* written = select.from.front().as<sql::JsonTable>();
    eval::Columns outer;
    outer.variables.push_back(*eval::variable(
        "document", {.value = {Type::varchar, std::string(document)}, .list = {}}, environment));
    const auto table = eval::JsonTable::bind(*written, outer, environment);
    require(table.has_value());
    auto rows = eval::JsonTableRows::open(*table, {}, environment);
    if (!rows) return;
    for (int i = 0; i < 10'000; ++i) {
        const auto more = rows->next(environment);
        if (!more || !*more) return;
        for (std::size_t at = 0; at < rows->row().size(); ++at) {
            const eval::Datum& datum = rows->row()[at];
            const eval::FieldType& type = table->columns()[at].type;
            if (!datum.is_null()) (void)eval::value_text(type, datum);
        }
    }
}

// The first half as a schema of the second.
void run_schema(std::string_view input) {
    const std::size_t cut = input.find('\n');
    if (cut == std::string_view::npos) return;
    const auto schema = parse_json(input.substr(0, cut)),
               document = parse_json(input.substr(cut + 1));
    if (!schema || !document || !schema->is_object()) return;
    (void)eval::caught([&] {
        const eval::JsonSchema read(*schema);
        const auto first = read.failure(*document, eval::Environment());
        const auto again = read.failure(*document, eval::Environment());
        require(first.has_value() == again.has_value());
        return 0;
    });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* bytes, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view input(reinterpret_cast<const char*>(bytes) + 1, size - 1);
    const unsigned choice = bytes[0] % 4;
    if (choice == 3) {
        run_schema(input);
    } else {
        run_table(tables[choice], input);
    }
    return 0;
}
