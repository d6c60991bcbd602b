// Beside requests: which tablet records count. Before: follow.cc has read them. After: they are
// followed.
#include "discovery/tablet_filter.h"

#include <algorithm>

namespace sluice::discovery {
namespace {

// tags = [ key ":" value *( "," key ":" value ) ]
Result<std::map<std::string, std::string>> parse_tags(std::string_view text) {
    std::map<std::string, std::string> tags;
    while (!text.empty()) {
        const std::string_view pair = text.substr(0, text.find(','));
        text.remove_prefix(std::min(text.size(), pair.size() + 1));
        const std::size_t colon = pair.find(':');
        if (colon == pair.npos) {
            return fail(Code::invalid_argument, "invalid tag: " + std::string(pair));
        }
        tags[std::string(pair.substr(0, colon))] = pair.substr(colon + 1);
    }
    return tags;
}

}  // namespace

Result<TabletFilter> TabletFilter::make(const std::vector<std::string>& filters,
                                        std::vector<std::string> keyspaces, std::string_view tags) {
    TabletFilter made;
    made.keyspaces_ = std::move(keyspaces);
    made.tags_ = TRY(parse_tags(tags));
    for (const std::string& filter : filters) {
        const std::size_t bar = filter.find('|');
        if (bar == filter.npos || filter.find('|', bar + 1) != filter.npos) {
            return fail(Code::invalid_argument, "invalid FilterByShard parameter: " + filter);
        }
        const std::string shard = filter.substr(bar + 1);
        auto name = vindex::validate_shard_name(shard);
        if (!name) {
            return fail(Code::invalid_argument,
                        "error parsing shard name " + shard + ": " + name.error().text);
        }
        std::vector<Piece>& of_keyspace = made.pieces_[filter.substr(0, bar)];
        if (std::ranges::find(of_keyspace, name->name, &Piece::shard) != of_keyspace.end()) {
            return fail(Code::invalid_argument,
                        "duplicate " + filter.substr(0, bar) + "/" + shard + " entry");
        }
        of_keyspace.push_back({std::move(name->name), std::move(name->range)});
    }
    return made;
}

bool TabletFilter::watches(std::string_view keyspace) const {
    return keyspaces_.empty() || std::ranges::find(keyspaces_, keyspace) != keyspaces_.end();
}

bool TabletFilter::lets_in(const topo::Tablet& tablet) const {
    if (!watches(tablet.keyspace)) return false;
    for (const auto& [key, value] : tags_) {
        const auto found = tablet.tags.find(key);
        if (found == tablet.tags.end() || found->second != value) return false;
    }
    if (pieces_.empty()) return true;
    const auto pieces = pieces_.find(tablet.keyspace);
    if (pieces == pieces_.end()) return false;
    const auto named = vindex::validate_shard_name(tablet.shard);
    return std::ranges::any_of(pieces->second, [&](const Piece& piece) {
        if (piece.shard == tablet.shard) return true;
        return piece.range && named && named->range &&
               vindex::contains_range(&*piece.range, &*named->range);
    });
}

}  // namespace sluice::discovery
