// Under session.cc: the headers of requests and answers.
#include "rpc/detail/header_codec.h"

#include <charconv>
#include <cstring>

#include <nghttp2/nghttp2.h>

#include "base/assert.h"

namespace sluice::rpc::detail {
namespace {

constexpr std::size_t table_size = 4096;   // RFC 7541's default, of both tables
constexpr std::size_t known_limit = 128;   // bytes of a block that is remembered
constexpr std::size_t max_headers = 64;    // that we send
constexpr std::size_t list_overhead = 32;  // RFC 9113, 6.5.2

// Indexed fields only, each of one byte: 0x80 is no index and 0xff begins a longer one (RFC 7541,
// 6.1).
bool is_indexes(Bytes block) {
    return !block.empty() && block.size() <= known_limit &&
           std::ranges::all_of(block, [](std::uint8_t byte) { return byte > 0x80 && byte < 0xff; });
}

bool same(const Header& left, const Header& right) {
    const auto equal = [](std::string_view a, std::string_view b) {
        return a.size() == b.size() &&
               (a.data() == b.data() || std::memcmp(a.data(), b.data(), a.size()) == 0);
    };
    return left.varies == right.varies && equal(left.name, right.name) &&
           equal(left.value, right.value);
}

std::string_view text_of(const std::uint8_t* bytes, std::size_t size) {
    return {reinterpret_cast<const char*>(bytes), size};
}

}  // namespace

HeaderEncoder::HeaderEncoder() {
    VT_ASSERT(nghttp2_hd_deflate_new(&deflater_, table_size) == 0);
}

HeaderEncoder::~HeaderEncoder() {
    nghttp2_hd_deflate_del(deflater_);
}

void HeaderEncoder::set_table_size(std::uint32_t size) {
    VT_ASSERT(nghttp2_hd_deflate_change_table_size(deflater_, size) == 0);
    for (Known& known : known_) known = {};
}

const HeaderEncoder::Known* HeaderEncoder::known(std::span<const Header> headers) const {
    for (const Known& known : known_) {
        if (!known.headers.empty() && std::ranges::equal(known.headers, headers, same))
            return &known;
    }
    return nullptr;
}

Bytes HeaderEncoder::encode(std::span<const Header> headers) {
    if (const Known* const found = known(headers)) return found->block.view();
    VT_ASSERT(headers.size() <= max_headers);
    std::array<nghttp2_nv, max_headers> items;
    for (std::size_t i = 0; i < headers.size(); ++i) {
        const Header& header = headers[i];
        items[i] = {
            .name = reinterpret_cast<std::uint8_t*>(const_cast<char*>(header.name.data())),
            .value = reinterpret_cast<std::uint8_t*>(const_cast<char*>(header.value.data())),
            .namelen = header.name.size(),
            .valuelen = header.value.size(),
            .flags = static_cast<std::uint8_t>(header.varies ? NGHTTP2_NV_FLAG_NO_INDEX
                                                             : NGHTTP2_NV_FLAG_NONE)};
    }
    block_.clear();
    const std::size_t bound = nghttp2_hd_deflate_bound(deflater_, items.data(), headers.size());
    std::span<std::uint8_t> room = block_.extend(bound);
    const ssize_t size =
        nghttp2_hd_deflate_hd(deflater_, room.data(), room.size(), items.data(), headers.size());
    VT_ASSERT(size >= 0);  // it fails only without memory or room
    block_.truncate(static_cast<std::size_t>(size));
    if (is_indexes(block_.view())) {
        remember(headers);
    } else {
        for (Known& each : known_) each.headers.clear();
    }
    return block_.view();
}

void HeaderEncoder::remember(std::span<const Header> headers) {
    Known& known = known_[next_];
    next_ = (next_ + 1) % known_.size();
    known.headers.assign(headers.begin(), headers.end());
    known.copies.clear();
    known.copies.reserve(2 * headers.size());
    for (Header& header : known.headers) {
        if (!header.copied) continue;
        header.name = known.copies.emplace_back(header.name);
        header.value = known.copies.emplace_back(header.value);
    }
    known.block.clear();
    known.block.append(block_.view());
}

HeaderDecoder::HeaderDecoder() {
    VT_ASSERT(nghttp2_hd_inflate_new(&inflater_) == 0);
}

HeaderDecoder::~HeaderDecoder() {
    nghttp2_hd_inflate_del(inflater_);
}

namespace {

using Field = HeaderDecoder::Field;
using Kind = HeaderDecoder::Kind;

bool is_valid(const Field& field) {
    const auto* const name = reinterpret_cast<const std::uint8_t*>(field.name.data());
    const auto* const value = reinterpret_cast<const std::uint8_t*>(field.value.data());
    // Pseudo headers have known names; the first character of others is looked at as well.
    return nghttp2_check_header_name(name, field.name.size()) != 0 &&
           nghttp2_check_header_value(value, field.value.size()) != 0;
}

template <class Number>
bool read_number(std::string_view text, Number* number) {
    const auto read = std::from_chars(text.data(), text.data() + text.size(), *number);
    return read.ec == std::errc() && read.ptr == text.data() + text.size();
}

// RFC 9113, 8.2 and 8.3: what makes a message malformed.
class Rules {
 public:
    Rules(Kind kind, HeaderDecoder::Block* block) : kind_(kind), block_(block) {}

    bool take(const Field& field) {
        if (!is_valid(field)) return false;
        if (field.name.starts_with(':')) return !regular_ && take_pseudo(field);
        regular_ = true;
        if (field.name == "te") return field.value == "trailers";
        for (const std::string_view of_connection :
             {"connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade"}) {
            if (field.name == of_connection) return false;
        }
        if (field.name != "content-length" || kind_ == Kind::trailers) return true;
        return block_->content_length < 0 && read_number(field.value, &block_->content_length) &&
               block_->content_length >= 0;
    }
    bool end() const {
        if (kind_ == Kind::request) return method_ && scheme_ && path_;
        return kind_ == Kind::trailers || status_;
    }

 private:
    bool take_pseudo(const Field& field) {
        const auto once = [](bool* seen) { return !std::exchange(*seen, true); };
        if (kind_ == Kind::request) {
            if (field.name == ":method") return !field.value.empty() && once(&method_);
            if (field.name == ":scheme") return !field.value.empty() && once(&scheme_);
            if (field.name == ":path") return !field.value.empty() && once(&path_);
            return field.name == ":authority" && once(&authority_);
        }
        if (kind_ != Kind::answer || field.name != ":status" || !once(&status_)) return false;
        int status = 0;
        if (field.value.size() != 3 || !read_number(field.value, &status)) return false;
        block_->informational = status >= 100 && status < 200;
        return status >= 100 && status != 101;  // HTTP/2 has no 101 (RFC 9113, 8.6)
    }

    Kind kind_;
    HeaderDecoder::Block* block_;
    bool regular_ = false, method_ = false, scheme_ = false, path_ = false, authority_ = false;
    bool status_ = false;
};

}  // namespace

HeaderDecoder::Block HeaderDecoder::inflate(Kind kind, Bytes block, std::size_t limit) {
    Block told;
    Rules rules(kind, &told);
    bytes_.clear();
    fields_.clear();
    std::vector<std::pair<std::size_t, std::size_t>> sizes;
    const std::uint8_t* at = block.data();
    std::size_t left = block.size();
    for (;;) {
        nghttp2_nv item;
        int flags = 0;
        const ssize_t used = nghttp2_hd_inflate_hd2(inflater_, &item, &flags, at, left, 1);
        if (used < 0) {
            told.outcome = Outcome::broken;
            return told;
        }
        at += used;
        left -= static_cast<std::size_t>(used);
        if ((flags & NGHTTP2_HD_INFLATE_EMIT) != 0) {
            const Field field{text_of(item.name, item.namelen), text_of(item.value, item.valuelen)};
            told.list_size += field.name.size() + field.value.size() + list_overhead;
            if (told.list_size <= limit) {
                if (!rules.take(field)) told.outcome = Outcome::malformed;
                sizes.emplace_back(field.name.size(), field.value.size());
                bytes_.append(field.name).append(field.value);
            }
        }
        if ((flags & NGHTTP2_HD_INFLATE_FINAL) != 0) break;
        if ((flags & NGHTTP2_HD_INFLATE_EMIT) == 0 && left == 0) break;
    }
    nghttp2_hd_inflate_end_headers(inflater_);
    if (!rules.end() && told.list_size <= limit) told.outcome = Outcome::malformed;
    std::string_view rest = bytes_;
    for (const auto& [name, value] : sizes) {
        fields_.push_back({rest.substr(0, name), rest.substr(name, value)});
        rest.remove_prefix(name + value);
    }
    told.fields = fields_;
    return told;
}

HeaderDecoder::Block HeaderDecoder::decode(Kind kind, Bytes block, std::size_t limit) {
    const bool indexes = is_indexes(block);
    if (indexes) {
        const std::string_view bytes = text_of(block.data(), block.size());
        for (const Known& known : known_) {
            if (known.kind == kind && known.block == bytes) return known.told;
        }
    } else {
        for (Known& known : known_) known.block.clear();  // its table may have changed
    }
    const Block told = inflate(kind, block, limit);
    if (indexes && told.outcome == Outcome::good && told.list_size <= limit)
        remember(kind, block, told);
    return told;
}

void HeaderDecoder::remember(Kind kind, Bytes block, const Block& told) {
    Known& known = known_[next_];
    next_ = (next_ + 1) % known_.size();
    known.kind = kind;
    known.block = text_of(block.data(), block.size());
    known.bytes = bytes_;
    known.fields.clear();
    std::string_view rest = known.bytes;
    for (const Field& field : told.fields) {
        known.fields.push_back({rest.substr(0, field.name.size()),
                                rest.substr(field.name.size(), field.value.size())});
        rest.remove_prefix(field.name.size() + field.value.size());
    }
    known.told = told;
    known.told.fields = known.fields;
}

}  // namespace sluice::rpc::detail
