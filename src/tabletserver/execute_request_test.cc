// Requests as the tablet reads them, beside what protobuf reads.
#include "tabletserver/execute_request.h"

#include <random>

#include <google/protobuf/stubs/logging.h>
#include <gtest/gtest.h>

#include "wire/bytes.h"

namespace sluice::tabletserver {
namespace {

using Proto = ::query::ExecuteRequest;

Proto usual_request() {
    Proto request;
    request.mutable_immediate_caller_id()->set_username("app");
    request.mutable_target()->set_keyspace("ks");
    request.mutable_target()->set_shard("-80");
    request.mutable_target()->set_tablet_type(::topodata::PRIMARY);
    request.mutable_query()->set_sql("select a from t where id = :id");
    request.mutable_options()->set_included_fields(::query::ExecuteOptions::ALL);
    return request;
}

void bind(Proto* request, const std::string& name, ::query::Type type, const std::string& value) {
    auto& variable = (*request->mutable_query()->mutable_bind_variables())[name];
    variable.set_type(type);
    variable.set_value(value);
}

// That both say the same of these bytes, and whether they are a request.
bool read_by_both(const std::string& bytes, Envelopes* envelopes) {
    Proto wanted;
    const bool whole = wanted.ParseFromString(bytes);
    const auto found = read_execute_request(wire::bytes_of(bytes), envelopes);
    EXPECT_EQ(found.has_value(), whole);
    if (!found || !whole) {
        if (!found) EXPECT_EQ(found.error().code, Code::internal);
        return false;
    }
    EXPECT_EQ(found->sql, wanted.query().sql());
    EXPECT_EQ(found->transaction_id, wanted.transaction_id());
    EXPECT_EQ(found->reserved_id, wanted.reserved_id());
    const Proto& envelope = *found->envelope;
    EXPECT_EQ(envelope.has_target(), wanted.has_target());
    EXPECT_EQ(envelope.target().SerializeAsString(), wanted.target().SerializeAsString());
    EXPECT_EQ(envelope.options().SerializeAsString(), wanted.options().SerializeAsString());
    EXPECT_EQ(envelope.has_immediate_caller_id(), wanted.has_immediate_caller_id());
    EXPECT_EQ(envelope.immediate_caller_id().SerializeAsString(),
              wanted.immediate_caller_id().SerializeAsString());
    EXPECT_EQ(envelope.effective_caller_id().SerializeAsString(),
              wanted.effective_caller_id().SerializeAsString());
    for (const auto& [name, bound] : wanted.query().bind_variables()) {
        const Variable* const variable = found->variables.find(name);
        EXPECT_NE(variable, nullptr) << name;
        if (variable == nullptr) continue;
        EXPECT_EQ(variable->type, bound.type());
        EXPECT_EQ(variable->value, bound.value());
        EXPECT_EQ(variable->values.size(), static_cast<std::size_t>(bound.values().size()));
        for (int i = 0; i < bound.values().size() && variable->values.size() > std::size_t(i);
             ++i) {
            EXPECT_EQ(variable->values[static_cast<std::size_t>(i)].type, bound.values(i).type());
            EXPECT_EQ(variable->values[static_cast<std::size_t>(i)].value, bound.values(i).value());
        }
    }
    for (const Variable& variable : found->variables)
        EXPECT_TRUE(wanted.query().bind_variables().contains(std::string(variable.name)));
    return true;
}

TEST(ExecuteRequest, SaysWhatProtobufSays) {
    Envelopes envelopes;
    Proto request = usual_request();
    EXPECT_TRUE(read_by_both(request.SerializeAsString(), &envelopes));
    bind(&request, "id", ::query::INT64, "5");
    EXPECT_TRUE(read_by_both(request.SerializeAsString(), &envelopes));
    request.set_transaction_id(-1);
    request.set_reserved_id(1'000'000'007);
    EXPECT_TRUE(read_by_both(request.SerializeAsString(), &envelopes));
    auto& list = (*request.mutable_query()->mutable_bind_variables())["list"];
    list.set_type(::query::TUPLE);
    for (const char* value : {"1", "", "three"}) {
        list.add_values()->set_type(::query::VARCHAR);
        list.mutable_values(list.values_size() - 1)->set_value(value);
    }
    bind(&request, "", ::query::VARBINARY, std::string("\xff\0x", 3));
    EXPECT_TRUE(read_by_both(request.SerializeAsString(), &envelopes));
    for (int i = 0; i < 40; ++i) bind(&request, "v" + std::to_string(i), ::query::INT32, "7");
    EXPECT_TRUE(read_by_both(request.SerializeAsString(), &envelopes));
    request.mutable_query()->set_sql("select 'gr\xc3\xbc\xc3\x9f' from t");
    bind(&request, "\xc3\xbc", ::query::INT64, "1");
    EXPECT_TRUE(read_by_both(request.SerializeAsString(), &envelopes));
    EXPECT_TRUE(read_by_both("", &envelopes));
}

TEST(ExecuteRequest, LeavesTheUnusualToProtobuf) {
    Envelopes envelopes;
    Proto request = usual_request();
    bind(&request, "id", ::query::INT64, "5");
    const std::string usual = request.SerializeAsString();
    Proto other;
    other.mutable_query()->set_sql("select 2");
    bind(&other, "more", ::query::INT64, "6");
    other.mutable_target()->set_shard("80-");
    // Parts that come twice are merged, unknown ones are passed over.
    EXPECT_TRUE(read_by_both(usual + other.SerializeAsString(), &envelopes));
    EXPECT_TRUE(read_by_both(usual + std::string("\xf8\x01\x05", 3), &envelopes));
    EXPECT_TRUE(read_by_both(std::string("\x22\x02\x58\x05", 4), &envelopes));  // in the query
    std::string entry_twice("\x22\x0a\x12\x08\x0a\x01v\x12\x03\x08\x81\x02", 12);
    EXPECT_TRUE(read_by_both(entry_twice, &envelopes));
    const std::string two_of_a_name(
        "\x22\x14\x12\x08\x0a\x01v\x12\x03\x12\x01x"
        "\x12\x08\x0a\x01v\x12\x03\x12\x01y",
        22);
    EXPECT_TRUE(read_by_both(two_of_a_name, &envelopes));
    // What is no message, or no text.
    EXPECT_FALSE(read_by_both(std::string("\x22\x03\x0a\x01\xff", 5), &envelopes));
    EXPECT_FALSE(read_by_both("\x0b", &envelopes));
    EXPECT_FALSE(read_by_both(std::string("\x1a\x05x", 3), &envelopes));
}

TEST(ExecuteRequest, AgreesWithProtobufOnBrokenBytes) {
    Envelopes envelopes;
    Proto request = usual_request();
    bind(&request, "id", ::query::INT64, "5");
    bind(&request, "name", ::query::VARCHAR, "abc");
    const std::string usual = request.SerializeAsString();
    for (std::size_t cut = 0; cut < usual.size(); ++cut)
        read_by_both(usual.substr(0, cut), &envelopes);
    const google::protobuf::LogSilencer quiet;
    std::mt19937 chance(7);
    int whole = 0;
    for (int i = 0; i < 20'000; ++i) {
        std::string bytes = usual;
        for (int changes = 0; changes < 2; ++changes)
            bytes[chance() % bytes.size()] = static_cast<char>(chance());
        if (read_by_both(bytes, &envelopes)) ++whole;
        if (testing::Test::HasFailure()) FAIL() << testing::PrintToString(bytes);
    }
    EXPECT_GT(whole, 1000);
}

TEST(Envelopes, AreReadOnceAndForgotten) {
    Envelopes envelopes;
    Proto request = usual_request();
    const auto read = [&] {
        const std::string bytes = request.SerializeAsString();
        return read_execute_request(wire::bytes_of(bytes), &envelopes).value().envelope;
    };
    const Envelopes::Pointer first = read();
    request.set_transaction_id(8);
    request.mutable_query()->set_sql("select 1");
    EXPECT_EQ(read(), first);
    for (int i = 0; i < 100; ++i) {
        request.mutable_target()->set_cell(std::to_string(i));
        EXPECT_EQ(read()->target().cell(), std::to_string(i));
    }
    request.mutable_target()->clear_cell();
    EXPECT_NE(read(), first);
    request.mutable_target()->set_cell(std::string(5000, 'x'));
    EXPECT_NE(read(), read());  // too long to be kept
}

}  // namespace
}  // namespace sluice::tabletserver
