#pragma once
// What a tablet asks its server on its own account: few rows, as texts.
#include <optional>
#include <string>
#include <string_view>
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
    bool reserve = false;  // holds the connection from here on, for ever
};

// A held connection of a failed `begin` is given up.
Task<Result<Asked>> ask(tablet::MysqlTablet* tablet, Ask what, Stop* stop);

// The value in the only row of a result of one column; empty for NULL.
Task<Result<std::string>> ask_value(tablet::MysqlTablet* tablet, std::string text, Stop* stop);

// For statements without rows that change something.
Task<Result<void>> tell(tablet::MysqlTablet* tablet, std::string text, Stop* stop);

// The names of the result's columns come as a first row.
Task<Result<std::vector<TextRow>>> ask_with_names(tablet::MysqlTablet* tablet, std::string text,
                                                  Stop* stop);

// Of a result with names: the first row's value under one of two names; nullopt if it is NULL or
// there is no such column.
std::optional<std::string> value_of(const std::vector<TextRow>& rows, std::string_view name,
                                    std::string_view old_name = {});

// A text as a literal of SQL.
std::string quoted(std::string_view text);

}  // namespace sluice::tabletserver
