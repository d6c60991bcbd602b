// Beside a request: the pages about settings.
#include "servenv/config_pages.h"

#include <algorithm>

#include "servenv/detail/http.h"
#include "servenv/html.h"
#include "servenv/json_text.h"

namespace sluice::servenv {
namespace {

// v21's names on the page, and the flags behind them.
struct Variable {
    std::string_view name;
    std::string_view flag;
};
constexpr Variable variables[] = {
    {"discovery_high_replication_lag_minimum_serving",
     "discovery_high_replication_lag_minimum_serving"},
    {"discovery_low_replication_lag", "discovery_low_replication_lag"},
    {"min_num_tablets", "min_number_serving_vttablets"},
};

std::string argument(const std::map<std::string, std::string>& from, const std::string& name) {
    const auto found = from.find(name);
    return found == from.end() ? std::string() : found->second;
}

// What a POST has done, in words.
std::string change(Config* config, const HttpRequest& request) {
    const auto form = detail::parse_form(request.body);
    const auto field = [&](const std::string& name) {
        const std::string posted = argument(form, name);
        return posted.empty() ? argument(request.query, name) : posted;
    };
    const std::string name = field("varname");
    const std::string value = field("value");
    const auto* const found = std::ranges::find(variables, name, &Variable::name);
    if (found == std::end(variables)) return "There is no variable " + name + " to set";
    const Result<void> changed = config->change(found->flag, value);
    if (!changed) return "Failed setting value for " + name + ": " + changed.error().text;
    return "Setting " + name + " to: " + value;
}

HttpResponse as_json(const Config* config) {
    std::string body = "{";
    for (const Variable& variable : variables) {
        body += std::string(body.size() > 1 ? "," : "") + json_string(variable.name) + ":" +
                json_string(config->value(variable.flag));
    }
    return {.content_type = "application/json", .body = body + "}\n"};
}

HttpResponse as_page(const Config* config, const std::string& message) {
    std::string html = "<h1>Internal Variables</h1>\n";
    if (!message.empty()) html += "<p><b>" + html_escape(message) + "</b></p>\n";
    html += "<table><tr><th>Variable</th><th>Value</th><th></th></tr>\n";
    for (const Variable& variable : variables) {
        const std::string name = html_escape(variable.name);
        html += "<tr><td>" + name +
                "</td><td><form method=\"POST\"><input type=\"hidden\" name=\"varname\" value=\"" +
                name + "\"><input name=\"value\" value=\"" +
                html_escape(config->value(variable.flag)) +
                "\"><button>Set</button></form></td></tr>\n";
    }
    return {.content_type = "text/html; charset=utf-8",
            .body = html_page("Variables", html + "</table>\n")};
}

}  // namespace

void add_config_pages(AdminServer& server, Config* config) {
    server.page("/debug/config",
                [config](const HttpRequest&) { return HttpResponse{.body = config->dump()}; });
    server.page(
        "/debug/env",
        [config](const HttpRequest& request) {
            const std::string message =
                request.method == "POST" ? change(config, request) : std::string();
            if (argument(request.query, "format") == "json") return as_json(config);
            return as_page(config, message);
        },
        Role::admin);
}

}  // namespace sluice::servenv
