"""Where texts come from: the Reddit crawler, and the replay of dumps and collections."""
