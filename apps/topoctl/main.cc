// topoctl: loads a cluster's description into a topology and shows its records.
#include <cstdio>
#include <ctime>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "async/deadline.h"
#include "async/loop.h"
#include "servenv/command_line.h"
#include "servenv/program_flags.h"
#include "topo/cluster.h"
#include "vschema/json.h"

namespace sluice {
namespace {

constexpr const char* summary =
    "topoctl works on the records of a topology:\n"
    "  topoctl [flags] load FILE.json    write a cluster's description (src/topo/cluster.h)\n"
    "  topoctl [flags] dump              print all records\n"
    "  topoctl [flags] get /CELL/PATH    print one record; the first part is a cell or \"global\"\n"
    "  topoctl [flags] vschema KEYSPACE  print a keyspace's VSchema";

struct Options {
    servenv::TopologyFlags topology;
    bool overwrite = false;
    std::vector<std::string> words;
};

Result<std::string> read_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) return fail(Code::not_found, "the file '" + path + "' cannot be read");
    return std::string(std::istreambuf_iterator<char>(file), {});
}

async::Task<Result<std::string>> perform(const Options* options, async::Stop* stop) {
    const auto& words = options->words;
    topo::TopologyOptions where;
    where.implementation = options->topology.implementation;
    where.global_server_address = options->topology.global_server_address;
    where.global_root = options->topology.global_root;
    where.lock_lease = topo::lease_of(options->topology.etcd_lease_ttl);
    where.etcd.tls_ca = options->topology.etcd_tls_ca;
    where.etcd.tls_certificate = options->topology.etcd_tls_cert;
    where.etcd.tls_key = options->topology.etcd_tls_key;
    where.program = "topoctl";
    if (words[0] == "load") {
        auto cluster = CO_TRY(topo::parse_cluster(CO_TRY(read_file(words[1]))));
        const auto topology = CO_TRY(co_await topo::Topology::open(where, stop));
        CO_TRY(co_await topo::load_cluster(topology.get(), std::move(cluster), options->overwrite,
                                           {std::time(nullptr), 0}, stop));
        co_return std::string();
    }
    const auto topology = CO_TRY(co_await topo::Topology::open(where, stop));
    if (words[0] == "dump") co_return co_await topo::dump_records(topology.get(), stop);
    if (words[0] == "get") {
        co_return CO_TRY(co_await topo::record_at(topology.get(), words[1], stop)) + "\n";
    }
    const auto vschema = CO_TRY(co_await topology->vschema(words[1], stop));
    co_return vschema::to_json(vschema.value, {.indent = 2}) + "\n";
}

async::Task<void> run(const Options* options, int* status) {
    async::Stop stop;
    const async::Deadline deadline(
        &stop, options->topology.remote_operation_timeout,
        make_error(Code::deadline_exceeded, "the topology did not answer in time"));
    const auto outcome = co_await perform(options, &stop);
    if (outcome) {
        std::fputs(outcome->c_str(), stdout);
    } else {
        std::fprintf(stderr, "topoctl: %s\n", outcome.error().text.c_str());
    }
    *status = outcome ? 0 : 1;
}

bool is_command(const std::vector<std::string>& words) {
    if (words.size() == 1) return words[0] == "dump";
    return words.size() == 2 && (words[0] == "load" || words[0] == "get" || words[0] == "vschema");
}

int main_of(const std::vector<std::string>& arguments) {
    Options options;
    servenv::FlagSet flags({.name = "topoctl", .summary = summary});
    servenv::add_flags(flags, options.topology);
    flags.add(std::vector<servenv::Flag>{
        {"overwrite", &options.overwrite, "load replaces VSchemas that are there"}});
    flags.take_words(&options.words);
    auto request = flags.parse(arguments);
    if (request == servenv::FlagSet::Request::run && !is_command(options.words)) {
        request = fail(Code::invalid_argument,
                       "one of these is needed: load FILE, dump, get PATH, vschema KEYSPACE");
    }
    if (const auto status = servenv::answer_at_once(flags, request)) return *status;
    int status = 1;
    async::Loop loop;
    run_until_done(loop, run(&options, &status));
    return status;
}

}  // namespace
}  // namespace sluice

int main(int count, char** words) {
    return sluice::main_of(std::vector<std::string>(words + 1, words + count));
}
