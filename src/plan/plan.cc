// Beside a request: what recursive plan nodes need out of the header.
#include "plan/plan.h"

namespace sluice::plan {

bool Node::operator==(const Node&) const = default;

std::span<const Node> Node::inputs() const {
    return std::visit(
        [](const auto& one) -> std::span<const Node> {
            if constexpr (requires { one.inputs; }) return one.inputs;
            if constexpr (requires { one.input; }) return {&*one.input, 1};
            return {};
        },
        node);
}

}  // namespace sluice::plan
