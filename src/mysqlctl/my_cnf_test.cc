#include "mysqlctl/my_cnf.h"

#include <cstdlib>

#include <gtest/gtest.h>

#include "mysqlctl/server_texts.h"

namespace sluice::mysqlctl {
namespace {

MyCnf planned() {
    ::setenv("VTDATAROOT", "/vt/here", 1);
    return planned_my_cnf(100, 17100, "", "");
}

TEST(MyCnf, FilesLieWhereV21HasThem) {
    const MyCnf cnf = planned();
    EXPECT_EQ(cnf.folder(), "/vt/here/vt_0000000100");
    EXPECT_EQ(cnf.path, "/vt/here/vt_0000000100/my.cnf");
    EXPECT_EQ(cnf.innodb_log, "/vt/here/vt_0000000100/innodb/logs");
    EXPECT_EQ(cnf.binary_log, "/vt/here/vt_0000000100/bin-logs/vt-0000000100-bin");
    EXPECT_EQ(cnf.relay_log_index,
              "/vt/here/vt_0000000100/relay-logs/vt-0000000100-relay-bin.index");
    EXPECT_EQ(cnf.secure_files, cnf.temporary);
    EXPECT_EQ(planned_my_cnf(100, 1, "own", "/run/s").folder(), "/vt/here/own");
    EXPECT_EQ(planned_my_cnf(100, 1, "own", "/run/s").socket, "/run/s");
    ::unsetenv("VTDATAROOT");
    EXPECT_EQ(vt_folder(), "/vt");
}

TEST(MyCnf, IsReadAsItIsWritten) {
    const auto read = parse_my_cnf(
        "[mysqld]\n# port = 1\nserver_id=7\n port = 2\r\nport=3306\nsocket = /run/a b.sock\n"
        "skip-name-resolve\ntmpdir =\n",
        planned());
    ASSERT_TRUE(read) << read.error().text;
    MyCnf want = planned();
    want.server_id = 7;
    want.port = 3306;
    want.socket = "/run/a b.sock";
    EXPECT_EQ(*read, want);
    for (const auto& [text, error] :
         {std::pair{"port=1", "value for key 'server-id' not set and no default value set"},
          {"server-id=1", "value for key 'port' not set and no default value set"},
          {"server-id=x\nport=1", "failed to convert server-id: x"},
          {"server-id=4294967296\nport=1", "failed to convert server-id: 4294967296"},
          {"server-id=1\nport=1x", "failed to convert port: 1x"}}) {
        const auto bad = parse_my_cnf(text, planned());
        ASSERT_FALSE(bad) << text;
        EXPECT_EQ(bad.error().text, error);
    }
    EXPECT_EQ(read_my_cnf({.path = "/nowhere/my.cnf"}).error().code, Code::not_found);
}

TEST(MyCnf, TemplatesAreFilled) {
    for (const auto& [text, want] :
         {std::pair{"", ""},
          {"a = {{.ServerID}}\n", "a = 100\n"},
          {"{{ .MysqlPort }}{{/* x", nullptr},
          {"[{{if .SecureFilePriv}}yes{{else}}no{{end}}]", "[yes]"},
          {"[{{if .GeneralLogPath}}{{if .Path}}both{{end}}{{end}}]", "[both]"},
          {"a \n {{- if .TmpDir -}} \n b{{end}}", "ab"},
          {"{{.Nothing}}", nullptr},
          {"{{if TmpDir}}{{end}}", nullptr},
          {"{{if .TmpDir}}", nullptr},
          {"{{end}}", nullptr},
          {"{{else}}", nullptr},
          {"{{range .TmpDir}}{{end}}", nullptr}}) {
        const auto filled = fill_template(text, planned());
        EXPECT_EQ(filled.has_value(), want != nullptr) << text;
        if (filled && want != nullptr) EXPECT_EQ(*filled, want) << text;
    }
    MyCnf without = planned();
    without.secure_files.clear();
    EXPECT_EQ(*fill_template("{{if .SecureFilePriv}}yes{{else}}no{{end}}", without), "no");
    EXPECT_EQ(fill_template("\n\n{{.X}}", planned()).error().text,
              "template of my.cnf, line 3: there is no value .X");
}

TEST(ServerVersion, IsWhatTheProgramSays) {
    const struct {
        const char* text;
        ServerVersion want;
    } cases[] = {
        {"/usr/sbin/mysqld  Ver 8.0.36 for Linux on x86_64 (MySQL Community Server - GPL)\n",
         {false, 8, 0, 36}},
        {"mysqld  Ver 9.7.0 for Linux on x86_64 (Debian)", {false, 9, 7, 0}},
        {"mysqld  Ver 8.0.35-27 for Linux (Percona Server (GPL), Release 27)", {false, 8, 0, 35}},
        {"mariadbd  Ver 10.11.6-MariaDB-0+deb12u1 for debian-linux-gnu", {true, 10, 11, 6}},
        {"a Ver b Ver 5.7.44", {false, 5, 7, 44}},
    };
    for (const auto& one : cases) {
        const auto read = parse_server_version(one.text);
        ASSERT_TRUE(read) << one.text;
        EXPECT_EQ(*read, one.want) << one.text;
    }
    for (const char* text : {"", "Ver 8", "Ver 8.0", "Ver 8.0.", "8.0.36"})
        EXPECT_FALSE(parse_server_version(text)) << text;
    EXPECT_TRUE((ServerVersion{false, 8, 4, 0}).at_least(8, 0, 26));
    EXPECT_FALSE((ServerVersion{false, 8, 0, 25}).at_least(8, 0, 26));
}

TEST(ServerTexts, FitEachServer) {
    const struct {
        ServerVersion version;
        std::vector<const char*> has, lacks;
    } cases[] = {
        {{false, 8, 0, 25},
         {"gtid_mode", "rpl_semi_sync_master", "default_authentication_plugin"},
         {"semisync_source"}},
        {{false, 8, 0, 36},
         {"semisync_source.so", "default_authentication_plugin", "super-read-only"},
         {"semisync_master"}},
        {{false, 8, 4, 3},
         {"authentication_policy", "mysql_native_password = ON", "semisync_source.so"},
         {"default_authentication_plugin"}},
        {{false, 9, 7, 0}, {"semisync_source.so", "mysqlx = 0"}, {"mysql_native_password"}},
        {{true, 10, 11, 6},
         {"gtid_strict_mode", "read-only", "log_slave_updates"},
         {"gtid_mode", "super-read-only", "plugin-load", "mysqlx"}},
    };
    for (const auto& one : cases) {
        const auto filled = fill_template(my_cnf_template(one.version), planned());
        ASSERT_TRUE(filled) << filled.error().text;
        EXPECT_TRUE(filled->starts_with("[mysqld]\n"));
        for (const char* key : one.has)
            EXPECT_NE(filled->find(key), filled->npos) << key << " in\n" << *filled;
        for (const char* key : one.lacks)
            EXPECT_EQ(filled->find(key), filled->npos) << key << " in\n" << *filled;
        // Who reads the file finds everything where it was planned.
        const auto read = parse_my_cnf(*filled, {.path = planned().path});
        ASSERT_TRUE(read) << read.error().text;
        MyCnf want = planned();
        want.general_log.clear();
        want.relay_log_info.clear();
        want.master_info.clear();
        EXPECT_EQ(*read, want);
        EXPECT_EQ(first_statements(one.version).contains("super_read_only"), !one.version.mariadb);
    }
}

}  // namespace
}  // namespace sluice::mysqlctl
