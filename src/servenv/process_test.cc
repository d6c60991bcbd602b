#include "servenv/process.h"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>

#include "async/loop.h"
#include "async/stream.h"
#include "async/wait_queue.h"
#include "servenv/detail/http.h"
#include "servenv/glog.h"
#include "servenv/machine.h"
#include "servenv/pages.h"

namespace sluice::servenv {
namespace {

using namespace std::chrono_literals;

std::string request_fault(const std::string& text) {
    const auto parsed = detail::parse_request(text);
    if (!parsed) return std::string(code_name(parsed.error().code));
    return *parsed ? "whole" : "more";
}

TEST(Http, ReadsRequests) {
    const auto parsed = detail::parse_request(
        "POST /a%20b/c?x=1+2&y=%26&z HTTP/1.1\r\nHost: h\r\nCONTENT-LENGTH:  3\r\n\r\nabcGET");
    ASSERT_TRUE(parsed && *parsed);
    EXPECT_EQ((*parsed)->request.method, "POST");
    EXPECT_EQ((*parsed)->request.path, "/a b/c");
    EXPECT_EQ((*parsed)->request.query,
              (std::map<std::string, std::string>{{"x", "1 2"}, {"y", "&"}, {"z", ""}}));
    EXPECT_EQ((*parsed)->body_size, 3U);
    EXPECT_TRUE((*parsed)->keep_alive);
    for (const auto& [text, want] : std::map<std::string, std::string>{
             {"GET / HTTP/1.1\r\n", "more"},
             {"", "more"},
             {"GET / HTTP/1.1\r\n\r\n", "whole"},
             {"GET /\r\n\r\n", "INVALID_ARGUMENT"},
             {"GET http://x/ HTTP/1.1\r\n\r\n", "INVALID_ARGUMENT"},
             {"GET / HTTP/1.1\r\nno colon\r\n\r\n", "INVALID_ARGUMENT"},
             {"GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", "INVALID_ARGUMENT"},
             {"POST / HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n", "OUT_OF_RANGE"},
             {"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", "UNIMPLEMENTED"},
             {"BREW / HTTP/1.1\r\n\r\n", "UNIMPLEMENTED"},
             {"GET / HTTP/1.1\r\nA: " + std::string(detail::max_head, 'x'), "OUT_OF_RANGE"}}) {
        EXPECT_EQ(request_fault(text), want) << text.substr(0, 60);
    }
}

// Sends `text` and returns everything until the other end closes.
async::Task<std::string> talk(std::uint16_t port, std::string text) {
    async::Address address;
    address.host = "127.0.0.1";
    address.port = port;
    auto socket = co_await async::connect(address, nullptr);
    if (!socket) co_return socket.error().text;
    async::Stream stream(std::move(*socket));
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
    static_cast<void>(co_await stream.write({bytes, text.size()}, {}, nullptr));
    std::string answer;
    while (co_await stream.fill(nullptr)) {
        const auto received = stream.received();
        answer.append(reinterpret_cast<const char*>(received.data()), received.size());
        stream.consume(received.size());
    }
    co_return answer;
}

async::Task<HttpResponse> slow_page(HttpRequest request, async::Stop* stop) {
    static_cast<void>(co_await async::pause(20ms, stop));
    co_return HttpResponse{.body = "slow " + request.path};
}

async::Task<void> converse() {
    AdminServer server("vtgate");
    server.awaiting_page("/api/", slow_page);
    server.status_part("Executor", [] { return std::string("<b>part</b>"); });
    Metrics metrics("vtgate", 1);
    metrics.counter({"Hits", "hits"}).add(3);
    add_standard_pages(server, &metrics);
    const auto port = server.open("127.0.0.1", 0);
    EXPECT_TRUE(port.has_value());
    async::Stop stop;
    async::Scope scope;
    scope.spawn("server", server.serve(&stop));
    const std::string close = "Connection: close\r\n\r\n";
    struct Case {
        std::string send, want;
    };
    for (const Case& one : std::vector<Case>{
             {"GET /debug/health HTTP/1.1\r\n" + close, "HTTP/1.1 200 OK\r\n*\r\n\r\nok"},
             {"GET /debug/health HTTP/1.0\r\n\r\n", "HTTP/1.1 200 OK\r\n*\r\n\r\nok"},
             {"HEAD /debug/health HTTP/1.1\r\n" + close, "*Content-Length: 2\r\n*\r\n\r\n"},
             {"GET /debug/health HTTP/1.1\r\n\r\nGET /api/x/y HTTP/1.1\r\n" + close,
              "*\r\n\r\nokHTTP/1.1 200 OK*\r\n\r\nslow /api/x/y"},
             {"GET /nothing HTTP/1.1\r\n" + close,
              "HTTP/1.1 302 Found\r\n*Location: /debug/status\r\n*"},
             {"GET /debug/status HTTP/1.1\r\n" + close, "*<h2>Executor</h2>\n<b>part</b>*"},
             {"GET /debug/vars HTTP/1.1\r\n" + close, "*application/json*{\n\"Hits\": 3\n}\n"},
             {"GET /metrics HTTP/1.1\r\n" + close, "*text/plain; version=0.0.4*\nvtgate_hits 3\n"},
             {"GET /debug/flushlogs HTTP/1.1\r\n" + close, "*\r\n\r\nflushed"},
             {"nonsense\r\n\r\n", "HTTP/1.1 400 Bad Request\r\n*"},
             {"POST / HTTP/1.1\r\nContent-Length: 9999999\r\n\r\n", "HTTP/1.1 413 *"},
         }) {
        const std::string answer = co_await talk(*port, one.send);
        // Parts between "*" must come in this order, the first at the start, the last at the end.
        std::size_t at = 0;
        bool matches = true;
        for (std::size_t from = 0; from <= one.want.size();) {
            const std::size_t star = std::min(one.want.find('*', from), one.want.size());
            const std::string part = one.want.substr(from, star - from);
            const std::size_t found = star == one.want.size() && from > 0
                                          ? answer.size() - std::min(answer.size(), part.size())
                                          : answer.find(part, at);
            matches = matches && found != answer.npos && (from > 0 || found == 0) && found >= at &&
                      answer.compare(found, part.size(), part) == 0;
            at = found + part.size();
            from = star + 1;
        }
        EXPECT_TRUE(matches) << one.want << "\n got: " << answer;
    }
    stop.request(make_error(Code::canceled, "over"));
    co_await scope.join();
}

TEST(AdminServer, Answers) {
    async::Loop loop;
    run_until_done(loop, converse());
}

async::Task<void> refuse_by_policy() {
    struct Case {
        std::string policy;
        std::string seen;  // of the pages m, d, a and o: which are shown
    };
    for (const auto& [policy, seen] : std::vector<Case>{
             {"", "mdao"}, {"read-only", "mdo"}, {"deny-all", "o"}, {"misspelt", "o"}}) {
        AdminServer server("vtgate", policy);
        const auto page = [](const HttpRequest&) { return HttpResponse{.body = "shown"}; };
        server.page("/m", page, Role::monitoring);
        server.page("/d", page, Role::debugging);
        server.page("/a", page, Role::admin);
        server.page("/o", page);
        const auto port = server.open("127.0.0.1", 0);
        EXPECT_TRUE(port.has_value());
        async::Stop stop;
        async::Scope scope;
        scope.spawn("server", server.serve(&stop));
        std::string got;
        for (const char name : {'m', 'd', 'a', 'o'}) {
            const std::string answer = co_await talk(
                *port, std::string("GET /") + name + " HTTP/1.1\r\nConnection: close\r\n\r\n");
            const bool shown = answer.ends_with("\r\n\r\nshown");
            if (shown) got.push_back(name);
            if (!shown) {
                EXPECT_TRUE(answer.starts_with("HTTP/1.1 403 Forbidden")) << answer;
                EXPECT_NE(answer.find("Access denied: not allowed: "), answer.npos) << answer;
            }
        }
        EXPECT_EQ(got, seen) << policy;
        stop.request(make_error(Code::canceled, "over"));
        co_await scope.join();
    }
}

TEST(AdminServer, ObeysTheSecurityPolicy) {
    async::Loop loop;
    run_until_done(loop, refuse_by_policy());
}

async::Task<Result<void>> note(std::vector<std::string>* notes, std::string name) {
    notes->push_back(std::move(name));
    co_return Result<void>{};
}
async::Task<Result<void>> refuse() {
    co_return fail(Code::unavailable, "port taken");
}
// Runs until its time is up.
async::Task<Result<void>> linger(std::vector<std::string>* notes, async::Stop* stop) {
    async::WaitQueue never;
    const auto waited = co_await never.wait(stop);
    notes->push_back("lingered");
    co_return waited;
}
async::Task<Result<void>> raise_signal(std::vector<std::string>* notes) {
    notes->push_back("run");
    kill(getpid(), SIGHUP);
    kill(getpid(), SIGTERM);
    co_return Result<void>{};
}

struct Life {
    int status = -1;
    std::vector<std::string> notes;
    Duration took{0};
};

async::Task<void> live(Life* life, std::string folder, bool fails, bool lingers) {
    ProcessFlags flags;
    flags.bind_address = "127.0.0.1";
    flags.pid_file = folder + "/pid";
    flags.lameduck_period = 10ms;
    flags.onterm_timeout = 100ms;
    Process process("vtgate", flags);
    auto* notes = &life->notes;
    process.on_init("init", [=](async::Stop*) { return note(notes, "init"); });
    process.on_run("run", [=](async::Stop*) { return fails ? refuse() : raise_signal(notes); });
    process.on_term("term", [=](async::Stop*) { return note(notes, "term"); });
    process.on_term_sync("sync", [=](async::Stop* stop) {
        return lingers ? linger(notes, stop) : note(notes, "sync");
    });
    process.on_close("close", [=](async::Stop*) { return note(notes, "close"); });
    process.on_hangup([=] { notes->push_back("hangup"); });
    const auto began = async::Clock::now();
    EXPECT_TRUE((co_await process.init()).has_value());
    EXPECT_EQ(geteuid() >= 0 && std::filesystem::exists(flags.pid_file), true);
    life->status = co_await process.run();
    life->took = async::Clock::now() - began;
    EXPECT_FALSE(std::filesystem::exists(flags.pid_file));
}

Life live(bool fails, bool lingers) {
    char folder[] = "/tmp/sluice_servenv_XXXXXX";
    EXPECT_NE(mkdtemp(folder), nullptr);
    Life life;
    async::Loop loop;
    run_until_done(loop, live(&life, folder, fails, lingers));
    std::filesystem::remove_all(folder);
    return life;
}

using Notes = std::vector<std::string>;

TEST(Process, GoesThroughItsLifeInOrder) {
    const Life life = live(false, false);
    EXPECT_EQ(life.status, 0);
    EXPECT_EQ(life.notes, (Notes{"init", "run", "hangup", "term", "sync", "close"}));
}

TEST(Process, EndsWithOneIfARunStepFails) {
    const Life life = live(true, false);
    EXPECT_EQ(life.status, 1);
    EXPECT_EQ(life.notes, (Notes{"init", "term", "sync", "close"}));
}

TEST(Process, StopsStepsWhoseTimeIsUp) {
    const Life life = live(false, true);
    EXPECT_EQ(life.status, 0);
    EXPECT_EQ(life.notes, (Notes{"init", "run", "hangup", "term", "lingered", "close"}));
    EXPECT_GE(life.took, 100ms);
}

TEST(Glog, LinesAndFiles) {
    setenv("TZ", "UTC", 1);
    tzset();
    EXPECT_EQ(glog_line(log::Severity::warning, "text", "a.cc", 17, 1'700'000'000, 42, 123),
              "W1114 22:13:20.000042     123 a.cc:17] text\n");
    char folder[] = "/tmp/sluice_servenv_XXXXXX";
    ASSERT_NE(mkdtemp(folder), nullptr);
    LogFlags flags;
    flags.log_dir = folder;
    flags.stderrthreshold = log::Severity::fatal;
    start_logging(flags, "vtgate");
    log::info("one");
    log::error("two");
    log::sink = nullptr;
    const auto contents = [&](const std::string& name) {
        std::ifstream file(std::string(folder) + "/" + name);
        return std::string(std::istreambuf_iterator<char>(file), {});
    };
    const std::string info = contents("vtgate.INFO");
    const std::string error = contents("vtgate.ERROR");
    EXPECT_TRUE(info.starts_with("Log file created at: ")) << info;
    EXPECT_NE(info.find("process_test.cc:"), info.npos) << info;
    EXPECT_NE(info.find("] one\n"), info.npos);
    EXPECT_NE(info.find("] two\n"), info.npos);
    EXPECT_EQ(error.find("] one\n"), error.npos);
    EXPECT_NE(error.find("] two\n"), error.npos);
    std::filesystem::remove_all(folder);
}

void write_file(const std::string& path, const std::string& text) {
    std::filesystem::create_directories(std::filesystem::path(path).parent_path());
    std::ofstream(path) << text;
}

TEST(Machine, ReadsControlGroups) {
    char folder[] = "/tmp/sluice_servenv_XXXXXX";
    ASSERT_NE(mkdtemp(folder), nullptr);
    const std::string root = std::string(folder) + "/";
    write_file(root + "proc/self/cgroup", "0::/pod\n");
    write_file(root + "sys/fs/cgroup/pod/cpu.max", "10000 100000\n");
    write_file(root + "sys/fs/cgroup/pod/memory.max", "268435456\n");
    const Machine two = read_machine(root);
    EXPECT_EQ(two.processor_limit, 0.1);
    EXPECT_EQ(two.memory_limit, 268435456U);
    std::filesystem::remove_all(root + "sys");
    write_file(root + "proc/self/cgroup", "5:cpuacct,cpu:/pod\n4:memory:/elsewhere\n");
    write_file(root + "sys/fs/cgroup/cpu/pod/cpu.cfs_quota_us", "250000\n");
    write_file(root + "sys/fs/cgroup/cpu/pod/cpu.cfs_period_us", "100000\n");
    write_file(root + "sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
    const Machine one = read_machine(root);
    EXPECT_EQ(one.processor_limit, 2.5);
    EXPECT_FALSE(one.memory_limit.has_value());
    std::filesystem::remove_all(folder);
}

TEST(Machine, ChoosesLoops) {
    struct Case {
        Machine machine;
        std::int64_t wanted;
        std::size_t loops;
    };
    for (const Case& one : std::vector<Case>{
             {{.processors = 64, .processor_limit = 0.1}, 0, 1},
             {{.processors = 64, .processor_limit = 2.5}, 0, 3},
             {{.processors = 4, .processor_limit = 8}, 0, 4},
             {{.processors = 64, .memory_limit = 256U << 20}, 0, 8},
             {{.processors = 64, .memory_limit = 1U << 20}, 0, 1},
             {{.processors = 64, .gomaxprocs = 5}, 0, 5},
             {{.processors = 1}, 7, 7},
         }) {
        EXPECT_EQ(choose_loops(one.machine, one.wanted), one.loops);
    }
    EXPECT_EQ(choose_memory_limit({.memory = 100}, 0), 50U);
    EXPECT_EQ(choose_memory_limit({.memory_limit = 1000, .memory = 10}, 0), 650U);
    EXPECT_EQ(choose_memory_limit({.memory = 100}, 9), 9U);
}

}  // namespace
}  // namespace sluice::servenv
