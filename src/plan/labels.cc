// Beside a request: under which names an execution is counted. Before: executor/run_plan.cc.
#include "base/overload.h"
#include "plan/describe.h"
#include "plan/detail/names.h"

namespace sluice::plan {
namespace {

PlanLabels labels_of_node(const Node& node) {
    return std::visit(
        Overload{
            [](const Route& route) {
                return PlanLabels{opcode_name(route.routing.opcode), route.routing.keyspace,
                                  route.table};
            },
            [](const Concatenate& all) {
                // Nothing to do is v21's single row.
                return PlanLabels{all.inputs.empty() ? "" : "Concatenate", {}, {}};
            },
            [](const Insert& insert) {
                return PlanLabels{insert.sharded ? "InsertSharded" : "InsertUnsharded",
                                  insert.keyspace, insert.table};
            },
            [](const Send& send) {
                return PlanLabels{send.is_ddl     ? "DDL"
                                  : send.is_write ? "SendDML"
                                                  : "Send",
                                  send.keyspace,
                                  {}};
            },
            [](const NextValues& next) { return PlanLabels{"Next", next.keyspace, next.table}; },
            [&node](const auto&) { return labels_of_node(node.inputs().front()); }},
        node.node);
}

}  // namespace

PlanLabels labels_of(const Plan& plan) {
    return labels_of_node(plan.root);
}

}  // namespace sluice::plan
