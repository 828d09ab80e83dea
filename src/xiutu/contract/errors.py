"""The rows of ``errors.yaml`` as checked, immutable objects."""

from pydantic import BaseModel, ConfigDict

__all__ = ["ErrorCode"]


class ErrorCode(BaseModel):
    """A documented server code. ``message`` is literal, misspellings included."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    code: int
    message: str
    listed_in: tuple[str, ...]
    description: str
    raise_when: str
    retryable: bool
    charged: bool
    message_template: str | None = None
    message_variants: dict[str, str] = {}
    scope: str | None = None

    def text(self, **values: str) -> str:
        """The message, with the template's placeholder filled where there is one."""
        return self.message_template.format(**values) if self.message_template else self.message
