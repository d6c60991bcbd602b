#pragma once
// What all tablets last said of themselves, and which of them may be called (vtgate-contract 7.2).
// Pure: messages go in, the effect of each comes out.
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "discovery/cluster.h"
#include "discovery/health.h"
#include "discovery/lag.h"

namespace sluice::discovery {

// What must follow from a message.
struct HealthEffect {
    bool routing = false;   // snapshots are out of date
    bool reload = false;    // a primary went away: its successor may be a tablet not known yet
    bool promoted = false;  // it was no primary before
};

class HealthList {
 public:
    // `reconnect`: cores connect anew to a tablet whose stream was broken.
    HealthList(std::string cell, LagRules rules, bool reconnect)
        : cell_(std::move(cell)), rules_(rules), reconnect_(reconnect) {}

    void set_rules(LagRules rules) { rules_ = rules; }
    // Cells that share an alias with ours: their replicas are used too.
    void set_alias_cells(std::vector<std::string> cells) { alias_cells_ = std::move(cells); }

    // A record, new or changed: nothing is known of its health.
    void add(topo::Tablet record);
    HealthEffect remove(const std::string& alias);

    // Errors end the stream; with failed_precondition another tablet answers at this address.
    Result<HealthEffect> apply(const std::string& alias, tablet::HealthMessage message);
    // The stream ended, or said nothing for too long.
    HealthEffect fail(const std::string& alias, std::string why);

    bool contains(const std::string& alias) const { return tablets_.contains(alias); }
    const TabletHealth* find(const std::string& alias) const;
    const TabletEntryPointer* entry(const std::string& alias) const;

    // For a snapshot: each tablet under its reported target, and whether it may be called.
    std::vector<KnownTablet> known();
    // As v21 lists them: by cell, keyspace, shard, type, alias. `healthy` is as of known().
    std::vector<TabletHealth> all() const;
    // HealthcheckChecksum: equal in gates that see the same tablets in the same states.
    std::uint32_t checksum() const;

 private:
    struct Followed {
        TabletHealth health;
        TabletEntryPointer entry;  // the record with the reported target in its place
        bool reported = false;
        bool broken = false;  // since its last report the stream has ended
    };
    void renew_entry(Followed& followed);
    void choose_primary(const std::string& alias, const Followed& followed);
    void drop_primary(const std::string& alias);
    bool is_included(const Followed& followed) const;
    bool is_trivial(const Followed& before, const tablet::HealthMessage& now) const;

    std::string cell_;
    std::vector<std::string> alias_cells_;
    LagRules rules_;
    bool reconnect_;
    std::uint32_t next_number_ = 0;
    std::map<std::string, Followed> tablets_;
    std::map<std::string, std::string> primaries_;  // "keyspace/shard" to the healthy one's alias
};

}  // namespace sluice::discovery
