// Beside a request: the text of the admin pages' protocol.
#include "servenv/detail/http.h"

#include <algorithm>
#include <charconv>

namespace sluice::servenv::detail {
namespace {

int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

std::string decoded(std::string_view text, bool plus_is_space) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool coded = text[i] == '%' && i + 2 < text.size() && hex_value(text[i + 1]) >= 0 &&
                           hex_value(text[i + 2]) >= 0;
        if (coded) {
            out.push_back(static_cast<char>(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2])));
            i += 2;
        } else {
            out.push_back(plus_is_space && text[i] == '+' ? ' ' : text[i]);
        }
    }
    return out;
}

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return out;
}

std::string_view trimmed(std::string_view text) {
    while (text.starts_with(' ') || text.starts_with('\t')) text.remove_prefix(1);
    while (text.ends_with(' ') || text.ends_with('\t')) text.remove_suffix(1);
    return text;
}

std::string_view reason(int status) {
    switch (status) {
        case 200:
            return "OK";
        case 302:
            return "Found";
        case 400:
            return "Bad Request";
        case 403:
            return "Forbidden";
        case 404:
            return "Not Found";
        case 413:
            return "Content Too Large";
        case 431:
            return "Request Header Fields Too Large";
        case 501:
            return "Not Implemented";
        case 503:
            return "Service Unavailable";
        default:
            return "Internal Server Error";
    }
}

Result<void> take_header(std::string_view line, RequestHead* head) {
    const std::size_t colon = line.find(':');
    if (colon == line.npos || colon == 0) return fail(Code::invalid_argument, "malformed header");
    const std::string name = lower(line.substr(0, colon));
    const std::string_view value = trimmed(line.substr(colon + 1));
    if (name == "content-length") {
        const auto [end, error] =
            std::from_chars(value.data(), value.data() + value.size(), head->body_size);
        if (error != std::errc{} || end != value.data() + value.size()) {
            return fail(Code::invalid_argument, "malformed Content-Length");
        }
        if (head->body_size > max_body) return fail(Code::out_of_range, "the body is too large");
    } else if (name == "transfer-encoding") {
        return fail(Code::unimplemented, "chunked requests are not taken");
    } else if (name == "connection") {
        const std::string word = lower(value);
        if (word == "close") head->keep_alive = false;
        if (word == "keep-alive") head->keep_alive = true;
    }
    return {};
}

}  // namespace

// form = [ name [ "=" value ] *( "&" name [ "=" value ] ) ]
std::map<std::string, std::string> parse_form(std::string_view text) {
    std::map<std::string, std::string> form;
    while (!text.empty()) {
        const std::string_view part = text.substr(0, text.find('&'));
        text.remove_prefix(std::min(part.size() + 1, text.size()));
        const std::size_t equals = std::min(part.find('='), part.size());
        const std::string_view value = part.substr(std::min(equals + 1, part.size()));
        if (!part.empty()) form[decoded(part.substr(0, equals), true)] = decoded(value, true);
    }
    return form;
}

Result<std::optional<RequestHead>> parse_request(std::string_view bytes) {
    const std::size_t end = bytes.substr(0, max_head).find("\r\n\r\n");
    if (end == bytes.npos) {
        if (bytes.size() >= max_head) return fail(Code::out_of_range, "the headers are too large");
        return std::optional<RequestHead>();
    }
    RequestHead head;
    head.head_size = end + 4;
    std::string_view rest = bytes.substr(0, end + 2);
    const std::string_view line = rest.substr(0, rest.find("\r\n"));
    rest.remove_prefix(line.size() + 2);
    const std::size_t first = line.find(' ');
    const std::size_t last = line.rfind(' ');
    if (first == line.npos || last <= first || !line.substr(last + 1).starts_with("HTTP/1.")) {
        return fail(Code::invalid_argument, "malformed request line");
    }
    head.request.method = std::string(line.substr(0, first));
    head.keep_alive = line.substr(last + 1) != "HTTP/1.0";
    const std::string_view target = line.substr(first + 1, last - first - 1);
    if (!target.starts_with('/')) return fail(Code::invalid_argument, "malformed target");
    const std::size_t mark = std::min(target.find('?'), target.size());
    head.request.path = decoded(target.substr(0, mark), false);
    head.request.query = parse_form(target.substr(std::min(mark + 1, target.size())));
    while (!rest.empty()) {
        const std::string_view header = rest.substr(0, rest.find("\r\n"));
        rest.remove_prefix(header.size() + 2);
        TRY(take_header(header, &head));
    }
    const std::string& method = head.request.method;
    if (method != "GET" && method != "HEAD" && method != "POST") {
        return fail(Code::unimplemented, "only GET, HEAD and POST are taken");
    }
    return head;
}

std::string response_text(const HttpResponse& response, bool keep_alive, bool head_only) {
    std::string text = "HTTP/1.1 " + std::to_string(response.status) + " " +
                       std::string(reason(response.status)) +
                       "\r\nContent-Type: " + response.content_type +
                       "\r\nContent-Length: " + std::to_string(response.body.size()) +
                       "\r\nX-Content-Type-Options: nosniff\r\n";
    if (!response.location.empty()) text += "Location: " + response.location + "\r\n";
    text += keep_alive ? "\r\n" : "Connection: close\r\n\r\n";
    if (!head_only) text += response.body;
    return text;
}

}  // namespace sluice::servenv::detail
