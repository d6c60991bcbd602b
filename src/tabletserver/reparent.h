#pragma once
// What a tablet does when the primary of its shard changes: the steps of the control plane's
// PlannedReparentShard and EmergencyReparentShard that fall on one tablet, and what it does unasked
// to stay in place (vttablet-contract 4.3). On the main loop; one action at a time.
#include <memory>
#include <string>

#include "replicationdata.pb.h"
#include "tabletserver/lifecycle.h"
#include "tabletserver/replication_control.h"

namespace sluice::tabletserver {

// A row of the sidecar's reparent_journal: every replica that has it follows the new primary.
struct JournalEntry {
    std::int64_t time_created_ns = 0;
    std::string action;
    TabletAlias primary;
    std::string position;
};

struct SourceOrder {
    TabletAlias parent;
    std::int64_t time_created_ns = 0;  // the journal's row to wait for; 0: none
    std::string wait_position{};       // empty: none
    bool start_in_any_case = false;    // else only if it replicated before, or from nobody
    bool semi_sync = false;
    bool keep_semi_sync = false;  // `semi_sync` does not count
    double heartbeat_seconds = 0;
};

struct ReparentOptions {
    // The server is the tablet's own: it keeps it in place unasked, every `interval`.
    bool active = false;
    milliseconds interval{std::chrono::seconds(5)};
};

class Reparent {
 public:
    // All outlive it.
    Reparent(ReparentOptions options, Server* server, Lifecycle* lifecycle,
             ReplicationControl* replication);
    Reparent(const Reparent&) = delete;
    Reparent& operator=(const Reparent&) = delete;

    // A shard's first primary: the position from which replicas can follow.
    Task<Result<Position>> init_primary(bool semi_sync, Stop* stop);
    // An empty server becomes a replica that begins at `position`.
    Task<Result<void>> init_replica(SourceOrder order, Position position, Stop* stop);
    Task<Result<void>> set_source(SourceOrder order, Stop* stop);
    // Serves no more and lets nobody write; taken back if it cannot be done to the end.
    Task<Result<replicationdata::PrimaryStatus>> demote(Stop* stop);
    Task<Result<void>> undo_demote(bool semi_sync, Stop* stop);
    Task<Result<Position>> promote(bool semi_sync, Stop* stop);
    // It has become the primary (or a replica) by somebody else's hand.
    Task<Result<void>> was_promoted(Stop* stop);
    Task<Result<void>> was_restarted(Stop* stop);
    Task<Result<void>> change_type(TabletType type, bool semi_sync, Stop* stop);
    Task<Result<void>> set_read_only(bool read_only, Stop* stop);

    Task<Result<void>> start(bool semi_sync, Stop* stop);
    Task<Result<void>> start_until_after(Position position, Stop* stop);
    Task<Result<void>> halt(Stop* stop);
    // Stops when `position` is reached; where it stands then.
    Task<Result<Position>> halt_at_least(Position position, Stop* stop);
    Task<Result<replicationdata::StopReplicationStatus>> halt_and_tell(bool receiver_only,
                                                                       Stop* stop);
    Task<Result<void>> reset(Stop* stop);
    Task<Result<void>> forget_source(Stop* stop);

    Task<Result<void>> write_journal(JournalEntry entry, Stop* stop);
    Task<Result<std::int32_t>> journal_length(Stop* stop);

    // The shard has another primary.
    Task<void> step_down(TabletAlias primary);
    // Keeps the server in place until `stop`; ends at once unless active.
    Task<void> look_after(Stop* stop);

 private:
    // One action's turn; others wait.
    struct Turn {
        explicit Turn(Reparent* owner) : of(owner) { of->busy_ = true; }
        Turn(Turn&& other) noexcept : of(std::exchange(other.of, nullptr)) {}
        Turn& operator=(Turn&&) = delete;
        ~Turn() {
            if (of == nullptr) return;
            of->busy_ = false;
            of->waiting_.wake_one();
        }
        Reparent* of;
    };
    // Somebody has stopped replication and means it: until he starts it, or, if it was the first
    // step of a reparent, until the shard has another primary than this.
    struct Pause {
        bool until_reparent = false;
        std::optional<TabletAlias> primary = {};
    };
    Task<Result<Turn>> take_turn(Stop* stop);
    Task<Result<void>> fix_semi_sync(bool wanted, bool as_primary, Stop* stop);
    Task<Result<void>> follow(SourceOrder order, Stop* stop);
    Task<Result<void>> wait_for_order(SourceOrder order, Stop* stop);
    Task<Result<void>> leave_primary(Stop* stop);
    Task<Result<replicationdata::PrimaryStatus>> stop_and_tell(bool* stopped, Stop* stop);
    Task<Result<void>> create_sidecar(Stop* stop);
    Task<Result<void>> wait_for_journal(std::int64_t time_created_ns, Stop* stop);
    Task<Result<void>> put_in_place(Stop* stop);
    bool is_paused(const topo::Shard& shard);
    Task<Pause> pause_of_reparent(Stop* stop);
    Task<Result<void>> keep_primary(const topo::Shard* shard, std::string policy, Stop* stop);
    Task<Result<void>> keep_replica(TabletAlias primary, std::string policy, Stop* stop);
    Task<Result<void>> keep_running(const replicationdata::Status* status, bool semi_sync,
                                    Stop* stop);
    std::string journal_table() const;

    ReparentOptions options_;
    Server* server_;
    Lifecycle* lifecycle_;
    ReplicationControl* replication_;
    bool busy_ = false;
    async::WaitQueue waiting_;
    std::optional<Pause> pause_;
    // Somebody has made the server read-only and means it.
    bool read_only_wanted_ = false;
    std::string last_trouble_;
};

}  // namespace sluice::tabletserver
