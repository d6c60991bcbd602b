// Writes a VSchema as JSON: for tools, SHOW and the admin page /debug/vschema.
#include <charconv>
#include <cmath>

#include <boost/json.hpp>

#include "sql/format.h"
#include "vschema/detail/fields.h"
#include "vschema/json.h"

namespace sluice::vschema {

namespace {

namespace json = boost::json;

// Puts the fields of one message that differ from their default into a JSON object.
class Writer {
 public:
    explicit Writer(FieldNames names) : names_(names) {}

    template <class T>
    void operator()(std::string_view name, const T& member) {
        if (is_default(member)) return;
        put(name, value_of(member));
    }

    template <class Rule>
    void rules(std::string_view name, const std::optional<std::vector<Rule>>& list) {
        if (!list) return;
        Writer inner(names_);
        inner("rules", *list);
        put(name, std::move(inner.object_));
    }

    template <class Message>
    static json::value write(const Message& message, FieldNames names) {
        Writer writer(names);
        visit_fields(writer, message);
        return std::move(writer.object_);
    }

 private:
    void put(std::string_view name, json::value value) {
        object_.emplace(names_ == FieldNames::camel_case ? camel_case(name) : std::string(name),
                        std::move(value));
    }

    template <class T>
    static bool is_default(const T& member) {
        return member == T{};
    }

    static json::value value_of(bool member) { return member; }
    static json::value value_of(const std::string& member) { return json::string(member); }
    static json::value value_of(std::int32_t member) { return member; }
    static json::value value_of(float member) {
        if (std::trunc(member) == member && std::abs(member) < 1e9F)
            return static_cast<std::int64_t>(member);
        // The shortest digits that mean this float: 0.1, not 0.10000000149011612.
        char digits[32];
        const char* const end = std::to_chars(digits, digits + sizeof(digits), member).ptr;
        double shortest = 0;
        std::from_chars(digits, end, shortest);
        return shortest;
    }
    static json::value value_of(Type member) { return json::string(type_name(member)); }
    static json::value value_of(ForeignKeyMode member) {
        return json::string(foreign_key_mode_names[static_cast<std::size_t>(member)]);
    }
    template <class T>
    json::value value_of(const std::optional<T>& member) const {
        return value_of(*member);
    }
    template <class T>
    json::value value_of(const std::vector<T>& member) const {
        json::array list;
        for (const T& item : member) list.push_back(value_of(item));
        return list;
    }
    template <class T>
    json::value value_of(const ByName<T>& member) const {
        json::object object;
        for (const auto& [name, item] : member) object.emplace(name, value_of(item));
        return object;
    }
    template <class Message>
        requires std::is_class_v<Message>
    json::value value_of(const Message& member) const {
        return write(member, names_);
    }

    FieldNames names_;
    json::object object_;
};

// Boost.JSON writes one line only.
void append_indented(std::string& out, const json::value& value, int indent, int level) {
    const auto new_line = [&](int depth) {
        out += '\n';
        out.append(static_cast<std::size_t>(indent * depth), ' ');
    };
    if (value.is_object() && !value.get_object().empty()) {
        out += '{';
        for (const auto& field : value.get_object()) {
            if (&field != &*value.get_object().begin()) out += ',';
            new_line(level + 1);
            out += json::serialize(field.key()) + ": ";
            append_indented(out, field.value(), indent, level + 1);
        }
        new_line(level);
        out += '}';
    } else if (value.is_array() && !value.get_array().empty()) {
        out += '[';
        for (const json::value& item : value.get_array()) {
            if (&item != &value.get_array().front()) out += ',';
            new_line(level + 1);
            append_indented(out, item, indent, level + 1);
        }
        new_line(level);
        out += ']';
    } else {
        out += json::serialize(value);
    }
}

std::string text_of(const json::value& value, int indent) {
    if (indent == 0) return json::serialize(value);
    std::string text;
    append_indented(text, value, indent, 0);
    return text;
}

json::array strings(const std::vector<std::string>& items) {
    json::array list;
    for (const std::string& item : items) list.push_back(json::string(item));
    return list;
}

json::value described(const ColumnVindex& vindex) {
    json::object object{
        {"columns", strings(vindex.columns)}, {"type", vindex.type}, {"name", vindex.name}};
    if (vindex.owned) object["owned"] = true;
    if (vindex.partial) object["partial"] = true;
    return object;
}

json::value described(const Column& column) {
    json::object object{{"name", column.name}};
    if (column.type != Type::null_type) object["type"] = json::string(type_name(column.type));
    if (column.invisible) object["invisible"] = true;
    if (!column.default_value.empty()) object["default"] = column.default_value;
    if (!column.collation_name.empty()) object["collation_name"] = column.collation_name;
    return object;
}

json::value described(const Table& table) {
    constexpr std::string_view kinds[] = {"", "sequence", "reference"};
    json::object object;
    if (table.kind != TableKind::plain)
        object["type"] = json::string(kinds[static_cast<std::size_t>(table.kind)]);
    object["name"] = table.name;
    for (const ColumnVindex& vindex : table.column_vindexes) {
        if (!object.contains("column_vindexes")) object["column_vindexes"] = json::array();
        object["column_vindexes"].as_array().push_back(described(vindex));
    }
    if (table.auto_increment) {
        object["auto_increment"] =
            json::object{{"column", table.auto_increment->column},
                         {"sequence", table.auto_increment->sequence->qualified_name()}};
    }
    for (const Column& column : table.columns) {
        if (!object.contains("columns")) object["columns"] = json::array();
        object["columns"].as_array().push_back(described(column));
    }
    if (table.pinned) object["pinned"] = table.pinned->hex();
    if (table.column_list_authoritative) object["column_list_authoritative"] = true;
    if (table.source) object["source"] = table.source->keyspace + "." + table.source->table;
    return object;
}

json::value described(const Keyspace& keyspace, const Schema& schema) {
    json::object object;
    if (keyspace.sharded) object["sharded"] = true;
    object["foreignKeyMode"] =
        json::string(foreign_key_mode_names[static_cast<std::size_t>(keyspace.foreign_key_mode)]);
    json::object tables;
    for (const auto& [name, table] : keyspace.tables) tables.emplace(name, described(*table));
    if (!tables.empty()) object["tables"] = std::move(tables);
    const auto definition = schema.definition().keyspaces.find(keyspace.name);
    if (definition != schema.definition().keyspaces.end() && !definition->second.vindexes.empty()) {
        json::object vindexes;
        for (const auto& [name, vindex] : definition->second.vindexes) {
            vindexes.emplace(name, Writer::write(vindex, FieldNames::snake_case));
        }
        object["vindexes"] = std::move(vindexes);
    }
    json::object views;
    for (const auto& [name, table] : keyspace.tables) {
        if (table->view && table->view->unreadable.empty())
            views.emplace(name, sql::format(table->view->query));
    }
    if (!views.empty()) object["views"] = std::move(views);
    if (keyspace.error) object["error"] = keyspace.error->text;
    return object;
}

}  // namespace

std::string to_json(const KeyspaceDefinition& keyspace, JsonStyle style) {
    return text_of(Writer::write(keyspace, style.names), style.indent);
}

std::string to_json(const SrvVSchema& vschema, JsonStyle style) {
    return text_of(Writer::write(vschema, style.names), style.indent);
}

std::string debug_json(const Schema& schema) {
    json::object rules;
    for (const RoutingRule& rule :
         schema.definition().routing_rules.value_or(std::vector<RoutingRule>{})) {
        rules.emplace(rule.from_table, strings(rule.to_tables));
    }
    json::object mirrors;
    for (const MirrorRule& rule :
         schema.definition().mirror_rules.value_or(std::vector<MirrorRule>{})) {
        mirrors.emplace(rule.from_table,
                        json::object{{"table", rule.to_table}, {"percent", rule.percent}});
    }
    json::object keyspaces;
    for (const auto& [name, keyspace] : schema.keyspaces())
        keyspaces.emplace(name, described(*keyspace, schema));
    json::object shards;
    for (const ShardRoutingRule& rule :
         schema.definition().shard_routing_rules.value_or(std::vector<ShardRoutingRule>{})) {
        shards.emplace(rule.from_keyspace + "." + rule.shard, rule.to_keyspace);
    }
    constexpr int indent = 1;
    return text_of(json::object{{"mirror_rules", std::move(mirrors)},
                                {"routing_rules", std::move(rules)},
                                {"keyspaces", std::move(keyspaces)},
                                {"shard_routing_rules", std::move(shards)}},
                   indent);
}

}  // namespace sluice::vschema
