#pragma once
// Following one key of etcd over broken streams, members without a leader and forgotten (compacted)
// revisions.
#include <memory>
#include <string>

#include "rpc/call.h"
#include "topo/detail/etcd_client.h"

namespace sluice::topo::detail {

struct FoundRecord {
    bool present = false;
    Record record;
    Revision revision = 0;  // of the store when it was read
};
// On the home loop. Absence is no error here.
Task<Result<FoundRecord>> read_record(EtcdClient* client, std::string key, Stop* stop);

// What is known of a followed key. On the home loop only.
struct Followed {
    std::string key;
    Revision version = 0;   // of the record that was given last
    Revision revision = 0;  // what happened up to here is known
    // A stream that has ended may have hidden anything, so that the record is read before the
    // next one begins.
    bool stale = false;
    std::unique_ptr<rpc::ClientCall> stream;
    rpc::Channel* channel = nullptr;  // that the stream runs on
};

// On the home loop: waits for the next state. no_node once the key is gone; a failing etcd is
// waited for until `stop`.
Task<Result<Record>> follow(EtcdClient* client, Followed* followed, Stop* stop);

// `first` is the record as it was read.
std::unique_ptr<Watch> make_etcd_watch(std::shared_ptr<EtcdClient> client, std::string key,
                                       FoundRecord first);

}  // namespace sluice::topo::detail
