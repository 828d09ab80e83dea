"""Quota, rate limits, packs, pay-as-you-go, bills and arrears of accounts on plan ``metered``.

Three kinds of files:

1. Pure rules, no database and no clock: ``beijing`` (hours, months), ``money``, ``prices`` (tiers),
   ``deduction`` (what pays for a call, how many a second), ``forecast``.
2. ``tables`` and repositories (``*_repository.py``): SQL, no rules.
3. Services: ``admission`` and ``settlement`` (around a call), ``wallets``, ``grants``, ``shop``,
   ``bills`` (hourly), ``reminders`` and ``notices``, ``audit`` (replays every ledger).

Whoever changes a quota, a pack or a balance locks the account's wallet row first
(``WalletRepository.lock``) and everything else after it. One lock, one order: nothing is charged
twice, and nobody waits for anybody in a circle. SQLite needs no row lock: a write transaction of
``Database`` is alone from its first statement on.
"""
