// Start and change of a gateway: reads, writes, watches and locks of a topology in etcd. Before:
// topo/topology.cc. After: detail/etcd_client.cc.
#include "topo/detail/etcd_store.h"

#include "topo/detail/etcd_client.h"
#include "topo/detail/etcd_lock.h"
#include "topo/detail/etcd_watch.h"
#include "topo/detail/rules.h"
#include "topo/paths.h"

namespace sluice::topo::detail {

using namespace etcdserverpb;

namespace {

Compare is_at(const std::string& key, Revision version) {
    Compare compare;
    compare.set_key(key);
    compare.set_target(Compare::MOD);
    compare.set_mod_revision(version);
    return compare;
}

void add_put(TxnRequest* request, std::string key, std::string contents) {
    PutRequest* put = request->add_success()->mutable_request_put();
    put->set_key(std::move(key));
    put->set_value(std::move(contents));
}

// If the version is another one, says whether there is any.
void add_look(TxnRequest* request, const std::string& key) {
    RangeRequest* look = request->add_failure()->mutable_request_range();
    look->set_key(key);
    look->set_keys_only(true);
}
std::unexpected<Error> why_refused(const TxnResponse& answer, const std::string& key) {
    const bool present =
        answer.responses_size() != 0 && answer.responses(0).response_range().kvs_size() != 0;
    return present ? other_version(key) : no_such_node(key);
}

Task<Result<std::vector<ListedRecord>>> list_keys(EtcdClient* client, std::string prefix,
                                                  bool with_contents, Stop* stop) {
    RangeRequest request;
    request.set_key(prefix);
    request.set_range_end(end_of_prefix(prefix));
    request.set_keys_only(!with_contents);
    RangeResponse answer = CO_TRY(co_await client->range(std::move(request), stop));
    std::vector<ListedRecord> records;
    records.reserve(static_cast<std::size_t>(answer.kvs_size()));
    for (mvccpb::KeyValue& one : *answer.mutable_kvs()) {
        records.push_back(
            {std::move(*one.mutable_key()), std::move(*one.mutable_value()), one.mod_revision()});
    }
    if (records.empty()) co_return no_such_node(prefix);
    co_return records;
}

class EtcdStore final : public Store {
 public:
    EtcdStore(std::shared_ptr<EtcdClient> client, std::string root,
              std::chrono::milliseconds lock_lease)
        : client_(std::move(client)), root_(std::move(root)), lock_lease_(lock_lease) {}

    Task<Result<Record>> get(std::string path, Stop* stop) override {
        const std::string key = key_of(path);
        FoundRecord found = CO_TRY(co_await read(key, stop));
        if (!found.present) co_return no_such_node(key);
        co_return std::move(found.record);
    }

    Task<Result<std::vector<std::string>>> list_dir(std::string path, Stop* stop) override {
        const std::string prefix = path.empty() ? root_ + "/" : key_of(path) + "/";
        co_return names_below(prefix, CO_TRY(co_await keys_below(prefix, false, stop)));
    }

    Task<Result<std::vector<ListedRecord>>> list(std::string prefix, Stop* stop) override {
        auto records = CO_TRY(co_await keys_below(key_of(prefix), true, stop));
        for (ListedRecord& record : records) record.path.erase(0, root_.size() + 1);
        co_return records;
    }

    Task<Result<Revision>> create(std::string path, std::string contents, Stop* stop) override {
        const std::string key = key_of(path);
        TxnRequest request;
        Compare* compare = request.add_compare();
        compare->set_key(key);
        compare->set_target(Compare::VERSION);
        compare->set_version(0);
        add_put(&request, key, std::move(contents));
        const TxnResponse answer = CO_TRY(co_await run(std::move(request), stop));
        if (!answer.succeeded()) co_return node_is_there(key);
        co_return answer.header().revision();
    }

    Task<Result<Revision>> update(std::string path, std::string contents, Revision version,
                                  Stop* stop) override {
        const std::string key = key_of(path);
        TxnRequest request;
        add_put(&request, key, std::move(contents));
        if (version != 0) {
            *request.add_compare() = is_at(key, version);
            add_look(&request, key);
        }
        const TxnResponse answer = CO_TRY(co_await run(std::move(request), stop));
        if (!answer.succeeded()) co_return why_refused(answer, key);
        co_return answer.header().revision();
    }

    Task<Result<void>> remove(std::string path, Revision version, Stop* stop) override {
        const std::string key = key_of(path);
        TxnRequest request;
        request.add_success()->mutable_request_delete_range()->set_key(key);
        if (version != 0) {
            *request.add_compare() = is_at(key, version);
            add_look(&request, key);
        }
        const TxnResponse answer = CO_TRY(co_await run(std::move(request), stop));
        if (!answer.succeeded()) co_return why_refused(answer, key);
        const bool deleted = answer.responses_size() != 0 &&
                             answer.responses(0).response_delete_range().deleted() != 0;
        if (!deleted) co_return no_such_node(key);
        co_return Result<void>{};
    }

    Task<Result<std::unique_ptr<Watch>>> watch(std::string path, Stop* stop) override {
        const std::string key = key_of(path);
        FoundRecord found = CO_TRY(co_await read(key, stop));
        if (!found.present) co_return no_such_node(key);
        co_return make_etcd_watch(client_, key, std::move(found));
    }

    Task<Result<std::unique_ptr<Lock>>> lock(std::string directory, std::string contents,
                                             Stop* stop) override {
        return take_etcd_lock(client_, key_of(directory), std::move(contents), lock_lease_, stop);
    }

 private:
    std::string key_of(const std::string& path) const { return path::join(root_, path); }

    Task<Result<FoundRecord>> read(std::string key, Stop* stop) {
        co_return co_await client_->visit<Result<FoundRecord>>(
            [client = client_.get(), &key](Stop* inner) {
                return read_record(client, std::move(key), inner);
            },
            stop);
    }
    Task<Result<std::vector<ListedRecord>>> keys_below(std::string prefix, bool with_contents,
                                                       Stop* stop) {
        co_return co_await client_->visit<Result<std::vector<ListedRecord>>>(
            [client = client_.get(), &prefix, with_contents](Stop* inner) {
                return list_keys(client, std::move(prefix), with_contents, inner);
            },
            stop);
    }
    Task<Result<TxnResponse>> run(TxnRequest request, Stop* stop) {
        co_return co_await client_->visit<Result<TxnResponse>>(
            [client = client_.get(), &request](Stop* inner) {
                return client->txn(std::move(request), inner);
            },
            stop);
    }

    std::shared_ptr<EtcdClient> client_;
    std::string root_;
    std::chrono::milliseconds lock_lease_;
};

}  // namespace

std::shared_ptr<Store> make_etcd_store(std::shared_ptr<EtcdClient> client, std::string root,
                                       std::chrono::milliseconds lock_lease) {
    while (root.ends_with('/')) root.pop_back();
    return std::make_shared<EtcdStore>(std::move(client), std::move(root), lock_lease);
}

}  // namespace sluice::topo::detail
