#pragma once
// The health of a MySQL server that has no vttablet: what a tablet would say of it, found by asking
// the server itself (design.md section 1, "straight").
#include <chrono>
#include <memory>

#include "discovery/health.h"
#include "tablet/tablet.h"

namespace sluice::discovery {

struct AskOptions {
    std::chrono::milliseconds interval{5'000};  // between two questions while it serves
    std::chrono::milliseconds hurry{200};       // and while it does not
    std::chrono::milliseconds timeout{2'000};   // of one answer
};

// Serving: the server answers, and takes writes if its record says that it is a primary, and
// replicates if it is a replica of somebody. Type and term are the record's, the lag is the
// server's (0 where it may not be asked). `tablet` is the source's own, closed with it: its
// connections should not be those that statements wait for.
std::unique_ptr<tablet::HealthSource> ask_server(std::unique_ptr<tablet::Tablet> tablet,
                                                 topo::Tablet record, AskOptions options);

}  // namespace sluice::discovery
