// Positions: a flavour and a set. After: mysql_gtids.cc, mariadb_gtids.cc.
#include "replication/position.h"

#include "base/overload.h"

namespace sluice::replication {
namespace {

constexpr std::string_view mysql = "MySQL56", mariadb = "MariaDB", files = "FilePos";

std::unexpected<Error> incomparable() {
    return fail(Code::invalid_argument, "positions of MySQL and of MariaDB cannot be compared");
}

template <class Combine>
Result<Position> combine(const Position& left, const Position& right, Combine how) {
    if (const auto* a = std::get_if<MysqlGtids>(&left.gtids)) {
        const auto* b = std::get_if<MysqlGtids>(&right.gtids);
        if (b == nullptr) return incomparable();
        return Position{how(*a, *b)};
    }
    const auto* a = std::get_if<MariadbGtids>(&left.gtids);
    const auto* b = std::get_if<MariadbGtids>(&right.gtids);
    if (a == nullptr || b == nullptr) return incomparable();
    return Position{how(*a, *b)};
}

}  // namespace

// position = [ flavour "/" set ]
Result<Position> Position::parse(std::string_view text) {
    if (text.empty()) return Position{};
    const std::size_t slash = text.find('/');
    const std::string_view flavor = text.substr(0, slash);
    const std::string_view set = slash == text.npos ? std::string_view() : text.substr(slash + 1);
    if (flavor == mysql && slash != text.npos) return Position{TRY(MysqlGtids::parse(set))};
    if (flavor == mariadb && slash != text.npos) return Position{TRY(MariadbGtids::parse(set))};
    if (flavor == files)
        return fail(Code::unimplemented, "positions in files (FilePos) cannot be compared");
    return fail(Code::invalid_argument, "parse error: unknown GTIDSet flavor \"" +
                                            std::string(flavor.substr(0, 80)) + "\"");
}

std::string Position::set_text() const {
    return std::visit(Overload{[](const std::monostate&) { return std::string(); },
                               [](const MysqlGtids& set) { return set.text(); },
                               [](const MariadbGtids& set) { return set.text(); }},
                      gtids);
}

std::string Position::text() const {
    if (std::holds_alternative<std::monostate>(gtids)) return {};
    const std::string_view flavor = std::holds_alternative<MysqlGtids>(gtids) ? mysql : mariadb;
    return std::string(flavor) + "/" + set_text();
}

bool Position::empty() const {
    return std::visit(Overload{[](const std::monostate&) { return true; },
                               [](const MysqlGtids& set) { return set.empty(); },
                               [](const MariadbGtids& set) { return set.empty(); }},
                      gtids);
}

bool Position::contains(const Position& other) const {
    if (other.empty()) return true;
    const Result<Position> missing = other.without(*this);
    return missing && missing->empty();
}

Result<Position> Position::united(const Position& other) const {
    if (std::holds_alternative<std::monostate>(gtids)) return other;
    if (std::holds_alternative<std::monostate>(other.gtids)) return *this;
    return combine(*this, other, [](const auto& a, const auto& b) { return a.united(b); });
}

Result<Position> Position::without(const Position& other) const {
    if (std::holds_alternative<std::monostate>(gtids)) return *this;
    if (std::holds_alternative<std::monostate>(other.gtids)) return *this;
    return combine(*this, other, [](const auto& a, const auto& b) { return a.without(b); });
}

}  // namespace sluice::replication
