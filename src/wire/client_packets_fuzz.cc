// What a client may send: frames in chunks, then every command's parser.
#include <algorithm>

#include "wire/request.h"
#include "wire/statement.h"

using namespace sluice::wire;

namespace {

void parse_all(ByteView message) {
    (void)command_text(message);
    (void)parse_field_list(message);
    (void)parse_set_option(message);
    (void)parse_process_kill(message);
    (void)parse_long_data(message);
    (void)parse_fetch(message);
    (void)parse_statement_id(message);
    const std::vector<ParameterType> kept(3, ParameterType{.field = field_type::longlong});
    for (const std::size_t parameters :
         {std::size_t{0}, std::size_t{1}, std::size_t{3}, std::size_t{65535}}) {
        const auto execute = parse_execute(
            message, {.parameters = parameters,
                      .types = std::span(kept).first(std::min<std::size_t>(parameters, 3)),
                      .long_data = {}});
        if (!execute) continue;
        Bytes out;
        PacketWriter writer(&out);
        write_execute(writer, execute->statement, execute->cursor, execute->parameters);
        for (const Parameter& parameter : execute->parameters) (void)value_of(parameter);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::size_t chunk = std::max<std::size_t>(1, data[0]);
    const ByteView input = ByteView(data, size).subspan(1);
    parse_all(input);
    MessageCutter cutter(1 << 16);
    Bytes buffer;
    for (std::size_t at = 0; at < input.size();) {
        const std::size_t take = std::min(chunk, input.size() - at);
        buffer.append(input.subspan(at, take));
        at += take;
        for (;;) {
            const auto cut = cutter.cut(buffer.view());
            if (!cut) return 0;
            if (cut->message) parse_all(*cut->message);
            buffer.discard_front(cut->consumed);
            if (!cut->message) break;
            cutter.expect(0);
        }
    }
    return 0;
}
