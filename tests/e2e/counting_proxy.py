"""What stands between gateway and platform in a test that counts connections."""

import socket
import threading

from support import free_port


class CountingProxy:
    """Passes TCP connections on to a port of this machine and knows how many there were at a time.

    It listens from start() to stop(); in between and before, connections are refused, as of a destination that is down.
    """

    def __init__(self, port):
        self.target = ("127.0.0.1", port)
        self.address = ("127.0.0.1", free_port())
        self.most = 0
        self.open = 0
        self.lock = threading.Lock()
        self.listener = None

    @property
    def url(self):
        return f"https://{self.address[0]}:{self.address[1]}/fhir"

    def start(self):
        self.listener = socket.create_server(self.address)
        threading.Thread(target=self._accept, args=[self.listener], daemon=True).start()

    def stop(self):
        """What is open stays open."""
        if self.listener is not None:
            self.listener.shutdown(socket.SHUT_RDWR)
            self.listener.close()
            self.listener = None

    def _accept(self, listener):
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=[client], daemon=True).start()

    def _serve(self, client):
        with self.lock:
            self.open += 1
            self.most = max(self.most, self.open)
        try:
            with client, socket.create_connection(self.target) as server:
                back = threading.Thread(target=self._copy, args=[server, client], daemon=True)
                back.start()
                self._copy(client, server)
                back.join()
        except OSError:
            pass
        finally:
            with self.lock:
                self.open -= 1

    @staticmethod
    def _copy(source, sink):
        try:
            while piece := source.recv(1 << 16):
                sink.sendall(piece)
        except OSError:
            pass
        for end in (source, sink):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
