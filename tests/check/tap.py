# SPDX-License-Identifier: EUPL-1.2
"""What the repository's checks share: the list of tracked files and TAP output."""
import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
os.chdir(ROOT)


def tracked(*suffixes):
    """Files git knows or would add (not the ignored ones), sorted; all when no suffix is given."""
    out = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "-z"], check=True,
                         capture_output=True).stdout.decode().split("\0")
    return sorted(f for f in out if f and os.path.isfile(f) and (not suffixes or f.endswith(suffixes)))


def c_files():
    """The C sources and headers that are ours to keep in order."""
    return [f for f in tracked(".c", ".h") if f.startswith(("src/", "adapters/", "tests/"))]


def read(path):
    with open(path, encoding="utf-8", errors="replace") as f:
        return f.read()


def strip_c(text):
    """The same text with comments and the insides of literals blanked, line by line."""
    out, i, n = [], 0, len(text)
    while i < n:
        two = text[i:i + 2]
        if two == "//":
            j = text.find("\n", i)
            j = n if j < 0 else j
        elif two == "/*":
            j = text.find("*/", i + 2)
            j = n if j < 0 else j + 2
        elif text[i] in "\"'":
            j = i + 1
            while j < n and text[j] != text[i] and text[j] != "\n":
                j += 2 if text[j] == "\\" else 1
            j = min(j + 1, n)
        else:
            out.append(text[i])
            i += 1
            continue
        out.append("".join(c if c == "\n" else " " for c in text[i:j]))
        i = j
    return "".join(out)


class Tap:
    """One line per checked thing; exit code 1 when one failed."""

    def __init__(self):
        self.n = self.failed = 0

    def result(self, name, problems):
        self.n += 1
        self.failed += bool(problems)
        print(f"{'not ok' if problems else 'ok'} {self.n} - {name}")
        for p in list(problems)[:40]:
            print(f"#   {p}")
        if len(problems) > 40:
            print(f"#   and {len(problems) - 40} more")

    def skip(self, name, why):
        self.n += 1
        print(f"ok {self.n} - {name} # SKIP {why}")

    def end(self):
        print(f"1..{self.n}")
        sys.exit(1 if self.failed else 0)
