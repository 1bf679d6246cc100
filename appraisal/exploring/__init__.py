"""What analysts turn: choices tried on screen, which never reach a result."""
