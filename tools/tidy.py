"""What a machine can check of our rules; runs as the ctest `tidy` and by `make tidy`.

Each check is a function `check_*` over a Tree that yields Finding(path, line, text). Nothing is printed when all is well
but one line; otherwise each finding stands on a line of its own and the exit code is 1. tidy_test.py tests every check.
"""
import ast
import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import cpp_shape

FUNCTION_LIMIT = 70
FILE_LIMIT = 600
PURE_ROOMS = "base values collation wire sql eval vindex vschema plan planner replication".split()
BANNED_WORDS = {"util", "utils", "helper", "helpers", "manager", "managers", "data", "info", "misc"}
PROTOCOL_NAMES = {"AuthMoreData", "LongData"}  # MySQL's own names of packets
IMPURE_HEADER = re.compile(
    r"<(?:boost/asio\b|boost/beast\b|google/protobuf\b|sys/socket\.h|sys/epoll\.h|netinet/|arpa/|netdb\.h|thread|mutex|"
    r"shared_mutex|condition_variable|future|stop_token|random|ctime|time\.h|sqlite3)|\.pb\.h\"")
IMPURE_CALL = re.compile(r"\b(?:steady_clock|system_clock|high_resolution_clock)\b|\bstd::rand\b|\bgetrandom\s*\(")
# Spelt in pieces, so that this file passes its own check.
MACHINE_TEXT = re.compile("|".join([
    r"/wo" r"rk/", r"/ro" r"ot/", r"/ho" r"me/[a-z]", r"/tmp" r"/b/", r"deb\.deb" r"ian\.org", r"snapshot\.deb" r"ian",
    r"registry\.npm" r"js", r"files\.python" r"hosted", r"\bpypi\.o" r"rg", r"proxy\.gol" r"ang\.org",
    r"repo1?\.mav" r"en", r"index\.crat" r"es\.io"]))
UNFINISHED = re.compile(r"\b(?:TO" r"DO|FIX" r"ME|XX" r"X)\b(?!\s*\(?(?:issue )?#?\d+)")
GRAMMAR_RULE = re.compile(r"::=|:=|->|\w\s*:\s|\s=\s")
DOC_ROOTS = ("src/", "tools/", "tests/", "bench/", "docs/", "cmake/", "apps/", "proto/", ".ci/", "deploy/")


@dataclass(frozen=True)
class Finding:
    path: str
    line: int
    text: str

    def __str__(self):
        return f"{self.path}:{self.line}: {self.text}"


@dataclass
class Room:
    name: str
    needs: list
    reach: set = field(default_factory=set)  # everything that may be included, itself among it


class Tree:
    """The files of the project, read once. `files` maps a path in the repository to its text."""

    def __init__(self, files):
        self.files = files
        self.rooms = read_rooms(files)

    def ending(self, *suffixes, under=""):
        for path, text in sorted(self.files.items()):
            if path.startswith(under) and path.endswith(suffixes):
                yield path, text

    def has(self, path):
        """Whether a file or a folder of that name exists; `*` stands for anything within one level."""
        pattern = re.compile("".join("[^/]*" if c == "*" else re.escape(c) for c in path.rstrip("/")) + r"(?:/|$)")
        return any(pattern.match(known) for known in self.files)

    def room_of(self, path):
        match = re.match(r"src/([^/]+)/", path)
        return self.rooms.get(match.group(1)) if match else None


def read_rooms(files):
    rooms = {}
    for path, text in files.items():
        for call in re.finditer(r"^\s*room\(([^)]*)\)", text, re.M) if re.fullmatch(r"src/[^/]+/CMakeLists\.txt", path) else ():
            words = re.sub(r"#[^\n]*", "", call.group(1)).split()
            rooms[words[0]] = Room(words[0], listed(words, "NEEDS") + listed(words, "TEST_LIBS"))
    for room in rooms.values():
        waiting = [room.name]
        while waiting:
            name = waiting.pop()
            if name not in room.reach and name in rooms:
                room.reach.add(name)
                waiting += rooms[name].needs
    return rooms


def listed(words, keyword):
    if keyword not in words:
        return []
    rest = words[words.index(keyword) + 1:]
    end = next((i for i, word in enumerate(rest) if word.isupper()), len(rest))
    return rest[:end]


def line_of(text, at):
    return text.count("\n", 0, at) + 1


def check_function_length(tree):
    for path, text in tree.ending(".cc", ".h"):
        for function in cpp_shape.functions(text):
            if function.lines > FUNCTION_LIMIT:
                yield Finding(path, function.first, f"{function.name} has {function.lines} lines, the limit is {FUNCTION_LIMIT}")
    for path, text in tree.ending(".py"):
        for node in ast.walk(ast.parse(text, path)):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                lines = node.end_lineno - node.lineno + 1
                if lines > FUNCTION_LIMIT:
                    yield Finding(path, node.lineno, f"{node.name} has {lines} lines, the limit is {FUNCTION_LIMIT}")


def check_file_length(tree):
    for path, text in tree.ending(".cc", ".h", ".py", ".sh", ".cmake", ".proto", ".go", ".java", ".js"):
        lines = text.count("\n")
        if lines > FILE_LIMIT:
            yield Finding(path, lines, f"the file has {lines} lines, the limit is {FILE_LIMIT}")


def check_includes(tree):
    for path, text in tree.ending(".cc", ".h", under="src/"):
        room = tree.room_of(path)
        if room is None:
            continue
        for include in re.finditer(r'^\s*#\s*include\s+"([^"/]+)/([^"]+)"', text, re.M):
            other, rest = include.groups()
            line = line_of(text, include.start(1))
            if other in tree.rooms and other not in room.reach:
                yield Finding(path, line, f"{room.name} includes {other}/{rest}, but does not need {other} (src/{room.name}/CMakeLists.txt)")
            if other in tree.rooms and other != room.name and rest.startswith("detail/"):
                yield Finding(path, line, f"{other}/{rest} is private to {other}")
            if not tree.has(f"src/{other}/{rest}") and other in tree.rooms:
                yield Finding(path, line, f"{other}/{rest} does not exist")
    for path, text in tree.ending(".cc", ".h", under="apps/"):
        for include in re.finditer(r'^\s*#\s*include\s+"([^"/]+)/detail/', text, re.M):
            yield Finding(path, line_of(text, include.start(1)), f"{include.group(1)}/detail/ is private")


def check_pure_rooms(tree):
    for path, text in tree.ending(".cc", ".h", under="src/"):
        room = tree.room_of(path)
        if room is None or room.name not in PURE_ROOMS or path.endswith("_bench.cc"):
            continue
        for include in re.finditer(r"^\s*#\s*include\s+([<\"][^>\"]+[>\"]?)", text, re.M):
            if IMPURE_HEADER.search(include.group(1)) and not is_seeded_test(path, include.group(1)):
                yield Finding(path, line_of(text, include.start(1)), f"{room.name} is pure and may not include {include.group(1)}")
        clean = cpp_shape.blanked(text)
        for call in IMPURE_CALL.finditer(clean):
            yield Finding(path, line_of(clean, call.start()), f"{room.name} is pure: {call.group()} must come as an argument")


def is_seeded_test(path, header):
    """A test may draw from a generator with a seed that it prints."""
    return path.endswith("_test.cc") and header.startswith("<random")


def check_names(tree):
    for path, text in tree.ending(".cc", ".h", ".py", ".sh", ".cmake"):
        for word in re.split(r"[_.\-]", Path(path).stem):
            if word.lower() in BANNED_WORDS:
                yield Finding(path, 1, f"the file's name says `{word}`, which says nothing")
        names = cpp_shape.type_names(text) if path.endswith((".cc", ".h")) else re.findall(r"^\s*class (\w+)", text, re.M)
        for name in set(names) - PROTOCOL_NAMES:
            banned = [word for word in re.findall(r"[A-Z][a-z0-9]*", name) if word.lower() in BANNED_WORDS]
            if banned:
                yield Finding(path, line_of(text, text.find(name)), f"the type {name} says `{banned[0]}`, which says nothing")


def check_dead_files(tree):
    included = set()
    for path, text in tree.ending(".cc", ".h", ".in"):
        included |= set(re.findall(r'^\s*#\s*include\s+"([^"]+)"', text, re.M))
    for path, _ in tree.ending(".h", under="src/"):
        if path.removeprefix("src/") not in included:
            yield Finding(path, 1, "nobody includes this header")
    for path, _ in tree.ending(".cc", under="src/"):
        if tree.room_of(path) is None:
            yield Finding(path, 1, "no room compiles this file")
    spoken = "\n".join(text for path, text in tree.files.items() if not path.endswith((".cc", ".h")))
    for path, _ in tree.ending(".py", ".sh", under="tools/"):
        name = Path(path)
        if not re.search(rf"(?<![\w.]){re.escape(name.name)}\b|\bimport {re.escape(name.stem)}\b|\bfrom {re.escape(name.stem)} import", spoken):
            yield Finding(path, 1, "nothing names this script")


def check_grammar_comments(tree):
    carried = {}
    for path, text in tree.ending(".cc", ".h", under="src/sql/"):
        if re.search(r"_(test|bench|fuzz)\.cc$", path):
            continue
        lines = text.split("\n")
        for number, line in enumerate(lines):
            match = re.match(r"(?!\s*(?:return|co_return|if|while|auto|//)\b)\s*[\w:<>,&*\s\[\]]*?[\w>&*\]]\s+(?:\w+::)*(parse_\w+)\([^;{]*", line)
            if match:
                above = comment_above(lines, number)
                known = carried.setdefault(match.group(1), [path, number + 1, False])
                known[2] = known[2] or bool(GRAMMAR_RULE.search(above))
    for name, (path, line, carries) in sorted(carried.items()):
        if not carries:
            yield Finding(path, line, f"{name} carries no grammar rule in the comment above it")


def comment_above(lines, number):
    comment = []
    while number > 0 and lines[number - 1].lstrip().startswith("//"):
        number -= 1
        comment.append(lines[number])
    return "\n".join(comment)


def check_doc_paths(tree):
    for path, text in tree.ending(".md"):
        prose = re.sub(r"^```.*?^```", "", text, flags=re.M | re.S)
        for match in re.finditer(r"`([\w.*/{},-]+)`|\]\(([^)#\s]+)(?:#[^)]*)?\)", prose):
            named = match.group(1) or match.group(2)
            if not names_existing(tree, path, named, match.group(2) is not None):
                yield Finding(path, line_of(prose, match.start()), f"{named} does not exist")


def names_existing(tree, document, named, is_link):
    """True also for what is no path of ours: links to the web, words without a folder, built files."""
    named = named.removeprefix("./")
    if re.match(r"[a-z]+:", named) or "{" in named:
        return True
    if is_link:
        folder = str(Path(document).parent)
        return tree.has(named if folder == "." else normal(f"{folder}/{named}"))
    first = named.split("/")[0]
    if "/" not in named or first in ("build", "var"):
        return True
    if named.startswith(DOC_ROOTS):
        return tree.has(named)
    if first in tree.rooms:
        return any(tree.has(f"src/{named}{end}") for end in ("", ".h", ".cc"))
    return True


def normal(path):
    parts = []
    for part in path.split("/"):
        if part == "..":
            parts = parts[:-1]
        elif part != ".":
            parts.append(part)
    return "/".join(parts)


def check_unfinished(tree):
    for path, text in tree.ending(".cc", ".h", ".py", ".sh", ".cmake", ".txt", ".proto", "Makefile", ".md"):
        for match in UNFINISHED.finditer(text):
            yield Finding(path, line_of(text, match.start()), f"{match.group()} without the number of an issue")


def check_machine_text(tree):
    for path, text in tree.files.items():
        for match in MACHINE_TEXT.finditer(text):
            yield Finding(path, line_of(text, match.start()), f"`{match.group()}` belongs to one machine")


def check_openings(tree):
    for path, text in tree.ending(".cc", under="src/"):
        if not text.startswith("//") and not re.search(r"_(test|bench|fuzz)\.cc$", path):
            yield Finding(path, 1, "a .cc file opens with a comment: its place in a request")
    for path, text in tree.ending(".h", under="src/"):
        if "#pragma once" not in text:
            yield Finding(path, 1, "#pragma once is missing")
    for name in tree.rooms:
        if tree.files.get(f"src/{name}/README.md", "").count("\n") < 3:
            yield Finding(f"src/{name}/README.md", 1, "a room has a README of three lines: what it is, what it needs, where to start")


def read_tree(root):
    listing = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=root, check=True, capture_output=True)
    files = {}
    for name in listing.stdout.decode().split("\0"):
        path = Path(root, name)
        if not name or not path.is_file():
            continue
        try:
            files[name] = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            files[name] = ""  # seeds of fuzzers and golden packets
    return Tree(files)


CHECKS = [value for name, value in sorted(globals().items()) if name.startswith("check_")]


def main():
    tree = read_tree(Path(__file__).resolve().parent.parent)
    findings = [finding for check in CHECKS for finding in check(tree)]
    for finding in findings:
        print(finding)
    print(f"tidy: {len(findings)} findings in {len(tree.files)} files, {len(CHECKS)} checks")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
