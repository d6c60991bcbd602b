#pragma once
// A position as Vitess writes it: "MySQL56/<set>" or "MariaDB/<list>" (vttablet-contract 13). Empty
// text: nowhere yet, of no flavour.
#include <string>
#include <string_view>
#include <variant>

#include "base/error.h"
#include "replication/mariadb_gtids.h"
#include "replication/mysql_gtids.h"

namespace sluice::replication {

struct Position {
    std::variant<std::monostate, MysqlGtids, MariadbGtids> gtids;

    // INVALID_ARGUMENT for unknown flavours; UNIMPLEMENTED for "FilePos/...", which cannot be
    // compared between servers.
    static Result<Position> parse(std::string_view text);
    std::string text() const;
    // The set alone, as the server takes it.
    std::string set_text() const;
    // No transaction; of whichever flavour.
    bool empty() const;

    // Positions of two flavours cannot be compared: an empty one is contained in every other, else
    // the answer is no.
    bool contains(const Position& other) const;
    // INVALID_ARGUMENT for two flavours.
    Result<Position> united(const Position& other) const;
    Result<Position> without(const Position& other) const;

    bool operator==(const Position&) const = default;
};

}  // namespace sluice::replication
