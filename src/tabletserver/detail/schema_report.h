#pragma once
// The schema of a tablet's database as the control plane wants it: columns, keys and sizes with
// each table's CREATE statement (vttablet-contract 4.2).
#include "tablet/mysql_tablet.h"
#include "tabletmanagerdata.pb.h"

namespace sluice::tabletserver {

using async::Stop;
using async::Task;

// `database` as the server calls it; in definitions it stands as {{.DatabaseName}}. `request`
// outlives the task. INVALID_ARGUMENT for a /pattern/ that is none.
Task<Result<tabletmanagerdata::SchemaDefinition>> report_schema(
    tablet::MysqlTablet* server, std::string database,
    const tabletmanagerdata::GetSchemaRequest* request, Stop* stop);

}  // namespace sluice::tabletserver
