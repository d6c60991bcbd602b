#pragma once
// Makes vindexes by the type and parameters that a VSchema gives.
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "vindex/vindex.h"

namespace sluice::vindex {

using ReadFile = std::function<Result<std::string>(const std::string& path)>;
using Creator =
    std::function<Result<std::shared_ptr<const Vindex>>(std::string name, const Parameters&)>;

struct Creation {
    // Reads json_path and region_map. Unset: "open PATH: no such file or directory".
    ReadFile read_file;
    // Types beside the built-in ones (tests of the planner bring theirs: test_types.h).
    std::map<std::string, Creator, std::less<>> more_types;
};

Result<std::shared_ptr<const Vindex>> create(std::string_view type, std::string name,
                                             const Parameters& parameters,
                                             const Creation& creation = {});

}  // namespace sluice::vindex
