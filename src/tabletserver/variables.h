#pragma once
// Bind variables of a request, as they came: views into its message, which outlives them.
#include <string>
#include <string_view>
#include <vector>

#include "query.pb.h"

namespace sluice::tabletserver {

struct VariableValue {
    ::query::Type type = ::query::NULL_TYPE;
    std::string_view value{};
};

struct Variable {
    std::string_view name{};
    ::query::Type type = ::query::NULL_TYPE;
    std::string_view value{};
    std::vector<VariableValue> values{};  // of a TUPLE
};

class Variables {
 public:
    using Map = google::protobuf::Map<std::string, ::query::BindVariable>;

    Variables() = default;
    // Of two with one name the one counts that comes later in the message, as in a protobuf map.
    explicit Variables(std::vector<Variable> all);
    explicit Variables(const Map& map);

    // Null: there is none of this name.
    const Variable* find(std::string_view name) const;
    bool contains(std::string_view name) const { return find(name) != nullptr; }
    bool empty() const { return all_.empty(); }
    std::size_t size() const { return all_.size(); }
    auto begin() const { return all_.begin(); }
    auto end() const { return all_.end(); }

 private:
    void sort_many();

    std::vector<Variable> all_;  // few: as they came; many: by name
};

}  // namespace sluice::tabletserver
