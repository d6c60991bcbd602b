#pragma once
// A tablet's query server as a whole: cores on all loops, and on the main loop what decides whether
// it serves: the wanted type, the MySQL server, its lag, the schema (vttablet-contract 2, 3.8).
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "async/scope.h"
#include "tabletserver/core.h"
#include "tabletserver/options.h"
#include "tabletserver/query_service.h"
#include "tabletserver/schema.h"
#include "tabletserver/sequences.h"

namespace sluice::tabletserver {

// What the topology says that this tablet is.
struct Wanted {
    TabletType type = TabletType::unknown;
    std::int64_t term_start = 0;  // seconds; of a primary
    bool serve = true;            // the shard's record lets this type serve
    std::vector<std::string> denied_tables{};
    std::string reason;  // why not
    bool operator==(const Wanted&) const = default;
};

// For the web pages.
struct ServerState {
    TabletType type = TabletType::unknown;
    bool serving = false, connected = false;
    std::string reason;  // why it does not serve, or is not well
    std::uint32_t lag_seconds = 0;
    bool degraded = false;
};

class Server {
 public:
    // One loop each; the first is the main loop, where everything below runs. Loops outlive it.
    Server(Options options, std::vector<async::Loop*> loops);
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;
    ~Server();

    // Makes the pools of all loops and begins to look after the server. It does not serve yet.
    Task<Result<void>> start(Stop* stop);
    void want(Wanted wanted);
    // Ends when the tablet is what was wanted last, as far as it can be.
    Task<Result<void>> settle(Stop* stop);
    // Gates are told to go elsewhere, requests are still answered.
    void enter_lameduck();
    // Who may do what from now on; null: there is no ACL.
    void set_acl(std::shared_ptr<const TableAcl> acl);
    // Rules of one source (query_rules.h) replace its old ones; in force when this ends.
    Task<void> set_rules(std::string_view source, QueryRules rules);
    const RuleSources& rules() const { return *rules_; }
    // Serves no more: transactions have their grace.
    Task<void> stop_serving();
    // Closes everything; nothing may be asked of it any more.
    Task<void> close();

    Task<Result<void>> reload_schema(Stop* stop);
    // The same, and gates are told what has changed.
    Task<Result<void>> reload_and_tell(Stop* stop);
    // Numbers of sequences come from their tables anew.
    void forget_sequences() { sequences_->forget(); }
    // Looks at the server now.
    Task<Result<void>> check_now(Stop* stop);
    const Options& options() const { return options_; }
    const Wanted& wanted() const { return wanted_; }
    ServerState state() const;
    const Schema& schema() const { return *schema_; }
    QueryService& service() { return *service_; }
    const std::vector<std::unique_ptr<Core>>& cores() const { return cores_; }
    // As the user for administration, in no database.
    tablet::MysqlTablet* admin() { return admin_.get(); }

 private:
    Task<void> look_after();
    Task<void> one_round();
    void ask_round();
    void look_soon();
    Task<void> check_mysql();
    Task<void> measure();
    Task<Result<void>> open_database(Stop* stop);
    Task<void> transition();
    Task<void> deny_tables();
    Task<void> drain();
    Task<void> set_condition(Condition condition);
    Task<void> broadcast(bool with_changes);
    Task<void> publish_schema();
    Task<void> reload_from(Core* core);
    Task<std::size_t> count_held();
    bool should_serve() const;
    std::string trouble() const;

    Options options_;
    std::vector<std::unique_ptr<Core>> cores_;
    std::unique_ptr<tablet::MysqlTablet> admin_;
    std::unique_ptr<Sequences> sequences_;
    std::unique_ptr<Schema> schema_;
    std::unique_ptr<QueryService> service_;
    Wanted wanted_;
    Condition condition_;
    std::shared_ptr<const RuleSources> rules_ = std::make_shared<const RuleSources>();
    std::vector<std::string> denied_tables_;  // that the rules are made of
    bool connected_ = false, lameduck_ = false, closing_ = false, settled_ = false, again_ = false;
    bool schema_due_ = true;
    async::Clock::time_point schema_read_{};
    async::Clock::time_point type_changed_{};
    std::string mysql_trouble_ = "tabletserver uninitialized";
    std::string lag_trouble_;
    std::uint32_t lag_seconds_ = 0;
    double qps_ = 0;
    std::uint64_t queries_before_ = 0;
    async::Clock::time_point measured_{};
    async::WaitQueue wake_;
    async::WaitQueue rounds_;
    Stop ending_;
    async::Scope scope_;
};

}  // namespace sluice::tabletserver
