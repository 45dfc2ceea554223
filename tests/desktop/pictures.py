"""Pictures of the window, and whether anything is on them."""

import os
import subprocess
import time
from pathlib import Path

from console import ROOT, must

SCREENS = Path(os.environ.get("ALTYAA_SCREENS_DIR", ROOT / "target/screens"))
# A window that was not drawn has one colour, or two with a cursor; text alone makes hundreds.
FEWEST_COLOURS = 120
LEAST_SPREAD = 0.03
SETTLE_SECS = 0.4


def take(console, name):
    """A picture of the window's inside as target/screens/NAME.png; returns its mean brightness, 0 to 1."""
    SCREENS.mkdir(parents=True, exist_ok=True)
    path = SCREENS / f"{name}.png"
    # Popups fade in, and the pointer's hover fades out.
    time.sleep(SETTLE_SECS)
    subprocess.run(["import", "-window", console.window(), path], check=True)
    told = subprocess.run(
        ["convert", path, "-format", "%w %h %k %[fx:standard_deviation] %[fx:mean]", "info:"],
        check=True, capture_output=True, text=True,
    ).stdout.split()
    width, height, colours = map(int, told[:3])
    spread, mean = map(float, told[3:])
    must(
        colours >= FEWEST_COLOURS and spread >= LEAST_SPREAD,
        f"{path.name} is blank: {width}x{height}, {colours} colours, spread {spread:.3f}",
    )
    return mean
