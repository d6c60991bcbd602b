// The end of a request that a tablet refuses.
#include "tablet/detail/rpc_error.h"

#include <algorithm>
#include <charconv>
#include <optional>

namespace sluice::tablet {
namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool is_alphanumeric(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

struct Named {
    std::string_view number, state;
};

// "(errno 1062) (sqlstate 23000)", wherever it stands; the first one counts.
std::optional<Named> find_named(std::string_view text) {
    constexpr std::string_view opening = "(errno ", middle = ") (sqlstate ";
    constexpr std::size_t state_size = 5;
    for (std::size_t at = text.find(opening); at != text.npos; at = text.find(opening, at + 1)) {
        std::string_view rest = text.substr(at + opening.size());
        const auto digits =
            static_cast<std::size_t>(std::ranges::find_if_not(rest, is_digit) - rest.begin());
        const std::string_view number = rest.substr(0, digits);
        rest.remove_prefix(digits);
        if (!rest.starts_with(middle)) continue;
        rest.remove_prefix(middle.size());
        if (rest.size() <= state_size || rest[state_size] != ')') continue;
        const std::string_view state = rest.substr(0, state_size);
        if (std::ranges::all_of(state, is_alphanumeric)) return Named{number, state};
    }
    return std::nullopt;
}

// grpc's "(20 vs. 10)" behind the words for a message over its limit.
bool says_too_large(std::string_view text) {
    for (const std::string_view words : {"grpc: received message larger than max (",
                                         "grpc: trying to send message larger than max ("}) {
        const std::size_t at = text.find(words);
        if (at != text.npos && text.find(" vs. ", at) != text.npos) return true;
    }
    return false;
}

// As Go prints gRPC's codes.
std::string go_name(Code code) {
    constexpr std::string_view names[] = {
        "OK",       "Canceled",       "Unknown",          "InvalidArgument",   "DeadlineExceeded",
        "NotFound", "AlreadyExists",  "PermissionDenied", "ResourceExhausted", "FailedPrecondition",
        "Aborted",  "OutOfRange",     "Unimplemented",    "Internal",          "Unavailable",
        "DataLoss", "Unauthenticated"};
    const auto index = static_cast<std::size_t>(code);
    if (index < std::size(names)) return std::string(names[index]);
    return "Code(" + std::to_string(index) + ")";
}

bool has(std::string_view text, std::string_view part) {
    return text.find(part) != text.npos;
}

}  // namespace

Error numbered(Code code, std::string text) {
    if (const std::optional<Named> named = find_named(text)) {
        std::uint16_t number = 0;
        const char* const end = named->number.data() + named->number.size();
        const auto read = std::from_chars(named->number.data(), end, number);
        if (read.ec == std::errc() && read.ptr == end && number != 0) {
            const std::string state(named->state);
            return make_error(code, number, state, std::move(text));
        }
    }
    if (code == Code::resource_exhausted && says_too_large(text))
        return make_error(code, er::net_packet_too_large, "42000", std::move(text));
    if (code == Code::resource_exhausted && has(text, "Transaction throttled"))
        return make_error(code, er::out_of_resources, "HY000", std::move(text));
    return make_error(code, std::move(text));
}

bool names_number(std::string_view text) {
    return find_named(text).has_value();
}

Error rpc_error(Error status, std::string_view where) {
    std::string text(where);
    text.append("vttablet: rpc error: code = ").append(go_name(status.code));
    text.append(" desc = ").append(status.text);
    return numbered(status.code, std::move(text));
}

Error body_error(Code code, std::string_view message, std::string_view where) {
    std::string text(where);
    text.append("vttablet: ").append(message);
    return numbered(code, std::move(text));
}

bool says_gone(const Error& error) {
    if (error.number == er::cr_server_gone || error.number == er::cr_server_lost) return true;
    if (error.code != Code::aborted) return false;
    const std::string_view text = error.text;
    const std::size_t at = text.find("transaction ");
    if (at == text.npos) return false;
    const std::string_view rest = text.substr(at);
    return has(rest, ": ended at ") || has(rest, ": not found") ||
           has(rest, ": in use: for tx killer rollback");
}

bool says_elsewhere(const Error& error) {
    if (error.code == Code::unavailable || error.code == Code::cluster_event) return true;
    return error.code == Code::failed_precondition &&
           (has(error.text, "wrong tablet type") || has(error.text, "invalid tablet type"));
}

}  // namespace sluice::tablet
