"""The peak memory of this process's children and their children, sampled twice a second."""

import contextlib
import threading

import psutil

PAUSE = 0.5


class Peak:
    """Samples inside a `with` block; `gib` is the peak in GiB. Pages that processes share count once for each of them."""

    def __init__(self):
        self.gib = 0.0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        own = psutil.Process()
        while not self._over.wait(PAUSE):
            held = 0
            for process in own.children(recursive=True):
                with contextlib.suppress(psutil.Error):  # it has ended in the meantime
                    held += process.memory_info().rss
            self.gib = max(self.gib, held / 2**30)
