// Under step 6 of a request to a tablet: its variables by name. Before: execute_request.cc. After:
// detail/splice.cc.
#include "tabletserver/variables.h"

#include <algorithm>
#include <functional>

namespace sluice::tabletserver {
namespace {

constexpr std::size_t few = 8;  // are looked through, which costs less than to sort them

}  // namespace

Variables::Variables(std::vector<Variable> all) : all_(std::move(all)) {
    sort_many();
}

Variables::Variables(const Map& map) {
    all_.reserve(map.size());
    for (const auto& [name, bound] : map) {
        Variable variable{.name = name, .type = bound.type(), .value = bound.value()};
        variable.values.reserve(static_cast<std::size_t>(bound.values().size()));
        for (const ::query::Value& value : bound.values())
            variable.values.push_back({value.type(), value.value()});
        all_.push_back(std::move(variable));
    }
    sort_many();
}

void Variables::sort_many() {
    if (all_.size() <= few) return;
    // Equal names in the order in which they stand in the message.
    std::ranges::sort(all_, [](const Variable& left, const Variable& right) {
        if (left.name != right.name) return left.name < right.name;
        return std::less<>()(left.name.data(), right.name.data());
    });
}

const Variable* Variables::find(std::string_view name) const {
    auto behind = all_.end();
    if (all_.size() > few) behind = std::ranges::upper_bound(all_, name, {}, &Variable::name);
    while (behind != all_.begin()) {
        const Variable& variable = *--behind;
        if (variable.name == name) return &variable;
        if (all_.size() > few) break;
    }
    return nullptr;
}

}  // namespace sluice::tabletserver
