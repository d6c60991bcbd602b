// Beside a request: /debug/status, /debug/vars, /metrics and the other pages.
#include "servenv/admin_server.h"

#include <algorithm>
#include <ctime>

#include <unistd.h>

#include "async/deadline.h"
#include "async/stream.h"
#include "servenv/detail/http.h"
#include "servenv/html.h"
#include "servenv/version.h"

namespace sluice::servenv {
namespace {

constexpr std::size_t max_connections = 256;  // pages are for people and scrapers

async::Bytes bytes_of(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

async::Task<HttpResponse> now(HttpResponse response) {
    co_return response;
}

HttpResponse refusal(const Error& error) {
    int status = 400;
    if (error.code == Code::out_of_range) status = 413;
    if (error.code == Code::unimplemented) status = 501;
    return {.status = status, .body = error.text + "\n"};
}

// Waits for a whole request. nullopt: the peer has closed, or was silent for too long.
async::Task<Result<std::optional<detail::RequestHead>>> receive(async::Stream* stream,
                                                                async::Stop* stop) {
    // The first byte may take long, the rest may not.
    if (stream->received().empty()) {
        async::LinkedStop idle(stop);
        const async::Deadline deadline(idle.get(), detail::http_idle,
                                       make_error(Code::deadline_exceeded, "idle"));
        if (!co_await stream->fill(idle.get())) co_return std::optional<detail::RequestHead>();
    }
    async::LinkedStop bounded(stop);
    const async::Deadline deadline(bounded.get(), detail::http_request,
                                   make_error(Code::deadline_exceeded, "slow request"));
    while (true) {
        const auto bytes = stream->received();
        auto head = CO_TRY(
            detail::parse_request({reinterpret_cast<const char*>(bytes.data()), bytes.size()}));
        if (head && bytes.size() >= head->head_size + head->body_size) {
            const auto* body = reinterpret_cast<const char*>(bytes.data()) + head->head_size;
            head->request.body.assign(body, head->body_size);
            stream->consume(head->head_size + head->body_size);
            co_return head;
        }
        const std::size_t want = head ? head->head_size + head->body_size : bytes.size() + 1;
        if (!co_await stream->fill(bounded.get(), want)) {
            co_return std::optional<detail::RequestHead>();
        }
    }
}

}  // namespace

AdminServer::AdminServer(std::string title, std::string policy)
    : title_(std::move(title)), policy_(std::move(policy)) {
    const std::time_t seconds = std::time(nullptr);
    std::tm parts{};
    localtime_r(&seconds, &parts);
    char text[64];
    std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S %Z", &parts);
    started_ = text;
    page(
        "/debug/health", [](const HttpRequest&) { return HttpResponse{.body = "ok"}; },
        Role::monitoring);
    page("/debug/liveness", [](const HttpRequest&) { return HttpResponse{}; });
    page("/debug/status", [this](const HttpRequest&) { return status_page(); }, Role::debugging);
}

void AdminServer::page(std::string path, Page page, Role role) {
    awaiting_page(
        std::move(path),
        [page = std::move(page)](const HttpRequest& request, async::Stop*) {
            return now(page(request));
        },
        role);
}

void AdminServer::awaiting_page(std::string path, AwaitingPage page, Role role) {
    pages_[std::move(path)] = {std::move(page), role, {}};
}

void AdminServer::endless_page(std::string path, EndlessPage page, Role role) {
    pages_[std::move(path)] = {{}, role, std::move(page)};
}

std::string AdminServer::denial(Role role) const {
    if (policy_.empty() || role == Role::open) return {};
    if (policy_ == "read-only" && role != Role::admin) return {};
    const std::string_view name = policy_ == "read-only" ? "read-only" : "deny-all";
    return "Access denied: not allowed: " + std::string(name) + " security_policy enforced\n";
}

void AdminServer::status_part(std::string heading, std::function<std::string()> html) {
    parts_.emplace_back(std::move(heading), std::move(html));
}

HttpResponse AdminServer::status_page() const {
    char host[256] = "";
    gethostname(host, sizeof host - 1);
    std::string html = "<h1>Status for " + html_escape(title_) +
                       "</h1>\n<p class=\"quiet\">Started: " + html_escape(started_) +
                       " &middot; Running on " + html_escape(host) + " &middot; " +
                       html_escape(version_text()) + "</p>\n";
    for (const auto& [heading, part] : parts_) {
        if (!heading.empty()) html += "<h2>" + html_escape(heading) + "</h2>\n";
        html += part() + "\n";
    }
    html += "<h2>Pages</h2>\n<nav>";
    for (const auto& [path, unused] : pages_) {
        if (path != "/debug/status") {
            html += "<a href=\"" + html_escape(path) + "\">" + html_escape(path) + "</a> ";
        }
    }
    html += "</nav>\n";
    return {.content_type = "text/html; charset=utf-8",
            .body = html_page("Status for " + title_, html)};
}

// The exact path, or the longest registered folder above it.
const AdminServer::Registered* AdminServer::find(const std::string& path) const {
    auto found = pages_.find(path);
    for (std::string folder = path; found == pages_.end() && !folder.empty();) {
        folder.pop_back();
        folder.resize(folder.find_last_of('/') == folder.npos ? 0 : folder.find_last_of('/') + 1);
        found = pages_.find(folder);
    }
    return found == pages_.end() ? nullptr : &found->second;
}

async::Task<HttpResponse> AdminServer::answer(HttpRequest request, async::Stop* stop) {
    const Registered* const found = find(request.path);
    if (found == nullptr) {
        co_return HttpResponse{.status = 302, .body = "", .location = "/debug/status"};
    }
    if (std::string why = denial(found->role); !why.empty()) {
        co_return HttpResponse{.status = 403, .body = std::move(why)};
    }
    if (found->endless) co_return HttpResponse{};  // HEAD
    co_return co_await found->page(std::move(request), stop);
}

namespace {

class StreamWriter : public AdminServer::Writer {
 public:
    StreamWriter(async::Stream* stream, async::Stop* stop) : stream_(stream), stop_(stop) {}
    async::Task<Result<void>> write(std::string text) override {
        co_return co_await stream_->write(bytes_of(text), {}, stop_);
    }

 private:
    async::Stream* stream_;
    async::Stop* stop_;
};

}  // namespace

async::Task<void> AdminServer::run_endless(const EndlessPage* page, HttpRequest request,
                                           async::Stream* stream, async::Stop* stop) {
    async::LinkedStop either(stop);
    stream->watch(either.get());
    StreamWriter writer(stream, either.get());
    // Without a length the answer lasts until the connection ends.
    const Result<void> begun = co_await writer.write(
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n");
    if (begun) co_await (*page)(std::move(request), &writer, either.get());
    stream->unwatch();
}

async::Task<void> AdminServer::converse(int descriptor, async::Stop* stop) {
    async::Stream stream{async::Socket(descriptor)};
    stream.set_write_timeout(detail::http_request);
    for (bool keep_alive = true; keep_alive;) {
        auto received = co_await receive(&stream, stop);
        if (received && !*received) break;
        HttpResponse response;
        bool head_only = false;
        keep_alive = received.has_value() && (*received)->keep_alive;
        if (received) {
            head_only = (*received)->request.method == "HEAD";
            const Registered* const found = find((*received)->request.path);
            if (found != nullptr && found->endless && !head_only && denial(found->role).empty()) {
                co_await run_endless(&found->endless, std::move((*received)->request), &stream,
                                     stop);
                break;
            }
            response = co_await answer(std::move((*received)->request), stop);
        } else {
            response = refusal(received.error());
        }
        const std::string text = detail::response_text(response, keep_alive, head_only);
        if (!co_await stream.write(bytes_of(text), {}, stop)) break;
    }
    stream.close();
}

Result<std::uint16_t> AdminServer::open(std::string bind_address, std::uint16_t port) {
    async::ListenOptions options;
    options.host = std::move(bind_address);
    options.port = port;
    listeners_ = TRY(async::Listener::open(options, 1));
    return listeners_[0].port();
}

async::Task<void> AdminServer::serve(async::Stop* stop) {
    VT_ASSERT(!listeners_.empty());
    async::Scope connections;
    while (true) {
        const auto accepted = co_await listeners_[0].accept(stop);
        if (!accepted) break;
        if (connections.running() >= max_connections) {
            ::close(accepted->descriptor);
        } else {
            connections.spawn("admin page", converse(accepted->descriptor, stop));
        }
    }
    listeners_[0].close();
    co_await connections.join();
}

}  // namespace sluice::servenv
