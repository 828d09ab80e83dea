"""What people who run a server work with: tokens of the management API, the record of what was done,
tickets."""
