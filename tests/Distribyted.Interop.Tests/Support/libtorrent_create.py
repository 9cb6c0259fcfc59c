"""Makes a torrent by libtorrent, with a web seed.

usage: libtorrent_create.py CONTENT TORRENT URL
"""
import os
import sys

import libtorrent as lt

content, torrent, url = sys.argv[1:4]
files = lt.file_storage()
lt.add_files(files, content)
made = lt.create_torrent(files, piece_size=128 * 1024, flags=lt.create_torrent.v1_only)
made.add_url_seed(url)
lt.set_piece_hashes(made, os.path.dirname(content))
entry = made.generate()
with open(torrent, 'wb') as out:
    out.write(lt.bencode(entry))
print(lt.torrent_info(entry).info_hash())
