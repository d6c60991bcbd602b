#pragma once
// XML as EXTRACTVALUE and UPDATEXML read it: a list of tags, attributes and texts, each of which
// knows its parent and where it stands. As lenient as MySQL: no entities, no rules of documents.
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::eval {

struct XmlNode {
    enum class Kind : std::uint8_t { tag, attribute, text };
    Kind kind = Kind::tag;
    std::uint32_t parent = 0;  // the root is its own
    std::size_t begin = 0;     // of the name, or of the text; bytes of the document
    std::size_t end = 0;
    std::size_t closed = 0;  // behind the last thing that belongs to a tag or attribute
};

// The nodes in the order in which they stand; the first one is the root, which has no name.
using XmlTree = std::vector<XmlNode>;

// What is wrong, as MySQL says it: "parse error at line 1 pos 5: ...".
std::expected<XmlTree, std::string> parse_xml(std::string_view text);

}  // namespace sluice::eval
