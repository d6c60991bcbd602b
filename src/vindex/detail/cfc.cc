// Step 6 of a request: cfc, which hashes a string in pieces so that rows with a common prefix lie
// together.
#include <algorithm>
#include <charconv>

#include "vindex/detail/digest.h"
#include "vindex/detail/go_text.h"
#include "vindex/detail/makers.h"

namespace sluice::vindex {

namespace {

enum class Piecewise : std::uint8_t { raw, md5, xxhash64 };

class CfcVindex final : public Vindex {
 public:
    CfcVindex(const Request& request, Piecewise hash, std::vector<std::size_t> offsets)
        : Vindex(request.name, request.type, {.cost = 1, .prefixable = true}),
          hash_(hash),
          offsets_(std::move(offsets)) {
        for (const auto& [key, value] : request.parameters) {
            if (key != "hash" && key != "offsets") unknown_parameters_.push_back(key);
        }
    }

    Result<std::optional<KeyspaceId>> map(ValueView value) const override {
        std::string storage;
        const std::string_view bytes = TRY(bytes_of(value, storage));
        if (hash_ == Piecewise::raw) return KeyspaceId(bytes);
        if (bytes.size() < offsets_.back()) {
            return fail(Code::invalid_argument, "insufficient size for cfc vindex " + name() +
                                                    ". need " + std::to_string(offsets_.back()) +
                                                    ", got " + std::to_string(bytes.size()));
        }
        std::string id = hash_pieces(bytes);
        append_piece(id, bytes.substr(offsets_.back()));
        return KeyspaceId(id);
    }

    Result<Destination> map_prefix(ValueView pattern) const override {
        std::string storage;
        const std::string prefix = prefix_of(TRY(bytes_of(pattern, storage)));
        std::string id = hash_ == Piecewise::raw ? prefix : hash_pieces(prefix);
        // v21 takes what follows the last offset for complete too, which loses rows where it is
        // not.
        if (hash_ != Piecewise::raw && prefix.size() > offsets_.back()) {
            append_piece(id, std::string_view(prefix).substr(offsets_.back()));
        }
        if (id.empty()) return to::AllShards{};
        return to::Range{range_of_prefix(id)};
    }

 private:
    // What a LIKE pattern asks for before its first wildcard, escapes removed.
    static std::string prefix_of(std::string_view pattern) {
        std::string prefix;
        for (std::size_t i = 0; i < pattern.size(); ++i) {
            if (pattern[i] == '%' || pattern[i] == '_') break;
            if (pattern[i] == '\\' && i + 1 < pattern.size()) ++i;
            prefix += pattern[i];
        }
        return prefix;
    }

    // The hashes of all pieces that `bytes` has completely, without what follows the last offset.
    std::string hash_pieces(std::string_view bytes) const {
        std::string id;
        std::size_t start = 0;
        for (const std::size_t offset : offsets_) {
            if (offset > bytes.size()) break;
            append_piece(id, bytes.substr(start, offset - start));
            start = offset;
        }
        return id;
    }

    // A piece's hash is cut to the piece's own length.
    void append_piece(std::string& id, std::string_view piece) const {
        if (hash_ == Piecewise::md5) {
            const auto digest = md5(piece);
            id.append(digest.data(), std::min(piece.size(), digest.size()));
        } else {
            const KeyspaceId digest = KeyspaceId::little_endian(xxhash64(piece));
            id += digest.view().substr(0, piece.size());
        }
    }

    Piecewise hash_;
    std::vector<std::size_t> offsets_;  // not empty unless raw
};

void skip_spaces(std::string_view& text) {
    while (!text.empty() && (text[0] == ' ' || (text[0] >= '\t' && text[0] <= '\r')))
        text.remove_prefix(1);
}

// offsets = "[" [ number *( "," number ) ] "]" ; spaces anywhere, numbers positive and rising
std::optional<std::vector<std::size_t>> parse_offsets(std::string_view text) {
    std::vector<std::size_t> offsets;
    skip_spaces(text);
    if (!text.starts_with('[')) return std::nullopt;
    do {
        text.remove_prefix(1);
        skip_spaces(text);
        if (offsets.empty() && text.starts_with(']')) break;
        std::size_t offset = 0;
        const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), offset);
        const bool leading_zero = text.starts_with('0');
        if (problem != std::errc() || leading_zero) return std::nullopt;
        if (!offsets.empty() && offset <= offsets.back()) return std::nullopt;
        offsets.push_back(offset);
        text.remove_prefix(static_cast<std::size_t>(end - text.data()));
        skip_spaces(text);
    } while (text.starts_with(','));
    if (!text.starts_with(']')) return std::nullopt;
    text.remove_prefix(1);
    skip_spaces(text);
    if (!text.empty()) return std::nullopt;
    return offsets;
}

std::unexpected<Error> invalid(std::string text) {
    return fail(Code::invalid_argument, std::move(text));
}

}  // namespace

VindexPointer make_cfc(const Request& request) {
    const std::string_view name = request.parameter("hash");
    Piecewise hash = Piecewise::raw;
    if (name == "md5") {
        hash = Piecewise::md5;
    } else if (name == "xxhash64") {
        hash = Piecewise::xxhash64;
    } else if (!name.empty()) {
        return invalid("invalid hash " + std::string(name) + " to CFC vindex " + request.name);
    }
    const std::string text(request.parameter("offsets"));
    if (text.empty()) {
        if (hash != Piecewise::raw)
            return invalid("CFC vindex requires offsets when hash is defined");
        return std::make_shared<CfcVindex>(request, hash, std::vector<std::size_t>{});
    }
    std::optional<std::vector<std::size_t>> offsets = parse_offsets(text);
    if (!offsets || offsets->empty()) {
        return invalid("invalid offsets " + text + " to CFC vindex " + request.name +
                       ". expected sorted positive ints in brackets");
    }
    return std::make_shared<CfcVindex>(request, hash, *std::move(offsets));
}

}  // namespace sluice::vindex
