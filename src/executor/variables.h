#pragma once
// How SET treats each system variable (vtgate-contract 5.2; differences in docs/differences.md).
#include <string_view>

namespace sluice::executor {

enum class VariableClass : unsigned char {
    aware,      // changes the session in the gate
    read_only,  // 1238
    ignored,    // accepted without effect
    refused,    // VT12001
    setting,    // given to every connection that the session's statements run on
    tolerated,  // the same, but what the server will not take for a session is ignored, as v21 does
    unknown,    // 1193
};
VariableClass variable_class(std::string_view name);

}  // namespace sluice::executor
