// Part of step 3 of a request: what the session's target string says. Read when USE or a login
// names a target.
#include "vindex/target.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "vindex/detail/go_text.h"

namespace sluice::vindex {

namespace {

struct TypeName {
    TabletType type;
    std::string_view name, lower;
};
constexpr std::array type_names{
    TypeName{TabletType::unknown, "UNKNOWN", "unknown"},
    TypeName{TabletType::primary, "PRIMARY", "primary"},
    TypeName{TabletType::replica, "REPLICA", "replica"},
    TypeName{TabletType::rdonly, "RDONLY", "rdonly"},
    TypeName{TabletType::spare, "SPARE", "spare"},
    TypeName{TabletType::experimental, "EXPERIMENTAL", "experimental"},
    TypeName{TabletType::backup, "BACKUP", "backup"},
    TypeName{TabletType::restore, "RESTORE", "restore"},
    TypeName{TabletType::drained, "DRAINED", "drained"},
    TypeName{TabletType::primary, "MASTER", "master"},  // old words for two of them
    TypeName{TabletType::rdonly, "BATCH", "batch"},
};

char to_lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

std::unexpected<Error> invalid(std::string text) {
    return fail(Code::invalid_argument, std::move(text));
}

// brackets = "[" ( range / hex ) "]" ; the part between them
Result<Destination> parse_brackets(std::string_view inside) {
    if (inside.find('-') == std::string_view::npos) {
        const Result<std::string> id = parse_hex(inside);
        if (!id) return invalid("expected valid hex in keyspace id " + std::string(inside));
        return to::Id{KeyspaceId(*id)};
    }
    std::vector<KeyRange> ranges = TRY(parse_sharding_spec(inside));
    if (ranges.size() != 1) return invalid("single keyrange expected in " + std::string(inside));
    return to::ExactRange{std::move(ranges[0])};
}

bool is_cell_character(char c) {
    return (c >= '0' && c <= '9') || (to_lower(c) >= 'a' && to_lower(c) <= 'z') || c == '-' ||
           c == '_' || c == '.';
}

}  // namespace

std::string_view tablet_type_name(TabletType type) {
    return type_names[static_cast<std::size_t>(type)].name;
}
std::string_view tablet_type_lower_name(TabletType type) {
    return type_names[static_cast<std::size_t>(type)].lower;
}

TabletType tablet_type_of_name(std::string_view name) {
    for (const TypeName& known : type_names) {
        if (std::ranges::equal(name, known.lower, {}, to_lower)) return known.type;
    }
    return TabletType::unknown;
}

Result<Target> parse_target(std::string_view text, TabletType default_type) {
    Target target{.keyspace = {}, .tablet_type = default_type, .destination = std::nullopt};
    if (const std::size_t at = text.rfind('@'); at != std::string_view::npos) {
        target.tablet_type = tablet_type_of_name(text.substr(at + 1));
        text = text.substr(0, at);
    }
    if (const std::size_t at = text.find_last_of("/:"); at != std::string_view::npos) {
        target.destination = to::Shard{std::string(text.substr(at + 1))};
        text = text.substr(0, at);
    }
    if (const std::size_t at = text.rfind('['); at != std::string_view::npos) {
        const std::size_t end = text.rfind(']');
        if (end == std::string_view::npos || end < at) {
            return invalid("invalid key range provided. Couldn't find range end ']'");
        }
        target.destination = TRY(parse_brackets(text.substr(at + 1, end - at - 1)));
        text = text.substr(0, at);
    }
    target.keyspace = text;
    return target;
}

Result<TabletAlias> parse_tablet_alias(std::string_view text) {
    const std::size_t dash = text.rfind('-');
    const bool split = dash != std::string_view::npos;
    const std::string_view cell = split ? text.substr(0, dash) : std::string_view();
    const std::string_view digits = split ? text.substr(dash + 1) : std::string_view();
    const bool all_digits =
        std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; });
    if (cell.empty() || digits.empty() || !all_digits ||
        !std::ranges::all_of(cell, is_cell_character)) {
        return invalid("invalid tablet alias: '" + std::string(text) +
                       "', expecting format: '^(?P<cell>[-_.a-zA-Z0-9]+)-(?P<uid>[0-9]+)$'");
    }
    TabletAlias alias{.cell = std::string(cell), .uid = 0};
    if (std::from_chars(digits.data(), digits.data() + digits.size(), alias.uid).ec !=
        std::errc()) {
        return invalid("invalid tablet uid in alias '" + std::string(text) +
                       "': bad tablet uid: strconv.ParseUint: parsing " + quoted(digits) +
                       ": value out of range");
    }
    return alias;
}

std::string to_text(const TabletAlias& alias) {
    constexpr std::size_t width = 10;
    const std::string digits = std::to_string(alias.uid);
    return alias.cell + "-" + std::string(width - digits.size(), '0') + digits;
}

Result<KeyspaceShard> parse_keyspace_shard(std::string_view text) {
    const std::size_t slash = text.find('/');
    if (slash == std::string_view::npos || text.find('/', slash + 1) != std::string_view::npos) {
        return invalid("invalid shard path: " + std::string(text));
    }
    return KeyspaceShard{std::string(text.substr(0, slash)), std::string(text.substr(slash + 1))};
}

}  // namespace sluice::vindex
