#include "tabletserver/plan.h"

#include <gtest/gtest.h>

namespace sluice::tabletserver {
namespace {

struct Case {
    std::string_view sql, kind, text;  // text empty: as it came
    bool stream = false;
};

TEST(Plan, KindsAndTexts) {
    for (const auto& [sql, kind, text, stream] : {
             Case{"select a from t where id = :v1", "Select",
                  "select a from t where id = :v1 limit 101"},
             Case{"select a from t where id = :v1 limit 5", "Select", ""},
             Case{"select a from t where id = :v1 for update", "Select",
                  "select a from t where id = :v1 limit 101 for update"},
             Case{"select a from t union select b from u", "Select",
                  "select a from t union select b from u limit 101"},
             Case{"select 1", "Select", ""},
             Case{"select a from t where 1 != 1", "SelectImpossible",
                  "select a from t where 1 != 1 limit 101"},
             Case{"select get_lock('a', 1)", "SelectLockFunc", ""},
             Case{"select next 5 values from seq", "Nextval", ""},
             Case{"insert into t(a) values (:v1)", "Insert", ""},
             Case{"update t set a = :v1 where id = 3", "UpdateLimit",
                  "update t set a = :v1 where id = 3 limit 101"},
             Case{"update t set a = 1 where id = 3 limit 2", "Update", ""},
             Case{"update t join u on t.id = u.id set t.a = 1", "Update", ""},
             Case{"delete from t where id = 3", "DeleteLimit",
                  "delete from t where id = 3 limit 101"},
             Case{"set sql_mode = ''", "Set", ""},
             Case{"create table t(id int)", "DDL", ""},
             Case{"savepoint a", "Savepoint", ""},
             Case{"rollback to a", "RollbackSavepoint", ""},
             Case{"release savepoint a", "Release", ""},
             Case{"show tables", "Show", ""},
             Case{"show create database ks", "Show", "show create database vt_ks"},
             Case{"call p()", "CallProcedure", ""},
             Case{"select a from t", "SelectStream", "", true},
             Case{"show tables", "SelectStream", "", true},
         }) {
        const Result<Plan> plan = build_plan(sql, {.max_rows = 100, .database = "vt_ks"}, stream);
        ASSERT_TRUE(plan) << sql << ": " << plan.error().text;
        EXPECT_EQ(plan_name(plan->kind), kind) << sql;
        EXPECT_EQ(plan->query.text, text.empty() ? sql : text) << sql;
    }
}

TEST(Plan, RefusesWhatItDoesNotRun) {
    EXPECT_EQ(build_plan("begin", {}, false).error().text, "invalid SQL");
    EXPECT_EQ(build_plan("use x", {}, false).error().text, "invalid SQL");
    EXPECT_EQ(build_plan("insert into t(a) values (1)", {}, true).error().text,
              "INSERT not allowed for streaming");
    EXPECT_FALSE(build_plan("select", {}, false));
}

TEST(Plan, FindsPlacesOfVariables) {
    const QueryText text =
        query_text("select ':no', a from t where id = :v1 and b in ::list -- :no\n");
    ASSERT_EQ(text.places.size(), 2U);
    EXPECT_EQ(text.places[0].name, "v1");
    EXPECT_EQ(text.text.substr(text.places[0].offset, text.places[0].length), ":v1");
    EXPECT_EQ(text.places[1].name, "list");
    EXPECT_TRUE(text.places[1].list);
}

TEST(Plan, TakesTheCommentOfAVariablesTypeForItsOwn) {
    const QueryText text = query_text(
        "select :a /* INT64 */ + :b /* DECIMAL(5,2) */, :c /* of mine */ from t where d = :d /*");
    const std::vector<std::string> want = {":a /* INT64 */", ":b /* DECIMAL(5,2) */", ":c"};
    ASSERT_GE(text.places.size(), want.size());
    for (std::size_t i = 0; i < want.size(); ++i)
        EXPECT_EQ(text.text.substr(text.places[i].offset, text.places[i].length), want[i]);
}

}  // namespace
}  // namespace sluice::tabletserver
