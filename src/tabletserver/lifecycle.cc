// A tablet in the topology. Before: apps/vttablet. After: server.cc.
#include "tabletserver/lifecycle.h"

#include <algorithm>

#include "async/deadline.h"
#include "async/wait_queue.h"
#include "base/log.h"
#include "topo/paths.h"
#include "topo/serving.h"
#include "vindex/target.h"

namespace sluice::tabletserver {
namespace {

using topo::Shard;
using topo::Tablet;
using topo::Time;

Time now() {
    const auto since = std::chrono::system_clock::now().time_since_epoch();
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(since);
    return {.seconds = seconds.count(),
            .nanoseconds = static_cast<std::int32_t>((since - seconds).count())};
}

bool later(const std::optional<Time>& left, const std::optional<Time>& right) {
    if (!left) return false;
    if (!right) return true;
    return std::pair(left->seconds, left->nanoseconds) >
           std::pair(right->seconds, right->nanoseconds);
}

// Tables that the shard's record keeps this tablet from: they have moved, or are about to.
std::vector<std::string> denied_tables(const Shard& shard, const Tablet& record) {
    for (const topo::TabletControl& control : shard.tablet_controls) {
        const bool here =
            control.cells.empty() ||
            std::ranges::find(control.cells, record.alias.cell) != control.cells.end();
        if (control.tablet_type == record.type && here) return control.denied_tables;
    }
    return {};
}

// A record that is there already is as good.
template <class T>
Task<Result<void>> create(topo::Topology* topology, std::string path, T record, Stop* stop) {
    const auto made =
        co_await topology->global().create(std::move(path), topo::encode(record), stop);
    if (!made && made.error().code != topo::node_exists) co_return fail(made.error());
    co_return Result<void>{};
}

}  // namespace

Result<TabletType> initial_type(std::string_view name) {
    const TabletType type = vindex::tablet_type_of_name(name);
    if (type == TabletType::replica || type == TabletType::rdonly || type == TabletType::spare)
        return type;
    if (type == TabletType::unknown && name != "unknown" && name != "UNKNOWN")
        return fail(Code::invalid_argument, "unknown TabletType " + std::string(name));
    return fail(Code::invalid_argument, "invalid init_tablet_type " +
                                            std::string(vindex::tablet_type_name(type)) +
                                            "; can only be REPLICA, RDONLY or SPARE");
}

Lifecycle::Lifecycle(LifecycleOptions options, std::shared_ptr<topo::Topology> topology,
                     Server* server)
    : options_(std::move(options)),
      base_type_(options_.record.type),
      topology_(std::move(topology)),
      server_(server) {}

Task<Result<void>> Lifecycle::start(Stop* stop) {
    async::LinkedStop limited(stop);
    const async::Deadline deadline(
        limited.get(), options_.init_timeout,
        make_error(Code::deadline_exceeded, "the topology did not answer within --init_timeout"));
    CO_TRY(co_await topology_->wait_until_it_answers(limited.get()));
    const Shard shard = CO_TRY(co_await ensure_shard(limited.get()));
    CO_TRY(co_await decide_type(&shard, limited.get()));
    CO_TRY(co_await publish(true, limited.get()));
    CO_TRY(co_await join_replication(limited.get()));
    disabled_ = co_await is_disabled(limited.get());
    denied_tables_ = denied_tables(shard, options_.record);
    want();
    scope_.spawn("serving records", ensure_serving_records());
    scope_.spawn("shard", follow_shard());
    co_return Result<void>{};
}

Task<Result<Shard>> Lifecycle::ensure_shard(Stop* stop) {
    const Tablet& record = options_.record;
    auto found = co_await topology_->shard(record.keyspace, record.shard, stop);
    if (!found && found.error().code == topo::no_node) {
        CO_TRY(co_await create_shard(stop));
        found = co_await topology_->shard(record.keyspace, record.shard, stop);
    }
    if (!found) co_return fail(std::move(found).error());
    co_return std::move(found->value);
}

// The keyspace, its VSchema and the shard; the shard serves unless another one has its place.
Task<Result<void>> Lifecycle::create_shard(Stop* stop) {
    const Tablet& record = options_.record;
    CO_TRY(co_await create(topology_.get(), topo::path::keyspace(record.keyspace), topo::Keyspace{},
                           stop));
    CO_TRY(co_await create(topology_.get(), topo::path::vschema(record.keyspace),
                           vschema::KeyspaceDefinition{}, stop));
    const std::unique_ptr<topo::Lock> lock =
        CO_TRY(co_await topology_->lock_keyspace(record.keyspace, "CreateShard", stop));
    Shard made;
    made.key_range = record.key_range;
    made.is_primary_serving = true;
    const auto names = co_await topology_->shard_names(record.keyspace, stop);
    for (const std::string& name : names.value_or(std::vector<std::string>())) {
        const auto other = CO_TRY(co_await topology_->shard(record.keyspace, name, stop));
        const auto* theirs = other.value.key_range ? &*other.value.key_range : nullptr;
        const auto* ours = made.key_range ? &*made.key_range : nullptr;
        if (other.value.is_primary_serving && vindex::intersect(ours, theirs))
            made.is_primary_serving = false;
    }
    Result<void> created = co_await create(
        topology_.get(), topo::path::shard(record.keyspace, record.shard), made, stop);
    static_cast<void>(co_await lock->release(stop));
    co_return created;
}

// By the shard's record and the tablet's own of its former life.
Task<Result<void>> Lifecycle::decide_type(const Shard* shard, Stop* stop) {
    const Tablet& record = options_.record;
    const auto own = co_await topology_->tablet(record.alias, stop);
    if (!own && own.error().code != topo::no_node) co_return fail(own.error());
    if (own && (own->value.keyspace != record.keyspace || own->value.shard != record.shard)) {
        co_return fail(Code::failed_precondition,
                       "initeKeyspaceShardTabletType failed: existing tablet keyspace and shard " +
                           own->value.keyspace + "/" + own->value.shard + " differ from supplied " +
                           record.keyspace + "/" + record.shard);
    }
    const bool was_primary = own && own->value.type == TabletType::primary;
    if (shard->primary_alias == record.alias) {
        std::optional<Time> term = shard->primary_term_start_time;
        if (!own) term = now();
        if (was_primary) term = own->value.primary_term_start_time;
        take_type(TabletType::primary, term);
    } else if (was_primary &&
               later(own->value.primary_term_start_time, shard->primary_term_start_time)) {
        take_type(TabletType::primary, own->value.primary_term_start_time);
    }
    co_return Result<void>{};
}

void Lifecycle::take_type(TabletType type, std::optional<Time> term) {
    options_.record.type = type;
    options_.record.primary_term_start_time = term;
    if (type != TabletType::primary) options_.record.primary_term_start_time.reset();
}

void Lifecycle::want() {
    const Tablet& record = options_.record;
    server_->want(
        {.type = record.type,
         .term_start = record.primary_term_start_time ? record.primary_term_start_time->seconds : 0,
         .serve = !disabled_ && !demoted_,
         .denied_tables = denied_tables_,
         .reason = demoted_    ? "demotion in progress"
                   : disabled_ ? disabled_why_
                               : std::string()});
}

Task<Result<void>> Lifecycle::publish(bool first, Stop* stop) {
    const Tablet& record = options_.record;
    topo::Revision version = 0;
    if (!first) {
        const auto own = co_await topology_->tablet(record.alias, stop);
        if (!own && own.error().code == topo::no_node) {
            log::error("the tablet's record was deleted: the tablet ends");
            if (options_.end_process) options_.end_process();
        }
        if (!own) co_return fail(own.error());
        version = own->version;
    }
    CO_TRY(co_await topology_->write(record.alias.cell, topo::path::tablet(record.alias), record,
                                     version, stop));
    co_return Result<void>{};
}

// The list of the shard's tablets in the cell; others write it too.
Task<Result<void>> Lifecycle::join_replication(Stop* stop) {
    const Tablet& record = options_.record;
    const std::string path = topo::path::shard_replication(record.keyspace, record.shard);
    const auto store = CO_TRY(co_await topology_->cell(record.alias.cell, stop));
    for (;;) {
        auto known = co_await topology_->shard_replication(record.alias.cell, record.keyspace,
                                                           record.shard, stop);
        if (!known && known.error().code != topo::no_node) co_return fail(known.error());
        topo::ShardReplication list;
        if (known) list = std::move(known->value);
        if (std::ranges::find(list.nodes, record.alias) != list.nodes.end())
            co_return Result<void>{};
        list.nodes.push_back(record.alias);
        const auto written =
            known ? co_await store->update(path, topo::encode(list), known->version, stop)
                  : co_await store->create(path, topo::encode(list), stop);
        if (written) co_return Result<void>{};
        const Code code = written.error().code;
        if (code != topo::bad_version && code != topo::node_exists) co_return fail(written.error());
    }
}

// What gates of the cell route by, if nobody has made it: as soon as all shards are there.
Task<void> Lifecycle::ensure_serving_records() {
    const Tablet& record = options_.record;
    const std::string& cell = record.alias.cell;
    while (!ending_.requested()) {
        const auto known = co_await topology_->srv_keyspace(cell, record.keyspace, &ending_);
        if (known) break;
        auto made = co_await topo::gather_srv_keyspace(topology_.get(), record.keyspace, &ending_);
        if (made && topo::check_complete(*made)) {
            const auto written = co_await topology_->write(
                cell, topo::path::srv_keyspace(record.keyspace), *made, 0, &ending_);
            if (written) break;
        }
        static_cast<void>(co_await async::pause(std::chrono::seconds(1), &ending_));
    }
    while (!ending_.requested()) {
        const auto known = co_await topology_->srv_vschema(cell, &ending_);
        const bool has_keyspace = known && known->value.keyspaces.contains(record.keyspace);
        if (has_keyspace || co_await topology_->rebuild_srv_vschema({cell}, &ending_)) break;
        static_cast<void>(co_await async::pause(std::chrono::seconds(1), &ending_));
    }
}

Task<void> Lifecycle::follow_shard() {
    while (!ending_.requested()) {
        co_await follow_once();
        static_cast<void>(co_await async::pause(std::chrono::seconds(1), &ending_));
    }
}

Task<void> Lifecycle::follow_once() {
    const Tablet& record = options_.record;
    auto watch = co_await topology_->watch<Shard>(
        "global", topo::path::shard(record.keyspace, record.shard), &ending_);
    while (watch && !ending_.requested()) {
        Result<Shard> shard = co_await watch->next(&ending_);
        if (!shard) co_return;
        co_await heed(std::move(*shard));
    }
}

// The shard has a primary of a later term: this tablet is none any more. Its own term is the
// latest: the shard shall say so.
Task<void> Lifecycle::heed(Shard shard) {
    const Tablet& record = options_.record;
    const bool named = shard.primary_alias == record.alias;
    if (record.type == TabletType::primary) {
        if (!named && later(shard.primary_term_start_time, record.primary_term_start_time)) {
            log::warning("the shard has another primary: this tablet becomes " +
                         std::string(vindex::tablet_type_name(base_type_)));
            if (options_.step_down) {
                co_await options_.step_down(shard.primary_alias ? *shard.primary_alias
                                                                : TabletAlias());
            } else {
                static_cast<void>(co_await change_type(base_type_, &ending_));
            }
            co_return;
        }
        const bool newer = later(record.primary_term_start_time, shard.primary_term_start_time);
        if (newer || (!named && !shard.primary_alias)) {
            const Result<void> claimed = co_await claim_shard(&ending_);
            if (!claimed) log::warning("the shard's record: " + claimed.error().text);
        }
    }
    const bool split = record.type == TabletType::primary && !shard.source_shards.empty();
    disabled_ = split || co_await is_disabled(&ending_);
    denied_tables_ = denied_tables(shard, record);
    disabled_why_ = split ? "primary tablet with filtered replication on"
                          : "query service disabled by tablet controls";
    want();
}

Task<Result<void>> Lifecycle::claim_shard(Stop* stop) {
    const Tablet& record = options_.record;
    auto shard = CO_TRY(co_await topology_->shard(record.keyspace, record.shard, stop));
    const bool newer = later(record.primary_term_start_time, shard.value.primary_term_start_time);
    if (!newer && shard.value.primary_alias) co_return Result<void>{};
    shard.value.primary_alias = record.alias;
    shard.value.primary_term_start_time = record.primary_term_start_time;
    CO_TRY(co_await topology_->write("global", topo::path::shard(record.keyspace, record.shard),
                                     std::move(shard.value), shard.version, stop));
    log::info("the shard's record names this tablet as its primary");
    co_return Result<void>{};
}

Task<bool> Lifecycle::is_disabled(Stop* stop) {
    const Tablet& record = options_.record;
    const auto served = co_await topology_->srv_keyspace(record.alias.cell, record.keyspace, stop);
    if (!served) co_return false;
    const topo::KeyspacePartition* const partition = served->value.partition(record.type);
    if (partition == nullptr) co_return false;
    for (const topo::ShardTabletControl& control : partition->shard_tablet_controls) {
        if (control.name == record.shard && control.query_service_disabled) co_return true;
    }
    co_return false;
}

Task<Result<void>> Lifecycle::change_type(TabletType type, Stop* stop) {
    if (type == TabletType::primary) {
        if (options_.record.type == type) co_return Result<void>{};
        co_return co_await become_primary({}, stop);
    }
    take_type(type, std::nullopt);
    base_type_ = type;
    demoted_ = false;
    // First the tablet stops to be what it was, then others hear of it.
    want();
    CO_TRY(co_await server_->settle(stop));
    co_return co_await publish(false, stop);
}

Task<Result<void>> Lifecycle::become_primary(std::function<Task<Result<void>>(Stop*)> make_writable,
                                             Stop* stop) {
    const Tablet before = options_.record;
    take_type(TabletType::primary, now());
    const Result<void> published = co_await publish(false, stop);
    if (!published) {
        options_.record = before;
        co_return fail(published.error());
    }
    if (make_writable) CO_TRY(co_await make_writable(stop));
    demoted_ = false;
    want();
    CO_TRY(co_await server_->settle(stop));
    const Result<void> claimed = co_await claim_shard(stop);
    if (claimed) co_return Result<void>{};
    log::warning("the shard's record is tried again: " + claimed.error().text);
    if (!claiming_) scope_.spawn("claim", claim_until_done());
    co_return Result<void>{};
}

Task<void> Lifecycle::claim_until_done() {
    claiming_ = true;
    while (!ending_.requested() && options_.record.type == TabletType::primary) {
        static_cast<void>(co_await async::pause(std::chrono::seconds(1), &ending_));
        if (co_await claim_shard(&ending_)) break;
    }
    claiming_ = false;
}

Task<Result<void>> Lifecycle::set_demoted(bool demoted, Stop* stop) {
    demoted_ = demoted;
    want();
    co_return co_await server_->settle(stop);
}

Task<Result<void>> Lifecycle::change_tags(std::map<std::string, std::string> tags, Stop* stop) {
    options_.record.tags = std::move(tags);
    co_return co_await publish(false, stop);
}

Task<Result<void>> Lifecycle::publish_mysql_port(std::int32_t port, Stop* stop) {
    if (options_.record.mysql_port == port) co_return Result<void>{};
    options_.record.mysql_port = port;
    co_return co_await publish(false, stop);
}

Task<Result<void>> Lifecycle::refresh(Stop* stop) {
    const Tablet& record = options_.record;
    auto shard = CO_TRY(co_await topology_->shard(record.keyspace, record.shard, stop));
    co_await heed(std::move(shard.value));
    co_return Result<void>{};
}

Task<void> Lifecycle::stop() {
    ending_.request(make_error(Code::unavailable, "the tablet ends"));
    co_await scope_.join();
    Stop patience;
    const async::Deadline deadline(&patience, std::chrono::seconds(5),
                                   make_error(Code::deadline_exceeded, "the topology"));
    auto own = co_await topology_->tablet(options_.record.alias, &patience);
    if (!own) co_return;
    own->value.hostname.clear();
    own->value.mysql_hostname.clear();
    own->value.port_map.clear();
    static_cast<void>(co_await topology_->write(options_.record.alias.cell,
                                                topo::path::tablet(options_.record.alias),
                                                std::move(own->value), own->version, &patience));
}

}  // namespace sluice::tabletserver
