#!/usr/bin/python3
"""Uses a window the way a screen reader does: finds its parts by role and name on the accessibility bus.

    a11y.py [--timeout SECS] APP tree                    every node, indented: role "name" text states place
    a11y.py [--timeout SECS] APP wait  ROLE NAME         until the node is there
    a11y.py [--timeout SECS] APP gone  ROLE NAME         until it is not
    a11y.py [--timeout SECS] APP click ROLE NAME         presses, toggles or chooses it
    a11y.py [--timeout SECS] APP focus ROLE NAME         gives it the keyboard
    a11y.py [--timeout SECS] APP set   ROLE NAME TEXT    replaces its text ("-": from standard input)
    a11y.py [--timeout SECS] APP text  ROLE NAME         prints its text, value or, without either, its name
    a11y.py [--timeout SECS] APP place ROLE NAME         prints "x y width height" on the screen
    a11y.py [--timeout SECS] APP states ROLE NAME        prints its states, one a line
    a11y.py [--timeout SECS] APP expect ROLE NAME TEXT   until its text holds TEXT
    a11y.py [--timeout SECS] APP audit                   prints what a screen reader could not name; 1 if anything
    a11y.py apps                                         the applications on the bus

APP is the name of the program's file. ROLE is an AT-SPI role name ("push button", "entry", "label"), "*" any.
NAME is the whole name; with "~" in front a part of it, without regard to case; "*" any. A command that acts waits
for the node up to --timeout (10 s), and wants exactly one: --nth N (from 0) chooses among several.

Options may stand anywhere; a TEXT that begins with a dash needs "--" before it.
Exit status: 0 done, 1 not found, not unique, or a finding of `audit`, 2 usage, 3 the node refuses.
Python can `import a11y` and use App. Runs with Debian's own /usr/bin/python3 (python3-gi, gir1.2-atspi-2.0).
"""

import argparse
import signal
import sys
import time

import gi

gi.require_version("Atspi", "2.0")
from gi.repository import Atspi, Gio, GLib  # noqa: E402

CALL_LIMIT_MS = 3000
POLL_SECS = 0.1
STUCK_SECS = 20
MAX_NODES = 50_000
DESKTOP = ("org.a11y.atspi.Registry", "/org/a11y/atspi/accessible/root")
VALUE = "org.a11y.atspi.Value"
# Containers may stay unnamed although the keyboard can reach them.
UNNAMED_ALLOWED = {"application", "frame", "window"}


class NotThere(Exception):
    """No node, or more than one, answers to the role and name within the time."""


class Refused(Exception):
    """The node is there but cannot do what was asked."""


def bus(_kept=[]):  # noqa: B006 # one connection for the whole run
    """The accessibility bus."""
    if not _kept:
        session = Gio.bus_get_sync(Gio.BusType.SESSION)
        place = ("org.a11y.Bus", "/org/a11y/bus", "org.a11y.Bus", "GetAddress")
        address = session.call_sync(*place, None, None, Gio.DBusCallFlags.NONE, CALL_LIMIT_MS, None).unpack()[0]
        flags = Gio.DBusConnectionFlags
        kind = flags.AUTHENTICATION_CLIENT | flags.MESSAGE_BUS_CONNECTION
        _kept.append(Gio.DBusConnection.new_for_address_sync(address, kind, None, None))
    return _kept[0]


def call(place, interface, method, arguments=None):
    """Calls a method of the object at (bus name, path), and waits at most CALL_LIMIT_MS."""
    return bus().call_sync(
        *place, interface, method, arguments, None, Gio.DBusCallFlags.NONE, CALL_LIMIT_MS, None
    ).unpack()


def prop(place, interface, name):
    return call(place, "org.freedesktop.DBus.Properties", "Get", GLib.Variant("(ss)", (interface, name)))[0]


class Node:
    """One node of an accessibility tree: what it was when the tree was read, and what it can do now.

    *Source*: an item of the Cache interface, at-spi2-core/xml/Cache.xml.
    """

    def __init__(self, item):
        self.object, _, self.parent, self.index, _, self.interfaces, self.name, role, self.description, states = item
        # "button", as newer libraries say, is told as "push button".
        self.role = {"button": "push button"}.get(Atspi.role_get_name(role), Atspi.role_get_name(role))
        self.bits = sum(word << 32 * index for index, word in enumerate(states))
        self.depth = 0

    def _offers(self, interface):
        return f"org.a11y.atspi.{interface}" in self.interfaces

    def _call(self, interface, method, arguments=None):
        return call(self.object, f"org.a11y.atspi.{interface}", method, arguments)

    @property
    def states(self):
        """AT-SPI state names such as "focusable", "focused", "checked"."""
        known = [index for index in range(int(Atspi.StateType.LAST_DEFINED)) if self.bits >> index & 1]
        return sorted(Atspi.StateType(index).value_nick for index in known)

    @property
    def text(self):
        """What an editor or label holds, a number for a slider; None where the node has neither or has gone."""
        try:
            if self._offers("Text"):
                return self._call("Text", "GetText", GLib.Variant("(ii)", (0, -1)))[0]
            return f"{prop(self.object, VALUE, 'CurrentValue'):g}" if self._offers("Value") else None
        except GLib.Error:
            return None

    @property
    def place(self):
        """(x, y, width, height) in pixels of the screen, or None."""
        try:
            return self._call("Component", "GetExtents", GLib.Variant("(u)", (0,)))[0] if self._offers("Component") else None
        except GLib.Error:
            return None

    def click(self):
        if not self._offers("Action") or prop(self.object, "org.a11y.atspi.Action", "NActions") == 0:
            raise Refused(f"{self} has no action")
        if not self._call("Action", "DoAction", GLib.Variant("(i)", (0,)))[0]:
            raise Refused(f"{self} did not carry out its action")

    def focus(self):
        if not self._offers("Component") or not self._call("Component", "GrabFocus")[0]:
            raise Refused(f"{self} does not take the focus")

    def set_text(self, text):
        offered = self._offers("EditableText")
        if not offered or not self._call("EditableText", "SetTextContents", GLib.Variant("(s)", (text,)))[0]:
            raise Refused(f"{self} cannot be written")

    def __str__(self):
        return f'{self.role} "{self.name}"'

    def line(self):
        parts = [f"{'  ' * self.depth}{self}"]
        text = self.text
        if text is not None and text != self.name:
            parts.append(repr(text))
        parts.append(f"[{' '.join(self.states)}]")
        if self.place is not None:
            parts.append(",".join(map(str, self.place)))
        return " ".join(parts)


class App:
    """A running program, found by the name of its file."""

    def __init__(self, name, timeout_secs=10.0):
        self.name = name
        self.timeout_secs = timeout_secs

    def root(self):
        return next((place for name, place in applications() if name == self.name), None)

    def nodes(self):
        """The whole tree as it is now, read in one call: parents before their children, without recursion."""
        root = self.root()
        if root is None:
            return
        try:
            items = call((root[0], "/org/a11y/atspi/cache"), "org.a11y.atspi.Cache", "GetItems")[0]
        except GLib.Error:
            # It ended in this moment.
            if self.root() != root:
                return
            raise
        children = {}
        for node in map(Node, items[:MAX_NODES]):
            children.setdefault(None if node.object == root else node.parent, []).append(node)
        waiting = children.pop(None, [])
        while waiting:
            node = waiting.pop()
            yield node
            below = sorted(children.pop(node.object, []), key=lambda child: child.index, reverse=True)
            for child in below:
                child.depth = node.depth + 1
            waiting.extend(below)

    def matches(self, role, name):
        for node in self.nodes():
            if role in ("*", node.role) and name_fits(name, node.name):
                yield node

    def until(self, what, probe):
        """Repeats `probe` until it gives something other than None."""
        deadline = time.monotonic() + self.timeout_secs
        while True:
            answer = probe()
            if answer is not None:
                return answer
            if time.monotonic() > deadline:
                whose = self.name if self.root() else f"{self.name} (not on the accessibility bus)"
                raise NotThere(f"{whose}: {what} after {self.timeout_secs:g} s")
            time.sleep(POLL_SECS)

    def find(self, role, name, nth=None):
        def probe():
            found = list(self.matches(role, name))
            if nth is not None:
                return found[nth] if nth < len(found) else None
            return found or None

        found = self.until(f'no {role} "{name}"', probe)
        if nth is not None:
            return found
        if len(found) > 1:
            places = "; ".join(f"{node} at {node.place}" for node in found[:5])
            raise NotThere(f"{self.name}: {len(found)} nodes answer: {places}")
        return found[0]

    def gone(self, role, name):
        self.until(f'{role} "{name}" is still there', lambda: None if any(self.matches(role, name)) else True)

    def expect(self, role, name, text, nth=None):
        """Waits until the node's text holds `text`, however often the program builds the node anew."""

        def probe():
            found = list(self.matches(role, name))
            chosen = found if nth is None else found[nth : nth + 1]
            return next((node for node in chosen if text in (node.text or node.name)), None)

        return self.until(f'no {role} "{name}" holds {text!r}', probe)

    def unnamed(self):
        """What the keyboard reaches but nothing names, and what has no role."""
        for node in self.nodes():
            if "focusable" in node.states and not node.name.strip() and node.role not in UNNAMED_ALLOWED:
                yield node, "focusable, has no name"
            elif node.role in ("unknown", "invalid"):
                yield node, "has no role"


def name_fits(wanted, name):
    if wanted == "*":
        return True
    if wanted.startswith("~"):
        return wanted[1:].casefold() in name.casefold()
    return wanted == name


def applications():
    """Name and place of every program on the bus."""
    for place in call(DESKTOP, "org.a11y.atspi.Accessible", "GetChildren")[0]:
        try:
            yield prop(place, "org.a11y.atspi.Accessible", "Name"), place
        except GLib.Error:
            # It ended in this moment.
            continue


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--timeout", type=float, default=10.0)
    parser.add_argument("--nth", type=int)
    parser.add_argument("app")
    parser.add_argument("command", nargs="?")
    parser.add_argument("operands", nargs="*")
    options = parser.parse_intermixed_args()
    if options.app == "apps" and options.command is None:
        options.command = "apps"
    wanted = {"apps": 0, "tree": 0, "audit": 0, "set": 3, "expect": 3}
    others = {"wait", "gone", "click", "focus", "text", "place", "states"}
    if options.command not in wanted and options.command not in others:
        parser.error(f"no such command: {options.command}")
    if len(options.operands) != wanted.get(options.command, 2):
        parser.error(f"{options.command}: wrong number of operands, see --help")
    return options


def act(options):
    if options.command == "apps":
        for name, _ in applications():
            print(name)
        return 0
    app = App(options.app, options.timeout)
    operands, nth = options.operands, options.nth
    match options.command:
        case "tree":
            app.until("no window", lambda: next(app.matches("frame", "*"), None))
            for node in app.nodes():
                print(node.line())
        case "audit":
            app.until("no window", lambda: next(app.matches("frame", "*"), None))
            findings = list(app.unnamed())
            for node, why in findings:
                print(f"{node} at {node.place}: {why}")
            print(f"{sum(1 for _ in app.nodes())} nodes, {len(findings)} findings")
            return 1 if findings else 0
        case "gone":
            app.gone(*operands)
        case "expect":
            app.expect(*operands, nth=nth)
        case "set":
            text = sys.stdin.read() if operands[2] == "-" else operands[2]
            app.find(*operands[:2], nth).set_text(text)
        case "text":
            node = app.find(*operands, nth)
            print(node.name if node.text is None else node.text)
        case "place":
            print(*(app.find(*operands, nth).place or ()))
        case "states":
            print(*app.find(*operands, nth).states, sep="\n")
        case "wait":
            app.until(f'no {operands[0]} "{operands[1]}"', lambda: next(app.matches(*operands), None))
        case verb:
            getattr(app.find(*operands, nth), verb)()
    return 0


def main():
    options = arguments()
    # A program that stops answering in the middle of a reply leaves the library waiting for ever.
    signal.alarm(int(options.timeout) + STUCK_SECS)
    try:
        return act(options)
    except NotThere as fault:
        print(f"a11y: {fault}", file=sys.stderr)
        return 1
    except (Refused, GLib.Error) as fault:
        print(f"a11y: {fault}", file=sys.stderr)
        return 3


if __name__ == "__main__":
    sys.exit(main())
