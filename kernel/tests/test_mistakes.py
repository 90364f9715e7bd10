"""Ordinary mistakes: each answer says what is wrong and what to do, in a few lines."""

from mistakes import MISTAKES, answer


def test_ordinary_mistakes(start):
    kernel = start()
    for what, code, wanted in MISTAKES:
        cell = kernel.run(code, timeout=120)
        told = answer(cell)
        for text in wanted:
            assert text in told, f"{what}: {text!r} is not in the answer:\n{told}"
        assert len(told.splitlines()) < 25, f"{what}: too long:\n{told}"
        if not wanted:
            assert cell.status == "ok", f"{what}: {told}"
