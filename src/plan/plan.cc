#include "plan/plan.h"

namespace sluice::plan {

bool Node::operator==(const Node&) const = default;

}  // namespace sluice::plan
