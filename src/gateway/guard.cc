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

// The first definition in `packets`, which is moved past it.
Result<wire::ColumnDefinition> take_column(std::span<const std::uint8_t>* packets) {
    const auto step = wire::next_frame(*packets);
    const auto* frame = std::get_if<wire::Frame>(&step);
    if (frame == nullptr) return bug("column definitions end in the middle of a packet");
    *packets = packets->subspan(frame->size());
    return wire::parse_column(frame->payload);
}

std::unexpected<Error> differ(std::string_view what, std::string_view column) {
    std::string text = "shards answer with different ";
    text.append(what);
    if (!column.empty()) text.append(" for column '").append(column).append("'");
    return fail(Code::failed_precondition, er::unknown_error, std::move(text));
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
    std::span<const std::uint8_t> left = packets_;
    std::span<const std::uint8_t> right = columns.packets;
    for (std::uint32_t i = 0; i < count_; ++i) {
        const wire::ColumnDefinition a = TRY(take_column(&left));
        const wire::ColumnDefinition b = TRY(take_column(&right));
        if (a.type != b.type) return differ("types", a.name);
        if (a.charset != b.charset) return differ("character sets", a.name);
        if (((a.flags ^ b.flags) & wire::column_flag::unsigned_) != 0) {
            return differ("signedness", a.name);
        }
        if (((a.flags ^ b.flags) & flags_of_type) != 0) return differ("types", a.name);
    }
    return {};
}

}  // namespace sluice::gateway
