#pragma once
// Where a tablet's own MySQL server lives: folders and files under $VTDATAROOT (vttablet-contract
// 12.1). Names are v21's, so that its tools find what ours have made.
#include <cstdint>
#include <string>
#include <string_view>

namespace sluice::mysqlctl {

// $VTDATAROOT, or "/vt" without it.
std::string vt_folder();
// "<root>/vt_0000000100"
std::string tablet_folder(std::string_view root, std::uint32_t uid);

struct Files {
    std::string folder;  // everything below lies in it
    std::string data, innodb_data, innodb_log, binary_log_folder, relay_log_folder, temporary;
    std::string binary_log, relay_log;  // beginnings of files' names
    std::string configuration, socket, pid, error_log, slow_log;
};

// `tablet_dir`: instead of vt_<uid>; `socket`: instead of mysql.sock in the folder; empty: none.
Files files_of(std::uint32_t uid, std::string_view tablet_dir, std::string_view socket);

}  // namespace sluice::mysqlctl
