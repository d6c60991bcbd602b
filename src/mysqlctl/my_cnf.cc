// Names of a server's files, and its my.cnf as it is read. Before: mysqld.cc, apps/vttablet.
#include "mysqlctl/my_cnf.h"

#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <map>

#include "async/file_version.h"

namespace sluice::mysqlctl {
namespace {

constexpr std::size_t largest_file = 1U << 20U;

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view spaces = " \t\r";
    const std::size_t first = text.find_first_not_of(spaces);
    if (first == text.npos) return {};
    return text.substr(first, text.find_last_not_of(spaces) + 1 - first);
}

std::string key_of(std::string_view text) {
    std::string key(trimmed(text));
    for (char& c : key) {
        if (c == '_') c = '-';
    }
    return key;
}

template <class Number>
Result<Number> number_of(const std::map<std::string, std::string>& values, const char* key) {
    const auto found = values.find(key);
    if (found == values.end() || found->second.empty())
        return fail(Code::invalid_argument,
                    "value for key '" + std::string(key) + "' not set and no default value set");
    Number number{};
    const char* const end = found->second.data() + found->second.size();
    const auto [at, error] = std::from_chars(found->second.data(), end, number);
    if (error != std::errc() || at != end)
        return fail(Code::invalid_argument,
                    "failed to convert " + std::string(key) + ": " + found->second);
    return number;
}

struct Place {
    const char* key;
    std::string MyCnf::* value;
};
constexpr Place places[] = {
    {"datadir", &MyCnf::data},
    {"innodb-data-home-dir", &MyCnf::innodb_data},
    {"innodb-log-group-home-dir", &MyCnf::innodb_log},
    {"socket", &MyCnf::socket},
    {"general-log-file", &MyCnf::general_log},
    {"log-error", &MyCnf::error_log},
    {"slow-query-log-file", &MyCnf::slow_log},
    {"relay-log", &MyCnf::relay_log},
    {"relay-log-index", &MyCnf::relay_log_index},
    {"relay-log-info-file", &MyCnf::relay_log_info},
    {"log-bin", &MyCnf::binary_log},
    {"master-info-file", &MyCnf::master_info},
    {"pid-file", &MyCnf::pid},
    {"tmpdir", &MyCnf::temporary},
    {"secure-file-priv", &MyCnf::secure_files},
};

}  // namespace

std::string vt_folder() {
    const char* const root = std::getenv("VTDATAROOT");
    return root == nullptr || *root == '\0' ? "/vt" : root;
}

std::string MyCnf::folder() const {
    const std::size_t slash = data.find_last_of('/');
    return slash == data.npos || slash == 0 ? "/" : data.substr(0, slash);
}

std::string tablet_folder(std::uint32_t uid, std::string_view tablet_dir) {
    if (!tablet_dir.empty()) return vt_folder() + "/" + std::string(tablet_dir);
    char name[32] = {};
    std::snprintf(name, sizeof(name), "/vt_%010u", uid);
    return vt_folder() + name;
}

MyCnf planned_my_cnf(std::uint32_t uid, std::int64_t port, std::string_view tablet_dir,
                     std::string_view socket) {
    const std::string folder = tablet_folder(uid, tablet_dir);
    char host[32] = {};
    std::snprintf(host, sizeof(host), "vt-%010u", uid);
    MyCnf cnf;
    cnf.path = folder + "/my.cnf";
    cnf.server_id = uid;
    cnf.port = port;
    cnf.data = folder + "/data";
    cnf.innodb_data = folder + "/innodb/data";
    cnf.innodb_log = folder + "/innodb/logs";
    cnf.temporary = folder + "/tmp";
    cnf.secure_files = cnf.temporary;
    cnf.socket = socket.empty() ? folder + "/mysql.sock" : std::string(socket);
    cnf.pid = folder + "/mysql.pid";
    cnf.general_log = folder + "/general.log";
    cnf.error_log = folder + "/error.log";
    cnf.slow_log = folder + "/slow-query.log";
    cnf.relay_log = folder + "/relay-logs/" + host + "-relay-bin";
    cnf.relay_log_index = cnf.relay_log + ".index";
    cnf.relay_log_info = folder + "/relay-logs/relay-log.info";
    cnf.binary_log = folder + "/bin-logs/" + host + "-bin";
    cnf.master_info = folder + "/master.info";
    return cnf;
}

Result<MyCnf> parse_my_cnf(std::string_view text, MyCnf defaults) {
    std::map<std::string, std::string> values;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        const std::size_t equals = line.find('=');
        if (equals == line.npos || trimmed(line).starts_with('#')) continue;
        values[key_of(line.substr(0, equals))] = trimmed(line.substr(equals + 1));
    }
    defaults.server_id = TRY(number_of<std::uint32_t>(values, "server-id"));
    defaults.port = TRY(number_of<std::int64_t>(values, "port"));
    for (const Place& place : places) {
        const auto found = values.find(place.key);
        if (found != values.end() && !found->second.empty()) defaults.*place.value = found->second;
    }
    return defaults;
}

Result<MyCnf> read_my_cnf(MyCnf defaults) {
    const std::string text = TRY(async::read_file(defaults.path, largest_file));
    const std::string path = defaults.path;
    auto read = parse_my_cnf(text, std::move(defaults));
    if (!read) return fail(read.error().code, path + ": " + read.error().text);
    return read;
}

}  // namespace sluice::mysqlctl
