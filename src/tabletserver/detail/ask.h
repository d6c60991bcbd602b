#pragma once
// What a tablet asks its server on its own account: few rows, as texts.
#include <optional>
#include <string>
#include <vector>

#include "tablet/mysql_tablet.h"

namespace sluice::tabletserver {

using async::Stop;
using async::Task;

using TextRow = std::vector<std::optional<std::string>>;  // nullopt: NULL

struct Asked {
    std::vector<TextRow> rows;
    tablet::HeldId held = tablet::not_held;  // of a transaction that `begin` opened
};

struct Ask {
    std::string text;
    tablet::HeldId held = tablet::not_held;
    bool begin = false;  // opens a transaction first, and holds it
    bool is_write = false;
};

// A held connection of a failed `begin` is given up.
Task<Result<Asked>> ask(tablet::MysqlTablet* tablet, Ask what, Stop* stop);

// The names of the result's columns come as a first row.
Task<Result<std::vector<TextRow>>> ask_with_names(tablet::MysqlTablet* tablet, std::string text,
                                                  Stop* stop);

}  // namespace sluice::tabletserver
