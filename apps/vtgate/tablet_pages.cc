// Pages about tablets: /debug/gateway and /api/health-check/ (vtgate-contract 11.1).
#include <array>
#include <charconv>
#include <tuple>

#include "gate.h"
#include "servenv/json_text.h"

namespace sluice::vtgate {
namespace {

using discovery::TabletHealth;
using servenv::json_string;

auto place(const TabletHealth& seen) {
    return std::tie(seen.tablet.alias.cell, seen.target.keyspace, seen.target.shard,
                    seen.target.type);
}

// Members of a Go struct with omitempty.
class Members {
 public:
    void add(std::string_view name, const std::string& json) {
        text_ += (text_.empty() ? "" : ",") + json_string(name) + ":" + json;
    }
    void number(std::string_view name, std::int64_t value) {
        if (value != 0) add(name, std::to_string(value));
    }
    void real(std::string_view name, double value) {
        std::array<char, 32> digits;
        const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
        if (value != 0) add(name, std::string(digits.data(), end));
    }
    void words(std::string_view name, std::string_view value) {
        if (!value.empty()) add(name, json_string(value));
    }
    std::string text() const { return "{" + text_ + "}"; }

 private:
    std::string text_;
};

std::string target_json(const discovery::HealthTarget& target) {
    Members made;
    made.words("keyspace", target.keyspace);
    made.words("shard", target.shard);
    made.number("tablet_type", static_cast<std::int64_t>(target.type));
    return made.text();
}

std::string record_json(const topo::Tablet& record) {
    Members alias, ports, tags, tablet;
    alias.words("cell", record.alias.cell);
    alias.number("uid", record.alias.uid);
    for (const auto& [name, port] : record.port_map) ports.number(name, port);
    for (const auto& [name, value] : record.tags) tags.add(name, json_string(value));
    tablet.add("alias", alias.text());
    tablet.words("hostname", record.hostname);
    if (!record.port_map.empty()) tablet.add("port_map", ports.text());
    tablet.words("keyspace", record.keyspace);
    tablet.words("shard", record.shard);
    tablet.number("type", static_cast<std::int64_t>(record.type));
    tablet.words("db_name_override", record.db_name_override);
    if (!record.tags.empty()) tablet.add("tags", tags.text());
    tablet.words("mysql_hostname", record.mysql_hostname);
    tablet.number("mysql_port", record.mysql_port);
    return tablet.text();
}

std::string tablet_json(const TabletHealth& seen) {
    Members stats, all;
    stats.words("health_error", seen.stats.health_error);
    stats.number("replication_lag_seconds", seen.stats.replication_lag_seconds);
    stats.number("binlog_players_count", seen.stats.binlog_players_count);
    stats.number("filtered_replication_lag_seconds", seen.stats.filtered_replication_lag_seconds);
    stats.real("cpu_usage", seen.stats.cpu_usage);
    stats.real("qps", seen.stats.qps);
    all.add("Tablet", record_json(seen.tablet));
    all.add("Target", target_json(seen.target));
    all.add("Serving", seen.serving ? "true" : "false");
    all.add("PrimaryTermStartTime", std::to_string(seen.primary_term_start));
    all.add("Stats", stats.text());
    // An error is an empty object in Go's JSON.
    all.add("LastError", seen.last_error.empty() ? "null" : "{}");
    return all.text();
}

// One entry for each cell and target; `wanted` says which tablets count.
template <class Wanted>
std::string list_json(const Gate& gate, Wanted wanted) {
    std::vector<TabletHealth> all = gate.tablets();
    std::erase_if(all, [&](const TabletHealth& seen) { return !wanted(seen); });
    std::string list;
    for (std::size_t i = 0; i < all.size();) {
        std::string tablets;
        const TabletHealth& first = all[i];
        for (; i < all.size() && place(all[i]) == place(first); ++i)
            tablets += (tablets.empty() ? "" : ",") + tablet_json(all[i]);
        Members entry;
        entry.add("Cell", json_string(first.tablet.alias.cell));
        entry.add("Target", target_json(first.target));
        entry.add("TabletsStats", "[" + tablets + "]");
        list += (list.empty() ? "" : ",") + entry.text();
    }
    return "[" + list + "]";
}

bool all_of_them(const TabletHealth&) {
    return true;
}

servenv::HttpResponse health_check(const Gate& gate, const servenv::HttpRequest& request) {
    const std::string_view path =
        std::string_view(request.path).substr(std::string_view("/api/health-check/").size());
    const std::size_t slash = path.find('/');
    const std::string_view kind = path.substr(0, slash);
    const std::string_view name = slash == path.npos ? "" : path.substr(slash + 1);
    std::string json;
    if (kind.empty()) {
        json = list_json(gate, all_of_them);
    } else if (slash != path.npos && kind == "cell") {
        json = list_json(
            gate, [name](const TabletHealth& seen) { return seen.tablet.alias.cell == name; });
    } else if (slash != path.npos && kind == "keyspace") {
        json = list_json(gate,
                         [name](const TabletHealth& seen) { return seen.target.keyspace == name; });
    } else if (slash != path.npos && kind == "tablet") {
        json = list_json(
            gate, [name](const TabletHealth& seen) { return seen.tablet.mysql_hostname == name; });
    } else {
        return {.status = 500,
                .body = "can't get health-check: invalid health-check path: " + json_string(path) +
                        "  expected path: / or /cell/<cell> or /keyspace/<keyspace> or "
                        "/tablet/mysql_hostname\n"};
    }
    return {.content_type = "application/json; charset=utf-8",
            .body = servenv::json_indented(json, "  ")};
}

}  // namespace

void add_tablet_pages(servenv::AdminServer& admin, const Gate* gate) {
    admin.page("/debug/gateway", [gate](const servenv::HttpRequest&) {
        return servenv::HttpResponse{
            .content_type = "application/json; charset=utf-8",
            .body = servenv::json_indented(list_json(*gate, all_of_them), " ")};
    });
    admin.page("/api/health-check/", [gate](const servenv::HttpRequest& request) {
        return health_check(*gate, request);
    });
}

}  // namespace sluice::vtgate
