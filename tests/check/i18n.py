#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""The console's texts: nb, nn and en hold the same keys with the same placeholders, none empty, and
nynorsk is nynorsk (a list of bokmål words that give a copy away)."""
import json
import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import tap

FOLDER = "src/console/i18n"
LANGUAGES = ("nb", "nn", "en")
PLACEHOLDER = re.compile(r"\{[^{}]*\}")
BOKMAL = {"ikke": "ikkje", "jeg": "eg", "hun": "ho", "lørdag": "laurdag", "noen": "nokon",
          "hvem": "kven", "hva": "kva", "hvor": "kvar", "hvorfor": "kvifor", "hvordan": "korleis",
          "mye": "mykje", "fra": "frå", "en": "ein", "et": "eit", "åpne": "opne", "være": "vere",
          "blir": "blir", "gjøre": "gjere", "siden": "sidan", "uke": "veke", "kommune": "kommune",
          "nå": "no", "dere": "de", "deres": "dykkar", "mer": "meir", "flere": "fleire",
          "annen": "annan", "hjem": "heim", "varsler": "varsel", "slutt": "slutt"}
BOKMAL = {k: v for k, v in BOKMAL.items() if k != v}


def pairs(text):
    """Object pairs with duplicates refused."""
    def hook(items):
        seen = {}
        for k, v in items:
            if k in seen:
                raise ValueError(f"key {k!r} stands twice")
            seen[k] = v
        return seen
    return json.loads(text, object_pairs_hook=hook)


def flat(node, prefix=""):
    if isinstance(node, dict):
        for k, v in node.items():
            yield from flat(v, f"{prefix}{k}.")
    elif isinstance(node, list):
        for i, v in enumerate(node):
            yield from flat(v, f"{prefix}{i}.")
    else:
        yield prefix[:-1], node


t = tap.Tap()
if not os.path.isdir(FOLDER):
    t.skip("texts of the console", f"no {FOLDER}")
    t.end()
texts, broken = {}, []
for lang in LANGUAGES:
    try:
        texts[lang] = dict(flat(pairs(tap.read(f"{FOLDER}/{lang}.json"))))
    except (OSError, ValueError) as e:
        broken.append(f"{lang}.json: {e}")
t.result("three files, readable, no key twice", broken)
if broken:
    t.end()


def stems(keys):
    """Plural forms (key.one, key.other) count as their key: languages differ in which they need."""
    return {re.sub(r"\.(zero|one|two|few|many|other)$", "", k) for k in keys}


everything = set().union(*texts.values())
t.result("every key in every language",
         [f"{lang}.json: {k} is missing" for lang in LANGUAGES
          for k in sorted(stems(everything) - stems(texts[lang]))])
t.result("a plural has its form for everything else",
         [f"{lang}.json: {k}" for lang in LANGUAGES for k in texts[lang]
          if k.endswith(".one") and k[:-3] + "other" not in texts[lang]])
t.result("no empty text", [f"{lang}.json: {k}" for lang in LANGUAGES
                           for k, v in texts[lang].items() if not isinstance(v, str) or not v.strip()])
common = [k for k in everything if all(isinstance(texts[lang].get(k), str) for lang in LANGUAGES)]
t.result("same placeholders in every language",
         [k for k in sorted(common)
          if len({tuple(sorted(PLACEHOLDER.findall(texts[lang][k]))) for lang in LANGUAGES}) > 1])
strays = []
for k in sorted(common):
    words = re.findall(r"(?<![\w-])\w+", PLACEHOLDER.sub("", texts["nn"][k]).lower())
    strays += [f"nn.json: {k}: \"{w}\" (nynorsk: {BOKMAL[w]})" for w in words if w in BOKMAL]
t.result("nynorsk without bokmål words", strays)
t.end()
