// ALTER VSCHEMA: what each form does to a keyspace's definition. Before: executor (who may). After:
// topo (storing it).
#include "vschema/alter.h"

#include <algorithm>

namespace sluice::vschema {

namespace {

using Outcome = Result<void>;

std::unexpected<Error> refused(std::string text) {
    return fail(Code::internal, std::move(text));
}

// Applies one form to `definition`, which is a copy that is thrown away if it fails.
class Alterer {
 public:
    Alterer(KeyspaceDefinition& definition, std::string_view keyspace)
        : definition_(definition), keyspace_(keyspace) {}

    Outcome operator()(const alter::CreateVindex& a) const {
        if (definition_.vindexes.contains(a.name)) {
            return refused("vindex " + a.name + " already exists in keyspace " + keyspace_);
        }
        add_vindex(a.name, a.type, a.params);
        return {};
    }

    Outcome operator()(const alter::DropVindex& a) const {
        const auto vindex = definition_.vindexes.find(a.name);
        if (vindex == definition_.vindexes.end()) {
            return refused("vindex " + a.name + " does not exist in keyspace " + keyspace_);
        }
        for (const auto& [name, table] : definition_.tables) {
            if (has_vindex(table, a.name))
                return refused("vindex " + a.name + " is used by table " + name);
        }
        definition_.vindexes.erase(vindex);
        return {};
    }

    Outcome operator()(const alter::AddTable& a) const {
        return add_table(a.table, "", "add vschema table", "table");
    }
    Outcome operator()(const alter::DropTable& a) const { return drop_table(a.table, "table"); }
    Outcome operator()(const alter::AddSequence& a) const {
        return add_table(a.table, "sequence", "add sequence table", "sequence");
    }
    Outcome operator()(const alter::DropSequence& a) const {
        return drop_table(a.table, "sequence");
    }

    Outcome operator()(const alter::AddColumnVindex& a) const {
        const auto vindex = definition_.vindexes.find(a.vindex);
        if (vindex == definition_.vindexes.end()) {
            if (a.type.empty()) {
                return refused("vindex " + a.vindex + " does not exist in keyspace " + keyspace_);
            }
            add_vindex(a.vindex, a.type, a.params);
        } else if (!a.type.empty()) {
            TRY(check_same(a, vindex->second));
        }
        TableDefinition& table = definition_.tables[a.table];
        if (has_vindex(table, a.vindex)) {
            return refused("vindex " + a.vindex + " already defined on table " + a.table);
        }
        table.column_vindexes.push_back({.column = "", .name = a.vindex, .columns = a.columns});
        return {};
    }

    Outcome operator()(const alter::DropColumnVindex& a) const {
        const auto table = definition_.tables.find(a.table);
        if (table == definition_.tables.end()) {
            return refused("table " + keyspace_ + "." + a.table + " not defined in vschema");
        }
        auto& vindexes = table->second.column_vindexes;
        const auto found = std::ranges::find(vindexes, a.vindex, &ColumnVindexDefinition::name);
        if (found == vindexes.end()) {
            return refused("vindex " + a.vindex + " not defined in table " + keyspace_ + "." +
                           a.table);
        }
        vindexes.erase(found);
        if (vindexes.empty()) definition_.tables.erase(table);
        return {};
    }

    Outcome operator()(const alter::AddAutoIncrement& a) const {
        TableDefinition* const table = TRY(known_table(a.table));
        if (table->auto_increment) {
            return refused("vschema already contains auto inc " + shown(*table->auto_increment) +
                           " on table " + a.table + " in keyspace " + keyspace_);
        }
        table->auto_increment = AutoIncrementDefinition{a.column, a.sequence};
        return {};
    }

    Outcome operator()(const alter::DropAutoIncrement& a) const {
        TableDefinition* const table = TRY(known_table(a.table));
        if (!table->auto_increment) {
            return refused("vschema does not contain auto increment on table " + a.table +
                           " in keyspace " + keyspace_);
        }
        table->auto_increment.reset();
        return {};
    }

 private:
    static bool has_vindex(const TableDefinition& table, std::string_view vindex) {
        return std::ranges::find(table.column_vindexes, vindex, &ColumnVindexDefinition::name) !=
               table.column_vindexes.end();
    }

    // As protobuf prints it.
    static std::string shown(const AutoIncrementDefinition& a) {
        return "column:\"" + a.column + "\" sequence:\"" + a.sequence + "\"";
    }

    // `owner` is written among the parameters but is a field of its own.
    static VindexDefinition vindex_of(const std::string& type, ByName<std::string> params) {
        VindexDefinition vindex{.type = type, .params = std::move(params), .owner = ""};
        if (const auto owner = vindex.params.find("owner"); owner != vindex.params.end()) {
            vindex.owner = owner->second;
            vindex.params.erase(owner);
        }
        return vindex;
    }

    // The first vindex makes the keyspace a sharded one.
    void add_vindex(const std::string& name, const std::string& type,
                    const ByName<std::string>& params) const {
        if (definition_.vindexes.empty()) definition_.sharded = true;
        definition_.vindexes[name] = vindex_of(type, params);
    }

    static Outcome check_same(const alter::AddColumnVindex& a, const VindexDefinition& known) {
        const VindexDefinition wanted = vindex_of(a.type, a.params);
        const std::string defined = "vindex " + a.vindex + " defined with ";
        if (known.type != wanted.type)
            return refused(defined + "type " + known.type + " not " + wanted.type);
        if (known.owner != wanted.owner)
            return refused(defined + "owner " + known.owner + " not " + wanted.owner);
        if (known.params != wanted.params) return refused(defined + "different parameters");
        return {};
    }

    Outcome add_table(const std::string& name, std::string type, std::string_view statement,
                      std::string_view noun) const {
        if (definition_.sharded) {
            return refused(std::string(statement) + ": unsupported on sharded keyspace " +
                           keyspace_);
        }
        if (definition_.tables.contains(name)) {
            return refused("vschema already contains " + std::string(noun) + " " + name +
                           " in keyspace " + keyspace_);
        }
        definition_.tables[name].type = std::move(type);
        return {};
    }

    Outcome drop_table(const std::string& name, std::string_view noun) const {
        if (definition_.tables.erase(name) != 0) return {};
        return refused("vschema does not contain " + std::string(noun) + " " + name +
                       " in keyspace " + keyspace_);
    }

    Result<TableDefinition*> known_table(const std::string& name) const {
        const auto table = definition_.tables.find(name);
        if (table != definition_.tables.end()) return &table->second;
        return refused("vschema does not contain table " + name + " in keyspace " + keyspace_);
    }

    KeyspaceDefinition& definition_;
    std::string keyspace_;
};

}  // namespace

Result<KeyspaceDefinition> apply(const KeyspaceDefinition& definition, std::string_view keyspace,
                                 const Alteration& alteration) {
    KeyspaceDefinition changed = definition;
    TRY(std::visit(Alterer(changed, keyspace), alteration));
    return changed;
}

}  // namespace sluice::vschema
