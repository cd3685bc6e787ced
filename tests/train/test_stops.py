import signal
import threading

import pytest

from idiolect.core.errors import Terminated
from idiolect.train.stops import Stop, following, listening
from idiolect.train.world import World


@pytest.mark.parametrize(("number", "kind"), [(signal.SIGTERM, Terminated), (signal.SIGINT, KeyboardInterrupt)])
def test_the_first_signal_is_noted_and_the_second_does_what_it_always_did(number: int, kind: type[BaseException]) -> None:
    def before(*_: object) -> None:
        raise RuntimeError("as always")

    old = signal.signal(number, before)
    try:
        with listening() as stop:
            stop.leave()  # nobody asked
            signal.raise_signal(number)
            assert stop.asked
            with pytest.raises(kind):
                stop.leave()
            with pytest.raises(RuntimeError, match="as always"):
                signal.raise_signal(number)
        assert signal.getsignal(number) is before
    finally:
        signal.signal(number, old)


def test_a_signal_that_is_ignored_stays_ignored() -> None:
    old = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with listening() as stop:
            signal.raise_signal(signal.SIGINT)
            assert not stop.asked
    finally:
        signal.signal(signal.SIGINT, old)


def test_outside_of_the_main_thread_nothing_is_noted() -> None:
    found: list[Stop] = []

    def work() -> None:
        with listening() as stop:
            found.append(stop)

    before = signal.getsignal(signal.SIGTERM)
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert not found[0].asked
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_signal_that_comes_when_all_processes_have_agreed_to_stop_is_not_taken_for_the_second() -> None:
    class Asked(World):
        def most(self, number: int) -> int:
            return max(number, int(signal.SIGTERM))

    with listening() as stop:
        assert stop.agree(Asked())
        signal.raise_signal(signal.SIGTERM)
    assert stop.heard


def test_who_follows_another_is_asked_to_stop_within_a_stage_only() -> None:
    with following():
        signal.raise_signal(signal.SIGTERM)
        signal.raise_signal(signal.SIGINT)
        with listening() as stop:
            signal.raise_signal(signal.SIGTERM)
        assert stop.asked
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


def test_a_signal_that_comes_while_the_processes_agree_counts_the_next_time() -> None:
    class Late(World):
        def most(self, number: int) -> int:
            if not number:
                signal.raise_signal(signal.SIGTERM)
            return number

    with listening() as stop:
        assert [stop.agree(Late()) for _ in range(2)] == [False, True]
