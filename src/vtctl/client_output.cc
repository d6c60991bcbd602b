// vtctldclient: what commands read from their words and print. Before: client_*.cc.
#include <algorithm>
#include <charconv>
#include <ctime>
#include <fstream>
#include <iterator>
#include <map>

#include "servenv/json_text.h"
#include "topo/protojson.h"
#include "vindex/target.h"
#include "vtctl/detail/command.h"

namespace sluice::vtctl::detail {

std::string Client::json(const google::protobuf::Message& one) const {
    const std::string text = compact_ ? topo::to_json(one, topo::JsonNames::proto)
                                      : topo::to_json(one, topo::JsonForm::every_field);
    return servenv::json_indented(text, "  ");
}

Result<topodata::TabletAlias> alias_of(std::string_view text) {
    const auto parsed = TRY(vindex::parse_tablet_alias(text));
    topodata::TabletAlias alias;
    alias.set_cell(parsed.cell);
    alias.set_uid(parsed.uid);
    return alias;
}

Result<KeyspaceShard> keyspace_shard_of(std::string_view text) {
    const std::size_t slash = text.find('/');
    const bool is_pair = slash != text.npos && text.find('/', slash + 1) == text.npos &&
                         slash > 0 && slash + 1 < text.size();
    if (!is_pair) return fail(Code::invalid_argument, "invalid shard path: " + std::string(text));
    return KeyspaceShard{std::string(text.substr(0, slash)), std::string(text.substr(slash + 1))};
}

Result<topodata::TabletType> tablet_type_of(std::string_view text) {
    std::string upper(text);
    for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    if (upper == "MASTER") upper = "PRIMARY";
    topodata::TabletType type = topodata::UNKNOWN;
    if (topodata::TabletType_Parse(upper, &type)) return type;
    return fail(Code::invalid_argument, "unknown TabletType " + std::string(text));
}

Result<bool> boolean_of(std::string_view text) {
    for (const std::string_view word : {"1", "t", "T", "true", "TRUE", "True"}) {
        if (text == word) return true;
    }
    for (const std::string_view word : {"0", "f", "F", "false", "FALSE", "False"}) {
        if (text == word) return false;
    }
    return fail(Code::invalid_argument,
                "strconv.ParseBool: parsing \"" + std::string(text) + "\": invalid syntax");
}

Result<std::string> file_contents(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) return fail(Code::not_found, "open " + path + ": no such file or directory");
    return std::string(std::istreambuf_iterator<char>(file), {});
}

std::string go_string(std::string_view text) {
    return servenv::json_string(text);
}

std::string tags_text(const google::protobuf::Map<std::string, std::string>& tags) {
    std::vector<std::string> pairs;
    for (const auto& [key, value] : tags) pairs.push_back(key + ": " + go_string(value));
    std::ranges::sort(pairs);
    std::string text;
    for (const std::string& pair : pairs) text += (text.empty() ? "" : " ") + pair;
    return "[" + text + "]";
}

namespace {

std::string or_null(const std::string& text) {
    return text.empty() ? "<null>" : text;
}

std::string utc(std::int64_t seconds, const char* format) {
    const std::time_t time = seconds;
    std::tm parts{};
    gmtime_r(&time, &parts);
    char text[64];
    std::strftime(text, sizeof text, format, &parts);
    return text;
}

// As Go's net.JoinHostPort: an IPv6 address stands in brackets.
std::string address(const std::string& host, std::int32_t port) {
    const std::string shown = host.contains(':') ? "[" + host + "]" : host;
    return shown + ":" + std::to_string(port);
}

}  // namespace

std::string tablet_line(const topodata::Tablet& tablet) {
    const auto web = tablet.port_map().find("vt");
    const std::int64_t term = tablet.primary_term_start_time().seconds();
    std::string type = topodata::TabletType_Name(tablet.type());
    for (char& c : type) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return vindex::to_text(vindex::TabletAlias{tablet.alias().cell(), tablet.alias().uid()}) + " " +
           or_null(tablet.keyspace()) + " " + or_null(tablet.shard()) + " " + type + " " +
           address(tablet.hostname(), web == tablet.port_map().end() ? 0 : web->second) + " " +
           address(tablet.mysql_hostname(), tablet.mysql_port()) + " " + tags_text(tablet.tags()) +
           " " + (term > 0 ? utc(term, "%Y-%m-%dT%H:%M:%SZ") : "<null>");
}

std::string go_json(const google::protobuf::Message& one) {
    return topo::to_json(one, topo::JsonForm::go_struct);
}

std::string go_lines(std::vector<std::string> parts, char open, char close) {
    if (parts.empty()) return "null";
    std::string text(1, open);
    for (const std::string& part : parts) text += (text.size() == 1 ? "" : ",") + part;
    text.push_back(close);
    return servenv::json_indented(text, "  ");
}

std::string event_line(const logutil::Event& event) {
    if (event.level() == logutil::CONSOLE) return event.value();
    const char letter = event.level() == logutil::INFO      ? 'I'
                        : event.level() == logutil::WARNING ? 'W'
                                                            : 'E';
    std::string micros = std::to_string(event.time().nanoseconds() / 1000);
    micros.insert(0, 6 - std::min<std::size_t>(micros.size(), 6), '0');
    return letter + utc(event.time().seconds(), "%m%d %H:%M:%S.") + micros + " " + event.file() +
           ":" + std::to_string(event.line()) + "] " + event.value();
}

}  // namespace sluice::vtctl::detail
