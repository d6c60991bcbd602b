// CREATE TABLE statements from anywhere: read or refused, never more than they hold.
#include <cstdlib>
#include <string_view>

#include "discovery/detail/create_table.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* bytes, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(bytes), size);
    const auto table = sluice::discovery::parse_create_table("t", text);
    if (table && table->columns.size() > size) std::abort();
    return 0;
}
