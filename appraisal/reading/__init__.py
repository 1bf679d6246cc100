"""From the files of a year folder to typed cells, and the contract they are held to."""
