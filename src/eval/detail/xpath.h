#pragma once
// The part of XPath 1.0 that MySQL knows, in MySQL's reading of it: an axis that it does not know
// is `child`, a set of nodes is true if it has exactly one, text() and its like are the node
// itself.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "eval/detail/xml_tree.h"
#include "eval/environment.h"
#include "eval/expression.h"
#include "sql/ast_expr.h"

namespace sluice::eval {

enum class XPathKind : std::uint8_t {
    // Sets of nodes. The first part is the set from which a step is taken.
    root,
    context,  // the node that a predicate is asked about
    child,
    descendant,
    descendant_or_self,
    parent,
    ancestor,
    ancestor_or_self,
    self,
    attribute,
    filter,  // by a truth, or by a number: the parts are the set and the predicate
    united,
    // Values
    literal,
    variable,
    negated,
    add,
    subtract,
    multiply,
    divide,
    modulo,
    compare,
    both,
    either,
    call,
};

enum class XPathFunction : std::uint8_t {
    boolean,
    ceiling,
    concat,
    contains,
    count,
    false_,
    floor,
    last,
    not_,
    number,
    position,
    round,
    string_length,
    substring,
    sum,
    true_,
};

struct XPath {
    XPathKind kind = XPathKind::root;
    std::vector<XPath> parts;
    std::string name;                                 // of a step; "*": any. Of a variable
    sql::CompareOp compare = sql::CompareOp::equal;   // of compare
    XPathFunction function = XPathFunction::boolean;  // of call
    FieldType type = {};                              // of literal
    Datum value = {};                                 // of literal

    bool is_nodes() const { return kind < XPathKind::literal; }
    bool is_truth() const;
};

// 1105 with what is left of the text, as MySQL says it.
XPath parse_xpath(std::string_view text);

struct XmlDocument {
    std::string_view text;
    const XmlTree& tree;
};

// The places of the nodes that a path names, in the document's order.
std::vector<std::uint32_t> named_nodes(const XPath& path, const XmlDocument& document,
                                       const collation::Collation& collation,
                                       Environment& environment);
// The value as text; of nodes their texts with a space between. nullopt: NULL.
std::optional<std::string> xpath_text(const XPath& path, const XmlDocument& document,
                                      const collation::Collation& collation,
                                      Environment& environment);

}  // namespace sluice::eval
