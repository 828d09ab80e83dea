"""SQL of ``server_state``: a few named facts about this installation."""

from sqlalchemy import Connection, insert, select, update

from xiutu.platform.tables import server_state


class StateRepository:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, name: str) -> str | None:
        query = select(server_state.c.value).where(server_state.c.name == name)
        return self._connection.execute(query).scalar()

    def add(self, name: str, value: str) -> None:
        """Raises ``sqlalchemy.exc.IntegrityError`` when the name is there already."""
        self._connection.execute(insert(server_state).values(name=name, value=value))

    def next_number(self, name: str) -> int:
        """Count up the number of this name, which a migration has put there, and return it."""
        query = select(server_state.c.value).where(server_state.c.name == name)
        number = int(self._connection.execute(query.with_for_update()).scalar_one()) + 1
        self._connection.execute(
            update(server_state).where(server_state.c.name == name).values(value=str(number))
        )
        return number
