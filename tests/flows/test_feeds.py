"""feeds: try, discover, import and export."""

from collections.abc import Callable
from pathlib import Path

from tests.flows.conftest import Run
from tests.flows.site import Answer, Site


def test_a_feed_is_tried_without_saving_anything(site: Site, watch: Path, tensionwatch: Run) -> None:
    url = site.rss("/rss", site.articles(2))
    done = tensionwatch("feeds", "try", url)
    assert done.returncode == 0, done.stderr
    assert "2 entries, 0 rejected" in done.stderr
    assert not (watch / "frontier.sqlite").exists()
    assert "not-found" in tensionwatch("feeds", "try", site.url + "/none").stderr


def test_the_feeds_of_a_site_are_discovered_from_its_page(site: Site, tensionwatch: Run) -> None:
    site.rss("/news.xml", site.articles(3))
    html = b"<html><head><link rel=alternate type=application/rss+xml href=/news.xml title=News></head><body>Hi</body></html>"
    site.answers["/"] = Answer(html, headers={"Content-Type": "text/html"})
    done = tensionwatch("feeds", "discover", site.url + "/")
    assert done.returncode == 0, done.stderr
    assert "/news.xml" in done.stdout
    assert "1 feeds" in done.stderr


def test_feeds_go_out_as_opml_and_come_back(
    site: Site, watch: Path, tensionwatch: Run, add_feed: Callable[..., None], tmp_path: Path
) -> None:
    add_feed(site.rss("/rss", site.articles(1)), "Öne & Two")
    opml = tmp_path / "feeds.opml"
    opml.write_text(tensionwatch("feeds", "export").stdout)
    assert "Öne &amp; Two" in opml.read_text()
    assert "0 feeds added" in tensionwatch("feeds", "import", str(opml)).stderr
    opml.write_text(opml.read_text().replace(site.url + "/rss", "https://example.org/other"))
    assert "1 feeds added" in tensionwatch("feeds", "import", str(opml)).stderr
    assert "https://example.org/other" in (watch / "feeds.csv").read_text()
    opml.write_text("<opml")
    assert tensionwatch("feeds", "import", str(opml)).returncode == 2


def test_a_silent_and_a_failing_feed_are_told_apart(
    site: Site, tensionwatch: Run, add_feed: Callable[..., None]
) -> None:
    add_feed(site.rss("/rss", site.articles(2)), "Good")
    add_feed(site.url + "/none", "Gone")
    site.answers["/blocked"] = Answer(b"no", 403)
    add_feed(site.url + "/blocked", "Blocked")
    tensionwatch("collect", "--jobs", "0")
    tensionwatch("load")
    shown = tensionwatch("feeds").stdout
    states = {line.split("│")[2].strip(): line.split("│")[3].strip() for line in shown.splitlines() if "http" in line}
    assert states == {"Good": "working", "Gone": "failing", "Blocked": "blocked"}
    assert "Good" not in tensionwatch("feeds", "--failing").stdout
