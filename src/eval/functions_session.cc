// What a session knows of itself and of its server; user variables.
#include <unicode/uversion.h>

#include "eval/detail/registry.h"
#include "eval/detail/special.h"

namespace sluice::eval {
namespace {

FieldType name_type(std::uint64_t length, bool nullable) {
    return text_type(
        {collation::default_collation("utf8mb3"), Coercibility::system_constant, Repertoire::ascii},
        length, nullable);
}

void give_database(Node& node, const Environment&) {
    node.type = name_type(64, true);
}
Datum database(const Node&, Run& run) {
    if (!run.environment.database) return {};
    return *run.environment.database;
}
void give_user(Node& node, const Environment&) {
    node.type = name_type(288, true);
}
Datum user(const Node&, Run& run) {
    return run.environment.user;
}
Datum current_user(const Node&, Run& run) {
    return run.environment.current_user;
}
void give_version(Node& node, const Environment& environment) {
    node.type = name_type(environment.version.size(), false);
}
Datum version(const Node&, Run& run) {
    return run.environment.version;
}

// The gate's users have no roles.
Datum current_role(const Node&, Run&) {
    return std::string("NONE");
}
void give_role(Node& node, const Environment&) {
    node.type = name_type(blob_length, true);
    node.type.length = blob_length;
}

// The gate's own, which its REGEXP runs on.
Datum icu_version(const Node&, Run&) {
    return std::string(U_ICU_VERSION);
}
void give_icu_version(Node& node, const Environment&) {
    node.type = name_type(std::string_view(U_ICU_VERSION).size(), false);
}

void give_id(Node& node, const Environment&) {
    node.type = integer_type(false, integer_length, true);
}
Datum last_insert_id(const Node&, Run& run) {
    return run.environment.last_insert_id;
}
Datum found_rows(const Node&, Run& run) {
    return run.environment.found_rows;
}
Datum connection_id(const Node&, Run& run) {
    return run.environment.connection_id;
}
void give_row_count(Node& node, const Environment&) {
    node.type = integer_type(false);
}
Datum row_count(const Node&, Run& run) {
    return run.environment.row_count;
}

Datum user_variable(const Node& node, Run& run) {
    const auto found = run.environment.user_variables.find(node.name.substr(1));
    if (found == run.environment.user_variables.end()) return {};
    return as_type(node.type, found->second.type, found->second.value, run.environment);
}
Datum assign(const Node& node, Run& run) {
    Operand value(node.arguments[0], run);
    UserVariable variable{node.type, value.take()};
    if (const auto* bits = variable.value.as<Bits>()) variable.value = std::string(bits->bytes);
    Datum answer = variable.value;
    run.environment.user_variables.insert_or_assign(node.name.substr(1), std::move(variable));
    return answer;
}

}  // namespace

Node user_variable_node(std::string_view name, const Environment& environment) {
    const auto found = environment.user_variables.find(name);
    FieldType type{.type = Type::null_type, .collation = binary_collation()};
    if (found != environment.user_variables.end()) {
        type = found->second.type;
        type.nullable = true;
        if (type.coercibility != Coercibility::numeric) type.coercibility = Coercibility::implicit;
    }
    Node node = node_of("@" + std::string(name), Print::literal, user_variable, type, {});
    node.is_constant = false;
    return node;
}

Node assign_node(std::string_view name, Node value, const Environment&) {
    refuse_tuple(value);
    FieldType type = value.type;
    type.is_bits = false;
    type.is_boolean = false;
    std::vector<Node> arguments;
    arguments.push_back(std::move(value));
    Node node =
        node_of("@" + std::string(name), Print::literal, assign, type, std::move(arguments));
    node.is_constant = false;
    return node;
}

std::span<const Function> session_functions() {
    static constexpr Function functions[] = {
        {"connection_id", 0, 0, give_id, connection_id},
        {"current_role", 0, 0, give_role, current_role},
        {"current_user", 0, 0, give_user, current_user},
        {"database", 0, 0, give_database, database},
        {"found_rows", 0, 0, give_id, found_rows},
        {"icu_version", 0, 0, give_icu_version, icu_version},
        {"last_insert_id", 0, 0, give_id, last_insert_id},
        {"row_count", 0, 0, give_row_count, row_count},
        {"schema", 0, 0, give_database, database, "database"},
        {"session_user", 0, 0, give_user, user, "user"},
        {"system_user", 0, 0, give_user, user, "user"},
        {"user", 0, 0, give_user, user},
        {"version", 0, 0, give_version, version},
    };
    return functions;
}

}  // namespace sluice::eval
