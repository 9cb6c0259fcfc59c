"""A DHT of libtorrent sessions on loopback; nothing else finds peers here. With IPv4 each has an address of its own, with IPv6 a port of its own.

Arguments: number of sessions, ipv4 or ipv6, UDP and TCP port (with IPv6: of the first session), another node that all of them know (host:port, or "-"), then one of
  seed TORRENT FOLDER    the last session has the content and announces it
  leech MAGNET FOLDER    the last session downloads it
Says "nodes N" when the last session knows N nodes, and "seeding" when it has everything.
"""

import sys
import time

import libtorrent as lt

count, family, port, bootstrap, role, torrent, folder = sys.argv[1:]
count, port = int(count), int(port)


def start(i):
    host = "::1" if family == "ipv6" else "127.0.1.%d" % (i + 1)
    listen = "[::1]:%d" % (port if i == 0 else 0) if family == "ipv6" else "%s:%d" % (host, port)
    session = lt.session(
        {
            "listen_interfaces": listen,
            "outgoing_interfaces": host,
            "enable_dht": True,
            "dht_bootstrap_nodes": "",
            "dht_restrict_routing_ips": False,
            "dht_restrict_search_ips": False,
            "dht_prefer_verified_node_ids": False,
            "dht_ignore_dark_internet": False,
            "dht_block_ratelimit": 1000,  # of one address
            "enable_lsd": False,
            "enable_upnp": False,
            "enable_natpmp": False,
            "enable_outgoing_utp": False,
            "enable_incoming_utp": False,
            "allow_multiple_connections_per_ip": True,
            "alert_mask": lt.alert.category_t.error_notification | lt.alert.category_t.dht_notification,
        }
    )
    while session.listen_port() == 0:
        time.sleep(0.01)
    return session, (host, session.listen_port())


sessions, addresses = zip(*(start(i) for i in range(count)))

# Bootstrap nodes are in no table of libtorrent, these are.
for i, session in enumerate(sessions):
    for other in addresses[max(0, i - 4) : i]:
        session.add_dht_node(other)
    if bootstrap != "-":
        host, number = bootstrap.rsplit(":", 1)
        session.add_dht_node((host.strip("[]"), int(number)))

last = sessions[-1]
if role == "seed":
    info = lt.torrent_info(torrent)
    parameters = lt.add_torrent_params()
    parameters.ti = info
else:
    parameters = lt.parse_magnet_uri(torrent)

parameters.save_path = folder
parameters.trackers = []
handle = None
said = False
known = 0
announced = 0.0
while True:
    nodes = last.status().dht_nodes
    if nodes != known:
        known = nodes
        print("nodes %d" % nodes, flush=True)

    if handle is None and (nodes > 0 or role == "leech"):
        handle = last.add_torrent(parameters)

    if handle is not None:
        status = handle.status()
        if nodes > 0 and time.monotonic() - announced > 5:
            announced = time.monotonic()
            handle.force_dht_announce()
        if status.is_seeding and not said:
            said = True
            print("seeding", flush=True)

    for session in sessions:
        session.pop_alerts()
    time.sleep(0.1)
