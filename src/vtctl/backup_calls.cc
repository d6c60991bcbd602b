// Calls of the control plane: backups. None are made here; those that Vitess has left in a folder
// are listed. Before: service.cc.
#include <algorithm>
#include <ctime>
#include <filesystem>

#include "async/cross.h"
#include "vindex/target.h"
#include "vtctl/detail/method.h"

namespace sluice::vtctl::detail {
namespace {

// "2026-11-26.175612.zone1-0000000100": when it was made, and of which tablet. What does not look
// so has neither.
void read_name(mysqlctl::BackupInfo* backup) {
    const std::string& name = backup->name();
    const std::size_t dot = name.find('.');
    const std::size_t second = dot == name.npos ? dot : name.find('.', dot + 1);
    if (second == name.npos || name.find('.', second + 1) != name.npos) return;
    std::tm parts{};
    const std::string when = name.substr(0, second);
    const char* end = ::strptime(when.c_str(), "%Y-%m-%d.%H%M%S", &parts);
    if (end != nullptr && *end == '\0') backup->mutable_time()->set_seconds(::timegm(&parts));
    if (const auto alias = vindex::parse_tablet_alias(name.substr(second + 1))) {
        backup->mutable_tablet_alias()->set_cell(alias->cell);
        backup->mutable_tablet_alias()->set_uid(alias->uid);
    }
}

// The names of the folders in `folder`, sorted; an absent one has none.
Result<std::vector<std::string>> folders_in(const std::filesystem::path& folder) {
    std::vector<std::string> names;
    std::error_code error;
    std::filesystem::directory_iterator entries(folder, error);
    if (error == std::errc::no_such_file_or_directory) return names;
    for (; !error && entries != std::filesystem::directory_iterator(); entries.increment(error)) {
        if (std::error_code ignored; entries->is_directory(ignored))
            names.push_back(entries->path().filename());
    }
    if (error) return fail(Code::unknown, "open " + folder.string() + ": " + error.message());
    std::ranges::sort(names);
    return names;
}

Result<void> check_name(const std::string& name) {
    if (name == "." || name == ".." || name.contains('/'))
        return fail(Code::invalid_argument, "\"" + name + "\" is no name of a keyspace or shard");
    return {};
}

Task<Result<message::GetBackupsResponse>> backups(Control* control,
                                                  const message::GetBackupsRequest* request,
                                                  Stop*) {
    const BackupStore& store = control->backups;
    if (store.implementation.empty())
        co_return fail(Code::unknown, "no registered implementation of BackupStorage");
    if (store.implementation != "file")
        co_return fail(Code::unimplemented,
                       "--backup_storage_implementation=" + store.implementation +
                           " is not supported by this vtctld");
    CO_TRY(check_name(request->keyspace()));
    CO_TRY(check_name(request->shard()));
    const std::string bucket = request->keyspace() + "/" + request->shard();
    auto names = CO_TRY(co_await async::blocking(
        [folder = std::filesystem::path(store.folder) / bucket] { return folders_in(folder); }));
    const std::size_t limit = request->limit();
    if (limit > 0 && names.size() > limit)
        names.erase(names.begin(), names.end() - static_cast<std::ptrdiff_t>(limit));
    message::GetBackupsResponse response;
    for (std::string& name : names) {
        mysqlctl::BackupInfo* backup = response.add_backups();
        backup->set_name(std::move(name));
        backup->set_directory(bucket);
        backup->set_keyspace(request->keyspace());
        backup->set_shard(request->shard());
        read_name(backup);
    }
    co_return response;
}

}  // namespace

std::vector<Method> backup_methods() {
    return {method(&backups)};
}

}  // namespace sluice::vtctl::detail
