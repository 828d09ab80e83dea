"""Accounts, apps, credentials and the usage ledger. Knows nothing of pictures, HTTP or vendors.

``Platform.open(data)`` of ``facade.py`` is the way in. Nothing is imported here, so that whoever
needs only the values of ``models.py`` does not load the database's libraries.

Rules for whoever adds to this package:

1. ``tables.py`` declares tables; a change of them needs a migration in ``storage/migrations``
   (written out, never importing tables); a test compares the two.
2. Repositories (``*_repository.py``) own the SQL. They get a connection, return frozen dataclasses
   of ``models.py``, and know no rule of business.
3. Services (``accounts.py``, ``apps.py``, ``tokens.py``, ``ledger.py``) own the rules. They never
   commit: ``with database.transaction()`` does at its end, and services that call each other join
   the outermost block. An error leaves that block, it is not swallowed inside.
4. Every answer that depends on an app is read from the database per call. Nothing is cached: the
   command line and other servers change apps while this process runs, and a change counts at once.
5. The clock comes from outside (``Clock``); nothing here asks the system for the time.
6. Secrets are stored sealed, compared in constant time, kept out of ``repr``, logs and errors.
7. The ledger is append-only, in the code and by triggers in the database.
"""
