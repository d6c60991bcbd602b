// Step 9 of a request, when the shard says no: what the gateway may do about it.
#include "mysql/error_code.h"

#include <algorithm>
#include <array>

namespace sluice::mysql {
namespace {

struct Judgement {
    std::uint16_t number;
    Code code;
};

constexpr auto judgements = [] {
    auto table = std::to_array<Judgement>({
        // Already there.
        {1007, Code::already_exists},
        {1050, Code::already_exists},
        {1060, Code::already_exists},
        {1061, Code::already_exists},
        {1062, Code::already_exists},
        // Ended by the server or by somebody else.
        {1213, Code::aborted},
        {1152, Code::aborted},
        {1317, Code::canceled},
        {3024, Code::canceled},
        {2013, Code::canceled},
        {1205, Code::deadline_exceeded},
        // No such thing.
        {1049, Code::not_found},
        {1051, Code::not_found},
        {1054, Code::not_found},
        {1072, Code::not_found},
        {1091, Code::not_found},
        {1109, Code::not_found},
        {1146, Code::not_found},
        {1305, Code::not_found},
        {1008, Code::not_found},
        // Not allowed.
        {1044, Code::permission_denied},
        {1045, Code::permission_denied},
        {1095, Code::permission_denied},
        {1142, Code::permission_denied},
        {1143, Code::permission_denied},
        {1227, Code::permission_denied},
        {1370, Code::permission_denied},
        {1698, Code::permission_denied},
        {3118, Code::permission_denied},
        // Too much.
        {1021, Code::resource_exhausted},
        {1037, Code::resource_exhausted},
        {1038, Code::resource_exhausted},
        {1040, Code::resource_exhausted},
        {1041, Code::resource_exhausted},
        {1114, Code::resource_exhausted},
        {1135, Code::resource_exhausted},
        {1153, Code::resource_exhausted},
        {1203, Code::resource_exhausted},
        {1206, Code::resource_exhausted},
        {1226, Code::resource_exhausted},
        {1461, Code::resource_exhausted},
        // Not there at the moment.
        {1053, Code::unavailable},
        {2002, Code::unavailable},
        {2003, Code::unavailable},
        {2006, Code::unavailable},
        {2055, Code::unavailable},
        // The server has become read only: a failover.
        {1290, Code::cluster_event},
        {1836, Code::cluster_event},
        {1235, Code::unimplemented},
        // The state of the tables forbids it.
        {1048, Code::failed_precondition},
        {1176, Code::failed_precondition},
        {1192, Code::failed_precondition},
        {1216, Code::failed_precondition},
        {1217, Code::failed_precondition},
        {1364, Code::failed_precondition},
        {1451, Code::failed_precondition},
        {1452, Code::failed_precondition},
        {1792, Code::failed_precondition},
        {1264, Code::out_of_range},
        {1690, Code::out_of_range},
    });
    std::ranges::sort(table, {}, &Judgement::number);
    return table;
}();

// Numbers below are the server's, from 2000 on the client's, from 3000 on the server's again.
bool is_user_mistake(std::uint16_t number) {
    return (number >= 1000 && number < 2000) || number >= 3000;
}

}  // namespace

Code code_of(std::uint16_t number) {
    const auto found = std::ranges::lower_bound(judgements, number, {}, &Judgement::number);
    if (found != judgements.end() && found->number == number) return found->code;
    return is_user_mistake(number) ? Code::invalid_argument : Code::unknown;
}

}  // namespace sluice::mysql
