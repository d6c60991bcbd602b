// Any bytes as VSchema JSON: never a crash; what is read is written and read again the same, and
// resolves.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "vschema/json.h"
#include "vschema/schema.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace sluice;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto vschema = vschema::parse_srv_vschema_json(text);
    if (!vschema) return 0;
    const auto again = vschema::parse_srv_vschema_json(vschema::to_json(*vschema));
    if (!again || *again != *vschema) std::abort();
    const auto schema = vschema::Schema::build(*vschema, {.epoch = 1, .creation = {}});
    for (const auto& [name, keyspace] : schema->keyspaces()) {
        for (const auto& [table, resolved] : keyspace->tables) {
            if (resolved->keyspace != keyspace.get()) std::abort();
            (void)schema->find_table_or_vindex(name, table, vschema::TabletType::replica);
            (void)schema->find_table("", table, vschema::TabletType::primary);
        }
    }
    (void)vschema::debug_json(*schema);
    return 0;
}
