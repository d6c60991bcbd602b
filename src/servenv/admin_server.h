#pragma once
// The web pages of a process on --bind-address:--port: HTTP/1.1 with keep-alive, small bounded
// requests, on one loop beside its other work. Paths and answers: vtgate-contract 11.1.
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "async/listener.h"
#include "async/scope.h"
#include "async/stream.h"
#include "async/task.h"

namespace sluice::servenv {

struct HttpRequest {
    std::string method;                        // GET, HEAD or POST
    std::string path;                          // decoded, without the query
    std::map<std::string, std::string> query;  // decoded
    std::string body;
};

struct HttpResponse {
    int status = 200;
    std::string content_type = "text/plain; charset=utf-8";
    std::string body;
    std::string location = {};  // of a redirect
};

// What a page is for; --security_policy decides by it who may see it (vtgate-contract 11.1). Open
// pages are not asked about.
enum class Role : std::uint8_t { open, monitoring, debugging, admin };

class AdminServer {
 public:
    // `title` heads the status page: "vtgate".
    // `policy`: empty for everybody, read-only (no admin pages), deny-all; others deny all too.
    explicit AdminServer(std::string title, std::string policy = {});
    AdminServer(const AdminServer&) = delete;
    AdminServer& operator=(const AdminServer&) = delete;

    // A page; a path that ends in "/" takes everything below it. Waits of an awaiting page end with
    // `stop`. Registration ends before serve().
    using Page = std::function<HttpResponse(const HttpRequest&)>;
    using AwaitingPage =
        std::function<async::Task<HttpResponse>(HttpRequest request, async::Stop* stop)>;
    // A page without an end: it writes until the client leaves, or `stop`; plain text.
    class Writer {
     public:
        virtual ~Writer() = default;
        // An error: nobody reads any more.
        virtual async::Task<Result<void>> write(std::string text) = 0;
    };
    using EndlessPage =
        std::function<async::Task<void>(HttpRequest request, Writer* out, async::Stop* stop)>;
    void endless_page(std::string path, EndlessPage page, Role role = Role::open);
    void page(std::string path, Page page, Role role = Role::open);
    void awaiting_page(std::string path, AwaitingPage page, Role role = Role::open);
    // A part of /debug/status: HTML that is put under a heading (empty: none), in order.
    void status_part(std::string heading, std::function<std::string()> html);

    // Binds the address; the result is the port, which the kernel chose if 0 was asked for.
    Result<std::uint16_t> open(std::string bind_address, std::uint16_t port);
    // Accepts on the current loop until `stop`, and returns when all connections are closed.
    async::Task<void> serve(async::Stop* stop);

 private:
    async::Task<void> converse(int descriptor, async::Stop* stop);
    async::Task<HttpResponse> answer(HttpRequest request, async::Stop* stop);
    struct Registered;
    const Registered* find(const std::string& path) const;
    HttpResponse status_page() const;
    // Why the policy refuses the role; empty: it does not.
    std::string denial(Role role) const;

    struct Registered {
        AwaitingPage page;
        Role role;
        EndlessPage endless = {};  // instead of `page`
    };
    // Who may see it may: runs the page until one side has had enough.
    static async::Task<void> run_endless(const EndlessPage* page, HttpRequest request,
                                         async::Stream* stream, async::Stop* stop);

    std::string title_;
    std::string started_;
    std::string policy_;
    std::map<std::string, Registered, std::less<>> pages_;
    std::vector<std::pair<std::string, std::function<std::string()>>> parts_;
    std::vector<async::Listener> listeners_;
};

}  // namespace sluice::servenv
