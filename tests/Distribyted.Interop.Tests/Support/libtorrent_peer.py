"""A libtorrent peer for the tests: seeds or downloads one torrent, prints its progress, and finds peers through trackers only.

Says what it is doing: "seeding" once it has everything.
"""
import argparse
import time

import libtorrent as lt

arguments = argparse.ArgumentParser()
arguments.add_argument('torrent', help='a torrent file or a magnet')
arguments.add_argument('folder')
arguments.add_argument('address')
arguments.add_argument('port')
arguments.add_argument('--encryption', choices=['rc4', 'plaintext', 'both'], help='takes no connection without it, and this payload')
arguments.add_argument('--dials', metavar='HOST:PORT')
arguments.add_argument('--lsd', action='store_true', help='finds peers by local discovery, too')
arguments.add_argument('--transport', choices=['tcp', 'utp'], default='tcp')
arguments.add_argument('--introduces', action='store_true', help='wants no file, and only tells peers of one another')
arguments.add_argument('--no-pex', action='store_true', help='ignores peers that others tell of')
arguments.add_argument('--log-peers', action='store_true', help='says what it does with each peer')
given = arguments.parse_args()
session = lt.session({
    'listen_interfaces': '%s:%s' % (given.address, given.port),
    'outgoing_interfaces': given.address,
    'enable_dht': False,
    'enable_lsd': given.lsd,
    'enable_upnp': False,
    'enable_natpmp': False,
    'enable_outgoing_utp': given.transport == 'utp',
    'enable_incoming_utp': given.transport == 'utp',
    'enable_outgoing_tcp': given.transport == 'tcp',
    'enable_incoming_tcp': given.transport == 'tcp',
    'allow_multiple_connections_per_ip': True,
    'close_redundant_connections': False, # who wants nothing stays connected to seeders, and tells others of them
    'announce_to_all_trackers': True,
    'announce_to_all_tiers': True,
    'alert_mask': lt.alert.category_t.error_notification | lt.alert.category_t.tracker_notification,
})
if given.log_peers:
    mask = lt.alert.category_t.error_notification | lt.alert.category_t.peer_log_notification
    session.apply_settings({'alert_mask': mask})
if given.encryption:
    session.apply_settings({
        'in_enc_policy': int(lt.enc_policy.forced),
        'out_enc_policy': int(lt.enc_policy.forced),
        'allowed_enc_level': int({'rc4': lt.enc_level.rc4, 'plaintext': lt.enc_level.plaintext, 'both': lt.enc_level.both}[given.encryption]),
    })
if given.torrent.startswith('magnet:'):
    wanted = lt.parse_magnet_uri(given.torrent)
else:
    wanted = lt.add_torrent_params()
    wanted.ti = lt.torrent_info(given.torrent)
wanted.save_path = given.folder
if given.introduces:
    wanted.file_priorities = [0] * wanted.ti.num_files()
if given.no_pex:
    wanted.flags |= lt.torrent_flags.disable_pex
handle = session.add_torrent(wanted)
if given.dials:
    host, dials_port = given.dials.rsplit(':', 1)
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
