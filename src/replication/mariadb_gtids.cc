// MariaDB's lists of transaction ids. Before: position.cc.
#include "replication/mariadb_gtids.h"

#include <charconv>

namespace sluice::replication {
namespace {

std::unexpected<Error> malformed(std::string_view text) {
    return fail(Code::invalid_argument,
                "invalid MariaDB GTID: \"" + std::string(text.substr(0, 80)) + "\"");
}

template <class T>
bool take_number(std::string_view* rest, T* into) {
    const char* const end = rest->data() + rest->size();
    const auto [at, error] = std::from_chars(rest->data(), end, *into);
    if (error != std::errc()) return false;
    rest->remove_prefix(static_cast<std::size_t>(at - rest->data()));
    return true;
}

bool take_dash(std::string_view* rest) {
    if (!rest->starts_with('-')) return false;
    rest->remove_prefix(1);
    return true;
}

}  // namespace

Result<MariadbGtids> MariadbGtids::parse(std::string_view text) {
    MariadbGtids made;
    while (!text.empty()) {
        const std::size_t comma = text.find(',');
        std::string_view id = text.substr(0, comma);
        text = comma == text.npos ? std::string_view() : text.substr(comma + 1);
        while (id.starts_with(' ') || id.starts_with('\n')) id.remove_prefix(1);
        while (id.ends_with(' ') || id.ends_with('\n')) id.remove_suffix(1);
        if (id.empty()) continue;
        std::string_view rest = id;
        std::uint32_t domain = 0;
        Last last;
        if (!take_number(&rest, &domain) || !take_dash(&rest) ||
            !take_number(&rest, &last.server) || !take_dash(&rest) ||
            !take_number(&rest, &last.sequence) || !rest.empty())
            return malformed(id);
        const auto [known, added] = made.domains_.emplace(domain, last);
        if (!added && known->second.sequence < last.sequence) known->second = last;
    }
    return made;
}

std::string MariadbGtids::text() const {
    std::string text;
    for (const auto& [domain, last] : domains_) {
        if (!text.empty()) text.push_back(',');
        text.append(std::to_string(domain)).append("-").append(std::to_string(last.server));
        text.append("-").append(std::to_string(last.sequence));
    }
    return text;
}

bool MariadbGtids::contains(const MariadbGtids& other) const {
    return other.without(*this).empty();
}

MariadbGtids MariadbGtids::united(const MariadbGtids& other) const {
    MariadbGtids both = *this;
    for (const auto& [domain, last] : other.without(*this).domains_) both.domains_[domain] = last;
    return both;
}

MariadbGtids MariadbGtids::without(const MariadbGtids& other) const {
    MariadbGtids rest;
    for (const auto& [domain, last] : domains_) {
        const auto theirs = other.domains_.find(domain);
        const bool later =
            theirs == other.domains_.end() || theirs->second.sequence < last.sequence;
        if (later) rest.domains_.emplace(domain, last);
    }
    return rest;
}

}  // namespace sluice::replication
