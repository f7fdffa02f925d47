"""Connect to an address and hand the connection to ssh: `python connect.py ADDRESS PORT`.

ssh's ProxyUseFdpass. Run inside a network namespace, it lets an ssh outside reach a machine there.
"""

import socket
import sys

connection = socket.create_connection((sys.argv[1], int(sys.argv[2])), timeout=10)
connection.settimeout(None)
with socket.socket(fileno=sys.stdout.fileno()) as ssh:
    socket.send_fds(ssh, [b"\0"], [connection.fileno()])
