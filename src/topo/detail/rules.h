#pragma once
// What all stores compute and say alike.
#include <algorithm>
#include <string>
#include <vector>

#include "topo/store.h"

namespace sluice::topo::detail {

inline std::string queue_of(const std::string& directory) {
    return directory + "/locks/";
}

// The names directly below the directory `prefix` ("a/b/"), of records whose keys start with it.
inline std::vector<std::string> names_below(const std::string& prefix,
                                            const std::vector<ListedRecord>& records) {
    std::vector<std::string> names;
    for (const ListedRecord& record : records) {
        std::string name = record.path.substr(prefix.size());
        name.resize(std::min(name.size(), name.find('/')));
        if (names.empty() || names.back() != name) names.push_back(std::move(name));
    }
    // "a-b/x" sorts before "a/x" as keys, "a" before "a-b" as names.
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    return names;
}

inline std::unexpected<Error> no_such_node(const std::string& key) {
    return fail(no_node, "node doesn't exist: " + key);
}
inline std::unexpected<Error> node_is_there(const std::string& key) {
    return fail(node_exists, "node already exists: " + key);
}
inline std::unexpected<Error> other_version(const std::string& key) {
    return fail(bad_version, "bad node version: " + key);
}
inline std::unexpected<Error> lease_ended(const std::string& key) {
    return fail(Code::failed_precondition, "the lease of the lock has ended: " + key);
}

}  // namespace sluice::topo::detail
