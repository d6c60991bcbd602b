// What people and monitoring see of a tablet's protections. Before: debug_pages.cc.
#include "tabletserver/detail/protection_pages.h"

#include "async/cross.h"
#include "servenv/json_text.h"

namespace sluice::tabletserver {
namespace {

using servenv::HttpRequest;
using servenv::HttpResponse;
using servenv::Metrics;
using Tables = async::Labelled<async::Count>;

// As v21 writes it: `<`, `>` and `&` cannot end a script that the page is put into.
HttpResponse rules_page(const Server* of) {
    const std::string text =
        servenv::json_indented(of == nullptr ? "{}" : of->rules().to_json(), " ");
    std::string safe;
    for (const char c : text) {
        if (c == '<' || c == '>' || c == '&') {
            safe += c == '<' ? "\\u003c" : c == '>' ? "\\u003e" : "\\u0026";
        } else {
            safe += c;
        }
    }
    return {.content_type = "application/json; charset=utf-8", .body = std::move(safe)};
}

using RowCounts = std::map<std::string, std::uint64_t>;

Task<RowCounts> hot_rows(const Server* of) {
    RowCounts all;
    for (const auto& core : of->cores()) {
        if (!core->hot_rows) continue;
        // Each row is some loop's alone.
        all.merge(co_await async::on_loop(
            core->loop, [core = core.get()] { return core->hot_rows->recent(); }));
    }
    co_return all;
}

async::Task<HttpResponse> hot_rows_page(ServerOf server) {
    HttpResponse response;
    const Server* const of = server();
    if (of != nullptr && of->options().redact_pages) {
        response.content_type = "text/html; charset=utf-8";
        response.body =
            "<!DOCTYPE html>\n<html><body><h1>Redacted</h1>\n"
            "<p>/debug/hotrows has been redacted for your protection</p></body></html>\n";
        co_return response;
    }
    RowCounts rows;
    if (of != nullptr) rows = co_await hot_rows(of);
    if (rows.empty()) {
        response.body = "empty\n";
        co_return response;
    }
    response.body = "Length: " + std::to_string(rows.size()) + "\n";
    for (const auto& [row, count] : rows)
        response.body += std::to_string(count) + ": " + row + "\n";
    co_return response;
}

// The sum over loops of one of their tables of counters.
std::function<std::map<servenv::LabelKey, double>()> by_table(ServerOf server,
                                                              Tables HotRows::* tables) {
    return [server, tables] {
        std::map<servenv::LabelKey, double> sums;
        const Server* const of = server();
        if (of == nullptr) return sums;
        for (const auto& core : of->cores()) {
            if (!core->hot_rows) continue;
            ((*core->hot_rows).*tables)
                .for_each([&](const std::string& table, const async::Count& count) {
                    sums[servenv::label_key({table})] += static_cast<double>(count.get());
                });
        }
        return sums;
    };
}

std::function<double()> sum_of(ServerOf server, async::Count HotRows::* count) {
    return [server, count] {
        double sum = 0;
        const Server* const of = server();
        if (of == nullptr) return sum;
        for (const auto& core : of->cores()) {
            if (core->hot_rows) sum += static_cast<double>(((*core->hot_rows).*count).get());
        }
        return sum;
    };
}

std::function<std::map<servenv::LabelKey, double>()> rejections(ServerOf server, bool dry_run) {
    return [server, dry_run] {
        std::map<servenv::LabelKey, double> found;
        const Server* const of = server();
        if (of == nullptr) return found;
        const auto& limits = of->cores().front()->transaction_limits;
        if (!limits || limits->dry_run() != dry_run) return found;
        for (const auto& [user, count] : limits->rejections())
            found[servenv::label_key({user})] = static_cast<double>(count);
        return found;
    };
}

}  // namespace

void add_protection_metrics(Metrics& metrics, ServerOf server) {
    using enum Metrics::Kind;
    const auto tables = [&](std::string variable, std::string help, Tables HotRows::* of) {
        metrics.read_labelled(counter, {std::move(variable), std::move(help), {"table_name"}},
                              by_table(server, of));
    };
    tables("TxSerializerWaits", "Transactions that waited for others on the same rows",
           &HotRows::waits);
    tables("TxSerializerWaitsDryRun", "Dry run: transactions that would have waited",
           &HotRows::waits_dry_run);
    tables("TxSerializerQueueExceeded", "Transactions refused as too many waited for their rows",
           &HotRows::queue_exceeded);
    tables("TxSerializerQueueExceededDryRun",
           "Dry run: transactions that would have been refused for their rows",
           &HotRows::queue_exceeded_dry_run);
    metrics.read(counter,
                 {"TxSerializerGlobalQueueExceeded",
                  "Transactions refused as too many waited for rows in all"},
                 sum_of(server, &HotRows::all_exceeded));
    metrics.read(counter,
                 {"TxSerializerGlobalQueueExceededDryRun",
                  "Dry run: transactions that would have been refused in all"},
                 sum_of(server, &HotRows::all_exceeded_dry_run));
    metrics.read_labelled(
        counter, {"TxLimiterRejections", "Transactions refused as their user had enough", {"user"}},
        rejections(server, false));
    metrics.read_labelled(counter,
                          {"TxLimiterRejectionsDryRun",
                           "Dry run: transactions that would have been refused",
                           {"user"}},
                          rejections(server, true));
}

void add_protection_pages(servenv::AdminServer& admin, ServerOf server) {
    using servenv::Role;
    admin.page(
        "/debug/query_rules", [server](const HttpRequest&) { return rules_page(server()); },
        Role::debugging);
    admin.awaiting_page(
        "/debug/hotrows", [server](HttpRequest, async::Stop*) { return hot_rows_page(server); },
        Role::debugging);
}

}  // namespace sluice::tabletserver
