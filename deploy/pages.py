"""A program's man page and its shell completion, made of what `--help` prints, so that they cannot grow old.

pages.py man|completion PROGRAM OUT
"""
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

FLAG = re.compile(r"^  (?:-(?P<short>\w), |    )--(?P<name>[\w-]+)(?: (?P<kind>(?!\s)\S+))?(?:\s+(?P<text>\S.*))?$")
HEADING = re.compile(r"^(?P<title>[A-Z][^\n]*):$")
# What completes a flag's value, by its name.
FILES = re.compile(r"(file|cert|key|ca|crl|socket|path|dir|root_dir|creds)$")


@dataclass(frozen=True)
class Flag:
    name: str
    short: str
    kind: str  # "string", "int" ...; empty: on or off
    text: str


@dataclass
class Help:
    summary: list  # paragraphs
    usage: str
    example: str
    groups: dict  # heading to its flags


def help_of(program):
    # Some defaults are those of the folder in which it runs.
    done = subprocess.run([Path(program).resolve(), "--help"], capture_output=True, text=True, check=True, cwd="/")
    return parse(done.stdout)


def parse(text):
    """The parts of cobra's layout: text, Usage, Examples, and groups of flags."""
    head, rest = text.split("\nUsage:\n", 1)
    usage, rest = rest.split("\nExamples:\n", 1)
    example, flags = rest.split("\nFlags:\n", 1)
    groups, current = {"Flags": []}, "Flags"
    for line in flags.split("\n"):
        heading, flag = HEADING.match(line), FLAG.match(line)
        if heading:
            current = heading["title"]
            groups[current] = []
        elif flag:
            groups[current].append(Flag(flag["name"], flag["short"] or "", flag["kind"] or "", flag["text"] or ""))
        elif line.strip():
            raise ValueError(f"not a flag: {line}")
    return Help([p.strip() for p in head.split("\n\n") if p.strip()], usage.strip(), example.strip("\n"), groups)


def escaped(text):
    """Text as roff shows it unchanged."""
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return "\\&" + text if text.startswith((".", "'")) else text


def man(name, version, page):
    lines = [f'.TH {name.upper()} 1 "" "Sluice {version}" "User Commands"', ".SH NAME",
             f"{name} \\- {escaped(re.sub(r'^.*? is an? ', '', page.summary[0].split('.')[0]))}",
             ".SH SYNOPSIS", f".B {name}", "[\\fIflags\\fR]", ".SH DESCRIPTION"]
    for paragraph in page.summary:
        if paragraph.startswith("#"):
            lines += [f".SS {escaped(paragraph.lstrip('# '))}"]
            continue
        for point in paragraph.split("\n"):
            lines += [".PP", escaped(point.removeprefix("* "))]
    for title, flags in page.groups.items():
        lines.append(f".SH {escaped(title.upper())}")
        for flag in flags:
            short = f"\\-{flag.short}, " if flag.short else ""
            kind = f" \\fI{escaped(flag.kind)}\\fR" if flag.kind else ""
            lines += [".TP", f"\\fB{short}\\-\\-{escaped(flag.name)}\\fR{kind}", escaped(flag.text)]
    lines += [".SH EXAMPLES", ".nf", *[escaped(line) for line in page.example.split("\n")], ".fi"]
    return "\n".join(lines) + "\n"


def completion(name, page):
    """bash: flags after `-`, files after flags that name one."""
    flags = [flag for group in page.groups.values() for flag in group]
    names = " ".join(f"--{flag.name}" for flag in flags)
    files = "|".join(f"--{flag.name}" for flag in flags if flag.kind == "string" and FILES.search(flag.name))
    switches = "|".join(f"--{flag.name}" for flag in flags if not flag.kind)
    function = f"_sluice_{name}"
    return f"""# bash completion of {name}
{function}() {{
    local word=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD-1]}}
    if [[ $before == = ]]; then before=${{COMP_WORDS[COMP_CWORD-2]}}; fi
    if [[ $word == = ]]; then word=; before=${{COMP_WORDS[COMP_CWORD-1]}}; fi
    COMPREPLY=()
    case $before in
        {files})
            compopt -o filenames
            mapfile -t COMPREPLY < <(compgen -f -- "$word")
            return
            ;;
        {switches}) ;;
        --*) return ;;
    esac
    mapfile -t COMPREPLY < <(compgen -W "{names}" -- "$word")
}}
complete -F {function} {name}
"""


def main(what, program, out):
    page, name = help_of(program), Path(program).name
    version = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
    number = re.search(r"Version: (\S+)", version)[1]
    made = man(name, number, page) if what == "man" else completion(name, page)
    Path(out).write_text(made, encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
