// Under the steps of a request: names of types.
#include "values/type.h"

#include <utility>

namespace sluice {
namespace {

constexpr std::pair<Type, std::string_view> names[] = {
    {Type::null_type, "NULL_TYPE"}, {Type::int8, "INT8"},
    {Type::uint8, "UINT8"},         {Type::int16, "INT16"},
    {Type::uint16, "UINT16"},       {Type::int24, "INT24"},
    {Type::uint24, "UINT24"},       {Type::int32, "INT32"},
    {Type::uint32, "UINT32"},       {Type::int64, "INT64"},
    {Type::uint64, "UINT64"},       {Type::float32, "FLOAT32"},
    {Type::float64, "FLOAT64"},     {Type::timestamp, "TIMESTAMP"},
    {Type::date, "DATE"},           {Type::time, "TIME"},
    {Type::datetime, "DATETIME"},   {Type::year, "YEAR"},
    {Type::decimal, "DECIMAL"},     {Type::text, "TEXT"},
    {Type::blob, "BLOB"},           {Type::varchar, "VARCHAR"},
    {Type::varbinary, "VARBINARY"}, {Type::char_, "CHAR"},
    {Type::binary, "BINARY"},       {Type::bit, "BIT"},
    {Type::enum_, "ENUM"},          {Type::set, "SET"},
    {Type::tuple, "TUPLE"},         {Type::geometry, "GEOMETRY"},
    {Type::json, "JSON"},           {Type::expression, "EXPRESSION"},
    {Type::hexnum, "HEXNUM"},       {Type::hexval, "HEXVAL"},
    {Type::bitnum, "BITNUM"},       {Type::vector, "VECTOR"},
};

}  // namespace

std::string_view type_name(Type type) {
    for (const auto& [value, name] : names) {
        if (value == type) return name;
    }
    return "UNKNOWN";
}

std::optional<Type> type_of_name(std::string_view wanted) {
    for (const auto& [value, name] : names) {
        if (name == wanted) return value;
    }
    return std::nullopt;
}

}  // namespace sluice
