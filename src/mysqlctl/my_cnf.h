#pragma once
// my.cnf of a tablet's own MySQL server: where its folders and files lie under $VTDATAROOT
// (vttablet-contract 12.1). Names are v21's, so that its tools find what ours have made.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace sluice::mysqlctl {

// $VTDATAROOT, or "/vt" without it.
std::string vt_folder();

struct MyCnf {
    std::string path;  // of the file itself
    std::uint32_t server_id = 0;
    std::int64_t port = 0;
    std::string data, innodb_data, innodb_log;  // folders
    std::string secure_files, temporary;        // folders
    std::string socket, pid;
    std::string general_log, error_log, slow_log;
    std::string relay_log, relay_log_index, relay_log_info;  // the first begins files' names
    std::string binary_log;                                  // begins files' names
    std::string master_info;

    // The folder that everything lies in.
    std::string folder() const;
    bool operator==(const MyCnf&) const = default;
};

// $VTDATAROOT/vt_0000000100, or `tablet_dir` in $VTDATAROOT if it is given.
std::string tablet_folder(std::uint32_t uid, std::string_view tablet_dir);

// What a new server gets. `socket`: instead of mysql.sock in its folder; empty: that.
MyCnf planned_my_cnf(std::uint32_t uid, std::int64_t port, std::string_view tablet_dir,
                     std::string_view socket);

// file = *( line LF ); line = key "=" value / anything else, which is passed over; "_" and "-" in
// keys are one, the last line of a key counts. What the file does not say is as in `defaults`;
// server-id and port it has to say, else INVALID_ARGUMENT.
Result<MyCnf> parse_my_cnf(std::string_view text, MyCnf defaults);
// Reads defaults.path; blocks. NOT_FOUND if there is no such file.
Result<MyCnf> read_my_cnf(MyCnf defaults);

// Puts the values into a template's places.
// template = *( text / "{{" ["-"] action ["-"] "}}" )
// action   = "." name / "if ." name / "else" / "end" ; names are v21's: DataDir, MysqlPort, ...
// INVALID_ARGUMENT, with the line, for everything else that Go's templates know.
Result<std::string> fill_template(std::string_view text, const MyCnf& values);

}  // namespace sluice::mysqlctl
