#pragma once
// How types are made and merged: lengths, decimals and collations of results.
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "eval/environment.h"
#include "eval/expression.h"

namespace sluice::eval {

inline constexpr std::uint32_t integer_length = 21, real_length = 23, longest_text = 0x3fffffff;
// MySQL's MAX_BLOB_WIDTH: what a text of unknown length is said to have.
inline constexpr std::uint32_t blob_length = 16'777'216;

const collation::Collation* connection_collation(const Environment& environment);
const collation::Collation* binary_collation();

FieldType integer_type(bool nullable, std::uint32_t length = integer_length,
                       bool is_unsigned = false);
FieldType boolean_type(bool nullable);
FieldType real_type(bool nullable);
// A double that is printed with so many digits behind the point.
FieldType fixed_real_type(int decimals, bool nullable);
FieldType decimal_type(int precision, int scale, bool nullable, bool is_unsigned = false);
FieldType binary_type(bool nullable, std::uint32_t bytes);
// DATE, TIME or DATETIME with that many digits behind the seconds.
FieldType temporal_type(Type type, int decimals, bool nullable);
FieldType json_type(bool nullable);
// Text of at most so many characters; VARCHAR, or TEXT if it may be longer than one (16383
// characters of utf8mb4); VARBINARY and BLOB under the collation binary.
FieldType text_type(const collation::Operand& collation, std::uint64_t characters, bool nullable);
// The same of functions whose texts may grow: at most `blob_length` bytes are said, and then the
// text may be NULL.
FieldType grown_type(const collation::Operand& collation, std::uint64_t characters, bool nullable);
// ASCII text in the connection's collation, as HEX gives it.
// A name of the server's, or what it shows, in its own character set.
FieldType name_type(std::uint64_t characters, bool nullable);
FieldType ascii_type(const Environment& environment, std::uint64_t characters, bool nullable);

bool any_nullable(std::span<const Node> nodes);
// The characters that a value of this type may have as text.
std::uint64_t text_length(const FieldType& type);
// The same as part of a text in that collation: bytes where it is binary.
std::uint64_t text_length(const FieldType& type, const collation::Collation& in);
// The text of what is the same for every row; nullopt for what is not, for NULL and for errors.
std::optional<std::string> constant_text(const Node& node, const Environment& environment);

// As what kind of text a node takes part in a merge: numbers and times are ASCII in the
// connection's collation, in which is also what QUOTE and WEIGHT_STRING made of numbers.
collation::Operand text_operand(const Node& node, const Environment& environment);
// What WEIGHT_STRING makes of a number, date or time: bytes that yield to any text.
bool are_weights(const Node& node);
// Two columns whose collations do not agree have the binary one of their character set, which
// yields to any other: a text may be made of them, but they are not compared.
enum class Mix : std::uint8_t { refused, kept };
// The collation of all together; `operation` stands in error 1267, 1270 or 1271.
collation::Operand merged_collation(std::span<const Node> nodes, const Environment& environment,
                                    std::string_view operation, Mix mix = Mix::refused);
// Whether a literal that its new character set lacks is refused at once or where it is asked for.
enum class Literals : std::uint8_t { checked, unchecked };
// Puts a conversion around each text that is in another character set.
void convert_texts(std::span<Node> nodes, const collation::Operand& to,
                   const Environment& environment, Literals literals = Literals::checked);
// merged_collation and convert_texts of `nodes`.
collation::Operand unite_texts(std::span<Node> nodes, const Environment& environment,
                               std::string_view operation, Mix mix = Mix::kept);
// The collation of the first one, which functions take that look into a text or replace parts of
// it; the others are converted, whatever theirs is.
collation::Operand unite_with_first(std::span<Node> nodes, const Environment& environment,
                                    Literals literals = Literals::checked);
// The same of a text of which a part or another form is given: weights stay as they are.
collation::Operand unite_with_whole(std::span<Node> nodes, const Environment& environment);
// What a number has where it is not made a text of the connection's collation.
const collation::Collation* number_collation();
// 3854 for bytes that are no text of `to`, and for characters that it lacks.
std::string converted_text(const collation::Charset& from, const collation::Charset& to,
                           std::string_view text);
// The same for a literal, which is refused even if it would not be asked for.
void require_convertible(const Node& node, const collation::Charset& from,
                         const collation::Collation& to);
// What `node` converts to another character set.
const Node& inside_conversion(const Node& node);
// What `node` converts, if that is a number or a time, whose text is the same in ASCII.
const Node& before_conversion(const Node& node);
// VT12001 for a collation whose order is not known here.
void require_order(const collation::Collation& collation);
Node converted(Node node, const collation::Collation& to);

// The type of what is one of several values (CASE, COALESCE, UNION): MySQL's merging of field
// types. Texts are converted where needed.
FieldType united_type(std::span<Node> nodes, const Environment& environment,
                      std::string_view operation);
// A value of one of the operands as the united type holds it. Decimals keep the scale of their own
// in CASE and IF, elsewhere they get the type's.
enum class Scale : std::uint8_t { of_type, own };
Datum as_type(const FieldType& type, const FieldType& from, Datum datum, Environment& environment,
              Scale scale = Scale::of_type);

}  // namespace sluice::eval
