// Beside a request: the pages that scrapers and operators read.
#include "servenv/pages.h"

#include "servenv/glog.h"

namespace sluice::servenv {

void add_standard_pages(AdminServer& server, const Metrics* metrics) {
    server.page("/debug/vars", [metrics](const HttpRequest&) {
        return HttpResponse{.content_type = "application/json; charset=utf-8",
                            .body = metrics->debug_vars()};
    });
    server.page("/metrics", [metrics](const HttpRequest&) {
        return HttpResponse{.content_type = "text/plain; version=0.0.4; charset=utf-8",
                            .body = metrics->prometheus()};
    });
    server.page("/debug/flushlogs", [](const HttpRequest&) {
        flush_logs();
        return HttpResponse{.body = "flushed"};
    });
}

}  // namespace sluice::servenv
