"""What the three servers have in common: one child process, which may be started again."""

from abc import ABC, abstractmethod

from carnet_suite.servers.child import Child


class Server(ABC):
    """A server that runs as one child process on a data folder and a port of its own."""

    def __init__(self) -> None:
        self._child: Child | None = None

    @property
    def child(self) -> Child:
        """The process that was launched last."""
        if self._child is None:
            raise RuntimeError(f"{type(self).__name__} has not been launched")
        return self._child

    @property
    def pid(self) -> int | None:
        """The process id of the server itself; None before the first launch."""
        return self._child.pid if self._child else None

    @property
    def running(self) -> bool:
        """Whether its process lives."""
        return self._child is not None and self._child.running

    @abstractmethod
    def spawn(self) -> Child:
        """Start the process, without waiting for it to answer.

        Raises:
            UnsupportedMachineError: there is no such server for this machine.
            PortBusyError: something else listens on its port.
        """

    @abstractmethod
    def await_ready(self) -> None:
        """Return once it serves.

        Raises:
            ServerDiedError: its process ended, with the last lines of its log.
            ServerSlowError: it runs but does not serve in good time.
        """

    def launch(self) -> None:
        """Start the process, without waiting for it to answer; raises what spawn() does."""
        self._child = self.spawn()

    def start(self) -> None:
        """Launch it and wait until it serves; stops it again when that fails."""
        try:
            self.launch()
            self.await_ready()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """SIGTERM, on which it closes its files cleanly; SIGKILL when it takes too long."""
        if self._child:
            self._child.stop()

    def kill(self) -> None:
        """SIGKILL, as in a crash; start() recovers what it had acknowledged."""
        if self._child:
            self._child.kill()
