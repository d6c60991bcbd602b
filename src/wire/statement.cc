// Steps 2 and 10 of a request: prepared statements, asked by clients and passed to shards. Before:
// wire/packet.cc. After: front's statements, mysql's handles.
#include "wire/statement.h"

#include "wire/detail/binary_value.h"

namespace sluice::wire {

// Grammar: 0x00 statement(4) columns(2) parameters(2) 0x00 warnings(2).
template <class F, detail::Of<PrepareOk> Message>
static void fields(F& f, Message& prepared) {
    f.constant(ok_header);
    f.u32(prepared.statement);
    f.u16(prepared.columns);
    f.u16(prepared.parameters);
    f.reserved(1);
    f.u16(prepared.warnings);
}

// Grammar: 0x18 statement(4) parameter(2) chunk<EOF>.
template <class F, detail::Of<LongData> Message>
static void fields(F& f, Message& data) {
    f.constant(static_cast<std::uint8_t>(Command::stmt_send_long_data));
    f.u32(data.statement);
    f.u16(data.parameter);
    f.rest(data.chunk);
}

// Grammar: 0x1c statement(4) rows(4).
template <class F, detail::Of<StatementFetch> Message>
static void fields(F& f, Message& fetch) {
    f.constant(static_cast<std::uint8_t>(Command::stmt_fetch));
    f.u32(fetch.statement);
    f.u32(fetch.rows);
}

namespace {

constexpr std::uint8_t unsigned_parameter = 0x80;

std::unexpected<Error> wrong_execute() {
    return fail(Code::invalid_argument, er::wrong_arguments,
                "Incorrect arguments to mysqld_stmt_execute");
}

// What a decimal parameter must look like to be spliced as a number.
bool is_decimal(std::string_view text) {
    if (!text.empty() && (text.front() == '-' || text.front() == '+')) text.remove_prefix(1);
    std::size_t digits = 0, points = 0;
    for (const char c : text) {
        if (c >= '0' && c <= '9') {
            ++digits;
        } else if (c == '.') {
            ++points;
        } else {
            return false;
        }
    }
    return digits > 0 && points <= 1;
}

Type string_type(const Parameter& parameter) {
    switch (parameter.type.field) {
        case field_type::decimal:
        case field_type::newdecimal:
            return is_decimal(text_of(parameter.raw)) ? Type::decimal : Type::varchar;
        case field_type::tiny_blob:
        case field_type::medium_blob:
        case field_type::long_blob:
        case field_type::blob:
        case field_type::bit:
        case field_type::geometry:
        case field_type::vector:
            return Type::varbinary;
        default:
            return Type::varchar;
    }
}

void put_execute_head(Bytes& out, std::uint32_t statement, std::uint8_t cursor) {
    out.push(static_cast<std::uint8_t>(Command::stmt_execute));
    detail::put_uint(out, statement, 4);
    out.push(cursor);
    detail::put_uint(out, 1, 4);
}

// Appends the NULL bits and "types follow"; `is_null(i)` tells.
template <class IsNull>
void put_nulls(Bytes& out, std::size_t count, IsNull is_null) {
    const std::size_t size = (count + 7) / 8;
    std::uint8_t* const bits = out.extend(size);
    std::memset(bits, 0, size);
    for (std::size_t i = 0; i < count; ++i) {
        if (is_null(i)) bits[i / 8] = static_cast<std::uint8_t>(bits[i / 8] | 1U << i % 8);
    }
    out.push(1);
}

void put_type(Bytes& out, ParameterType type) {
    out.push(type.field);
    out.push(type.is_unsigned ? unsigned_parameter : 0);
}

ParameterType parameter_type(Type type) {
    if (is_integral(type)) return {.field = field_type::longlong, .is_unsigned = is_unsigned(type)};
    if (is_float(type)) return {.field = field_type::double_};
    if (type == Type::decimal) return {.field = field_type::newdecimal};
    if (is_binary(type)) return {.field = field_type::blob};
    if (type == Type::null_type) return {.field = field_type::null};
    return {.field = field_type::var_string};
}

// One parameter of COM_STMT_EXECUTE; a failed reader if its bytes are not there.
void read_parameter(detail::FieldReader& reader, Parameter& parameter) {
    if (parameter.type.field == field_type::null) {
        parameter.null = true;
        return;
    }
    parameter.raw = detail::read_raw(reader, parameter.type.field);
}

}  // namespace

Result<PrepareOk> parse_prepare_ok(ByteView payload) {
    detail::FieldReader reader(payload);
    PrepareOk prepared;
    fields(reader, prepared);
    // With optional metadata a further byte may follow.
    if (!reader.ok()) return detail::malformed("COM_STMT_PREPARE answer");
    return prepared;
}

void write_prepare_ok(PacketWriter& out, const PrepareOk& prepared) {
    detail::write_message(out, prepared);
}

void write_prepare_response(PacketWriter& out, std::uint32_t statement, std::uint16_t parameters,
                            std::span<const ColumnDefinition> columns, Capabilities negotiated,
                            Status status) {
    const bool with_eof = (negotiated & capability::deprecate_eof) == 0;
    write_prepare_ok(out, {.statement = statement,
                           .columns = static_cast<std::uint16_t>(columns.size()),
                           .parameters = parameters});
    ColumnDefinition question;
    question.name = "?";
    question.flags = column_flag::binary;
    for (std::size_t i = 0; i < parameters; ++i) write_column(out, question);
    if (parameters > 0 && with_eof) write_eof(out, {.status = status});
    for (const ColumnDefinition& column : columns) write_column(out, column);
    if (!columns.empty() && with_eof) write_eof(out, {.status = status});
}

Result<PrepareReader::Step> PrepareReader::feed(ByteView payload) {
    if (done_ || payload.empty()) return detail::malformed("COM_STMT_PREPARE answer");
    if (payload[0] == err_header) {
        done_ = true;
        return Step::refused;
    }
    if (!started_) {
        prepared_ = TRY(parse_prepare_ok(payload));
        started_ = true;
        const bool with_eof = (negotiated_ & capability::deprecate_eof) == 0;
        parameters_left_ = prepared_.parameters;
        columns_left_ = prepared_.columns;
        parameters_end_ = with_eof && parameters_left_ > 0;
        columns_end_ = with_eof && columns_left_ > 0;
        done_ = parameters_left_ == 0 && columns_left_ == 0;
        return Step::more;
    }
    if (parameters_left_ > 0) return definition(Step::parameter, parameters_left_);
    if (parameters_end_) {
        TRY(parse_eof(payload));
        parameters_end_ = false;
        done_ = columns_left_ == 0;
        return Step::more;
    }
    if (columns_left_ > 0) return definition(Step::column, columns_left_);
    TRY(parse_eof(payload));
    columns_end_ = false;
    done_ = true;
    return Step::more;
}

PrepareReader::Step PrepareReader::definition(Step what, std::uint16_t& left) {
    --left;
    done_ = parameters_left_ == 0 && columns_left_ == 0 && !parameters_end_ && !columns_end_;
    return what;
}

Result<std::uint32_t> parse_statement_id(ByteView payload) {
    if (payload.size() < 5) return wrong_execute();
    return detail::load<std::uint32_t>(payload.data() + 1);
}

// Grammar: 0x17 statement(4) cursor(1) iterations(4) [nulls((parameters + 7) / 8) types_follow(1)
// [type(2)*] value*], the bracket only if the statement has parameters. No value is there for NULL
// and for long data.
Result<void> parse_execute(ByteView payload, const KnownStatement& known, Execute& execute) {
    detail::FieldReader reader(payload);
    std::string_view nulls;
    std::uint8_t types_follow = 0;
    reader.constant(static_cast<std::uint8_t>(Command::stmt_execute));
    reader.u32(execute.statement);
    reader.u8(execute.cursor);
    reader.u32(execute.iterations);
    execute.types_sent = false;
    execute.parameters.clear();
    if (known.parameters == 0 && reader.ok()) return {};
    reader.raw(nulls, (known.parameters + 7) / 8);
    reader.u8(types_follow);
    execute.types_sent = types_follow != 0;
    if (!reader.ok() || types_follow > 1) return wrong_execute();
    if (execute.types_sent ? reader.left() < 2 * known.parameters
                           : known.types.size() != known.parameters) {
        return wrong_execute();
    }
    execute.parameters.assign(known.parameters, Parameter());
    for (std::size_t i = 0; i < known.parameters; ++i) {
        ParameterType& type = execute.parameters[i].type;
        if (!execute.types_sent) {
            type = known.types[i];
            continue;
        }
        std::uint8_t flags = 0;
        reader.u8(type.field);
        reader.u8(flags);
        type.is_unsigned = (flags & unsigned_parameter) != 0;
    }
    for (std::size_t i = 0; i < known.parameters; ++i) {
        Parameter& parameter = execute.parameters[i];
        if (i < known.long_data.size() && known.long_data[i]) {
            parameter.long_data = true;
            parameter.raw = *known.long_data[i];
        } else if ((static_cast<std::uint8_t>(nulls[i / 8]) >> i % 8 & 1) != 0) {
            parameter.null = true;
        } else {
            read_parameter(reader, parameter);
        }
    }
    // mysql2 for node leaves a spare byte for each NULL at the end; servers do not look there.
    if (!reader.ok()) return wrong_execute();
    return {};
}

Result<Execute> parse_execute(ByteView payload, const KnownStatement& known) {
    Execute execute;
    TRY(parse_execute(payload, known, execute));
    return execute;
}

void write_execute(PacketWriter& out, std::uint32_t statement, std::uint8_t cursor,
                   std::span<const Parameter> parameters) {
    Bytes& bytes = out.out();
    out.begin();
    put_execute_head(bytes, statement, cursor);
    if (!parameters.empty()) {
        put_nulls(bytes, parameters.size(), [&](std::size_t i) { return parameters[i].null; });
        for (const Parameter& parameter : parameters) put_type(bytes, parameter.type);
        for (const Parameter& parameter : parameters) {
            if (parameter.null || parameter.long_data) continue;
            const detail::Shape shape = detail::layout_of(parameter.type.field).shape;
            if (shape == detail::Shape::date || shape == detail::Shape::time) {
                bytes.push(static_cast<std::uint8_t>(parameter.raw.size()));
            } else if (shape == detail::Shape::string) {
                detail::put_lenenc(bytes, parameter.raw.size());
            }
            bytes.append(parameter.raw);
        }
    }
    out.end();
}

void write_execute(PacketWriter& out, std::uint32_t statement, std::uint8_t cursor,
                   std::span<const ValueView> values) {
    Bytes& bytes = out.out();
    out.begin();
    put_execute_head(bytes, statement, cursor);
    if (!values.empty()) {
        put_nulls(bytes, values.size(), [&](std::size_t i) { return values[i].is_null(); });
        const std::size_t types = bytes.size();
        for (const ValueView& value : values) put_type(bytes, parameter_type(value.type));
        for (std::size_t i = 0; i < values.size(); ++i) {
            if (values[i].is_null()) continue;
            const ParameterType type = parameter_type(values[i].type);
            const std::size_t before = bytes.size();
            if (detail::put_value(bytes, type.field, type.is_unsigned, values[i].bytes)) continue;
            // A number in a form that has no binary one, for example with leading blanks: the
            // server reads the text.
            bytes.truncate(before);
            bytes[types + 2 * i] = field_type::var_string;
            bytes[types + 2 * i + 1] = 0;
            detail::put_text(bytes, values[i].bytes);
        }
    }
    out.end();
}

Result<Value> value_of(const Parameter& parameter) {
    if (parameter.null) return Value{};
    Value value;
    if (parameter.long_data) {
        value.type = string_type(parameter);
        value.bytes = text_of(parameter.raw);
        return value;
    }
    const detail::Printing printing{.field = parameter.type.field,
                                    .is_unsigned = parameter.type.is_unsigned,
                                    .decimals = not_fixed_decimals,
                                    .widen = true};
    if (!detail::append_value_text(value.bytes, printing, parameter.raw)) return wrong_execute();
    switch (detail::layout_of(parameter.type.field).shape) {
        case detail::Shape::integer:
            value.type = parameter.type.is_unsigned ? Type::uint64 : Type::int64;
            break;
        case detail::Shape::real:
            value.type = Type::float64;
            break;
        case detail::Shape::string:
            value.type = string_type(parameter);
            break;
        case detail::Shape::none:
        case detail::Shape::date:
        case detail::Shape::time:
            value.type = Type::varchar;
            break;
    }
    return value;
}

Result<LongData> parse_long_data(ByteView payload) {
    return detail::parse_exactly<LongData>(payload, "COM_STMT_SEND_LONG_DATA");
}
void write_long_data(PacketWriter& out, const LongData& data) {
    detail::write_message(out, data);
}

void write_statement_command(PacketWriter& out, Command command, std::uint32_t statement) {
    out.begin();
    out.out().push(static_cast<std::uint8_t>(command));
    detail::put_uint(out.out(), statement, 4);
    out.end();
}

Result<StatementFetch> parse_fetch(ByteView payload) {
    return detail::parse_exactly<StatementFetch>(payload, "COM_STMT_FETCH");
}
void write_fetch(PacketWriter& out, const StatementFetch& fetch) {
    detail::write_message(out, fetch);
}

}  // namespace sluice::wire
