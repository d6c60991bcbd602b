#pragma once
// Query rules that change while the tablet runs (vttablet-contract 3.3): a file's and a record's.
#include <string>

#include "async/file_version.h"
#include "tabletserver/server.h"
#include "topo/topology.h"

namespace sluice::tabletserver {

// Reads the file and puts its rules in force; gives the state of the file that they are of. Errors:
// the file cannot be read, or holds no rules; then the old ones stay.
Task<Result<async::FileVersion>> load_rules(Server* server, std::string path);

// Loads the file again whenever it is not as `loaded` any more, until `stop`. What fails is logged.
Task<void> follow_rules_file(Server* server, std::string path, async::FileVersion loaded,
                             Stop* stop);

// A record with the same contents in a cell ("global" or a cell's name).
struct RulesRecord {
    std::string cell;
    std::string path;
};
// Puts the record's rules in force as often as it changes, until `stop`. Without the record, or
// with a wrong one, the old rules stay, and it is read again after half a minute.
Task<void> follow_rules_record(Server* server, std::shared_ptr<topo::Topology> topology,
                               RulesRecord record, Stop* stop);

}  // namespace sluice::tabletserver
