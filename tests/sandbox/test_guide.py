from collections.abc import Callable
from pathlib import Path

from idiolect.sandbox import Isolation
from idiolect.sandbox.isolation import why_not


def test_the_guides_example_runs(repository: Path, needs: Callable[[bool, str], None]) -> None:
    needs(why_not(Isolation.BUBBLEWRAP) is None, "bubblewrap does not work here")
    text = (repository / "docs" / "guides" / "sandbox.md").read_text(encoding="utf-8")
    example = text.partition("```python\n")[2].partition("```")[0]
    exec(compile(example, "sandbox.md", "exec"), {})
