#include "servenv/crash.h"

#include <csignal>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <thread>

#include <gtest/gtest.h>

#include "base/assert.h"
#include "servenv/glog.h"
#include "servenv/log_purge.h"

namespace sluice::servenv {
namespace {

namespace fs = std::filesystem;
using std::chrono::system_clock;

class Folder {
 public:
    Folder() {
        char name[] = "/tmp/sluice_logs_XXXXXX";
        EXPECT_NE(mkdtemp(name), nullptr);
        path_ = name;
    }
    ~Folder() { fs::remove_all(path_); }
    const std::string& path() const { return path_; }

 private:
    std::string path_;
};

LogFlags logs_in(const Folder& folder) {
    LogFlags flags;
    flags.log_dir = folder.path();
    return flags;
}

std::string log_of(const Folder& folder, const std::string& severity) {
    std::ifstream file(folder.path() + "/vtgate." + severity);
    return std::string(std::istreambuf_iterator<char>(file), {});
}

void die_of_a_mistake(const LogFlags& flags) {
    start_logging(flags, "vtgate");
    report_crashes();
    log::info("before");
    VT_ASSERT(flags.log_dir.empty());
}
void die_of_an_exception(const LogFlags& flags) {
    start_logging(flags, "vtgate");
    report_crashes();
    std::thread([] { throw std::runtime_error("nobody catches this"); }).join();
}

TEST(Crash, MistakesLeaveALineAndAStackInTheLog) {
    GTEST_FLAG_SET(death_test_style, "fast");  // the child shares the folder
    const Folder folder;
    EXPECT_EXIT(die_of_a_mistake(logs_in(folder)), testing::KilledBySignal(SIGABRT),
                "F[0-9]{4} [0-9:.]+ +[0-9]+ crash_test.cc:[0-9]+\\] assertion failed: "
                "flags.log_dir.empty[^\n]*\nF[0-9]{4} [0-9:.]+ +[0-9]+ crash.cc:1\\] fatal signal "
                "SIGABRT; stack:\n[^\n]*servenv_test");
    const std::string info = log_of(folder, "INFO");
    EXPECT_NE(info.find("] assertion failed: "), info.npos) << info;
    EXPECT_NE(info.find("] fatal signal SIGABRT; stack:\n"), info.npos) << info;
    EXPECT_NE(log_of(folder, "FATAL").find("servenv_test"), std::string::npos);
}

TEST(Crash, UncaughtExceptionsAreNamed) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    const Folder folder;
    EXPECT_EXIT(die_of_an_exception(logs_in(folder)), testing::KilledBySignal(SIGABRT),
                "crash.cc:1\\] uncaught exception: nobody catches this; stack:\n");
}

TEST(Crash, FatalExitsShowTheStackAndPlainOnesDoNot) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    EXPECT_EXIT(exit_with(2, "bad buffer"), testing::ExitedWithCode(2),
                "F[0-9]{4} .*crash_test.cc:[0-9]+\\] bad buffer\nstack:\n.*servenv_test");
    EXPECT_EXIT(exit_with(1, "bad flag"), testing::ExitedWithCode(1),
                "F[0-9]{4} .*crash_test.cc:[0-9]+\\] bad flag\n$");
}

std::string stamp(system_clock::time_point time) {
    const std::time_t seconds = system_clock::to_time_t(time);
    std::tm parts{};
    localtime_r(&seconds, &parts);
    char text[32];
    std::strftime(text, sizeof text, "%Y%m%d-%H%M%S", &parts);
    return text;
}

TEST(OldLogs, AreFoundByNameAndByLastWrite) {
    const Folder folder;
    const auto now = system_clock::now();
    const auto log = [&](const std::string& severity, std::chrono::hours begun,
                         std::chrono::hours written) {
        const std::string name =
            "vtgate.host.user.log." + severity + "." + stamp(now - begun) + ".1";
        std::ofstream(folder.path() + "/" + name) << "x";
        fs::last_write_time(folder.path() + "/" + name,
                            std::chrono::file_clock::from_sys(now - written));
        return name;
    };
    const std::string ancient = log("INFO", std::chrono::hours(50), std::chrono::hours(49));
    const std::string old = log("INFO", std::chrono::hours(30), std::chrono::hours(1));
    const std::string fresh = log("INFO", std::chrono::hours(1), std::chrono::hours(0));
    const std::string in_use = log("ERROR", std::chrono::hours(60), std::chrono::hours(60));
    fs::create_symlink(in_use, folder.path() + "/vtgate.ERROR");
    for (const char* other :
         {"vttablet.host.user.log.INFO.20200101-000000.1", "vtgate.host.user.log.INFO.1",
          "vtgate.log.NOTICE.20200101-000000.1", "vtgate.json"}) {
        std::ofstream(folder.path() + "/" + other) << "x";
    }
    struct Case {
        int keep;
        int keep_by_mtime;
        std::vector<std::string> want;
    };
    for (const auto& [keep, keep_by_mtime, want] : std::vector<Case>{
             {0, 0, {}},
             {24, 0, {ancient, old}},
             {0, 24, {ancient}},
             {40, 2, {ancient}},
             {100, 100, {}},
         }) {
        LogFlags flags = logs_in(folder);
        flags.keep_logs = std::chrono::hours(keep);
        flags.keep_logs_by_mtime = std::chrono::hours(keep_by_mtime);
        EXPECT_EQ(old_logs(flags, "vtgate", now), want) << keep << " " << keep_by_mtime;
    }
}

}  // namespace
}  // namespace sluice::servenv
