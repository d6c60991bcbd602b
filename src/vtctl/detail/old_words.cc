// A command line of vtctlclient. Before: console.cc. After: client.cc.
#include "vtctl/detail/old_words.h"

#include <cctype>
#include <cstddef>
#include <map>
#include <string_view>

namespace sluice::vtctl::detail {
namespace {

using Words = std::vector<std::string>;

// What stands behind the command: words with their place, flags as they are.
struct Rest {
    Words flags;
    Words words;
};

Rest rest_of(const Words& line) {
    Rest rest;
    for (std::size_t i = 1; i < line.size(); ++i) {
        const bool is_flag = line[i].size() > 1 && line[i].front() == '-' && line[i] != "--";
        if (line[i] != "--") (is_flag ? rest.flags : rest.words).push_back(line[i]);
    }
    return rest;
}

Words with(std::string name, const Rest& rest, const Words& words) {
    Words made{std::move(name)};
    made.insert(made.end(), rest.flags.begin(), rest.flags.end());
    made.insert(made.end(), words.begin(), words.end());
    return made;
}

Words tablets_by(std::string_view flag, const Rest& rest) {
    Words made = with("GetTablets", rest, {});
    for (const std::string& word : rest.words)
        made.push_back("--" + std::string(flag) + "=" + word);
    return made;
}

Words tablets_of_shard(const Rest& rest) {
    Words made = with("GetTablets", rest, {});
    for (const std::string& word : rest.words) {
        const std::size_t slash = word.find('/');
        made.push_back("--keyspace=" + word.substr(0, slash));
        if (slash != word.npos) made.push_back("--shard=" + word.substr(slash + 1));
    }
    return made;
}

Words writable(const Rest& rest, std::string value) {
    Words words = rest.words;
    words.push_back(std::move(value));
    return with("SetWritable", rest, words);
}

// Its cell comes first.
Words served_keyspace(const Rest& rest) {
    return with("GetSrvKeyspaces", rest, Words(rest.words.rbegin(), rest.words.rend()));
}

// "--keyspace_shard=ks/0", or two words, is the place of the shard.
Words shard_in_place(Words line) {
    for (std::size_t i = 1; i < line.size(); ++i) {
        std::string_view word = line[i];
        word.remove_prefix(std::min(word.find_first_not_of('-'), word.size()));
        if (!word.starts_with("keyspace_shard") && !word.starts_with("keyspace-shard")) continue;
        const std::size_t equals = line[i].find('=');
        if (equals != std::string::npos) {
            line[i].erase(0, equals + 1);
        } else {
            line.erase(line.begin() + static_cast<std::ptrdiff_t>(i));
        }
        break;
    }
    return line;
}

std::string lower(std::string_view text) {
    std::string made(text);
    for (char& c : made) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return made;
}

}  // namespace

std::vector<std::string> words_of_today(std::vector<std::string> words) {
    using Change = Words (*)(const Words&);
    static const std::map<std::string, Change, std::less<>> changes{
        {"deleteshard",
         [](const Words& line) {
             return with("DeleteShards", rest_of(line), rest_of(line).words);
         }},
        {"deletetablet",
         [](const Words& line) {
             return with("DeleteTablets", rest_of(line), rest_of(line).words);
         }},
        {"getsrvkeyspace", [](const Words& line) { return served_keyspace(rest_of(line)); }},
        {"listalltablets", [](const Words& line) { return tablets_by("cell", rest_of(line)); }},
        {"listshardtablets", [](const Words& line) { return tablets_of_shard(rest_of(line)); }},
        {"listtablets",
         [](const Words& line) { return tablets_by("tablet-alias", rest_of(line)); }},
        {"ping",
         [](const Words& line) { return with("PingTablet", rest_of(line), rest_of(line).words); }},
        {"setreadonly", [](const Words& line) { return writable(rest_of(line), "false"); }},
        {"setreadwrite", [](const Words& line) { return writable(rest_of(line), "true"); }},
        {"sleep",
         [](const Words& line) { return with("SleepTablet", rest_of(line), rest_of(line).words); }},
    };
    words.front() = lower(words.front());
    // A double dash before the flags was once wanted.
    if (words.size() > 1 && words[1] == "--") words.erase(words.begin() + 1);
    words = shard_in_place(std::move(words));
    const auto found = changes.find(words.front());
    return found == changes.end() ? words : found->second(words);
}

}  // namespace sluice::vtctl::detail
