#pragma once
// ALTER VSCHEMA as pure functions: a keyspace's definition in, the changed one out
// (vtgate-contract 5.8). Who may do it, and storing the outcome in the topology, is the executor's
// part. All failures are INTERNAL, 1815.
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/error.h"
#include "vschema/definition.h"

namespace sluice::vschema {

namespace alter {
struct CreateVindex {  // create vindex ks.name using type with params
    std::string name;
    std::string type;
    ByName<std::string> params;  // "owner" among them becomes the definition's owner
};
struct DropVindex {
    std::string name;
};
struct AddTable {
    std::string table;
};
struct DropTable {
    std::string table;
};
struct AddColumnVindex {  // on t add vindex name (columns) [using type with params]
    std::string table;
    std::string vindex;
    std::vector<std::string> columns;
    std::string type;  // "": the vindex exists already
    ByName<std::string> params;
};
struct DropColumnVindex {  // on t drop vindex name
    std::string table;
    std::string vindex;
};
struct AddSequence {
    std::string table;
};
struct DropSequence {
    std::string table;
};
struct AddAutoIncrement {
    std::string table;
    std::string column;
    std::string sequence;  // "name" or "keyspace.name"
};
struct DropAutoIncrement {
    std::string table;
};
}  // namespace alter

using Alteration =
    std::variant<alter::CreateVindex, alter::DropVindex, alter::AddTable, alter::DropTable,
                 alter::AddColumnVindex, alter::DropColumnVindex, alter::AddSequence,
                 alter::DropSequence, alter::AddAutoIncrement, alter::DropAutoIncrement>;

// `keyspace` is the definition's name, for messages only.
Result<KeyspaceDefinition> apply(const KeyspaceDefinition& definition, std::string_view keyspace,
                                 const Alteration& alteration);

}  // namespace sluice::vschema
