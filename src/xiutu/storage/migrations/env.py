"""alembic's entry point; ``storage/migrate.py`` calls it with an open write transaction."""

from alembic import context

context.configure(
    connection=context.config.attributes["connection"],
    # The caller's transaction is the only one: a migration is applied as a whole or not at all.
    transactional_ddl=False,
    render_as_batch=True,
)
context.run_migrations()
