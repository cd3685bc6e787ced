import xml.etree.ElementTree as ET

from idiolect.evaluate.sweep_chart import Picture, Series, sweep_chart

SVG = "{http://www.w3.org/2000/svg}"


def drawn(*series: Series, best: tuple[str, float] | None = None, title: str = "a sweep") -> ET.Element:
    return ET.fromstring(sweep_chart(Picture(title, "learning rate", series, best), lambda value: f"{value:g}"))


def test_it_is_a_file_of_its_own_with_a_dot_a_seed_and_a_ring_around_the_best() -> None:
    line = Series("", ((1e-4, (2.0, 2.2)), (1e-3, (1.5, 1.6)), (1e-2, (3.0, 3.1))))
    root = drawn(line, best=("", 1e-3))
    dots = [circle for circle in root.iter(f"{SVG}circle") if circle.get("r") == "3"]
    assert len(dots) == 6
    across = sorted({float(dot.get("cx", "")) for dot in dots})
    assert abs((across[1] - across[0]) - (across[2] - across[1])) < 0.2  # logarithmic
    (ring,) = (circle for circle in root.iter(f"{SVG}circle") if circle.get("r") == "8")
    assert float(ring.get("cx", "")) == across[1]
    text = ET.tostring(root, encoding="unicode")
    assert "http" not in text.replace("http://www.w3.org/2000/svg", "")


def test_what_diverged_is_marked_and_the_line_goes_on_without_it() -> None:
    root = drawn(Series("rank 4", ((1e-4, (2.0,)), (1e-3, (None,)), (1e-2, (1.9,)))))
    words = [element.text for element in root.iter(f"{SVG}text")]
    assert "× diverged" in words
    assert "rank 4" in words
    (line,) = root.iter(f"{SVG}polyline")
    assert len(line.get("points", "").split()) == 2


def test_one_value_and_a_title_with_markup_in_it_can_be_drawn() -> None:
    root = drawn(Series("", ((1e-4, (2.0,)),)), title="<script>alert(1)</script>")
    assert not list(root.iter(f"{SVG}script"))
    assert len(list(root.iter(f"{SVG}circle"))) == 1
