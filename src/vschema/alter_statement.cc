// Step 4 of a request: what an ALTER VSCHEMA statement asks for. After: vschema/alter.cc.
#include "vschema/alter_statement.h"

namespace sluice::vschema {
namespace {

ByName<std::string> parameters_of(const sql::AlterVschema& alter) {
    ByName<std::string> parameters;
    for (const sql::VindexParameter& parameter : alter.parameters)
        parameters[parameter.key] = parameter.value;
    return parameters;
}

// A sequence may be named with its keyspace.
std::string sequence_name(const sql::TableName& name) {
    return name.keyspace.empty() ? name.name : name.keyspace + "." + name.name;
}

}  // namespace

Alteration alteration_of(const sql::AlterVschema& statement) {
    using sql::VschemaAction;
    namespace to = alter;
    switch (statement.action) {
        case VschemaAction::create_vindex:
            return to::CreateVindex{
                statement.vindex.empty() ? statement.table.name : statement.vindex,
                statement.vindex_type, parameters_of(statement)};
        case VschemaAction::drop_vindex:
            return to::DropVindex{statement.vindex.empty() ? statement.table.name
                                                           : statement.vindex};
        case VschemaAction::add_table:
            return to::AddTable{statement.table.name};
        case VschemaAction::drop_table:
            return to::DropTable{statement.table.name};
        case VschemaAction::add_column_vindex:
            return to::AddColumnVindex{statement.table.name, statement.vindex, statement.columns,
                                       statement.vindex_type, parameters_of(statement)};
        case VschemaAction::drop_column_vindex:
            return to::DropColumnVindex{statement.table.name, statement.vindex};
        case VschemaAction::add_sequence:
            return to::AddSequence{statement.table.name};
        case VschemaAction::drop_sequence:
            return to::DropSequence{statement.table.name};
        case VschemaAction::add_auto_increment:
            return to::AddAutoIncrement{statement.table.name, statement.auto_increment_column,
                                        sequence_name(statement.sequence)};
        case VschemaAction::drop_auto_increment:
            return to::DropAutoIncrement{statement.table.name};
    }
    return to::AddTable{statement.table.name};
}

}  // namespace sluice::vschema
