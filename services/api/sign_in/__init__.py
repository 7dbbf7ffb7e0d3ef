"""Who is there: accounts, passwords, sessions, and how often one may try."""
