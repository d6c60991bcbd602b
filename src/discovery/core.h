#pragma once
// What one core knows and owns: its pointers to the newest snapshots, and its own Tablet objects,
// made when first needed. A Core belongs to its loop; everything here is called there.
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "async/scope.h"
#include "async/stop.h"
#include "async/task.h"
#include "async/wait_queue.h"
#include "discovery/cluster.h"
#include "tablet/tablet.h"
#include "vschema/schema.h"

namespace sluice::discovery {

using async::Stop;
using async::Task;
using SchemaPointer = std::shared_ptr<const vschema::Schema>;
using TabletPointer = std::shared_ptr<tablet::Tablet>;

// Makes the Tablet of a record, on the loop that will use it.
using TabletFactory = std::function<std::unique_ptr<tablet::Tablet>(const topo::Tablet& record)>;

class Core {
 public:
    // close() must have been awaited before the destructor if a Tablet was made.
    explicit Core(TabletFactory factory) : factory_(std::move(factory)) {}
    Core(const Core&) = delete;
    Core& operator=(const Core&) = delete;

    // Never null; empty before the first snapshot has come. Copy the pointer for as long as a
    // statement runs: counting it touches no other core's memory.
    const ClusterPointer& cluster() const { return cluster_; }
    const SchemaPointer& schema() const { return schema_; }

    // This core's Tablet for an entry of a snapshot. Keep the pointer while calls run or
    // connections are held: an entry whose record is gone is forgotten here, and its Tablet ends
    // with its last user.
    TabletPointer tablet(const TabletEntry& entry);

    // A call failed to reach the tablet, or reached it: choices avoid the ones that failed lately.
    void mark(const TabletEntry& entry, bool reached);
    // Healthy in the snapshot, and not failed lately on this core.
    bool usable(const KnownTablet& known) const;

    // Whom mark() tells that a tablet was not reached, by its alias; called on this loop.
    void when_unreached(std::function<void(const std::string& alias)> tell) {
        tell_unreached_ = std::move(tell);
    }

    // Until a snapshot later than `epoch` has come.
    Task<Result<void>> wait_for_cluster(std::uint64_t epoch, Stop* stop);
    // Until schema()->epoch() is at least `epoch`.
    Task<Result<void>> wait_for_schema(std::uint64_t epoch, Stop* stop);

    // For Discovery and tests.
    void install(ClusterPointer cluster);
    void install(SchemaPointer schema);
    // Waits for the users of all Tablets, and closes them. Nothing may be asked of it afterwards.
    Task<void> close();

 private:
    struct Own {
        TabletPointer tablet;
        bool failed = false;
        async::Clock::time_point failed_at;
    };

    void retire(Own own);
    static Task<void> close_unused(TabletPointer tablet);

    TabletFactory factory_;
    ClusterPointer cluster_ = std::make_shared<const Cluster>();
    SchemaPointer schema_ = std::make_shared<const vschema::Schema>();
    std::vector<Own> tablets_;  // by TabletEntry::number
    async::WaitQueue schema_waiters_;
    async::WaitQueue cluster_waiters_;
    std::function<void(const std::string& alias)> tell_unreached_;
    async::Scope retired_;
};

}  // namespace sluice::discovery
