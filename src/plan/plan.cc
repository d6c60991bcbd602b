// Beside a request: what defaulted comparisons of recursive plan nodes need, out of the header.
#include "plan/plan.h"

namespace sluice::plan {

bool Node::operator==(const Node&) const = default;

}  // namespace sluice::plan
