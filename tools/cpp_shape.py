"""The shape of C++ text as far as tidy.py needs it: comments and strings blanked, functions with their lines, types.

It works on clang-formatted code and on nothing else: a brace opens a function body if everything around it is a
namespace or a type, the text before it has a parameter list, and that text is neither a type nor an initialiser.
"""
import re
from dataclasses import dataclass

RAW_STRING = re.compile(r'R"([^()\\\s]{0,16})\(')
PLAIN = re.compile(r"""[^"'/\\RuUL]+""")


@dataclass(frozen=True)
class Function:
    name: str
    first: int  # line of the start of its head, 1 is the file's first
    last: int

    @property
    def lines(self):
        return self.last - self.first + 1


def blanked(text):
    """The text with comments, strings and character literals replaced by spaces; line breaks stay where they are."""
    out = []
    at = 0
    while at < len(text):
        end = literal_end(text, at)
        if end == at:
            out.append(text[at])
            at += 1
            continue
        piece = text[at:end]
        out.append(re.sub(r"[^\n]", " ", piece) if piece[0] == "/" else '"' + re.sub(r"[^\n]", " ", piece)[1:])
        at = end
    return without_directives("".join(out))


def literal_end(text, at):
    """Where the comment, string or character literal that starts at `at` ends; `at` itself if none starts there."""
    char = text[at]
    if char == "/" and text.startswith("//", at):
        end = text.find("\n", at)
        return len(text) if end < 0 else end
    if char == "/" and text.startswith("/*", at):
        end = text.find("*/", at + 2)
        return len(text) if end < 0 else end + 2
    if char == "R" and (raw := RAW_STRING.match(text, at)) and not is_word(text, at - 1):
        end = text.find(")" + raw.group(1) + '"', raw.end())
        return len(text) if end < 0 else end + len(raw.group(1)) + 2
    if char == '"' or (char == "'" and not is_digit_separator(text, at)):
        return quoted_end(text, at, char)
    return at


def quoted_end(text, at, quote):
    end = at + 1
    while end < len(text) and text[end] != quote and text[end] != "\n":
        end += 2 if text[end] == "\\" else 1
    return min(end + 1, len(text))


def is_word(text, at):
    return at >= 0 and (text[at].isalnum() or text[at] == "_")


def is_digit_separator(text, at):
    return at > 0 and text[at - 1].isalnum() and at + 1 < len(text) and text[at + 1].isalnum() and bool(
        re.search(r"\b[0-9][0-9a-fA-FxX']*$", text[max(0, at - 40):at]))


def without_directives(text):
    """Preprocessor lines (with their continuations) blanked: their braces need not match."""
    return re.sub(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", lambda m: re.sub(r"[^\n]", " ", m.group()), text, flags=re.M)


TYPE_HEAD = re.compile(r"\b(namespace|class|struct|union|enum|extern)\b")
CALL_HEAD = re.compile(r"(operator\s*(?:\(\)|[^\s(]+|[\w:]+)|[~\w:]+)\s*\(")


def head_kind(head):
    """What the text before an opening brace announces: 'scope' (namespace or type), 'function' or 'other'."""
    head = strip_template(head.strip())
    head = re.sub(r"^(?:public|private|protected):\s*", "", head)
    head = re.sub(r"\[\[.*?\]\]\s*", "", head, flags=re.S).strip()
    if re.match(r"(?:inline\s+)?namespace\b|extern\s+\"|(?:enum\s+)?(?:class|struct|union)\b|enum\b|typedef\b", head):
        # A function may return `struct X`, or be a friend; a type's head has no parameter list of its own.
        return "scope" if not re.search(r"\)\s*(?:const|noexcept|override|final|\s)*$", head) else "function"
    if has_assignment(head) or "(" not in head:
        return "other"
    return "function"


def strip_template(head):
    while head.startswith("template"):
        depth = 0
        for at, char in enumerate(head):
            depth += (char == "<") - (char == ">")
            if char == ">" and depth == 0:
                head = head[at + 1:].strip()
                break
        else:
            return head
        requires = re.match(r"requires\s+(?:[\w:]+<[^{}]*?>|\([^{}]*?\))\s*(?:&&\s*)?", head)
        head = head[requires.end():] if requires else head
    return head


def has_assignment(head):
    """Whether an `=` outside parentheses makes the brace an initialiser (`operator=` does not)."""
    depth = 0
    for match in re.finditer(r"operator\s*[^\s\w(]+|[()]|[=!<>]=|=", head):
        token = match.group()
        if token in "()":
            depth += 1 if token == "(" else -1
        elif token == "=" and depth == 0:
            return True
    return False


def functions(text):
    """Every function (member functions and test bodies too) of a file; lambdas count within what holds them."""
    clean = blanked(text)
    found = []
    scopes = []  # one entry per open brace: 'scope', 'other', or a Function without its end
    head_start = 0
    parens = 0
    for at, char in enumerate(clean):
        if char in "()":
            parens += 1 if char == "(" else -1
        elif char == "{":
            outer = all(scope == "scope" for scope in scopes)
            kind = head_kind(clean[head_start:at]) if outer and parens == 0 else "other"
            if kind == "function" and not is_member_initialiser(clean, head_start, at):
                scopes.append(opened(clean, head_start, at))
            else:
                scopes.append("scope" if kind == "scope" else "other")
                if kind == "function":
                    continue
        elif char == "}" and scopes:
            closed = scopes.pop()
            if isinstance(closed, tuple):
                found.append(Function(closed[0], closed[1], clean.count("\n", 0, at) + 1))
            if closed == "other" and all(scope == "scope" for scope in scopes):
                continue  # an initialiser inside a head: the head goes on
        if char in ";{}" and parens == 0:
            head_start = at + 1
    return found


def is_member_initialiser(clean, start, at):
    """`X::X() : a_{1} {`: a brace directly after a name, in a list that follows a colon, is not the body."""
    head = clean[start:at]
    if not re.search(r"\)\s*(?:noexcept\s*)?:[^:]", head):
        return False
    return bool(re.search(r"[\w>]$", head))


def opened(clean, start, at):
    head = clean[start:at]
    skipped = len(head) - len(head.lstrip())
    names = CALL_HEAD.search(strip_template(head.strip()))
    return (names.group(1) if names else "?", clean.count("\n", 0, start + skipped) + 1)


def type_names(text):
    """Names of classes, structs, enums, unions and aliases that a file introduces."""
    clean = blanked(text)
    return re.findall(r"\b(?:class|struct|union|enum(?:\s+class)?|using)\s+(?:\[\[\w+\]\]\s*)?([A-Z]\w*)", clean)
