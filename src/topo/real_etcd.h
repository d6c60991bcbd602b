#pragma once
// For tests: one etcd per process, started when first asked for on free ports of 127.0.0.1 with a
// folder of its own, and ended with the process. It can be killed, started again on the same
// records, and frozen.
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
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

extern char** environ;

namespace sluice::topo {

class RealEtcd {
 public:
    static RealEtcd& get() {
        static RealEtcd etcd;
        return etcd;
    }
    // `more` are further flags of etcd; `scheme` is how clients talk to it.
    explicit RealEtcd(std::vector<std::string> more = {}, std::string scheme = "http")
        : more_(std::move(more)), scheme_(std::move(scheme)) {
        char name[] = "/tmp/sluice-etcd-XXXXXX";
        folder_ = ::mkdtemp(name);
        client_port_ = free_port();
        peer_port_ = free_port();
        start();
    }
    RealEtcd(const RealEtcd&) = delete;
    RealEtcd& operator=(const RealEtcd&) = delete;
    ~RealEtcd() {
        kill();
        std::filesystem::remove_all(folder_);
    }

    // False if etcd is not installed or does not start.
    bool present() const { return pid_ > 0; }
    std::string address() const { return "127.0.0.1:" + std::to_string(client_port_); }

    void kill() {
        if (pid_ <= 0) return;
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
        pid_ = -1;
    }
    // On the same records.
    void start() {
        const std::string clients = scheme_ + "://" + address();
        const std::string peers = "http://127.0.0.1:" + std::to_string(peer_port_);
        log_ = folder_ + "/log" + std::to_string(++starts_);
        std::vector<std::string> words{
            "etcd", "--name=one", "--data-dir=" + folder_ + "/data",
            "--listen-client-urls=" + clients, "--advertise-client-urls=" + clients,
            "--listen-peer-urls=" + peers, "--initial-advertise-peer-urls=" + peers,
            "--initial-cluster=one=" + peers,
            // Short elections, so that a start takes no second and leases may be as short as one.
            "--heartbeat-interval=10", "--election-timeout=100"};
        words.insert(words.end(), more_.begin(), more_.end());
        pid_ = run(std::move(words));
        if (pid_ > 0 && !wait_until_ready()) kill();
    }
    // Returns when it stands still: a signal that is sent has not yet stopped all its threads.
    void freeze() const {
        ::kill(pid_, SIGSTOP);
        ::waitpid(pid_, nullptr, WUNTRACED);
    }
    void thaw() const { ::kill(pid_, SIGCONT); }

 private:
    pid_t run(std::vector<std::string> words) const {
        std::vector<char*> arguments;
        for (std::string& word : words) arguments.push_back(word.data());
        arguments.push_back(nullptr);
        posix_spawn_file_actions_t actions;
        ::posix_spawn_file_actions_init(&actions);
        for (const int output : {1, 2}) {
            ::posix_spawn_file_actions_addopen(&actions, output, log_.c_str(),
                                               O_WRONLY | O_CREAT | O_APPEND, 0600);
        }
        pid_t pid = -1;
        const int failure =
            ::posix_spawnp(&pid, arguments[0], &actions, nullptr, arguments.data(), environ);
        ::posix_spawn_file_actions_destroy(&actions);
        return failure == 0 ? pid : -1;
    }
    static std::uint16_t free_port() {
        const int probe = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t length = sizeof(address);
        ::bind(probe, reinterpret_cast<sockaddr*>(&address), length);
        ::getsockname(probe, reinterpret_cast<sockaddr*>(&address), &length);
        ::close(probe);
        return ntohs(address.sin_port);
    }
    // It says in its log that it takes clients; each change of the log, and its end, wakes this up.
    bool wait_until_ready() const {
        constexpr std::chrono::seconds patience{30};
        const int notes = ::inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
        const int process = static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0));
        ::inotify_add_watch(notes, log_.c_str(), IN_MODIFY);
        const auto last = std::chrono::steady_clock::now() + patience;
        bool ready = says_ready();
        while (!ready) {
            const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
                last - std::chrono::steady_clock::now());
            pollfd waits[] = {{notes, POLLIN, 0}, {process, POLLIN, 0}};
            if (left.count() <= 0 || ::poll(waits, 2, static_cast<int>(left.count())) <= 0) break;
            if (waits[1].revents != 0) break;
            char seen[4096];
            while (::read(notes, seen, sizeof(seen)) > 0) {
            }
            ready = says_ready();
        }
        ::close(process);
        ::close(notes);
        return ready;
    }
    bool says_ready() const {
        std::ifstream in(log_);
        for (std::string line; std::getline(in, line);) {
            // The words of etcd 3.4 and of 3.5.
            if (line.contains("client requests on") || line.contains("serving client traffic"))
                return true;
        }
        return false;
    }

    std::vector<std::string> more_;
    std::string scheme_, folder_, log_;
    std::uint16_t client_port_ = 0, peer_port_ = 0;
    int starts_ = 0;
    pid_t pid_ = -1;
};

}  // namespace sluice::topo
