// corpora/topo: records of v21, as bytes, as JSON and under their paths.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>

#include <boost/json.hpp>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <gtest/gtest.h>

#include "async/loop.h"
#include "query.pb.h"
#include "topo/detail/sqlite_table.h"
#include "topo/detail/table_store.h"
#include "topo/paths.h"
#include "topo/protojson.h"
#include "topo/records.h"
#include "topodata.pb.h"
#include "vschema.pb.h"

namespace sluice::topo {
namespace {

namespace json = boost::json;
namespace pb = google::protobuf;

std::string from_hex(std::string_view hex) {
    std::string bytes;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
        bytes.push_back(static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16)));
    }
    return bytes;
}

std::vector<json::object> lines_of(const std::string& file) {
    std::vector<json::object> lines;
    std::ifstream in(file);
    for (std::string line; std::getline(in, line);) lines.push_back(json::parse(line).as_object());
    return lines;
}

std::string text_of(const json::object& line, const char* key) {
    const auto* found = line.if_contains(key);
    return found == nullptr ? "" : std::string(found->as_string());
}

std::unique_ptr<pb::Message> make_message(const std::string& name) {
    // The generated files register their messages when they are linked in.
    static_cast<void>(::query::Target::default_instance());
    static_cast<void>(::topodata::Tablet::default_instance());
    static_cast<void>(::vschema::SrvVSchema::default_instance());
    const auto* type = pb::DescriptorPool::generated_pool()->FindMessageTypeByName(name);
    if (type == nullptr) return nullptr;
    return std::unique_ptr<pb::Message>(
        pb::MessageFactory::generated_factory()->GetPrototype(type)->New());
}

// Through the plain struct and back; empty for messages without one.
template <class T>
std::string through_struct(const std::string& bytes) {
    const Result<T> record = decode<T>(bytes);
    return record ? encode(*record) : "undecodable";
}
std::string through_struct(const std::string& name, const std::string& bytes) {
    if (name == "topodata.CellInfo") return through_struct<CellLocation>(bytes);
    if (name == "topodata.CellsAlias") return through_struct<CellsAlias>(bytes);
    if (name == "topodata.Keyspace") return through_struct<Keyspace>(bytes);
    if (name == "topodata.Shard") return through_struct<Shard>(bytes);
    if (name == "topodata.SrvKeyspace") return through_struct<SrvKeyspace>(bytes);
    if (name == "topodata.ShardReplication") return through_struct<ShardReplication>(bytes);
    // An absent alias and an empty one are the same tablet.
    if (name == "topodata.Tablet" && !bytes.empty()) return through_struct<Tablet>(bytes);
    if (name == "vschema.Keyspace") return through_struct<vschema::KeyspaceDefinition>(bytes);
    if (name == "vschema.SrvVSchema") return through_struct<vschema::SrvVSchema>(bytes);
    if (name == "vschema.RoutingRules") return through_struct<RoutingRules>(bytes);
    if (name == "vschema.ShardRoutingRules") return through_struct<ShardRoutingRules>(bytes);
    if (name == "vschema.KeyspaceRoutingRules") return through_struct<KeyspaceRoutingRules>(bytes);
    if (name == "vschema.MirrorRules") return through_struct<MirrorRules>(bytes);
    return bytes;
}

// What is wrong with one message; empty if nothing is.
std::string check_message(const json::object& line) {
    const std::string name = text_of(line, "message");
    const std::string bytes = from_hex(text_of(line, "bytes"));
    const auto message = make_message(name);
    if (message == nullptr) return "no such message yet";
    if (!message->ParseFromString(bytes)) return "bytes do not parse";
    if (to_bytes(*message) != bytes) return "bytes differ";
    if (through_struct(name, bytes) != bytes) return "bytes differ after the struct";
    const std::string printed = to_json(*message, JsonNames::proto);
    if (json::parse(printed) != line.at("json")) return "JSON differs: " + printed;
    std::vector<std::string> texts{printed};
    if (line.contains("json2")) {
        const std::string compact = to_json(*message, JsonNames::camel);
        if (json::parse(compact) != json::parse(text_of(line, "json2")))
            return "json2 differs: " + compact;
        texts.push_back(text_of(line, "json2"));
    }
    for (const std::string& text : texts) {
        const auto again = make_message(name);
        if (const auto parsed = from_json(text, again.get()); !parsed) return parsed.error().text;
        if (to_bytes(*again) != bytes) return "bytes differ after JSON: " + text;
    }
    return "";
}

TEST(Corpus, Messages) {
    const char* corpora = std::getenv("SLUICE_CORPORA");
    if (corpora == nullptr) {
        std::cout << "corpus topo/messages: absent\n";
        GTEST_SKIP();
    }
    std::size_t passed = 0;
    const auto lines = lines_of(std::string(corpora) + "/topo/messages.jsonl");
    for (const json::object& line : lines) {
        const std::string fault = check_message(line);
        if (fault.empty()) {
            ++passed;
        } else if (fault != "no such message yet") {
            ADD_FAILURE() << line << ": " << fault;
        }
    }
    std::cout << "corpus topo/messages: " << passed << " of " << lines.size() << "\n";
    // Messages of the vtgate package are not there yet.
    EXPECT_GE(passed * 100, lines.size() * 90);
}

std::string known_path(const json::object& line) {
    const std::string path = text_of(line, "path").substr(1);
    std::vector<std::string> parts;
    for (std::size_t at = 0; at <= path.size();) {
        const std::size_t slash = std::min(path.find('/', at), path.size());
        parts.push_back(path.substr(at, slash - at));
        at = slash + 1;
    }
    const std::string& last = parts.back();
    if (parts.size() == 1) {
        for (const auto& one : {path::routing_rules(), path::shard_routing_rules(),
                                path::mirror_rules(), path::srv_vschema()}) {
            if (one == path) return one;
        }
    }
    if (last == "CellInfo") return path::cell_location(parts[1]);
    if (last == "CellsAlias") return path::cells_alias(parts[1]);
    if (last == "Keyspace") return path::keyspace(parts[1]);
    if (last == "VSchema") return path::vschema(parts[1]);
    if (last == "SrvKeyspace") return path::srv_keyspace(parts[1]);
    if (last == "Shard") return path::shard(parts[1], parts[3]);
    if (last == "ShardReplication") return path::shard_replication(parts[1], parts[3]);
    if (last == "Tablet") return path::tablet(vindex::parse_tablet_alias(parts[1]).value());
    if (last == "Rules") return path::keyspace_routing_rules();
    if (parts[0] == "metadata") return path::metadata(last);
    if (parts[0] == "ExternalClusters") return path::external_cluster(last);
    return "";
}

async::Task<void> check_paths(std::vector<json::object>* lines,
                              std::shared_ptr<detail::Table> table, std::size_t* passed) {
    for (const json::object& line : *lines) {
        const std::string key = text_of(line, "etcd_key");
        const std::string path = text_of(line, "path");
        const std::string root = key.substr(0, key.size() - path.size());
        const std::string bytes = from_hex(text_of(line, "bytes"));
        const std::string made = known_path(line);
        const auto store = detail::make_table_store(table, root, std::chrono::seconds(30));
        EXPECT_TRUE((co_await store->create(made, bytes, nullptr)).has_value()) << key;
        const auto record = co_await store->get(path.substr(1), nullptr);
        const auto stored = table->get(key);
        const bool kept =
            record && record->contents == bytes && stored && stored->contents == bytes;
        const std::string message(path::message_of(path.substr(1)));
        const std::string want = text_of(line, "message");
        const bool typed =
            want.empty() || (want == message && through_struct(want, bytes) == bytes);
        const bool printed = !line.contains("json") ||
                             json::parse(record_json(made, bytes).value_or("")) == line.at("json");
        EXPECT_TRUE("/" + made == path && kept && typed && printed) << key;
        *passed += "/" + made == path && kept && typed && printed;
    }
}

TEST(Corpus, Paths) {
    const char* corpora = std::getenv("SLUICE_CORPORA");
    if (corpora == nullptr) {
        std::cout << "corpus topo/paths: absent\n";
        GTEST_SKIP();
    }
    auto lines = lines_of(std::string(corpora) + "/topo/paths.jsonl");
    char folder[] = "/tmp/sluice_topo_XXXXXX";
    ASSERT_NE(mkdtemp(folder), nullptr);
    std::size_t passed = 0;
    {
        async::Loop loop;
        run_until_done(
            loop,
            check_paths(&lines, detail::SqliteTable::open(std::string(folder) + "/t.db").value(),
                        &passed));
    }
    std::filesystem::remove_all(folder);
    std::cout << "corpus topo/paths: " << passed << " of " << lines.size() << "\n";
    EXPECT_GE(passed * 100, lines.size() * 100);
}

// Our own cases of each kind, for when the corpora are not there.
TEST(ProtoJson, PrintsAndReads) {
    topodata::SrvKeyspace message;
    message.mutable_throttler_config()->set_threshold(1e21);
    (*message.mutable_throttler_config()->mutable_metric_thresholds())["lag"] = 5;
    (*message.mutable_throttler_config()->mutable_metric_thresholds())["a\"\n"] = 1e-7;
    auto* partition = message.add_partitions();
    partition->set_served_type(topodata::RDONLY);
    partition->add_shard_references()->mutable_key_range()->set_end("\x80\xff\x01");
    const std::string printed = to_json(message, JsonNames::camel);
    EXPECT_EQ(
        printed,
        R"({"partitions":[{"servedType":"RDONLY","shardReferences":[{"keyRange":{"end":"gP8B"}}]}],)"
        R"("throttlerConfig":{"threshold":1e+21,"metricThresholds":{"a\"\n":1e-7,"lag":5}}})");
    for (const JsonNames names : {JsonNames::proto, JsonNames::camel}) {
        topodata::SrvKeyspace again;
        EXPECT_TRUE(from_json(to_json(message, names), &again).has_value());
        EXPECT_EQ(to_bytes(again), to_bytes(message));
    }
    EXPECT_FALSE(from_json(R"({"nothing":1})", &message).has_value());
    topodata::Shard shard;
    shard.mutable_primary_term_start_time()->set_seconds(1'700'000'000'000);
    EXPECT_EQ(to_json(shard, JsonNames::proto),
              R"({"primary_term_start_time":{"seconds":"1700000000000"}})");
}

}  // namespace
}  // namespace sluice::topo
