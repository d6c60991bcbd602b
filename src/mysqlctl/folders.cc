// Names of a server's files. Before: control.cc, apps/vttablet.
#include "mysqlctl/folders.h"

#include <cstdio>
#include <cstdlib>

namespace sluice::mysqlctl {

std::string vt_folder() {
    const char* const root = std::getenv("VTDATAROOT");
    return root == nullptr || *root == '\0' ? "/vt" : root;
}

std::string tablet_folder(std::string_view root, std::uint32_t uid) {
    char name[32] = {};
    std::snprintf(name, sizeof(name), "/vt_%010u", uid);
    return std::string(root) + name;
}

Files files_of(std::uint32_t uid, std::string_view tablet_dir, std::string_view socket) {
    Files files;
    files.folder = tablet_dir.empty() ? tablet_folder(vt_folder(), uid)
                                      : vt_folder() + "/" + std::string(tablet_dir);
    const std::string& folder = files.folder;
    files.data = folder + "/data";
    files.innodb_data = folder + "/innodb/data";
    files.innodb_log = folder + "/innodb/logs";
    files.binary_log_folder = folder + "/bin-logs";
    files.relay_log_folder = folder + "/relay-logs";
    files.temporary = folder + "/tmp";
    char host[32] = {};
    std::snprintf(host, sizeof(host), "vt-%010u", uid);
    files.binary_log = files.binary_log_folder + "/" + host + "-bin";
    files.relay_log = files.relay_log_folder + "/" + host + "-relay-bin";
    files.configuration = folder + "/my.cnf";
    files.socket = socket.empty() ? folder + "/mysql.sock" : std::string(socket);
    files.pid = folder + "/mysql.pid";
    files.error_log = folder + "/error.log";
    files.slow_log = folder + "/slow-query.log";
    return files;
}

}  // namespace sluice::mysqlctl
