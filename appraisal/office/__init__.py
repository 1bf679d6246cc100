"""Around the year: publish, seal, confirm, verify; an empty year, a made-up one, many of them."""
