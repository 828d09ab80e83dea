"""The API explorer: interfaces as forms, requests signed for a chosen app, error codes explained."""
