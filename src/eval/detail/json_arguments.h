#pragma once
// What JSON functions read of their arguments.
#include "eval/detail/registry.h"
#include "values/json.h"
#include "values/json_path.h"

namespace sluice::eval {

// The document in an argument; nullopt for NULL. 3141 and 3146 name the function.
std::optional<Json> document_at(const Node& node, Run& run, std::size_t at);
// 3143 for a text that is no path; nullopt for NULL.
std::optional<JsonPath> path_at(const Node& node, Run& run, std::size_t at);
// The same of a path that names one value: 3149.
std::optional<JsonPath> single_path_at(const Node& node, Run& run, std::size_t at);
// An SQL value as JSON; NULL is JSON's null.
Json scalar_at(const Node& node, Run& run, std::size_t at);

void give_json(Node& node, const Environment& environment);
std::span<const Function> json_edit_functions();

}  // namespace sluice::eval
