// How a call has ended: under every answer that comes from a tablet, a gate or etcd.
#include "rpc/status.h"

#include <nghttp2/nghttp2.h>

namespace sluice::rpc {

Code code_of(std::uint32_t grpc_status) {
    return grpc_status <= static_cast<std::uint32_t>(Code::read_only)
               ? static_cast<Code>(grpc_status)
               : Code::unknown;
}

std::string percent_encoded(std::string_view text) {
    static constexpr char digits[] = "0123456789ABCDEF";
    std::string out;
    out.reserve(text.size());
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte >= 0x20 && byte <= 0x7e && c != '%') {
            out += c;
        } else {
            out += '%';
            out += digits[byte >> 4U];
            out += digits[byte & 15U];
        }
    }
    return out;
}

namespace {

int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return -1;
}

Error too_large(std::string_view words, std::uint64_t size, std::size_t limit) {
    return make_error(Code::resource_exhausted, er::net_packet_too_large,
                      "grpc: " + std::string(words) + " larger than max (" + std::to_string(size) +
                          " vs. " + std::to_string(limit) + ")");
}

}  // namespace

std::string percent_decoded(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        const int high = text[i] == '%' && i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
        const int low = high >= 0 ? hex_value(text[i + 2]) : -1;
        if (low < 0) {
            out += text[i];
            continue;
        }
        out += static_cast<char>(high * 16 + low);
        i += 2;
    }
    return out;
}

Code code_of_http(int http_status) {
    switch (http_status) {
        case 400:
            return Code::internal;
        case 401:
            return Code::unauthenticated;
        case 403:
            return Code::permission_denied;
        case 404:
            return Code::unimplemented;
        case 429:
        case 502:
        case 503:
        case 504:
            return Code::unavailable;
        default:
            return Code::unknown;
    }
}

Error reset_error(std::uint32_t http2_code) {
    Code code = Code::internal;
    switch (http2_code) {
        case NGHTTP2_REFUSED_STREAM:
            code = Code::unavailable;
            break;
        case NGHTTP2_CANCEL:
            code = Code::canceled;
            break;
        case NGHTTP2_ENHANCE_YOUR_CALM:
            code = Code::resource_exhausted;
            break;
        case NGHTTP2_INADEQUATE_SECURITY:
            code = Code::permission_denied;
            break;
        default:
            break;
    }
    return make_error(code, std::string("stream terminated by RST_STREAM with error code: ") +
                                nghttp2_http2_strerror(http2_code));
}

Error received_too_large(std::uint64_t size, std::size_t limit) {
    return too_large("received message", size, limit);
}

Error sending_too_large(std::uint64_t size, std::size_t limit) {
    return too_large("trying to send message", size, limit);
}

Error decompressed_too_large(std::size_t limit) {
    return too_large("received message after decompression", limit + 1, limit);
}

Error deadline_error() {
    return make_error(Code::deadline_exceeded, "context deadline exceeded");
}

Error canceled_error() {
    return make_error(Code::canceled, "context canceled");
}

Error unavailable_error(std::string text) {
    return make_error(Code::unavailable, std::move(text));
}

}  // namespace sluice::rpc
