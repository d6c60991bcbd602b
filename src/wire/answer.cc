// Step 10 of a request: the short answers, from shards and to clients. Before: wire/response.cc.
// After: wire/result_set.cc.
#include "wire/answer.h"

#include "wire/detail/fields.h"

namespace sluice::wire {
namespace {

// Grammar: header(1) affected_rows<lenenc> insert_id<lenenc> status(2) warnings(2), then the texts
// below.
template <class F, class Message>
void fields(F& f, Message& ok) {
    f.lenenc(ok.affected_rows);
    f.lenenc(ok.insert_id);
    f.u16(ok.status);
    f.u16(ok.warnings);
}

void write_ok_with(PacketWriter& out, std::uint8_t header, const OkPacket& ok,
                   Capabilities negotiated) {
    out.begin();
    detail::FieldWriter writer(out.out());
    writer.constant(header);
    fields(writer, ok);
    const bool changed = (negotiated & capability::session_track) != 0 &&
                         (ok.status & status::session_state_changed) != 0;
    if (changed || !ok.info.empty()) writer.text(ok.info);
    if (changed) writer.text(ok.session_state);
    out.end();
}

}  // namespace

// Grammar: the fields, [info<lenenc> [session_state<lenenc>]], the state only under session_track.
// Without it the manual has info<EOF>, but MySQL and MariaDB write, and their clients read, a
// length there too: info<EOF> is taken only if it does not begin with its length. What is empty is
// left out.
Result<OkPacket> parse_ok(ByteView payload, Capabilities negotiated) {
    detail::FieldReader reader(payload);
    OkPacket ok;
    std::uint8_t header = 0;
    reader.u8(header);
    if (header != ok_header && header != end_header) return detail::malformed("OK");
    fields(reader, ok);
    if ((negotiated & capability::session_track) == 0) {
        reader.rest(ok.info);
        detail::FieldReader inner(bytes_of(ok.info));
        std::string_view counted;
        if (reader.ok() && !ok.info.empty()) inner.text(counted);
        if (!counted.empty() && inner.complete()) ok.info = counted;
    } else if (reader.left() > 0) {
        reader.text(ok.info);
        if ((ok.status & status::session_state_changed) != 0 && reader.left() > 0)
            reader.text(ok.session_state);
    }
    if (!reader.complete()) return detail::malformed("OK");
    return ok;
}

// Grammar: 0xff number(2) ["#" state(5)] message<EOF>. A server that refuses a connection at once
// sends no state.
Result<ErrPacket> parse_err(ByteView payload) {
    detail::FieldReader reader(payload);
    ErrPacket err;
    reader.constant(err_header);
    reader.u16(err.number);
    if (reader.peek() == '#' && reader.left() >= 6) {
        reader.constant('#');
        reader.raw(err.state, 5);
    }
    reader.rest(err.message);
    if (!reader.complete()) return detail::malformed("ERR");
    return err;
}

// Grammar: 0xfe warnings(2) status(2).
Result<EofPacket> parse_eof(ByteView payload) {
    detail::FieldReader reader(payload);
    EofPacket eof;
    reader.constant(end_header);
    reader.u16(eof.warnings);
    reader.u16(eof.status);
    if (!reader.complete()) return detail::malformed("EOF");
    return eof;
}

void write_ok(PacketWriter& out, const OkPacket& ok, Capabilities negotiated) {
    write_ok_with(out, ok_header, ok, negotiated);
}

void write_end(PacketWriter& out, const OkPacket& ok, Capabilities negotiated) {
    if ((negotiated & capability::deprecate_eof) != 0)
        return write_ok_with(out, end_header, ok, negotiated);
    write_eof(out, {.warnings = ok.warnings, .status = ok.status});
}

void write_eof(PacketWriter& out, const EofPacket& eof) {
    out.begin();
    detail::FieldWriter writer(out.out());
    writer.constant(end_header);
    writer.u16(eof.warnings);
    writer.u16(eof.status);
    out.end();
}

void write_err(PacketWriter& out, const Error& error) {
    out.begin();
    detail::FieldWriter writer(out.out());
    writer.constant(err_header);
    writer.u16(error.number);
    writer.constant('#');
    writer.raw(error.sqlstate(), 5);
    writer.rest(error.text);
    out.end();
}

Error to_error(const ErrPacket& err, Code code) {
    if (err.state.size() != 5) return make_error(code, err.number, std::string(err.message));
    return make_error(code, err.number, err.state, std::string(err.message));
}

}  // namespace sluice::wire
