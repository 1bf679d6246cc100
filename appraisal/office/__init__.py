"""Around the year: publish, draw, simulate."""
