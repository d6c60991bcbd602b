#pragma once
// Schema tracking: views, as servers print them.
#include <string>
#include <vector>

#include "vschema/schema.h"

namespace sluice::discovery {

struct ViewText {
    std::string keyspace;
    std::string name;
    std::string statement;  // CREATE VIEW; empty: the server does not show it
    std::string database;   // what the shards call the keyspace
    // The view's columns, if the server has listed them apart.
    std::vector<std::string> columns;
};

// The view behind a text. One that cannot be read is a view, too: it says why.
vschema::DiscoveredView read_view(const ViewText& text);

}  // namespace sluice::discovery
