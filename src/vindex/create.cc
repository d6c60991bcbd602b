// Read when a VSchema is built (vschema/build.cc): vindex objects by type.
#include "vindex/create.h"

#include <array>

#include "vindex/detail/go_text.h"
#include "vindex/detail/makers.h"

namespace sluice::vindex {

namespace {

struct KnownType {
    std::string_view type;
    VindexPointer (*make)(const Request&);
};

constexpr std::array known_types{
    KnownType{"binary", make_function},
    KnownType{"binary_md5", make_function},
    KnownType{"cfc", make_cfc},
    KnownType{"consistent_lookup", make_lookup},
    KnownType{"consistent_lookup_unique", make_lookup},
    KnownType{"hash", make_function},
    KnownType{"lookup", make_lookup},
    KnownType{"lookup_hash", make_lookup},
    KnownType{"lookup_hash_unique", make_lookup},
    KnownType{"lookup_unicodeloosemd5_hash", make_lookup},
    KnownType{"lookup_unicodeloosemd5_hash_unique", make_lookup},
    KnownType{"lookup_unique", make_lookup},
    KnownType{"multicol", make_multicol},
    KnownType{"null", make_function},
    KnownType{"numeric", make_function},
    KnownType{"numeric_static_map", make_static_map},
    KnownType{"region_experimental", make_region_experimental},
    KnownType{"region_json", make_region_json},
    KnownType{"reverse_bits", make_function},
    KnownType{"unicode_loose_md5", make_function},
    KnownType{"unicode_loose_xxhash", make_function},
    KnownType{"xxhash", make_function},
};

}  // namespace

Result<std::shared_ptr<const Vindex>> create(std::string_view type, std::string name,
                                             const Parameters& parameters,
                                             const Creation& creation) {
    if (const auto found = creation.more_types.find(type); found != creation.more_types.end()) {
        return found->second(std::move(name), parameters);
    }
    for (const KnownType& known : known_types) {
        if (known.type == type)
            return known.make({std::string(type), std::move(name), parameters, creation});
    }
    return fail(Code::not_found, "vindexType " + quoted(type) + " not found");
}

Result<std::string> read_file(const Creation& creation, std::string_view path) {
    if (creation.read_file) return creation.read_file(std::string(path));
    return fail(Code::not_found, "open " + std::string(path) + ": no such file or directory");
}

}  // namespace sluice::vindex
