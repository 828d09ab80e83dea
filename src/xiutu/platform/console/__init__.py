"""People who sign in to the console: users with passwords, their sessions, and guessing made slow."""
