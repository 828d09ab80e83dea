"""The console: server-rendered pages in English and Chinese, small ES modules, no build step.

``routes.py`` lists every page; a page is a plain function from a ``Visit`` to a response. Layout and
words are in ``templates/`` and ``i18n/``, looks and behaviour in ``static/``.
"""
