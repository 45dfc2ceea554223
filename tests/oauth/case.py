"""A case: a name, a function, and what it expected and saw."""

import traceback

LONGEST = 400
MOST_FAULTS = 12


class Case:
    """What a case's function is handed: whatever it needs, and where it puts its findings."""

    def __init__(self, name, **needs):
        self.name = name
        self.faults = []
        self.__dict__.update(needs)

    def equal(self, what, expected, seen):
        if type(expected) is not type(seen) or expected != seen:
            self.fault(what, brief(expected), brief(seen))
        return expected == seen

    def holds(self, what, expected, seen, is_so):
        """For what is no equality: `expected` in words."""
        if not is_so:
            self.fault(what, expected, brief(seen))
        return is_so

    def fault(self, what, expected, seen):
        self.faults.append((what, expected, seen))


class Run:
    """Runs cases one after the other and counts."""

    def __init__(self, only=""):
        self.only = only
        self.passed = self.failed = 0

    def run(self, name, function, **needs):
        if self.only not in name:
            return
        one = Case(name, **needs)
        try:
            function(one)
        except Exception:  # a case that breaks off has failed; the others are still of interest
            one.fault("the case", "to come to its end", traceback.format_exc(limit=-3))
        if not one.faults:
            self.passed += 1
            print(f"ok    {name}", flush=True)
            return
        self.failed += 1
        print(f"FAIL  {name}")
        for what, expected, seen in one.faults[:MOST_FAULTS]:
            print(f"      {what}\n        expected: {expected}\n        seen:     {seen}", flush=True)
        if len(one.faults) > MOST_FAULTS:
            print(f"      and {len(one.faults) - MOST_FAULTS} more", flush=True)

    def end(self):
        print(f"{self.passed} passed, {self.failed} failed", flush=True)
        return 1 if self.failed or not self.passed else 0


def brief(value):
    text = repr(value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}… ({len(text)} characters)"
