#pragma once
// For tests: one MariaDB server per process, started when first asked for on a unix socket and a
// free port of 127.0.0.1, and ended with the process. SLUICE_TEST_SERVER="host:port:socket" names a
// running server instead (root without password), for example a MySQL.
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <vector>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mysql/server.h"

extern char** environ;

namespace sluice::mysql {

class RealServer {
 public:
    static RealServer& get() {
        static RealServer server;
        return server;
    }
    bool present() const { return present_; }
    bool own() const { return pid_ > 0; }

    Server over_socket() const {
        Server server;
        server.address.unix_path = socket_;
        server.user = "root";
        return server;
    }
    Server over_tcp() const {
        Server server = over_socket();
        server.address = {.host = host_, .port = port_, .unix_path = ""};
        return server;
    }

 private:
    RealServer() {
        if (const char* named = std::getenv("SLUICE_TEST_SERVER")) {
            const std::string text = named;
            const auto first = text.find(':'), second = text.find(':', first + 1);
            host_ = text.substr(0, first);
            port_ = static_cast<std::uint16_t>(std::stoi(text.substr(first + 1)));
            socket_ = text.substr(second + 1);
            present_ = true;
            return;
        }
        start();
    }
    ~RealServer() {
        if (pid_ > 0) {
            ::kill(pid_, SIGTERM);
            ::waitpid(pid_, nullptr, 0);
        }
        if (!folder_.empty()) std::filesystem::remove_all(folder_);
    }

    void start() {
        char name[] = "/tmp/sluice-real-XXXXXX";
        folder_ = ::mkdtemp(name);
        socket_ = folder_ + "/mysql.sock";
        const int reserved = reserve_port();
        // A server that starts removes the temporary tables that it finds, others' too.
        const std::string own_tmpdir = "--tmpdir=" + folder_;
        const std::string as_root = ::getuid() == 0 ? "--user=root" : "--skip-networking=0";
        const pid_t installer =
            run({"mariadb-install-db", "--no-defaults", "--datadir=" + folder_ + "/files",
                 "--skip-test-db", "--auth-root-authentication-method=normal",
                 "--innodb-log-file-size=8M", own_tmpdir, as_root});
        int status = -1;
        if (installer <= 0) return;  // not installed: the only reason to skip a test
        if (::waitpid(installer, &status, 0) < 0 || status != 0) refuse();
        pid_ =
            run({"mariadbd", "--no-defaults", "--datadir=" + folder_ + "/files",
                 "--socket=" + socket_, "--port=" + std::to_string(port_),
                 "--bind-address=127.0.0.1", "--skip-name-resolve", "--innodb-buffer-pool-size=64M",
                 "--innodb-log-file-size=8M", "--innodb-flush-log-at-trx-commit=0",
                 "--max-allowed-packet=64M", "--max-connections=100", own_tmpdir, as_root});
        present_ = pid_ > 0 && wait_until_ready(folder_ + "/log");
        ::close(reserved);
        if (!present_) refuse();
    }
    [[noreturn]] void refuse() const {
        std::ifstream log(folder_ + "/log");
        throw std::runtime_error("the server did not start:\n" +
                                 std::string(std::istreambuf_iterator<char>(log), {}));
    }
    pid_t run(std::vector<std::string> words) const {
        std::vector<char*> arguments;
        for (std::string& word : words) arguments.push_back(word.data());
        arguments.push_back(nullptr);
        posix_spawn_file_actions_t actions;
        ::posix_spawn_file_actions_init(&actions);
        const std::string log = folder_ + "/log";
        for (const int output : {1, 2}) {
            ::posix_spawn_file_actions_addopen(&actions, output, log.c_str(),
                                               O_WRONLY | O_CREAT | O_APPEND, 0600);
        }
        pid_t pid = -1;
        const int failure =
            ::posix_spawnp(&pid, arguments[0], &actions, nullptr, arguments.data(), environ);
        ::posix_spawn_file_actions_destroy(&actions);
        return failure == 0 ? pid : -1;
    }
    // Bound, not listening: nobody else is given the port, and the server, which reuses addresses
    // as this does, can have it.
    int reserve_port() {
        const int probe = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        const int on = 1;
        ::setsockopt(probe, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t length = sizeof(address);
        ::bind(probe, reinterpret_cast<sockaddr*>(&address), length);
        ::getsockname(probe, reinterpret_cast<sockaddr*>(&address), &length);
        port_ = ntohs(address.sin_port);
        return probe;
    }
    // The server says in its log that it takes connections; each change of the log, and the
    // server's end, wakes this up.
    bool wait_until_ready(const std::string& log) const {
        constexpr std::chrono::seconds patience{60};
        const int notes = ::inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
        const int process = static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0));
        ::inotify_add_watch(notes, log.c_str(), IN_MODIFY);
        const auto last = std::chrono::steady_clock::now() + patience;
        bool ready = says_ready(log);
        while (!ready) {
            const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
                last - std::chrono::steady_clock::now());
            pollfd waits[] = {{notes, POLLIN, 0}, {process, POLLIN, 0}};
            if (left.count() <= 0 || ::poll(waits, 2, static_cast<int>(left.count())) <= 0) break;
            if (waits[1].revents != 0) break;
            char seen[4096];
            while (::read(notes, seen, sizeof(seen)) > 0) {
            }
            ready = says_ready(log);
        }
        ::close(process);
        ::close(notes);
        return ready;
    }
    static bool says_ready(const std::string& log) {
        std::ifstream in(log);
        for (std::string line; std::getline(in, line);) {
            if (line.contains("ready for connections")) return true;
        }
        return false;
    }

    std::string folder_, socket_, host_ = "127.0.0.1";
    std::uint16_t port_ = 0;
    pid_t pid_ = -1;
    bool present_ = false;
};

}  // namespace sluice::mysql
