#pragma once
// For tests: the vindex types that the recorded planner cases use. They have properties to plan by;
// only hash_test can be mapped. Pass them as Creation::more_types.
#include <cstdlib>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "vindex/create.h"

namespace sluice::vindex {

class PlannedOnlyVindex final : public Vindex {
 public:
    using Vindex::Vindex;
};

inline Creator planned_only(const std::string& type, const Properties& properties) {
    return [=](std::string name, const Parameters&) -> Result<std::shared_ptr<const Vindex>> {
        return std::make_shared<PlannedOnlyVindex>(std::move(name), type, properties);
    };
}

inline std::map<std::string, Creator, std::less<>> test_types() {
    const LookupProperties plain;
    LookupProperties by_name;
    by_name.table = "name_user_vdx";
    by_name.from_columns = {"name"};
    by_name.to_column = "keyspace_id";
    by_name.planable = true;
    by_name.query = "select name, keyspace_id from name_user_vdx where name in ::name";
    LookupProperties by_key;
    by_key.table = "unq_lkp_idx";
    by_key.from_columns = {"unq_key"};
    by_key.to_column = "keyspace_id";
    by_key.planable = true;
    by_key.query = "select unq_key, keyspace_id from unq_lkp_idx where unq_key in ::unq_key";
    return {
        {"hash_test",
         [](std::string name, const Parameters&) { return create("hash", std::move(name), {}); }},
        {"lookup_test", planned_only("lookup_test", {.cost = 2, .unique = true, .lookup = plain})},
        {"name_lkp_test",
         planned_only("name_lkp_test", {.cost = 3, .unique = false, .lookup = by_name})},
        {"costly", planned_only("costly", {.cost = 10, .unique = false, .lookup = plain})},
        {"multiCol_test",
         planned_only("multiCol_test", {.cost = 1, .multi_column = true, .partial = true})},
        {"unq_lkp_test",
         [by_key](std::string name,
                  const Parameters& parameters) -> Result<std::shared_ptr<const Vindex>> {
             Properties properties{.unique = true, .lookup = by_key};
             const auto cost = parameters.find("cost");
             if (cost != parameters.end()) properties.cost = std::atoi(cost->second.c_str());
             const auto write_only = parameters.find("write_only");
             properties.lookup->backfilling =
                 write_only != parameters.end() && write_only->second == "true";
             return std::make_shared<PlannedOnlyVindex>(std::move(name), "unq_lkp_test",
                                                        properties);
         }},
    };
}

}  // namespace sluice::vindex
