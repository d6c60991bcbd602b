// The end of a request that fails, whatever the step: numbers, states and words of its error.
#include "base/error.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace sluice {
namespace {

struct NumberState {
    std::uint16_t number;
    char state[6];
};

// Sorted by number. Source: MySQL's server error reference; only numbers whose state is not HY000.
constexpr auto states = std::to_array<NumberState>({
    {1022, "23000"}, {1040, "08004"}, {1042, "08S01"}, {1043, "08S01"}, {1044, "42000"},
    {1045, "28000"}, {1046, "3D000"}, {1047, "08S01"}, {1048, "23000"}, {1049, "42000"},
    {1050, "42S01"}, {1051, "42S02"}, {1052, "23000"}, {1053, "08S01"}, {1054, "42S22"},
    {1055, "42000"}, {1056, "42000"}, {1057, "42000"}, {1058, "21S01"}, {1059, "42000"},
    {1060, "42S21"}, {1061, "42000"}, {1062, "23000"}, {1063, "42000"}, {1064, "42000"},
    {1065, "42000"}, {1066, "42000"}, {1067, "42000"}, {1068, "42000"}, {1069, "42000"},
    {1070, "42000"}, {1071, "42000"}, {1072, "42000"}, {1073, "42000"}, {1074, "42000"},
    {1075, "42000"}, {1080, "08S01"}, {1081, "08S01"}, {1082, "42S12"}, {1083, "42000"},
    {1084, "42000"}, {1090, "42000"}, {1091, "42000"}, {1101, "42000"}, {1102, "42000"},
    {1103, "42000"}, {1104, "42000"}, {1106, "42000"}, {1107, "42000"}, {1109, "42S02"},
    {1110, "42000"}, {1112, "42000"}, {1113, "42000"}, {1115, "42000"}, {1118, "42000"},
    {1120, "42000"}, {1121, "42000"}, {1131, "42000"}, {1132, "42000"}, {1133, "42000"},
    {1136, "21S01"}, {1138, "22004"}, {1139, "42000"}, {1140, "42000"}, {1141, "42000"},
    {1142, "42000"}, {1143, "42000"}, {1144, "42000"}, {1145, "42000"}, {1146, "42S02"},
    {1147, "42000"}, {1148, "42000"}, {1149, "42000"}, {1152, "08S01"}, {1153, "08S01"},
    {1154, "08S01"}, {1155, "08S01"}, {1156, "08S01"}, {1157, "08S01"}, {1158, "08S01"},
    {1159, "08S01"}, {1160, "08S01"}, {1161, "08S01"}, {1162, "42000"}, {1163, "42000"},
    {1164, "42000"}, {1166, "42000"}, {1167, "42000"}, {1169, "23000"}, {1170, "42000"},
    {1171, "42000"}, {1172, "42000"}, {1173, "42000"}, {1176, "42000"}, {1177, "42000"},
    {1178, "42000"}, {1179, "25000"}, {1184, "08S01"}, {1189, "08S01"}, {1190, "08S01"},
    {1203, "42000"}, {1207, "25000"}, {1211, "42000"}, {1213, "40001"}, {1216, "23000"},
    {1217, "23000"}, {1218, "08S01"}, {1222, "21000"}, {1226, "42000"}, {1230, "42000"},
    {1231, "42000"}, {1232, "42000"}, {1234, "42000"}, {1235, "42000"}, {1239, "42000"},
    {1241, "21000"}, {1242, "21000"}, {1247, "42S22"}, {1248, "42000"}, {1249, "01000"},
    {1250, "42000"}, {1251, "08004"}, {1252, "42000"}, {1253, "42000"}, {1261, "01000"},
    {1262, "01000"}, {1263, "22004"}, {1264, "22003"}, {1265, "01000"}, {1280, "42000"},
    {1281, "42000"}, {1286, "42000"}, {1292, "22007"}, {1303, "2F003"}, {1304, "42000"},
    {1305, "42000"}, {1308, "42000"}, {1309, "42000"}, {1310, "42000"}, {1311, "01000"},
    {1312, "0A000"}, {1313, "42000"}, {1314, "0A000"}, {1315, "42000"}, {1316, "42000"},
    {1317, "70100"}, {1318, "42000"}, {1319, "42000"}, {1320, "42000"}, {1321, "2F005"},
    {1322, "42000"}, {1323, "42000"}, {1324, "42000"}, {1325, "24000"}, {1326, "24000"},
    {1327, "42000"}, {1329, "02000"}, {1330, "42000"}, {1331, "42000"}, {1332, "42000"},
    {1333, "42000"}, {1335, "0A000"}, {1336, "0A000"}, {1337, "42000"}, {1338, "42000"},
    {1339, "20000"}, {1365, "22012"}, {1367, "22007"}, {1370, "42000"}, {1390, "HY000"},
    {1397, "XAE04"}, {1398, "XAE05"}, {1399, "XAE07"}, {1400, "XAE09"}, {1401, "XAE03"},
    {1402, "XA100"}, {1403, "42000"}, {1406, "22001"}, {1407, "42000"}, {1410, "42000"},
    {1413, "42000"}, {1414, "42000"}, {1415, "0A000"}, {1416, "22003"}, {1425, "42000"},
    {1426, "42000"}, {1427, "42000"}, {1437, "42000"}, {1439, "42000"}, {1440, "XAE08"},
    {1441, "22008"}, {1451, "23000"}, {1452, "23000"}, {1453, "42000"}, {1458, "42000"},
    {1460, "42000"}, {1461, "42000"}, {1463, "42000"}, {1557, "23000"}, {1568, "25001"},
    {1582, "42000"}, {1583, "42000"}, {1584, "42000"}, {1586, "23000"}, {1613, "XA106"},
    {1614, "XA102"}, {1630, "42000"}, {1641, "42000"}, {1642, "01000"}, {1643, "02000"},
    {1644, "HY000"}, {1687, "42000"}, {1690, "22003"}, {1701, "42000"}, {1706, "44000"},
    {1758, "35000"}, {1761, "23000"}, {1762, "23000"}, {1792, "25006"}, {1845, "0A000"},
    {1846, "0A000"}, {1859, "23000"}, {1861, "22004"}, {3140, "22032"}, {3141, "22032"},
    {3143, "42000"}, {3144, "22032"}, {3145, "42000"}, {3168, "08S01"}, {4031, "HY000"},
});

}  // namespace

std::string_view code_name(Code code) {
    constexpr std::string_view names[] = {"OK",
                                          "CANCELED",
                                          "UNKNOWN",
                                          "INVALID_ARGUMENT",
                                          "DEADLINE_EXCEEDED",
                                          "NOT_FOUND",
                                          "ALREADY_EXISTS",
                                          "PERMISSION_DENIED",
                                          "RESOURCE_EXHAUSTED",
                                          "FAILED_PRECONDITION",
                                          "ABORTED",
                                          "OUT_OF_RANGE",
                                          "UNIMPLEMENTED",
                                          "INTERNAL",
                                          "UNAVAILABLE",
                                          "DATA_LOSS",
                                          "UNAUTHENTICATED",
                                          "CLUSTER_EVENT",
                                          "READ_ONLY"};
    const auto index = static_cast<std::size_t>(code);
    return index < std::size(names) ? names[index] : "UNKNOWN";
}

std::string_view sqlstate_of(std::uint16_t number) {
    const auto found = std::ranges::lower_bound(states, number, {}, &NumberState::number);
    if (found != states.end() && found->number == number) return {found->state, 5};
    return "HY000";
}

Error make_error(Code code, std::uint16_t number, std::string_view state, std::string text) {
    Error error{.code = code, .number = number, .text = std::move(text)};
    std::memcpy(error.state, state.data(), std::min<std::size_t>(state.size(), 5));
    return error;
}

Error make_error(Code code, std::uint16_t number, std::string text) {
    return make_error(code, number, sqlstate_of(number), std::move(text));
}

Error make_error(Code code, std::string text) {
    switch (code) {
        case Code::canceled:
        case Code::deadline_exceeded:
        case Code::aborted:
            return make_error(code, er::query_interrupted, std::move(text));
        case Code::permission_denied:
        case Code::unauthenticated:
            return make_error(code, er::access_denied, std::move(text));
        case Code::resource_exhausted:
            return make_error(code, er::too_many_user_connections, std::move(text));
        case Code::unimplemented:
            return make_error(code, er::not_supported_yet, std::move(text));
        case Code::internal:
            return make_error(code, er::internal, std::move(text));
        default:
            return make_error(code, er::unknown_error, std::move(text));
    }
}

std::unexpected<Error> unsupported(std::string_view what) {
    return fail(Code::unimplemented, er::not_supported_yet,
                "VT12001: unsupported: " + std::string(what));
}

std::unexpected<Error> bug(std::string_view what) {
    return fail(Code::internal, er::internal, "VT13001: [BUG] " + std::string(what));
}

}  // namespace sluice
