#pragma once
// The command lines of vtctlclient in the words of vtctldclient.
#include <string>
#include <vector>

namespace sluice::vtctl::detail {

// `words` begin with a command, which is not known in any case but by its name. What vtctldclient
// has no other words for stays as it is. Facts: v21.0.3's vtctl.go and reparent.go.
std::vector<std::string> words_of_today(std::vector<std::string> words);

}  // namespace sluice::vtctl::detail
