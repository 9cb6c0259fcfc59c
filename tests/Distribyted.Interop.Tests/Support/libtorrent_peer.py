"""A libtorrent peer for the tests: seeds or downloads one torrent, prints its progress, and finds peers through trackers only.

usage: libtorrent_peer.py TORRENT-OR-MAGNET FOLDER ADDRESS PORT [ENCRYPTION [DIALS [lsd [tcp|utp]]]]

ENCRYPTION: the payload behind an encryption handshake, without which it takes no connection: rc4, plaintext or both. DIALS: a peer, HOST:PORT.
lsd: finds peers by local discovery, too.
"""
import sys
import time

import libtorrent as lt

torrent, folder, address, port = sys.argv[1:5]
encryption, dials, local, transport = (sys.argv[5:9] + ['', '', '', 'tcp'][len(sys.argv[5:9]):])
session = lt.session({
    'listen_interfaces': '%s:%s' % (address, port),
    'outgoing_interfaces': address,
    'enable_dht': False,
    'enable_lsd': local == 'lsd',
    'enable_upnp': False,
    'enable_natpmp': False,
    'enable_outgoing_utp': transport == 'utp',
    'enable_incoming_utp': transport == 'utp',
    'enable_outgoing_tcp': transport == 'tcp',
    'enable_incoming_tcp': transport == 'tcp',
    'allow_multiple_connections_per_ip': True,
    'announce_to_all_trackers': True,
    'announce_to_all_tiers': True,
    'alert_mask': lt.alert.category_t.error_notification | lt.alert.category_t.tracker_notification,
})
if encryption:
    session.apply_settings({
        'in_enc_policy': int(lt.enc_policy.forced),
        'out_enc_policy': int(lt.enc_policy.forced),
        'allowed_enc_level': int({'rc4': lt.enc_level.rc4, 'plaintext': lt.enc_level.plaintext, 'both': lt.enc_level.both}[encryption]),
    })
if torrent.startswith('magnet:'):
    wanted = lt.parse_magnet_uri(torrent)
else:
    wanted = lt.add_torrent_params()
    wanted.ti = lt.torrent_info(torrent)
wanted.save_path = folder
handle = session.add_torrent(wanted)
if dials:
    host, dials_port = dials.rsplit(':', 1)
    handle.connect_peer((host, int(dials_port)))
said = ''
while True:
    for alert in session.pop_alerts():
        print(alert.message(), flush=True)
    status = handle.status()
    state = '%s %d/%d' % (status.state, status.total_wanted_done, status.total_wanted)
    if status.is_seeding:
        state = 'seeding %d' % status.total_wanted
    if state != said:
        print(state, flush=True)
        said = state
    time.sleep(0.05)
