"""Turns the upstream fonts into the ones the window embeds. Called by `make`; see README.md."""

import sys
from io import BytesIO
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

# What egui's shaper applies by itself and what accents need. Everything that draws two typed
# characters as one sign (calt, liga, dlig, clig) stays out: a raw body is shown as it was received.
FEATURES = ["ccmp", "kern", "locl", "mark", "mkmk"]


def reduce(font, unicodes, features, note):
    """Drops every glyph that neither `unicodes` nor `features` reach, and says so in the font's version text."""
    options = subset.Options()
    options.layout_features = features
    options.name_IDs = ["*"]
    options.notdef_outline = True
    options.recalc_timestamp = False
    options.drop_tables += ["STAT"] if "fvar" not in font else []
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=unicodes)
    subsetter.subset(font)
    for record in font["name"].names:
        if record.nameID == 5:
            record.string = f"{record.toUnicode()}; {note}"
    return font


def text_font(source, target, pin=None):
    font = TTFont(source, recalcTimestamp=False)
    font.flavor = None
    if pin:
        # Written and read again: the instancer leaves out the entries of glyphs without variations.
        pinned = BytesIO()
        instancer.instantiateVariableFont(font, pin).save(pinned)
        font = TTFont(pinned, recalcTimestamp=False)
    reduce(font, list(font.getBestCmap()), FEATURES, "without ligatures and contextual alternates")
    font.save(target)


def icon_font(source, style_css, table, target):
    """`table` lists one icon name a line, with a code point after a tab; the code points are filled in here."""
    points = {}
    name = None
    for line in Path(style_css).read_text(encoding="utf-8").splitlines():
        line = line.strip()
        if line.startswith(".ph.ph-") and ":before" in line:
            name = line.removeprefix(".ph.ph-").split(":")[0]
        elif line.startswith("content:") and name:
            points[name] = int(line.split("\\")[1].rstrip('";'), 16)
            name = None
    wanted = sorted({row.split("\t")[0] for row in table.read_text(encoding="utf-8").splitlines()[1:] if row})
    missing = [name for name in wanted if name not in points]
    if missing:
        sys.exit(f"no such icon: {', '.join(missing)}")
    rows = ["name\tcode_point"] + [f"{name}\tU+{points[name]:04X}" for name in wanted]
    table.write_text("\n".join(rows) + "\n", encoding="utf-8")
    font = TTFont(source, recalcTimestamp=False)
    reduce(font, [points[name] for name in wanted], [], "reduced to the icons in use")
    font.save(target)


def main():
    work, fonts, icons = (Path(argument) for argument in sys.argv[1:4])
    text_font(work / "inter/variable/InterVariable.woff2", fonts / "Inter.ttf", pin={"opsz": 14})
    for folder, weight in (("400Regular", "Regular"), ("700Bold", "Bold")):
        text_font(work / f"mono/{folder}/JetBrainsMono_{folder}.ttf", fonts / f"JetBrainsMono-{weight}.ttf")
    regular = work / "icons/src/regular"
    icon_font(regular / "Phosphor.ttf", regular / "style.css", icons / "icons.tsv", fonts / "Phosphor.ttf")


main()
