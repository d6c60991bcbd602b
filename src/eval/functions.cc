// Every function by its name; each family is a file.
#include <unordered_map>

#include "eval/detail/json_arguments.h"
#include "eval/detail/registry.h"
#include "eval/detail/spatial.h"

namespace sluice::eval {
namespace {

using Table = std::unordered_map<std::string_view, const Function*>;

Table make_table() {
    Table table;
    for (const auto family : {numeric_functions(),
                              control_functions(),
                              text_functions(),
                              text_search_functions(),
                              encoding_functions(),
                              regexp_functions(),
                              date_functions(),
                              date_format_functions(),
                              json_functions(),
                              json_edit_functions(),
                              hash_functions(),
                              etag_functions(),
                              network_functions(),
                              session_functions(),
                              json_schema_functions(),
                              vector_functions(),
                              random_functions(),
                              gtid_functions(),
                              shown_functions(),
                              xml_functions(),
                              spatial_making_functions(),
                              spatial_text_functions(),
                              spatial_part_functions(),
                              spatial_bounds_functions(),
                              spatial_relation_functions(),
                              spatial_overlay_functions(),
                              spatial_line_functions(),
                              spatial_json_functions(),
                              geohash_functions()}) {
        for (const Function& function : family) table.emplace(function.name, &function);
    }
    return table;
}

}  // namespace

const Function* find_function(std::string_view name) {
    static const Table table = make_table();
    const auto found = table.find(name);
    return found == table.end() ? nullptr : found->second;
}

void check_count(const Function& function, std::size_t count) {
    const int given = static_cast<int>(count);
    if (given >= function.least && (function.most < 0 || given <= function.most)) return;
    raise(1582, "Incorrect parameter count in the call to native function '" +
                    std::string(function.name) + "'");
}

std::optional<std::int64_t> constant_integer(const Node& node, const Environment& environment) {
    if (!node.is_constant) return std::nullopt;
    Environment quiet;
    quiet.connection = environment.connection;
    Run run{{}, quiet};
    Operand value(node, run);
    if (value.is_null()) return std::nullopt;
    return value.integer().clipped();
}

void give_real(Node& node, const Environment&) {
    node.type = real_type(any_nullable(node.arguments));
}
void give_nullable_real(Node& node, const Environment&) {
    node.type = real_type(true);
}
void give_integer(Node& node, const Environment&) {
    node.type = integer_type(any_nullable(node.arguments));
}
void give_nullable_integer(Node& node, const Environment&) {
    node.type = integer_type(true);
}
void give_boolean(Node& node, const Environment&) {
    node.type = boolean_type(any_nullable(node.arguments));
}
void give_nullable_boolean(Node& node, const Environment&) {
    node.type = boolean_type(true);
}

}  // namespace sluice::eval
