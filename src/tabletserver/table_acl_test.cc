#include "tabletserver/table_acl.h"

#include <gtest/gtest.h>

namespace sluice::tabletserver {
namespace {

constexpr std::string_view rules = R"({"table_groups": [
  {"name": "people", "table_names_or_prefixes": ["customer", "order%"],
   "readers": ["app", "reporters"], "writers": ["app"], "admins": ["dba"]}]})";

Plan plan_for(std::string_view sql) {
    return *build_plan(sql, {}, false);
}

TEST(TableAcl, ChecksEachTableByItsRole) {
    const TableAcl acl = *TableAcl::parse(rules);
    struct Case {
        std::string_view sql, user, group;
        std::string_view want;  // the error; empty: allowed
    };
    for (const auto& [sql, user, group, want] : {
             Case{"select 1 from customer", "app", "", ""},
             Case{"select 1 from customer", "nobody", "reporters", ""},
             Case{"select 1 from orders_2020", "app", "", ""},
             Case{"insert into customer(id) values (1)", "app", "", ""},
             Case{"insert into customer(id) values (1)", "x", "reporters",
                  "Insert command denied to user 'x', in groups [reporters], for table 'customer' "
                  "(ACL check error)"},
             Case{"insert into customer select * from secret", "app", "",
                  "Insert command denied to user 'app' for table 'secret' (ACL check error)"},
             Case{"alter table customer add column x int", "app", "",
                  "DDL command denied to user 'app' for table 'customer' (ACL check error)"},
             Case{"alter table customer add column x int", "dba", "", ""},
             Case{"select 1 from secret", "app", "",
                  "Select command denied to user 'app' for table 'secret' (ACL check error)"},
             Case{"select 1 from customer where id in (select id from secret)", "app", "",
                  "Select command denied to user 'app' for table 'secret' (ACL check error)"},
             Case{"explain select 1 from secret", "app", "",
                  "Select command denied to user 'app' for table 'secret' (ACL check error)"},
             Case{"with c as (select 1 from customer) select * from c", "app", "", ""},
             Case{"select 1", "nobody", "", ""},
         }) {
        AclCaller caller{.known = true, .user = user};
        if (!group.empty()) caller.groups.push_back(group);
        std::uint64_t denied = 0;
        const Result<void> checked =
            check_access(&acl, {.strict = true}, plan_for(sql), caller, &denied);
        EXPECT_EQ(checked ? "" : checked.error().text, want) << sql;
        EXPECT_EQ(denied, want.empty() ? 0U : 1U) << sql;
        EXPECT_TRUE(
            check_access(&acl, {.strict = true, .dry_run = true}, plan_for(sql), caller, &denied));
        EXPECT_TRUE(check_access(&acl, {}, plan_for(sql), caller, &denied));
        EXPECT_TRUE(check_access(&acl, {.strict = true, .exempt = std::string(user)}, plan_for(sql),
                                 caller, &denied));
    }
}

TEST(TableAcl, StrictWithoutRulesOrCallerRefuses) {
    std::uint64_t denied = 0;
    const Plan plan = plan_for("select 1 from t");
    EXPECT_EQ(check_access(nullptr, {.strict = true}, plan, {}, &denied).error().text,
              "missing caller id");
    EXPECT_EQ(check_access(nullptr, {.strict = true}, plan, {.known = true, .user = "a"}, &denied)
                  .error()
                  .code,
              Code::permission_denied);
    EXPECT_TRUE(check_access(nullptr, {}, plan, {}, &denied));
}

TEST(TableAcl, RefusesWhatIsNoAcl) {
    for (const std::string_view text :
         {"", "[]", "{\"groups\": []}", "{\"table_groups\": 1}",
          R"({"table_groups": [{"table_names_or_prefixes": ["a%b"]}]})",
          R"({"table_groups": [{"table_names_or_prefixes": ["a%", "ab"]}]})",
          R"({"table_groups": [{"table_names_or_prefixes": ["a", "a"]}]})"}) {
        EXPECT_FALSE(TableAcl::parse(text)) << text;
    }
}

}  // namespace
}  // namespace sluice::tabletserver
