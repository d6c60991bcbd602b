#pragma once
// Prepared statements. Payloads of commands start with the command byte; views point into the
// payload. Source: MySQL client/server protocol, "Prepared Statements". Query attributes are not
// negotiated.
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/error.h"
#include "values/value.h"
#include "wire/answer.h"
#include "wire/column.h"
#include "wire/command.h"
#include "wire/packet.h"

namespace sluice::wire {

// ---- COM_STMT_PREPARE ----

struct PrepareOk {
    std::uint32_t statement = 0;
    std::uint16_t columns = 0;
    std::uint16_t parameters = 0;
    std::uint16_t warnings = 0;

    bool operator==(const PrepareOk&) const = default;
};
Result<PrepareOk> parse_prepare_ok(ByteView payload);
void write_prepare_ok(PacketWriter& out, const PrepareOk& prepared);
// The whole answer: counts, a `?` for each parameter, the columns, and EOF packets where
// negotiated.
void write_prepare_response(PacketWriter& out, std::uint32_t statement, std::uint16_t parameters,
                            std::span<const ColumnDefinition> columns, Capabilities negotiated,
                            Status status);

// Reads a server's answer to COM_STMT_PREPARE, message by message.
class PrepareReader {
 public:
    explicit PrepareReader(Capabilities negotiated) : negotiated_(negotiated) {}

    enum class Step : std::uint8_t {
        more,       // nothing to tell, feed the next message
        parameter,  // the message defines a parameter
        column,     // the message defines a column
        refused,    // the message is an ERR: parse_err(payload)
    };
    // done() says after each call whether the answer is complete.
    Result<Step> feed(ByteView payload);
    bool done() const { return done_; }
    const PrepareOk& prepared() const { return prepared_; }

 private:
    Step definition(Step what, std::uint16_t& left);

    Capabilities negotiated_;
    PrepareOk prepared_;
    bool started_ = false, done_ = false;
    std::uint16_t parameters_left_ = 0, columns_left_ = 0;
    bool parameters_end_ = false, columns_end_ = false;  // an EOF is still to come
};

// ---- COM_STMT_EXECUTE ----

struct ParameterType {
    std::uint8_t field = field_type::var_string;
    bool is_unsigned = false;

    bool operator==(const ParameterType&) const = default;
};

// One parameter as it came. `raw` is the value without its length prefix (strings, dates), empty
// for NULL.
struct Parameter {
    ParameterType type;
    bool null = false;
    // Sent before by COM_STMT_SEND_LONG_DATA; `raw` points to the gathered bytes.
    bool long_data = false;
    ByteView raw{};
};

struct Execute {
    std::uint32_t statement = 0;
    std::uint8_t cursor = 0;       // 0 none, 1 read only
    std::uint32_t iterations = 1;  // always 1
    bool types_sent = false;  // this message carries types; the caller keeps those of `parameters`
    std::vector<Parameter> parameters{};
};

// What the caller remembers of the statement.
struct KnownStatement {
    std::size_t parameters = 0;
    // Of the last EXECUTE that sent them; empty if none did.
    std::span<const ParameterType> types{};
    // By parameter; may be shorter than `parameters`.
    std::span<const std::optional<ByteView>> long_data{};
};
// The statement id alone, to look the statement up before the rest is parsed.
Result<std::uint32_t> parse_statement_id(ByteView payload);
Result<Execute> parse_execute(ByteView payload, const KnownStatement& known);
// The same into an object that is kept from execution to execution, so that nothing is allocated.
Result<void> parse_execute(ByteView payload, const KnownStatement& known, Execute& execute);
// Always sends types. Parameters marked long_data must have been sent on this connection before.
void write_execute(PacketWriter& out, std::uint32_t statement, std::uint8_t cursor,
                   std::span<const Parameter> parameters);
// The same, of values (text form): integers as 64 bit, the rest as strings.
void write_execute(PacketWriter& out, std::uint32_t statement, std::uint8_t cursor,
                   std::span<const ValueView> values);

// The parameter as a value in text form: integers int64 or uint64, floats float64, decimals
// decimal, temporal values and strings varchar, blobs varbinary.
Result<Value> value_of(const Parameter& parameter);

// ---- the rest ----

struct LongData {
    std::uint32_t statement = 0;
    std::uint16_t parameter = 0;
    std::string_view chunk{};

    bool operator==(const LongData&) const = default;
};
Result<LongData> parse_long_data(ByteView payload);
void write_long_data(PacketWriter& out, const LongData& data);

// COM_STMT_CLOSE and COM_STMT_RESET.
void write_statement_command(PacketWriter& out, Command command, std::uint32_t statement);

struct StatementFetch {
    std::uint32_t statement = 0;
    std::uint32_t rows = 0;

    bool operator==(const StatementFetch&) const = default;
};
Result<StatementFetch> parse_fetch(ByteView payload);
void write_fetch(PacketWriter& out, const StatementFetch& fetch);

}  // namespace sluice::wire
