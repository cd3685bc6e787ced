"""What is taken out of a text."""

from __future__ import annotations

from idiolect.data.private import redacted, secrets_in

KEY = "AKIA" + "Q7ZK3MPLV9RT2XNB"


def test_a_secret_is_replaced_once_and_what_stands_around_it_stays() -> None:
    text = f'key$="{KEY}"\nurl$="http://shop:tQ9!xv2Lm@db.internal/x"\n'
    mended = redacted(text, [secrets_in])
    assert mended == 'key$="REDACTED"\nurl$="http://shop:REDACTED@db.internal/x"\n'
    assert redacted(mended, [secrets_in]) == mended
