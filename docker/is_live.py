"""Exit with 0 if the instance in this container is worth keeping.

By a socket alone: a client of HTTP would take several times as long to import, again and again.
"""

import os
import socket
import sys

# An address that stands for all of them can be reached too, at this machine's own.
HOST = os.environ.get("CATENAE_HTTP_HOST") or "127.0.0.1"
PORT = int(os.environ.get("CATENAE_HTTP_PORT") or "9464")

with socket.create_connection((HOST, PORT), timeout=10) as connection:
    connection.sendall(b"GET /live HTTP/1.0\r\n\r\n")
    sys.exit(b" 200 " not in connection.recv(32))
