# SPDX-License-Identifier: Apache-2.0
"""Prints what is in the database of the home HOME while others write to it, as
a pickle: certificates, people, keys, CRLs."""
import os
import pickle
import sqlite3
import sys


def read(home):
    db = sqlite3.connect(os.path.join(home, 'sigill.db'), timeout=60)
    try:
        certs = db.execute(
            'SELECT p.address, c.serial, c.status, c.key, c.purpose'
            ' FROM certificate c JOIN person p ON p.id = c.person').fetchall()
        people = [row[0] for row in db.execute('SELECT address FROM person')]
        keys = {row[0] for row in db.execute('SELECT id FROM key')}
        crls = db.execute('SELECT authority, shard, number, der FROM crl'
                          ' ORDER BY authority, shard, number').fetchall()
        return certs, people, keys, crls
    finally:
        db.close()


pickle.dump(read(sys.argv[1]), sys.stdout.buffer)
