// The types of JSON_TABLE's columns.
#include <algorithm>
#include <utility>

#include "collation/charset.h"
#include "eval/detail/failure.h"
#include "eval/detail/json_column.h"
#include "eval/detail/types.h"
#include "sql/ast.h"

namespace sluice::eval {
namespace {

// Other words for a type.
constexpr std::pair<std::string_view, std::string_view> other_names[] = {
    {"int1", "tinyint"},
    {"int2", "smallint"},
    {"int3", "mediumint"},
    {"middleint", "mediumint"},
    {"int4", "int"},
    {"integer", "int"},
    {"int8", "bigint"},
    {"dec", "decimal"},
    {"numeric", "decimal"},
    {"fixed", "decimal"},
    {"float4", "float"},
    {"float8", "double"},
    {"double precision", "double"},
    {"real", "double"},
    {"long", "mediumtext"},
    {"long varchar", "mediumtext"},
    {"long varcharacter", "mediumtext"},
    {"long char varying", "mediumtext"},
    {"long character varying", "mediumtext"},
    {"long varbinary", "mediumblob"},
    {"character", "char"},
    {"char varying", "varchar"},
    {"character varying", "varchar"},
    {"varcharacter", "varchar"},
    {"national char", "nchar"},
    {"national character", "nchar"},
    {"national varchar", "nvarchar"},
    {"national varcharacter", "nvarchar"},
    {"national char varying", "nvarchar"},
    {"national character varying", "nvarchar"},
    {"nchar varchar", "nvarchar"},
    {"nchar varcharacter", "nvarchar"},
    {"nchar varying", "nvarchar"},
};

std::string canonical_name(const std::string& written) {
    std::string name = sql::lower_case(written);
    const auto* found = std::ranges::find(other_names, std::string_view(name),
                                          &std::pair<std::string_view, std::string_view>::first);
    return found == std::end(other_names) ? name : std::string(found->second);
}

struct IntegerKind {
    std::string_view name;
    Type type, natural;
    std::uint32_t length, natural_length;
    std::int64_t lowest;
    std::uint64_t highest, natural_highest;
};
constexpr IntegerKind integers[] = {
    {"tinyint", Type::int8, Type::uint8, 4, 3, INT8_MIN, INT8_MAX, UINT8_MAX},
    {"smallint", Type::int16, Type::uint16, 6, 5, INT16_MIN, INT16_MAX, UINT16_MAX},
    {"mediumint", Type::int24, Type::uint24, 9, 8, -0x800000, 0x7fffff, 0xffffff},
    {"int", Type::int32, Type::uint32, 11, 10, INT32_MIN, INT32_MAX, UINT32_MAX},
    {"bigint", Type::int64, Type::uint64, 20, 20, INT64_MIN, INT64_MAX, UINT64_MAX},
};

struct LongText {
    std::string_view name;
    bool binary;
    std::uint64_t bytes;
};
constexpr LongText long_texts[] = {
    {"tinytext", false, 0xff},       {"text", false, 0xffff},
    {"mediumtext", false, 0xffffff}, {"longtext", false, 0xffffffff},
    {"tinyblob", true, 0xff},        {"blob", true, 0xffff},
    {"mediumblob", true, 0xffffff},  {"longblob", true, 0xffffffff},
};

FieldType number_type(Type type, std::uint32_t length) {
    return {.type = type,
            .collation = binary_collation(),
            .coercibility = Coercibility::numeric,
            .nullable = true,
            .length = length};
}

bool is_one_of(std::string_view name, std::initializer_list<std::string_view> names) {
    return std::ranges::find(names, name) != names.end();
}

const collation::Collation* collation_of(const sql::JsonTableColumn& written,
                                         const Environment& environment) {
    const sql::ColumnType& type = *written.type;
    const collation::Charset* charset = nullptr;
    if (!type.charset.empty()) {
        charset = collation::find_charset(type.charset);
        if (charset == nullptr)
            raise(er::unknown_character_set, "Unknown character set: '" + type.charset + "'");
    }
    if (!written.collation.empty()) {
        const auto* wanted = collation::find_collation(written.collation);
        if (wanted == nullptr)
            raise(er::unknown_collation, "Unknown collation: '" + written.collation + "'");
        if (charset != nullptr && wanted->charset != charset) {
            raise(1253, "COLLATION '" + std::string(wanted->name) +
                            "' is not valid for CHARACTER SET '" + std::string(charset->name) +
                            "'");
        }
        return wanted;
    }
    if (charset == nullptr && !type.binary) return connection_collation(environment);
    if (charset == nullptr) charset = connection_collation(environment)->charset;
    if (type.binary) {
        const std::string name = std::string(charset->name) + "_bin";
        if (const auto* found = collation::find_collation(name)) return found;
    }
    return collation::find_collation(charset->default_collation);
}

void set_text(JsonColumn& column, const collation::Collation* collation, std::uint64_t room) {
    column.type = text_type({collation, Coercibility::implicit, Repertoire::unicode}, room, true);
    column.room = room;
    column.type.decimals = 0;
    column.counts_bytes = collation->id == collation::binary;
}

[[noreturn]] void raise_precision(const JsonColumn& column, std::uint64_t asked, int most) {
    raise(1426, "Too-big precision " + std::to_string(asked) + " specified for '" + column.name +
                    "'. Maximum is " + std::to_string(most) + ".");
}

bool set_integer(JsonColumn& column, std::string_view name, const sql::ColumnType& type) {
    const bool truth = name == "bool" || name == "boolean";
    for (const IntegerKind& kind : integers) {
        if (kind.name != (truth ? "tinyint" : name)) continue;
        constexpr std::uint64_t widest = 255;
        if (type.length.value_or(0) > widest) {
            raise(1439, "Display width out of range for column '" + column.name + "' (max = 255)");
        }
        // ZEROFILL is UNSIGNED, too; JSON_TABLE's own table does not fill.
        const bool natural = type.is_unsigned || type.zerofill;
        const std::uint32_t usual = natural ? kind.natural_length : kind.length;
        column.type =
            number_type(natural ? kind.natural : kind.type,
                        truth ? 1 : static_cast<std::uint32_t>(type.length.value_or(usual)));
        column.type.is_unsigned = natural;
        column.lowest = natural ? 0 : kind.lowest;
        column.highest = natural ? kind.natural_highest : kind.highest;
        return true;
    }
    return false;
}

bool set_fraction(JsonColumn& column, std::string_view name, const sql::ColumnType& type) {
    const bool natural = type.is_unsigned || type.zerofill;
    const int scale = static_cast<int>(type.scale.value_or(0));
    if (name == "decimal") {
        const std::uint64_t precision = type.length.value_or(10);
        if (precision > Decimal::max_digits) raise_precision(column, precision, 65);
        column.type = decimal_type(static_cast<int>(precision), scale, true, natural);
        if (natural)
            column.type.length = static_cast<std::uint32_t>(precision) + (scale > 0 ? 1 : 0);
        return true;
    }
    if (name != "float" && name != "double") return false;
    const bool single = name == "float" && (type.scale || type.length.value_or(0) <= 24);
    column.type = number_type(single ? Type::float32 : Type::float64, single ? 12 : 22);
    column.type.is_unsigned = natural;
    column.type.decimals = not_fixed;
    if (type.scale) {
        column.type.length = static_cast<std::uint32_t>(*type.length);
        column.type.decimals = static_cast<std::uint8_t>(std::min(scale, Decimal::max_scale));
    }
    return true;
}

bool set_numeric(JsonColumn& column, std::string_view name, const sql::ColumnType& type) {
    if (set_integer(column, name, type) || set_fraction(column, name, type)) return true;
    if (name == "bit") {
        const std::uint64_t bits = type.length.value_or(1);
        if (bits < 1 || bits > 64) refuse("BIT of more than 64 bits");
        column.type = number_type(Type::bit, static_cast<std::uint32_t>(bits));
        column.type.is_unsigned = true;
        column.type.is_bits = true;
        column.highest = UINT64_MAX >> (64 - bits);
        return true;
    }
    return false;
}

bool set_temporal(JsonColumn& column, std::string_view name, const sql::ColumnType& type) {
    const int digits = static_cast<int>(type.length.value_or(0));
    if (name == "year") {
        column.type = number_type(Type::year, 4);
        column.type.is_unsigned = true;
        return true;
    }
    Type kind = Type::null_type;
    if (name == "date") kind = Type::date;
    if (name == "time") kind = Type::time;
    if (name == "datetime") kind = Type::datetime;
    if (name == "timestamp") kind = Type::timestamp;
    if (kind == Type::null_type) return false;
    if (digits > 6) raise_precision(column, *type.length, 6);
    column.type = temporal_type(kind, digits, true);
    return true;
}

// A type of bytes for one of texts whose collation is binary.
Type as_held(Type type, const collation::Collation& collation) {
    if (collation.id != collation::binary) return type;
    return type == Type::char_     ? Type::binary
           : type == Type::varchar ? Type::varbinary
                                   : Type::blob;
}

bool set_textual(JsonColumn& column, std::string_view name, const sql::JsonTableColumn& written,
                 const Environment& environment) {
    for (const LongText& kind : long_texts) {
        if (kind.name != name) continue;
        const auto* collation =
            kind.binary ? binary_collation() : collation_of(written, environment);
        set_text(column, collation, kind.bytes);
        column.type.type = as_held(Type::text, *collation);
        column.type.length = static_cast<std::uint32_t>(kind.bytes);
        column.counts_bytes = true;
        return true;
    }
    const std::uint64_t length = written.type->length.value_or(1);
    if (is_one_of(name, {"char", "nchar", "varchar", "nvarchar"})) {
        const bool varies = name.ends_with("varchar");
        if (varies && !written.type->length) raise(er::parse, "VARCHAR without its length");
        const auto* collation = name.starts_with('n') ? collation::default_collation("utf8mb3")
                                                      : collation_of(written, environment);
        set_text(column, collation, length);
        column.type.type = as_held(varies ? Type::varchar : Type::char_, *collation);
        return true;
    }
    if (is_one_of(name, {"binary", "varbinary"})) {
        set_text(column, binary_collation(), length);
        column.type.type = name == "binary" ? Type::binary : Type::varbinary;
        return true;
    }
    return false;
}

bool set_members(JsonColumn& column, std::string_view name, const sql::JsonTableColumn& written,
                 const Environment& environment) {
    if (!is_one_of(name, {"enum", "set"})) return false;
    const bool is_set = name == "set";
    if (is_set && written.type->values.size() > 64)
        raise(1097, "Too many strings for column " + column.name + " and SET");
    const auto* collation = collation_of(written, environment);
    const collation::Charset& charset = *collation->charset;
    std::size_t longest = 0, together = 0;
    for (const std::string& value : written.type->values) {
        std::string member =
            converted_text(*connection_collation(environment)->charset, charset, value);
        member.resize(member.find_last_not_of(' ') + 1);
        const std::size_t characters = collation::characters(charset, member);
        longest = std::max(longest, characters);
        together += characters + (together > 0 || !column.members.empty() ? 1 : 0);
        column.members.push_back(std::move(member));
    }
    const std::size_t room = is_set ? together : longest;
    set_text(column, collation, room);
    column.type.type = is_set ? Type::set : Type::enum_;
    column.type.length = static_cast<std::uint32_t>(room);
    return true;
}

}  // namespace

JsonColumn json_column(const sql::JsonTableColumn& written, const Environment& environment) {
    const sql::ColumnType& type = *written.type;
    JsonColumn column{.name = written.name};
    const std::string name = canonical_name(type.name);
    if (name == "json") {
        column.type = json_type(true);
        column.type.decimals = 0;
        return column;
    }
    if (!(set_numeric(column, name, type) || set_temporal(column, name, type) ||
          set_textual(column, name, written, environment) ||
          set_members(column, name, written, environment))) {
        refuse("the type " + name + " in JSON_TABLE");
    }
    return column;
}

}  // namespace sluice::eval
