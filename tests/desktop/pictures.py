"""Pictures of the window, and whether anything is on them."""

import subprocess
import time

from console import SCREENS, must

# A window that was not drawn has one colour, or two with a cursor; text alone makes hundreds.
FEWEST_COLOURS = 120
LEAST_SPREAD = 0.03
SETTLE_SECS = 0.4
# Popups fade in and grids find their widths over several frames, which a software renderer draws slowly.
MOST_TRIES = 12
# Share of pixels that may differ after another frame: a clock that went on, an age in the history.
MOST_CHANGE = 0.004


def grab(console):
    """What the X server holds of the window, as it is this moment."""
    return subprocess.run(["import", "-window", console.window(), "ppm:-"], check=True, capture_output=True).stdout


def take(console, name):
    """A picture of the window's inside as target/screens/NAME.png; returns its mean brightness, 0 to 1."""
    SCREENS.mkdir(parents=True, exist_ok=True)
    path = SCREENS / f"{name}.png"
    before = None
    for _ in range(MOST_TRIES):
        time.sleep(SETTLE_SECS / 2)
        picture = grab(console)
        if picture == before:
            break
        before = picture
    subprocess.run(["convert", "ppm:-", path], input=picture, check=True)
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


def must_stay(console, name):
    """The window looks the same after one more frame: what is shown is finished, not halfway."""
    path = SCREENS / f"{name}.png"
    again = path.with_suffix(".again.png")
    # A pointer that moves over empty ground makes the window draw once more.
    for across in ("40%", "45%"):
        subprocess.run(["xdotool", "mousemove", "--window", console.window(), across, "92%"], check=True)
        time.sleep(SETTLE_SECS / 2)
    subprocess.run(["import", "-window", console.window(), again], check=True)
    compared = subprocess.run(
        ["compare", "-metric", "AE", "-fuzz", "8%", path, again, "null:"], capture_output=True, text=True
    ).stderr.split()
    size = subprocess.run(["identify", "-format", "%w %h", path], check=True, capture_output=True, text=True).stdout
    width, height = map(int, size.split())
    change = float(compared[0]) / (width * height)
    must(change <= MOST_CHANGE, f"{path.name} was not finished: one more frame changes {change:.1%} of it")
    again.unlink()
