"""A browser as far as signing in needs one: redirects, cookies, forms, and what it tells the page it is sent to.

    browser.py [--deny] URL            signs in and allows it, then goes where the server sends the browser
    browser.py [--deny] --device CODE URL
"""

import argparse
import http.client
import http.cookiejar
import sys
import urllib.error
import urllib.parse
import urllib.request
from html.parser import HTMLParser

MOST_STEPS = 20
LIMIT_SECONDS = 30
# What a browser of today sends when a page of another site sends it on (Firefox 128, Chromium 126).
NAVIGATION = {
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Accept-Language": "en-US,en;q=0.5",
    "Accept-Encoding": "gzip, deflate",
    "Upgrade-Insecure-Requests": "1",
    "Sec-Fetch-Dest": "document",
    "Sec-Fetch-Mode": "navigate",
    "Sec-Fetch-Site": "cross-site",
    "Sec-Fetch-User": "?1",
    "Connection": "keep-alive",
}


class Stuck(Exception):
    """Where the browser got, and what it found there instead of what was expected."""


class Page:
    """A page: its forms, its links, its text."""

    def __init__(self, url, status, text):
        self.url = url
        self.status = status
        self.text = text
        reader = _Reader()
        reader.feed(text)
        self.forms = reader.forms
        self.links = reader.links

    def link(self, words):
        """The address behind the link that has these words."""
        for text, target in self.links:
            if words.lower() in text.lower():
                return urllib.parse.urljoin(self.url, target)
        raise Stuck(f"no link {words!r} at {self.url}: {self.text[:400]}")


class _Reader(HTMLParser):
    """Forms with what they would send, and links with their words."""

    def __init__(self):
        super().__init__()
        self.forms = []
        self.links = []
        self._link = None

    def handle_starttag(self, tag, attributes):
        at = dict(attributes)
        if tag == "form":
            self.forms.append({"action": at.get("action") or "", "fields": {}, "kinds": {}})
        elif tag == "input" and self.forms and at.get("name"):
            self.forms[-1]["fields"][at["name"]] = at.get("value") or ""
            self.forms[-1]["kinds"][at["name"]] = at.get("type", "text")
        elif tag == "a":
            self._link = ["", at.get("href") or ""]

    def handle_data(self, data):
        if self._link:
            self._link[0] += data

    def handle_endtag(self, tag):
        if tag == "a" and self._link:
            self.links.append(tuple(self._link))
            self._link = None


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


class Browser:
    """One browser with its own cookies."""

    def __init__(self):
        self.opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}),
            urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()),
            _NoRedirect(),
        )

    def open(self, url, form=None):
        """Follows the server's own redirects; returns a Page, or the address on another origin it is sent to."""
        home = urllib.parse.urlsplit(url)[:2]
        for _ in range(MOST_STEPS):
            data = urllib.parse.urlencode(form).encode() if form is not None else None
            try:
                answer = self.opener.open(urllib.request.Request(url, data), timeout=LIMIT_SECONDS)
            except urllib.error.HTTPError as error:
                answer = error
            with answer:
                text = answer.read().decode(errors="replace")
                if answer.status not in (301, 302, 303, 307, 308):
                    return Page(url, answer.status, text)
                target = urllib.parse.urljoin(url, answer.headers["Location"])
            if urllib.parse.urlsplit(target)[:2] != home:
                return target
            url, form = target, None
        raise Stuck(f"more than {MOST_STEPS} redirects, the last to {url}")

    def submit(self, page, **filled):
        if not page.forms:
            raise Stuck(f"no form at {page.url} (status {page.status}): {page.text[:400]}")
        form = page.forms[0]
        return self.open(urllib.parse.urljoin(page.url, form["action"] or page.url), {**form["fields"], **filled})

    def through_forms(self, page, deny):
        """Signs in and allows what is asked, or cancels then; ends on a page without a form, or elsewhere."""
        for _ in range(MOST_STEPS):
            if isinstance(page, str) or not page.forms:
                return page
            kinds = page.forms[0]["kinds"]
            if "password" in kinds.values():
                texts = [name for name, kind in kinds.items() if kind == "text"]
                secret = next(name for name, kind in kinds.items() if kind == "password")
                page = self.submit(page, **{texts[0]: "person", secret: "any"})
            elif deny:
                page = self.open(page.link("cancel"))
            else:
                page = self.submit(page)
        raise Stuck(f"more than {MOST_STEPS} forms, the last at {page.url}")

    def sign_in(self, url, deny=False):
        """From the address that a program opens to the one on its own listener."""
        end = self.through_forms(self.open(url), deny)
        if isinstance(end, str):
            return end
        raise Stuck(f"not sent back, but left at {end.url} (status {end.status}): {end.text[:600]}")

    def enter_device_code(self, url, user_code, deny=False):
        """Types the code in and allows the device, or refuses it; returns the last page."""
        page = self.open(url)
        if isinstance(page, str):
            raise Stuck(f"sent to {page} instead of asked for the code")
        if "user_code" not in page.forms[0]["fields"]:
            raise Stuck(f"no field for the code at {page.url}")
        page = self.submit(page, user_code=user_code)
        if isinstance(page, str) or not page.forms or "confirm" not in page.forms[0]["fields"]:
            raise Stuck(f"the code {user_code} is not taken: {getattr(page, 'text', page)[:600]}")
        page = self.submit(page, **({"abort": "yes"} if deny else {}))
        return page if deny else self.through_forms(page, False)


class Delivered:
    """What a listener answered."""

    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers
        self.body = body


def deliver(url, method="GET", body=None, **changed):
    """What a browser sends to the listener it is sent to; raises OSError where nothing listens.

    Headers are changed by `sec_fetch_mode="cors"`, and left out by None.
    """
    parts = urllib.parse.urlsplit(url)
    headers = {"Host": parts.netloc, **NAVIGATION}
    for name, value in changed.items():
        headers["-".join(word.capitalize() for word in name.split("_"))] = value
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=LIMIT_SECONDS)
    try:
        target = urllib.parse.urlunsplit(("", "", parts.path or "/", parts.query, ""))
        connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
        for name, value in headers.items():
            if value is not None:
                connection.putheader(name, value)
        if body is not None:
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        answer = connection.getresponse()
        return Delivered(answer.status, answer.headers, answer.read())
    finally:
        connection.close()


def changed_query(url, **values):
    """The address with parameters set otherwise, or left out where the value is None."""
    parts = urllib.parse.urlsplit(url)
    kept = [(name, value) for name, value in urllib.parse.parse_qsl(parts.query) if name not in values]
    kept += [(name, value) for name, value in values.items() if value is not None]
    return urllib.parse.urlunsplit(parts._replace(query=urllib.parse.urlencode(kept)))


def query(url):
    return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(url).query))


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--deny", action="store_true")
    arguments.add_argument("--device", metavar="CODE")
    arguments.add_argument("url")
    arguments = arguments.parse_args()
    try:
        if arguments.device:
            print(Browser().enter_device_code(arguments.url, arguments.device, arguments.deny).status)
        else:
            print(deliver(Browser().sign_in(arguments.url, arguments.deny)).status)
    except (Stuck, OSError) as fault:
        sys.exit(str(fault))


if __name__ == "__main__":
    main()
