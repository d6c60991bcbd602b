// Step 10 of a request: definitions under the names that the client knows. Before: response.cc.
// After: the client's socket.
#include "wire/column_cache.h"

#include "wire/detail/fields.h"

namespace sluice::wire {
namespace {

// The bytes of the first `count` packets of `input`; nullopt if they are not all there.
Result<std::optional<ByteView>> definition_block(ByteView input, std::uint64_t count,
                                                 std::uint8_t sequence) {
    std::size_t at = 0;
    for (std::uint64_t i = 0; i < count; ++i) {
        const auto next = next_frame(input.subspan(at));
        const Frame* const frame = std::get_if<Frame>(&next);
        if (frame == nullptr) return std::nullopt;
        if (frame->sequence != sequence++) {
            return fail(Code::internal, er::net_packets_out_of_order, "Got packets out of order");
        }
        if (frame->continues()) return detail::malformed("column definition");
        at += frame->size();
    }
    return input.first(at);
}

}  // namespace

Result<std::optional<std::size_t>> ColumnCache::forward(ByteView input, std::uint64_t count,
                                                        ResponseReader& reader,
                                                        const ColumnRenamings& renamings,
                                                        PacketWriter& out) {
    const std::size_t known = received_.size();
    if (known > 0 && count == count_ && input.size() >= known &&
        std::memcmp(input.data(), received_.data(), known) == 0) {
        ++hits_;
        replay(out);
        reader.skip_columns(input.first(known));
        return known;
    }
    const std::optional<ByteView> block =
        TRY(definition_block(input, count, reader.next_sequence()));
    if (!block) return std::nullopt;
    ++misses_;
    const std::uint8_t first_sequence = out.sequence();
    const std::size_t before = out.out().size();
    for (std::size_t at = 0; at < block->size();) {
        const Frame frame = std::get<Frame>(next_frame(block->subspan(at)));
        if (auto renamed = write_renamed_column(out, frame.payload, renamings); !renamed) {
            out.out().truncate(before);
            out.set_sequence(first_sequence);
            return std::unexpected(std::move(renamed).error());
        }
        at += frame.size();
    }
    reader.skip_columns(*block);
    received_.clear();
    forwarded_.clear();
    if (block->size() <= limit_) {
        count_ = count;
        first_sequence_ = first_sequence;
        received_.append(*block);
        forwarded_.append(out.out().view().subspan(before));
    }
    return block->size();
}

// The packets as they were, with sequence numbers of now.
void ColumnCache::replay(PacketWriter& out) const {
    const std::size_t start = out.out().size();
    out.out().append(forwarded_.view());
    std::uint8_t sequence = out.sequence();
    out.set_sequence(static_cast<std::uint8_t>(sequence + count_));
    if (sequence == first_sequence_) return;
    for (std::size_t at = start; at < out.out().size();) {
        out.out()[at + 3] = sequence++;
        at += header_size + detail::load<std::size_t>(out.out().data() + at, 3);
    }
}

}  // namespace sluice::wire
