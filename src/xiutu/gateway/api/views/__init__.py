"""What the management API and ``--json`` print: one shape each. Plain pydantic, no web framework."""
