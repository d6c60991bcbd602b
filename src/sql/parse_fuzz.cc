// Any bytes: they parse or are refused, in every mode, and what a plan's literals are bound to is
// the same from the tree and from the fingerprint's slots. Printing: format_fuzz.cc.
#include <cstdlib>

#include "sql/normalize.h"
#include "sql/parse.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* bytes, std::size_t size) {
    using namespace sluice::sql;
    const std::string_view text(reinterpret_cast<const char*>(bytes), size);
    (void)parse(text, {.ansi_quotes = true, .no_backslash_escapes = true, .any_bytes = true});
    const auto parsed = parse(text);
    if (!parsed) return 0;
    const bool normal_form = parsed->as<Query>() != nullptr || parsed->as<Insert>() != nullptr ||
                             parsed->as<Update>() != nullptr || parsed->as<Delete>() != nullptr;
    if (!normal_form) return 0;
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
