// vtctldclient: commands about the primary of a shard. Before: client.cc. After: service.cc, in
// vtctld.
#include "logutil.pb.h"
#include "vtctl/detail/command.h"

namespace sluice::vtctl::detail {
namespace {

using Ran = Task<Result<void>>;

template <class Response>
void print_events(Client* client, const Response& response) {
    for (const auto& event : response.events()) client->line(event_line(event));
}

Ran emergency(Client* client) {
    message::EmergencyReparentShardRequest request;
    const KeyspaceShard where = CO_TRY(keyspace_shard_of(client->word(0)));
    request.set_keyspace(where.keyspace);
    request.set_shard(where.shard);
    if (!client->text("new-primary").empty())
        *request.mutable_new_primary() = CO_TRY(alias_of(client->text("new-primary")));
    if (!client->text("expected-primary").empty())
        *request.mutable_expected_primary() = CO_TRY(alias_of(client->text("expected-primary")));
    for (const auto& one : client->list("ignore-replicas"))
        *request.add_ignore_replicas() = CO_TRY(alias_of(one));
    set_duration(client->duration("wait-replicas-timeout"),
                 request.mutable_wait_replicas_timeout());
    request.set_prevent_cross_cell_promotion(client->on("prevent-cross-cell-promotion"));
    request.set_wait_for_all_tablets(client->on("wait-for-all-tablets"));
    print_events(
        client,
        CO_TRY(co_await client->call<message::EmergencyReparentShardResponse>(std::move(request))));
    co_return Result<void>{};
}

Ran planned(Client* client) {
    message::PlannedReparentShardRequest request;
    const KeyspaceShard where = CO_TRY(keyspace_shard_of(client->word(0)));
    request.set_keyspace(where.keyspace);
    request.set_shard(where.shard);
    if (!client->text("new-primary").empty())
        *request.mutable_new_primary() = CO_TRY(alias_of(client->text("new-primary")));
    if (!client->text("avoid-primary").empty())
        *request.mutable_avoid_primary() = CO_TRY(alias_of(client->text("avoid-primary")));
    if (!client->text("expected-primary").empty())
        *request.mutable_expected_primary() = CO_TRY(alias_of(client->text("expected-primary")));
    set_duration(client->duration("wait-replicas-timeout"),
                 request.mutable_wait_replicas_timeout());
    set_duration(client->duration("tolerable-replication-lag"),
                 request.mutable_tolerable_replication_lag());
    request.set_allow_cross_cell_promotion(client->on("allow-cross-cell-promotion"));
    print_events(
        client,
        CO_TRY(co_await client->call<message::PlannedReparentShardResponse>(std::move(request))));
    co_return Result<void>{};
}

Ran initial(Client* client) {
    message::InitShardPrimaryRequest request;
    const KeyspaceShard where = CO_TRY(keyspace_shard_of(client->word(0)));
    request.set_keyspace(where.keyspace);
    request.set_shard(where.shard);
    *request.mutable_primary_elect_tablet_alias() = CO_TRY(alias_of(client->word(1)));
    set_duration(client->duration("wait-replicas-timeout"),
                 request.mutable_wait_replicas_timeout());
    request.set_force(client->on("force"));
    print_events(
        client,
        CO_TRY(co_await client->call<message::InitShardPrimaryResponse>(std::move(request))));
    co_return Result<void>{};
}

Ran reparent_tablet(Client* client) {
    message::ReparentTabletRequest request;
    *request.mutable_tablet() = CO_TRY(alias_of(client->word(0)));
    const auto response =
        CO_TRY(co_await client->call<message::ReparentTabletResponse>(std::move(request)));
    client->print_json(response);
    co_return Result<void>{};
}

Ran externally_reparented(Client* client) {
    message::TabletExternallyReparentedRequest request;
    *request.mutable_tablet() = CO_TRY(alias_of(client->word(0)));
    const auto response = CO_TRY(
        co_await client->call<message::TabletExternallyReparentedResponse>(std::move(request)));
    client->print_json(response);
    co_return Result<void>{};
}

const std::vector<Command> commands{
    {.name = "EmergencyReparentShard",
     .usage = "<keyspace/shard>",
     .summary = "Makes another tablet the primary of a shard whose primary does not answer.",
     .flags = {{"expected-primary", '\0', std::string(""), "only if this tablet is the primary"},
               {"ignore-replicas", 'i', std::vector<std::string>{}, "tablets to leave alone"},
               {"new-primary", '\0', std::string(""), "this tablet shall be the primary"},
               {"prevent-cross-cell-promotion", '\0', false,
                "the new primary must be in the cell of the old one"},
               {"wait-for-all-tablets", '\0', false, "wait for all tablets to answer"},
               {"wait-replicas-timeout", '\0', servenv::Duration(std::chrono::seconds(15)),
                "how long to wait for replicas"}},
     .least = 1,
     .most = 1,
     .run = &emergency},
    {.name = "PlannedReparentShard",
     .usage = "<keyspace/shard>",
     .summary = "Makes another tablet the primary of a shard that is well.",
     .flags = {{"allow-cross-cell-promotion", '\0', false,
                "the new primary may be in another cell"},
               {"avoid-primary", '\0', std::string(""), "this tablet shall not be the primary"},
               {"expected-primary", '\0', std::string(""), "only if this tablet is the primary"},
               {"new-primary", '\0', std::string(""), "this tablet shall be the primary"},
               {"tolerable-replication-lag", '\0', servenv::Duration(std::chrono::seconds(0)),
                "a new primary may lag by so much; 0: by any"},
               {"wait-replicas-timeout", '\0', servenv::Duration(std::chrono::seconds(15)),
                "how long to wait for replicas"}},
     .least = 1,
     .most = 1,
     .run = &planned},
    {.name = "ReparentTablet",
     .usage = "<alias>",
     .summary = "A tablet follows the shard's primary again.",
     .least = 1,
     .most = 1,
     .run = &reparent_tablet},
    {.name = "TabletExternallyReparented",
     .usage = "<alias>",
     .summary = "Tells that another tool has made the tablet the primary.",
     .least = 1,
     .most = 1,
     .run = &externally_reparented},
    {.name = "InitShardPrimary",
     .usage = "<keyspace/shard> <primary alias>",
     .summary = "Makes a tablet the first primary of a shard; replication is reset on all.",
     .flags = {{"force", '\0', false, "also if the shard has another primary"},
               {"wait-replicas-timeout", '\0', servenv::Duration(std::chrono::seconds(30)),
                "how long to wait for replicas"}},
     .least = 2,
     .most = 2,
     .run = &initial,
     .hidden = true},
};

}  // namespace

const std::vector<Command>& reparent_commands() {
    return commands;
}

}  // namespace sluice::vtctl::detail
