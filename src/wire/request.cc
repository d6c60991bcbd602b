// Step 2 of a request: what a client asks. Before: wire/packet.cc. After: front's table of
// commands.
#include "wire/request.h"

#include "wire/detail/fields.h"

namespace sluice::wire {

// Grammar: 0x04 table<NUL> wildcard<EOF>.
template <class F, detail::Of<FieldList> Message>
static void fields(F& f, Message& list) {
    f.constant(static_cast<std::uint8_t>(Command::field_list));
    f.cstring(list.table);
    f.rest(list.wildcard);
}

// Grammar: 0x1b option(2).
template <class F, detail::Of<SetOption> Message>
static void fields(F& f, Message& set) {
    f.constant(static_cast<std::uint8_t>(Command::set_option));
    f.u16(set.option);
}

// Grammar: 0x0c connection(4).
template <class F, detail::Of<ProcessKill> Message>
static void fields(F& f, Message& kill) {
    f.constant(static_cast<std::uint8_t>(Command::process_kill));
    f.u32(kill.connection);
}

std::string_view command_text(ByteView payload) {
    return payload.empty() ? "" : text_of(payload.subspan(1));
}

void write_command(PacketWriter& out, Command command, std::string_view text) {
    out.begin();
    out.out().push(static_cast<std::uint8_t>(command));
    out.out().append(text);
    out.end();
}

Result<FieldList> parse_field_list(ByteView payload) {
    return detail::parse_exactly<FieldList>(payload, "COM_FIELD_LIST");
}
void write_field_list(PacketWriter& out, const FieldList& list) {
    detail::write_message(out, list);
}

Result<SetOption> parse_set_option(ByteView payload) {
    return detail::parse_exactly<SetOption>(payload, "COM_SET_OPTION");
}
void write_set_option(PacketWriter& out, const SetOption& option) {
    detail::write_message(out, option);
}

Result<ProcessKill> parse_process_kill(ByteView payload) {
    return detail::parse_exactly<ProcessKill>(payload, "COM_PROCESS_KILL");
}
void write_process_kill(PacketWriter& out, const ProcessKill& kill) {
    detail::write_message(out, kill);
}

}  // namespace sluice::wire
