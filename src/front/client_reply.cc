// Step 10 of a request: rows go back to the client. Before: engine/route.cc or
// tablet/mysql_tablet.cc.
#include "front/client_reply.h"

#include <algorithm>
#include <cstring>

#include "wire/result_set.h"

namespace sluice::front {
namespace {

// An answer up to this size leaves in one write with its end; larger ones go out in pieces.
constexpr std::size_t flush_size = 64 * 1024;

}  // namespace

ClientReply::ClientReply(async::Stream* stream, wire::Bytes* out, wire::Capabilities negotiated,
                         bool binary, std::uint8_t first_sequence)
    : stream_(stream),
      out_(out),
      negotiated_(negotiated),
      start_(out->size()),
      first_sequence_(first_sequence) {
    binary_ = binary;
    sequence = first_sequence;
}

Result<void> ClientReply::write_definitions(const tablet::ColumnPackets& columns,
                                            wire::PacketWriter& writer) const {
    const wire::Renaming schema{columns.database, columns.keyspace};
    const wire::ColumnRenamings renamings{.schemas = columns.database.empty()
                                                         ? std::span<const wire::Renaming>()
                                                         : std::span(&schema, 1),
                                          .tables = {}};
    wire::ByteView rest = columns.packets;
    for (std::uint32_t index = 0; index < columns.count; ++index) {
        const auto frame = wire::next_frame(rest);
        const auto* whole = std::get_if<wire::Frame>(&frame);
        if (whole == nullptr) return bug("column definitions are cut short");
        rest = rest.subspan(whole->size());
        const auto renamed = std::ranges::find_if(names_, [&](const executor::ColumnName& name) {
            return name.column == (name.from_end ? columns.count - 1 - index : index);
        });
        if (renamed == names_.end()) {
            TRY(wire::write_renamed_column(writer, whole->payload, renamings));
            continue;
        }
        wire::ColumnDefinition definition = TRY(wire::parse_column(whole->payload));
        // SHOW TABLES of MySQL names its column after the database in both places; a tablet has
        // renamed one of them.
        const bool listing = definition.org_name.starts_with("Tables_in_");
        if (listing || definition.org_name == definition.name) definition.org_name = renamed->name;
        definition.name = renamed->name;
        if (definition.schema == columns.database) definition.schema = columns.keyspace;
        wire::write_column(writer, definition);
    }
    return {};
}

// True if the plan has seen exactly these definitions before: their renamed form is copied.
bool ClientReply::replay(const tablet::ColumnPackets& columns) {
    if (memory_ == nullptr || !names_.empty() || sequence != 1) return false;
    for (const executor::ColumnMemory::Entry& entry : memory_->entries) {
        if (entry.received.size() != columns.packets.size() || entry.received.empty() ||
            std::memcmp(entry.received.data(), columns.packets.data(), columns.packets.size()) !=
                0) {
            continue;
        }
        out_->append(entry.forwarded.view());
        sequence = static_cast<std::uint8_t>(sequence + 1 + columns.count);
        return true;
    }
    return false;
}

void ClientReply::remember(const tablet::ColumnPackets& columns, std::size_t from) {
    if (memory_ == nullptr || !names_.empty() || first_sequence_ != 1 ||
        columns.packets.size() > flush_size)
        return;
    executor::ColumnMemory::Entry& entry = memory_->entries[memory_->next];
    memory_->next = (memory_->next + 1) % memory_->entries.size();
    entry.received.clear();
    entry.received.append(columns.packets);
    entry.forwarded.clear();
    entry.forwarded.append(out_->view().subspan(from));
}

Result<void> ClientReply::keep(const tablet::ColumnPackets& columns) {
    kept_packets_.append(columns.packets);
    kept_keyspace_ = columns.keyspace;
    wire::ByteView rest = kept_packets_.view();
    for (std::uint32_t index = 0; index < columns.count; ++index) {
        const auto frame = wire::next_frame(rest);
        const auto* whole = std::get_if<wire::Frame>(&frame);
        if (whole == nullptr) return bug("column definitions are cut short");
        rest = rest.subspan(whole->size());
        wire::ColumnDefinition definition = TRY(wire::parse_column(whole->payload));
        if (!columns.database.empty() && definition.schema == columns.database)
            definition.schema = kept_keyspace_;
        kept_.push_back(definition);
    }
    return {};
}

Result<void> ClientReply::columns(const tablet::ColumnPackets& columns) {
    if (keep_columns_) return keep(columns);
    VT_ASSERT(!has_columns_);
    has_columns_ = true;
    if (!replay(columns)) {
        const std::size_t from = out_->size();
        wire::PacketWriter writer(out_, sequence);
        wire::ResultSetWriter(&writer, negotiated_, wire::RowFormat::text)
            .column_count(columns.count);
        TRY(write_definitions(columns, writer));
        sequence = writer.sequence();
        remember(columns, from);
    }
    if ((negotiated_ & wire::capability::deprecate_eof) == 0) {
        wire::PacketWriter writer(out_, sequence);
        wire::write_eof(writer, {.warnings = 0, .status = 0});
        sequence = writer.sequence();
    }
    return {};
}

Result<tablet::RowSink::Take> ClientReply::rows(const tablet::RowRun& run) {
    if (keep_columns_) return Take::more;
    inside_row_ = run.ends_inside;
    if (out_->size() + run.packets.size() <= flush_size) {
        out_->append(wire::ByteView(run.packets));
        if (queue_ != nullptr) queue_->enter(this, delay_);
        return Take::more;
    }
    pending_ = run.packets;
    return Take::full;
}

void ClientReply::send_late_rows(FlushQueue* queue, std::chrono::milliseconds delay,
                                 async::Scope* scope, Stop* stop) {
    queue_ = queue;
    delay_ = delay;
    scope_ = scope;
    stop_ = stop;
}

void ClientReply::flush_due() {
    if (!sending_late_ && !out_->empty()) scope_->spawn("late rows", send_late(this));
}

// The bytes move to a buffer of their own: more rows may come while the client takes these.
Task<void> ClientReply::send_late(ClientReply* self) {
    self->sending_late_ = true;
    self->committed_ = true;
    self->start_ = 0;
    self->late_.clear();
    std::swap(self->late_, *self->out_);
    const Result<void> written = co_await self->stream_->write(self->late_.view(), {}, self->stop_);
    if (!written) {
        self->inside_row_ = true;
        self->late_failure_ = written.error();
    }
    self->sending_late_ = false;
    self->late_sent_.wake_all();
}

// The write itself ends with the statement's stop or the connection's write time-out.
Task<void> ClientReply::settle() {
    leave();
    while (sending_late_) static_cast<void>(co_await late_sent_.wait(nullptr));
}

Task<Result<void>> ClientReply::drain(Stop* stop) {
    leave();
    if (sending_late_) co_await settle();
    if (late_failure_) co_return std::unexpected(*late_failure_);
    committed_ = true;
    const Result<void> written = co_await stream_->write(out_->view(), pending_, stop);
    pending_ = {};
    out_->clear();
    start_ = 0;
    if (!written) inside_row_ = true;
    co_return written;
}

void ClientReply::finish(const executor::Ending& ending, bool more) {
    leave();
    wire::PacketWriter writer(out_, sequence);
    const auto status =
        static_cast<wire::Status>(ending.status | (more ? wire::status::more_results : 0));
    const wire::OkPacket ok{.affected_rows = ending.affected_rows,
                            .insert_id = ending.insert_id,
                            .status = status,
                            .warnings = ending.warnings,
                            .info = ending.text,
                            .session_state = {}};
    if (has_columns_) {
        wire::write_end(writer, ok, negotiated_);
    } else {
        wire::write_ok(writer, ok, negotiated_);
    }
    sequence = writer.sequence();
}

void ClientReply::refuse(const Error& error) {
    leave();
    if (!committed_) {
        out_->truncate(start_);
        sequence = first_sequence_;
        inside_row_ = false;
    }
    wire::PacketWriter writer(out_, sequence);
    wire::write_err(writer, error);
    sequence = writer.sequence();
}

}  // namespace sluice::front
