// Any bytes: what parses prints, and what is printed parses to the same text.
#include <cstdlib>
#include <iostream>

#include "sql/format.h"
#include "sql/normalize.h"
#include "sql/parse.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* bytes, std::size_t size) {
    using namespace sluice::sql;
    const std::string_view text(reinterpret_cast<const char*>(bytes), size);
    const auto parsed = parse(text);
    if (!parsed) return 0;
    const std::string printed = format(*parsed);
    const bool own_text = parsed->as<Query>() != nullptr || parsed->as<Insert>() != nullptr ||
                          parsed->as<Update>() != nullptr || parsed->as<Delete>() != nullptr;
    if (!own_text) return 0;
    const auto again = parse(printed);
    if (!again || format(*again) != printed) {
        std::cerr << printed << "\n" << (again ? format(*again) : again.error().text) << "\n";
        std::abort();
    }
    Fingerprint slots;
    fingerprint(text, {}, {1, 2}, slots);
    NormalizeOptions options;
    options.slots = &slots;
    options.text = text;
    auto normal = normalize(*parsed, options);
    if (!normal) return 0;
    sluice::BindVars bound = normal->variables;
    rebind(text, slots, {}, normal->sources, bound);
    if (bound != normal->variables) std::abort();
    return 0;
}
