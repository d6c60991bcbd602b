#pragma once
// What a tablet's error becomes for clients (vtgate-contract 4.1 and 4.3, vttablet-contract 1.7).
#include <string>
#include <string_view>

#include "base/error.h"

namespace sluice::tablet {

// The number and state that the text names as "(errno N) (sqlstate S)", else those of the code.
// Tablets send them in no other way, so here a text is read to decide.
Error numbered(Code code, std::string text);
bool names_number(std::string_view text);

// An RPC that ended with `status`. `where` is "target: ks.-80.primary: ", or empty if the caller
// adds it.
Error rpc_error(Error status, std::string_view where);
// An error inside of an answer.
Error body_error(Code code, std::string_view message, std::string_view where);

// The tablet no longer has the transaction or the reserved connection of the call.
bool says_gone(const Error& error);
// The tablet will not serve the session any more; a reservation without a transaction may be made
// anew elsewhere.
bool says_elsewhere(const Error& error);

}  // namespace sluice::tablet
