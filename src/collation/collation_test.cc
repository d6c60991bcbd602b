#include "collation/collation.h"

#include <string>

#include <gtest/gtest.h>

namespace sluice::collation {
namespace {

TEST(Collation, IsFoundByNumberAndByName) {
    struct Case {
        CollationId id;
        std::string_view name, charset;
        bool is_default, is_binary;
        int max_bytes;
    };
    for (const Case& want : {
             Case{8, "latin1_swedish_ci", "latin1", true, false, 1},
             Case{28, "gbk_chinese_ci", "gbk", true, false, 2},
             Case{33, "utf8mb3_general_ci", "utf8mb3", true, false, 3},
             Case{45, "utf8mb4_general_ci", "utf8mb4", false, false, 4},
             Case{46, "utf8mb4_bin", "utf8mb4", false, true, 4},
             Case{63, "binary", "binary", true, true, 1},
             Case{255, "utf8mb4_0900_ai_ci", "utf8mb4", true, false, 4},
             Case{1070, "utf8mb4_nopad_bin", "utf8mb4", false, true, 4},
             Case{2304, "utf8mb4_uca1400_ai_ci", "utf8mb4", false, false, 4},
             Case{2503, "utf8mb4_uca1400_croatian_nopad_as_cs", "utf8mb4", false, false, 4},
         }) {
        const Collation* const found = find_collation(want.id);
        ASSERT_NE(found, nullptr) << want.name;
        EXPECT_EQ(found->name, want.name);
        EXPECT_EQ(found->charset->name, want.charset);
        EXPECT_EQ(found->is_default, want.is_default) << want.name;
        EXPECT_EQ(found->is_binary, want.is_binary) << want.name;
        EXPECT_EQ(found->charset->max_bytes, want.max_bytes) << want.name;
        EXPECT_EQ(find_collation(want.name), found);
    }
    for (const int none : {0, 17, 400, 9999}) {
        const auto id = static_cast<CollationId>(none);
        EXPECT_EQ(find_collation(id), nullptr) << id;
    }
    for (const char* name : {"", "nosuch", "utf8mb4", "utf8mb4_", "utf8"}) {
        EXPECT_EQ(find_collation(name), nullptr) << name;
    }
}

TEST(Collation, OldNamesAndCase) {
    EXPECT_EQ(find_collation("utf8_bin"), find_collation(CollationId{83}));
    EXPECT_EQ(find_collation("UTF8MB4_General_CI"), find_collation(CollationId{45}));
    EXPECT_EQ(find_charset("UTF8"), find_charset("utf8mb3"));
    EXPECT_EQ(find_collation("utf8mb4_croatian_ci")->id, 245);  // MariaDB's is 608
    EXPECT_EQ(find_collation(CollationId{608})->name, "utf8mb4_croatian_ci");
}

TEST(Collation, RowsAreSortedAndDefaultsAgree) {
    CollationId last = 0;
    for (const Collation& row : collations()) {
        EXPECT_GT(row.id, last) << row.name;
        last = row.id;
        EXPECT_EQ(row.is_default, row.charset->default_collation == row.id) << row.name;
        EXPECT_TRUE(row.name == row.charset->name || row.name.starts_with(row.charset->name))
            << row.name;
    }
    EXPECT_EQ(collations().size(), 1309U);
}

TEST(Charset, BackslashInsideACharacter) {
    for (const char* name : {"gbk", "gb18030", "big5", "sjis", "cp932"}) {
        ASSERT_NE(find_charset(name), nullptr) << name;
        EXPECT_TRUE(find_charset(name)->backslash_inside) << name;
    }
    for (const char* name : {"utf8mb4", "latin1", "binary", "ujis", "euckr", "gb2312", "eucjpms"}) {
        ASSERT_NE(find_charset(name), nullptr) << name;
        EXPECT_FALSE(find_charset(name)->backslash_inside) << name;
    }
}

TEST(Collation, OfAConnection) {
    EXPECT_EQ(connection_collation("")->id, 255);
    EXPECT_EQ(connection_collation("latin1")->id, 8);
    EXPECT_EQ(connection_collation("utf8_general_ci")->id, 33);
    EXPECT_EQ(connection_collation("gbk")->id, 28);
    EXPECT_EQ(connection_collation("cp1252"), nullptr);
}

}  // namespace
}  // namespace sluice::collation
