"""A mail server that takes every mail and forgets it, so that what a report sends really leaves."""

from __future__ import annotations

import socketserver
import threading


class MailServer(socketserver.ThreadingTCPServer):
    """Listens on a free port of this machine from the moment it is made."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Talk)
        self.port = int(self.server_address[1])
        threading.Thread(target=self.serve_forever, daemon=True).start()


class _Talk(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        self._say("220 ready")
        while line := self.rfile.readline():
            match line[:4].upper():
                case b"QUIT":
                    self._say("221 bye")
                    return
                case b"DATA":
                    self._say("354 go on")
                    while self.rfile.readline() not in (b".\r\n", b""):
                        pass
            self._say("250 good")

    def _say(self, line: str) -> None:
        self.wfile.write(line.encode() + b"\r\n")
