// Between shards and a merged result: the definitions of all shards must mean the same rows.
#include "gateway/guard.h"

#include <cstring>
#include <variant>

#include "wire/column.h"
#include "wire/packet.h"

namespace sluice::gateway {
namespace {

constexpr std::uint16_t flags_of_type =
    wire::column_flag::unsigned_ | wire::column_flag::enum_ | wire::column_flag::set;

struct Told {
    wire::ColumnDefinition column;
    std::span<const std::uint8_t> packet;
};

// The first definition in `packets`, which is moved past it.
Result<Told> take_column(std::span<const std::uint8_t>* packets) {
    const auto step = wire::next_frame(*packets);
    const auto* frame = std::get_if<wire::Frame>(&step);
    if (frame == nullptr) return bug("column definitions end in the middle of a packet");
    Told told{.column = TRY(wire::parse_column(frame->payload)),
              .packet = packets->first(frame->size())};
    *packets = packets->subspan(frame->size());
    return told;
}

// Bytes, however many there may be.
bool is_bytes(const wire::ColumnDefinition& column) {
    namespace type = wire::field_type;
    const bool is_blob = column.type >= type::tiny_blob && column.type <= type::blob;
    const bool is_string = column.type == type::varchar || column.type == type::var_string ||
                           column.type == type::string;
    return column.charset == wire::binary_charset && (is_blob || is_string);
}

std::unexpected<Error> differ(std::string_view what, std::string_view column) {
    std::string text = "shards answer with different ";
    text.append(what);
    if (!column.empty()) text.append(" for column '").append(column).append("'");
    return fail(Code::failed_precondition, er::unknown_error, std::move(text));
}

Result<void> compare(const wire::ColumnDefinition& a, const wire::ColumnDefinition& b) {
    if (a.type != b.type && !(is_bytes(a) && is_bytes(b))) return differ("types", a.name);
    if (a.charset != b.charset) return differ("character sets", a.name);
    if (((a.flags ^ b.flags) & wire::column_flag::unsigned_) != 0) {
        return differ("signedness", a.name);
    }
    if (((a.flags ^ b.flags) & flags_of_type) != 0) return differ("types", a.name);
    return {};
}

}  // namespace

tablet::ColumnPackets ColumnGuard::first() const {
    return {packets_, count_, binary_, database_, keyspace_};
}

Result<void> ColumnGuard::check(const tablet::ColumnPackets& columns) {
    if (!seen_) {
        seen_ = true;
        count_ = columns.count;
        binary_ = columns.binary;
        packets_.assign(columns.packets.begin(), columns.packets.end());
        database_ = columns.database;
        keyspace_ = columns.keyspace;
        return {};
    }
    if (columns.count != count_) return differ("column counts", {});
    if (columns.binary != binary_) return bug("shards answer in different row formats");
    if (columns.packets.size() == packets_.size() &&
        std::memcmp(columns.packets.data(), packets_.data(), packets_.size()) == 0) {
        return {};
    }
    return check_each(columns.packets);
}

Result<void> ColumnGuard::check_each(std::span<const std::uint8_t> right) {
    std::span<const std::uint8_t> left = packets_;
    std::vector<std::uint8_t> better;
    bool improved = false;
    for (std::uint32_t i = 0; i < count_; ++i) {
        const Told a = TRY(take_column(&left));
        const Told b = TRY(take_column(&right));
        // A column of NULL's type has no other values, and those fit in anywhere.
        const bool nothing = b.column.type == wire::field_type::null;
        const bool improves = !told_ && !nothing && a.column.type == wire::field_type::null;
        if (!nothing && !improves) TRY(compare(a.column, b.column));
        const auto& packet = improves ? b.packet : a.packet;
        better.insert(better.end(), packet.begin(), packet.end());
        improved = improved || improves;
    }
    if (improved) packets_ = std::move(better);
    return {};
}

}  // namespace sluice::gateway
