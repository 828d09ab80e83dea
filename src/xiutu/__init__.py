"""xiutu (修图): self-hosted image enhancement and effects."""

__version__ = "0.1.0"
