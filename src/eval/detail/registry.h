#pragma once
// The table of functions: one line for each, in the files functions_*.cc, which export their part.
#include <optional>
#include <span>
#include <string_view>

#include "eval/detail/operand.h"
#include "eval/detail/types.h"

namespace sluice::eval {

// Gives a node, whose arguments are bound, its type; may choose another `compute`.
using GiveType = void (*)(Node& node, const Environment& environment);

struct Function {
    std::string_view name;  // lower case
    int least = 0;          // arguments
    int most = 0;           // -1: any number
    GiveType give_type = nullptr;
    Compute compute = nullptr;
    std::string_view prints_as = {};  // in messages; empty: as `name`
};

// nullptr: there is none of that name, in lower case.
const Function* find_function(std::string_view name);
// 1582 if the count does not fit.
void check_count(const Function& function, std::size_t count);

std::span<const Function> numeric_functions();
std::span<const Function> control_functions();
std::span<const Function> text_functions();
std::span<const Function> text_search_functions();
std::span<const Function> encoding_functions();
std::span<const Function> regexp_functions();
std::span<const Function> date_functions();
std::span<const Function> date_format_functions();
std::span<const Function> json_functions();
std::span<const Function> hash_functions();
std::span<const Function> etag_functions();
std::span<const Function> network_functions();
std::span<const Function> session_functions();
std::span<const Function> json_schema_functions();
std::span<const Function> vector_functions();
std::span<const Function> random_functions();
std::span<const Function> gtid_functions();
// Of how things are to be shown: FORMAT_BYTES and its like.
std::span<const Function> shown_functions();
std::span<const Function> xml_functions();

// A constant argument as an integer; nullopt if it is none, or NULL.
std::optional<std::int64_t> constant_integer(const Node& node, const Environment& environment);

// ---- often used typings

void give_real(Node& node, const Environment& environment);  // as its arguments
void give_nullable_real(Node& node, const Environment& environment);
void give_integer(Node& node, const Environment& environment);  // 21 characters
void give_nullable_integer(Node& node, const Environment& environment);
void give_boolean(Node& node, const Environment& environment);
void give_nullable_boolean(Node& node, const Environment& environment);

}  // namespace sluice::eval
